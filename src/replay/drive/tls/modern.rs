//! TLS 1.2 and 1.3 by rustls.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{
    self, CertificateError, ClientConfig, DigitallySignedStruct, OtherError, PeerIncompatible,
    RootCertStore, ServerConfig, SignatureScheme,
};
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

use super::SetupError;
use super::calling::{CallingSetting, roots};
use super::certificate::{Certificates, Identity};
use super::listening::ListeningSetting;
use super::opening::Watched;
use super::reason::{Doubt, Ends, Trouble, USE_LEGACY, version};
use super::speaking::Modern;
use super::stream::{Carrier, Stream};
use crate::session::Secured;

/// Towards one ACS.
#[derive(Clone)]
pub(super) struct Connector {
    connector: TlsConnector,
    name: ServerName<'static>,
}

pub(super) fn listening(setting: &ListeningSetting) -> Result<TlsAcceptor, SetupError> {
    let builder = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(library)?;
    let builder = match &setting.authorities {
        None => builder.with_no_client_auth(),
        Some(authorities) => {
            let roots = Arc::new(store(authorities)?);
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider());
            builder.with_client_cert_verifier(verifier.build().map_err(library)?)
        }
    };
    let Identity { chain, key } = &setting.identity;
    let mut config = builder
        .with_single_cert(chain.der().to_vec(), key.der().clone_key())
        .map_err(|error| unfit(&error))?;
    if let Some(key_log) = &setting.key_log {
        config.key_log = Arc::new(key_log.clone());
    }
    Ok(TlsAcceptor::from(Arc::new(config)))
}

pub(super) fn calling(setting: &CallingSetting) -> Result<Connector, SetupError> {
    let name = ServerName::try_from(setting.host.clone())
        .map_err(|_| SetupError::Host(setting.host.clone()))?;
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(library)?;
    let verifier: Arc<dyn ServerCertVerifier> = if setting.insecure {
        Arc::new(Anybody(provider()))
    } else {
        let authorities = match &setting.authorities {
            Some(authorities) => store(authorities)?,
            None => {
                let mut store = RootCertStore::empty();
                // Some that a system has are too old for any library.
                store.add_parsable_certificates(roots()?.der().iter().cloned());
                store
            }
        };
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(authorities), provider());
        verifier.build().map_err(library)?
    };
    let builder = builder
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match &setting.identity {
        None => builder.with_no_client_auth(),
        Some(Identity { chain, key }) => builder
            .with_client_auth_cert(chain.der().to_vec(), key.der().clone_key())
            .map_err(|error| unfit(&error))?,
    };
    if let Some(key_log) = &setting.key_log {
        config.key_log = Arc::new(key_log.clone());
    }
    let connector = TlsConnector::from(Arc::new(config));
    Ok(Connector { connector, name })
}

impl Modern for TlsAcceptor {
    async fn handshake(
        self,
        watched: Watched,
        ends: Ends,
        verified: bool,
    ) -> Result<Stream, Trouble> {
        let addresses = watched.addresses();
        let done = self.accept(watched).into_fallible().await;
        came_of(done, addresses, ends, verified).await
    }
}

impl Modern for Connector {
    async fn handshake(
        self,
        watched: Watched,
        ends: Ends,
        verified: bool,
    ) -> Result<Stream, Trouble> {
        let addresses = watched.addresses();
        let done = self.connector.connect(self.name, watched);
        came_of(done.into_fallible().await, addresses, ends, verified).await
    }
}

async fn came_of(
    done: Result<impl Into<TlsStream<Watched>>, (io::Error, Watched)>,
    addresses: Option<[SocketAddr; 2]>,
    ends: Ends,
    verified: bool,
) -> Result<Stream, Trouble> {
    match done {
        Ok(stream) => Ok(stands(stream.into(), addresses, ends, verified)),
        Err((error, mut watched)) => {
            watched.part().await;
            Err(trouble(&error))
        }
    }
}

