//! Challenges and credentials as values to be sent. Nonces and counts are the caller's.

use super::algorithm::Algorithm;
use super::basic::{self, Encoding};
use super::challenge::DigestChallenge;
use super::compute::{Computation, Counted};
use super::named_kinds;
use super::parameter::Parameter;
use super::verify::{Account, Request};

/// A challenge of Digest to be written (RFC 7616 section 3.3).
#[derive(Clone, Copy, Debug, Default)]
pub struct DigestChallengeFields<'a> {
    /// Whose credentials are wanted.
    pub realm: &'a str,
    /// What the response is to be computed with.
    pub nonce: &'a str,
    /// Where the credentials hold.
    pub domain: Option<&'a str>,
    /// What is to be sent back as it is.
    pub opaque: Option<&'a str>,
    /// Was only the nonce refused?
    pub stale: bool,
    /// The algorithm; none is named where there is none, which means MD5.
    pub algorithm: Option<Algorithm>,
    /// The qualities of protection: `auth`, `auth,auth-int`; none as in RFC 2069.
    pub qop: Option<&'a str>,
    /// Ask for UTF-8?
    pub utf8: bool,
    /// May the name of the user be sent as a hash?
    pub userhash: bool,
}

impl DigestChallengeFields<'_> {
    /// The value of a `WWW-Authenticate` or `Proxy-Authenticate` field.
    pub fn write(&self) -> Result<Vec<u8>, Unwritable> {
        let mut writer = Writer::new("Digest");
        writer.quoted("realm", self.realm.as_bytes())?;
        for (name, value) in [("domain", self.domain), ("qop", self.qop)] {
            if let Some(value) = value {
                writer.quoted(name, value.as_bytes())?;
            }
        }
        if let Some(algorithm) = self.algorithm {
            writer.token("algorithm", algorithm.name());
        }
        writer.quoted("nonce", self.nonce.as_bytes())?;
        if let Some(opaque) = self.opaque {
            writer.quoted("opaque", opaque.as_bytes())?;
        }
        for (name, value, is) in [
            ("stale", "true", self.stale),
            ("charset", "UTF-8", self.utf8),
            ("userhash", "true", self.userhash),
        ] {
            if is {
                writer.token(name, value);
            }
        }
        Ok(writer.out)
    }
}

/// What is needed to answer a challenge.
#[derive(Clone, Copy)]
pub struct Answer<'a> {
    /// What is asked for; its body is of use where nothing but `auth-int` is offered.
    pub request: Request<'a>,
    /// Who asks.
    pub account: Account<'a>,
    /// How user and password become bytes.
    pub encoding: Encoding,
    /// The client's nonce.
    pub cnonce: &'a str,
    /// How often the nonce of the challenge is used with this.
    pub nc: u32,
}

impl DigestChallenge<'_> {
    /// The value of an `Authorization` or `Proxy-Authorization` field that answers this challenge.
    ///
    /// Of the qualities offered `auth` is taken before `auth-int`; where none is offered, none is used, as in RFC 2069. The
    /// user is sent as a hash where the challenge takes one.
    pub fn answer(&self, with: &Answer<'_>) -> Result<Vec<u8>, Unwritable> {
        let realm = self.realm.as_ref().ok_or(Unwritable::RealmMissing)?;
        let nonce = self.nonce.as_ref().ok_or(Unwritable::NonceMissing)?;
        let algorithm = self.algorithm().ok_or(Unwritable::AlgorithmUnknown)?;
        let qop = self.chosen_qop(with)?;
        let encode = |text| with.encoding.encode(text).ok_or(Unwritable::NotLatin1);
        let (user, password) = (encode(with.account.user)?, encode(with.account.password)?);
        let nc = format!("{:08x}", with.nc);
        let computation = Computation {
            algorithm,
            user: &user,
            realm: &realm.text(),
            password: &password,
            nonce: &nonce.text(),
            cnonce: with.cnonce.as_bytes(),
            counted: qop.map(|qop| Counted {
                qop: qop.as_bytes(),
                nc: nc.as_bytes(),
            }),
            method: with.request.method,
            uri: with.request.target,
            body: with.request.body.unwrap_or_default(),
        };
        let mut writer = Writer::new("Digest");
        if self.takes_userhash() {
            let hash = algorithm.hash.hex(&[&user, &realm.text()]);
            writer.quoted("username", hash.as_bytes())?;
        } else {
            writer.quoted("username", &user)?;
        }
        writer.again("realm", realm)?;
        writer.again("nonce", nonce)?;
        writer.quoted("uri", with.request.target)?;
        if let Some(named) = &self.algorithm {
            writer.token("algorithm", &Encoding::decode(&named.text()));
        }
        if let Some(qop) = qop {
            writer.token("qop", qop);
            writer.token("nc", &nc);
        }
        if qop.is_some() || algorithm.session {
            writer.quoted("cnonce", with.cnonce.as_bytes())?;
        }
        writer.quoted("response", computation.response().as_bytes())?;
        if let Some(opaque) = &self.opaque {
            writer.again("opaque", opaque)?;
        }
        if self.takes_userhash() {
            writer.token("userhash", "true");
        }
        Ok(writer.out)
    }

    fn chosen_qop(&self, with: &Answer<'_>) -> Result<Option<&'static str>, Unwritable> {
        if self.offers(b"auth") {
            Ok(Some("auth"))
        } else if self.offers(b"auth-int") {
            match with.request.body {
                Some(_) => Ok(Some("auth-int")),
                None => Err(Unwritable::BodyUnknown),
            }
        } else if self.qops().next().is_none() {
            Ok(None)
        } else {
            Err(Unwritable::QopUnknown)
        }
    }
}

