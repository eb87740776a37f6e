//! The rules, one folder a family, one file a topic.

mod auth;
mod connection_request;
mod data_model;
mod dhcp;
mod event;
mod fault;
mod field;
mod http;
mod inform;
mod issue_1;
mod notification;
mod operation;
mod profile;
mod rpc;
mod security;
mod session;
mod soap;
mod stun;
mod transfer;
mod udp_request;
mod version;

use super::topic::topics;
use super::{Exchange, Findings, Rule, Seen, Undecidable};

/// Every rule, family by family, topic by topic.
pub(super) const RULES: &[&[&[&Rule]]] = &[
    http::RULES,
    auth::RULES,
    security::RULES,
    session::RULES,
    version::RULES,
    issue_1::RULES,
    soap::RULES,
    fault::RULES,
    inform::RULES,
    event::RULES,
    rpc::RULES,
    operation::RULES,
    transfer::RULES,
    connection_request::RULES,
    stun::RULES,
    udp_request::RULES,
    dhcp::RULES,
    notification::RULES,
    data_model::RULES,
    field::RULES,
    profile::RULES,
];

/// Every row of the catalogue that no traffic decides.
pub(super) const UNDECIDABLE: &[&[Undecidable]] = &[
    http::UNDECIDABLE,
    auth::UNDECIDABLE,
    security::UNDECIDABLE,
    session::UNDECIDABLE,
    version::UNDECIDABLE,
    issue_1::UNDECIDABLE,
    soap::UNDECIDABLE,
    fault::UNDECIDABLE,
    inform::UNDECIDABLE,
    event::UNDECIDABLE,
    rpc::UNDECIDABLE,
    operation::UNDECIDABLE,
    transfer::UNDECIDABLE,
    connection_request::UNDECIDABLE,
    stun::UNDECIDABLE,
    udp_request::UNDECIDABLE,
    dhcp::UNDECIDABLE,
    notification::UNDECIDABLE,
    data_model::UNDECIDABLE,
    field::UNDECIDABLE,
    profile::UNDECIDABLE,
];

/// Shows a message to what keeps nothing.
pub(super) fn message(seen: &Seen<'_>, findings: &mut Findings) {
    for family in MESSAGES {
        for look in *family {
            look(seen, findings);
        }
    }
}

/// Every rule of the entries of lists judges this message, and to its end: the entries of which none of them has noted anything
/// are right.
pub(super) fn judge_entries(seen: &Seen<'_>) -> bool {
    let legible = |document: &cwmp::Document| {
        document.anomalies().is_empty() && document.anomalies_omitted() == 0
    };
    let by_a_side = seen.from() != crate::session::Side::Other;
    seen.is_cwmp()
        && !seen.replay
        && seen.is_whole()
        && by_a_side
        && seen.document().is_some_and(legible)
}

/// Shows a request with its answer to what keeps nothing.
pub(super) fn exchange(exchange: &Exchange<'_>, findings: &mut Findings) {
    for family in EXCHANGES {
        for look in *family {
            look(exchange, findings);
        }
    }
}

/// How much a breach of this rule may matter in a session of Issue 1; `None` where it is no breach at all.
pub(super) fn forgiven_in_issue_1(code: &str) -> Option<crate::session::Severity> {
    issue_1::forgiven(code)
}

/// Looks at one message.
type MessageLook = fn(&Seen<'_>, &mut Findings);
/// Looks at a request with its answer.
type ExchangeLook = fn(&Exchange<'_>, &mut Findings);

const MESSAGES: &[&[MessageLook]] = &[
    http::MESSAGES,
    auth::MESSAGES,
    security::MESSAGES,
    session::MESSAGES,
    version::MESSAGES,
    issue_1::MESSAGES,
    soap::MESSAGES,
    fault::MESSAGES,
    inform::MESSAGES,
    event::MESSAGES,
    rpc::MESSAGES,
    operation::MESSAGES,
    transfer::MESSAGES,
    connection_request::MESSAGES,
    stun::MESSAGES,
    udp_request::MESSAGES,
    dhcp::MESSAGES,
    notification::MESSAGES,
    data_model::MESSAGES,
    field::MESSAGES,
    profile::MESSAGES,
];
const EXCHANGES: &[&[ExchangeLook]] = &[
    http::EXCHANGES,
    auth::EXCHANGES,
    security::EXCHANGES,
    session::EXCHANGES,
    version::EXCHANGES,
    issue_1::EXCHANGES,
    soap::EXCHANGES,
    fault::EXCHANGES,
    inform::EXCHANGES,
    event::EXCHANGES,
    rpc::EXCHANGES,
    operation::EXCHANGES,
    transfer::EXCHANGES,
    connection_request::EXCHANGES,
    stun::EXCHANGES,
    udp_request::EXCHANGES,
    dhcp::EXCHANGES,
    notification::EXCHANGES,
    data_model::EXCHANGES,
    field::EXCHANGES,
    profile::EXCHANGES,
];

topics! {
    /// What all rules remember of one session.
    OfSession {
        http: http::OfSession,
        auth: auth::OfSession,
        security: security::OfSession,
        session: session::OfSession,
        version: version::OfSession,
        issue_1: issue_1::OfSession,
        soap: soap::OfSession,
        fault: fault::OfSession,
        inform: inform::OfSession,
        event: event::OfSession,
        rpc: rpc::OfSession,
        operation: operation::OfSession,
        transfer: transfer::OfSession,
        connection_request: connection_request::OfSession,
        stun: stun::OfSession,
        udp_request: udp_request::OfSession,
        dhcp: dhcp::OfSession,
        notification: notification::OfSession,
        data_model: data_model::OfSession,
        field: field::OfSession,
        profile: profile::OfSession,
    }
}

topics! {
    /// What all rules remember of one device.
    OfDevice {
        http: http::OfDevice,
        auth: auth::OfDevice,
        security: security::OfDevice,
        session: session::OfDevice,
        version: version::OfDevice,
        issue_1: issue_1::OfDevice,
        soap: soap::OfDevice,
        fault: fault::OfDevice,
        inform: inform::OfDevice,
        event: event::OfDevice,
        rpc: rpc::OfDevice,
        operation: operation::OfDevice,
        transfer: transfer::OfDevice,
        connection_request: connection_request::OfDevice,
        stun: stun::OfDevice,
        udp_request: udp_request::OfDevice,
        dhcp: dhcp::OfDevice,
        notification: notification::OfDevice,
        data_model: data_model::OfDevice,
        field: field::OfDevice,
        profile: profile::OfDevice,
    }
}

topics! {
    /// What all rules remember of the capture.
    OfCapture {
        http: http::OfCapture,
        auth: auth::OfCapture,
        security: security::OfCapture,
        session: session::OfCapture,
        version: version::OfCapture,
        issue_1: issue_1::OfCapture,
        soap: soap::OfCapture,
        fault: fault::OfCapture,
        inform: inform::OfCapture,
        event: event::OfCapture,
        rpc: rpc::OfCapture,
        operation: operation::OfCapture,
        transfer: transfer::OfCapture,
        connection_request: connection_request::OfCapture,
        stun: stun::OfCapture,
        udp_request: udp_request::OfCapture,
        dhcp: dhcp::OfCapture,
        notification: notification::OfCapture,
        data_model: data_model::OfCapture,
        field: field::OfCapture,
        profile: profile::OfCapture,
    }
}
