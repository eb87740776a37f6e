//! HTTPS as the command line wants it: files are read here, and what is wrong with one is told with its name.

use std::net::IpAddr;
use std::time::Duration;

use super::arguments::{TlsCalling, TlsListening};
use super::exit::Trouble;
use crate::replay::drive::WakeUrl;
use crate::replay::drive::tls::{Calling, Listening};

/// TLS where phones connect, or none.
pub(super) struct Listens {
    pub(super) tls: Option<Listening>,
    pub(super) key_log: Written,
    /// A line for standard error.
    pub(super) remark: Option<String>,
}

/// TLS towards an ACS, or none.
pub(super) struct Calls {
    pub(super) tls: Option<Calling>,
    pub(super) key_log: Written,
}

/// How TLS listens at this address.
///
/// # Errors
///
/// Where a file cannot be read or used, or an option says nothing.
pub(super) fn listening(
    options: &TlsListening,
    address: IpAddr,
    patience: Option<Duration>,
) -> Result<Listens, Trouble> {
    if options.is_on() {
        return open::listening(options, address, patience);
    }
    if let Some(idle) = options.idle() {
        return Err(Trouble::Usage(format!(
            "{idle} says nothing without HTTPS: give --tls-cert and --tls-key, or --tls-self-signed"
        )));
    }
    Ok(Listens {
        tls: None,
        key_log: Written::default(),
        remark: None,
    })
}

/// How TLS calls the ACS, whose URL begins with https or not.
///
/// # Errors
///
/// Where a file cannot be read or used, or an option says nothing.
pub(super) fn calling(
    options: &TlsCalling,
    acs: &WakeUrl,
    https: bool,
    patience: Option<Duration>,
) -> Result<Calls, Trouble> {
    if https {
        return open::calling(options, acs, patience);
    }
    if let Some(idle) = options.idle() {
        return Err(Trouble::Usage(format!(
            "{idle} says nothing where --acs-url does not begin with https"
        )));
    }
    Ok(Calls {
        tls: None,
        key_log: Written::default(),
    })
}

/// A key log that is written.
#[derive(Default)]
pub(super) struct Written {
    #[cfg(feature = "tls")]
    log: Option<(String, crate::replay::drive::tls::KeyLog)>,
}

impl Written {
    /// What went wrong with it.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        #[cfg(feature = "tls")]
        if let Some((path, log)) = &self.log {
            let path = path.clone();
            return log.failure().map(|source| Trouble::Output { path, source });
        }
        None
    }
}

#[cfg(not(feature = "tls"))]
mod open {
    use super::{Calls, Duration, IpAddr, Listens, TlsCalling, TlsListening, Trouble, WakeUrl};

    pub(super) fn listening(
        _: &TlsListening,
        _: IpAddr,
        _: Option<Duration>,
    ) -> Result<Listens, Trouble> {
        Err(Trouble::Usage(WITHOUT.to_owned()))
    }

    pub(super) fn calling(
        _: &TlsCalling,
        _: &WakeUrl,
        _: Option<Duration>,
    ) -> Result<Calls, Trouble> {
        Err(Trouble::Usage(WITHOUT.to_owned()))
    }

    const WITHOUT: &str =
        "this build speaks no HTTPS: `cargo build --release` makes one that does (feature tls)";
}

#[cfg(feature = "tls")]
mod open {
    use std::fs::{File, OpenOptions};
    use std::io::Read as _;
    use std::path::Path;

    use super::{
        Calls, Duration, IpAddr, Listens, TlsCalling, TlsListening, Trouble, WakeUrl, Written,
    };
    use crate::replay::drive::tls::{
        self, Calling, CallingSetting, Certificates, Identity, KeyLog, Listening, ListeningSetting,
        PemError, PrivateKey, SelfSigned, SetupError,
    };

