//! Certificates that devices, or their ACS, will refuse one day.

use tls::Certificate;

use crate::conformance::rule::{ACS, BOTH};
use crate::conformance::rules::http::handshake::Handshakes;
use crate::conformance::rules::http::intermediary::stays_on_host;
use crate::conformance::{Draft, Findings, Rule, Scope, Seen, Topic};
use crate::session::{Blame, Severity, TlsConnection};
use crate::source::FrameId;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&OUT_OF_TIME, &SELF_SIGNED, &WEAK];

const OUT_OF_TIME: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: BOTH,
    demands: "A certificate is shown from the beginning of its validity to its end, and not outside.",
    why: "The phones that answer today do not look at the time, or have none. Those that do stay out, all on one day: they log in no \
          more, nothing can be set on them, and the new certificate cannot be announced over CWMP.",
    mend_cpe: "Renew the certificate of the device before it ends; refuse one of the ACS that is not valid, as soon as the time is known.",
    mend_acs: "Renew the certificate in time and reload the server; watch its end date from outside.",
    bad: "2026-03-02: Certificate: CN=acs.example.com, valid until 2026-02-28",
    good: "2026-03-02: Certificate: CN=acs.example.com, valid until 2026-08-28",
    related: &["FIELD-016", "HTTP-046"],
    wireshark: "tls.handshake.type == 11 && x509af.notAfter",
    ..Rule::heuristic("FIELD-022", "certificate-out-of-time", Scope::Session)
};

const SELF_SIGNED: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: ACS,
    demands: "The certificate of the ACS is issued by an authority that devices know.",
    why: "A phone goes on with a certificate that vouches for itself if it was given that very one, or if it verifies nothing. The \
          first has to be done by hand on every phone, again after each renewal; with the second, anybody on the way can be the ACS.",
    mend_cpe: "Verify the issuer of the ACS's certificate.",
    mend_acs: "Get a certificate from an authority that the phones trust, or install one of your own on them and issue with that.",
    bad: "Certificate: CN=acs.example.com, issued by CN=acs.example.com",
    good: "Certificate: CN=acs.example.com, issued by CN=Example CA",
    related: &["HTTP-046"],
    wireshark: "tls.handshake.type == 11 && x509af.issuer",
    ..Rule::heuristic("FIELD-023", "self-signed-certificate", Scope::Session)
};

const WEAK: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: BOTH,
    demands: "RSA keys have 2048 bits at least, and no certificate is signed with MD5 or SHA-1.",
    why: "Keys of 1024 bits and signatures with MD5 can be forged, with SHA-1 soon. Libraries of today refuse them at their usual \
          level of security (ee key too small, ca md too weak), so that a new firmware, or a new ACS, ends every session at the handshake.",
    mend_cpe: "Give devices certificates with RSA keys of 2048 bits or ECDSA, signed with SHA-256.",
    mend_acs: "Get a certificate with an RSA key of 2048 bits or ECDSA, signed with SHA-256; the same goes for those between it and its root.",
    bad: "Certificate: RSA 1024 bits, sha1WithRSAEncryption",
    good: "Certificate: RSA 2048 bits, sha256WithRSAEncryption",
    related: &["FIELD-024"],
    wireshark: "tls.handshake.type == 11 && x509af.algorithm.id",
    ..Rule::heuristic("FIELD-025", "weak-certificate", Scope::Session)
};

/// Looks at the certificates of both sides.
#[derive(Debug, Default)]
pub struct Certificates {
    handshakes: Handshakes,
}

/// What one side proves itself with.
struct Chain<'a> {
    of: &'static str,
    blame: Blame,
    certificates: &'a [Certificate],
    frame: Option<FrameId>,
}

