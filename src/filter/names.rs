//! Names of an expression: looked up, completed, and guessed where they are misspelt.

use super::RecordKinds;
use super::operand::Literal;
use super::table::NAMES;
use crate::session::Severity;

/// A name that an expression may use.
#[derive(Debug, Clone, Copy)]
pub struct Name {
    /// As it is written; `NAME` and `PATH` in capitals stand for what the user puts there.
    pub name: &'static str,
    /// The records that have it.
    pub kinds: RecordKinds,
    /// What its values are.
    pub holds: Holds,
    /// What it is, in one line.
    pub meaning: &'static str,
    pub(super) field: Field,
}

impl Name {
    /// As it is typed: of `headers.NAME`, `args.PATH` and `param "NAME"` only what stands before the capitals.
    #[must_use]
    pub fn typed(&self) -> &'static str {
        match self.field {
            Field::HeaderNamed => HEADERS,
            Field::ArgAtPath => ARGS,
            Field::ParameterNamed => PARAM,
            _ => self.name,
        }
    }
}

/// What a name's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Text.
    Text,
    /// Numbers.
    Number,
    /// Milliseconds; may be written with a unit: `1.5s`.
    Duration,
    /// Moments, in UTC where nothing else is said.
    Time,
    /// `true` or `false`.
    Boolean,
    /// One of these words.
    Words(&'static [&'static str]),
    /// One of these words, which ascend.
    Scale(&'static [&'static str]),
    /// Nothing of its own: what it holds has names of its own; alone it says that there is any.
    Group,
}

impl Holds {
    /// As documents write it.
    #[must_use]
    pub fn describe(self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Number => "number".to_owned(),
            Self::Duration => "milliseconds".to_owned(),
            Self::Time => "time".to_owned(),
            Self::Boolean => "`true`, `false`".to_owned(),
            Self::Words(words) | Self::Scale(words) => listed(words),
            Self::Group => "group".to_owned(),
        }
    }
}

/// Words as a list: `a`, `b`.
pub(super) fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

/// Where a value is found; what a [`Name`] stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Record,
    Protocol,
    Time,
    Frames,
    FrameFiles,
    From,
    Source,
    Destination,
    Session,
    Device,
    Manufacturer,
    Oui,
    ProductClass,
    SerialNumber,
    SoftwareVersion,
    Addresses,
    Sessions,
    ConnectionRequestUrl,
    UdpConnectionRequestAddress,
    NatDetected,
    Anomalies,
    AnomalyKind,
    AnomalyOffset,
    Overlaps,
    OverlapOffset,
    OverlapBytes,
    OverlapFrames,
    OverlapFrameFiles,
    OverlapKept,
    OverlapOther,
    Kind,
    Method,
    Target,
    Status,
    Version,
    Headers,
    HeaderNamed,
    BodyBytes,
    BodyComplete,
    Connection,
    Role,
    Authorization,
    AuthorizationScheme,
    AuthorizationUser,
    AuthorizationValid,
    Lossy,
    Message,
    Rpc,
    Id,
    Namespace,
    HoldRequests,
    NoMoreRequests,
    Args,
    ArgAtPath,
    ArgName,
    ArgValue,
    ArgXsiType,
    ArgLossy,
    Xml,
    Fault,
    FaultSoapCode,
    FaultSoapString,
    FaultCode,
    FaultString,
    FaultParameters,
    FaultParameterName,
    FaultParameterCode,
    FaultParameterString,
    Parameter,
    ParameterNamed,
    Value,
    Start,
    DurationMs,
    Cpe,
    CpeAddress,
    Acs,
    AcsAddress,
    AcsPort,
    AcsUrl,
    Transport,
    NegotiatedVersion,
    Connections,
    Events,
    Rpcs,
    RpcFrom,
    RpcId,
    RpcRequestFrames,
    RpcRequestFrameFiles,
    RpcResponse,
    RpcResponseFrames,
    RpcResponseFrameFiles,
    RpcElapsedMs,
    Outcome,
    Gaps,
    Dropped,
    RetryCount,
    TriggeredBy,
    TriggerKind,
    TriggerFrames,
    TriggerFrameFiles,
    Direction,
    TransferName,
    Bytes,
    MissingBytes,
    AnnouncedBytes,
    Result,
    Reasons(Explained),
    TransferCode,
    TransferReason,
    CipherSuite,
    ServerName,
    Decrypted,
    Resumed,
    Explanation,
    ClientRandom,
    Certificates(Shown, Certified),
    Alerts(Alerted),
    CausedBy,
    CauseSession,
    CauseCommandKey,
    StunClass,
    TransactionId,
    StunForm,
    Attributes,
    AttributeType,
    AttributeName,
    AttributeValue,
    MappedAddress,
    Integrity,
    IntegrityPresent,
    IntegrityValid,
    IntegrityForm,
    Timestamp,
    Username,
    Cnonce,
    Signature,
    SignatureValid,
    UsernameValid,
    CopyOf,
    CopyOfFrameFile,
    Parameters,
    ParameterName,
    ParameterValue,
    ParameterXsiType,
    DhcpType,
    Client,
    Option125,
    Enterprise,
    Option125Part(Part),
    Option43,
    Option43Form,
    Option43Raw,
    Option43Discovery(Discovered),
    VendorClass,
    /// Of a finding.
    Finding(Found),
    /// Of a finding that concerns the record.
    Concerning(Found),
    /// Findings that concern the record, counted; of one severity, or whether they were.
    Findings(Option<Severity>),
}