    pub(super) fn listening(
        options: &TlsListening,
        address: IpAddr,
        patience: Option<Duration>,
    ) -> Result<Listens, Trouble> {
        let legacy = options.both.tls_legacy;
        let mut remark = None;
        let identity = match (&options.tls_cert, &options.tls_key) {
            (Some(chain), Some(key)) => identity(chain, key)?,
            _ => {
                let made = tls::self_signed(address, &options.tls_name, legacy);
                let SelfSigned {
                    identity,
                    fingerprint,
                } = made.map_err(|error| setup(&error))?;
                let names = options.tls_name.iter().map(|name| format!("{name}, "));
                let names: String = names.collect();
                remark = Some(format!(
                    "a certificate for {names}{address} was made, SHA-256 {fingerprint}"
                ));
                identity
            }
        };
        let authorities = options.tls_client_ca.as_deref();
        let authorities = authorities.map(|path| read(path, Certificates::of_pem));
        let key_log = key_log(options.both.keylog_out.as_deref())?;
        let setting = ListeningSetting {
            identity,
            authorities: authorities.transpose()?,
            key_log: key_log.log.as_ref().map(|(_, log)| log.clone()),
            legacy,
            handshake_max: patience.map_or(tls::HANDSHAKE_MAX, |it| it.min(tls::HANDSHAKE_MAX)),
        };
        let tls = Listening::new(&setting)
            .map_err(|error| of_file(&error, options.tls_cert.as_deref()))?;
        Ok(Listens {
            tls: Some(tls),
            key_log,
            remark,
        })
    }

    pub(super) fn calling(
        options: &TlsCalling,
        acs: &WakeUrl,
        patience: Option<Duration>,
    ) -> Result<Calls, Trouble> {
        let authorities = options.tls_ca.as_deref();
        let authorities = authorities.map(|path| read(path, Certificates::of_pem));
        let own = options.tls_client_cert.as_deref();
        let own = own.zip(options.tls_client_key.as_deref());
        let own = own.map(|(chain, key)| identity(chain, key));
        let key_log = key_log(options.both.keylog_out.as_deref())?;
        let setting = CallingSetting {
            host: acs.host.clone(),
            authorities: authorities.transpose()?,
            insecure: options.tls_insecure,
            identity: own.transpose()?,
            key_log: key_log.log.as_ref().map(|(_, log)| log.clone()),
            legacy: options.both.tls_legacy,
            handshake_max: patience.map_or(tls::HANDSHAKE_MAX, |it| it.min(tls::HANDSHAKE_MAX)),
        };
        let tls = Calling::new(&setting)
            .map_err(|error| of_file(&error, options.tls_client_cert.as_deref()))?;
        Ok(Calls {
            tls: Some(tls),
            key_log,
        })
    }

    fn identity(chain: &Path, key: &Path) -> Result<Identity, Trouble> {
        Ok(Identity {
            chain: read(chain, Certificates::of_pem)?,
            key: read(key, PrivateKey::of_pem)?,
        })
    }

    fn read<T>(path: &Path, parse: fn(&[u8]) -> Result<T, PemError>) -> Result<T, Trouble> {
        let place = path.display();
        let mut text = Vec::new();
        let file = File::open(path);
        file.and_then(|file| file.take(PEM_BYTES_MAX + 1).read_to_end(&mut text))
            .map_err(|error| Trouble::Usage(format!("{place}: {error}")))?;
        if text.len() as u64 > PEM_BYTES_MAX {
            let what = "longer than 1 MiB, as no file of certificates or of a key is";
            return Err(Trouble::Usage(format!("{place}: {what}")));
        }
        parse(&text).map_err(|error| {
            let line = error
                .line
                .map_or_else(String::new, |line| format!("{line}: "));
            let line = if line.is_empty() {
                " ".to_owned()
            } else {
                line
            };
            Trouble::Usage(format!("{place}:{line}{}", error.why))
        })
    }

    /// It is opened for whoever runs this alone.
    fn key_log(path: Option<&Path>) -> Result<Written, Trouble> {
        let Some(path) = path else {
            return Ok(Written::default());
        };
        let name = path.display().to_string();
        let file = own_file(path).map_err(|source| Trouble::Output {
            path: name.clone(),
            source,
        })?;
        Ok(Written {
            log: Some((name, KeyLog::new(file))),
        })
    }

    fn own_file(path: &Path) -> std::io::Result<File> {
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path)
    }

    /// With the file that it is likely about.
    fn of_file(error: &SetupError, certificate: Option<&Path>) -> Trouble {
        match (error, certificate) {
            (SetupError::Library(why), Some(path)) => {
                Trouble::Usage(format!("{}: {why}", path.display()))
            }
            _ => setup(error),
        }
    }

    fn setup(error: &SetupError) -> Trouble {
        Trouble::Usage(match error {
            SetupError::NoLegacy => format!("--tls-legacy: {error}"),
            _ => error.to_string(),
        })
    }

    /// Of a file of certificates: all issuers that a system trusts are less than half of it. What never ends is none.
    const PEM_BYTES_MAX: u64 = 1024 * 1024;
}
