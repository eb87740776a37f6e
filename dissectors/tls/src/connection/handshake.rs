//! Handshake messages: what each of them tells and changes.

use super::messages::Next;
use super::side::Phase;
use super::{Connection, Context};
use crate::hello::{
    ALPN, ClientHello, EARLY_DATA, read_alpn, read_client_hello, read_extensions, read_server_hello,
};
use crate::octets::Octets;
use crate::{AnomalyKind, Certificate, Direction, Fact};

impl Connection {
    /// Takes the content of a handshake record.
    pub(super) fn on_handshake(
        &mut self,
        direction: Direction,
        offset: u64,
        content: &[u8],
        context: &mut Context<'_, '_>,
    ) {
        let bytes_max = self.limits.handshake_bytes_max;
        self.side_mut(direction).messages.take(content, offset);
        loop {
            match self.side_mut(direction).messages.next(bytes_max) {
                Next::More => break,
                Next::Message { offset, bytes } => {
                    self.on_message(direction, offset, &bytes, context);
                }
                Next::TooLong { offset } => {
                    context.anomaly(AnomalyKind::HandshakeTooLong, direction, offset);
                    self.agreement.lose_transcript();
                }
            }
        }
    }

    fn on_message(
        &mut self,
        direction: Direction,
        offset: u64,
        message: &[u8],
        context: &mut Context<'_, '_>,
    ) {
        let (Some(kind), Some(body)) = (message.first().copied(), message.get(4..)) else {
            return;
        };
        let is_client = self.is_client(direction);
        if kind > 2 {
            self.agreement.note(is_client, kind, message, &self.limits);
        }
        match kind {
            1 => self.on_hello_of_client(direction, offset, message, context),
            2 => self.on_hello_of_server(direction, offset, message, context),
            4 => self.on_ticket(direction, offset, body, context),
            5 => self.leave_phase(direction, Phase::Early),
            8 => self.on_encrypted_extensions(direction, offset, body, context),
            11 => self.on_certificates(direction, offset, body, context),
            13 => context.fact(direction, offset, Fact::CertificateRequest),
            12 | 14 if !is_client => self.agreement.is_full = true,
            16 if is_client => self.agreement.exchange_keys(body),
            20 => {
                self.leave_phase(direction, Phase::Handshake);
                context.fact(direction, offset, Fact::Finished);
            }
            24 if self.agreement.is_tls13() => {
                self.update_keys(direction);
                context.fact(direction, offset, Fact::KeyUpdate);
            }
            _ if KNOWN.contains(&kind) => context.fact(direction, offset, Fact::Other(kind)),
            _ => context.anomaly(AnomalyKind::HandshakeUnknown, direction, offset),
        }
    }

    fn on_hello_of_client(
        &mut self,
        direction: Direction,
        offset: u64,
        message: &[u8],
        context: &mut Context<'_, '_>,
    ) {
        let mut odd = Vec::new();
        let body = message.get(4..).unwrap_or_default();
        match read_client_hello(body, &self.limits, &mut odd) {
            Some(hello) => self.on_client_hello(direction, offset, hello, message, context),
            None => odd.push(AnomalyKind::HandshakeTruncated),
        }
        tell(&odd, direction, offset, context);
    }

    /// A client says hello, for the first time, once more as the server asked, or to agree anew.
    pub(super) fn on_client_hello(
        &mut self,
        direction: Direction,
        offset: u64,
        hello: ClientHello,
        message: &[u8],
        context: &mut Context<'_, '_>,
    ) {
        let agreement = &self.agreement;
        let is_sealed = self.side(direction).is_sealed;
        let anew = is_sealed && !agreement.is_tls13();
        let first = agreement.client_hello.is_none() || (agreement.is_retried && !is_sealed);
        if self.client.is_some_and(|client| client != direction) || !(first || anew) {
            context.anomaly(AnomalyKind::HelloUnexpected, direction, offset);
            return;
        }
        self.client = Some(direction);
        if anew {
            self.agreement = super::Agreement::default();
        }
        self.agreement.begin(hello.clone(), message, &self.limits);
        context.fact(direction, offset, Fact::ClientHello(Box::new(hello)));
    }

    fn on_hello_of_server(
        &mut self,
        direction: Direction,
        offset: u64,
        message: &[u8],
        context: &mut Context<'_, '_>,
    ) {
        let mut odd = Vec::new();
        let body = message.get(4..).unwrap_or_default();
        let hello = read_server_hello(body, &self.limits, &mut odd);
        tell(&odd, direction, offset, context);
        let Some(hello) = hello else {
            context.anomaly(AnomalyKind::HandshakeTruncated, direction, offset);
            return;
        };
        let repeated =
            self.agreement.server_hello.is_some() || (hello.is_retry && self.agreement.is_retried);
        if self.is_client(direction) || repeated {
            context.anomaly(AnomalyKind::HelloUnexpected, direction, offset);
            return;
        }
        self.client = Some(direction.other());
        let offered = self
            .agreement
            .client_hello
            .as_ref()
            .is_none_or(|client| client.offers(&hello, &self.limits));
        if !offered {
            context.anomaly(AnomalyKind::NotOffered, direction, offset);
        }
        let fact = Box::new(hello.clone());
        if hello.is_retry {
            self.agreement.is_retried = true;
            context.fact(direction, offset, Fact::HelloRetryRequest(fact));
        } else {
            self.agreement.server_hello = Some(Box::new(hello));
            self.agreement.note(false, 2, message, &self.limits);
            context.fact(direction, offset, Fact::ServerHello(fact));
        }
    }

