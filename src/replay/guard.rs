//! The last thing before the socket: what may go out, decided on the bytes as they are about to be written.
//!
//! It knows nothing of scenarios, placeholders or steps: whatever was substituted has been substituted, and the message is read
//! from its bytes as a peer would read it, and as a careless peer might. What cannot be read with certainty counts as the worst.

mod arguments;
mod away;
mod datagram;
mod http;
mod methods;
mod pages;
mod paths;
mod soap;
mod tags;

use std::fmt;

use super::scenario::Class;
pub use datagram::{Errand, classify_datagram};

/// What a message asks of whoever gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classified {
    /// How much harm it can do.
    pub class: Class,
    /// The RPC method, as it is written there.
    pub method: Option<String>,
    /// Why it has this class, for people.
    pub why: String,
}

/// The class of a whole HTTP message, or of several that follow each other: that of the worst part.
///
/// Requests of a CPE to its ACS (Inform, TransferComplete, RequestDownload, Kicked, GetRPCMethods and the like) ask nothing of
/// a device and are `read`, as answers, faults and messages without a body are.
#[must_use]
pub fn classify(bytes: &[u8]) -> Classified {
    match http::messages(bytes) {
        Ok(messages) => worst(messages.iter().map(classify_message)),
        Err(why) => Classified::uncertain(&why),
    }
}

/// What is let out, and to whom: nothing above reading but what both the scenario and the command line allow.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    scenario: Vec<Class>,
    command_line: Vec<Class>,
    named: Option<String>,
    live: Option<String>,
    /// Whether anybody was asked about the other end.
    met: bool,
    own: Vec<String>,
}

/// Bytes that may be written; only a [`Guard`] makes one.
#[derive(Debug)]
pub struct Permit<'b> {
    bytes: &'b [u8],
    classified: Classified,
}

/// Why a message stays here; nothing of it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What it would have asked.
    pub classified: Classified,
    /// What forbids it, and what would allow it.
    pub why: String,
}

impl Guard {
    /// What the scenario allows, what the command line allows, and the device that the command line names.
    #[must_use]
    pub fn new(scenario: &[Class], command_line: &[Class], named: Option<&str>) -> Self {
        Self {
            scenario: scenario.to_vec(),
            command_line: command_line.to_vec(),
            named: named.map(str::to_owned),
            ..Self::default()
        }
    }

    /// An authority (`host:port`) that is this program's own, where redirects may point.
    pub fn own(&mut self, authority: &str) {
        let authority = authority.to_ascii_lowercase();
        if self.own.len() < OWN_MAX && !self.own.contains(&authority) {
            self.own.push(authority);
        }
    }

    /// The device that is at the other end, where it said who it is: to another than the one named, and to one that never said
    /// who it is, nothing above reading goes out.
    pub fn meets(&mut self, device: Option<&str>) {
        self.live = device.map(str::to_owned);
        self.met = true;
    }

    /// Lets bytes out, or says why not.
    ///
    /// # Errors
    ///
    /// Where a class is not allowed on both sides, where `destroy` comes without a device named on the command line, where the
    /// live device is another, and where a redirect leads away from here.
    pub fn permit<'b>(&self, bytes: &'b [u8]) -> Result<Permit<'b>, Refusal> {
        let messages = http::messages(bytes);
        let classified = match &messages {
            Ok(messages) => worst(messages.iter().map(classify_message)),
            Err(why) => Classified::uncertain(why),
        };
        let away = messages
            .iter()
            .flatten()
            .find_map(|message| away::leads_away(message, &self.own));
        match away.or_else(|| self.forbids(&classified)) {
            Some(why) => Err(Refusal { classified, why }),
            None => Ok(Permit { bytes, classified }),
        }
    }

    /// What forbids a class, if anything does.
    #[must_use]
    pub fn forbids(&self, classified: &Classified) -> Option<String> {
        let class = classified.class;
        if class == Class::Read {
            return None;
        }
        let name = class.name();
        if !self.scenario.contains(&class) {
            return Some(format!(
                "the scenario does not allow the class {name}; [safety] allow = [\"{name}\"] in scenario.toml would"
            ));
        }
        if !self.command_line.contains(&class) {
            return Some(format!(
                "the command line does not allow the class {name}; --allow {name} would"
            ));
        }
        if class == Class::Destroy && self.named.is_none() {
            return Some("the class destroy needs the device named with --device".to_owned());
        }
        match (&self.named, &self.live) {
            (_, None) if self.met => Some(
                "nobody at the other end of this connection said which device it is".to_owned(),
            ),
            (Some(named), Some(live)) if named != live => {
                Some(format!("the device is {live}, and --device names {named}"))
            }
            _ => None,
        }
    }
}

impl<'b> Permit<'b> {
    /// What may be written.
    #[must_use]
    pub fn bytes(&self) -> &'b [u8] {
        self.bytes
    }

    /// What it asks.
    #[must_use]
    pub fn classified(&self) -> &Classified {
        &self.classified
    }
}

impl Classified {
    fn new(class: Class, method: Option<&str>, why: &str) -> Self {
        Self {
            class,
            method: method.map(str::to_owned),
            why: why.to_owned(),
        }
    }

    fn read(method: Option<&str>, why: &str) -> Self {
        Self::new(Class::Read, method, why)
    }

    fn destroy(method: Option<&str>, why: &str) -> Self {
        Self::new(Class::Destroy, method, why)
    }

    /// For what cannot be read with certainty.
    fn uncertain(why: &str) -> Self {
        let why = format!("cannot be read with certainty: {why}");
        Self::new(Class::Destroy, None, &why)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Classified { class, method, why } = &self.classified;
        let what = method.as_deref().unwrap_or("the message");
        write!(f, "{what} is {}", class.name())?;
        if !why.is_empty() {
            write!(f, " ({why})")?;
        }
        write!(f, ": {}", self.why)
    }
}

/// One message.
fn classify_message(message: &http1::Message) -> Classified {
    if let Some(why) = soap::in_head(message.view().raw()) {
        return Classified::uncertain(why);
    }
    match http::payload(message) {
        Ok(payload) => soap::classify(&payload),
        Err(why) => Classified::uncertain(&why),
    }
}

/// The first of those with the highest class; reading where there is none.
fn worst(all: impl IntoIterator<Item = Classified>) -> Classified {
    all.into_iter()
        .reduce(|worst, next| {
            if next.class > worst.class {
                next
            } else {
                worst
            }
        })
        .unwrap_or_else(|| Classified::read(None, "nothing"))
}

/// Authorities that are this program's own: its addresses, and the names that a device used for them.
const OWN_MAX: usize = 16;

#[cfg(test)]
mod tests;
