//! Requests for transfers: Download, Upload, ScheduleDownload, RequestDownload.

use cwmp::Element;
use cwmp::schema::Version;

use super::file_type::{self, Fit};
use super::text;
use crate::conformance::rule::{ACS, a3, cite};
use crate::conformance::{Findings, Rule, Scope, Seen};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(in crate::conformance::rules) const RULES: &[&Rule] = &[
    &DL_SHAPE,
    &DL_TYPE,
    &DL_URL,
    &UL_SHAPE,
    &UL_TYPE,
    &UL_URL,
    &SDL_WINDOWS,
    &SDL_ANSWER,
    &SDL_SHAPE,
    &RD_SHAPE,
];

/// Download has ten arguments.
pub(in crate::conformance::rules) const DL_SHAPE: Rule = Rule {
    blame: ACS,
    cites: &[a3("A.3.2.8"), cite("cwmp-1-2.xsd", "Download")],
    demands: "Download has CommandKey, FileType, URL, Username, Password, FileSize, TargetFileName, \
          DelaySeconds, SuccessURL and FailureURL, all of them, in this order.",
    why: "Devices answer 9003 and never fetch the firmware; SuccessURL and FailureURL are the two most often \
          left out because nobody uses them.",
    mend_acs: "Write all arguments of the table, in its order, empty ones included.",
    bad: "<DelaySeconds>0</DelaySeconds>\n</cwmp:Download>",
    good: "<DelaySeconds>0</DelaySeconds>\n<SuccessURL/>\n<FailureURL/>\n</cwmp:Download>",
    related: &["SOAP-008"],
    wireshark: "xml.tag contains \"Download>\"",
    ..Rule::must("CWMP-DL-001", "download-arguments", Scope::Message)
};

/// FileType of Download is one of the table.
const DL_TYPE: Rule = Rule {
    blame: ACS,
    cites: &[a3("A.3.2.8"), cite("TR-104", "B")],
    demands: "FileType of Download is one of the standard names, number and words exactly as in the table, or X, \
          the vendor, and a text.",
    why: "The device decides by this string where the file goes: one that it does not know gives 9003 or \
          9016, and `1 Firmware` is not `1 Firmware Upgrade Image`.",
    mend_acs: "Send `1 Firmware Upgrade Image`, `2 Web Content`, `3 Vendor Configuration File`, or `X <OUI> \
          <text>`.",
    bad: "<FileType>1 Firmware</FileType>",
    good: "<FileType>1 Firmware Upgrade Image</FileType>",
    related: &["CWMP-UL-002"],
    wireshark: "xml.tag contains \"FileType\"",
    ..Rule::must("CWMP-DL-002", "download-file-type", Scope::Message)
};

/// The URL of a download is absolute and names no user.
pub(in crate::conformance::rules) const DL_URL: Rule = Rule {
    blame: ACS,
    cites: &[a3("A.3.2.8")],
    demands: "URL of Download is an absolute URL of at most 256 characters without a user name or password in \
          it.",
    why: "Devices refuse a URL with a user in it with 9003; others send it on as it is, and the password \
          stands in every proxy log on the way.",
    mend_acs: "Put user and password into the arguments Username and Password.",
    bad: "<URL>http://user:pass@files/fw.bin</URL>",
    good: "<URL>http://files/fw.bin</URL>\n<Username>user</Username>",
    related: &["CWMP-UL-005", "CWMP-SDL-005"],
    wireshark: "xml.cdata contains \"://\" && xml.cdata contains \"@\"",
    ..Rule::must("CWMP-DL-003", "download-url", Scope::Message)
};

/// Upload has six arguments.
pub(in crate::conformance::rules) const UL_SHAPE: Rule = Rule {
    blame: ACS,
    cites: &[a3("A.4.1.5"), cite("cwmp-1-2.xsd", "Upload")],
    demands: "Upload has CommandKey, FileType, URL, Username, Password and DelaySeconds, all of them, in this \
          order.",
    why: "Devices answer 9003, and the log or configuration that support waits for never arrives.",
    mend_acs: "Write all arguments of the table, in its order, empty ones included.",
    bad: "<URL>http://files/up</URL>\n<DelaySeconds>0</DelaySeconds>",
    good: "<URL>http://files/up</URL>\n<Username/>\n<Password/>\n<DelaySeconds>0</DelaySeconds>",
    related: &["SOAP-008"],
    wireshark: "xml.tag contains \"Upload>\"",
    ..Rule::must("CWMP-UL-001", "upload-arguments", Scope::Message)
};

