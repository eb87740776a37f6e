//! Whether credentials of Digest are right, and if they are, what is odd about them.

use std::borrow::Cow;

use super::algorithm::Hash;
use super::authorization::{DigestAuthorization, text};
use super::basic::Encoding;
use super::candidates::{Found, Given, Value, find};
use super::compute::{Computation, Counted, is_auth_int};
use super::deviation::Deviation;
use super::named_kinds;
use super::parameter::Parameter;
use super::target::{UriMatch, uri_match};

/// A user and the password.
#[derive(Clone, Copy)]
pub struct Account<'a> {
    /// The user.
    pub user: &'a str,
    /// The password.
    pub password: &'a str,
}

/// What credentials are for.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The method, as on the request line.
    pub method: &'a [u8],
    /// The target, as on the request line.
    pub target: &'a [u8],
    /// The body with its content coding and without its transfer coding; none where it is not known.
    pub body: Option<&'a [u8]>,
}

/// Whether credentials are right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As the documents have it.
    Valid,
    /// The password is right, but something is not as the documents have it.
    ValidWith(Vec<Deviation>),
    /// The password is another, or the response was computed in a way nobody here knows.
    Invalid,
    /// It cannot be said.
    Unverifiable(Unverifiable),
}

named_kinds! {
    /// Why it cannot be said whether credentials are right.
    Unverifiable {
        /// No user is named.
        UsernameMissing = "username-missing",
        /// No realm is named.
        RealmMissing = "realm-missing",
        /// No nonce is given.
        NonceMissing = "nonce-missing",
        /// No target is given.
        UriMissing = "uri-missing",
        /// No response is given.
        ResponseMissing = "response-missing",
        /// The response is not as many hexadecimal digits as a hash has.
        ResponseMalformed = "response-malformed",
        /// The user is another than the one whose password is known.
        OtherUser = "other-user",
        /// The response is about the body, which is not known.
        BodyUnknown = "body-unknown",
        /// The key may be of the session's first request (RFC 2617 section 3.2.2.2), whose nonces are not known here.
        EarlierSessionKey = "earlier-session-key",
        /// It does not fit as it should, and is too long for every known deviation to be tried.
        TooLong = "too-long",
    }
}

impl Verdict {
    /// Is the password right?
    pub fn is_valid(&self) -> bool {
        matches!(self, Self::Valid | Self::ValidWith(_))
    }
}

