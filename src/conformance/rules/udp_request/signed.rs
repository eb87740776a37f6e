//! Who signed a request: `un` and `sig` against what is known of the account (TR-069 Amendment 3 section G.2.2.3).

use stun::ucr::Name;
use stun::{Signature, SignedText};

use super::asked::{Proof, Told};
use super::form_pages::FORM;
use crate::conformance::rule::ACS;
use crate::conformance::{Findings, Rule, Scope};
use crate::session::Severity;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&DECODED, &USER_NAME, &SIGNATURE];

const DECODED: Rule = Rule {
    blame: ACS,
    cites: FORM,
    demands: "The signature covers the values of ts, id, un and cn as they are before they are encoded for the URI.",
    why: "The text does not say which form is signed. A device that decodes first gets another digest from `phone%207` than the ACS did, \
          and drops the request; names of plain letters and digits work, so that it shows with a few devices only.",
    mend_acs: "Sign the plain values, then encode them; or choose user names and random texts that need no encoding.",
    bad: "un=phone%207, signed: ...phone%207...",
    good: "un=phone%207, signed: ...phone 7...",
    related: &["UCR-006", "UCR-011"],
    wireshark: "udp contains \"GET http\" && udp contains \"sig=\" && udp contains \"%\"",
    ..Rule::heuristic("UCR-007", "udp-request-signed-decoded", Scope::Message)
};

const USER_NAME: Rule = Rule {
    blame: ACS,
    cites: FORM,
    demands: "un is the device's ConnectionRequestUsername.",
    why: "After the user name was changed on the device, or a restore brought an old database back, the ACS sends the name of before: \
          the device ignores every request, and only its next periodic session shows that it is alive.",
    mend_acs: "Take the ConnectionRequestUsername that the device has, and set it anew where it is not certain.",
    bad: "ConnectionRequestUsername is acs-7\n?ts=...&id=...&un=acs&cn=...&sig=...",
    good: "ConnectionRequestUsername is acs-7\n?ts=...&id=...&un=acs-7&cn=...&sig=...",
    related: &["UCR-011", "UCR-019"],
    wireshark: "udp contains \"GET http\" && udp contains \"un=\"",
    ..Rule::must("UCR-010", "udp-request-user-name", Scope::Device)
};

pub(super) const SIGNATURE: Rule = Rule {
    blame: ACS,
    cites: FORM,
    demands: "sig is 40 hexadecimal digits: HMAC-SHA1, keyed with ConnectionRequestPassword, over the values of ts, id, un and cn in this order, without anything between them.",
    why: "The device computes the same and compares. SHA-256, an ampersand between the values, or the password as it reads back (empty) \
          give other digits: every request is dropped, and nothing on the wire says why.",
    mend_acs: "Compute HMAC-SHA1 over ts + id + un + cn with the password that was set on the device, and write 40 digits. Where other \
               devices take its requests, the ACS has another password for this one: set ConnectionRequestPassword anew.",
    bad: "sig=HMAC-SHA256(password, ts + id + un + cn), 64 digits",
    good: "sig=HMAC-SHA1(password, ts + id + un + cn), 40 digits",
    related: &["UCR-007", "UCR-010", "UCR-019"],
    wireshark: "udp contains \"GET http\" && udp contains \"sig=\"",
    ..Rule::must("UCR-011", "udp-request-signature", Scope::Device)
};

/// Looks at a request of which all is known.
pub(super) fn look(told: &Told<'_>, findings: &mut Findings) {
    user_name(told, findings);
    match told.proof() {
        Proof::Right(text) => covered(told, text, findings),
        Proof::Wrong { certain } => wrong(told, certain, findings),
        Proof::Unknown => unknown(told, findings),
    }
}

fn user_name(told: &Told<'_>, findings: &mut Findings) {
    let Some(Err(right)) = told.user_name() else {
        return;
    };
    let un = told.asked.request.value(Name::Username).unwrap_or_default();
    let un = String::from_utf8_lossy(&un);
    let said = match right {
        Some(right) => format!("un is {un}, and ConnectionRequestUsername is {right}"),
        None => format!(
            "un is {un}, which is not the given user name{}",
            doubt(told)
        ),
    };
    // A device that comes may have another name than the one that is given.
    let most = if right.is_none() && is_doubtful(told) {
        Severity::Warning
    } else {
        Severity::Error
    };
    let draft = told.breaks_at(&USER_NAME, Name::Username);
    findings.add(draft.at_most(most).because(said));
}

fn covered(told: &Told<'_>, text: Option<SignedText>, findings: &mut Findings) {
    let said = match text {
        Some(SignedText::Raw) => "the signature covers the values as they stand in the URI",
        Some(SignedText::DecodedPlusKept) => "the signature covers a + where a blank is meant",
        _ => return,
    };
    findings.add(told.breaks_at(&DECODED, Name::Signature).because(said));
}

fn wrong(told: &Told<'_>, certain: bool, findings: &mut Findings) {
    let draft = told.breaks_at(&SIGNATURE, Name::Signature);
    if fits_empty(told) {
        let said = "the signature fits an empty password, as ConnectionRequestPassword reads back";
        findings.add(draft.at_most(Severity::Warning).because(said));
        return;
    }
    if certain {
        let said = "the signature does not fit the known ConnectionRequestPassword";
        findings.add(draft.because(said));
        return;
    }
    // A device that comes may have another password than the one that is given.
    let most = if is_doubtful(told) {
        Severity::Warning
    } else {
        Severity::Error
    };
    let doubt = doubt(told);
    let said = format!("the signature does not fit the given ConnectionRequestPassword{doubt}");
    findings.add(draft.at_most(most).because(said));
}

/// The device came for this one or for one before that the given account does not fit either.
fn is_doubtful(told: &Told<'_>) -> bool {
    told.brought_session() || told.known.doubted
}

fn doubt(told: &Told<'_>) -> &'static str {
    match (told.brought_session(), told.known.doubted) {
        (true, _) => "; but the device comes for it: the account given may not be its own",
        (false, true) => {
            "; but the device came for one before that does not fit either: the account given may not be its own"
        }
        (false, false) => "",
    }
}

fn unknown(told: &Told<'_>, findings: &mut Findings) {
    if told.is_signable() && fits_empty(told) {
        let said = "the signature fits an empty ConnectionRequestPassword";
        let draft = told.breaks_at(&SIGNATURE, Name::Signature);
        findings.add(draft.at_most(Severity::Info).because(said));
    }
}

fn fits_empty(told: &Told<'_>) -> bool {
    matches!(told.asked.request.verify(b""), Signature::Match { .. })
}
