//! What came of a Connection Request, as the records of its messages have it.

use serde::Serialize;

use super::Setting;
use crate::session::{CameOf, Reason};

/// What came of it; null where the message is none, or nothing is known of it.
pub(super) fn result(came_of: Option<&CameOf>) -> Option<&'static str> {
    came_of.map(|came_of| came_of.result.name())
}

/// What explains it, the weightiest first.
pub(super) fn reasons(came_of: Option<&CameOf>, setting: Setting) -> Vec<ReasonRecord> {
    let reasons = came_of.into_iter().flat_map(|came_of| &came_of.reasons);
    reasons
        .map(|reason| ReasonRecord::new(reason, setting))
        .collect()
}

/// A reason, with the keys that its kind has.
#[derive(Debug, Default, Serialize)]
pub(super) struct ReasonRecord {
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reported: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    silence_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    anomalies: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    says: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after_ms: Option<i64>,
}

impl ReasonRecord {
    fn new(reason: &Reason, setting: Setting) -> Self {
        let text = |text: &str| Some(setting.masking.text(text).into_owned());
        let mut record = Self {
            name: reason.name(),
            ..Self::default()
        };
        match reason {
            Reason::WrongUrl { reported } => record.reported = text(reported),
            Reason::WrongAddress { expected } | Reason::WrongSource { expected } => {
                record.expected = Some(expected.to_string());
            }
            Reason::StaleTimestamp { previous } => record.previous = text(previous),
            Reason::BindingExpired { silence_ms } => record.silence_ms = Some(*silence_ms),
            Reason::BentForm { anomalies } => record.anomalies = Some(anomalies.clone()),
            Reason::InSession { session } | Reason::OtherEvent { session } => {
                record.session = Some(*session);
            }
            Reason::Unreachable { says, by } => {
                record.says = Some(says);
                record.by = Some(by.to_string());
            }
            Reason::Status { status } => record.status = Some(*status),
            Reason::CaptureEnds { after_ms } => record.after_ms = Some(*after_ms),
            Reason::RepeatedId
            | Reason::BadSignature
            | Reason::WrongUser
            | Reason::BadCredentials
            | Reason::ChallengeUnanswered
            | Reason::CredentialsRefused
            | Reason::Reset
            | Reason::NoAnswer
            | Reason::Gap => {}
        }
        record
    }
}
