//! Values of a lightweight notification.

use stun::lwn::{Notification, Text};

use super::datagram::of_datagram;
use super::value::{Ask, Record};
use crate::filter::RecordKind;
use crate::filter::names::{Field, Used};
use crate::session::Datagram;

/// A lightweight notification, read.
pub(in crate::filter) struct NotificationRecord<'a> {
    pub datagram: &'a Datagram,
    pub notification: Notification,
}

impl Record for NotificationRecord<'_> {
    const KIND: RecordKind = RecordKind::LightweightNotification;

    fn any(&self, name: &Used, ask: &mut Ask<'_>) -> bool {
        let told = &self.notification;
        let sig = told.header("Signature");
        match name.name.field {
            Field::Timestamp => text(told.timestamp.as_ref(), ask),
            Field::Username => text(told.username.as_ref(), ask),
            Field::Cnonce => text(told.cnonce.as_ref(), ask),
            Field::Signature => sig.is_some_and(|sig| ask.bytes(sig)),
            Field::SignatureValid => {
                let valid = self.datagram.verified.signature_valid;
                valid.is_some_and(|valid| ask.boolean(valid))
            }
            Field::Lossy => {
                sig.is_some_and(|sig| std::str::from_utf8(sig).is_err()) && ask.boolean(true)
            }
            Field::Anomalies => ask.group(!told.anomalies.is_empty()),
            Field::AnomalyKind => {
                let mut odd = told.anomalies.iter();
                odd.any(|odd| ask.text(odd.kind.name()))
            }
            Field::AnomalyOffset => told.anomalies.iter().any(|odd| ask.count(odd.offset)),
            field => {
                of_identity(told, field, ask)
                    || of_parameters(told, field, ask)
                    || of_datagram(self.datagram, field, ask)
            }
        }
    }
}

/// The device as it describes itself; `device` has what the addresses say.
fn of_identity(told: &Notification, field: Field, ask: &mut Ask<'_>) -> bool {
    match field {
        Field::Oui => text(told.oui.as_ref(), ask),
        Field::ProductClass => text(told.product_class.as_ref(), ask),
        Field::SerialNumber => text(told.serial_number.as_ref(), ask),
        _ => false,
    }
}

fn of_parameters(told: &Notification, field: Field, ask: &mut Ask<'_>) -> bool {
    told.parameters.iter().any(|parameter| match field {
        Field::Parameters => ask.group(true),
        Field::Parameter | Field::ParameterName => ask.text(&parameter.name.value),
        Field::Value | Field::ParameterValue => ask.text(&parameter.value.value),
        Field::ParameterXsiType => ask.maybe(parameter.type_name.as_deref()),
        _ => false,
    })
}

fn text(text: Option<&Text>, ask: &mut Ask<'_>) -> bool {
    ask.maybe(text.map(|text| text.value.as_str()))
}