    fn on_ticket(
        &mut self,
        direction: Direction,
        offset: u64,
        body: &[u8],
        context: &mut Context<'_, '_>,
    ) {
        let Some((lifetime_s, ticket)) = read_ticket(body, self.agreement.is_tls13()) else {
            context.anomaly(AnomalyKind::HandshakeTruncated, direction, offset);
            return;
        };
        if !self.agreement.is_tls13() {
            self.agreement.give_ticket(ticket, context.keys);
        }
        let bytes = ticket.len();
        context.fact(direction, offset, Fact::Ticket { lifetime_s, bytes });
    }

    fn on_encrypted_extensions(
        &mut self,
        direction: Direction,
        offset: u64,
        body: &[u8],
        context: &mut Context<'_, '_>,
    ) {
        let mut odd = Vec::new();
        let list = Octets::new(body).counted_or_rest(2).map(|(list, _)| list);
        let list = list.unwrap_or(Octets::new(&[]));
        let extensions = read_extensions(list, &self.limits, &mut odd);
        let found = |kind| extensions.iter().find(|extension| extension.kind == kind);
        let alpn = found(ALPN).and_then(|extension| read_alpn(extension.body, &self.limits));
        let early_data = found(EARLY_DATA).is_some();
        let fact = Fact::EncryptedExtensions {
            alpn: alpn.and_then(|names| names.into_iter().next()),
            early_data,
        };
        self.agreement.takes_early_data = Some(early_data);
        context.fact(direction, offset, fact);
        tell(&odd, direction, offset, context);
    }

    fn on_certificates(
        &mut self,
        direction: Direction,
        offset: u64,
        body: &[u8],
        context: &mut Context<'_, '_>,
    ) {
        let mut octets = Octets::new(body);
        let is_tls13 = self.agreement.is_tls13();
        if is_tls13 {
            octets.counted(1);
        }
        let Some((mut list, whole)) = octets.counted_or_rest(3) else {
            context.anomaly(AnomalyKind::HandshakeTruncated, direction, offset);
            return;
        };
        let mut odd = Vec::new();
        if !whole {
            odd.push(AnomalyKind::HandshakeTruncated);
        }
        let (chain, count) = self.read_chain(&mut list, is_tls13, &mut odd);
        if chain
            .windows(2)
            .any(|pair| matches!(pair, [one, next] if !next.certifies(one)))
        {
            odd.push(AnomalyKind::ChainOutOfOrder);
        }
        if self.client == Some(direction.other()) {
            self.agreement.is_full = true;
            self.agreement.certificate = chain.first().cloned();
        }
        context.fact(direction, offset, Fact::Certificates { chain, count });
        tell(&odd, direction, offset, context);
    }

    fn read_chain(
        &self,
        list: &mut Octets<'_>,
        is_tls13: bool,
        odd: &mut Vec<AnomalyKind>,
    ) -> (Vec<Certificate>, usize) {
        let mut chain = Vec::new();
        let mut count = 0_usize;
        while let Some(der) = list.counted(3) {
            if is_tls13 {
                list.counted(2);
            }
            count += 1;
            if count > self.limits.certificates_max {
                continue;
            }
            match Certificate::read(der.rest()) {
                Some(certificate) => chain.push(certificate),
                None => odd.push(AnomalyKind::CertificateOdd),
            }
        }
        if count > self.limits.certificates_max {
            odd.push(AnomalyKind::ChainTooLong);
        }
        (chain, count)
    }
}

/// Lifetime and ticket (RFC 5077 section 3.3, RFC 8446 section 4.6.1).
fn read_ticket(body: &[u8], is_tls13: bool) -> Option<(u32, &[u8])> {
    let mut octets = Octets::new(body);
    let lifetime_s = u32::from_be_bytes(octets.array()?);
    if is_tls13 {
        octets.take(4)?;
        octets.counted(1)?;
    }
    Some((lifetime_s, octets.counted(2)?.rest()))
}

fn tell(odd: &[AnomalyKind], direction: Direction, offset: u64, context: &mut Context<'_, '_>) {
    for (place, kind) in odd.iter().enumerate() {
        if odd.iter().position(|earlier| earlier == kind) == Some(place) {
            context.anomaly(*kind, direction, offset);
        }
    }
}

/// Types of the register of IANA (TLS HandshakeType), and next_protocol.
const KNOWN: [u8; 15] = [0, 3, 6, 12, 14, 15, 16, 17, 18, 21, 22, 23, 25, 67, 203];
