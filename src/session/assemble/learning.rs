//! Values of the data model that tell how a device is reached, taken out of messages and kept with the session.

use std::iter::Peekable;
use std::sync::Arc;

use cwmp::{EnvelopeRef, Parameter};
use memchr::memmem;

use super::facts::{EnvelopeFacts, bounded};
use super::open::{Open, Said};
use crate::session::{Identity, Learned, LearnedBy, Session};
use crate::source::FrameId;

/// Values in one message: the parameters' names, and what they are.
pub(super) type Values = Vec<(String, String)>;

/// What an envelope's ParameterList holds, in one walk.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// Entries.
    pub count: u64,
    /// The path of the first.
    pub first: Option<String>,
    /// The values that tell how the device is reached; one more than are kept tells that there were more.
    pub values: Values,
}

impl Listed {
    /// Of an envelope whose message has this name.
    pub fn of(envelope: &EnvelopeRef<'_>, name: Option<&str>, learned_max: usize) -> Self {
        let carries = matches!(
            name,
            Some("Inform" | "GetParameterValuesResponse" | "SetParameterValues")
        );
        let mut listed = Self::default();
        let list = envelope.message().filter(|_| carries);
        let text = list.map_or(&[][..], |message| message.content());
        let offset = list.map_or(0, |message| message.content_offset());
        let mappings = memmem::find_iter(text, MAPPING).map(|at| offset + at);
        let mut mappings = mappings.peekable();
        for parameter in envelope.parameters() {
            listed.count += 1;
            if listed.count == 1 {
                listed.first = Some(bounded(parameter.name()));
            }
            let learns = carries && learned_max > 0 && listed.values.len() <= learned_max;
            if learns
                && may_be_wanted(&parameter, &mut mappings)
                && let name = parameter.name()
                && is_wanted(&name)
                && let Some(value) = parameter.value()
            {
                listed.values.push((bounded(name), bounded(value)));
            }
        }
        listed
    }
}

/// By its bytes alone, as far as they mean what they say: of hundreds of parameters few are wanted. `mappings` are the places
/// of `PortMapping.` behind the parameters before.
fn may_be_wanted(
    parameter: &Parameter<'_>,
    mappings: &mut Peekable<impl Iterator<Item = usize>>,
) -> bool {
    let entry = parameter.element();
    let first = entry.children().next();
    let element = first
        .filter(|first| first.is_named("Name"))
        .or_else(|| entry.child("Name"));
    let Some((element, name)) = element.and_then(|name| Some((name, name.plain()?))) else {
        return true;
    };
    let start = element.content_offset();
    while mappings.next_if(|at| *at < start).is_some() {}
    let is_mapping = mappings.peek().is_some_and(|at| *at < start + name.len());
    let dot = name.iter().position(|byte| *byte == b'.');
    let path = dot.and_then(|dot| name.get(dot + 1..)).unwrap_or_default();
    is_mapping
        || match path.first() {
            Some(b'M') => path.starts_with(SERVER.as_bytes()),
            Some(b'G') => path.starts_with(GATEWAY.as_bytes()),
            _ => false,
        }
}

/// It tells how a device is reached, or what it belongs to; and is no secret.
fn is_wanted(name: &str) -> bool {
    let Some((_, path)) = name.split_once('.') else {
        return false;
    };
    if let Some(own) = path.strip_prefix(SERVER) {
        return own.starts_with("ManageableDevice") || WANTED.contains(&own);
    }
    path.starts_with(GATEWAY) || memmem::find(path.as_bytes(), MAPPING).is_some()
}

impl Open {
    /// Keeps the values of an envelope; what the ACS sets counts once the device has not refused it.
    pub(super) fn learn(&mut self, envelope: &EnvelopeFacts, said: &Said<'_>, learned_max: usize) {
        match envelope.name.as_deref() {
            Some("SetParameterValuesResponse") => {
                let set = std::mem::take(&mut self.setting);
                self.keep(set, learned_max);
            }
            Some("Fault") => self.setting.clear(),
            name => {
                let values = envelope.values.take();
                if values.is_empty() {
                    return;
                }
                let how = match name {
                    Some("Inform") => LearnedBy::Inform,
                    Some("SetParameterValues") => LearnedBy::Set,
                    _ => LearnedBy::Read,
                };
                let frames: Arc<[FrameId]> = Arc::from(said.frames);
                let learned = |(name, value): (String, String)| Learned {
                    name,
                    value,
                    how,
                    time: said.time,
                    frames: Arc::clone(&frames),
                };
                let values = values.into_iter();
                if how == LearnedBy::Set {
                    self.setting = values.map(learned).collect();
                } else {
                    // A challenge makes an Inform go out again.
                    let fresh = |(name, value): &(String, String)| !self.knows(name, value, how);
                    let learned = values.filter(fresh).map(learned).collect();
                    self.keep(learned, learned_max);
                }
            }
        }
    }

    fn keep(&mut self, learned: Vec<Learned>, learned_max: usize) {
        for one in learned {
            if self.knows(&one.name, &one.value, one.how) {
                continue;
            }
            if self.session.learned.len() >= learned_max {
                self.learned_beyond = true;
                return;
            }
            self.session.learned.push(one);
        }
    }

    fn knows(&self, name: &str, value: &str, how: LearnedBy) -> bool {
        let same = |one: &Learned| one.how == how && one.name == name && one.value == value;
        self.session.learned.iter().any(same)
    }
}

/// The gateway that the device says it stands behind, as last reported.
pub(super) fn gateway(session: &Session) -> Option<Identity> {
    let mut gateway = Identity::default();
    // Most names have no such letter.
    let with_letter = |learned: &&Learned| memchr::memchr(b'G', learned.name.as_bytes()).is_some();
    for learned in session.learned.iter().filter(with_letter) {
        let Some((_, field)) = learned.name.split_once(".GatewayInfo.") else {
            continue;
        };
        let value = Some(learned.value.clone()).filter(|value| !value.is_empty());
        match field {
            "ManufacturerOUI" => gateway.oui = value,
            "SerialNumber" => gateway.serial_number = value,
            "ProductClass" => gateway.product_class = value,
            _ => {}
        }
    }
    (gateway != Identity::default()).then_some(gateway)
}

/// The last value of ManagementServer that the device reported under this name.
pub(super) fn reported<'a>(session: &'a Session, name: &str) -> Option<&'a str> {
    let learned = session.learned.iter().rev();
    let mut own = learned.filter(|learned| learned.how != LearnedBy::Set);
    let found = own.find(|learned| {
        let path = learned.name.split_once('.').map(|(_, path)| path);
        path.and_then(|path| path.strip_prefix("ManagementServer.")) == Some(name)
    })?;
    Some(&found.value)
}

const SERVER: &str = "ManagementServer.";
const GATEWAY: &str = "GatewayInfo.";
const MAPPING: &[u8] = b"PortMapping.";
/// Of ManagementServer (TR-098, TR-181; STUN: TR-111 part II).
const WANTED: [&str; 17] = [
    "URL",
    "Username",
    "ConnectionRequestURL",
    "ConnectionRequestUsername",
    "UDPConnectionRequestAddress",
    "UDPConnectionRequestAddressNotificationLimit",
    "NATDetected",
    "STUNEnable",
    "STUNServerAddress",
    "STUNServerPort",
    "STUNUsername",
    "STUNMaximumKeepAlivePeriod",
    "STUNMinimumKeepAlivePeriod",
    "ManageableDeviceNumberOfEntries",
    "UDPLightweightNotificationHost",
    "UDPLightweightNotificationPort",
    "LightweightNotificationProtocolsUsed",
];
