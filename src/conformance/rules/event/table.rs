//! The event codes of the specification (TR-069 Amendment 3 table 7, with what Amendments 5 and 6 added).

use cwmp::schema::Version;

/// A code of the table that stands for one thing and begins with a number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Code {
    /// As on the wire.
    pub code: &'static str,
    /// The version that brought it.
    pub since: Version,
    /// The call that it announces; its answer is what delivers it.
    pub call: Option<&'static str>,
}

const fn code(code: &'static str, since: Version) -> Code {
    Code {
        code,
        since,
        call: None,
    }
}

const fn calls(code: &'static str, since: Version, call: &'static str) -> Code {
    Code {
        code,
        since,
        call: Some(call),
    }
}

/// Codes that occur once in a list, at the place of their number.
pub(super) const SINGLE: [Code; 15] = [
    code(BOOTSTRAP, Version::V1_0),
    code(BOOT, Version::V1_0),
    code("2 PERIODIC", Version::V1_0),
    code("3 SCHEDULED", Version::V1_0),
    code("4 VALUE CHANGE", Version::V1_0),
    calls("5 KICKED", Version::V1_0, "Kicked"),
    code(CONNECTION_REQUEST, Version::V1_0),
    calls("7 TRANSFER COMPLETE", Version::V1_0, "TransferComplete"),
    code("8 DIAGNOSTICS COMPLETE", Version::V1_0),
    calls("9 REQUEST DOWNLOAD", Version::V1_0, "RequestDownload"),
    calls(
        "10 AUTONOMOUS TRANSFER COMPLETE",
        Version::V1_1,
        "AutonomousTransferComplete",
    ),
    calls(
        "11 DU STATE CHANGE COMPLETE",
        Version::V1_2,
        "DUStateChangeComplete",
    ),
    calls(
        "12 AUTONOMOUS DU STATE CHANGE COMPLETE",
        Version::V1_2,
        "AutonomousDUStateChangeComplete",
    ),
    code("13 WAKEUP", Version::V1_4),
    code("14 HEARTBEAT", Version::V1_4),
];

/// The code of the table that this is, by its place.
pub(super) fn place(code: &str) -> Option<usize> {
    let number = code.split(' ').next()?.parse::<usize>().ok()?;
    (SINGLE.get(number)?.code == code).then_some(number)
}

/// What an ACS asks for and the device tells with an event of its own, with the CommandKey of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Reboot,
    ScheduleInform,
    Download,
    ScheduleDownload,
    Upload,
    ChangeDUState,
}

impl Kind {
    /// Of the event's code.
    pub(super) fn of_event(code: &str) -> Option<Self> {
        Self::of_method(code.strip_prefix("M ")?)
    }

    /// Of the method asked for.
    pub(super) fn of_method(method: &str) -> Option<Self> {
        Some(match method {
            "Reboot" => Self::Reboot,
            "ScheduleInform" => Self::ScheduleInform,
            "Download" => Self::Download,
            "ScheduleDownload" => Self::ScheduleDownload,
            "Upload" => Self::Upload,
            "ChangeDUState" => Self::ChangeDUState,
            _ => return None,
        })
    }

    /// The method.
    pub(super) const fn method(self) -> &'static str {
        match self {
            Self::Reboot => "Reboot",
            Self::ScheduleInform => "ScheduleInform",
            Self::Download => "Download",
            Self::ScheduleDownload => "ScheduleDownload",
            Self::Upload => "Upload",
            Self::ChangeDUState => "ChangeDUState",
        }
    }

    /// The call whose answer delivers the event; `None` where InformResponse does.
    pub(super) const fn call(self) -> Option<&'static str> {
        match self {
            Self::Reboot | Self::ScheduleInform => None,
            Self::Download | Self::ScheduleDownload | Self::Upload => Some("TransferComplete"),
            Self::ChangeDUState => Some("DUStateChangeComplete"),
        }
    }

    /// The version that brought it.
    pub(super) const fn since(self) -> Version {
        match self {
            Self::ScheduleDownload | Self::ChangeDUState => Version::V1_2,
            _ => Version::V1_0,
        }
    }
}

/// First contact.
pub(super) const BOOTSTRAP: &str = "0 BOOTSTRAP";
/// The device started.
pub(super) const BOOT: &str = "1 BOOT";
/// The ACS knocked.
pub(super) const CONNECTION_REQUEST: &str = "6 CONNECTION REQUEST";
/// A full list leaves the oldest M events out (TR-069 Amendment 3 section A.3.3.1).
pub(super) const EVENTS_MAX: usize = 64;
