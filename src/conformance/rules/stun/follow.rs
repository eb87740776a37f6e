//! Takes the requests and answers of one endpoint into account, and shows each request to the rules before. Judges nothing.

use stun::kind::{CHANGED_ADDRESS, CONNECTION_REQUEST_BINDING, MESSAGE_INTEGRITY};
use stun::{Class, Message};

use super::local::{Answer, Local, Transaction};
use super::watch::Asked;
use super::{attributes, change, form, integrity, period, ports};
use crate::conformance::Findings;
use crate::session::Datagram;

/// A request of an endpoint that is a device's.
pub(super) fn request_of(local: &mut Local, asked: &Asked<'_>, findings: &mut Findings) {
    let (message, datagram) = (asked.message, asked.datagram);
    let id = id_of(message);
    let hash = hash_of(message.bytes());
    // A phone may ask another server for its calls, even from this port.
    if !message.is_tr111() && datagram.destination != local.server {
        return;
    }
    form::look(message, datagram, findings);
    attributes::look(message, datagram, asked.known, findings);
    if let Some(at) = local.transactions.iter().position(|one| one.id == id) {
        change::again(local, at, hash, asked, findings);
        local.last_ns = asked.time_ns();
        return;
    }
    let elsewhere = local.server != datagram.destination;
    let discovers = elsewhere && local.changed == Some(datagram.destination);
    if !discovers {
        ports::look(local, asked, findings);
        integrity::look(local, asked, findings);
        change::look(local, asked, findings);
        period::look(local, asked, findings);
    }
    local.requests = local.requests.saturating_add(1);
    local.last_ns = asked.time_ns();
    if elsewhere && !discovers {
        local.server = datagram.destination;
        local.server_since_ns = asked.time_ns();
    }
    if message.has(CONNECTION_REQUEST_BINDING) {
        local.marked_ns = asked.time_ns();
    }
    if local.transactions.len() >= TRANSACTIONS_MAX {
        local.transactions.pop_front();
    }
    local.transactions.push_back(Transaction {
        id,
        hash,
        first_ns: asked.time_ns(),
        last_ns: asked.time_ns(),
        sent: 1,
        changes: message.has_binding_change(),
        sealed: message.has(MESSAGE_INTEGRITY),
        integrity: datagram.verified.integrity.and_then(|one| one.valid),
        modern: message.form == stun::Form::Rfc5389,
        server: datagram.destination,
        answer: None,
        frames: datagram.frames.clone(),
    });
}

/// Takes an answer into account, after rules saw it.
pub(super) fn take_answer(local: &mut Local, at: usize, message: &Message, datagram: &Datagram) {
    let time_ns = datagram.time.nanoseconds;
    local.responses = local.responses.saturating_add(1);
    let server = local.server;
    let Some(transaction) = local.transactions.get_mut(at) else {
        return;
    };
    if message.class() == Class::ErrorResponse {
        let code = message.error_code().map_or(0, |code| code.code());
        transaction.answer.get_or_insert(Answer::Refused);
        if code == 401 {
            local.challenged_ns = Some(time_ns);
            local.challenges = local.challenges.saturating_add(1);
            if !transaction.sealed {
                local.owes.get_or_insert((time_ns, datagram.frames.clone()));
            }
        }
        return;
    }
    transaction.answer = Some(Answer::Granted);
    let Some(mapped) = message.mapped_address() else {
        return;
    };
    // TR-111 has the device discard an answer without the MESSAGE-INTEGRITY that it sent.
    let sealed = transaction.sealed;
    let valid = datagram.verified.integrity.and_then(|one| one.valid) != Some(false);
    if sealed && !(message.has(MESSAGE_INTEGRITY) && valid) {
        local.rejected = Some((mapped, time_ns, datagram.frames.clone()));
        return;
    }
    if datagram.source == server {
        local.changed = message.address(CHANGED_ADDRESS);
        local.map(mapped, time_ns, &datagram.frames);
    }
}

/// It has an attribute of TR-111 with a value that is, or was meant to be, TR-111's.
pub(super) fn speaks_tr111(message: &Message) -> bool {
    let binding = message.attribute(CONNECTION_REQUEST_BINDING);
    let named = binding.is_some_and(|one| {
        let value = message.raw(one);
        value
            .get(..8)
            .is_some_and(|begin| begin.eq_ignore_ascii_case(b"dslforum"))
    });
    named || binding.is_none() && message.has_binding_change()
}

/// The header's transaction id; zeros where the capture cuts it.
pub(super) fn id_of(message: &Message) -> [u8; 16] {
    message.transaction_id().try_into().unwrap_or_default()
}

fn hash_of(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Transactions of one endpoint that may be under way.
const TRANSACTIONS_MAX: usize = 8;
