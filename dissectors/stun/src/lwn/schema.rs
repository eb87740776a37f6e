//! What cwmp-UDPLightweightNotification-1-0.xsd says of the elements, beyond their names.

use super::Notification;
use super::body::Text;
use crate::anomaly::{Anomalies, AnomalyKind};

/// Notes what is missing, too long or of another shape.
pub(super) fn check(notification: &Notification, anomalies: &mut Anomalies) {
    let fields = [
        (&notification.timestamp, usize::MAX),
        (&notification.username, 256),
        (&notification.cnonce, usize::MAX),
        (&notification.oui, usize::MAX),
        (&notification.product_class, 64),
        (&notification.serial_number, 64),
    ];
    for (field, longest) in fields {
        match field {
            Some(text) => too_long(text, longest, anomalies),
            None => missing(notification, anomalies),
        }
    }
    if notification.parameters.is_empty() {
        missing(notification, anomalies);
    }
    for parameter in &notification.parameters {
        too_long(&parameter.name, 256, anomalies);
        if parameter.type_name.is_none() {
            anomalies.add(AnomalyKind::ValueTypeMissing, parameter.value.offset);
        }
    }
    let number = |text: &&Text| text.value.trim().parse::<i32>().is_err();
    if let Some(text) = notification.timestamp.as_ref().filter(number) {
        anomalies.add(AnomalyKind::TimestampOdd, text.offset);
    }
    let upper = |byte: u8| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte);
    let odd = |text: &&Text| text.value.len() != 6 || !text.value.bytes().all(upper);
    if let Some(text) = notification.oui.as_ref().filter(odd) {
        anomalies.add(AnomalyKind::OuiOdd, text.offset);
    }
}

fn too_long(text: &Text, longest: usize, anomalies: &mut Anomalies) {
    if text.value.chars().count() > longest {
        anomalies.add(AnomalyKind::ElementTooLong, text.offset);
    }
}

fn missing(notification: &Notification, anomalies: &mut Anomalies) {
    if !notification.is_truncated() {
        anomalies.add(AnomalyKind::ElementMissing, notification.body.start);
    }
}
