//! The hellos of client and server: what is offered, and what is picked.

mod extensions;
mod ssl2;

use crate::octets::Octets;
use crate::{AnomalyKind, Limits, Suite, Version};
pub(crate) use extensions::{ALPN, EARLY_DATA, read_alpn, read_extensions};
use extensions::{Extension, extensions};
pub(crate) use ssl2::read_ssl2_hello;

/// What a client offers (RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientHello {
    /// The version field; from TLS 1.3 on [`ClientHello::versions`] counts.
    pub legacy_version: Option<Version>,
    /// The 32 bytes that name the connection in a key log.
    pub random: [u8; 32],
    /// The session to resume, or filling.
    pub session_id: Vec<u8>,
    /// In order of preference.
    pub suites: Vec<Suite>,
    /// 0 is none.
    pub compressions: Vec<u8>,
    /// Types of the extensions, in their order.
    pub extensions: Vec<u16>,
    /// The name of the server, as sent (RFC 6066 section 3).
    pub server_name: Option<Vec<u8>>,
    /// Protocols offered above TLS, as sent (RFC 7301).
    pub alpn: Vec<Vec<u8>>,
    /// Of the extension supported_versions; empty where it is absent.
    pub versions: Vec<Version>,
    /// Named groups.
    pub groups: Vec<u16>,
    /// Signature schemes.
    pub signature_schemes: Vec<u16>,
    /// The ticket to resume with (RFC 5077); empty where one is asked for.
    pub ticket: Option<Vec<u8>>,
    /// RFC 7627
    pub extended_master_secret: bool,
    /// RFC 7366
    pub encrypt_then_mac: bool,
    /// Data before the server's answer follows (RFC 8446 section 4.2.10).
    pub early_data: bool,
    /// A pre-shared key of TLS 1.3 is offered: a session to resume.
    pub pre_shared_key: bool,
    /// In the form of SSLv2.
    pub is_ssl2_form: bool,
}

/// What a server picks (RFC 8446 section 4.1.3, RFC 5246 section 7.4.1.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerHello {
    /// What holds: of supported_versions where it is there.
    pub version: Version,
    /// The version field.
    pub legacy_version: Version,
    /// The 32 bytes of the server's random.
    pub random: [u8; 32],
    /// The session, or what the client sent.
    pub session_id: Vec<u8>,
    /// The cipher suite.
    pub suite: Suite,
    /// 0 is none.
    pub compression: u8,
    /// Types of the extensions, in their order.
    pub extensions: Vec<u16>,
    /// The protocol above TLS; in TLS 1.3 it comes in the encrypted extensions.
    pub alpn: Option<Vec<u8>>,
    /// RFC 7627
    pub extended_master_secret: bool,
    /// RFC 7366
    pub encrypt_then_mac: bool,
    /// A ticket will follow (RFC 5077).
    pub ticket: bool,
    /// The group of the key share.
    pub group: Option<u16>,
    /// Which pre-shared key was taken.
    pub pre_shared_key: Option<u16>,
    /// A HelloRetryRequest: the client is to say hello once more (RFC 8446 section 4.1.4).
    pub is_retry: bool,
}

/// Reads the body of a ClientHello; None if not even its random is there.
pub(crate) fn read_client_hello(
    body: &[u8],
    limits: &Limits,
    odd: &mut Vec<AnomalyKind>,
) -> Option<ClientHello> {
    let mut octets = Octets::new(body);
    let mut hello = ClientHello {
        legacy_version: octets.u16().map(Version),
        random: octets.array()?,
        ..ClientHello::default()
    };
    if client_lists(&mut octets, &mut hello, limits).is_none() {
        odd.push(AnomalyKind::HandshakeTruncated);
        return Some(hello);
    }
    for extension in extensions(&mut octets, limits, odd) {
        hello.extensions.push(extension.kind);
        if hello.read(&extension, limits).is_none() {
            odd.push(AnomalyKind::ExtensionOdd);
        }
    }
    Some(hello)
}

fn client_lists(octets: &mut Octets<'_>, hello: &mut ClientHello, limits: &Limits) -> Option<()> {
    hello.session_id = octets.counted(1)?.rest().to_vec();
    let mut suites = octets.counted(2)?;
    while let (Some(suite), true) = (suites.u16(), hello.suites.len() < limits.list_max) {
        hello.suites.push(Suite(suite));
    }
    hello.compressions = octets.counted(1)?.rest().to_vec();
    Some(())
}

