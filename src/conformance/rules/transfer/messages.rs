//! Transfers and deployment units, message by message: what one message alone shows to be wrong.
//!
//! Order, lengths and listed values are found by the walk of `soap::shape`, which tells them under the codes of the files
//! below; their looks find the rest.

mod deployment;
mod file_type;
mod report;
mod request;

use std::borrow::Cow;

use cwmp::Element;

use crate::conformance::{Findings, Seen};
use crate::session::Side;

pub(super) use deployment::RULES as DEPLOYMENT;
pub(in crate::conformance::rules) use deployment::{
    ADSC_SHAPE, DSC_SHAPE, DSC_STATE, DU_FORM, DU_SOME, DU_UUID,
};
pub(super) use report::RULES as REPORTS;
pub(in crate::conformance::rules) use report::{
    ATC_FAULT, ATC_SHAPE, DL_ANSWER, GQT_ALL, GQT_SHAPE, TC_LONG, TC_SHAPE, TC_TIMES,
};
pub(super) use request::RULES as REQUESTS;
pub(in crate::conformance::rules) use request::{
    DL_SHAPE, DL_URL, RD_SHAPE, SDL_ANSWER, SDL_SHAPE, SDL_WINDOWS, UL_SHAPE, UL_URL, names_a_user,
};

/// Looks at a message about a transfer or a deployment unit.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    if !seen.is_cwmp() || seen.from() == Side::Other || !seen.is_whole() {
        return;
    }
    for envelope in seen.envelopes() {
        let Some(message) = envelope.message() else {
            continue;
        };
        match message.name() {
            "Download" | "Upload" | "ScheduleDownload" | "RequestDownload" => {
                request::look(seen, message, findings);
            }
            "DownloadResponse"
            | "UploadResponse"
            | "TransferComplete"
            | "AutonomousTransferComplete"
            | "GetAllQueuedTransfersResponse"
                if seen.from() == Side::Cpe =>
            {
                report::look(seen, message, findings);
            }
            "ChangeDUState" | "DUStateChangeComplete" | "AutonomousDUStateChangeComplete" => {
                deployment::look(seen, message, findings);
            }
            _ => {}
        }
    }
}

/// The text of a member; empty where it is missing.
fn text<'a>(holder: Element<'a>, name: &str) -> Cow<'a, str> {
    holder
        .child(name)
        .map(|member| member.text())
        .unwrap_or_default()
}
