//! File transfers: what asks for one, and what reports its end.

use crate::element::Element;
use std::borrow::Cow;

/// The arguments of a Download, Upload, ScheduleDownload or RequestDownload; those left out are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferRequest<'a> {
    /// Name of the method.
    pub method: &'a str,
    /// What its TransferComplete will repeat.
    pub command_key: Cow<'a, str>,
    /// Such as `1 Firmware Upgrade Image`.
    pub file_type: Cow<'a, str>,
    /// Where the file is or goes.
    pub url: Cow<'a, str>,
    /// Where to go after success; of Download only.
    pub success_url: Cow<'a, str>,
    /// Where to go after failure; of Download only.
    pub failure_url: Cow<'a, str>,
    /// For the file server.
    pub username: Cow<'a, str>,
    /// Name on the device.
    pub target_file_name: Cow<'a, str>,
}

impl<'a> TransferRequest<'a> {
    pub(crate) fn of(message: Element<'a>) -> Option<Self> {
        let method = message.name();
        if !METHODS.contains(&method) {
            return None;
        }
        Some(Self {
            method,
            command_key: text(message, "CommandKey"),
            file_type: text(message, "FileType"),
            url: text(message, "URL"),
            success_url: text(message, "SuccessURL"),
            failure_url: text(message, "FailureURL"),
            username: text(message, "Username"),
            target_file_name: text(message, "TargetFileName"),
        })
    }
}

/// The report of a TransferComplete or AutonomousTransferComplete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferComplete<'a> {
    /// CommandKey of the request; empty for an autonomous transfer.
    pub command_key: Cow<'a, str>,
    /// `0` is success.
    pub fault_code: Cow<'a, str>,
    /// What failed.
    pub fault_string: Cow<'a, str>,
    /// As text.
    pub start_time: Cow<'a, str>,
    /// As text.
    pub complete_time: Cow<'a, str>,
    /// Where the file was; of autonomous transfers only.
    pub transfer_url: Cow<'a, str>,
}

impl<'a> TransferComplete<'a> {
    pub(crate) fn of(message: Element<'a>) -> Option<Self> {
        if !["TransferComplete", "AutonomousTransferComplete"].contains(&message.name()) {
            return None;
        }
        let fault = message.child("FaultStruct");
        let of_fault = |name| fault.map(|fault| text(fault, name)).unwrap_or_default();
        Some(Self {
            command_key: text(message, "CommandKey"),
            fault_code: of_fault("FaultCode"),
            fault_string: of_fault("FaultString"),
            start_time: text(message, "StartTime"),
            complete_time: text(message, "CompleteTime"),
            transfer_url: text(message, "TransferURL"),
        })
    }
}

fn text<'a>(parent: Element<'a>, name: &str) -> Cow<'a, str> {
    parent
        .child(name)
        .map(|child| child.text())
        .unwrap_or_default()
}

const METHODS: [&str; 4] = ["Download", "Upload", "ScheduleDownload", "RequestDownload"];
