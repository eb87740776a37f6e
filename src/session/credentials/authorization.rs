//! The Authorization header of an HTTP request: who says to be there, and whether a known password bears it out.

use std::borrow::Cow;

use http1::auth::{
    self, Account, AnomalyKind, DigestAuthorization, Encoding, Request, Unverifiable, Verdict,
};

use super::{Credentials, Known, Purpose};
use crate::session::{MASKED, Message, Role};

/// What an Authorization header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    /// How the password is proven.
    pub scheme: AuthorizationScheme,
    /// The user name, as far as the header gives one.
    pub user_name: Option<String>,
    /// Whether it fits the known user name and password; `None` where that cannot be told.
    pub valid: Option<bool>,
}

/// A scheme of HTTP authentication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuthorizationScheme {
    /// RFC 7617.
    Basic,
    /// RFC 2069, RFC 2617, RFC 7616.
    Digest,
    /// Any other, and what is none.
    Other,
}

impl AuthorizationScheme {
    /// As the JSON writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Digest => "digest",
            Self::Other => "other",
        }
    }
}

impl Authorization {
    /// What the header says, as read.
    #[must_use]
    pub fn of(reading: &auth::Reading<auth::Authorization<'_>>, valid: Option<bool>) -> Self {
        // Without a colon nobody can tell that it is a name.
        let bare = |odd: &auth::Anomaly| odd.kind == AnomalyKind::ColonMissing;
        let named = !reading.anomalies.iter().any(bare);
        let (scheme, user) = match &reading.what {
            auth::Authorization::Basic(basic) => (
                AuthorizationScheme::Basic,
                Some(Cow::Borrowed(basic.user.as_slice())),
            ),
            auth::Authorization::Digest(digest) => (AuthorizationScheme::Digest, digest.user()),
            auth::Authorization::Other(_) => (AuthorizationScheme::Other, None),
        };
        let user = user.filter(|_| named);
        Self {
            scheme,
            user_name: user.map(|user| Encoding::decode(&user).into_owned()),
            valid,
        }
    }
}

impl Message {
    /// What its Authorization header says; `None` where it has none.
    #[must_use]
    pub fn authorization(&self) -> Option<Authorization> {
        let value = self.http.header(AUTHORIZATION)?;
        Some(Authorization::of(
            &auth::authorization(&value),
            self.authorized,
        ))
    }

    /// What its Authorization header proves, now that its device and its role are known.
    pub(in crate::session) fn check_authorization(
        &self,
        credentials: &Credentials,
    ) -> Option<bool> {
        let purpose = match self.role {
            Role::Cwmp => Purpose::Acs,
            Role::ConnectionRequest => Purpose::ConnectionRequest,
            // A file server has accounts of its own.
            Role::Transfer | Role::Other => return None,
        };
        let value = self.http.header(AUTHORIZATION)?;
        let offered = Offered {
            value: &value,
            request: Request {
                method: self.http.method(),
                target: self.http.target(),
                body: body(&self.http),
            },
            whole: self.http.head_complete() && self.provenance.overlaps.is_empty(),
        };
        offered
            .prove(credentials, purpose, self.device.as_deref())
            .valid
    }
}

/// The Authorization header of a GET, kept until it is known whose it is.
#[derive(Debug)]
pub(in crate::session) struct KeptAuthorization {
    value: Vec<u8>,
    target: Vec<u8>,
    whole: bool,
}

impl KeptAuthorization {
    /// Of a request, if it has one; `contested` says that the capture has two versions of some of its bytes.
    pub fn of(http: &http1::Message, contested: bool) -> Option<Self> {
        Some(Self {
            value: http.header(AUTHORIZATION)?.into_owned(),
            target: http.target().to_vec(),
            whole: http.head_complete() && !contested,
        })
    }

    /// Bytes that it takes.
    pub fn bytes(&self) -> usize {
        self.value.len() + self.target.len()
    }

    /// Whether it fits what is known of this device's Connection Requests, and whether its user name does.
    pub fn judge(&self, credentials: &Credentials, device: Option<&str>) -> Proof {
        let offered = Offered {
            value: &self.value,
            request: Request {
                method: b"GET",
                target: &self.target,
                body: Some(b""),
            },
            whole: self.whole,
        };
        offered.prove(credentials, Purpose::ConnectionRequest, device)
    }
}

/// What an Authorization header proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::session) struct Proof {
    /// Whether it fits the known user name and password.
    pub valid: Option<bool>,
    /// Whether the user name is the known one.
    pub user_name_valid: Option<bool>,
}

/// What a request offers as proof.
struct Offered<'a> {
    value: &'a [u8],
    request: Request<'a>,
    /// The capture has all of the head, and only one version of it.
    whole: bool,
}

