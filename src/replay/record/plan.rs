//! What becomes of each value of a message: which ones a replay fills in, which ones it takes from the other side, and which ones
//! are not compared.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;

use cwmp::Kind;

use super::Recording;
use super::body::{Edit, With};
use super::files::{Files, URLS};
use super::instances::Instances;
use super::keys::{Key, Keys};
use super::leaves::{self, Leaf, Within};
use super::notes::{NotPlayable, Note, Place};
use super::order::{Turn, Turns};
use super::secrets::{self, Secrets, Stuck};
use super::variables::Variables;
use crate::replay::scenario::{Role, Variable, Via};
use crate::session::compare::Matcher;
use crate::session::{Cpe, Masking, Places};

/// What is known of the whole recording.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub role: Role,
    pub variables: Variables,
    pub files: Files<'a>,
    pub notes: Vec<Note>,
    pub secrets: Secrets,
    keys: Keys,
    instances: Instances,
    device: Cpe,
    /// Some session was asked for by HTTP, by UDP.
    woken: [bool; 2],
    /// cwmp:IDs of what the other side asked.
    asked: HashSet<String>,
    /// Parameters that differ from run to run.
    volatile: BTreeSet<&'static str>,
}

/// What becomes of a message of the other side.
#[derive(Debug, Default)]
pub(super) struct Expected {
    pub edits: Vec<Edit>,
    pub matchers: BTreeMap<String, String>,
    pub capture: BTreeMap<String, String>,
}

