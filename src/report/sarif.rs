//! `check -T sarif`: a log of SARIF 2.1.0 (OASIS).

use std::path::PathBuf;

use serde::Serialize;
use serde_json::{Value, json};

use super::{beyond, citation, escape, rulebook, text};
use crate::conformance::{self, Checked};
use crate::session::{Finding, Severity};
use crate::source::{FileFacts, FileFormat};

/// What the log is made of.
#[derive(Debug, Clone, Copy)]
pub struct Sarif<'a> {
    /// What was found.
    pub checked: &'a Checked,
    /// Findings that a baseline accepts, with the reasons it gives; `None` where there is no baseline.
    pub accepted: Option<&'a [(Finding, String)]>,
    /// The files that were read.
    pub files: &'a [FileFacts],
    /// As they were named.
    pub paths: &'a [PathBuf],
    /// The input was read whole.
    pub whole: bool,
}

/// The log.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct SarifLog(Value);

impl Sarif<'_> {
    /// The log.
    #[must_use]
    pub fn log(&self) -> SarifLog {
        let findings = &self.checked.findings;
        let accepted = self.accepted.unwrap_or_default();
        let both = findings
            .iter()
            .chain(accepted.iter().map(|(finding, _)| finding));
        let mut codes: Vec<&'static str> = both.map(|finding| finding.code).collect();
        codes.sort_unstable();
        codes.dedup();
        let state = self.accepted.map(|_| "new");
        let mut results: Vec<Value> = findings
            .iter()
            .map(|finding| self.result(finding, &codes, state))
            .collect();
        for (finding, reason) in accepted {
            let mut result = self.result(finding, &codes, Some("unchanged"));
            let reason = escape::text(reason);
            if let Value::Object(members) = &mut result {
                let suppression = json!([{"kind": "external", "justification": reason}]);
                members.insert("suppressions".to_owned(), suppression);
            }
            results.push(result);
        }
        SarifLog(json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": {"driver": {
                    "name": "informant",
                    "version": env!("CARGO_PKG_VERSION"),
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "shortDescription": {"text": "Protocol analyzer for TR-069 (CWMP)"},
                    "rules": codes.iter().map(|code| rule(code)).collect::<Vec<_>>(),
                }},
                "invocations": [self.invocation()],
                "artifacts": self.artifacts(),
                "columnKind": "unicodeCodePoints",
                "results": results,
            }],
        }))
    }

    fn invocation(&self) -> Value {
        let mut invocation = json!({"executionSuccessful": self.whole});
        if let (Some(words), Value::Object(members)) = (beyond(self.checked), &mut invocation) {
            let told = json!([{"level": "warning", "message": {"text": words}}]);
            members.insert("toolExecutionNotifications".to_owned(), told);
        }
        invocation
    }

    fn artifacts(&self) -> Vec<Value> {
        let files = self.files.iter().enumerate();
        let artifact = |(at, file): (usize, &FileFacts)| {
            json!({
                "location": {"uri": self.uri(at)},
                "length": file.bytes,
                "mimeType": match file.format {
                    Some(FileFormat::Transcript) => "text/plain",
                    Some(FileFormat::Pcap | FileFormat::Pcapng) => "application/vnd.tcpdump.pcap",
                    None => "application/octet-stream",
                },
            })
        };
        files.map(artifact).collect()
    }

    /// The place of a file as a reference (RFC 3986), percent-encoded.
    fn uri(&self, file: usize) -> String {
        let bytes = self
            .paths
            .get(file)
            .map(|path| path.as_os_str().as_encoded_bytes());
        let bytes = bytes.unwrap_or_default();
        let lead = if bytes.starts_with(b"/") {
            "file://"
        } else {
            ""
        };
        let mut uri = lead.to_owned();
        for byte in bytes {
            if byte.is_ascii_alphanumeric() || b"-._~/".contains(byte) {
                uri.push(char::from(*byte));
            } else {
                uri.push_str(&format!("%{byte:02X}"));
            }
        }
        uri
    }

    fn result(&self, finding: &Finding, codes: &[&str], state: Option<&str>) -> Value {
        let level = level(finding.severity);
        let said = escape::text(&finding.message);
        let file = finding
            .frames()
            .first()
            .map_or(0, |frame| usize::from(frame.file()));
        let frames: Vec<u64> = finding
            .frames()
            .iter()
            .map(|frame| frame.number())
            .collect();
        let mut result = json!({
            "ruleId": finding.code,
            "ruleIndex": codes.iter().position(|code| *code == finding.code),
            "level": level,
            "message": {"text": said},
            "occurrenceCount": finding.count,
            "locations": [{
                "physicalLocation": {
                    "artifactLocation": {"uri": self.uri(file), "index": file},
                    // A capture has no lines; viewers that ask for one get the first.
                    "region": {"startLine": 1},
                },
                "logicalLocations": [logical(finding)],
                "message": {"text": place(finding)},
            }],
            "partialFingerprints": {"informant/v1": fingerprint(finding)},
            "properties": {
                "blame": finding.blame.name(),
                "device": finding.device.as_deref(),
                "session": finding.session(),
                "frames": frames,
                "evidence": finding.evidence.name(),
                "rpc": finding.rpc.as_deref(),
                "path": finding.path.as_deref(),
                "setting": finding.setting.as_deref(),
                "foretold_by": finding.foretold_by,
                "excerpt": finding.excerpt.as_ref().map(|excerpt| excerpt.text.as_str()),
                "wireshark": finding.wireshark(),
            },
        });
        if let (Some(state), Value::Object(members)) = (state, &mut result) {
            members.insert("baselineState".to_owned(), json!(state));
        }
        result
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// Device, session and RPC as one place.
fn logical(finding: &Finding) -> Value {
    let device = escape::text(finding.device.as_deref().unwrap_or("no device known"));
    let session = finding
        .session()
        .map(|session| format!("session {session}"));
    let rpc = finding
        .rpc
        .as_deref()
        .map(|rpc| escape::text(rpc).into_owned());
    let parts = [Some(device.into_owned()), session, rpc];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    json!({
        "name": parts.last(),
        "fullyQualifiedName": parts.join("/"),
        "kind": "resource",
    })
}

/// `frames 4-5 of session 1`.
fn place(finding: &Finding) -> String {
    let frames = text::frames_told(finding.frames());
    let session = finding
        .session()
        .map(|session| format!("session {session}"));
    let parts: Vec<String> = [frames, session].into_iter().flatten().collect();
    if parts.is_empty() {
        "the capture".to_owned()
    } else {
        parts.join(" of ")
    }
}

/// What stays the same when the same breach is captured again.
fn fingerprint(finding: &Finding) -> String {
    let parts = [
        Some(finding.code),
        Some(finding.blame.name()),
        finding.device.as_deref(),
        finding.rpc.as_deref(),
        finding.path.as_deref(),
    ];
    let parts = parts.map(|part| escape::text(part.unwrap_or_default()).replace('|', "\\x7c"));
    parts.join("|")
}

fn rule(code: &str) -> Value {
    let Some(rule) = conformance::rule(code) else {
        return json!({ "id": code });
    };
    let cites: Vec<String> = rule.cites.iter().map(citation::told).collect();
    let mend: Vec<&str> = [rule.mend_cpe, rule.mend_acs]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect();
    json!({
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.demands},
        "fullDescription": {"text": format!("{} {}", rule.demands, rule.why).trim()},
        "help": {
            "text": format!("{}\n{}\n{}\n{}", rule.demands, rule.why, mend.join("\n"), cites.join("; ")),
            "markdown": rulebook::rule_page(rule),
        },
        "defaultConfiguration": {"level": level(rule.severity())},
        "properties": {
            "obligation": rule.obligation.name(),
            "scope": rule.scope.name(),
            "tags": ["TR-069", rule.family()],
        },
    })
}
