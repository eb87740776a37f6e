//! How DHCP's options are written: identities in option 125 (17), the ACS in option 43, the announcement in option 60 (16).

use dhcp::v4::VendorForm;
use dhcp::{Discovery, Identity, Text};

use super::heard::{Heard, Kind};
use crate::conformance::rule::{CPE, a3, cite};
use crate::conformance::{Draft, Findings, Rule, Scope};
use crate::session::{Blame, Severity};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &INCOMPLETE,
    &NUL,
    &SYNTAX,
    &TWICE,
    &OUI,
    &TOO_LONG,
    &ANNOUNCEMENT,
    &DISCOVERY,
    &CODE_SPACES,
    &OTHERS,
];

const PEERS: &[Blame] = &[Blame::Cpe, Blame::Gateway];

const INCOMPLETE: Rule = Rule {
    blame: CPE,
    cites: &[a3("F.2.5"), cite("TR-111", "1.2.5 table 1")],
    demands: "A device that names itself in option 125 sends ManufacturerOUI and SerialNumber, sub-options 1 and 2.",
    why: "The gateway puts what it hears into its table of managed devices, and the ACS looks the phone up by OUI and serial number. With \
          one of them missing no row fits, and the ACS does not know behind which gateway the phone stands.",
    mend_cpe: "Send both, and sub-option 3 too where DeviceInfo has a ProductClass.",
    bad: "option 125, 3561: 1 = 001122",
    good: "option 125, 3561: 1 = 001122, 2 = S1, 3 = Phone",
    related: &["DHCP-010"],
    wireshark: "dhcp.option.type == 125",
    ..Rule::must("DHCP-002", "dhcp-identity-incomplete", Scope::Message)
};

const NUL: Rule = Rule {
    blame: PEERS,
    cites: &[a3("F.2.5"), cite("TR-111", "1.2.5")],
    demands: "The strings of sub-options 1 to 6 have no NUL at their end.",
    why: "C code that copies a string with its terminator puts the NUL into the other side's data model: the serial number there never \
          equals the one in the Inform, though both look the same on a screen.",
    mend_cpe: "Send as many bytes as the string has characters.",
    mend_acs: "On the gateway: send as many bytes as the string has characters.",
    bad: "sub-option 2, length 3: 53 31 00",
    good: "sub-option 2, length 2: 53 31",
    related: &["DHCP-028"],
    wireshark: "dhcp.option.type == 125",
    ..Rule::must("DHCP-005", "dhcp-identity-ends-in-nul", Scope::Message)
};

const SYNTAX: Rule = Rule {
    blame: PEERS,
    severity: Some(Severity::Warning),
    cites: &[cite("RFC 3925", "4")],
    demands: "Option 125 is a sequence of enterprise number, data length and sub-options with code and length, which fill one another exactly.",
    why: "A length that is off by one moves every byte behind it: the other side reads a serial number that begins with its length, or \
          drops the option.",
    mend_cpe: "Count the data length behind the enterprise number: code, length and value of each sub-option.",
    mend_acs: "On the gateway: count the data length as code, length and value of each sub-option.",
    bad: "7d 11  00 00 0d e9 0d  01 06 ... 02 02 ...       13 in place of 12",
    good: "7d 11  00 00 0d e9 0c  01 06 ... 02 02 ...",
    related: &["DHCP-019"],
    wireshark: "dhcp.option.type == 125 && _ws.malformed",
    ..Rule::heuristic("DHCP-006", "dhcp-option-125-syntax", Scope::Message)
};

const TWICE: Rule = Rule {
    blame: PEERS,
    cites: &[cite("RFC 3925", "4"), cite("RFC 3396", "7")],
    demands: "An enterprise number comes once in option 125, however many options the value is split into.",
    why: "What a receiver makes of the second block is not defined: some take the first, some the last, and device and gateway then know \
          each other by different names.",
    mend_cpe: "Put all sub-options of 3561 into one block.",
    mend_acs: "On the gateway: put all sub-options of 3561 into one block.",
    bad: "option 125: 3561 {1 = 001122}, 3561 {2 = S1}",
    good: "option 125: 3561 {1 = 001122, 2 = S1}",
    related: &["DHCP-006"],
    wireshark: "dhcp.option.type == 125",
    ..Rule::should("DHCP-007", "dhcp-enterprise-twice", Scope::Message)
};