impl<'a> Plan<'a> {
    pub fn new(role: Role, recording: &'a Recording, sessions: &[Turns<'_>]) -> Self {
        let mut variables = Variables::default();
        let mut keys = Keys::of(sessions);
        keys.name(role, &mut variables);
        let mut instances = Instances::default();
        if role == Role::Acs {
            instances = Instances::of(sessions);
            instances.name(&mut variables);
        }
        let first = recording.sessions.first();
        let device = first
            .map(|first| first.session.cpe.clone())
            .unwrap_or_default();
        let woken = |via| {
            let mut wakes = recording
                .sessions
                .iter()
                .filter_map(|one| one.wake.as_ref());
            wakes.any(|wake| wake.via == via)
        };
        Self {
            role,
            variables,
            files: Files::of(recording),
            notes: Vec::new(),
            secrets: Secrets::of(sessions, &device),
            keys,
            instances,
            device,
            woken: [woken(Via::Http), woken(Via::Udp)],
            asked: HashSet::new(),
            volatile: BTreeSet::new(),
        }
    }

    /// Places that no message is compared in.
    pub fn ignored(&self) -> Vec<String> {
        let names = self.volatile.iter();
        names
            .map(|name| format!("ParameterList/*.{name}"))
            .collect()
    }

    /// What takes the place of values that this side says; `at` is the turn, counted over all sessions.
    pub fn sent(&mut self, turn: &Turn<'_>, at: usize) -> Vec<Edit> {
        let Some(soap) = &turn.message.soap else {
            return Vec::new();
        };
        let places = Masking::default().places(soap.text());
        let mut edits = Vec::new();
        leaves::each(soap, |leaf| {
            if let Some(name) = self.placeholder(leaf, &places, turn, at) {
                edits.push(Edit {
                    range: leaf.range.clone(),
                    with: With::Placeholder(name),
                });
            } else {
                self.path(leaf, at, &mut edits);
            }
        });
        edits
    }

    /// The placeholder for the whole of a value.
    fn placeholder(
        &mut self,
        leaf: &Leaf<'_>,
        places: &Places,
        turn: &Turn<'_>,
        at: usize,
    ) -> Option<String> {
        if leaf.place == Within::Header && leaf.is("ID") {
            return self.id(leaf, turn.place);
        }
        if is_time(leaf) {
            return Some("cwmp.now".to_owned());
        }
        match self.keys.at(leaf, turn.message.from, at) {
            Some(Key::Made(name) | Key::Repeats(name)) => return Some(name.to_owned()),
            Some(Key::Unused | Key::Older) => return None,
            None => {}
        }
        let own = match self.role {
            Role::Cpe => self.of_device(leaf),
            Role::Acs => self.of_file(leaf, turn.place.session),
        };
        own.or_else(|| self.secret(leaf, places, turn))
    }

    /// The ID of a request is fresh; an answer repeats that of its request, and where it did not, it does not.
    fn id(&mut self, leaf: &Leaf<'_>, place: Place) -> Option<String> {
        let repeats = self.asked.contains(leaf.text.as_ref());
        if leaf.envelope.kind() == Kind::Request || repeats {
            return Some("cwmp.id".to_owned());
        }
        self.notes.push(Note::Remark(format!(
            "{place}: this answer does not repeat the cwmp:ID of a request; it goes out with its recorded ID, as wrong as it was"
        )));
        None
    }

    /// Role cpe: who the device is, and where it listens.
    fn of_device(&mut self, leaf: &Leaf<'_>) -> Option<String> {
        let device = &self.device;
        let facts = [
            (
                "Manufacturer",
                "Manufacturer",
                &device.manufacturer,
                "device.manufacturer",
            ),
            ("OUI", "ManufacturerOUI", &device.oui, "device.oui"),
            (
                "ProductClass",
                "ProductClass",
                &device.product_class,
                "device.product_class",
            ),
            (
                "SerialNumber",
                "SerialNumber",
                &device.serial_number,
                "device.serial_number",
            ),
        ];
        let in_id = leaf.message == "Inform"
            && leaf
                .element
                .parent()
                .is_some_and(|parent| parent.is_named("DeviceId"));
        for (member, parameter, recorded, name) in facts {
            let is_it =
                in_id && leaf.is(member) || leaf.is_parameter(&format!("DeviceInfo.{parameter}"));
            if is_it && recorded.as_deref().map(str::trim) == Some(leaf.text.as_ref()) {
                if member == "Manufacturer" {
                    // The id of a device does not say it.
                    let value = Variable::Value(leaf.text.clone().into_owned());
                    self.variables.named.insert(name.to_owned(), value);
                }
                return Some(name.to_owned());
            }
        }
        if leaf.message != "Inform" {
            return None;
        }
        let (name, what) = REACHED
            .iter()
            .find(|(path, ..)| leaf.is_parameter(path))
            .map(|(_, name, what)| (*name, *what))?;
        Some(self.variables.value(name, "", &leaf.text, what))
    }

    /// Role acs: where files are, and who may have them.
    fn of_file(&mut self, leaf: &Leaf<'_>, session: u32) -> Option<String> {
        if let Some(url) = self.files.url(leaf, session) {
            return Some(url);
        }
        if !leaf.asks() || !is_file_account(leaf) {
            return None;
        }
        let method = leaf.message;
        let name = format!("{}_username", method.to_ascii_lowercase());
        let what = format!("the Username of the {method}");
        Some(self.variables.value(&name, &leaf.text, &leaf.text, &what))
    }

    fn secret(&mut self, leaf: &Leaf<'_>, places: &Places, turn: &Turn<'_>) -> Option<String> {
        if !is_secret(leaf, places) {
            return None;
        }
        let origin = secrets::origin(leaf, turn);
        let variables = &mut self.variables;
        Some(variables.secret(&origin.wanted, &origin.whose, &origin.place))
    }

    /// The instance numbers in a path.
    fn path(&self, leaf: &Leaf<'_>, at: usize, edits: &mut Vec<Edit>) {
        if !leaf.is_plain() {
            return;
        }
        for (range, name) in self.instances.within(&leaf.text, at) {
            let start = leaf.range.start;
            edits.push(Edit {
                range: start + range.start..start + range.end,
                with: With::Placeholder(name.to_owned()),
            });
        }
    }

    /// A template without the secrets that it repeats.
    pub fn swept(
        &mut self,
        template: &[u8],
        is_markup: bool,
        place: Place,
    ) -> Result<Vec<u8>, NotPlayable> {
        let swept = self.secrets.swept(template, is_markup, &mut self.variables);
        swept.map_err(|Stuck| NotPlayable::Secret {
            place,
            what: "in a section of its body that holds it unescaped",
        })
    }

    /// What becomes of a message of the other side.
    pub fn expected(&mut self, turn: &Turn<'_>, at: usize) -> Expected {
        let mut expected = Expected::default();
        let Some(soap) = &turn.message.soap else {
            return expected;
        };
        let places = Masking::default().places(soap.text());
        leaves::each(soap, |leaf| {
            if leaf.place == Within::Header {
                if leaf.is("ID") && leaf.asks() {
                    self.asked.insert(leaf.text.clone().into_owned());
                }
                return;
            }
            if is_secret(leaf, &places) {
                expected.edits.push(Edit {
                    range: leaf.range.clone(),
                    with: With::Masked,
                });
                expected.any(leaf);
                return;
            }
            self.note_volatile(leaf);
            if !self.key(leaf, turn, at, &mut expected) && !self.told(leaf, turn, at, &mut expected)
            {
                self.path(leaf, at, &mut expected.edits);
            }
            self.repeated(leaf, &mut expected);
        });
        for found in self.secrets.in_document(soap.text()) {
            expected.hide(found.range);
        }
        expected
    }

    /// A value that repeats a secret is neither kept nor compared.
    fn repeated(&self, leaf: &Leaf<'_>, expected: &mut Expected) {
        if self.secrets.stand_in(leaf.text.as_bytes()) && expected.hide(leaf.range.clone()) {
            expected.any(leaf);
        }
    }

    /// A key of the other side; whether it is one.
    fn key(&self, leaf: &Leaf<'_>, turn: &Turn<'_>, at: usize, expected: &mut Expected) -> bool {
        let Some(key) = self.keys.at(leaf, turn.message.from, at) else {
            return false;
        };
        match key {
            Key::Repeats(name) => expected.edits.push(Edit {
                range: leaf.range.clone(),
                with: With::Placeholder(name.to_owned()),
            }),
            Key::Made(name) => {
                expected.capture(name, leaf);
                expected.any(leaf);
            }
            Key::Unused | Key::Older => expected.any(leaf),
        }
        true
    }

    /// Something that the other side tells, and that another run has another value of; whether it is.
    fn told(
        &mut self,
        leaf: &Leaf<'_>,
        turn: &Turn<'_>,
        at: usize,
        expected: &mut Expected,
    ) -> bool {
        if self.role == Role::Cpe {
            let is_named = URLS.iter().any(|name| leaf.is(name));
            let is_url = leaf.asks() && is_named && leaf.parameter().is_none();
            // Another file server has another account, too.
            let is_account = leaf.asks() && is_file_account(leaf);
            if is_url || is_account {
                expected.any(leaf);
            }
            return is_url || is_account;
        }
        if leaf.is_parameter("DeviceInfo.SoftwareVersion") {
            let what = "SoftwareVersion may be any: a scenario is for the next firmware too";
            self.notes.push(Note::Remark(what.to_owned()));
            expected.any(leaf);
            return true;
        }
        if leaf.is_parameter("ManagementServer.URL") {
            // Where the ACS was reached when it was recorded; it is reached elsewhere now.
            expected.any(leaf);
            return true;
        }
        if let Some(name) = self.instances.told(leaf, turn.message.from, at) {
            if let Some(name) = name {
                expected.capture(name, leaf);
            }
            expected.matched(leaf, "range:1..4294967295");
            return true;
        }
        for ((path, name, what), woken) in REACHED.iter().zip(self.woken) {
            if leaf.message == "Inform" && leaf.is_parameter(path) {
                if woken {
                    self.variables.captured(name, "", &leaf.text, what);
                    expected.capture(name, leaf);
                }
                expected.any(leaf);
                return true;
            }
        }
        false
    }

    fn note_volatile(&mut self, leaf: &Leaf<'_>) {
        let last = leaf.parameter().and_then(|path| path.rsplit('.').next());
        let known = last.and_then(|last| VOLATILE.iter().find(|name| **name == last));
        self.volatile.extend(known);
    }
}

