//! What is said beside the scenario: as little as ends a session in peace, or as a plain ACS or CPE would say it.

use cwmp::schema::Version;
use cwmp::{EnvelopeRef, Fault, Kind, Rpc, RpcArg, Style, TypeName};

use super::arrival::Arrival;
use super::speech::Speech;
use crate::replay::scenario::Role;

/// How an unexpected request is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::replay) enum Manner {
    /// With a fault, whatever it asks.
    Fault,
    /// As a plain ACS or CPE that can do nothing much.
    Plain,
}

/// The envelope that answers a request; nothing where it is none.
pub(super) fn answer(role: Role, manner: Manner, arrival: &Arrival) -> Option<Vec<u8>> {
    let rpc = rpc(role, manner, arrival)?;
    Some(cwmp::write(&[rpc], &Style::default()))
}

/// What that envelope says, in the version of the request.
pub(in crate::replay) fn rpc(role: Role, manner: Manner, arrival: &Arrival) -> Option<Rpc> {
    let envelope = arrival.envelope().filter(|it| it.kind() == Kind::Request)?;
    let version = envelope.version_hint().unwrap_or(Version::V1_0);
    let id = arrival.request_ids().into_iter().next().unwrap_or_default();
    let method = envelope.method()?;
    let plain = match manner {
        Manner::Plain => plain(role, method, &envelope),
        Manner::Fault => None,
    };
    Some(match plain {
        Some(args) => Rpc::call(version, &id, &format!("{method}Response"), args),
        None => Rpc::fault(version, &id, not_supported(role)),
    })
}

/// What a plain side answers; nothing where it answers with a fault.
fn plain(role: Role, method: &str, request: &EnvelopeRef<'_>) -> Option<Vec<RpcArg>> {
    match (role, method) {
        (Role::Acs, "Inform") => Some(vec![RpcArg::scalar("MaxEnvelopes", "1")]),
        (
            Role::Acs,
            "TransferComplete"
            | "AutonomousTransferComplete"
            | "DUStateChangeComplete"
            | "AutonomousDUStateChangeComplete"
            | "RequestDownload",
        ) => Some(Vec::new()),
        // What the device proposes is as good a next page as any.
        (Role::Acs, "Kicked") => {
            let next = request.args().named("Next").and_then(|next| next.text());
            let next: String = next
                .iter()
                .flat_map(|it| it.chars())
                .take(NEXT_MAX)
                .collect();
            Some(vec![RpcArg::scalar("NextURL", &next)])
        }
        (Role::Acs, "GetRPCMethods") => Some(methods(&ANSWERED)),
        (Role::Cpe, "GetRPCMethods") => Some(methods(&["GetRPCMethods"])),
        _ => None,
    }
}

fn methods(names: &[&str]) -> Vec<RpcArg> {
    let items = names.iter().map(|name| RpcArg::scalar("string", name));
    let item = TypeName::schema("string");
    vec![RpcArg::array("MethodList", item, items.collect())]
}

/// TR-069 Amendment 3 sections A.5.1 and A.5.2: 9000 of a CPE, 8000 of an ACS.
fn not_supported(role: Role) -> Fault {
    let code = match role {
        Role::Acs => "8000",
        Role::Cpe => "9000",
    };
    Fault {
        soap_code: Some("Server".to_owned()),
        soap_string: Some("CWMP fault".to_owned()),
        code: Some(code.to_owned()),
        string: Some("Method not supported".to_owned()),
        parameters: Vec::new(),
    }
}

/// A response of ours with these lines and this body.
pub(in crate::replay) fn response(status: &str, lines: &str, body: Vec<u8>) -> Speech {
    let mut head = format!("HTTP/1.1 {status}{lines}");
    if !body.is_empty() {
        head.push_str("\nContent-Type: text/xml; charset=\"utf-8\"");
    }
    // RFC 9110 section 8.6: 204 has none.
    if !status.starts_with("204") {
        head.push_str("\nContent-Length: {{http.length}}");
    }
    Speech {
        head,
        body,
        ..Speech::default()
    }
}

/// A POST of ours with this body.
pub(super) fn request(body: Vec<u8>) -> Speech {
    let mut head = "POST {{http.target}} HTTP/1.1\nHost: {{http.host}}".to_owned();
    if !body.is_empty() {
        head.push_str("\nContent-Type: text/xml; charset=\"utf-8\"\nSOAPAction: ");
    }
    head.push_str("\nContent-Length: {{http.length}}");
    Speech {
        head,
        body,
        ..Speech::default()
    }
}

/// What a plain ACS answers without a fault.
const ANSWERED: [&str; 8] = [
    "Inform",
    "GetRPCMethods",
    "TransferComplete",
    "AutonomousTransferComplete",
    "Kicked",
    "RequestDownload",
    "DUStateChangeComplete",
    "AutonomousDUStateChangeComplete",
];
/// Characters of NextURL (TR-069 Amendment 3 Annex A.4.2.1).
const NEXT_MAX: usize = 1024;
