//! What a scenario is: a directory with `scenario.toml` and one file for each message.

mod directory;
mod fields;
mod lint;
mod name;
mod problem;
mod quoted;
mod read;
mod sample;
mod stun;
mod words;
mod write;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::session::Masking;
use crate::session::compare::{CompareRules, Matcher};
pub use directory::{
    file_names, lint_directory, occupied, read_directory, read_file, read_toml, write_directory,
};
pub use lint::{Remark, lint};
pub use name::{NAME_BYTES_MAX, check_file_name};
pub use problem::Problem;
pub use read::{
    FILE_BYTES_MAX, FILES_BYTES_MAX, STEPS_MAX, TOML_BYTES_MAX, Written, parse, plain_head, read,
};
pub use sample::{classified, sent_message, text as sample_text};
pub use stun::Stun;
pub use write::write;

/// A recorded session (or several that belong together) made ready to be played.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// The side that this tool plays.
    pub role: Role,
    /// Where it was recorded.
    pub source: Option<Source>,
    /// The device it may be played against, or that it plays.
    pub identity: Identity,
    /// What is asked of the other side before it is served, or shown to it.
    pub auth: Option<Auth>,
    /// How its binding is kept, and UDP Connection Requests are sent, where that is not as usual.
    pub stun: Option<Stun>,
    /// Named values that messages, heads and assertions hold as `{{name}}`.
    pub vars: BTreeMap<String, Variable>,
    /// What it may do.
    pub safety: Safety,
    /// What holds for each step that says nothing else.
    pub defaults: Defaults,
    /// What happens, in order.
    pub steps: Vec<Step>,
    /// The files that steps name, with placeholders; by name.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// The side that this tool plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The recorded ACS, against a real phone.
    Acs,
    /// The recorded phone, against a real ACS.
    Cpe,
}

/// Where a scenario was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// SHA-256 of the capture, in hexadecimal.
    pub sha256: String,
    /// Numbers of its sessions there.
    pub sessions: Vec<u32>,
}

/// Which device.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identity {
    /// `OUI[-ProductClass]-SerialNumber` of the recording (TR-069 Amendment 3 section 3.4.4).
    pub device: Option<String>,
    /// The ACS's path that the device posted to: `/acs`.
    pub acs_path: Option<String>,
}

/// The credentials that the device shows the ACS in HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Auth {
    /// How.
    pub scheme: AuthScheme,
    /// The realm of the recorded challenge.
    pub realm: String,
    /// `MD5`, `MD5-sess`, `SHA-256`, `SHA-256-sess`; none was named where there is none.
    pub algorithm: Option<String>,
    /// The qualities offered: `auth`; none as in RFC 2069.
    pub qop: Option<String>,
    /// The user, mostly a placeholder.
    pub username: String,
    /// The password, always a placeholder of a secret variable.
    pub password: String,
    /// The head of the recorded 401, with `{{http.challenge}}` in the place of its challenge.
    pub challenge_head: Option<String>,
    /// The body of the recorded 401: the name of a file.
    pub challenge_body: Option<String>,
}

/// Digest or Basic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuthScheme {
    /// RFC 7616 and before.
    Digest,
    /// RFC 7617.
    Basic,
}

/// A named value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Variable {
    /// What stands there.
    Value(String),
    /// Made anew at each run.
    Fresh(Fresh),
    /// Never written down: from the environment or a file.
    Secret {
        /// The variable of the environment.
        env: Option<String>,
        /// A file that holds nothing else, relative to the scenario.
        file: Option<String>,
    },
    /// Filled by a step's `capture`; the recorded value is what lint and dry runs show.
    Captured(Option<String>),
}

/// What is made anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fresh {
    /// A random UUID.
    Uuid,
    /// The time of sending, as xsd:dateTime in UTC.
    Now,
    /// Eight random hexadecimal digits.
    Hex,
}

/// What a scenario may do to the other side.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Safety {
    /// Classes of RPCs beyond reading.
    pub allow: Vec<Class>,
}

/// How much harm an RPC can do, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Asks, or answers.
    Read,
    /// Changes settings.
    Set,
    /// Interrupts the device or takes something away.
    Disrupt,
    /// May leave it unusable or out of reach, or is unknown.
    Destroy,
}

/// What holds for each step that says nothing else.
#[derive(Debug, Clone, PartialEq)]
pub struct Defaults {
    /// How long an expected message is waited for.
    pub timeout: Duration,
    /// What to do with a message that no step expects.
    pub on_unexpected: OnUnexpected,
    /// Lists whose order says nothing: `ParameterList`.
    pub unordered: Vec<String>,
    /// Places whose values are not compared: `Inform.CurrentTime`, `ParameterList/*.UpTime`.
    pub ignore: Vec<String>,
    /// How far two times may lie apart and still be the same.
    pub time_tolerance: Duration,
}

/// What to do with a message that no step expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OnUnexpected {
    /// End the run: it differs.
    Fail,
    /// Answer with a fault (8000 to 8005, 9000), note it, and go on.
    Fault,
    /// Answer as a plain ACS or CPE would, note it, and go on.
    Answer,
    /// Answer as HTTP wants it and pass over it.
    Ignore,
}

/// One thing that happens.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What.
    pub act: Act,
    /// How long after the step before it, in the recording.
    pub after: Option<Duration>,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// The other side is to say something.
    Expect(Expect),
    /// This side says something.
    Send(Send),
    /// A session ends, and another has to begin with such an event.
    Await(Await),
    /// Something beside the session.
    Action(ActionStep),
}