impl Expected {
    /// Masks a part of the text; whether anything of it was left to mask.
    fn hide(&mut self, range: Range<usize>) -> bool {
        let covers = |edit: &Edit| edit.range.start <= range.start && edit.range.end >= range.end;
        if self.edits.iter().any(covers) {
            return false;
        }
        self.edits
            .retain(|edit| edit.range.end <= range.start || edit.range.start >= range.end);
        self.edits.push(Edit {
            range,
            with: With::Masked,
        });
        true
    }

    fn any(&mut self, leaf: &Leaf<'_>) {
        self.matchers.insert(leaf.path(), "any".to_owned());
    }

    /// A matcher in the place of the recorded value. One that does not take that very value is left out: the value itself is
    /// expected then, or any where it becomes a variable.
    fn matched(&mut self, leaf: &Leaf<'_>, written: &str) {
        let matcher = written.parse::<Matcher>();
        if matcher.is_ok_and(|matcher| matcher.takes(&leaf.text, None)) {
            self.matchers.insert(leaf.path(), written.to_owned());
        } else if self.captures(leaf) {
            self.any(leaf);
        }
    }

    /// A variable takes its value.
    fn captures(&self, leaf: &Leaf<'_>) -> bool {
        let path = leaf.path();
        self.capture.values().any(|place| *place == path)
    }

