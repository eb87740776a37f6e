//! Values of the data model that tell how a device is reached, taken out of messages and kept with the session.

use std::sync::Arc;

use cwmp::EnvelopeRef;
use memchr::memmem;

use super::facts::{EnvelopeFacts, bounded};
use super::open::{Open, Said};
use crate::session::{Identity, Learned, LearnedBy, Session};
use crate::source::FrameId;

/// Values in one message: the parameters' names, and what they are.
pub(super) type Values = Vec<(String, String)>;

/// The values of this kind in an envelope; `text` is that of its whole document, so that most messages cost one look.
pub(super) fn values(
    envelope: &EnvelopeRef<'_>,
    text: &[u8],
    name: Option<&str>,
    learned_max: usize,
) -> Values {
    let carries = matches!(
        name,
        Some("Inform" | "GetParameterValuesResponse" | "SetParameterValues")
    );
    if !carries || learned_max == 0 {
        return Vec::new();
    }
    let mut marked = marks(text).peekable();
    let mut values = Values::new();
    for parameter in envelope.parameters() {
        let element = parameter.element();
        while marked.next_if(|at| *at < element.offset()).is_some() {}
        match marked.peek() {
            None => break,
            Some(at) if *at >= element.end() => continue,
            // One more than is kept tells that there were more.
            Some(_) if values.len() > learned_max => break,
            Some(_) => {}
        }
        let name = parameter.name();
        if is_wanted(&name)
            && let Some(value) = parameter.value()
        {
            values.push((bounded(name), bounded(value)));
        }
    }
    values
}

/// Where the marks stand in a message, in order: what holds none of them costs no more than the search.
fn marks(text: &[u8]) -> impl Iterator<Item = usize> {
    let all = MARKS.iter().flat_map(|mark| memmem::find_iter(text, mark));
    let mut all: Vec<usize> = all.collect();
    all.sort_unstable();
    all.into_iter()
}

/// It tells how a device is reached, or what it belongs to; and is no secret.
fn is_wanted(name: &str) -> bool {
    let Some((_, path)) = name.split_once('.') else {
        return false;
    };
    if let Some(own) = path.strip_prefix("ManagementServer.") {
        return own.starts_with("ManageableDevice") || WANTED.contains(&own);
    }
    path.starts_with("GatewayInfo.") || path.contains("PortMapping.")
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
            name if !envelope.values.is_empty() => {
                let how = match name {
                    Some("Inform") => LearnedBy::Inform,
                    Some("SetParameterValues") => LearnedBy::Set,
                    _ => LearnedBy::Read,
                };
                let frames: Arc<[FrameId]> = Arc::from(said.frames);
                let learned = envelope.values.iter().map(|(name, value)| Learned {
                    name: name.clone(),
                    value: value.clone(),
                    how,
                    time: said.time,
                    frames: Arc::clone(&frames),
                });
                if how == LearnedBy::Set {
                    self.setting = learned.collect();
                } else {
                    let learned = learned.collect();
                    self.keep(learned, learned_max);
                }
            }
            _ => {}
        }
    }

    fn keep(&mut self, learned: Vec<Learned>, learned_max: usize) {
        for one in learned {
            // A challenge makes an Inform go out again.
            let known = |other: &Learned| {
                (&other.name, &other.value, other.how) == (&one.name, &one.value, one.how)
            };
            if self.session.learned.iter().any(known) {
                continue;
            }
            if self.session.learned.len() >= learned_max {
                self.learned_beyond = true;
                return;
            }
            self.session.learned.push(one);
        }
    }
}

/// The gateway that the device says it stands behind, as last reported.
pub(super) fn gateway(session: &Session) -> Option<Identity> {
    let mut gateway = Identity::default();
    for learned in &session.learned {
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

/// One of these stands in every message that has something for us.
const MARKS: [&[u8]; 3] = [b"ManagementServer.", b"GatewayInfo.", b"PortMapping."];
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