/// What the other side is to say.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Expect {
    /// The element in the SOAP body: `Inform`, `SetParameterValuesResponse`, `Fault`; `empty` is a message without a body.
    pub message: String,
    /// For an answer of the ACS: its HTTP status where that is not 200 or, for `empty`, 204.
    pub status: Option<u16>,
    /// The recorded message that it is compared with: the name of a file; none is compared where there is none.
    pub like: Option<String>,
    /// What has to hold, in the grammar of the display filter.
    pub assert: Vec<String>,
    /// What else is right: `fault 9007`.
    pub tolerate: Vec<String>,
    /// Places that are not compared in this message, beside those of the defaults.
    pub ignore: Vec<String>,
    /// Matchers in the place of recorded values: place, and `glob:...`, `regex:...`, `range:1..5`, `type:xsd:int`,
    /// `one_of:a|b`, `any`, `absent`, `about:VALUE±TOLERANCE`.
    pub matchers: BTreeMap<String, String>,
    /// Variables that it fills: name, and the place of the value (`param "Device.X"`, `CommandKey`).
    pub capture: BTreeMap<String, String>,
    /// How long it is waited for.
    pub within: Option<Duration>,
}

/// What this side says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Send {
    /// The file with the body; none for a message without one.
    pub file: Option<String>,
    /// The HTTP head as recorded, lines ending in LF, with placeholders and without the empty line that ends it.
    ///
    /// Placeholders of its own: `{{http.length}}`, `{{http.host}}`, `{{http.target}}`, `{{http.cookie}}` (the value, live
    /// jar), `{{http.set_cookie}}`, `{{http.authorization}}`, `{{http.challenge}}`, `{{http.date}}`, `{{http.location}}`.
    /// A line whose placeholder has no value is left out.
    pub head: String,
    /// The sizes of its chunks, the last repeated as long as there are bytes; none where it was not chunked.
    pub chunks: Vec<usize>,
    /// The bytes of its heads, with LF in the place of CR LF: how its lines end.
    pub bare_lf: bool,
    /// Role cpe: it goes out on a new connection.
    pub new_connection: bool,
    /// The connection is closed after it.
    pub close_after: bool,
}

/// A session to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Await {
    /// Its Inform has this event; any will do where there is none.
    pub session_with_event: Option<String>,
    /// How long it is waited for.
    pub within: Duration,
}

/// Something beside the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActionStep {
    /// Wake the device (role acs), or wait to be woken (role cpe).
    ConnectionRequest {
        /// The URL, mostly a placeholder that an Inform filled; `host:port` for UDP.
        url: String,
        /// By HTTP or by UDP.
        via: Via,
        /// User, mostly a placeholder.
        username: Option<String>,
        /// Password, always a placeholder of a secret variable.
        password: Option<String>,
    },
}

impl ActionStep {
    /// What may hold placeholders: the URL, and user and password where they are there.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let Self::ConnectionRequest {
            url,
            username,
            password,
            ..
        } = self;
        let texts = [Some(url), username.as_ref(), password.as_ref()];
        texts.into_iter().flatten().map(String::as_str)
    }
}

/// How a Connection Request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Via {
    /// TR-069 section 3.2.2.
    Http,
    /// TR-111 part II.
    Udp,
}

impl Expect {
    /// How what comes is compared with the recorded message; `filled` gives a matcher its values.
    ///
    /// # Errors
    ///
    /// Where a matcher cannot be read, or has no value for a placeholder.
    pub fn rules(
        &self,
        defaults: &Defaults,
        mut filled: impl FnMut(&str) -> Result<String, String>,
    ) -> Result<CompareRules, String> {
        let mut matchers = BTreeMap::new();
        for (place, written) in &self.matchers {
            let matcher = filled(written)?.parse::<Matcher>();
            matchers.insert(place.clone(), matcher.map_err(|error| error.to_string())?);
        }
        Ok(CompareRules {
            unordered: defaults.unordered.clone(),
            ignore: [&defaults.ignore[..], &self.ignore].concat(),
            matchers,
            time_tolerance: defaults.time_tolerance,
            same: BTreeMap::new(),
            fresh_keys: false,
            placeholders: true,
            pace_tolerance: None,
            masking: Masking::default(),
        })
    }
}

impl Scenario {
    /// What would give a variable its value, where it has none.
    #[must_use]
    pub fn remedy(&self, name: &str) -> String {
        match self.vars.get(name) {
            Some(Variable::Secret { env: Some(env), .. }) => {
                format!("give it in the environment variable {env}")
            }
            Some(Variable::Secret {
                file: Some(file), ..
            }) => format!("give it in the file {file}"),
            Some(Variable::Captured(_)) => "let a step before capture it".to_owned(),
            _ => format!("declare `{name}` in [vars]"),
        }
    }
}

impl Class {
    /// As scenarios and the command line write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Set => "set",
            Self::Disrupt => "disrupt",
            Self::Destroy => "destroy",
        }
    }
}

impl Role {
    /// As scenarios and the command line write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Acs => "acs",
            Self::Cpe => "cpe",
        }
    }
}

impl Default for Defaults {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            on_unexpected: OnUnexpected::Fail,
            unordered: vec!["ParameterList".to_owned()],
            ignore: Vec::new(),
            time_tolerance: Duration::from_secs(60),
        }
    }
}

/// The file of a scenario that says what it is.
pub const TOML: &str = "scenario.toml";

#[cfg(test)]
mod tests;
