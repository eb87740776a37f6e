//! The `stun` record.

use serde::Serialize;
use stun::{Attribute, Class, Form, Message, kind, method_name};

use super::{Common, Setting, Texts, anomalies};
use crate::report::datagram::{attribute_value, hexadecimal};
use crate::session::{Datagram, IntegrityForm, MASKED};

/// A STUN message.
#[derive(Debug, Serialize)]
pub struct StunRecord {
    #[serde(flatten)]
    common: Common,
    class: &'static str,
    method: String,
    transaction_id: String,
    form: &'static str,
    attributes: Vec<AttributeRecord>,
    mapped_address: Option<String>,
    integrity: Integrity,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    lossy: bool,
}

#[derive(Debug, Serialize)]
struct AttributeRecord {
    #[serde(rename = "type")]
    number: String,
    name: Option<&'static str>,
    value: String,
}

#[derive(Debug, Serialize)]
struct Integrity {
    present: bool,
    valid: Option<bool>,
    form: Option<&'static str>,
}

impl StunRecord {
    pub(super) fn new(datagram: &Datagram, message: &Message, setting: Setting) -> Self {
        let mut texts = Texts::new(setting);
        let attributes = message.attributes.iter();
        let attributes = attributes
            .map(|attribute| AttributeRecord::new(message, attribute, &mut texts))
            .collect();
        let (form, cookie_bytes) = match message.form {
            Form::Rfc3489 => ("rfc3489", 0),
            Form::Rfc5389 => ("rfc5389", 4),
        };
        let verified = datagram.verified.integrity.unwrap_or_default();
        let transaction_id = message.transaction_id().get(cookie_bytes..);
        Self {
            common: Common::of_datagram(datagram, anomalies(&message.anomalies), setting),
            class: match message.class() {
                Class::Request => "request",
                Class::Indication => "indication",
                Class::Response => "response",
                Class::ErrorResponse => "error_response",
            },
            method: method_name(message.method())
                .map_or_else(|| format!("{:#05x}", message.method()), str::to_owned),
            transaction_id: hexadecimal(transaction_id.unwrap_or_default()),
            form,
            attributes,
            mapped_address: message.mapped_address().map(|address| address.to_string()),
            integrity: Integrity {
                present: message.has(kind::MESSAGE_INTEGRITY)
                    || message.has(kind::MESSAGE_INTEGRITY_SHA256),
                valid: verified.valid,
                form: verified.form.map(IntegrityForm::name),
            },
            lossy: texts.lossy,
        }
    }
}

impl AttributeRecord {
    fn new(message: &Message, attribute: &Attribute, texts: &mut Texts) -> Self {
        let is_secret = attribute.kind == kind::PASSWORD && !texts.masking.show_secrets;
        Self {
            number: format!("{:#06x}", attribute.kind),
            name: message.name_of(attribute),
            value: if is_secret {
                MASKED.to_owned()
            } else {
                texts.text(&attribute_value(message, attribute))
            },
        }
    }
}