const OUI: Rule = Rule {
    blame: PEERS,
    cites: &[cite("TR-111", "1.2.5 table 2"), a3("F.2.5")],
    demands: "ManufacturerOUI is six hexadecimal digits in upper case.",
    why: "It is compared as a string. `00d09e` here and `00D09E` in the Inform are two manufacturers to the ACS, and three bytes in binary \
          are none at all.",
    mend_cpe: "Write the OUI as in DeviceInfo.ManufacturerOUI: six characters 0-9 and A-F.",
    mend_acs: "On the gateway: write the OUI as in DeviceInfo.ManufacturerOUI: six characters 0-9 and A-F.",
    bad: "sub-option 1: \"00d09e\"",
    good: "sub-option 1: \"00D09E\"",
    related: &["DHCP-010", "DHCP-022"],
    wireshark: "dhcp.option.type == 125",
    ..Rule::must("DHCP-008", "dhcp-oui-spelling", Scope::Message)
};

const TOO_LONG: Rule = Rule {
    blame: PEERS,
    cites: &[cite("TR-111", "1.2.5 table 2")],
    demands: "SerialNumber and ProductClass have 64 characters at most.",
    why: "The parameters that they are copied into have no more room: the gateway cuts the value, and it equals the device's no longer.",
    mend_cpe: "Send the value of DeviceInfo, which has 64 characters at most.",
    mend_acs: "On the gateway: send the value of DeviceInfo, which has 64 characters at most.",
    bad: "sub-option 2: 80 characters",
    good: "sub-option 2: \"0004135E6F41\"",
    related: &["DHCP-010"],
    wireshark: "dhcp.option.type == 125",
    ..Rule::must("DHCP-009", "dhcp-identity-too-long", Scope::Message)
};

const ANNOUNCEMENT: Rule = Rule {
    blame: CPE,
    severity: Some(Severity::Warning),
    cites: &[a3("3.1")],
    demands: "A client announces TR-069 by `dslforum.org` in lower case, anywhere in option 60 (option 16 of DHCPv6).",
    why: "DHCP servers choose what goes into option 43 by comparing this text. `DSLForum.org` matches no rule, the phone gets no ACS URL, \
          and it waits without a configuration while the DHCP log says `lease granted`.",
    mend_cpe: "Write dslforum.org in lower case.",
    bad: "option 60: DSLForum.org",
    good: "option 60: dslforum.org",
    related: &["DHCP-021"],
    wireshark: "lower(dhcp.option.vendor_class_id) contains \"dslforum.org\" && !(dhcp.option.vendor_class_id contains \"dslforum.org\")",
    ..Rule::heuristic("DHCP-020", "dhcp-announcement-spelling", Scope::Message)
};

const DISCOVERY: Rule = Rule {
    blame: &[Blame::DhcpServer],
    cites: &[a3("3.1 table 2")],
    demands: "Option 43 for a client of TR-069 holds sub-options: 1 the ACS's absolute URL, 2 the provisioning code, 3 and 4 the retry \
              interval and its multiplier in digits, none of them with a NUL at its end.",
    why: "A URL without its sub-option, or without `http://`, is taken by one make of phone and ignored by the next, so that a DHCP server \
          that worked for years leaves new phones without an ACS. A binary interval becomes nonsense in a parameter of digits.",
    mend_acs: "On the DHCP server: encode option 43 as code, length, value, with values as text.",
    bad: "option 43: \"http://acs.example.org/\"",
    good: "option 43: 01 17 \"http://acs.example.org/\"",
    related: &["DHCP-020", "DHCP-022", "DHCP-028"],
    wireshark: "dhcp.option.type == 43",
    ..Rule::must("DHCP-021", "dhcp-acs-discovery-form", Scope::Message)
};

