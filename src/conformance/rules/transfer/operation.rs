//! One operation of the ledger: a Download, Upload or ScheduleDownload, and what became of it.

use super::clock::later;
use crate::conformance::{Draft, Rule};
use crate::source::{FrameId, Timestamp};

/// A Download, Upload or ScheduleDownload.
#[derive(Debug)]
pub struct Operation {
    pub what: What,
    pub key: Box<str>,
    pub url: Box<str>,
    /// FileType is `1 Firmware Upgrade Image`.
    pub image: bool,
    /// FileType is `3 Vendor Configuration File`.
    pub configuration: bool,
    /// Username or Password is not empty.
    pub credentials: bool,
    pub size_told: bool,
    pub delay_seconds: u32,
    /// WindowStart and WindowEnd, in seconds from the request.
    pub windows: Vec<(u32, u32)>,
    pub asked_ns: i64,
    pub session: u32,
    /// When that session ended.
    pub session_end_ns: Option<i64>,
    /// The device's clock was right when it was asked for.
    pub clock_agreed: bool,
    /// SoftwareVersion when it was asked for.
    pub version: Option<Box<str>>,
    pub answer: Answer,
    /// The connection of the latest request for the file.
    pub asking: Option<u64>,
    /// The device itself asked for the file.
    pub fetched: Option<Fetched>,
    pub report: Option<Report>,
    /// A report was sent, whatever came of it.
    pub told: bool,
    pub cancelled_ns: Option<i64>,
    /// A 0 BOOTSTRAP came behind it.
    pub dropped: bool,
    /// The first 1 BOOT behind it.
    pub rebooted_ns: Option<i64>,
    /// [`super::ledger::Ledger::holes`] when it was asked for.
    pub holes: u32,
    /// Rules about its software have had their say.
    pub software_seen: bool,
    /// The session from which on it is known to be over.
    pub over: Option<u32>,
    /// A session that should have brought the report.
    pub missed: Option<Shown>,
    /// A session more than an hour behind the time it was to begin.
    pub long_after: Option<Shown>,
    pub issue_1: bool,
    pub frames: Vec<FrameId>,
}

/// Which method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Download,
    Upload,
    ScheduleDownload,
}

/// What came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Nothing so far, or nothing that can be read.
    Unknown,
    /// It is done: Status 0.
    Done,
    /// It will be reported: Status 1, or any ScheduleDownloadResponse.
    Accepted,
    /// A fault, at this time.
    Refused { time_ns: i64 },
}

/// What was seen of the file.
#[derive(Debug, Clone)]
pub struct Fetched {
    pub first_ns: i64,
    pub done_ns: Option<i64>,
    pub frames: Vec<FrameId>,
}

/// A TransferComplete that the ACS took.
#[derive(Debug, Clone)]
pub struct Report {
    pub session: u32,
    pub connection: u64,
    pub time_ns: i64,
    pub failed: bool,
    /// SoftwareVersion of that session.
    pub version: Option<Box<str>>,
    /// StartTime and CompleteTime, as on the wire.
    pub times: (Box<str>, Box<str>),
    /// That session went on, or ended, as it should: the device has the answer.
    pub confirmed: bool,
}

/// Where something can be seen.
#[derive(Debug, Clone)]
pub struct Shown {
    pub session: u32,
    pub time: Timestamp,
    pub frames: Vec<FrameId>,
}

impl What {
    pub(super) fn of(method: &str) -> Option<Self> {
        match method {
            "Download" => Some(Self::Download),
            "Upload" => Some(Self::Upload),
            "ScheduleDownload" => Some(Self::ScheduleDownload),
            _ => None,
        }
    }

    pub(super) fn method(self) -> &'static str {
        match self {
            Self::Download => "Download",
            Self::Upload => "Upload",
            Self::ScheduleDownload => "ScheduleDownload",
        }
    }
}

impl Operation {
    /// The device may still be at it.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.answer, Answer::Accepted | Answer::Unknown)
            && self.report.is_none()
            && self.cancelled_ns.is_none()
            && !self.dropped
    }

    /// When it failed, and the ACS was told.
    pub(super) fn failed_ns(&self) -> Option<i64> {
        match (self.answer, &self.report) {
            (Answer::Refused { time_ns }, _) => Some(time_ns),
            (_, Some(report)) if report.failed => Some(report.time_ns),
            _ => None,
        }
    }

    /// When it was to begin.
    pub(super) fn due_ns(&self) -> i64 {
        later(self.asked_ns, i64::from(self.delay_seconds))
    }

    /// The rule for downloads, or that for uploads.
    pub(super) fn rule(&self, of_download: &'static Rule) -> &'static Rule {
        match self.what {
            What::Upload => &super::upload::AS_DOWNLOAD,
            What::Download | What::ScheduleDownload => of_download,
        }
    }

    /// Completes a finding about it: the method, the request's frames, the ways of its session.
    pub(super) fn concern(&self, draft: Draft) -> Draft {
        let mut draft = draft.rpc(self.what.method()).shown_in(&self.frames);
        draft.issue_1 |= self.issue_1;
        draft
    }

    /// How words name it.
    pub(super) fn named(&self) -> String {
        named(self.what.method(), &self.key)
    }
}

/// How words name an operation.
pub(super) fn named(method: &str, key: &str) -> String {
    if key.is_empty() {
        format!("the {method} without a CommandKey")
    } else {
        format!("the {method} '{key}'")
    }
}
