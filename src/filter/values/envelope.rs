//! Values of an envelope, or of a body that holds none.

use std::borrow::Cow;
use std::ops::Range;

use cwmp::{Arg, Args, Element, EnvelopeRef, Kind};

use super::http::of_message;
use super::value::{Ask, Record, lossy};
use crate::filter::RecordKind;
use crate::filter::names::{Field, Used};
use crate::session::Message;

/// An envelope as a record of its own.
pub(in crate::filter) struct EnvelopeRecord<'a> {
    message: &'a Message,
    document: &'a cwmp::Document,
    /// `None` for a body that looks like SOAP and holds no envelope.
    envelope: Option<EnvelopeRef<'a>>,
    /// What it has of the body's text; anomalies outside of every envelope are told with the one before.
    offsets: Range<usize>,
}

impl<'a> EnvelopeRecord<'a> {
    /// The records of a message's body, in order.
    pub fn all(message: &'a Message) -> impl Iterator<Item = Self> {
        let document = message.soap.as_ref();
        let envelopes = document.map_or_else(Vec::new, |document| {
            document.envelope_refs().collect::<Vec<_>>()
        });
        let count = if document.is_some() {
            envelopes.len().max(1)
        } else {
            0
        };
        let starts = move |at: usize| envelopes.get(at).copied();
        (0..count).filter_map(move |at| {
            let envelope = starts(at);
            let start = envelope.filter(|_| at > 0);
            let start = start.map_or(0, |envelope| envelope.element().offset());
            let end = starts(at + 1).map_or(usize::MAX, |next| next.element().offset());
            Some(Self {
                message,
                document: document?,
                envelope,
                offsets: start..end,
            })
        })
    }

    fn anomalies(&self) -> impl Iterator<Item = &'a cwmp::Anomaly> {
        let offsets = self.offsets.clone();
        let all = self.document.anomalies().iter();
        all.filter(move |odd| offsets.contains(&odd.offset))
    }
}

impl Record for EnvelopeRecord<'_> {
    const KIND: RecordKind = RecordKind::Cwmp;

    fn any(&self, name: &Used, ask: &mut Ask<'_>) -> bool {
        match name.name.field {
            Field::Protocol => ask.text("cwmp"),
            Field::Anomalies => ask.group(self.anomalies().next().is_some()),
            Field::AnomalyKind => self.anomalies().any(|odd| ask.text(odd.kind.name())),
            Field::AnomalyOffset => self.anomalies().any(|odd| ask.count(odd.offset)),
            field => {
                of_message(self.message, field, ask)
                    || self
                        .envelope
                        .is_some_and(|envelope| of_envelope(envelope, name, ask))
            }
        }
    }
}

pub(super) fn of_envelope(envelope: EnvelopeRef<'_>, name: &Used, ask: &mut Ask<'_>) -> bool {
    match name.name.field {
        Field::Message => ask.maybe(envelope.message_name()),
        Field::Method | Field::Rpc => ask.maybe(envelope.method()),
        Field::Kind => ask.maybe(kind(envelope.kind())),
        Field::Id => ask.maybe(envelope.id().as_deref()),
        Field::Namespace => ask.maybe(envelope.cwmp_namespace()),
        Field::HoldRequests => envelope
            .hold_requests()
            .is_some_and(|hold| ask.boolean(hold)),
        Field::NoMoreRequests => envelope
            .no_more_requests()
            .is_some_and(|no_more| ask.boolean(no_more)),
        Field::Args => ask.group(envelope.args().next().is_some()),
        Field::ArgAtPath => at_path(envelope.args(), &name.path, ask),
        Field::ArgName => walk(envelope.args(), &mut |arg| ask.text(arg.name())),
        Field::ArgValue => walk(envelope.args(), &mut |arg| ask_text(arg, ask)),
        Field::ArgXsiType => walk(envelope.args(), &mut |arg| {
            ask.maybe(arg.xsi_type().as_deref())
        }),
        Field::ArgLossy => walk(envelope.args(), &mut |arg| {
            is_lossy(arg) && ask.boolean(true)
        }),
        Field::Xml => vendors(envelope).is_some_and(|element| ask.bytes(element.raw())),
        Field::Lossy => vendors(envelope).is_some_and(|element| {
            std::str::from_utf8(element.raw()).is_err() && ask.boolean(true)
        }),
        Field::Parameter => of_parameters(envelope, ask),
        Field::Value => envelope
            .parameters()
            .filter_map(|parameter| parameter.value_element())
            .any(|value| ask.text(&text(value))),
        Field::ParameterNamed => {
            let wanted = name.path.first().map_or("", String::as_str);
            let mut named = envelope
                .parameters()
                .filter(|parameter| parameter.name() == wanted);
            named.any(|parameter| {
                let value = parameter.value_element();
                value.is_some_and(|value| ask.text(&text(value)))
            })
        }
        Field::Events => envelope.inform().is_some_and(|inform| {
            let events = inform.events();
            events.iter().any(|event| ask.text(&event.code))
        }),
        field => of_fault(envelope, field, ask),
    }
}

