//! The user name of the device (TR-069 Amendment 3 section 3.4.4).

use cwmp::DeviceId;

use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Findings, Rule, Scope, Seen, Topic};
use crate::session::{Authorization, AuthorizationScheme, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&FORMAT, &FIELDS, &TWO_FIELDS];

/// OUI, product class, serial number.
const FORMAT: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.4")],
    demands: "The user name of the device is OUI-ProductClass-SerialNumber, or OUI-SerialNumber where it has no product class.",
    why: "The name has to be unique among the devices of all makers. One name for a whole model, such as admin, needs one password \
          for all of them, and the ACS cannot tell one phone from another until it has read the Inform.",
    mend_cpe: "Take OUI, ProductClass and SerialNumber of DeviceId as default user name, joined by hyphens.",
    bad: "Authorization: Digest username=\"admin\"",
    good: "Authorization: Digest username=\"012345-Phone-0001\"",
    related: &["AUTH-015", "AUTH-016"],
    wireshark: "http.authorization contains \"username\"",
    ..Rule::should("AUTH-014", "user-name-names-device", Scope::Device)
};

/// The fields are those of DeviceId.
const FIELDS: Rule = Rule {
    blame: CPE,
    versions: "1.0 (Amendment 1) and later",
    cites: &[a3("3.4.4")],
    demands: "In a user name of this format the fields are those of DeviceId, with all but letters, digits and underscore \
              percent-encoded in ProductClass and SerialNumber.",
    why: "The ACS builds the name from the Inform and compares: a hyphen that is not encoded makes two fields of one, the name \
          fits no record, and a device that is known by its Inform cannot log in.",
    mend_cpe: "Percent-encode ProductClass and SerialNumber before joining: a hyphen is %2D.",
    bad: "ProductClass Set-Top-Box\nusername=\"012345-Set-Top-Box-1\"",
    good: "ProductClass Set-Top-Box\nusername=\"012345-Set%2DTop%2DBox-1\"",
    related: &["AUTH-014", "AUTH-016"],
    wireshark: "http.authorization contains \"username\"",
    ..Rule::must("AUTH-015", "user-name-fields-of-device-id", Scope::Session)
};

/// Two fields without a product class.
const TWO_FIELDS: Rule = Rule {
    blame: CPE,
    versions: "1.0 (Amendment 1) and later",
    cites: &[a3("3.4.4")],
    demands: "A user name of this format has two fields if ProductClass is empty, and three if it is not.",
    why: "Serial numbers are unique within a product class alone: without it a phone and a router of one maker with the same \
          number share an account, and the second to log in takes over the first one's record.",
    mend_cpe: "Leave ProductClass out of the name exactly where DeviceId leaves it empty.",
    bad: "ProductClass STB\nusername=\"012345-0001\"",
    good: "ProductClass STB\nusername=\"012345-STB-0001\"",
    related: &["AUTH-014", "AUTH-015"],
    wireshark: "http.authorization contains \"username\"",
    ..Rule::must("AUTH-016", "product-class-in-user-name", Scope::Session)
};

/// Whether the user name of a session has been looked at.
#[derive(Debug, Default)]
pub(super) struct UserName {
    done: bool,
}

impl Topic for UserName {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if self.done || !seen.is_cwmp() || seen.from() != Side::Cpe || !seen.is_request() {
            return;
        }
        let Some(given) = seen.gist.authorization().filter(|_| seen.is_whole()) else {
            return;
        };
        let inform = seen.session.and_then(|session| session.inform.as_ref());
        let inform = inform.filter(|inform| crate::conformance::is_whole(inform));
        let Some(inform) = inform
            .and_then(|inform| inform.soap.as_ref())
            .and_then(cwmp::Document::inform)
        else {
            return;
        };
        let given = Authorization::of(given, seen.message.authorized);
        let (Some(name), true) = (given.user_name, given.scheme != AuthorizationScheme::Other)
        else {
            return;
        };
        self.done = true;
        judge(seen, &name, &inform.device_id(), findings);
    }
}

