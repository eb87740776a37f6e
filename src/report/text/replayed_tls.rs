//! TLS on the page of a replay, in words that JUnit has too.

use crate::report::escape;
use crate::report::paint::Ink;
use crate::session::{Masking, Replayed, ReplayedTls, Secured, TlsFailure};

/// A line for the connection that stood, and one for each kind that did not.
pub(in crate::report) fn tls_lines(replayed: &Replayed, masking: Masking) -> Vec<(Ink, String)> {
    let Some(ReplayedTls { secured, failures }) = &replayed.tls else {
        return Vec::new();
    };
    let stood = secured.iter().map(|it| {
        let is_doubtful = replayed.role == "cpe" && !it.verified;
        let ink = if is_doubtful { Ink::Warning } else { Ink::Dim };
        (ink, stood(it, replayed.role))
    });
    let failed = failures.iter().map(|it| (Ink::Fault, failed(it, masking)));
    stood.chain(failed).collect()
}

/// `TLS 1.2  TLS_RSA_WITH_AES_128_CBC_SHA  the ACS's certificate was NOT verified (--tls-insecure)`.
fn stood(secured: &Secured, role: &str) -> String {
    let verified = match (role, secured.verified) {
        ("cpe", true) => "the ACS's certificate was verified",
        ("cpe", false) => "the ACS's certificate was NOT verified (--tls-insecure)",
        (_, true) => "the phone's certificate was verified",
        (_, false) => "no certificate was asked of the phone",
    };
    format!("{}  {}  {verified}", secured.version, secured.cipher_suite)
}

fn failed(failure: &TlsFailure, masking: Masking) -> String {
    let times = match failure.count {
        1 => String::new(),
        count => format!(" ({count} times)"),
    };
    let reason = masking.text(&failure.reason);
    format!("{}{times}: {}", failure.peer, escape::text(&reason))
}