const CODE_SPACES: Rule = Rule {
    cites: &[a3("3.1"), a3("F.2.5")],
    demands: "Option 43 and option 125 have codes of their own: 1 is the ACS's URL in the one, ManufacturerOUI in the other.",
    why: "Held against option 125, every DHCP server that tells the ACS's URL would send a wrong OUI.",
    related: &["DHCP-008", "DHCP-021"],
    ..Rule::guard("DHCP-022", "dhcp-two-code-spaces", &["DHCP-008"])
};

const OTHERS: Rule = Rule {
    cites: &[a3("F.2.5"), cite("TR-111", "1.2.5")],
    demands: "In option 125 the sub-options of enterprise 3561 count; those of others are not touched.",
    why: "Cable modems send CableLabs' data there, switches their maker's, with codes of their own that mean something else.",
    related: &["DHCP-008"],
    ..Rule::guard(
        "DHCP-024",
        "dhcp-other-enterprises",
        &["DHCP-008", "DHCP-005", "DHCP-009"],
    )
};

/// Looks at one message; `announced` says whether its client announced TR-069.
pub(super) fn look(heard: &Heard<'_>, announced: bool, findings: &mut Findings) {
    let breaks = |rule: &'static Rule| Draft::of_datagram(rule, heard.datagram);
    if heard.kind == Kind::Asks {
        announcement(heard, findings);
    }
    if let Some(specific) = &heard.specific
        && matches!(heard.kind, Kind::Offers | Kind::Grants)
    {
        option_43(heard, specific, announced, findings);
    }
    let Some(forum) = &heard.forum else { return };
    let by = match heard.kind {
        Kind::Asks | Kind::Releases => Blame::Cpe,
        Kind::Offers | Kind::Grants => Blame::Gateway,
        Kind::Other => return,
    };
    let place = || heard.place.clone();
    if heard.misfit && !heard.v6 {
        let said = "the lengths in the block of enterprise 3561 do not fit one another";
        findings.add(breaks(&SYNTAX).blame(by).payload(place()).because(said));
        return;
    }
    if heard.blocks > 1 {
        let said = format!("enterprise 3561 has {} blocks", heard.blocks);
        findings.add(breaks(&TWICE).blame(by).payload(place()).because(said));
    }
    let own = if by == Blame::Cpe {
        &forum.device
    } else {
        &forum.gateway
    };
    if by == Blame::Cpe {
        incomplete(heard, own, findings);
    }
    identity(heard, own, by, findings);
    if heard.v6 && !forum.discovery.is_empty() && by != Blame::Cpe {
        discovery(heard, &forum.discovery, findings);
    }
}

fn incomplete(heard: &Heard<'_>, own: &Identity<'_>, findings: &mut Findings) {
    if own.is_empty() || heard.misfit {
        return;
    }
    let missing: Vec<&str> = [
        (own.manufacturer_oui, "ManufacturerOUI"),
        (own.serial_number, "SerialNumber"),
    ]
    .into_iter()
    .filter(|(text, _)| text.is_none_or(|text| text.value().is_empty()))
    .map(|(_, name)| name)
    .collect();
    if !missing.is_empty() {
        let said = format!(
            "{} names the device without {}",
            heard.name,
            missing.join(" and ")
        );
        let draft = Draft::of_datagram(&INCOMPLETE, heard.datagram).payload(heard.place.clone());
        findings.add(draft.because(said));
    }
}

fn identity(heard: &Heard<'_>, own: &Identity<'_>, by: Blame, findings: &mut Findings) {
    let breaks = |rule: &'static Rule| {
        let draft = Draft::of_datagram(rule, heard.datagram).blame(by);
        draft.payload(heard.place.clone())
    };
    let fields = [
        (own.manufacturer_oui, "ManufacturerOUI"),
        (own.serial_number, "SerialNumber"),
        (own.product_class, "ProductClass"),
    ];
    for (text, name) in fields {
        let Some(text) = text else { continue };
        if text.is_nul_terminated() {
            let said = format!("{name} ends in NUL: {}", shown(text));
            findings.add(breaks(&NUL).because(said));
        }
        let long = text.text().chars().count() > 64;
        if long && name != "ManufacturerOUI" {
            let said = format!("{name} has {} characters", text.text().chars().count());
            findings.add(breaks(&TOO_LONG).because(said));
        }
    }
    if let Some(oui) = own.manufacturer_oui {
        let upper = |byte: &u8| byte.is_ascii_digit() || (b'A'..=b'F').contains(byte);
        if oui.value().len() != 6 || !oui.value().iter().all(upper) {
            let said = format!("ManufacturerOUI is {}", shown(oui));
            findings.add(breaks(&OUI).because(said));
        }
    }
}

