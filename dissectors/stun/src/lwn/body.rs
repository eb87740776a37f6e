//! The XML of a notification: its elements by their place, whatever their order.

use quick_xml::NsReader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::ResolveResult;

use super::{NAMESPACE_START, Notification};
use crate::anomaly::{Anomalies, AnomalyKind};

/// An element's text, unescaped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// The text.
    pub value: String,
    /// Its element's first byte, from the first byte of the UDP payload.
    pub offset: usize,
}

/// A parameter and its value (`Param`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameter {
    /// The full path.
    pub name: Text,
    /// The value.
    pub value: Text,
    /// `xsi:type` of the value, as on the wire.
    pub type_name: Option<String>,
}

/// Reads the XML as far as it is UTF-8 and well-formed.
pub(super) fn read(notification: &mut Notification, payload: &[u8], anomalies: &mut Anomalies) {
    let base = notification.body.start;
    let body = payload.get(base..).unwrap_or_default();
    let body = match std::str::from_utf8(body) {
        Ok(text) => text,
        Err(error) => {
            if !notification.is_truncated() || error.error_len().is_some() {
                anomalies.add(
                    AnomalyKind::XmlBroken,
                    base.saturating_add(error.valid_up_to()),
                );
            }
            let valid = body.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(valid).unwrap_or_default()
        }
    };
    let truncated = notification.is_truncated();
    let mut reading = Reading {
        notification,
        anomalies,
        places: Vec::new(),
        text: Text::default(),
        parameter: Parameter::default(),
        last: 0,
    };
    let mut reader = NsReader::from_str(body);
    loop {
        let at = base.saturating_add(offset(reader.buffer_position()));
        let Ok((namespace, event)) = reader.read_resolved_event() else {
            if !truncated {
                reading.anomalies.add(AnomalyKind::XmlBroken, at);
            }
            return;
        };
        if matches!(event, Event::Eof) {
            if !reading.places.is_empty() && !truncated {
                reading.anomalies.add(AnomalyKind::XmlBroken, at);
            }
            return;
        }
        let own = matches!(&namespace, ResolveResult::Bound(name)
            if name.0.as_bytes().starts_with(NAMESPACE_START));
        if !reading.event(&event, own, at) {
            return;
        }
    }
}

fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

/// Where reading is: one for each open element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// A SOAP envelope or its body.
    Around,
    Notification,
    /// One of the elements in the notification that hold text, by its number in the schema's sequence.
    Field(usize),
    Parameter,
    Name,
    Value,
    Other,
}

struct Reading<'n> {
    notification: &'n mut Notification,
    anomalies: &'n mut Anomalies,
    places: Vec<Place>,
    text: Text,
    parameter: Parameter,
    /// The number in the schema's sequence of the element before.
    last: usize,
}

