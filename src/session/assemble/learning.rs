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
        let mapping = memmem::Finder::new("PortMapping.");
        for parameter in envelope.parameters() {
            listed.count += 1;
            let learns = carries && learned_max > 0 && listed.values.len() <= learned_max;
            if !learns && listed.count > 1 {
                continue;
            }
            let name = parameter.name();
            if learns
                && is_wanted(&name, &mapping)
                && let Some(value) = parameter.value()
            {
                listed.values.push((bounded(name.clone()), bounded(value)));
            }
            if listed.count == 1 {
                listed.first = Some(bounded(name));
            }
        }
        listed
    }
}

/// It tells how a device is reached, or what it belongs to; and is no secret.
fn is_wanted(name: &str, mapping: &memmem::Finder<'_>) -> bool {
    let Some((_, path)) = name.split_once('.') else {
        return false;
    };
    if let Some(own) = path.strip_prefix("ManagementServer.") {
        return own.starts_with("ManageableDevice") || WANTED.contains(&own);
    }
    path.starts_with("GatewayInfo.") || mapping.find(path.as_bytes()).is_some()
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
