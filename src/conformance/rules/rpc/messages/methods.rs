//! The methods a side says it supports: GetRPCMethods and its answer.

use cwmp::schema::{self, Version};
use cwmp::{Element, EnvelopeRef};

use crate::conformance::rule::{ACS, BOTH, a3, cite};
use crate::conformance::{Findings, Rule, Scope, Seen};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(in crate::conformance::rules) const RULES: &[&Rule] =
    &[&GRM_SHAPE, &GRM_INFORM, &GRM_VENDOR, &GRM_VOUCHERS];

/// GetRPCMethods has no arguments; its answer lists at least one method.
pub(in crate::conformance::rules) const GRM_SHAPE: Rule = Rule {
    blame: BOTH,
    cites: &[a3("A.3.1.1"), cite("cwmp-1-2.xsd", "MethodList")],
    demands: "GetRPCMethods has no arguments, and MethodList of its answer has at least one member of at most 64 \
          characters.",
    why: "From an empty list an ACS concludes that the device can do nothing, and leaves out every call that \
          it makes depend on the list.",
    mend_cpe: "List every method that is supported.",
    mend_acs: "Send an empty element; list every method that is supported.",
    bad: "<MethodList soapenc:arrayType=\"xsd:string[0]\"/>",
    good: "<MethodList soapenc:arrayType=\"xsd:string[2]\">\n  <string>Inform</string>\n  \
          <string>GetRPCMethods</string>\n</MethodList>",
    wireshark: "xml.tag contains \"GetRPCMethods\"",
    ..Rule::must("CWMP-GRM-001", "method-list-shape", Scope::Message)
};

/// The ACS lists Inform.
const GRM_INFORM: Rule = Rule {
    blame: ACS,
    cites: &[a3("A.3.1.1")],
    demands: "The methods that an ACS lists include Inform.",
    why: "A device that goes by the list has no method left to open a session with; some stop reporting for \
          good.",
    mend_acs: "Add `Inform` to the list.",
    bad: "<MethodList soapenc:arrayType=\"xsd:string[1]\">\n  <string>GetRPCMethods</string>\n</MethodList>",
    good: "<MethodList soapenc:arrayType=\"xsd:string[2]\">\n  <string>Inform</string>\n  \
          <string>GetRPCMethods</string>\n</MethodList>",
    wireshark: "xml.tag contains \"GetRPCMethodsResponse\"",
    ..Rule::must("CWMP-GRM-002", "acs-lists-inform", Scope::Message)
};

/// A vendor's method is named X_VENDOR_Name.
const GRM_VENDOR: Rule = Rule {
    blame: BOTH,
    cites: &[a3("A.3.1.1")],
    demands: "A method of a vendor is named X_, the vendor's OUI or domain in upper case, an underscore, and a \
          name.",
    why: "Two vendors then cannot mean different things by one name, and an ACS finds the right driver by \
          it; a name without the vendor is taken for a standard method of a later version.",
    mend_cpe: "Name the method `X_001122_Do` or `X_ACME-COM_Do`.",
    mend_acs: "Name the method `X_001122_Do` or `X_ACME-COM_Do`.",
    bad: "<string>X_acme_Do</string>",
    good: "<string>X_ACME-COM_Do</string>",
    wireshark: "xml.cdata contains \"X_\"",
    ..Rule::must("CWMP-GRM-004", "vendor-method-name", Scope::Message)
};

/// SetVouchers and GetOptions go together.
const GRM_VOUCHERS: Rule = Rule {
    versions: "1.0 and 1.1",
    cites: &[cite("TR-069 Amendment 2", "3.6")],
    demands: "A device supports both SetVouchers and GetOptions, or neither.",
    why: "An ACS that may set vouchers but not read the options cannot see what a voucher did, and one that \
          may only read has nothing to set.",
    mend_cpe: "List both methods, or neither.",
    bad: "<string>GetOptions</string>",
    good: "<string>GetOptions</string>\n<string>SetVouchers</string>",
    wireshark: "xml.cdata == \"GetOptions\" || xml.cdata == \"SetVouchers\"",
    ..Rule::must(
        "CWMP-GRM-007",
        "vouchers-and-options-together",
        Scope::Message,
    )
};

/// Looks at a list of methods.
pub(super) fn look(
    seen: &Seen<'_>,
    envelope: &EnvelopeRef<'_>,
    message: Element<'_>,
    findings: &mut Findings,
) {
    let Some(list) = message.child("MethodList") else {
        return;
    };
    let listed = |wanted: &str| list.children().any(|method| method.text().trim() == wanted);
    let is_empty = list.children().next().is_none();
    if seen.from() == Side::Acs && !seen.is_issue_1() && !is_empty && !listed("Inform") {
        let draft = seen.breaks_at(&GRM_INFORM, list);
        findings.add(draft.because("the ACS lists methods without Inform"));
    }
    let before_1_2 = matches!(envelope.version_hint(), Some(Version::V1_0 | Version::V1_1));
    let (vouchers, options) = (listed("SetVouchers"), listed("GetOptions"));
    if seen.from() == Side::Cpe && before_1_2 && vouchers != options {
        let (has, lacks) = if vouchers {
            ("SetVouchers", "GetOptions")
        } else {
            ("GetOptions", "SetVouchers")
        };
        let draft = seen.breaks_at(&GRM_VOUCHERS, list);
        findings.add(draft.because(format!("{has} is listed, {lacks} is not")));
    }
    for method in list.children().take(METHODS_MAX) {
        vendor(seen, method, findings);
    }
}

fn vendor(seen: &Seen<'_>, method: Element<'_>, findings: &mut Findings) {
    let name = method.text();
    let name = name.trim();
    let draft = seen.breaks_at(&GRM_VENDOR, method);
    if let Some(rest) = name.strip_prefix("X_") {
        if !is_vendor_name(rest) {
            findings.add(draft.because(format!("{name} does not name its vendor in upper case")));
        }
    } else if !name.is_empty() && schema::method(name).is_none() {
        let draft = draft.at_most(Severity::Info);
        findings.add(draft.because(format!(
            "{name} is neither a method of CWMP nor one of a vendor"
        )));
    }
}

/// `001122_Do` or `ACME-COM_Do`: an OUI or a domain in upper case, an underscore, a name without blanks.
fn is_vendor_name(rest: &str) -> bool {
    let Some((vendor, name)) = rest.split_once('_') else {
        return false;
    };
    let upper =
        |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
    !vendor.is_empty()
        && vendor.bytes().all(upper)
        && !name.is_empty()
        && !name.contains(char::is_whitespace)
}

/// An entity of an AccessList: `Subscriber`, or a vendor's; the prose is wider than the schema.
pub(in crate::conformance::rules) fn is_entity(name: &str) -> bool {
    name == "Subscriber" || name.strip_prefix("X_").is_some_and(is_vendor_name)
}

/// Methods of a list that are looked at; CWMP has 27.
const METHODS_MAX: usize = 256;
