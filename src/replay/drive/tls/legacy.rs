//! TLS 1.0 to 1.3 by the system's OpenSSL, with RSA key exchange, CBC and short keys: what old phones speak.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;

use openssl::dh::Dh;
use openssl::error::ErrorStack;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::ssl::{
    self, ErrorCode, Ssl, SslContext, SslContextBuilder, SslMethod, SslMode, SslOptions,
    SslVerifyMode, SslVersion,
};
use openssl::x509::X509;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::{X509CheckFlags, X509VerifyFlags};
use tokio_openssl::SslStream;

use super::SetupError;
use super::calling::{CallingSetting, roots};
use super::certificate::{Certificates, Identity};
use super::key_log::KeyLog;
use super::listening::ListeningSetting;
use super::modern::MISMATCH;
use super::opening::Watched;
use super::reason::{Doubt, Ends, Trouble};
use super::stream::{Carrier, Stream};
use crate::session::{Secured, Side};

/// All connections of one side.
#[derive(Clone)]
pub(super) struct Context {
    context: SslContext,
    /// Whom the certificate has to be for; nobody where none is verified.
    host: Option<String>,
    /// Told to the other side where it is a name.
    server_name: Option<String>,
}

pub(super) fn listening(setting: &ListeningSetting) -> Result<Context, SetupError> {
    let mut builder = begin(SslMethod::tls_server(), setting.key_log.as_ref()).map_err(library)?;
    identify(&mut builder, &setting.identity)?;
    let dh = Dh::get_2048_256().and_then(|dh| builder.set_tmp_dh(&dh));
    dh.map_err(library)?;
    // Without it no session that was verified is resumed.
    builder
        .set_session_id_context(b"informant")
        .map_err(library)?;
    if let Some(authorities) = &setting.authorities {
        trust(&mut builder, authorities)?;
        let mut names = openssl::stack::Stack::new().map_err(library)?;
        for certificate in authorities.der() {
            let certificate = X509::from_der(certificate).map_err(library)?;
            let name = certificate.subject_name().to_owned().map_err(library)?;
            names.push(name).map_err(library)?;
        }
        builder.set_client_ca_list(names);
        builder.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
    }
    Ok(Context {
        context: builder.build(),
        host: None,
        server_name: None,
    })
}

pub(super) fn calling(setting: &CallingSetting) -> Result<Context, SetupError> {
    let mut builder = begin(SslMethod::tls_client(), setting.key_log.as_ref()).map_err(library)?;
    if let Some(identity) = &setting.identity {
        identify(&mut builder, identity)?;
    }
    if setting.insecure {
        builder.set_verify(SslVerifyMode::NONE);
    } else {
        builder.set_verify(SslVerifyMode::PEER);
        match &setting.authorities {
            Some(authorities) => trust(&mut builder, authorities)?,
            None => trust(&mut builder, &roots()?)?,
        }
    }
    let host = setting.host.clone();
    let is_name = host.parse::<IpAddr>().is_err();
    Ok(Context {
        context: builder.build(),
        host: (!setting.insecure).then(|| host.clone()),
        server_name: is_name.then_some(host),
    })
}

impl Context {
    /// As the side that the other end is not.
    pub(super) async fn handshake(
        &self,
        watched: Watched,
        ends: Ends,
        verified: bool,
    ) -> Result<Stream, Trouble> {
        let ssl = self.to_shake_hands().map_err(|error| other(&error))?;
        let addresses = watched.addresses();
        let stream = SslStream::new(ssl, watched).map_err(|error| other(&error))?;
        let mut stream = Box::pin(stream);
        let done = match ends.other {
            Side::Acs => stream.as_mut().connect().await,
            _ => stream.as_mut().accept().await,
        };
        match done {
            Ok(()) => Ok(stands(stream, addresses, ends, verified)),
            Err(error) => {
                let trouble = trouble(&error, &stream);
                stream.as_mut().get_pin_mut().get_mut().part().await;
                Err(trouble)
            }
        }
    }