fn kind(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Request => Some("request"),
        Kind::Response => Some("response"),
        Kind::Fault => Some("fault"),
        Kind::Empty => None,
    }
}

fn of_fault(envelope: EnvelopeRef<'_>, field: Field, ask: &mut Ask<'_>) -> bool {
    if envelope.kind() != Kind::Fault || !IN_FAULTS.contains(&field) {
        return false;
    }
    let Some(fault) = envelope.fault() else {
        return false;
    };
    let mut of_parameters = |part: fn(&cwmp::ParameterFault) -> &str| {
        fault.parameters.iter().any(|one| ask.text(part(one)))
    };
    match field {
        Field::FaultParameterName => of_parameters(|parameter| &parameter.name),
        Field::FaultParameterCode => of_parameters(|parameter| &parameter.code),
        Field::FaultParameterString => of_parameters(|parameter| &parameter.string),
        Field::Fault => ask.group(true),
        Field::FaultParameters => ask.group(!fault.parameters.is_empty()),
        Field::FaultSoapCode => ask.maybe(fault.soap_code.as_deref()),
        Field::FaultSoapString => ask.maybe(fault.soap_string.as_deref()),
        Field::FaultCode => ask.maybe(fault.code.as_deref()),
        Field::FaultString => ask.maybe(fault.string.as_deref()),
        _ => false,
    }
}

/// Every path a message names: in its ParameterList, and where the methods without one have theirs (TR-069 annex A).
fn of_parameters(envelope: EnvelopeRef<'_>, ask: &mut Ask<'_>) -> bool {
    if envelope.kind() == Kind::Fault {
        return of_fault(envelope, Field::FaultParameterName, ask);
    }
    let Some(message) = envelope.message() else {
        return false;
    };
    envelope
        .parameters()
        .any(|parameter| ask.text(&parameter.name()))
        || ["ParameterPath", "ObjectName"]
            .iter()
            .filter_map(|name| message.child(name))
            .any(|path| ask.text(text(path).trim()))
        || message
            .child("ParameterNames")
            .is_some_and(|names| names.children().any(|name| ask.text(text(name).trim())))
}

/// Arguments at a path; one that holds others is there, and has no text.
fn at_path(args: Args<'_>, path: &[String], ask: &mut Ask<'_>) -> bool {
    let Some((first, rest)) = path.split_first() else {
        return false;
    };
    args.filter(|arg| arg.name() == first).any(|arg| {
        if rest.is_empty() {
            return ask_value(arg, ask);
        }
        match arg.value() {
            cwmp::Value::Struct(inner) | cwmp::Value::Array(inner) => at_path(inner, rest, ask),
            cwmp::Value::Scalar(_) | cwmp::Value::Mixed(_) => false,
        }
    })
}

/// Asks every argument, member and item; as deep as elements nest, which the dissector bounds.
fn walk<'a>(args: Args<'a>, visit: &mut dyn FnMut(Arg<'a>) -> bool) -> bool {
    args.into_iter().any(|arg| {
        visit(arg)
            || match arg.value() {
                cwmp::Value::Struct(inner) | cwmp::Value::Array(inner) => walk(inner, visit),
                cwmp::Value::Scalar(_) | cwmp::Value::Mixed(_) => false,
            }
    })
}

fn ask_value(arg: Arg<'_>, ask: &mut Ask<'_>) -> bool {
    match arg.value() {
        cwmp::Value::Struct(_) | cwmp::Value::Array(_) => ask.group(true),
        cwmp::Value::Scalar(_) | cwmp::Value::Mixed(_) => ask_text(arg, ask),
    }
}

fn ask_text(arg: Arg<'_>, ask: &mut Ask<'_>) -> bool {
    match arg.value() {
        cwmp::Value::Scalar(_) => ask.text(&text(arg.element())),
        cwmp::Value::Mixed(element) => ask.bytes(element.content()),
        cwmp::Value::Struct(_) | cwmp::Value::Array(_) => false,
    }
}

fn is_lossy(arg: Arg<'_>) -> bool {
    let has_text = matches!(arg.value(), cwmp::Value::Scalar(_) | cwmp::Value::Mixed(_));
    has_text && std::str::from_utf8(arg.element().content()).is_err()
}

/// Text of an element, as the JSON has it.
fn text(element: Element<'_>) -> Cow<'_, str> {
    if std::str::from_utf8(element.content()).is_ok() {
        element.text()
    } else {
        lossy(element.content())
    }
}

/// The element of a method that no schema describes.
fn vendors(envelope: EnvelopeRef<'_>) -> Option<Element<'_>> {
    let is_call = matches!(envelope.kind(), Kind::Request | Kind::Response);
    let is_vendors = is_call && envelope.schema().is_none();
    envelope.message().filter(|_| is_vendors)
}

/// What a fault is read for.
pub(super) const IN_FAULTS: [Field; 9] = [
    Field::Fault,
    Field::FaultSoapCode,
    Field::FaultSoapString,
    Field::FaultCode,
    Field::FaultString,
    Field::FaultParameters,
    Field::FaultParameterName,
    Field::FaultParameterCode,
    Field::FaultParameterString,
];
