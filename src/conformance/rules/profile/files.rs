//! Files: FileTypes and ways to upload that the document has not.

use cwmp::Element;

use super::{its_document, profile_of};
use crate::conformance::rule::ACS;
use crate::conformance::{Exchange, Findings, Rule, Scope};
use crate::model::profile::{FileKind, Listed, Profile};
use crate::session::{Blame, Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&FILE_TYPE, &SCHEME];

/// The device takes the files of its document.
const FILE_TYPE: Rule = Rule {
    blame: ACS,
    severity: Some(Severity::Warning),
    demands: "An ACS asks a device for those files alone that its vendor's document lists, by the FileType that stands there.",
    why: "The fault is no defect: the document foretells it. The phone has no web content or ringing tone to load, or it looks its own \
          FileType up character by character: a Grandstream wants `3 Vendor Configuration File` of an Upload, and an Aastra \
          `1Firmware Upgrade Image` without a blank. Nothing happens on the phone, and nothing stands in its log.",
    mend_acs: "Send the FileType that the document prints, for this vendor alone; leave out files that it does not list.",
    bad: "(a Grandstream) <cwmp:Upload>\n<FileType>1 Vendor Configuration File</FileType>\n\n<FaultCode>9003</FaultCode>",
    good: "(a Grandstream) <cwmp:Upload>\n<FileType>3 Vendor Configuration File</FileType>\n\n<cwmp:UploadResponse>",
    related: &["CWMP-DL-002", "CWMP-UL-002"],
    wireshark: "xml.tag contains \"FileType\"",
    ..Rule::heuristic("PROFILE-004", "undocumented-file-type", Scope::Exchange)
};

/// The device uploads by the protocols of its document.
const SCHEME: Rule = Rule {
    blame: ACS,
    severity: Some(Severity::Warning),
    demands: "The URL of an Upload has a scheme that the vendor's document names.",
    why: "The fault is no defect: the document foretells it. An Aastra uploads by HTTP, TFTP and FTP, a snom by HTTP PUT: the log that \
          support waits for never comes while the ACS offers another file server.",
    mend_acs: "Offer a server of a protocol that the document names.",
    bad: "(an Aastra) <cwmp:Upload>\n<URL>sftp://files/logs</URL>\n\n<FaultCode>9013</FaultCode>",
    good: "(an Aastra) <cwmp:Upload>\n<URL>ftp://files/logs</URL>\n\n<cwmp:UploadResponse>",
    related: &["PROFILE-004", "CWMP-UL-003"],
    wireshark: "xml.tag contains \"Upload\"",
    ..Rule::heuristic(
        "PROFILE-005",
        "undocumented-upload-protocol",
        Scope::Exchange,
    )
};

/// Looks at a transfer that was refused.
pub(super) fn look(exchange: &Exchange<'_>, findings: &mut Findings) {
    let download = exchange.method() == "Download";
    if !(download || exchange.method() == "Upload") || !exchange.is_fault() {
        return;
    }
    let (Some(profile), Some(code)) = (profile_of(exchange.answer.session), exchange.fault_code())
    else {
        return;
    };
    let request = exchange.request().and_then(|request| request.message());
    let Some(request) = request.filter(|_| exchange.answer.from() == Side::Cpe) else {
        return;
    };
    let refused = Refused {
        exchange,
        profile,
        code,
    };
    if matches!(code, 9003 | 9010 | 9011) {
        refused.file_type(request, download, findings);
    }
    if !download && matches!(code, 9003 | 9011 | 9013) {
        refused.scheme(request, findings);
    }
}

/// A transfer with the fault that answers.
struct Refused<'r> {
    exchange: &'r Exchange<'r>,
    profile: &'static Profile,
    code: u32,
}

