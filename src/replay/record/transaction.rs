//! Which later sessions of a device belong to what one began: a Download and its TransferComplete, a Reboot and its boot.

use std::borrow::Cow;
use std::collections::BTreeSet;

use cwmp::{EnvelopeRef, Kind};

use super::RecordedSession;
use super::leaves;
use crate::session::Side;

/// What was begun and has not come to its end.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// CommandKeys that a TransferComplete is to repeat.
    transfers: BTreeSet<String>,
    /// CommandKeys that an event is to repeat, with its name: `M Reboot`.
    events: BTreeSet<(&'static str, String)>,
    /// A diagnosis was asked for: `8 DIAGNOSTICS COMPLETE` is to come.
    diagnosis: bool,
    /// The device is to start again: `1 BOOT`, `0 BOOTSTRAP`.
    boot: bool,
}

impl Transaction {
    /// Begun by this session.
    #[must_use]
    pub fn of(session: &RecordedSession) -> Self {
        let mut transaction = Self::default();
        transaction.begin(session);
        transaction
    }

    /// Nothing more is to come.
    #[must_use]
    pub fn is_over(&self) -> bool {
        *self == Self::default()
    }

    /// Whether this later session belongs to it; if so, what it ends and begins is noted.
    pub fn takes(&mut self, session: &RecordedSession) -> bool {
        let before = self.clone();
        let boots = session
            .session
            .events
            .iter()
            .any(|event| BOOTS.contains(&event.trim()));
        // Whatever makes a device start again ends with its boot.
        let awaits_boot = self.boot || self.events.iter().any(|(event, _)| *event == "M Reboot");
        let ours = boots && (awaits_boot || !self.transfers.is_empty());
        self.boot &= !boots;
        let diagnosed = |event: &String| event.trim() == "8 DIAGNOSTICS COMPLETE";
        if session.session.events.iter().any(diagnosed) {
            self.diagnosis = false;
        }
        self.end(session);
        let belongs = ours || before != *self;
        if belongs {
            self.begin(session);
        }
        belongs
    }

    /// Do these sessions make a device move a file, and end before it has told the end of that?
    #[must_use]
    pub(super) fn leaves_a_transfer(sessions: &[RecordedSession]) -> bool {
        let mut transaction = Self::default();
        for session in sessions {
            transaction.end(session);
            transaction.begin(session);
        }
        !transaction.transfers.is_empty()
    }

    /// Notes what the ACS asks for and the device does not refuse or do at once.
    fn begin(&mut self, session: &RecordedSession) {
        let mut asked = None;
        for message in &session.messages {
            let Some(soap) = &message.soap else { continue };
            for envelope in soap.envelope_refs() {
                match message.from {
                    Side::Acs => {
                        self.note(asked.take());
                        asked = Begun::by(&envelope);
                    }
                    _ if ends_at_once(&envelope) => asked = None,
                    _ => {}
                }
            }
        }
        self.note(asked);
    }

    fn note(&mut self, begun: Option<Begun>) {
        match begun {
            Some(Begun::Transfer(key)) => {
                self.transfers.insert(key);
            }
            Some(Begun::Event(event, key)) => {
                self.events.insert((event, key));
            }
            Some(Begun::Diagnosis) => self.diagnosis = true,
            Some(Begun::Boot) => self.boot = true,
            None => {}
        }
    }

    /// Notes what the device tells the end of.
    fn end(&mut self, session: &RecordedSession) {
        for message in &session.messages {
            let Some(soap) = message.soap.as_ref().filter(|_| message.from == Side::Cpe) else {
                continue;
            };
            for event in soap.inform().into_iter().flat_map(|inform| inform.events()) {
                let key = event.command_key.trim();
                let code = event.code.trim();
                self.events
                    .retain(|(name, made)| *name != code || made != key);
            }
            leaves::each(soap, |leaf| {
                if COMPLETES.contains(&leaf.message) && leaf.is_argument("CommandKey") {
                    self.transfers.remove(leaf.text.as_ref());
                }
            });
        }
    }
}

/// What a request of an ACS begins.
enum Begun {
    Transfer(String),
    Event(&'static str, String),
    Diagnosis,
    Boot,
}

impl Begun {
    fn by(envelope: &EnvelopeRef<'_>) -> Option<Self> {
        let message = envelope
            .message()
            .filter(|_| envelope.kind() == Kind::Request)?;
        let key = || {
            let key = message.child("CommandKey");
            key.map(|key| key.text().trim().to_owned())
                .unwrap_or_default()
        };
        let name = message.name();
        if TRANSFERS.contains(&name) {
            return Some(Self::Transfer(key()));
        }
        if let Some((_, event)) = EVENTS.iter().find(|(method, _)| *method == name) {
            return Some(Self::Event(event, key()));
        }
        let asks = |name: Cow<'_, str>| name.ends_with("DiagnosticsState");
        match name {
            "FactoryReset" => Some(Self::Boot),
            "SetParameterValues" => {
                let mut names = envelope.parameters().map(|parameter| parameter.name());
                names.any(asks).then_some(Self::Diagnosis)
            }
            _ => None,
        }
    }
}

/// A fault, or the word that a transfer is done already (Status 0).
fn ends_at_once(envelope: &EnvelopeRef<'_>) -> bool {
    if envelope.kind() == Kind::Fault {
        return true;
    }
    let is_transfer = matches!(envelope.method(), Some("Download" | "Upload"));
    let status = envelope
        .message()
        .and_then(|message| message.child("Status"));
    let done = status.is_some_and(|status| status.text().trim() == "0");
    envelope.kind() == Kind::Response && is_transfer && done
}

/// What ends with a TransferComplete or a DUStateChangeComplete.
const TRANSFERS: [&str; 4] = ["Download", "Upload", "ScheduleDownload", "ChangeDUState"];
const COMPLETES: [&str; 2] = ["TransferComplete", "DUStateChangeComplete"];
/// What ends with an event (TR-069 Amendment 3 table 7).
const EVENTS: [(&str, &str); 2] = [
    ("Reboot", "M Reboot"),
    ("ScheduleInform", "M ScheduleInform"),
];
const BOOTS: [&str; 2] = ["1 BOOT", "0 BOOTSTRAP"];