    fn to_shake_hands(&self) -> Result<Ssl, ErrorStack> {
        let mut ssl = Ssl::new(&self.context)?;
        if let Some(name) = &self.server_name {
            ssl.set_hostname(name)?;
        }
        if let Some(host) = &self.host {
            let verified = ssl.param_mut();
            verified.set_hostflags(X509CheckFlags::NO_PARTIAL_WILDCARDS);
            match host.parse() {
                Ok(address) => verified.set_ip(address)?,
                Err(_) => verified.set_host(host)?,
            }
        }
        Ok(ssl)
    }
}

/// What both sides have: all that OpenSSL speaks, but for what anybody can read.
fn begin(method: SslMethod, key_log: Option<&KeyLog>) -> Result<SslContextBuilder, ErrorStack> {
    let mut builder = SslContext::builder(method)?;
    builder.set_security_level(0);
    builder.set_min_proto_version(Some(SslVersion::TLS1))?;
    builder.set_max_proto_version(None)?;
    builder.set_cipher_list("ALL:!aNULL:!eNULL:@SECLEVEL=0")?;
    builder.set_options(
        SslOptions::NO_COMPRESSION
            | SslOptions::IGNORE_UNEXPECTED_EOF
            | SslOptions::ALLOW_UNSAFE_LEGACY_RENEGOTIATION,
    );
    builder.set_mode(SslMode::ACCEPT_MOVING_WRITE_BUFFER | SslMode::ENABLE_PARTIAL_WRITE);
    if let Some(key_log) = key_log.cloned() {
        builder.set_keylog_callback(move |_, line| key_log.line(line));
    }
    Ok(builder)
}

fn identify(builder: &mut SslContextBuilder, identity: &Identity) -> Result<(), SetupError> {
    let Identity { chain, key } = identity;
    for (number, certificate) in (1..).zip(chain.der()) {
        let certificate = X509::from_der(certificate)
            .map_err(|error| SetupError::Library(format!("certificate {number}: {error}")))?;
        let taken = match number {
            1 => builder.set_certificate(&certificate),
            _ => builder.add_extra_chain_cert(certificate),
        };
        taken.map_err(library)?;
    }
    let key = PKey::private_key_from_der(key.der().secret_der()).map_err(library)?;
    // It is compared with the certificate at once.
    let fits = builder
        .set_private_key(&key)
        .and_then(|()| builder.check_private_key());
    fits.map_err(|_| SetupError::Library(MISMATCH.to_owned()))
}

fn trust(builder: &mut SslContextBuilder, authorities: &Certificates) -> Result<(), SetupError> {
    let mut store = X509StoreBuilder::new().map_err(library)?;
    // An issuer that is named is trusted, whoever has issued it.
    store
        .set_flags(X509VerifyFlags::PARTIAL_CHAIN)
        .map_err(library)?;
    for certificate in authorities.der() {
        // What a system has and OpenSSL does not read is no issuer of anything.
        if let Ok(certificate) = X509::from_der(certificate) {
            store.add_cert(certificate).map_err(library)?;
        }
    }
    builder.set_cert_store(store.build());
    Ok(())
}

/// A key of RSA as PKCS #8.
pub(super) fn rsa_key() -> Result<Vec<u8>, SetupError> {
    let key = Rsa::generate(RSA_BITS).and_then(PKey::from_rsa);
    key.and_then(|key| key.private_key_to_pkcs8())
        .map_err(library)
}

fn stands(
    stream: Pin<Box<SslStream<Watched>>>,
    addresses: Option<[SocketAddr; 2]>,
    ends: Ends,
    verified: bool,
) -> Stream {
    let ssl = stream.ssl();
    let suite = ssl.current_cipher();
    let secured = Secured {
        version: match ssl.version_str() {
            "TLSv1" => "TLS 1.0".to_owned(),
            other => other.replace("TLSv", "TLS "),
        },
        cipher_suite: suite
            .map(|suite| suite.standard_name().unwrap_or(suite.name()).to_owned())
            .unwrap_or_default(),
        verified,
    };
    Stream::secured_by(Carrier::Legacy(stream, ends), addresses, secured)
}