impl Refused<'_> {
    fn file_type(&self, request: Element<'_>, download: bool, findings: &mut Findings) {
        let Some(element) = request.child("FileType") else {
            return;
        };
        let text = element.text();
        let name = text.trim();
        let files = if download {
            &self.profile.downloads
        } else {
            &self.profile.uploads
        };
        let Some(kind) = kind_of(name, download) else {
            return;
        };
        let named = files.facts.iter().find(|file| file.is.kind == kind);
        let (said, most) = match named {
            // A name that is no FileType may be a description.
            Some(file) if file.is.printed.is_empty() || file.is.printed == name => return,
            Some(file) => {
                let said = format!(
                    "FileType '{name}' is answered with {}, and {} has '{}'",
                    self.code,
                    its_document(self.profile, file.at),
                    file.is.printed
                );
                let is_number = file
                    .is
                    .printed
                    .starts_with(|first: char| first.is_ascii_digit());
                let most = if is_number {
                    Severity::Warning
                } else {
                    Severity::Info
                };
                (said, most)
            }
            None => {
                let Some(said) = self.unlisted(kind, files) else {
                    return;
                };
                (said, Severity::Warning)
            }
        };
        self.add(&FILE_TYPE, said, most, findings);
    }

    fn unlisted(
        &self,
        kind: FileKind,
        files: &Listed<crate::model::profile::File>,
    ) -> Option<String> {
        let at = files.facts.first().filter(|_| files.whole)?.at;
        let listed: Vec<&str> = files
            .facts
            .iter()
            .map(|file| file.is.kind.words())
            .collect();
        Some(format!(
            "{} of a file with {} is answered with {}, and {} lists {} alone",
            self.exchange.method(),
            kind.words(),
            self.code,
            its_document(self.profile, at),
            listed.join(", ")
        ))
    }

    fn scheme(&self, request: Element<'_>, findings: &mut Findings) {
        let schemes = &self.profile.upload_schemes;
        let Some(element) = request.child("URL").filter(|_| schemes.whole) else {
            return;
        };
        let url = element.text();
        let scheme = url.trim().split_once("://").map(|(scheme, _)| scheme);
        let Some(scheme) = scheme.filter(|scheme| scheme.len() <= SCHEME_MAX) else {
            return;
        };
        let Some(first) = schemes.facts.first() else {
            return;
        };
        // HTTP may mean HTTPS too.
        let plain = if scheme.eq_ignore_ascii_case("https") {
            "http"
        } else {
            scheme
        };
        let mut known = schemes.facts.iter();
        if known.any(|fact| fact.is.eq_ignore_ascii_case(plain)) {
            return;
        }
        let listed: Vec<&str> = schemes.facts.iter().map(|fact| fact.is).collect();
        let said = format!(
            "an Upload by {scheme} is answered with {}, and {} names {}",
            self.code,
            its_document(self.profile, first.at),
            listed.join(", ")
        );
        self.add(&SCHEME, said, Severity::Warning, findings);
    }

    fn add(&self, rule: &'static Rule, said: String, most: Severity, findings: &mut Findings) {
        let draft = self.exchange.breaks(rule).because(said).at_most(most);
        let draft = draft.foretold_by(self.profile.document);
        findings.add(draft.blame(Blame::Acs));
    }
}

/// What a standard FileType holds; `None` for a vendor's and for what is none.
fn kind_of(name: &str, download: bool) -> Option<FileKind> {
    let (_, words) = name.split_once(' ')?;
    let words = words.trim_end_matches(|last: char| last.is_ascii_digit() || last == ' ');
    match words {
        "Firmware Upgrade Image" if download => Some(FileKind::Firmware),
        "Web Content" if download => Some(FileKind::WebContent),
        "Tone File" if download => Some(FileKind::Tone),
        "Ringer File" if download => Some(FileKind::Ringer),
        "Vendor Configuration File" => Some(FileKind::Configuration),
        "Vendor Log File" if !download => Some(FileKind::Log),
        _ => None,
    }
}

const SCHEME_MAX: usize = 16;
