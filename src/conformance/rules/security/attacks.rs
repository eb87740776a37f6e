//! Patterns of known attacks on devices, and signs that one would succeed.

use crate::conformance::rule::cite;
use crate::conformance::{Findings, Rule, Scope, Seen};
use crate::session::{Blame, Role, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&TR_064, &ROM_PAGER];

/// TR-064 from outside.
const TR_064: Rule = Rule {
    blame: &[Blame::Undetermined],
    cites: &[cite("TR-064", "2")],
    demands: "Nobody sends requests of the LAN configuration protocol TR-064 to the port for Connection Requests.",
    why: "Botnets send SetNTPServers with a command in NewNTPServer1 to port 7547 since 2016: a device that answers them on its \
          WAN side runs the command, and loads the rest of the worm.",
    mend_cpe: "Serve nothing but the ConnectionRequestURL on that port, and TR-064 on the LAN side alone.",
    mend_acs: "Let the network pass Connection Requests from the ACS alone.",
    bad: "POST /UD/act?1 HTTP/1.1\nSOAPAction: urn:dslforum-org:service:Time:1#SetNTPServers",
    good: "GET /f81d4fae HTTP/1.1 (a Connection Request)",
    wireshark: "http.request.uri contains \"/UD/act\"",
    ..Rule::heuristic("SEC-002", "tr-064-request", Scope::Message)
};

/// An old RomPager, or headers beyond measure.
const ROM_PAGER: Rule = Rule {
    blame: &[Blame::Cpe, Blame::Undetermined],
    cites: &[cite("CVE-2014-9222", "")],
    demands: "The device's HTTP server is none that is known to fall to a cookie or a long header field.",
    why: "RomPager before 4.34 writes where a cookie named C with a number tells it to (CVE-2014-9222, Misfortune Cookie): whoever \
          reaches the port for Connection Requests owns the device.",
    mend_cpe: "Update the HTTP server; refuse header fields of more than a few kilobytes.",
    mend_acs: "Let the network pass Connection Requests from the ACS alone.",
    bad: "HTTP/1.1 401 Unauthorized\nServer: RomPager/4.07 UPnP/1.0",
    good: "HTTP/1.1 401 Unauthorized",
    wireshark: "http.server contains \"RomPager\" || http.cookie contains \"C107373883\"",
    ..Rule::heuristic("SEC-004", "rom-pager", Scope::Message)
};

/// Looks at whatever is HTTP.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    if seen.message.role == Role::Transfer {
        return;
    }
    if seen.is_request() {
        if seen.message.role != Role::Cwmp {
            lan_protocol(seen, findings);
            number_cookie(seen, findings);
        }
    } else if seen.message.role == Role::ConnectionRequest && seen.from() == Side::Cpe {
        old_server(seen, findings);
    }
    if matches!(seen.message.role, Role::Cwmp | Role::ConnectionRequest) {
        long_header(seen, findings);
    }
}

fn lan_protocol(seen: &Seen<'_>, findings: &mut Findings) {
    let http = &seen.message.http;
    if http.method() != b"POST" {
        return;
    }
    let by_target = http.target().starts_with(b"/UD/act");
    let by_action = http
        .header("SOAPAction")
        .is_some_and(|action| memchr::memmem::find(&action, b"#SetNTPServers").is_some());
    if by_target || by_action {
        let said = format!(
            "a request goes to {}",
            String::from_utf8_lossy(http.target())
        );
        findings.add(seen.breaks(&TR_064).header("").because(said));
    }
}

fn number_cookie(seen: &Seen<'_>, findings: &mut Findings) {
    for value in seen.message.http.header_all("Cookie") {
        for pair in value.split(|byte| *byte == b';').map(<[u8]>::trim_ascii) {
            let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default();
            let digits = name.strip_prefix(b"C").unwrap_or_default();
            if digits.len() >= COOKIE_DIGITS_MIN && digits.iter().all(u8::is_ascii_digit) {
                let draft = seen
                    .breaks(&ROM_PAGER)
                    .header("Cookie")
                    .blame(Blame::Undetermined);
                findings
                    .add(draft.because("a request has a cookie as the attack on RomPager uses it"));
                return;
            }
        }
    }
}

fn old_server(seen: &Seen<'_>, findings: &mut Findings) {
    let Some(server) = seen.message.http.header("Server") else {
        return;
    };
    let server = String::from_utf8_lossy(&server).into_owned();
    let Some((_, behind)) = server.split_once("RomPager/") else {
        return;
    };
    let version = behind.split([' ', ';']).next().unwrap_or_default();
    let mut numbers = version.split('.').map(|number| number.parse::<u32>().ok());
    let (Some(Some(major)), Some(Some(minor))) = (numbers.next(), numbers.next()) else {
        return;
    };
    if (major, minor) < MENDED {
        let draft = seen.breaks(&ROM_PAGER).header("Server").blame(Blame::Cpe);
        findings.add(draft.because(format!("the device's HTTP server is RomPager {version}")));
    }
}

fn long_header(seen: &Seen<'_>, findings: &mut Findings) {
    let view = seen.message.http.view();
    if view.raw().len() <= HEADER_BYTES_MAX {
        return;
    }
    let mut headers = view.headers();
    let Some(long) = headers.find(|header| header.line.len() > HEADER_BYTES_MAX) else {
        return;
    };
    let blame = if seen.from() == Side::Cpe {
        Blame::Cpe
    } else {
        Blame::Undetermined
    };
    let name: String = String::from_utf8_lossy(long.name)
        .chars()
        .take(NAME_CHARS_MAX)
        .collect();
    let said = format!("the header field {name} has {} bytes", long.line.len());
    findings.add(seen.breaks(&ROM_PAGER).blame(blame).because(said));
}

/// The attack's cookies have nine digits, and the field two at the least.
const COOKIE_DIGITS_MIN: usize = 6;
/// The first version without the fault.
const MENDED: (u32, u32) = (4, 34);
/// Bytes that servers take of one header field: 8 KiB is the usual bound.
const HEADER_BYTES_MAX: usize = 8192;
/// Characters shown of a name.
const NAME_CHARS_MAX: usize = 64;
