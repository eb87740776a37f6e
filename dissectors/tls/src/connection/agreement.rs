//! What both sides said up to the point where encryption begins, and the master secret that follows from it.

use crate::hello::{ClientHello, ServerHello};
use crate::keys::Agreed;
use crate::octets::Octets;
use crate::secrets::{Resumable, padded, ticket_key};
use crate::{Certificate, Help, Keys, Label, Limits, Reason, Source, Suite, Version};

/// What was said of one handshake.
#[derive(Debug, Default)]
pub(super) struct Agreement {
    pub(super) client_hello: Option<Box<ClientHello>>,
    pub(super) server_hello: Option<Box<ServerHello>>,
    /// The server asked for another hello.
    pub(super) is_retried: bool,
    /// Keys are exchanged: nothing is resumed.
    pub(super) is_full: bool,
    /// TLS 1.3: data before the server's answer is taken, or refused.
    pub(super) takes_early_data: Option<bool>,
    /// The server has switched to its new keys.
    pub(super) server_switched: bool,
    /// The server's own certificate.
    pub(super) certificate: Option<Certificate>,
    /// The body of ClientKeyExchange.
    key_exchange: Option<Vec<u8>>,
    /// Where the new ticket is kept under.
    ticket: Option<[u8; 32]>,
    transcript: Transcript,
    master: Option<Master>,
}

/// The messages up to ClientKeyExchange, for the extended master secret (RFC 7627 section 3).
///
/// By side, for the order in which they were captured may differ.
#[derive(Debug, Default)]
struct Transcript {
    client_hello: Vec<u8>,
    server: Vec<u8>,
    client: Vec<u8>,
    server_done: bool,
    is_broken: bool,
}

struct Master {
    bytes: Vec<u8>,
    source: Source,
}

impl std::fmt::Debug for Master {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.source.fmt(formatter)
    }
}

/// Why there is no secret, and whether that may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// The other direction has more to say.
    Other(Reason),
    /// The key log has no line yet.
    Secret(Reason),
    Never(Reason),
}

impl Agreement {
    pub(super) fn begin(&mut self, hello: ClientHello, message: &[u8], limits: &Limits) {
        self.transcript = Transcript::default();
        self.client_hello = Some(Box::new(hello));
        self.keep(limits, message, |transcript| &mut transcript.client_hello);
    }

    pub(super) fn client_random(&self) -> Option<[u8; 32]> {
        self.client_hello.as_ref().map(|hello| hello.random)
    }

    pub(super) fn is_ssl2_form(&self) -> bool {
        self.client_hello
            .as_ref()
            .is_some_and(|hello| hello.is_ssl2_form)
    }

    pub(super) fn version(&self) -> Option<Version> {
        self.server_hello.as_ref().map(|hello| hello.version)
    }

    pub(super) fn version_and_suite(&self) -> Option<(Version, Suite)> {
        self.server_hello
            .as_ref()
            .map(|hello| (hello.version, hello.suite))
    }

    pub(super) fn is_tls13(&self) -> bool {
        self.version().is_some_and(Version::is_tls13)
    }

    /// The version that stands in records from here on.
    pub(super) fn record_version(&self) -> Option<u16> {
        self.version().map(|version| {
            if version.is_tls13() {
                Version::TLS12.0
            } else {
                version.0
            }
        })
    }

    /// Notes a message, behind the hello of the client, for the hash that may be needed.
    pub(super) fn note(&mut self, is_client: bool, kind: u8, message: &[u8], limits: &Limits) {
        let wanted = self.server_hello.as_ref().is_some_and(|hello| {
            hello.extended_master_secret && hello.suite.is_rsa() && !hello.version.is_tls13()
        });
        // HelloRequest is no part of it (RFC 5246 section 7.4.1.1).
        if !wanted || kind == 0 {
            return;
        }
        if is_client && self.key_exchange.is_none() {
            self.keep(limits, message, |transcript| &mut transcript.client);
        } else if !is_client && !self.transcript.server_done {
            self.keep(limits, message, |transcript| &mut transcript.server);
            self.transcript.server_done = kind == 14;
        }
    }