impl Topic for Certificates {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let Some(tls) = self.handshakes.next(seen) else {
            return;
        };
        for chain in chains(tls) {
            let Some(own) = chain.certificates.first() else {
                continue;
            };
            let mut tell = |rule: &'static Rule, said: String| {
                let of = format!("the certificate of the {}, {}, ", chain.of, name(own));
                findings.add(chain.tell(rule, seen).because(of + &said));
            };
            if let Some(said) = out_of_time(own, seen) {
                tell(&OUT_OF_TIME, said);
            }
            if chain.blame == Blame::Acs && own.is_self_signed {
                tell(&SELF_SIGNED, "is issued by itself".to_owned());
            }
            if let Some(said) = chain.certificates.iter().find_map(|one| weakness(one, own)) {
                tell(&WEAK, said);
            }
        }
    }
}

impl Chain<'_> {
    fn tell(&self, rule: &'static Rule, seen: &Seen<'_>) -> Draft {
        let draft = seen.breaks(rule).blame(self.blame);
        let draft = draft.shown_in(self.frame.as_slice());
        if stays_on_host(seen.message) {
            draft.at_most(Severity::Info)
        } else {
            draft
        }
    }
}

fn chains(tls: &TlsConnection) -> [Chain<'_>; 2] {
    let of_acs = Chain {
        of: "ACS",
        blame: Blame::Acs,
        certificates: &tls.server_chain,
        frame: tls.server_chain_frame,
    };
    let of_cpe = Chain {
        of: "device",
        blame: Blame::Cpe,
        certificates: tls.client_chain.as_deref().unwrap_or_default(),
        frame: tls.client_chain_frame,
    };
    [of_acs, of_cpe]
}

/// By the time of the capture, where it has one.
fn out_of_time(certificate: &Certificate, seen: &Seen<'_>) -> Option<String> {
    let now_s = seen.message.provenance.started.nanoseconds / 1_000_000_000;
    let (from_s, until_s) = (certificate.not_before_s, certificate.not_after_s);
    // A transcript without a time begins in 1970: its clock says nothing; and who writes one need not tell the validity.
    if now_s < YEAR_2000_S || from_s >= until_s {
        return None;
    }
    if now_s > until_s.saturating_add(CLOCKS_DIFFER_S) {
        Some(format!("was valid until {}", day(until_s)))
    } else if now_s < from_s.saturating_sub(CLOCKS_DIFFER_S) {
        Some(format!("is valid from {} on", day(from_s)))
    } else {
        None
    }
}

/// What is weak about one of the certificates of a chain; what its own issuer is may be known to whoever reads it, and nobody
/// verifies its signature.
fn weakness(certificate: &Certificate, own: &Certificate) -> Option<String> {
    let whose = if certificate == own {
        String::new()
    } else {
        format!("comes with that of {}, which ", name(certificate))
    };
    let short = certificate
        .key_bits
        .filter(|bits| certificate.key_kind == "RSA" && *bits < RSA_BITS_MIN);
    if let Some(bits) = short {
        return Some(format!("{whose}has an RSA key of {bits} bits"));
    }
    let algorithm = certificate.signature_algorithm.to_ascii_lowercase();
    let is_broken = BROKEN.iter().any(|broken| algorithm.contains(broken));
    (is_broken && !certificate.is_self_signed)
        .then(|| format!("{whose}is signed with {}", certificate.signature_algorithm))
}

fn name(certificate: &Certificate) -> String {
    certificate.subject.chars().take(NAME_CHARS_MAX).collect()
}

fn day(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(
        |_| "an unknown day".to_owned(),
        |time| time.strftime("%Y-%m-%d").to_string(),
    )
}

/// 2000-01-01T00:00:00Z
const YEAR_2000_S: i64 = 946_684_800;
/// Seconds by which the clock of the capture may be wrong.
const CLOCKS_DIFFER_S: i64 = 3600;
/// Bits of an RSA key, less a few: not every modulus of 2048 bits has its first bit set.
const RSA_BITS_MIN: usize = 2040;
/// Hashes for which another text can be found.
const BROKEN: [&str; 4] = ["md2", "md4", "md5", "sha1"];
/// Characters shown of a name.
const NAME_CHARS_MAX: usize = 96;
