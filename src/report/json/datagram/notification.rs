//! The `lightweight_notification` record.

use serde::Serialize;
use stun::lwn::{Notification, Parameter, Text};

use super::{Common, Setting, Texts, anomalies};
use crate::session::{Datagram, MASKED, Masking};

/// A lightweight notification.
#[derive(Debug, Serialize)]
pub struct LightweightNotificationRecord {
    #[serde(flatten)]
    common: Common,
    ts: Option<String>,
    un: Option<String>,
    cn: Option<String>,
    oui: Option<String>,
    product_class: Option<String>,
    serial_number: Option<String>,
    parameters: Vec<ParameterRecord>,
    sig: Option<String>,
    signature_valid: Option<bool>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    lossy: bool,
}

#[derive(Debug, Serialize)]
struct ParameterRecord {
    name: String,
    value: String,
    xsi_type: Option<String>,
}

impl LightweightNotificationRecord {
    pub(super) fn new(datagram: &Datagram, told: &Notification, setting: Setting) -> Self {
        let mut texts = Texts::new(setting);
        let sig = told.header("Signature").map(|digits| texts.text(digits));
        let masking = setting.masking;
        let shown = |text: &Option<Text>| {
            let text = text.as_ref()?;
            Some(masking.text(&text.value).into_owned())
        };
        let parameters = told.parameters.iter();
        Self {
            common: Common::of_datagram(datagram, anomalies(&told.anomalies), setting),
            ts: shown(&told.timestamp),
            un: shown(&told.username),
            cn: shown(&told.cnonce),
            oui: shown(&told.oui),
            product_class: shown(&told.product_class),
            serial_number: shown(&told.serial_number),
            parameters: parameters
                .map(|parameter| ParameterRecord::new(parameter, masking))
                .collect(),
            sig,
            signature_valid: datagram.verified.signature_valid,
            lossy: texts.lossy,
        }
    }
}

impl ParameterRecord {
    fn new(parameter: &Parameter, masking: Masking) -> Self {
        let (name, value) = (&parameter.name.value, &parameter.value.value);
        Self {
            name: masking.text(name).into_owned(),
            value: if masking.hides(name.trim()) {
                MASKED.to_owned()
            } else {
                masking.text(value).into_owned()
            },
            xsi_type: parameter.type_name.clone(),
        }
    }
}
