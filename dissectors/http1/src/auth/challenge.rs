//! Challenges: what a `WWW-Authenticate` or `Proxy-Authenticate` value asks for.

use std::ops::Range;

use super::algorithm::Algorithm;
use super::anomaly::{Anomalies, Reading};
use super::lexer;
use super::parameter::{Form, NAME_BYTES_MAX, Parameter, Scheme, fill, lowercase};

/// One challenge (RFC 9110 section 11.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Challenge<'a> {
    /// RFC 7617.
    Basic(BasicChallenge<'a>),
    /// RFC 2069, RFC 2617, RFC 7616.
    Digest(Box<DigestChallenge<'a>>),
    /// Any other.
    Other(Scheme<'a>),
}

/// Challenge of Basic (RFC 7617 section 2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BasicChallenge<'a> {
    /// Where it stands in the value.
    pub range: Range<usize>,
    /// Whose credentials are wanted.
    pub realm: Option<Parameter<'a>>,
    /// How credentials are to be encoded.
    pub charset: Option<Parameter<'a>>,
    /// All others.
    pub others: Vec<Parameter<'a>>,
}

/// Challenge of Digest (RFC 7616 section 3.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DigestChallenge<'a> {
    /// Where it stands in the value.
    pub range: Range<usize>,
    /// Whose credentials are wanted.
    pub realm: Option<Parameter<'a>>,
    /// Where the credentials hold: references with blanks between.
    pub domain: Option<Parameter<'a>>,
    /// What the response is computed with.
    pub nonce: Option<Parameter<'a>>,
    /// What is to be sent back as it is.
    pub opaque: Option<Parameter<'a>>,
    /// Was only the nonce of the request refused?
    pub stale: Option<Parameter<'a>>,
    /// The name of the algorithm.
    pub algorithm: Option<Parameter<'a>>,
    /// The list of qualities of protection.
    pub qop: Option<Parameter<'a>>,
    /// How credentials are to be encoded.
    pub charset: Option<Parameter<'a>>,
    /// May the name of the user be sent as a hash?
    pub userhash: Option<Parameter<'a>>,
    /// All others.
    pub others: Vec<Parameter<'a>>,
}

/// Reads the challenges of one field's value, folded or not; of several fields each is read by itself.
pub fn challenges(value: &[u8]) -> Reading<Vec<Challenge<'_>>> {
    let mut odd = Anomalies::default();
    let schemes = lexer::schemes(value, &mut odd);
    let challenges = schemes
        .into_iter()
        .map(|scheme| Challenge::from(scheme, &mut odd))
        .collect();
    odd.with(challenges)
}

impl<'a> Challenge<'a> {
    fn from(scheme: Scheme<'a>, odd: &mut Anomalies) -> Self {
        // Without a scheme, what only Digest has tells it.
        if scheme.is("Digest") || scheme.name.is_empty() && scheme.parameter("nonce").is_some() {
            Self::Digest(Box::new(DigestChallenge::from(scheme, odd)))
        } else if scheme.is("Basic") {
            Self::Basic(BasicChallenge::from(scheme, odd))
        } else {
            Self::Other(scheme)
        }
    }

    /// The challenge of Digest, if it is one.
    pub fn digest(&self) -> Option<&DigestChallenge<'a>> {
        match self {
            Self::Digest(digest) => Some(digest),
            _ => None,
        }
    }

    /// The challenge of Basic, if it is one.
    pub fn basic(&self) -> Option<&BasicChallenge<'a>> {
        match self {
            Self::Basic(basic) => Some(basic),
            _ => None,
        }
    }
}

impl<'a> BasicChallenge<'a> {
    fn from(scheme: Scheme<'a>, odd: &mut Anomalies) -> Self {
        let mut read = Self {
            range: scheme.range,
            ..Self::default()
        };
        for parameter in scheme.parameters {
            match lowercase(parameter.name, &mut [0; NAME_BYTES_MAX]) {
                b"realm" => fill(&mut read.realm, parameter, Form::Quoted, odd),
                b"charset" => fill(&mut read.charset, parameter, Form::Either, odd),
                _ => read.others.push(parameter),
            }
        }
        read
    }

    /// Are the credentials to be in UTF-8?
    pub fn wants_utf8(&self) -> bool {
        self.charset.as_ref().is_some_and(|it| it.says("UTF-8"))
    }
}

impl<'a> DigestChallenge<'a> {
    fn from(scheme: Scheme<'a>, odd: &mut Anomalies) -> Self {
        let mut read = Self {
            range: scheme.range,
            ..Self::default()
        };
        for parameter in scheme.parameters {
            let (place, form) = match lowercase(parameter.name, &mut [0; NAME_BYTES_MAX]) {
                b"realm" => (&mut read.realm, Form::Quoted),
                b"domain" => (&mut read.domain, Form::Quoted),
                b"nonce" => (&mut read.nonce, Form::Quoted),
                b"opaque" => (&mut read.opaque, Form::Quoted),
                b"stale" => (&mut read.stale, Form::Token),
                b"algorithm" => (&mut read.algorithm, Form::Token),
                b"qop" => (&mut read.qop, Form::Quoted),
                b"charset" => (&mut read.charset, Form::Either),
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

    /// The qualities of protection offered, as they stand.
    pub fn qops(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let list = self.qop.as_ref().map(Parameter::list);
        list.into_iter().flatten()
    }

    /// Is this quality of protection offered?
    pub fn offers(&self, qop: &[u8]) -> bool {
        self.qops().any(|offered| offered.eq_ignore_ascii_case(qop))
    }

    /// Was only the nonce refused?
    pub fn is_stale(&self) -> bool {
        self.stale.as_ref().is_some_and(|it| it.says("true"))
    }

    /// Are the credentials to be in UTF-8?
    pub fn wants_utf8(&self) -> bool {
        self.charset.as_ref().is_some_and(|it| it.says("UTF-8"))
    }

    /// May the name of the user be sent as a hash?
    pub fn takes_userhash(&self) -> bool {
        self.userhash.as_ref().is_some_and(|it| it.says("true"))
    }
}
