//! What a block says of the TLS around a connection: a line for each thing, and for certificates what stands below them.
//! Whether any of it is right is not asked.

use std::fmt::Write as _;
use std::net::IpAddr;

use ::tls::{AlternativeName, Certificate, ClientHello, Suite, Version};

use super::heading::Trouble;

/// The TLS of a connection that a transcript tells in plain words.
#[derive(Debug, Clone, Default)]
pub struct Tls {
    /// The version agreed.
    pub version: Option<Version>,
    /// The suite agreed.
    pub suite: Option<Suite>,
    /// Versions and suites that were offered; nothing else is told of it.
    pub offer: Option<Box<ClientHello>>,
    /// The server that is asked for.
    pub server_name: Option<String>,
    /// An earlier session goes on.
    pub resumed: bool,
    /// Not all of the handshake was seen.
    pub incomplete: bool,
    /// What is shown to who said hello, its own certificate first.
    pub server_chain: Vec<Certificate>,
    /// What who said hello shows; Some and empty where it was asked and has none.
    pub client_chain: Option<Vec<Certificate>>,
}

impl Tls {
    /// Reads the lines of a block.
    pub(crate) fn read(lines: &[u8]) -> Option<Self> {
        let mut reading = Reading::default();
        for line in lines.split(|&byte| byte == b'\n') {
            reading.line(line).ok()?;
        }
        Some(reading.told)
    }

    /// The lines of a block that says so.
    pub fn lines(&self) -> String {
        let mut lines = String::new();
        let version = self.version.filter(|version| version.name().is_some());
        add(&mut lines, "version", version);
        let is_known = |suite: &Suite| Suite::named(&suite.to_string()).is_some();
        add(&mut lines, "suite", self.suite.filter(is_known));
        if let Some(offer) = &self.offer {
            let versions = offer
                .versions
                .iter()
                .copied()
                .chain(offer.legacy_version.filter(|_| offer.versions.is_empty()));
            let named = versions.filter(|version| Version::named(&version.to_string()).is_some());
            let suites = offer.suites.iter().filter(|suite| is_known(suite));
            let offers = named
                .map(|version| version.to_string())
                .chain(suites.map(Suite::to_string));
            add(
                &mut lines,
                "offers",
                Some(offers.collect::<Vec<_>>().join(", ")),
            );
        }
        add(&mut lines, "server_name", self.server_name.as_deref());
        for certificate in self.server_chain.iter().take(CHAIN_MAX) {
            describe(&mut lines, "certificate", certificate);
        }
        let client_chain = self.client_chain.as_deref();
        if client_chain.is_some_and(<[Certificate]>::is_empty) {
            add(&mut lines, "client_certificate", Some(NONE));
        }
        for certificate in client_chain.unwrap_or_default().iter().take(CHAIN_MAX) {
            describe(&mut lines, "client_certificate", certificate);
        }
        for (says, word) in [(self.resumed, "resumed"), (self.incomplete, "incomplete")] {
            if says {
                lines.push_str(word);
                lines.push('\n');
            }
        }
        lines
    }
}

/// The lines of a block as they come.
#[derive(Debug, Default)]
pub(super) struct Reading {
    told: Tls,
    /// The certificate above is one of the client's.
    of_client: bool,
}

impl Reading {
    /// Takes the next line, without its end.
    pub fn line(&mut self, line: &[u8]) -> Result<(), Trouble> {
        let text = String::from_utf8_lossy(line);
        let text = text.trim();
        let (name, value) = text.split_once(':').unwrap_or((text, ""));
        let value = value.trim();
        match name.trim_end() {
            "" => Ok(()),
            "resumed" => set(&mut self.told.resumed),
            "incomplete" => set(&mut self.told.incomplete),
            "version" => {
                self.told.version =
                    Some(Version::named(value).ok_or_else(|| odd(value, "version"))?);
                Ok(())
            }
            "suite" => {
                self.told.suite = Some(Suite::named(value).ok_or_else(|| odd(value, "suite"))?);
                Ok(())
            }
            "offers" => self.offers(value),
            "server_name" => {
                self.told.server_name = Some(value.to_owned());
                Ok(())
            }
            "certificate" => self.certificate(value, false),
            "client_certificate" => self.certificate(value, true),
            name => self.detail(name, value),
        }
    }

    fn offers(&mut self, value: &str) -> Result<(), Trouble> {
        let offer = self.told.offer.get_or_insert_default();
        for one in items(value) {
            match (Version::named(one), Suite::named(one)) {
                (Some(version), _) => offer.versions.push(version),
                (None, Some(suite)) => offer.suites.push(suite),
                (None, None) => return Err(odd(one, "version, and no suite")),
            }
        }
        offer.legacy_version = offer.versions.iter().max().copied();
        Ok(())
    }

    fn certificate(&mut self, subject: &str, of_client: bool) -> Result<(), Trouble> {
        self.of_client = of_client;
        let chain = if of_client {
            self.told.client_chain.get_or_insert_default()
        } else {
            &mut self.told.server_chain
        };
        if of_client && subject == NONE {
            return Ok(());
        }
        if chain.len() >= CHAIN_MAX {
            return Err(Trouble::new(
                format!("{CHAIN_MAX} certificates of one side at most were expected"),
                EXAMPLE,
            ));
        }
        chain.push(Certificate::described(subject, subject));
        Ok(())
    }