fn stands(
    stream: TlsStream<Watched>,
    addresses: Option<[SocketAddr; 2]>,
    ends: Ends,
    verified: bool,
) -> Stream {
    let (_, session) = stream.get_ref();
    let spoken = session.protocol_version().map(u16::from);
    let suite = session.negotiated_cipher_suite();
    let suite = suite.and_then(|suite| suite.suite().as_str());
    let secured = Secured {
        version: spoken.map_or("TLS", version).to_owned(),
        // The library has its own names for the suites of TLS 1.3.
        cipher_suite: suite.unwrap_or_default().replace("TLS13_", "TLS_"),
        verified,
    };
    Stream::secured_by(Carrier::Modern(Box::pin(stream), ends), addresses, secured)
}

/// What an error is about.
pub(super) fn trouble(error: &io::Error) -> Trouble {
    use rustls::Error;
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Error>());
    match inner {
        None if error.kind() == io::ErrorKind::UnexpectedEof => Trouble::Ended,
        None => Trouble::Other(error.to_string()),
        Some(Error::AlertReceived(alert)) => Trouble::Alert(u8::from(*alert)),
        Some(Error::InvalidCertificate(error)) => Trouble::Certificate(doubt(error)),
        Some(Error::NoCertificatesPresented) => Trouble::NoCertificate,
        Some(Error::PeerIncompatible(what)) => match what {
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
            | PeerIncompatible::SupportedVersionsExtensionRequired
            | PeerIncompatible::Tls12NotOffered
            | PeerIncompatible::Tls12NotOfferedOrEnabled => Trouble::Version,
            _ => Trouble::NothingInCommon,
        },
        Some(other) => Trouble::Other(other.to_string()),
    }
}

fn doubt(error: &CertificateError) -> Doubt {
    match error {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => Doubt::UnknownIssuer,
        CertificateError::NotValidForName => Doubt::Name(Vec::new()),
        CertificateError::NotValidForNameContext { presented, .. } => {
            Doubt::Name(presented.clone())
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Doubt::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            Doubt::NotYetValid
        }
        CertificateError::Other(OtherError(error)) => match error.to_string().as_str() {
            "CaUsedAsEndEntity" => Doubt::Issuer,
            "UnsupportedCertVersion" => Doubt::Other(format!(
                "it is of X.509 version 1, and version 3 is wanted; make another, or {USE_LEGACY}"
            )),
            _ => Doubt::Other(
                "it, or one that leads to its issuer, is not as RFC 5280 wants".to_owned(),
            ),
        },
        other => Doubt::Other(words(other).to_owned()),
    }
}

/// What is wrong where nothing else is to be said of it.
fn words(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::BadEncoding => "it cannot be read",
        CertificateError::Revoked => "it is revoked",
        CertificateError::UnhandledCriticalExtension => {
            "it has a critical extension that is not known here"
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "its extendedKeyUsage is for another purpose"
        }
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "it is signed in a way that is not known here"
        }
        _ => "it cannot be verified",
    }
}

/// Takes whatever certificate is shown (`--tls-insecure`).
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn store(authorities: &Certificates) -> Result<RootCertStore, SetupError> {
    let mut store = RootCertStore::empty();
    for (number, certificate) in (1..).zip(authorities.der()) {
        store.add(certificate.clone()).map_err(|error| {
            SetupError::Library(format!("certificate {number} of the issuers: {error}"))
        })?;
    }
    Ok(store)
}

fn unfit(error: &rustls::Error) -> SetupError {
    SetupError::Library(match error {
        rustls::Error::InconsistentKeys(_) => MISMATCH.to_owned(),
        error => format!("the certificate with its key: {error}"),
    })
}

fn library(error: impl std::fmt::Display) -> SetupError {
    SetupError::Library(error.to_string())
}

/// Of a certificate and a key.
pub(super) const MISMATCH: &str = "the key is not that of the first certificate: the own one has to stand first, then those that \
                                   lead to its issuer";
