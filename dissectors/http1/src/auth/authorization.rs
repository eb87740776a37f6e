//! Credentials: what an `Authorization` or `Proxy-Authorization` value gives.

use std::borrow::Cow;
use std::ops::Range;

use super::algorithm::Algorithm;
use super::anomaly::{Anomalies, Reading};
use super::basic::{self, BasicAuthorization};
use super::challenge::DigestChallenge;
use super::parameter::{Form, NAME_BYTES_MAX, Parameter, Scheme, fill, lowercase};
use super::{lexer, named_kinds};

/// Credentials of one scheme (RFC 9110 section 11.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorization<'a> {
    /// RFC 7617.
    Basic(BasicAuthorization),
    /// RFC 2069, RFC 2617, RFC 7616.
    Digest(Box<DigestAuthorization<'a>>),
    /// Any other.
    Other(Scheme<'a>),
}

/// Credentials of Digest (RFC 7616 section 3.4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DigestAuthorization<'a> {
    /// Where it stands in the value.
    pub range: Range<usize>,
    /// The name of the user, or its hash.
    pub username: Option<Parameter<'a>>,
    /// The same in the encoding of RFC 8187.
    pub username_extended: Option<Parameter<'a>>,
    /// Whose credentials were wanted.
    pub realm: Option<Parameter<'a>>,
    /// The nonce of the challenge.
    pub nonce: Option<Parameter<'a>>,
    /// The request target the response is computed with.
    pub uri: Option<Parameter<'a>>,
    /// The response.
    pub response: Option<Parameter<'a>>,
    /// The name of the algorithm.
    pub algorithm: Option<Parameter<'a>>,
    /// The quality of protection.
    pub qop: Option<Parameter<'a>>,
    /// How often the nonce was used, in eight hexadecimal digits.
    pub nc: Option<Parameter<'a>>,
    /// The client's own nonce.
    pub cnonce: Option<Parameter<'a>>,
    /// What the challenge wanted back.
    pub opaque: Option<Parameter<'a>>,
    /// Is the name of the user a hash?
    pub userhash: Option<Parameter<'a>>,
    /// All others.
    pub others: Vec<Parameter<'a>>,
}

/// Reads the credentials of one field's value, folded or not.
pub fn authorization(value: &[u8]) -> Reading<Authorization<'_>> {
    let mut odd = Anomalies::default();
    let what = if let Some(basic) = basic::read(value, &mut odd) {
        Authorization::Basic(basic)
    } else {
        Authorization::from(lexer::scheme(value, &mut odd), &mut odd)
    };
    odd.with(what)
}

impl<'a> Authorization<'a> {
    fn from(scheme: Scheme<'a>, odd: &mut Anomalies) -> Self {
        // Without a scheme, what only Digest has tells it.
        if scheme.is("Digest") || scheme.name.is_empty() && scheme.parameter("response").is_some() {
            Self::Digest(Box::new(DigestAuthorization::from(scheme, odd)))
        } else {
            Self::Other(scheme)
        }
    }

    /// The credentials of Digest, if they are.
    pub fn digest(&self) -> Option<&DigestAuthorization<'a>> {
        match self {
            Self::Digest(digest) => Some(digest),
            _ => None,
        }
    }

    /// The credentials of Basic, if they are.
    pub fn basic(&self) -> Option<&BasicAuthorization> {
        match self {
            Self::Basic(basic) => Some(basic),
            _ => None,
        }
    }
}

impl<'a> DigestAuthorization<'a> {
    fn from(scheme: Scheme<'a>, odd: &mut Anomalies) -> Self {
        let mut read = Self {
            range: scheme.range,
            ..Self::default()
        };
        for parameter in scheme.parameters {
            let (place, form) = match lowercase(parameter.name, &mut [0; NAME_BYTES_MAX]) {
                b"username" => (&mut read.username, Form::Quoted),
                b"username*" => (&mut read.username_extended, Form::Token),
                b"realm" => (&mut read.realm, Form::Quoted),
                b"nonce" => (&mut read.nonce, Form::Quoted),
                b"uri" => (&mut read.uri, Form::Quoted),
                b"response" => (&mut read.response, Form::Quoted),
                b"algorithm" => (&mut read.algorithm, Form::Token),
                b"qop" => (&mut read.qop, Form::Token),
                b"nc" => (&mut read.nc, Form::Token),
                b"cnonce" => (&mut read.cnonce, Form::Quoted),
                b"opaque" => (&mut read.opaque, Form::Quoted),
                b"userhash" => (&mut read.userhash, Form::Token),
                _ => {
                    read.others.push(parameter);
                    continue;
                }
            };
            fill(place, parameter, form, odd);
        }
        read
    }

    /// The algorithm, MD5 where none is named; none where the name is unknown.
    pub fn algorithm(&self) -> Option<Algorithm> {
        let named = self.algorithm.as_ref();
        named.map_or(Some(Algorithm::default()), |it| {
            Algorithm::named(&it.text())
        })
    }

