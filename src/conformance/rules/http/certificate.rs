//! The name in the certificate of the ACS (TR-069 Amendment 3 sections 3.3 and 3.4.2). Nothing else of it, and no trust.

use std::net::IpAddr;

use cwmp::schema::Version as Cwmp;
use tls::{AlternativeName, Certificate, Version};

use super::handshake::Handshakes;
use super::intermediary::stays_on_host;
use super::place::Place;
use crate::conformance::rule::{CPE, a3, cite};
use crate::conformance::{Findings, Rule, Scope, Seen, Topic};
use crate::session::{Severity, TlsConnection};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&NAME];

/// The common name is the host.
const NAME: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.3"), a3("3.4.2"), cite("TR-069 Amendment 2", "3.3")],
    demands: "The device goes on with a certificate of the ACS only if its common name is the host of the ACS URL, or of the URL to \
              which it was redirected.",
    why: "A device that does not compare the names takes any certificate that its issuers have signed, and they sign one for everybody \
          who owns some name: whoever answers for the ACS in DNS or on the way provisions the phones. Other devices of the same \
          network do compare, and stay out with the same certificate.",
    mend_cpe: "Compare the common name with the host of the URL, and end the connection where they differ.",
    mend_acs: "Get a certificate whose common name is the host in the URL that devices are given, and have the same name among its \
               subject alternative names.",
    bad: "ManagementServer.URL = https://acs.example.com/\nCertificate: CN=www.example.org\n(the device goes on) POST / HTTP/1.1",
    good: "ManagementServer.URL = https://acs.example.com/\nCertificate: CN=acs.example.com\nPOST / HTTP/1.1",
    related: &["HTTP-039", "FIELD-022", "FIELD-023"],
    wireshark: "tls.handshake.type == 11 && x509sat.uTF8String",
    ..Rule::must("HTTP-046", "certificate-of-acs-host", Scope::Session)
};

/// Looks at the certificate of the ACS.
#[derive(Debug, Default)]
pub(super) struct Name {
    handshakes: Handshakes,
}

impl Topic for Name {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let Some(tls) = self.handshakes.next(seen).filter(|tls| holds(tls, seen)) else {
            return;
        };
        let (Some(host), Some(certificate)) = (host(tls, seen), tls.server_chain.first()) else {
            return;
        };
        let named = certificate.common_names.iter();
        // One in an old character set is not read.
        let unread = certificate.common_names.is_empty() && certificate.subject.contains("CN=");
        if unread || named.clone().any(|name| is_same(name, &host)) {
            return;
        }
        let names: Vec<&str> = named.map(String::as_str).collect();
        let has = match names.as_slice() {
            [] => "has no common name".to_owned(),
            [first, ..] => format!("has the common name {}", cut(first)),
        };
        let said = format!("the certificate {has}, and the host of the ACS URL is {host}");
        let draft = seen.breaks(&NAME).header("Host");
        let draft = draft.shown_in(tls.server_chain_frame.as_slice());
        let severity = if stays_on_host(seen.message) {
            Severity::Info
        } else if is_for(certificate, &host) {
            Severity::Warning
        } else {
            Severity::Error
        };
        findings.add(draft.at_most(severity).because(said));
    }
}

/// Amendment 3 asks for it with TLS 1.2, the amendments before with any version; Issue 1 does not. In TLS 1.3, which none of
/// them knows, later words count.
fn holds(tls: &TlsConnection, seen: &Seen<'_>) -> bool {
    let since = match seen.session.and_then(|session| session.version) {
        Some(version) if version < Cwmp::V1_2 => Version::SSL3,
        _ => Version::TLS12,
    };
    let version = tls.version;
    !seen.is_issue_1()
        && version.is_some_and(|version| version >= since && version <= Version::TLS12)
}

/// The host that the device means, where it is a name and all that tells it agrees.
fn host(tls: &TlsConnection, seen: &Seen<'_>) -> Option<String> {
    let host = Place::of_request(seen.message)?.host;
    let host = host.trim_end_matches('.');
    let asked = tls.server_name.as_deref();
    let is_name = host.parse::<IpAddr>().is_err();
    let agrees = asked.is_none_or(|asked| is_same(asked, host));
    (is_name && agrees).then(|| host.to_owned())
}

/// The certificate is for this host by the rules of later days (RFC 6125): an alternative name, or one with `*`.
fn is_for(certificate: &Certificate, host: &str) -> bool {
    let alternative = certificate.alternative_names.iter();
    let alternative = alternative.filter_map(|name| match name {
        AlternativeName::Dns(name) => Some(name),
        _ => None,
    });
    let mut names = alternative.chain(&certificate.common_names);
    names.any(|name| is_same(name, host) || covers(name, host))
}

fn covers(pattern: &str, host: &str) -> bool {
    let parent = pattern.strip_prefix("*.");
    parent.is_some_and(|parent| {
        let own = host.split_once('.');
        own.is_some_and(|(_, own)| is_same(parent, own))
    })
}

fn is_same(one: &str, other: &str) -> bool {
    let one = one.trim().trim_end_matches('.');
    one.eq_ignore_ascii_case(other.trim_end_matches('.'))
}

/// As much of a name as is shown.
fn cut(name: &str) -> String {
    name.chars().take(NAME_CHARS_MAX).collect()
}

/// Characters shown of a common name; X.520 has 64.
const NAME_CHARS_MAX: usize = 64;