    /// What is said of the certificate above.
    fn detail(&mut self, name: &str, value: &str) -> Result<(), Trouble> {
        let chain = if self.of_client {
            self.told.client_chain.as_mut()
        } else {
            Some(&mut self.told.server_chain)
        };
        let known = DETAILS.contains(&name);
        let Some(certificate) = chain.and_then(|chain| chain.last_mut()).filter(|_| known) else {
            let name = name.escape_default();
            return Err(Trouble::new(
                format!(
                    "'{name}' says nothing of TLS here: {NAMES} were expected, and below a certificate {}",
                    DETAILS.join(", ")
                ),
                EXAMPLE,
            ));
        };
        match name {
            "issuer" => *certificate = issued_by(certificate, value),
            "names" => certificate.alternative_names = items(value).map(alternative_name).collect(),
            "valid" => {
                let times = value
                    .split_once(' ')
                    .and_then(|(from, until)| Some((seconds(from)?, seconds(until)?)));
                (certificate.not_before_s, certificate.not_after_s) =
                    times.ok_or_else(|| odd(value, "pair of times as RFC 3339 has them"))?;
            }
            "key" => {
                let (kind, bits) = value
                    .rsplit_once(' ')
                    .ok_or_else(|| odd(value, "kind and length of a key"))?;
                certificate.key_bits = Some(bits.parse().map_err(|_| odd(bits, "number of bits"))?);
                kind.clone_into(&mut certificate.key_kind);
            }
            _ => value.clone_into(&mut certificate.signature_algorithm),
        }
        Ok(())
    }
}

/// One line, where there is something to say.
fn add(lines: &mut String, name: &str, value: Option<impl ToString>) {
    let value = value.map(|value| value.to_string().replace('\n', " "));
    if let Some(value) = value.filter(|value| !value.is_empty()) {
        lines.push_str(name);
        lines.push_str(": ");
        lines.push_str(&value);
        lines.push('\n');
    }
}

fn describe(lines: &mut String, name: &str, certificate: &Certificate) {
    // Without a name it is a certificate all the same.
    let _ = write!(lines, "{name}:");
    let subject = certificate.subject.replace('\n', " ");
    let _ = writeln!(lines, " {subject}");
    add(lines, "issuer", Some(&certificate.issuer));
    let names = certificate.alternative_names.iter();
    let names = names.filter_map(|name| match name {
        AlternativeName::Dns(name) => Some(name.clone()),
        AlternativeName::Address(address) => Some(address.to_string()),
        AlternativeName::Other(_) => None,
    });
    let names: Vec<String> = names.filter(|name| !name.contains(',')).collect();
    add(lines, "names", Some(names.join(", ")));
    let time = |seconds: i64| jiff::Timestamp::from_second(seconds).ok();
    let times = time(certificate.not_before_s).zip(time(certificate.not_after_s));
    let told = certificate.not_before_s < certificate.not_after_s;
    let valid = times.filter(|_| told);
    add(
        lines,
        "valid",
        valid.map(|(from, until)| format!("{from} {until}")),
    );
    let bits = certificate.key_bits;
    add(
        lines,
        "key",
        bits.map(|bits| format!("{} {bits}", certificate.key_kind)),
    );
    add(lines, "signature", Some(&certificate.signature_algorithm));
}

fn set(flag: &mut bool) -> Result<(), Trouble> {
    *flag = true;
    Ok(())
}

fn items(list: &str) -> impl Iterator<Item = &str> {
    list.split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
}

/// The same certificate from somebody else.
fn issued_by(certificate: &Certificate, issuer: &str) -> Certificate {
    let mut issued = Certificate::described(&certificate.subject, issuer);
    issued
        .alternative_names
        .clone_from(&certificate.alternative_names);
    (issued.not_before_s, issued.not_after_s) = (certificate.not_before_s, certificate.not_after_s);
    issued.key_kind.clone_from(&certificate.key_kind);
    issued.key_bits = certificate.key_bits;
    issued
        .signature_algorithm
        .clone_from(&certificate.signature_algorithm);
    issued
}

fn alternative_name(name: &str) -> AlternativeName {
    name.parse::<IpAddr>().map_or_else(
        |_| AlternativeName::Dns(name.to_owned()),
        AlternativeName::Address,
    )
}

fn seconds(time: &str) -> Option<i64> {
    let time: jiff::Timestamp = time.trim().parse().ok()?;
    Some(time.as_second())
}

fn odd(value: &str, what: &str) -> Trouble {
    Trouble::new(
        format!("'{}' is no {what}", value.escape_default()),
        EXAMPLE,
    )
}

const NONE: &str = "none";
const NAMES: &str =
    "version, suite, offers, server_name, certificate, client_certificate, resumed and incomplete";
const DETAILS: [&str; 5] = ["issuer", "names", "valid", "key", "signature"];
const EXAMPLE: &str = "version: TLS 1.2";
/// Certificates of one side.
const CHAIN_MAX: usize = 16;