/// FileType of Upload is one of its own table.
const UL_TYPE: Rule = Rule {
    blame: ACS,
    cites: &[a3("A.4.1.5")],
    demands: "FileType of Upload is one of the names for uploads, which have numbers of their own, or X, the \
          vendor, and a text.",
    why: "Upload and Download number their types differently: `3 Vendor Configuration File` is a download; \
          devices answer it with 9003, and the backup is not made.",
    mend_acs: "Send `1 Vendor Configuration File` or `2 Vendor Log File`, from 1.2 on `3 Vendor Configuration \
          File 1` or `4 Vendor Log File 1`.",
    bad: "<FileType>3 Vendor Configuration File</FileType>",
    good: "<FileType>1 Vendor Configuration File</FileType>",
    related: &["CWMP-DL-002"],
    wireshark: "xml.tag contains \"FileType\"",
    ..Rule::must("CWMP-UL-002", "upload-file-type", Scope::Message)
};

/// The URL of an upload names no user.
pub(in crate::conformance::rules) const UL_URL: Rule = Rule {
    blame: ACS,
    cites: &[a3("A.4.1.5")],
    demands: "URL of Upload has at most 256 characters and no user name or password in it.",
    why: "Devices refuse such a URL with 9003; others send it on as it is, and the password stands in every \
          proxy log on the way.",
    mend_acs: "Put user and password into the arguments Username and Password.",
    bad: "<URL>http://user:pass@files/up</URL>",
    good: "<URL>http://files/up</URL>\n<Username>user</Username>",
    related: &["CWMP-DL-003"],
    wireshark: "xml.cdata contains \"://\" && xml.cdata contains \"@\"",
    ..Rule::must("CWMP-UL-005", "upload-url", Scope::Message)
};

/// One or two time windows that do not overlap.
pub(in crate::conformance::rules) const SDL_WINDOWS: Rule = Rule {
    blame: ACS,
    versions: "1.2 and later",
    cites: &[a3("A.4.1.8")],
    demands: "TimeWindowList has one or two windows, and the second begins at or behind the end of the first.",
    why: "With overlapping windows the device cannot tell whose mode and message hold: it answers 9003, and \
          the upgrade is not scheduled.",
    mend_acs: "Sort the windows by their begin, and cut the first where the second begins.",
    bad: "<WindowStart>0</WindowStart><WindowEnd>7200</WindowEnd>\n<WindowStart>3600</WindowStart>",
    good: "<WindowStart>0</WindowStart><WindowEnd>3600</WindowEnd>\n<WindowStart>3600</WindowStart>",
    wireshark: "xml.tag contains \"ScheduleDownload\"",
    ..Rule::must("CWMP-SDL-001", "time-windows-in-order", Scope::Message)
};

/// ScheduleDownloadResponse is empty.
pub(in crate::conformance::rules) const SDL_ANSWER: Rule = Rule {
    versions: "1.2 and later",
    cites: &[a3("A.4.1.8")],
    demands: "ScheduleDownloadResponse has no arguments, unlike DownloadResponse.",
    why: "An ACS that validates refuses the answer as malformed, and one that reads the Status takes the \
          download for done before it began.",
    mend_cpe: "Send an empty element.",
    bad: "<cwmp:ScheduleDownloadResponse><Status>1</Status></cwmp:ScheduleDownloadResponse>",
    good: "<cwmp:ScheduleDownloadResponse/>",
    wireshark: "xml.tag contains \"ScheduleDownloadResponse\"",
    ..Rule::must("CWMP-SDL-002", "schedule-download-answer", Scope::Message)
};

/// ScheduleDownload has eight arguments, and its URL names no user.
pub(in crate::conformance::rules) const SDL_SHAPE: Rule = Rule {
    blame: ACS,
    versions: "1.2 and later",
    cites: &[a3("A.4.1.8"), cite("cwmp-1-2.xsd", "ScheduleDownload")],
    demands: "ScheduleDownload has CommandKey, FileType, URL, Username, Password, FileSize, TargetFileName and \
          TimeWindowList, in this order; its URL has at most 256 characters and names no user.",
    why: "Written from the arguments of Download it has DelaySeconds where the windows belong: the device \
          answers 9003 and nothing is scheduled.",
    mend_acs: "Write all arguments of the table, in its order, empty ones included. User and password have \
          arguments of their own.",
    bad: "<TargetFileName/>\n<DelaySeconds>0</DelaySeconds>",
    good: "<TargetFileName/>\n<TimeWindowList \
          soapenc:arrayType=\"cwmp:TimeWindowStruct[1]\">...</TimeWindowList>",
    related: &["CWMP-DL-001"],
    wireshark: "xml.tag contains \"ScheduleDownload\"",
    ..Rule::must(
        "CWMP-SDL-005",
        "schedule-download-arguments",
        Scope::Message,
    )
};

/// RequestDownload asks for a file type of Download.
pub(in crate::conformance::rules) const RD_SHAPE: Rule = Rule {
    cites: &[a3("A.4.2.2"), cite("cwmp-1-2.xsd", "RequestDownload")],
    demands: "RequestDownload has FileType, one of those of Download, and FileTypeArg, an array of at most 16 \
          names and values of at most 64 and 256 characters.",
    why: "The ACS answers 8003, or finds no file for the type and never sends the Download that the device \
          waits for.",
    mend_cpe: "Send a standard file type and the array, empty if there is nothing to say.",
    bad: "<FileType>Firmware</FileType>",
    good: "<FileType>1 Firmware Upgrade Image</FileType>\n<FileTypeArg \
          soapenc:arrayType=\"cwmp:ArgStruct[0]\"/>",
    related: &["CWMP-DL-002"],
    wireshark: "xml.tag contains \"RequestDownload\"",
    ..Rule::must("CWMP-RD-001", "request-download-arguments", Scope::Message)
};