impl Reading<'_> {
    /// Takes an event in; `false` if reading is to end.
    fn event(&mut self, event: &Event<'_>, own: bool, at: usize) -> bool {
        match event {
            Event::Start(start) => return self.open(start, own, at),
            Event::Empty(start) => {
                let goes_on = self.open(start, own, at);
                self.close();
                return goes_on;
            }
            Event::End(_) => self.close(),
            Event::Text(text) => self.add(&text.xml10_content()),
            Event::CData(text) => self.add(&text.xml10_content()),
            Event::GeneralRef(reference) => self.reference(reference, at),
            Event::DocType(_) => {
                self.anomalies.add(AnomalyKind::DocumentType, at);
                return false;
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Eof => (),
        }
        true
    }

    fn open(&mut self, start: &BytesStart<'_>, own: bool, at: usize) -> bool {
        if self.places.len() >= DEPTH_MAX {
            self.anomalies.add(AnomalyKind::XmlTooDeep, at);
            return false;
        }
        let name = start.local_name();
        let place = self.place(name.as_ref(), at);
        if !own && !matches!(place, Place::Around | Place::Other) {
            self.anomalies.add_once(AnomalyKind::ElementUnqualified, at);
        }
        if place == Place::Value {
            let mut all = start.attributes();
            let types = all.with_checks(false).flatten();
            let mut types = types.filter(|one| one.key.local_name().as_ref() == "type");
            self.parameter.type_name = types.next().map(|one| one.value.to_string());
        }
        if matches!(place, Place::Field(_) | Place::Name | Place::Value) {
            self.text = Text {
                value: String::new(),
                offset: at,
            };
        }
        self.places.push(place);
        true
    }

    fn place(&mut self, name: &str, at: usize) -> Place {
        let place = match (self.places.last(), name) {
            (None, "Envelope") => {
                self.notification.envelope = true;
                Place::Around
            }
            (Some(Place::Around), "Body") => Place::Around,
            (None | Some(Place::Around), "Notification") => Place::Notification,
            (Some(Place::Notification), "Param") => {
                self.order(FIELDS.len(), at);
                self.parameter = Parameter::default();
                Place::Parameter
            }
            (Some(Place::Notification), _) => match FIELDS.iter().position(|one| *one == name) {
                Some(number) => {
                    self.order(number, at);
                    Place::Field(number)
                }
                None => Place::Other,
            },
            (Some(Place::Parameter), "Name") => Place::Name,
            (Some(Place::Parameter), "Value") => Place::Value,
            _ => Place::Other,
        };
        let known = matches!(self.places.last(), Some(Place::Other | Place::Around));
        if place == Place::Other && !known {
            self.anomalies.add(AnomalyKind::ElementUnknown, at);
        }
        place
    }

    fn order(&mut self, number: usize, at: usize) {
        if number < self.last {
            self.anomalies.add_once(AnomalyKind::ElementOrder, at);
        }
        self.last = number;
    }

    fn add(&mut self, text: &str) {
        let last = self.places.last();
        if matches!(last, Some(Place::Field(_) | Place::Name | Place::Value)) {
            self.text.value.push_str(text);
        }
    }

    /// The five entities of XML and characters by number (XML 1.0 sections 4.1 and 4.6); others stay as they are.
    fn reference(&mut self, reference: &BytesRef<'_>, at: usize) {
        if let Ok(Some(character)) = reference.resolve_char_ref() {
            return self.add(character.encode_utf8(&mut [0; 4]));
        }
        let name = reference.xml10_content();
        match name.as_ref() {
            "lt" => self.add("<"),
            "gt" => self.add(">"),
            "amp" => self.add("&"),
            "apos" => self.add("'"),
            "quot" => self.add("\""),
            _ => {
                self.anomalies.add(AnomalyKind::EntityUnknown, at);
                self.add(&format!("&{name};"));
            }
        }
    }

    fn close(&mut self) {
        match self.places.pop() {
            Some(Place::Field(number)) => self.field(number),
            Some(Place::Name) => self.parameter.name = std::mem::take(&mut self.text),
            Some(Place::Value) => self.parameter.value = std::mem::take(&mut self.text),
            Some(Place::Parameter) => {
                let parameter = std::mem::take(&mut self.parameter);
                if self.notification.parameters.len() < PARAMETERS_MAX {
                    self.notification.parameters.push(parameter);
                } else {
                    let at = parameter.name.offset;
                    self.anomalies.add_once(AnomalyKind::ParametersTooMany, at);
                }
            }
            _ => (),
        }
    }

    fn field(&mut self, number: usize) {
        let text = std::mem::take(&mut self.text);
        let all = self.notification.fields_mut();
        let Some(field) = all.into_iter().nth(number) else {
            return;
        };
        if field.is_some() {
            self.anomalies
                .add(AnomalyKind::ElementRepeated, text.offset);
        } else {
            *field = Some(text);
        }
    }
}

impl Notification {
    /// The elements that hold text, in the order of [`FIELDS`].
    fn fields_mut(&mut self) -> [&mut Option<Text>; 6] {
        [
            &mut self.timestamp,
            &mut self.username,
            &mut self.cnonce,
            &mut self.oui,
            &mut self.product_class,
            &mut self.serial_number,
        ]
    }
}

/// The elements before the parameters, in the schema's sequence.
const FIELDS: [&str; 6] = ["TS", "UN", "CN", "OUI", "ProductClass", "SerialNumber"];

/// Parameters kept of one notification: real ones have a handful, and a datagram has room for hundreds.
const PARAMETERS_MAX: usize = 512;

/// Elements that may be open at a time; the schema needs five with an envelope.
const DEPTH_MAX: usize = 32;
