//! TLS in the document of a replay.

use serde::Serialize;

use crate::session::{Masking, ReplayedTls, TlsFailure};

/// What came of TLS.
#[derive(Debug, Serialize)]
pub(super) struct TlsRecord<'r> {
    version: Option<&'r str>,
    cipher_suite: Option<&'r str>,
    verified: Option<bool>,
    failures: Vec<FailureRecord>,
}

#[derive(Debug, Serialize)]
struct FailureRecord {
    peer: String,
    reason: String,
    count: u32,
}

impl<'r> TlsRecord<'r> {
    pub(super) fn new(tls: &'r ReplayedTls, masking: Masking) -> Self {
        let secured = tls.secured.as_ref();
        let failure = |failure: &TlsFailure| FailureRecord {
            peer: failure.peer.to_string(),
            reason: masking.text(&failure.reason).into_owned(),
            count: failure.count,
        };
        Self {
            version: secured.map(|it| it.version.as_str()),
            cipher_suite: secured.map(|it| it.cipher_suite.as_str()),
            verified: secured.map(|it| it.verified),
            failures: tls.failures.iter().map(failure).collect(),
        }
    }
}