/// The value of a field with a challenge of Basic (RFC 7617 section 2).
pub fn basic_challenge(realm: &str, utf8: bool) -> Result<Vec<u8>, Unwritable> {
    let mut writer = Writer::new("Basic");
    writer.quoted("realm", realm.as_bytes())?;
    if utf8 {
        writer.quoted("charset", b"UTF-8")?;
    }
    Ok(writer.out)
}

/// The value of a field with credentials of Basic (RFC 7617 section 2).
pub fn basic_authorization(
    account: &Account<'_>,
    encoding: Encoding,
) -> Result<Vec<u8>, Unwritable> {
    let encode = |text| encoding.encode(text).ok_or(Unwritable::NotLatin1);
    let (user, password) = (encode(account.user)?, encode(account.password)?);
    if user.contains(&b':') {
        return Err(Unwritable::ColonInUser);
    }
    if user.iter().chain(&*password).any(u8::is_ascii_control) {
        return Err(Unwritable::ControlCharacter);
    }
    Ok(basic::written(&user, &password))
}

named_kinds! {
    /// Why a value cannot be written.
    Unwritable {
        /// A control character would end the field, or is forbidden in credentials.
        ControlCharacter = "control-character",
        /// A user of Basic has a colon.
        ColonInUser = "colon-in-user",
        /// A character that Latin-1 does not have.
        NotLatin1 = "not-latin-1",
        /// The challenge has no realm.
        RealmMissing = "realm-missing",
        /// The challenge has no nonce.
        NonceMissing = "nonce-missing",
        /// The challenge names an algorithm that nobody here knows.
        AlgorithmUnknown = "algorithm-unknown",
        /// The challenge offers only qualities of protection that nobody here knows.
        QopUnknown = "qop-unknown",
        /// The challenge wants the body in the response, and it is not known.
        BodyUnknown = "body-unknown",
    }
}

struct Writer {
    out: Vec<u8>,
    /// Is there a parameter yet?
    begun: bool,
}

impl Writer {
    fn new(scheme: &str) -> Self {
        Self {
            out: scheme.as_bytes().to_vec(),
            begun: false,
        }
    }

    fn name(&mut self, name: &str) {
        let separator: &[u8] = if self.begun { b", " } else { b" " };
        self.begun = true;
        self.out.extend_from_slice(separator);
        self.out.extend_from_slice(name.as_bytes());
        self.out.push(b'=');
    }

    fn token(&mut self, name: &str, value: &str) {
        self.name(name);
        self.out.extend_from_slice(value.as_bytes());
    }

    fn quoted(&mut self, name: &str, value: &[u8]) -> Result<(), Unwritable> {
        if value
            .iter()
            .any(|&byte| byte.is_ascii_control() && byte != b'\t')
        {
            return Err(Unwritable::ControlCharacter);
        }
        self.name(name);
        self.out.push(b'"');
        for byte in value {
            if matches!(byte, b'"' | b'\\') {
                self.out.push(b'\\');
            }
            self.out.push(*byte);
        }
        self.out.push(b'"');
        Ok(())
    }

    /// A parameter as the other side gave it, in quotes.
    fn again(&mut self, name: &str, parameter: &Parameter<'_>) -> Result<(), Unwritable> {
        self.quoted(name, &parameter.text())
    }
}
