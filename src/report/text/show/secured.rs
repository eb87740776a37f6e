//! The TLS that a session was read out of, in lines.

use crate::report::moment;
use crate::report::paint::{Ink, Line, flowed};
use crate::report::{escape, paint::Look};
use crate::session::TlsConnection;
use crate::source::Timestamp;

/// What was agreed, and the certificates of both sides.
pub(super) fn lines(connection: &TlsConnection, look: Look) -> Vec<Line> {
    let mut facts = vec![match (connection.version, connection.suite) {
        (Some(version), Some(suite)) => format!("{version} {suite}"),
        _ => "TLS".to_owned(),
    }];
    if let Some(name) = &connection.server_name {
        facts.push(format!("for {}", escape::text(name)));
    }
    if connection.resumed {
        facts.push("a session resumed".to_owned());
    }
    let server = connection.server_chain.first();
    let client = connection.client_chain.iter().flatten().next();
    for (whose, certificate) in [("acs", server), ("cpe", client)] {
        facts.extend(certificate.map(|certificate| words(whose, certificate)));
    }
    let facts = facts.into_iter().map(|fact| Line::of(Ink::Dim, fact));
    flowed(facts, 0, look)
}

fn words(whose: &str, certificate: &tls::Certificate) -> String {
    let signed = if certificate.is_self_signed {
        "self-signed".to_owned()
    } else {
        format!("issued by {}", escape::text(&certificate.issuer))
    };
    let bits = certificate.key_bits.map(|bits| format!(" {bits} bits"));
    let until = moment::date(Timestamp {
        nanoseconds: certificate.not_after_s.saturating_mul(1_000_000_000),
        digits: 0,
    });
    format!(
        "{whose} certificate {}, {signed}, {}{}, until {until}",
        escape::text(&certificate.subject),
        certificate.key_kind,
        bits.unwrap_or_default(),
    )
}