/// Looks at a request for a transfer.
pub(super) fn look(seen: &Seen<'_>, message: Element<'_>, findings: &mut Findings) {
    match (seen.from(), message.name()) {
        (Side::Acs, "Download") => {
            typed(seen, message, &DL_TYPE, file_type::of_download, findings);
            url(seen, message, &DL_URL, findings);
        }
        (Side::Acs, "Upload") => {
            if !seen.is_issue_1() {
                typed(seen, message, &UL_TYPE, file_type::of_upload, findings);
            }
            url(seen, message, &UL_URL, findings);
        }
        (Side::Acs, "ScheduleDownload") => {
            url(seen, message, &SDL_SHAPE, findings);
            windows(seen, message, findings);
        }
        (Side::Cpe, "RequestDownload") => {
            typed(seen, message, &RD_SHAPE, file_type::of_download, findings);
        }
        _ => {}
    }
}

fn typed(
    seen: &Seen<'_>,
    message: Element<'_>,
    rule: &'static Rule,
    fit: fn(&str, Version) -> Fit,
    findings: &mut Findings,
) {
    let Some(element) = message.child("FileType") else {
        return;
    };
    let file_type = element.text();
    let file_type = file_type.trim();
    let draft = seen.breaks_at(rule, element);
    match fit(file_type, seen.version()) {
        Fit::Known => {}
        Fit::Later => findings.add(draft.at_most(Severity::Warning).because(format!(
            "FileType '{file_type}' is of no version known here"
        ))),
        Fit::Wrong => findings.add(draft.because(format!("FileType is '{file_type}'"))),
    }
}

/// An absolute URL without a user in it. What stands in it is not told: it may be a password.
fn url(seen: &Seen<'_>, message: Element<'_>, rule: &'static Rule, findings: &mut Findings) {
    let Some(element) = message.child("URL") else {
        return;
    };
    let url = element.text();
    let url = url.trim();
    let draft = seen.breaks_at(rule, element);
    if names_a_user(url) {
        findings.add(draft.because("the URL names a user"));
    } else if message.is_named("Download") && !is_absolute(url) {
        let empty = if url.is_empty() {
            "empty"
        } else {
            "not absolute"
        };
        findings.add(draft.because(format!("the URL is {empty}")));
    }
}

/// A user stands before an `@` in the authority (RFC 3986 section 3.2).
pub(in crate::conformance::rules) fn names_a_user(url: &str) -> bool {
    url.split_once("://").is_some_and(|(_, rest)| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        authority.contains('@')
    })
}

fn is_absolute(url: &str) -> bool {
    url.split_once(':').is_some_and(|(scheme, rest)| {
        let begins = scheme.starts_with(|first: char| first.is_ascii_alphabetic());
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
        begins && scheme.bytes().all(fits) && !rest.is_empty()
    })
}

fn windows(seen: &Seen<'_>, message: Element<'_>, findings: &mut Findings) {
    let Some(list) = message.child("TimeWindowList") else {
        return;
    };
    let number = |window: Element<'_>, name: &str| text(window, name).trim().parse::<i64>().ok();
    let mut end_before: Option<i64> = None;
    for window in list.children().take(WINDOWS_MAX) {
        let (start, end) = (number(window, "WindowStart"), number(window, "WindowEnd"));
        let draft = || seen.breaks_at(&SDL_WINDOWS, window);
        if let (Some(before), Some(start)) = (end_before, start)
            && start < before
        {
            findings.add(draft().because(format!(
                "a window begins at {start} s, and the one before it ends at {before} s"
            )));
        }
        let mode = text(window, "WindowMode");
        let odd = match (start, end, number(window, "MaxRetries")) {
            (Some(start), Some(end), _) if end < start => {
                Some(format!("a window ends at {end} s and begins at {start} s"))
            }
            (.., Some(retries)) if retries < -1 => Some(format!("MaxRetries is {retries}")),
            _ if !MODES.contains(&mode.trim()) && !mode.trim().starts_with("X ") => {
                Some(format!("WindowMode is '{}'", mode.trim()))
            }
            _ => None,
        };
        if let Some(odd) = odd {
            findings.add(draft().at_most(Severity::Warning).because(odd));
        }
        end_before = end;
    }
}

/// Windows looked at; the schema allows two.
const WINDOWS_MAX: usize = 8;
/// The standard modes (TR-069 Amendment 3, Table 62).
const MODES: [&str; 4] = [
    "1 At Any Time",
    "2 Immediately",
    "3 When Idle",
    "4 Confirmation Needed",
];
