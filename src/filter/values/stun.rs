//! Values of a STUN message.

use stun::{Class, Form, Message, kind, method_name};

use super::datagram::of_datagram;
use super::value::{Ask, Record};
use crate::filter::RecordKind;
use crate::filter::names::{Field, Used};
use crate::session::wire::{attribute_value, hexadecimal};
use crate::session::{Datagram, IntegrityForm};

/// A STUN message, read.
pub(in crate::filter) struct StunRecord<'a> {
    pub datagram: &'a Datagram,
    pub message: Message,
}

impl Record for StunRecord<'_> {
    const KIND: RecordKind = RecordKind::Stun;

    fn any(&self, name: &Used, ask: &mut Ask<'_>) -> bool {
        let message = &self.message;
        let integrity = self.datagram.verified.integrity.unwrap_or_default();
        match name.name.field {
            Field::StunClass => ask.text(class(message.class())),
            Field::Method => match method_name(message.method()) {
                Some(name) => ask.text(name),
                None => ask.text(&format!("{:#05x}", message.method())),
            },
            Field::TransactionId => ask.text(&hexadecimal(transaction_id(message))),
            Field::StunForm => ask.text(match message.form {
                Form::Rfc3489 => "rfc3489",
                Form::Rfc5389 => "rfc5389",
            }),
            Field::MappedAddress => message
                .mapped_address()
                .is_some_and(|address| ask.text(&address.to_string())),
            Field::Integrity => ask.group(true),
            Field::IntegrityPresent => {
                let plain = message.has(kind::MESSAGE_INTEGRITY);
                ask.boolean(plain || message.has(kind::MESSAGE_INTEGRITY_SHA256))
            }
            Field::IntegrityValid => integrity.valid.is_some_and(|valid| ask.boolean(valid)),
            Field::IntegrityForm => ask.maybe(integrity.form.map(IntegrityForm::name)),
            Field::Lossy => is_lossy(message) && ask.boolean(true),
            Field::Anomalies => ask.group(!message.anomalies.is_empty()),
            Field::AnomalyKind => {
                let mut odd = message.anomalies.iter();
                odd.any(|odd| ask.text(odd.kind.name()))
            }
            Field::AnomalyOffset => message.anomalies.iter().any(|odd| ask.count(odd.offset)),
            field => of_attributes(message, field, ask) || of_datagram(self.datagram, field, ask),
        }
    }
}

fn of_attributes(message: &Message, field: Field, ask: &mut Ask<'_>) -> bool {
    message.attributes.iter().any(|attribute| match field {
        Field::Attributes => ask.group(true),
        Field::AttributeType => ask.text(&format!("{:#06x}", attribute.kind)),
        Field::AttributeName => ask.maybe(message.name_of(attribute)),
        Field::AttributeValue => ask.bytes(&attribute_value(message, attribute)),
        _ => false,
    })
}

fn class(class: Class) -> &'static str {
    match class {
        Class::Request => "request",
        Class::Indication => "indication",
        Class::Response => "response",
        Class::ErrorResponse => "error_response",
    }
}

/// Without the cookie of RFC 5389, which every message has.
fn transaction_id(message: &Message) -> &[u8] {
    let cookie_bytes = match message.form {
        Form::Rfc3489 => 0,
        Form::Rfc5389 => 4,
    };
    let id = message.transaction_id();
    id.get(cookie_bytes..).unwrap_or_default()
}

fn is_lossy(message: &Message) -> bool {
    let mut attributes = message.attributes.iter();
    attributes.any(|attribute| std::str::from_utf8(&attribute_value(message, attribute)).is_err())
}