impl DigestAuthorization<'_> {
    /// Is this the response of somebody who knows the password?
    ///
    /// Where it does not fit as the documents have it, up to two of the known deviations together are tried. Whether the
    /// credentials answer a challenge is told by [`Self::mismatches`].
    pub fn verify(&self, request: &Request<'_>, account: &Account<'_>) -> Verdict {
        let response = match self.checked_response() {
            Ok(response) => response,
            Err(why) => return Verdict::Unverifiable(why),
        };
        let parts = Parts::of(self);
        let given = parts.given(self, request, account);
        let long = given.bytes() > SEARCHED_BYTES_MAX;
        let lower = response.to_ascii_lowercase();
        let found = given.plain(&lower).or_else(|| {
            if long {
                None
            } else {
                find(&given, &lower, DEVIATIONS_MAX)
            }
        });
        match found {
            Some(found) => {
                let mut deviations = found.deviations.clone();
                deviations.extend(self.oddities(&response, request, &found));
                match deviations.is_empty() {
                    true => Verdict::Valid,
                    false => Verdict::ValidWith(deviations),
                }
            }
            None => self.refused(&given, long),
        }
    }

    /// The response, if there is all that is needed.
    fn checked_response(&self) -> Result<String, Unverifiable> {
        self.user().ok_or(Unverifiable::UsernameMissing)?;
        let needed = [
            (&self.realm, Unverifiable::RealmMissing),
            (&self.nonce, Unverifiable::NonceMissing),
            (&self.uri, Unverifiable::UriMissing),
        ];
        for (parameter, why) in needed {
            parameter.as_ref().ok_or(why)?;
        }
        let response = text(&self.response).ok_or(Unverifiable::ResponseMissing)?;
        let fits = matches!(response.len(), 32 | 64) && response.iter().all(u8::is_ascii_hexdigit);
        let response = String::from_utf8(response.into_owned());
        match (fits, response) {
            (true, Ok(response)) => Ok(response),
            _ => Err(Unverifiable::ResponseMalformed),
        }
    }

    fn refused(&self, given: &Given<'_>, long: bool) -> Verdict {
        let user = given.account.user;
        let named = given.user.map(|named| named.text);
        let raw = given.user.map(|named| named.raw);
        let same = |encoding: Encoding| {
            let user = encoding.encode(user);
            user.is_some() && (user.as_deref() == named || user.as_deref() == raw)
        };
        let other = match named {
            Some(_) => !same(Encoding::Utf8) && !same(Encoding::Latin1),
            None => !self.has_userhash_of(user.as_bytes(), given.realm.text),
        };
        let auth_int = given.qop.is_some_and(is_auth_int);
        let session = given.algorithm.is_some_and(|algorithm| algorithm.session);
        if other {
            Verdict::Unverifiable(Unverifiable::OtherUser)
        } else if auth_int && given.request.body.is_none() {
            Verdict::Unverifiable(Unverifiable::BodyUnknown)
        } else if session && self.nonce_count() != Some(1) {
            Verdict::Unverifiable(Unverifiable::EarlierSessionKey)
        } else if long {
            Verdict::Unverifiable(Unverifiable::TooLong)
        } else {
            Verdict::Invalid
        }
    }

    /// What is odd beside the computation.
    fn oddities(&self, response: &str, request: &Request<'_>, found: &Found) -> Vec<Deviation> {
        let mut odd = self.odd_forms();
        let mut note = |is: bool, deviation| {
            if is {
                odd.push(deviation);
            }
        };
        note(
            response.bytes().any(|byte| byte.is_ascii_uppercase()),
            Deviation::ResponseUpper,
        );
        let uri = text(&self.uri).unwrap_or_default();
        let how = uri_match(&uri, request.target);
        let differs = match how {
            UriMatch::Same => None,
            UriMatch::AbsoluteForm => Some(Deviation::UriAbsoluteForm),
            UriMatch::PercentEncoding => Some(Deviation::UriPercentEncoding),
            UriMatch::QueryMissing => Some(Deviation::UriQueryMissing),
            UriMatch::Other => Some(Deviation::UriDiffers),
        };
        odd.extend(differs);
        let realm = text(&self.realm).unwrap_or_default();
        let made = found.hash.hex(&[&found.user, &realm]);
        let given = self.user().unwrap_or_default();
        if self.is_userhash() && !given.eq_ignore_ascii_case(made.as_bytes()) {
            odd.push(Deviation::UserhashDiffers);
        }
        if !self.is_userhash() && *given != *found.user {
            odd.push(Deviation::UserNamedOtherwise);
        }
        odd
    }

    /// Is the name given the hash of this user, with whatever hash?
    fn has_userhash_of(&self, user: &[u8], realm: &[u8]) -> bool {
        let given = self.user().unwrap_or_default();
        let hashes = Hash::of_digits(given.len()).iter();
        let mut made = hashes.map(|hash| hash.hex(&[user, realm]));
        made.any(|made| given.eq_ignore_ascii_case(made.as_bytes()))
    }

    /// What is odd about qop, count, client's nonce, quotes.
    fn odd_forms(&self) -> Vec<Deviation> {
        let quoted = |it: &Option<Parameter<'_>>| it.as_ref().is_some_and(|it| it.quoted);
        let bare = |it: &Option<Parameter<'_>>| it.as_ref().is_some_and(|it| !it.quoted);
        let (qop, nc) = (text(&self.qop), text(&self.nc));
        let known = |qop: &Cow<'_, [u8]>| matches!(&**qop, b"auth" | b"auth-int");
        let eight = |nc: &[u8]| nc.len() == 8 && nc.iter().all(u8::is_ascii_hexdigit);
        let upper = |nc: &Cow<'_, [u8]>| eight(nc) && nc.iter().any(u8::is_ascii_uppercase);
        let given = nc.is_some() || self.cnonce.is_some();
        let must = [
            &self.username,
            &self.realm,
            &self.nonce,
            &self.uri,
            &self.response,
            &self.cnonce,
            &self.opaque,
        ];
        let all = [
            (Deviation::QopQuoted, quoted(&self.qop)),
            (
                Deviation::QopUnknown,
                qop.as_ref().is_some_and(|qop| !known(qop)),
            ),
            (Deviation::AlgorithmQuoted, quoted(&self.algorithm)),
            (Deviation::NcQuoted, quoted(&self.nc)),
            (
                Deviation::NcMalformed,
                nc.as_ref().is_some_and(|nc| !eight(nc)),
            ),
            (Deviation::NcUpper, nc.as_ref().is_some_and(upper)),
            (Deviation::NcMissing, qop.is_some() && nc.is_none()),
            (
                Deviation::CnonceMissing,
                qop.is_some() && self.cnonce.is_none(),
            ),
            (
                Deviation::CnonceEmpty,
                self.cnonce.as_ref().is_some_and(|it| it.raw.is_empty()),
            ),
            (
                Deviation::CountedWithoutQop,
                qop.is_none() && given && !self.needs_cnonce(),
            ),
            (Deviation::QuotesMissing, must.into_iter().any(bare)),
        ];
        let odd = all.into_iter().filter(|(_, is)| *is);
        odd.map(|(deviation, _)| deviation).collect()
    }

    /// Does the algorithm need the client's nonce, whatever the qop?
    fn needs_cnonce(&self) -> bool {
        self.algorithm().is_some_and(|algorithm| algorithm.session)
    }
}