    fn keep(&mut self, limits: &Limits, message: &[u8], part: fn(&mut Transcript) -> &mut Vec<u8>) {
        if self.held_bytes() + message.len() > limits.handshake_bytes_max {
            self.lose_transcript();
        } else if !self.transcript.is_broken {
            part(&mut self.transcript).extend_from_slice(message);
        }
    }

    /// A message is missing.
    pub(super) fn lose_transcript(&mut self) {
        self.transcript = Transcript {
            is_broken: true,
            ..Transcript::default()
        };
    }

    pub(super) fn held_bytes(&self) -> usize {
        let transcript = &self.transcript;
        transcript.client_hello.len() + transcript.server.len() + transcript.client.len()
    }

    pub(super) fn exchange_keys(&mut self, body: &[u8]) {
        self.is_full = true;
        self.key_exchange = Some(body.get(..KEY_EXCHANGE_BYTES_MAX).unwrap_or(body).to_vec());
    }

    /// The server gives a ticket: it resumes this session.
    pub(super) fn give_ticket(&mut self, ticket: &[u8], keys: &mut Keys<'_>) {
        self.ticket = (!ticket.is_empty()).then(|| ticket_key(ticket));
        self.remember(keys);
    }

    /// Keeps the master secret under what will resume it.
    fn remember(&self, keys: &mut Keys<'_>) {
        let (Some(master), Some(hello)) = (&self.master, &self.server_hello) else {
            return;
        };
        let session = Resumable {
            master: master.bytes.clone(),
        };
        if !hello.session_id.is_empty() {
            keys.sessions
                .insert(ticket_key(&hello.session_id), session.clone());
        }
        if let Some(ticket) = self.ticket {
            keys.sessions.insert(ticket, session);
        }
    }

    /// What keys are derived from beside the master secret, if records of it can be opened here.
    pub(super) fn agreed(&self) -> Result<Agreed, Missing> {
        let incomplete = |message| Missing::Other(Reason::HandshakeIncomplete { message });
        let client = self
            .client_hello
            .as_ref()
            .ok_or(incomplete("ClientHello"))?;
        let server = self
            .server_hello
            .as_ref()
            .ok_or(incomplete("ServerHello"))?;
        if !(Version::TLS10..=Version::TLS12).contains(&server.version) {
            return Err(Missing::Never(Reason::VersionUnsupported(server.version)));
        }
        if server.compression != 0 {
            return Err(Missing::Never(Reason::Compressed(server.compression)));
        }
        if server.suite.protection().is_none() {
            return Err(Missing::Never(Reason::SuiteUnsupported(server.suite)));
        }
        Ok(Agreed {
            version: server.version,
            suite: server.suite,
            client_random: client.random,
            server_random: server.random,
            encrypt_then_mac: server.encrypt_then_mac,
        })
    }

    /// The master secret, as one of the sides needs it now.
    pub(super) fn master(
        &mut self,
        for_client: bool,
        keys: &mut Keys<'_>,
    ) -> Result<(Agreed, &[u8], Source), Missing> {
        let agreed = self.agreed()?;
        if self.master.is_none() {
            let (bytes, source) = self.find_master(&agreed, for_client, keys)?;
            self.master = Some(Master { bytes, source });
            self.remember(keys);
        }
        let reason = Reason::HandshakeIncomplete {
            message: "ClientKeyExchange",
        };
        let master = self.master.as_ref().ok_or(Missing::Never(reason))?;
        Ok((agreed, &master.bytes, master.source))
    }

    fn find_master(
        &self,
        agreed: &Agreed,
        for_client: bool,
        keys: &Keys<'_>,
    ) -> Result<(Vec<u8>, Source), Missing> {
        let random = &agreed.client_random;
        if let Some(master) = keys.log.secret(Label::ClientRandom, random) {
            return Ok((master.bytes().to_vec(), Source::KeyLog));
        }
        if !self.is_full {
            if for_client && !self.server_switched {
                let message = "ClientKeyExchange";
                return Err(Missing::Other(Reason::HandshakeIncomplete { message }));
            }
            return self
                .resumed(keys)
                .ok_or(Missing::Secret(Reason::ResumedUnseen {
                    client_random: *random,
                }));
        }
        if let Some(premaster) = keys.log.secret(Label::PremasterClientRandom, random) {
            return Ok((
                self.derive_master(agreed, premaster.bytes())?,
                Source::KeyLog,
            ));
        }
        if !agreed.suite.is_rsa() {
            let key_exchange = agreed.suite.key_exchange();
            return Err(self.no_secret(agreed, Help::KeyLogAlone { key_exchange }));
        }
        self.exchanged_by_rsa(agreed, keys)
    }