    /// The name of the user, or its hash where [`Self::is_userhash`].
    pub fn user(&self) -> Option<Cow<'a, [u8]>> {
        let extended = || extended(&self.username_extended.as_ref()?.text());
        match &self.username {
            Some(username) => Some(username.text()),
            None => extended().map(Cow::Owned),
        }
    }

    /// Is the name of the user a hash?
    pub fn is_userhash(&self) -> bool {
        self.userhash.as_ref().is_some_and(|it| it.says("true"))
    }

    /// How often the nonce was used, as the client says.
    pub fn nonce_count(&self) -> Option<u32> {
        let text = self.nc.as_ref()?.text();
        u32::from_str_radix(std::str::from_utf8(&text).ok()?, 16).ok()
    }

    /// In what it does not answer this challenge; nothing where it does. Whether a nonce may be used again, and how often it
    /// was, is not looked at.
    pub fn mismatches(&self, challenge: &DigestChallenge<'_>) -> Vec<Mismatch> {
        let differs = |mine: &Option<Parameter<'_>>, theirs: &Option<Parameter<'_>>| {
            text(mine).unwrap_or_default() != text(theirs).unwrap_or_default()
        };
        let qop = text(&self.qop);
        let opaque = (text(&self.opaque), text(&challenge.opaque));
        let all = [
            (Mismatch::Realm, differs(&self.realm, &challenge.realm)),
            (Mismatch::Nonce, differs(&self.nonce, &challenge.nonce)),
            (
                Mismatch::OpaqueMissing,
                matches!(&opaque, (None, Some(wanted)) if !wanted.is_empty()),
            ),
            (
                Mismatch::Opaque,
                matches!(&opaque, (Some(given), Some(wanted)) if given != wanted),
            ),
            (
                Mismatch::OpaqueUnasked,
                matches!(&opaque, (Some(given), None) if !given.is_empty()),
            ),
            (Mismatch::Algorithm, self.algorithm_differs(challenge)),
            (
                Mismatch::QopMissing,
                qop.is_none() && challenge.qops().next().is_some(),
            ),
            (
                Mismatch::QopNotOffered,
                qop.is_some_and(|qop| !challenge.offers(&qop)),
            ),
            (
                Mismatch::UserhashNotOffered,
                self.is_userhash() && !challenge.takes_userhash(),
            ),
        ];
        let odd = all.into_iter().filter(|(_, differs)| *differs);
        odd.map(|(kind, _)| kind).collect()
    }

    fn algorithm_differs(&self, challenge: &DigestChallenge<'_>) -> bool {
        match (self.algorithm(), challenge.algorithm()) {
            (Some(given), Some(wanted)) => given != wanted,
            _ => text(&self.algorithm) != text(&challenge.algorithm),
        }
    }
}

named_kinds! {
    /// In what credentials do not answer a challenge (RFC 7616 section 3.4).
    Mismatch {
        /// Another realm.
        Realm = "realm",
        /// Another nonce: of an earlier challenge, or of somebody else's.
        Nonce = "nonce",
        /// Another opaque.
        Opaque = "opaque",
        /// No opaque, though the challenge has one.
        OpaqueMissing = "opaque-missing",
        /// An opaque, though the challenge has none.
        OpaqueUnasked = "opaque-unasked",
        /// Another algorithm; MD5 where none is named.
        Algorithm = "algorithm",
        /// No qop, though the challenge offers some (RFC 2617 lets old clients do so).
        QopMissing = "qop-missing",
        /// A qop that is not offered, or any where none is.
        QopNotOffered = "qop-not-offered",
        /// The user as a hash, though the challenge does not offer it.
        UserhashNotOffered = "userhash-not-offered",
    }
}

pub(super) fn text<'a>(parameter: &Option<Parameter<'a>>) -> Option<Cow<'a, [u8]>> {
    parameter.as_ref().map(Parameter::text)
}

/// Decodes `UTF-8'en'J%C3%A4s` (RFC 8187 section 3.2).
fn extended(value: &[u8]) -> Option<Vec<u8>> {
    let mut parts = value.splitn(3, |byte| *byte == b'\'');
    let charset = parts.next()?;
    let coded = parts.nth(1)?;
    charset
        .eq_ignore_ascii_case(b"UTF-8")
        .then(|| percent_decoded(coded))
}

/// Decodes `%C3` and leaves what is not so.
pub(super) fn percent_decoded(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        let digit = |at: usize| char::from(*behind.get(at)?).to_digit(16);
        match (byte, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push(u8::try_from(high << 4 | low).unwrap_or(byte));
                rest = behind.get(2..).unwrap_or_default();
            }
            _ => decoded.push(byte),
        }
    }
    decoded
}