impl ClientHello {
    /// Did the client offer this?
    pub(crate) fn offers(&self, server: &ServerHello, limits: &Limits) -> bool {
        let version = if self.versions.is_empty() {
            self.legacy_version
                .is_none_or(|highest| server.version <= highest)
        } else {
            self.versions.contains(&server.version)
                || (!server.version.is_tls13() && self.legacy_version >= Some(server.version))
        };
        let listed = self.suites.len() < limits.list_max;
        let suite = self.suites.contains(&server.suite) || !listed;
        let compression =
            self.compressions.is_empty() || self.compressions.contains(&server.compression);
        version && suite && compression
    }

    fn read(&mut self, extension: &Extension<'_>, limits: &Limits) -> Option<()> {
        let mut body = extension.body;
        match extension.kind {
            extensions::SERVER_NAME => {
                let mut names = body.counted(2)?;
                if names.u8()? == 0 {
                    self.server_name = Some(names.counted(2)?.rest().to_vec());
                }
            }
            extensions::SUPPORTED_GROUPS => self.groups = numbers(body.counted(2)?, limits),
            extensions::SIGNATURE_ALGORITHMS => {
                self.signature_schemes = numbers(body.counted(2)?, limits);
            }
            ALPN => self.alpn = read_alpn(body, limits)?,
            extensions::SUPPORTED_VERSIONS => {
                let versions = numbers(body.counted(1)?, limits);
                self.versions = versions.into_iter().map(Version).collect();
            }
            extensions::SESSION_TICKET => self.ticket = Some(body.rest().to_vec()),
            extensions::EXTENDED_MASTER_SECRET => self.extended_master_secret = true,
            extensions::ENCRYPT_THEN_MAC => self.encrypt_then_mac = true,
            EARLY_DATA => self.early_data = true,
            extensions::PRE_SHARED_KEY => self.pre_shared_key = true,
            _ => {}
        }
        Some(())
    }
}

/// Reads the body of a ServerHello or HelloRetryRequest; None if the suite is not there.
pub(crate) fn read_server_hello(
    body: &[u8],
    limits: &Limits,
    odd: &mut Vec<AnomalyKind>,
) -> Option<ServerHello> {
    let mut octets = Octets::new(body);
    let legacy_version = Version(octets.u16()?);
    let random: [u8; 32] = octets.array()?;
    // Session and compression were left out in the drafts of TLS 1.3 before the 22nd.
    let is_short = legacy_version.draft().is_some();
    let session_id = if is_short {
        Vec::new()
    } else {
        octets.counted(1)?.rest().to_vec()
    };
    let mut hello = ServerHello {
        version: legacy_version,
        legacy_version,
        random,
        session_id,
        suite: Suite(octets.u16()?),
        compression: if is_short { 0 } else { octets.u8()? },
        extensions: Vec::new(),
        alpn: None,
        extended_master_secret: false,
        encrypt_then_mac: false,
        ticket: false,
        group: None,
        pre_shared_key: None,
        is_retry: random == RETRY_RANDOM,
    };
    for extension in extensions(&mut octets, limits, odd) {
        hello.extensions.push(extension.kind);
        if hello.read(&extension, limits).is_none() {
            odd.push(AnomalyKind::ExtensionOdd);
        }
    }
    Some(hello)
}

impl ServerHello {
    fn read(&mut self, extension: &Extension<'_>, limits: &Limits) -> Option<()> {
        let mut body = extension.body;
        match extension.kind {
            ALPN => self.alpn = read_alpn(body, limits)?.into_iter().next(),
            extensions::SUPPORTED_VERSIONS => self.version = Version(body.u16()?),
            extensions::SESSION_TICKET => self.ticket = true,
            extensions::EXTENDED_MASTER_SECRET => self.extended_master_secret = true,
            extensions::ENCRYPT_THEN_MAC => self.encrypt_then_mac = true,
            extensions::KEY_SHARE => self.group = Some(body.u16()?),
            extensions::PRE_SHARED_KEY => self.pre_shared_key = Some(body.u16()?),
            _ => {}
        }
        Some(())
    }
}

fn numbers(mut list: Octets<'_>, limits: &Limits) -> Vec<u16> {
    std::iter::from_fn(|| list.u16())
        .take(limits.list_max)
        .collect()
}

/// SHA-256 of "HelloRetryRequest" (RFC 8446 section 4.1.3).
const RETRY_RANDOM: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];