fn judge(seen: &Seen<'_>, name: &str, id: &DeviceId<'_>, findings: &mut Findings) {
    let (oui, class, serial) = (
        id.oui.trim(),
        id.product_class.trim(),
        id.serial_number.trim(),
    );
    // A hash of the name (RFC 7616) says nothing here.
    let hashed = name.len() >= HASH_DIGITS && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    if oui.is_empty() || serial.is_empty() || hashed {
        return;
    }
    let Some(rest) = behind_oui(name, oui) else {
        let said = told(name, &format!("the device {oui}-{class}-{serial}"));
        let draft = seen.breaks(&FORMAT).header("Authorization");
        findings.add(draft.because(said));
        return;
    };
    if seen.is_issue_1() {
        return;
    }
    let said = match fields(rest, class, serial) {
        Fields::Fit => return,
        Fields::Count(said) => {
            let draft = seen.breaks(&TWO_FIELDS).header("Authorization");
            findings.add(draft.because(said));
            return;
        }
        Fields::Raw => told(name, "and not all that has to be is percent-encoded"),
        Fields::Other => told(name, &format!("the device {oui}-{class}-{serial}")),
    };
    let draft = seen.breaks(&FIELDS).header("Authorization");
    findings.add(draft.because(said));
}

/// What follows the OUI in a name that begins with it.
pub(super) fn behind_oui<'n>(name: &'n str, oui: &str) -> Option<&'n str> {
    let (start, rest) = name.split_at_checked(oui.len())?;
    let begins = !oui.is_empty() && start.eq_ignore_ascii_case(oui);
    rest.strip_prefix('-').filter(|_| begins)
}

fn told(name: &str, what: &str) -> String {
    let name = if name.trim().is_empty() {
        "empty"
    } else {
        name
    };
    format!("the user name is {name}, {what}")
}

/// How the fields behind the OUI relate to DeviceId.
pub(super) enum Fields {
    Fit,
    /// As many as there should not be.
    Count(&'static str),
    /// As in DeviceId, without percent-encoding.
    Raw,
    Other,
}

/// Compares them.
pub(super) fn fields(rest: &str, class: &str, serial: &str) -> Fields {
    let parts: Vec<&str> = rest.split('-').take(PARTS_MAX).collect();
    let means = |part: &str, value: &str| decoded(part) == value.as_bytes();
    let plain = |part: &str| {
        part.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'%'))
    };
    let all_plain = parts.iter().all(|part| plain(part));
    match (parts.as_slice(), class.is_empty()) {
        ([own], true) if means(own, serial) => fit(all_plain),
        ([first, own], false) if means(first, class) && means(own, serial) => fit(all_plain),
        ([own], false) if means(own, serial) => {
            Fields::Count("the user name has two fields, and ProductClass is not empty")
        }
        (["", own], true) if means(own, serial) => {
            Fields::Count("the user name has three fields, and ProductClass is empty")
        }
        (_, true) if rest == serial => Fields::Raw,
        (_, false) if rest == serial => {
            Fields::Count("the user name has two fields, and ProductClass is not empty")
        }
        (_, false)
            if rest
                .strip_prefix(class)
                .and_then(|rest| rest.strip_prefix('-'))
                == Some(serial) =>
        {
            Fields::Raw
        }
        _ => Fields::Other,
    }
}

fn fit(plain: bool) -> Fields {
    if plain { Fields::Fit } else { Fields::Raw }
}

/// With its percent-encoding undone.
fn decoded(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        let digit = |at: usize| char::from(*behind.get(at)?).to_digit(16);
        match (byte, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or(byte));
                rest = behind.get(2..).unwrap_or_default();
            }
            _ => out.push(byte),
        }
    }
    out
}

/// More fields than any name of the format has.
const PARTS_MAX: usize = 8;
/// Hexadecimal digits of the shortest hash.
const HASH_DIGITS: usize = 32;

#[cfg(test)]
mod tests {
    #[test]
    fn an_empty_name_is_said_to_be() {
        let said = |name: &str| super::told(name, "the device A-B-C");
        assert_eq!(said("admin"), "the user name is admin, the device A-B-C");
        assert_eq!(said(""), "the user name is empty, the device A-B-C");
    }
}