impl Offered<'_> {
    fn prove(&self, credentials: &Credentials, purpose: Purpose, device: Option<&str>) -> Proof {
        // A transcript may have been written without its secrets.
        if !credentials.knows(purpose) || holds(self.value, MASKED.as_bytes()) {
            return Proof::default();
        }
        let authorization = auth::authorization(self.value).what;
        let (user, hashed) = match &authorization {
            auth::Authorization::Basic(basic) => {
                (Some(Cow::Borrowed(basic.user.as_slice())), false)
            }
            auth::Authorization::Digest(digest) => (digest.user(), digest.is_userhash()),
            auth::Authorization::Other(_) => return Proof::default(),
        };
        let user = user.filter(|_| !hashed);
        let known = credentials.known(purpose, device, user.as_deref());
        let right = match &authorization {
            auth::Authorization::Basic(basic) => fits_basic(basic, &known),
            auth::Authorization::Digest(digest) => fits_digest(digest, &self.request, &known),
            auth::Authorization::Other(_) => None,
        };
        let same = |user: &Cow<'_, [u8]>| Some(is_named(user, known.user_name?));
        let user_name = user.as_ref().and_then(same);
        // What does not fit is wrong only where all of it was seen, and where it is surely this account's.
        let told = |right: &bool| *right || known.certain && self.whole;
        Proof {
            valid: right.filter(told),
            user_name_valid: user_name.filter(told),
        }
    }
}

fn holds(text: &[u8], wanted: &[u8]) -> bool {
    text.windows(wanted.len()).any(|part| part == wanted)
}

fn is_named(user: &[u8], known: &str) -> bool {
    [Encoding::Utf8, Encoding::Latin1]
        .into_iter()
        .any(|encoding| encoding.encode(known).as_deref() == Some(user))
}

fn fits_basic(basic: &auth::BasicAuthorization, known: &Known<'_>) -> Option<bool> {
    let said = Encoding::decode(&basic.user);
    let Some(password) = known.password else {
        return differs(&basic.user, known);
    };
    let account = Account {
        user: known.user_name.unwrap_or(&said),
        password,
    };
    Some(basic.is_of(&account).is_some())
}

fn fits_digest(
    digest: &DigestAuthorization<'_>,
    request: &Request<'_>,
    known: &Known<'_>,
) -> Option<bool> {
    let user = digest.user()?;
    let Some(password) = known.password else {
        let plain = !digest.is_userhash();
        return plain.then(|| differs(&user, known)).flatten();
    };
    let said = Encoding::decode(&user);
    let account = Account {
        user: known.user_name.unwrap_or(&said),
        password,
    };
    match digest.verify(request, &account) {
        Verdict::Valid => Some(true),
        // The password is right, the user is not.
        Verdict::ValidWith(odd) => Some(!odd.contains(&auth::Deviation::UserDiffers)),
        Verdict::Invalid => Some(false),
        Verdict::Unverifiable(Unverifiable::OtherUser) => known.user_name.map(|_| false),
        Verdict::Unverifiable(_) => None,
    }
}

/// Another user than the known one is wrong, whatever the password.
fn differs(user: &[u8], known: &Known<'_>) -> Option<bool> {
    let same = is_named(user, known.user_name?);
    (!same).then_some(false)
}

/// The body without transfer coding, where all of it was kept and no content coding was undone.
fn body(http: &http1::Message) -> Option<&[u8]> {
    let kept = http.body_complete && (http.body_kept || http.body_bytes == 0);
    (kept && !http.is_coded()).then(|| http.body())
}

const AUTHORIZATION: &str = "Authorization";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Accounts, credentials};

    /// The example of RFC 2617 section 3.5.
    fn example() -> KeptAuthorization {
        let value = "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", \
                     nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", qop=auth, nc=00000001, \
                     cnonce=\"0a4f113b\", response=\"6629fae49393a05397450978507c4ef1\", \
                     opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";
        KeptAuthorization {
            value: value.into(),
            target: b"/dir/index.html".to_vec(),
            whole: true,
        }
    }

    fn accounts(user_name: Option<&str>, password: Option<&str>) -> Accounts {
        Accounts {
            connection_request: credentials::Account {
                user_name: user_name.map(str::to_owned),
                password: password.map(str::to_owned),
            },
            ..Accounts::default()
        }
    }

    #[test]
    fn the_example_of_rfc_2617_is_borne_out() {
        let given = example();
        let right = Some("Circle Of Life");
        for (user_name, password, valid, named) in [
            (Some("Mufasa"), right, Some(true), Some(true)),
            (None, right, Some(true), None),
            (Some("Mufasa"), Some("wrong"), Some(false), Some(true)),
            (Some("mufasa"), right, Some(false), Some(false)),
            (Some("Simba"), None, Some(false), Some(false)),
            (Some("Mufasa"), None, None, Some(true)),
            (None, None, None, None),
        ] {
            let credentials = Credentials::new(accounts(user_name, password));
            let proof = given.judge(&credentials, Some("0-1"));
            let expected = Proof {
                valid,
                user_name_valid: named,
            };
            assert_eq!(proof, expected, "{user_name:?} {password:?}");
        }
    }

    #[test]
    fn nothing_is_wrong_where_bytes_are_missing_or_nobody_knows_whose_it_is() {
        let wrong = accounts(Some("Simba"), Some("wrong"));
        let credentials = Credentials::new(wrong.clone());
        let cut = KeptAuthorization {
            whole: false,
            ..example()
        };
        assert_eq!(cut.judge(&credentials, Some("0-1")), Proof::default());
        let several = Credentials::new(wrong.clone()).with_device("0-2", wrong);
        assert_eq!(example().judge(&several, None), Proof::default());
        let own = accounts(Some("Mufasa"), Some("Circle Of Life"));
        let own = several.with_device("0-3", own);
        let proof = example().judge(&own, None);
        assert_eq!(
            (proof.valid, proof.user_name_valid),
            (Some(true), Some(true))
        );
    }
}