/// Whose certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Server,
    Client,
}

/// A part of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Certified {
    /// That there is one.
    Any,
    Subject,
    Issuer,
    Names,
    Serial,
    NotBefore,
    NotAfter,
    Key,
    KeyBits,
    Signature,
    SelfSigned,
}

/// A part of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alerted {
    /// That there is one.
    Any,
    From,
    Level,
    Description,
    Frames,
    FrameFiles,
}

/// A part of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// That there is one.
    Any,
    Code,
    Name,
    Severity,
    Obligation,
    Blame,
    Message,
    Path,
    Position,
    PositionPart,
    Line,
    Column,
    Offset,
    Count,
    Occurrences,
    OccurrenceSession,
    OccurrenceTime,
    OccurrenceFrames,
    OccurrenceFrameFiles,
    OccurrencesOmitted,
    Evidence,
    Cites,
    CiteDocument,
    CiteSection,
    ForetoldBy,
    Setting,
    Wireshark,
}

/// A part of what explains the result of a Connection Request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Explained {
    Name,
    Expected,
    Reported,
    Previous,
    SilenceMs,
    Anomalies,
    Session,
    Says,
    By,
    Status,
    AfterMs,
}

/// A part of what the Broadband Forum's sub-options say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Device(Identified),
    Gateway(Identified),
    Discovery(Discovered),
}

/// What says who a device or gateway is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Identified {
    /// That anything does.
    Any,
    Oui,
    SerialNumber,
    ProductClass,
}

/// What says where the ACS is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Discovered {
    /// That anything does.
    Any,
    AcsUrl,
    ProvisioningCode,
    RetryMinimumWaitInterval,
    RetryIntervalMultiplier,
}

/// A name as an expression uses it.
#[derive(Debug, Clone)]
pub(super) struct Used {
    pub name: &'static Name,
    /// What stands in the place of `NAME` (one part) or `PATH` (its parts).
    pub path: Vec<String>,
}

impl Used {
    /// Looks a name up as it is written.
    pub fn find(written: &str) -> Option<Self> {
        if let Some(path) = written.strip_prefix(ARGS) {
            return Self::argument(path);
        }
        if let Some(header) = written.strip_prefix(HEADERS) {
            let path = vec![header.to_owned()];
            return (!header.is_empty()).then(|| Self::at(Field::HeaderNamed, path))?;
        }
        let name = NAMES.iter().find(|name| name.name == written)?;
        if name.field == Field::ParameterNamed {
            return None;
        }
        Some(Self {
            name,
            path: Vec::new(),
        })
    }

    /// The parameter of this name; none where there is no name.
    pub fn parameter(name: String) -> Option<Self> {
        (!name.is_empty()).then(|| Self::at(Field::ParameterNamed, vec![name]))?
    }

    /// `members` and `items` only say how the JSON nests arguments: `args.members.name` is `args.name`.
    fn argument(path: &str) -> Option<Self> {
        let mut parts = path.split('.').filter(|part| !NESTING.contains(part));
        let parts: Vec<String> = parts.by_ref().map(str::to_owned).collect();
        if parts.iter().any(String::is_empty) {
            return None;
        }
        match parts.as_slice() {
            [] => Self::at(Field::Args, Vec::new()),
            [part] => match part.as_str() {
                "name" => Self::at(Field::ArgName, Vec::new()),
                "value" => Self::at(Field::ArgValue, Vec::new()),
                "xsi_type" => Self::at(Field::ArgXsiType, Vec::new()),
                "lossy" => Self::at(Field::ArgLossy, Vec::new()),
                _ => Self::at(Field::ArgAtPath, parts),
            },
            _ => Self::at(Field::ArgAtPath, parts),
        }
    }