fn trouble(error: &ssl::Error, stream: &SslStream<Watched>) -> Trouble {
    if let Some(stack) = error.ssl_error() {
        let verified = stream.ssl().verify_result();
        return match of_stack(stack) {
            Trouble::Certificate(_) => {
                Trouble::Certificate(doubt(verified.as_raw(), verified.error_string()))
            }
            trouble => trouble,
        };
    }
    match error.io_error() {
        None => Trouble::Ended,
        Some(_) if error.code() == ErrorCode::ZERO_RETURN => Trouble::Ended,
        Some(error) if error.kind() == io::ErrorKind::UnexpectedEof => Trouble::Ended,
        Some(error) => Trouble::Other(error.to_string()),
    }
}

/// The same of a connection that stood.
pub(super) fn trouble_later(error: &io::Error) -> Trouble {
    let inner = error.get_ref();
    let stack = inner
        .and_then(|inner| inner.downcast_ref::<ssl::Error>())
        .and_then(ssl::Error::ssl_error)
        .or_else(|| inner.and_then(|inner| inner.downcast_ref::<ErrorStack>()));
    stack.map_or_else(|| Trouble::Other(error.to_string()), of_stack)
}

fn of_stack(stack: &ErrorStack) -> Trouble {
    let Some(error) = stack.errors().first() else {
        return Trouble::Ended;
    };
    match error.reason_code() {
        ALERT..=ALERT_LAST => {
            let alert = error.reason_code().saturating_sub(ALERT);
            Trouble::Alert(u8::try_from(alert).unwrap_or_default())
        }
        CERTIFICATE_VERIFY_FAILED => Trouble::Certificate(Doubt::UnknownIssuer),
        PEER_DID_NOT_RETURN_A_CERTIFICATE => Trouble::NoCertificate,
        UNSUPPORTED_PROTOCOL | VERSION_TOO_LOW | WRONG_VERSION_NUMBER | WRONG_SSL_VERSION => {
            Trouble::Version
        }
        NO_SHARED_CIPHER | NO_SUITABLE_SIGNATURE_ALGORITHM => Trouble::NothingInCommon,
        UNEXPECTED_EOF => Trouble::Ended,
        _ => Trouble::Other(
            error
                .reason()
                .unwrap_or("OpenSSL does not say why")
                .to_owned(),
        ),
    }
}

/// By the numbers of `x509_vfy.h`.
fn doubt(number: i32, words: &str) -> Doubt {
    match number {
        2 | 7 | 18..=21 | 24 => Doubt::UnknownIssuer,
        9 => Doubt::NotYetValid,
        10 => Doubt::Expired,
        62..=64 => Doubt::Name(Vec::new()),
        _ => Doubt::Other(words.to_owned()),
    }
}

fn other(error: &ErrorStack) -> Trouble {
    Trouble::Other(error.to_string())
}

fn library(error: ErrorStack) -> SetupError {
    SetupError::Library(format!("OpenSSL: {error}"))
}

const RSA_BITS: u32 = 2048;
/// An alert that came has its number above this one (`sslerr.h`, as all below).
const ALERT: i32 = 1000;
const ALERT_LAST: i32 = ALERT + 255;
const CERTIFICATE_VERIFY_FAILED: i32 = 134;
const NO_SHARED_CIPHER: i32 = 193;
const NO_SUITABLE_SIGNATURE_ALGORITHM: i32 = 118;
const PEER_DID_NOT_RETURN_A_CERTIFICATE: i32 = 199;
const UNSUPPORTED_PROTOCOL: i32 = 258;
const WRONG_SSL_VERSION: i32 = 266;
const WRONG_VERSION_NUMBER: i32 = 267;
const UNEXPECTED_EOF: i32 = 294;
const VERSION_TOO_LOW: i32 = 396;