    fn capture(&mut self, name: &str, leaf: &Leaf<'_>) {
        let place = match leaf.parameter() {
            Some(parameter) => format!("param {}", quoted(parameter)),
            None => leaf.path(),
        };
        self.capture.insert(name.to_owned(), place);
    }
}

/// Username of a Download or Upload: who may have the file.
fn is_file_account(leaf: &Leaf<'_>) -> bool {
    matches!(leaf.message, "Download" | "Upload") && leaf.is_argument("Username")
}

/// A text of an expression.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A time of the run; `0001-01-01` says that there is none (TR-069 Amendment 3 table 9).
fn is_time(leaf: &Leaf<'_>) -> bool {
    let named = leaf.message == "Inform" && leaf.is_argument("CurrentTime")
        || leaf.is("StartTime")
        || leaf.is("CompleteTime");
    let inside = matches!(leaf.place, Within::Argument | Within::Deeper);
    named && inside && !leaf.text.starts_with("0001-")
}

pub(super) fn is_secret(leaf: &Leaf<'_>, places: &Places) -> bool {
    let text = leaf.text.as_bytes();
    places.hide(&leaf.range) || places.shown(leaf.range.clone(), text).as_ref() != text
}

/// How a device is reached, by HTTP and by UDP: parameter, variable, and what that is.
pub(super) const REACHED: [(&str, &str, &str); 2] = [
    (
        "ManagementServer.ConnectionRequestURL",
        "connection_request_url",
        "the ConnectionRequestURL of the device",
    ),
    (
        "ManagementServer.UDPConnectionRequestAddress",
        "udp_connection_request_address",
        "the UDPConnectionRequestAddress of the device",
    ),
];

/// Parameters whose value says when or where a device was asked, not how it behaves.
const VOLATILE: [&str; 10] = [
    "BytesReceived",
    "BytesSent",
    "CPUUsage",
    "CurrentLocalTime",
    "ExternalIPAddress",
    "Free",
    "PacketsReceived",
    "PacketsSent",
    "UpTime",
    "Uptime",
];