    fn no_secret(&self, agreed: &Agreed, help: Help) -> Missing {
        let client_random = agreed.client_random;
        Missing::Secret(Reason::NoSecret {
            client_random,
            help,
        })
    }

    /// The secret of the session that is resumed.
    fn resumed(&self, keys: &Keys<'_>) -> Option<(Vec<u8>, Source)> {
        let client = self.client_hello.as_ref()?;
        let server = self.server_hello.as_ref()?;
        let ticket = client.ticket.as_deref().unwrap_or_default();
        let found = [ticket, &client.session_id, &server.session_id]
            .into_iter()
            .filter(|name| !name.is_empty())
            .find_map(|name| keys.sessions.find(&ticket_key(name)));
        if let Some(session) = found {
            return Some((session.master.clone(), Source::Session));
        }
        let logged = keys
            .log
            .secret(Label::Session, &padded(&server.session_id))?;
        Some((logged.bytes().to_vec(), Source::KeyLog))
    }

    /// The premaster secret out of ClientKeyExchange (RFC 5246 section 7.4.7.1).
    fn exchanged_by_rsa(
        &self,
        agreed: &Agreed,
        keys: &Keys<'_>,
    ) -> Result<(Vec<u8>, Source), Missing> {
        let message = "ClientKeyExchange";
        let incomplete = Missing::Other(Reason::HandshakeIncomplete { message });
        let body = self.key_exchange.as_deref().ok_or(incomplete)?;
        let enciphered = Octets::new(body).counted(2).ok_or(incomplete)?.rest();
        let name = padded(enciphered.get(..8).unwrap_or_default());
        if let Some(premaster) = keys.log.secret(Label::Rsa, &name) {
            return Ok((
                self.derive_master(agreed, premaster.bytes())?,
                Source::KeyLog,
            ));
        }
        if keys.private.is_empty() {
            return Err(self.no_secret(agreed, Help::PrivateKey));
        }
        let fitting = keys.private.iter().filter(|key| {
            self.certificate
                .as_ref()
                .is_none_or(|certificate| key.fits(certificate))
        });
        let mut tried = false;
        for key in fitting {
            tried = true;
            if let Some(premaster) = key
                .open(enciphered)
                .filter(|secret| self.is_premaster(secret))
            {
                return Ok((self.derive_master(agreed, &premaster)?, Source::PrivateKey));
            }
        }
        if tried {
            Err(Missing::Never(Reason::WrongPrivateKey))
        } else {
            Err(self.no_secret(agreed, Help::OtherPrivateKey))
        }
    }

    /// Does it begin with the version the client offered, or, of faulty clients, with the one agreed?
    fn is_premaster(&self, secret: &[u8]) -> bool {
        let mut octets = Octets::new(secret);
        let stands = octets.u16().map(Version);
        let offered = self
            .client_hello
            .as_ref()
            .and_then(|hello| hello.legacy_version);
        secret.len() == 48 && stands.is_some() && (stands == offered || stands == self.version())
    }

    fn derive_master(&self, agreed: &Agreed, premaster: &[u8]) -> Result<Vec<u8>, Missing> {
        let extended = self
            .server_hello
            .as_ref()
            .is_some_and(|hello| hello.extended_master_secret);
        if !extended {
            return Ok(agreed.master(premaster));
        }
        let transcript = &self.transcript;
        let message = "flight up to ClientKeyExchange";
        let incomplete = Reason::HandshakeIncomplete { message };
        if transcript.is_broken || !agreed.suite.is_rsa() {
            return Err(Missing::Never(incomplete));
        }
        if !transcript.server_done {
            return Err(Missing::Other(incomplete));
        }
        let parts = [
            &transcript.client_hello,
            &transcript.server,
            &transcript.client,
        ];
        Ok(agreed.extended_master(premaster, &parts.map(Vec::as_slice)))
    }
}

/// An RSA key of 16384 bits, or a share of a group.
const KEY_EXCHANGE_BYTES_MAX: usize = 4096;