    fn at(field: Field, path: Vec<String>) -> Option<Self> {
        let name = NAMES.iter().find(|name| name.field == field)?;
        Some(Self { name, path })
    }
}

impl PartialEq for Used {
    fn eq(&self, other: &Self) -> bool {
        self.name.name == other.name.name && self.path == other.path
    }
}

impl std::fmt::Display for Used {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.name.field {
            Field::HeaderNamed => write!(formatter, "{HEADERS}{}", self.path.join(".")),
            Field::ArgAtPath => write!(formatter, "{ARGS}{}", self.path.join(".")),
            Field::ParameterNamed => {
                let text = self.path.concat();
                write!(formatter, "{PARAM}{}", Literal { text, quoted: true })
            }
            _ => formatter.write_str(self.name.name),
        }
    }
}

/// The names that begin so, sorted; of `headers.NAME` and `args.PATH` only what stands before the capitals.
#[must_use]
pub fn completions(prefix: &str) -> Vec<&'static str> {
    let mut names: Vec<&'static str> = NAMES.iter().map(Name::typed).collect();
    names.retain(|name| name.starts_with(prefix));
    names.sort_unstable();
    names
}

/// What was probably meant by a name that is none.
pub(super) fn guess(written: &str) -> Option<String> {
    if let Some(prefix) = [ARGS, HEADERS].iter().find(|prefix| **prefix == written) {
        let example = if *prefix == ARGS {
            "CommandKey"
        } else {
            "host"
        };
        return Some(format!("a name follows, such as `{prefix}{example}`"));
    }
    let named: Vec<&'static str> = NAMES
        .iter()
        .filter(|name| name.typed() == name.name)
        .map(|name| name.name)
        .collect();
    let near = nearest(written, &named).map(str::to_owned);
    let name = near.or_else(|| behind_prefix(written));
    let name = name.or_else(|| holding(written, &named).map(str::to_owned));
    name.map(|name| meant(&name))
}

/// A question whether this was meant.
pub(super) fn meant(name: &str) -> String {
    format!("did you mean `{name}`?")
}

/// `header.host` is meant for `headers.host`.
fn behind_prefix(written: &str) -> Option<String> {
    let (prefix, rest) = written.split_once('.')?;
    let prefix = nearest(prefix, &["args", "headers"])?;
    let name = format!("{prefix}.{rest}");
    (name != written && Used::find(&name).is_some()).then_some(name)
}

/// The word that is nearest, if it is near.
#[must_use]
pub fn nearest<'w>(written: &str, words: &[&'w str]) -> Option<&'w str> {
    if written.len() > GUESSED_BYTES_MAX {
        return None;
    }
    let written = written.to_lowercase();
    let far = written.chars().count() / 3;
    let near = words
        .iter()
        .map(|word| (strsim::damerau_levenshtein(&written, word), *word))
        .filter(|(distance, _)| *distance <= far.max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word);
    let begun = || {
        let long_enough = written.len() >= GUESSED_BYTES_MIN;
        let begins = |word: &&&'w str| long_enough && word.starts_with(&written);
        words.iter().filter(begins).min_by_key(|word| word.len())
    };
    near.or_else(|| begun().copied())
}

/// The shortest name of which the written one is a part: `serial` is meant for `serial_number`.
fn holding(written: &str, names: &[&'static str]) -> Option<&'static str> {
    let written = written.to_lowercase();
    let part = written.rsplit('.').next().unwrap_or_default();
    if part.len() < GUESSED_BYTES_MIN {
        return None;
    }
    let held = |whole: &str| {
        names
            .iter()
            .copied()
            .filter(|name| name.contains(whole))
            .min_by_key(|name| name.len())
    };
    held(&written).or_else(|| held(part))
}

const ARGS: &str = "args.";
const HEADERS: &str = "headers.";
const PARAM: &str = "param ";
const NESTING: [&str; 2] = ["members", "items"];
/// Longer words are not guessed at: the distance costs the product of the lengths.
const GUESSED_BYTES_MAX: usize = 64;
/// Shorter words are parts of too many.
const GUESSED_BYTES_MIN: usize = 3;