/// The values that are computed with, without escapes.
struct Parts<'a> {
    user: Option<Cow<'a, [u8]>>,
    realm: Cow<'a, [u8]>,
    nonce: Cow<'a, [u8]>,
    cnonce: Cow<'a, [u8]>,
    uri: Cow<'a, [u8]>,
    qop: Option<Cow<'a, [u8]>>,
    nc: Cow<'a, [u8]>,
}

impl<'a> Parts<'a> {
    fn of(given: &DigestAuthorization<'a>) -> Self {
        let user = given.user().filter(|_| !given.is_userhash());
        Self {
            user,
            realm: text(&given.realm).unwrap_or_default(),
            nonce: text(&given.nonce).unwrap_or_default(),
            cnonce: text(&given.cnonce).unwrap_or_default(),
            uri: text(&given.uri).unwrap_or_default(),
            qop: text(&given.qop),
            nc: text(&given.nc).unwrap_or_default(),
        }
    }

    fn given<'g>(
        &'g self,
        read: &'g DigestAuthorization<'_>,
        request: &'g Request<'_>,
        account: &'g Account<'_>,
    ) -> Given<'g> {
        let raw = |it: &'g Option<Parameter<'_>>| it.as_ref().map_or(&b""[..], |it| it.raw);
        let value = |text: &'g [u8], raw: &'g [u8]| Value { text, raw };
        Given {
            account,
            request,
            algorithm: read.algorithm(),
            algorithm_named: read.algorithm.is_some(),
            user: self.user.as_deref().map(|user| {
                let named = read.username.as_ref();
                value(user, named.map_or(user, |named| named.raw))
            }),
            realm: value(&self.realm, raw(&read.realm)),
            nonce: value(&self.nonce, raw(&read.nonce)),
            cnonce: value(&self.cnonce, raw(&read.cnonce)),
            uri: value(&self.uri, raw(&read.uri)),
            qop: self.qop.as_deref(),
            nc: &self.nc,
        }
    }
}

impl Given<'_> {
    /// As the documents have it, if that gives this response: what is nearly always so, and takes three hashes.
    fn plain(&self, response: &str) -> Option<Found> {
        let algorithm = self.algorithm?;
        let counted = self.qop.map(|qop| Counted { qop, nc: self.nc });
        let body = match self.request.body {
            Some(body) => body,
            None if self.qop.is_some_and(is_auth_int) => return None,
            None => b"",
        };
        let computation = Computation {
            algorithm,
            user: self.account.user.as_bytes(),
            realm: self.realm.text,
            password: self.account.password.as_bytes(),
            nonce: self.nonce.text,
            cnonce: self.cnonce.text,
            counted,
            method: self.request.method,
            uri: self.uri.text,
            body,
        };
        (computation.response() == response).then(|| Found {
            hash: algorithm.hash,
            user: self.account.user.as_bytes().to_vec(),
            deviations: Vec::new(),
        })
    }

    /// Of all values that are computed with again for every way.
    fn bytes(&self) -> usize {
        let Self {
            account, request, ..
        } = self;
        let values = [
            account.user.as_bytes(),
            account.password.as_bytes(),
            request.method,
            request.target,
            self.user.unwrap_or_default().raw,
            self.realm.raw,
            self.nonce.raw,
            self.cnonce.raw,
            self.uri.raw,
            self.qop.unwrap_or_default(),
            self.nc,
        ];
        values.iter().map(|value| value.len()).sum()
    }
}

/// Deviations that are looked for together. Agents that err do so in one or two ways; each more would multiply the ways by ten.
const DEVIATIONS_MAX: usize = 2;
/// Bytes of values for which deviations are looked for. Real ones have some 200 together; a few thousand hashes of more would
/// let one hostile request cost as much as thousands of others.
const SEARCHED_BYTES_MAX: usize = 1024;