fn announcement(heard: &Heard<'_>, findings: &mut Findings) {
    let Some(class) = &heard.class else { return };
    let holds =
        |same: fn(&[u8], &[u8]) -> bool| class.windows(NAME.len()).any(|one| same(one, NAME));
    if !holds(|one, other| one == other) && holds(<[u8]>::eq_ignore_ascii_case) {
        let option = if heard.v6 { 16 } else { 60 };
        let said = format!("option {option} is {}", shown(Text::new(class)));
        let draft = Draft::of_datagram(&ANNOUNCEMENT, heard.datagram);
        findings.add(draft.payload(heard.class_place.clone()).because(said));
    }
}

/// Whether a class announces TR-069, in letters of any case.
pub(super) fn announces(class: &[u8]) -> bool {
    class
        .windows(NAME.len())
        .any(|one| one.eq_ignore_ascii_case(NAME))
}

fn option_43(
    heard: &Heard<'_>,
    specific: &dhcp::v4::VendorSpecific<'_>,
    announced: bool,
    findings: &mut Findings,
) {
    let breaks = || {
        let draft = Draft::of_datagram(&DISCOVERY, heard.datagram);
        draft.payload(heard.specific_place.clone())
    };
    match specific.form {
        // What it holds is meant for the class in option 60, and other classes have other layouts.
        VendorForm::Url if announced => {
            let said = "option 43 is a bare URL, without a sub-option's code and length";
            findings.add(breaks().because(said));
        }
        VendorForm::SubOptions => {
            let url = specific.discovery.acs_url;
            let is_url = url.is_some_and(Text::is_url);
            if let Some(url) = url.filter(|url| announced && !is_url && url.is_printable()) {
                let said = format!("sub-option 1 is {}, no absolute URL", shown(url));
                findings.add(breaks().because(said));
            }
            if is_url {
                discovery(heard, &specific.discovery, findings);
            }
        }
        _ => {}
    }
}

fn discovery(heard: &Heard<'_>, said: &Discovery<'_>, findings: &mut Findings) {
    let breaks = || {
        let draft = Draft::of_datagram(&DISCOVERY, heard.datagram);
        draft.payload(heard.specific_place.clone())
    };
    let texts = [
        (said.acs_url, "the ACS's URL"),
        (said.provisioning_code, "the provisioning code"),
    ];
    for (text, name) in texts {
        if let Some(text) = text.filter(|text| text.is_nul_terminated()) {
            findings.add(breaks().because(format!("{name} ends in NUL: {}", shown(text))));
        }
    }
    let numbers = [
        (
            said.retry_minimum_wait_interval,
            "CWMPRetryMinimumWaitInterval",
        ),
        (
            said.retry_interval_multiplier,
            "CWMPRetryIntervalMultiplier",
        ),
    ];
    for (text, name) in numbers {
        let Some(text) = text else { continue };
        if text.number().is_some() && !text.is_nul_terminated() {
            continue;
        }
        let what = match text.binary_number() {
            Some(number) => format!("{name} is {number} in binary"),
            None => format!("{name} is {}", shown(text)),
        };
        findings.add(breaks().because(what));
    }
}

/// Text of the wire, with NULs to be seen.
fn shown(text: Text<'_>) -> String {
    let raw = text.raw();
    let raw = raw.get(..SHOWN_MAX).unwrap_or(raw);
    format!("\"{}\"", String::from_utf8_lossy(raw).replace('\0', "\\0"))
}

/// TR-069 Amendment 3 section 3.1.
const NAME: &[u8] = b"dslforum.org";
/// Bytes of a value that a message shows.
const SHOWN_MAX: usize = 80;
