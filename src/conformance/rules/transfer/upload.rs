//! Uploads: what holds for a Download holds for them, and over HTTP the file goes by PUT (TR-069 Amendment 3 section A.4.1.5).

use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Rule, Scope};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&BY_PUT, &AS_DOWNLOAD];

/// A file goes up by PUT.
pub(super) const BY_PUT: Rule = Rule {
    blame: CPE,
    cites: &[a3("Table 53")],
    demands: "A file that an Upload asks for goes to an http or https URL by the method PUT.",
    why: "File servers and ACSs take a PUT as the file itself; a POST, often with multipart framing around the file, is answered \
          405 or stored with the boundary lines in it, and the configuration backup cannot be restored later.",
    mend_cpe: "Send `PUT <path of the URL>` with the bare file as the body.",
    bad: "POST /upload/phone.cfg HTTP/1.1\nContent-Type: multipart/form-data; boundary=x\n\n--x ...",
    good: "PUT /upload/phone.cfg HTTP/1.1\nContent-Length: 8211\n\n...",
    related: &["CWMP-UL-004"],
    wireshark: "http.request.method == \"POST\" && mime_multipart",
    ..Rule::must("CWMP-UL-003", "upload-by-put", Scope::Device)
};

/// What holds for Download holds for Upload.
pub(super) const AS_DOWNLOAD: Rule = Rule {
    blame: CPE,
    cites: &[a3("A.4.1.5"), a3("Table 54"), a3("A.3.3.2")],
    demands: "An Upload keeps the rules of a Download: after Status 1 one TransferComplete, after Status 0 none; no transfer within \
              the session where DelaySeconds is above 0, none before its time or more than an hour behind it, none again after a \
              failure was reported, and at least three transfers in the queue.",
    why: "An ACS keeps the Upload open until the TransferComplete: without one a backup job stays at \"pending\" for ever, and one \
          that was not asked for is logged as an unknown transfer or refused.",
    mend_cpe: "Handle Upload by the same queue and the same reports as Download.",
    bad: "<cwmp:UploadResponse><Status>0</Status>...\n<cwmp:TransferComplete><CommandKey>backup-1</CommandKey>...",
    good: "<cwmp:UploadResponse><Status>1</Status>...\n<cwmp:TransferComplete><CommandKey>backup-1</CommandKey>...",
    related: &[
        "CWMP-DL-005",
        "CWMP-DL-006",
        "CWMP-DL-007",
        "CWMP-DL-008",
        "CWMP-DL-009",
        "CWMP-DL-012",
    ],
    wireshark: "xml contains \"cwmp:Upload\" || xml contains \"TransferComplete\"",
    of_absence: true,
    ..Rule::must("CWMP-UL-004", "upload-like-download", Scope::Device)
};
