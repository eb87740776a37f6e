//! Role acs: challenges a phone as `[auth]` has it, and looks at the credentials that it gives (RFC 7616, RFC 7617).

use std::borrow::Cow;
use std::collections::VecDeque;

use http1::Message;
use http1::auth::{
    Account, Algorithm, Authorization, DigestAuthorization, DigestChallengeFields, Encoding,
    Request, Unverifiable, Verdict, authorization, basic_challenge,
};

use super::run::Run;
use super::{PlayerError, values};
use crate::replay::scenario::{Auth, AuthScheme};

/// Who comes in.
pub(in crate::replay) struct Doorkeeper {
    auth: Auth,
    user: String,
    password: String,
    algorithm: Option<Algorithm>,
    nonces: VecDeque<Nonce>,
    /// Of its session, where nobody counts them for himself.
    tries: Tries,
}

/// How often one who comes was asked, and how often wrong.
#[derive(Debug, Default)]
pub(in crate::replay) struct Tries {
    challenges: u32,
    refusals: u32,
    /// Why the last credentials were no good; nothing where they were, or where there were none.
    refused: Option<&'static str>,
}

struct Nonce {
    text: String,
    /// The highest count it was used with.
    nc: u32,
}

/// What to do with a request.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::replay) enum Door {
    /// Let it in.
    Open,
    /// Ask for credentials.
    Ask {
        /// Only the nonce was no good.
        stale: bool,
        /// Why what was shown is not taken.
        wrong: Option<&'static str>,
    },
    /// Asked often enough.
    Shut(String),
}

/// What a request shows.
enum Shown {
    Right,
    Nothing,
    /// The password is right, the nonce is not, or no more.
    Stale,
    OtherScheme,
    Wrong(&'static str),
}

impl Doorkeeper {
    pub(super) fn new(run: &Run) -> Result<Option<Self>, PlayerError> {
        let Some(auth) = run.scenario.auth.clone() else {
            return Ok(None);
        };
        let (user, password) = run.account(&auth)?;
        Self::of(auth, user, password).map(Some)
    }

    /// One who lets in this account.
    pub(in crate::replay) fn of(
        auth: Auth,
        user: String,
        password: String,
    ) -> Result<Self, PlayerError> {
        let algorithm = match &auth.algorithm {
            Some(name) if auth.scheme == AuthScheme::Digest => {
                let unknown = || PlayerError::Auth(format!("the algorithm {name} is not known"));
                Some(Algorithm::named(name.as_bytes()).ok_or_else(unknown)?)
            }
            _ => None,
        };
        let doorkeeper = Self {
            auth,
            user,
            password,
            algorithm,
            nonces: VecDeque::new(),
            tries: Tries::default(),
        };
        doorkeeper.check()?;
        Ok(doorkeeper)
    }

    /// Can the challenge be written?
    fn check(&self) -> Result<(), PlayerError> {
        let written = self.written("0", false);
        let why = |why: http1::auth::Unwritable| {
            PlayerError::Auth(format!("realm or qop: {}", why.name()))
        };
        written.map(drop).map_err(why)
    }

    /// A new session: what was counted of the one before is forgotten.
    pub(super) fn begin(&mut self) {
        self.tries = Tries {
            refused: self.tries.refused,
            ..Tries::default()
        };
    }

    /// Looks at the credentials of a request, in a session of its own.
    pub(super) fn check_in(&mut self, request: &Message) -> Door {
        let shown = self.shown(request);
        self.tries.door(shown)
    }

    /// Looks at the credentials of one of several, each with tries of his own.
    pub(in crate::replay) fn check_in_with(
        &mut self,
        request: &Message,
        tries: &mut Tries,
    ) -> Door {
        tries.door(self.shown(request))
    }

    fn shown(&mut self, request: &Message) -> Shown {
        let Some(given) = request.header("Authorization") else {
            return Shown::Nothing;
        };
        let account = Account {
            user: &self.user,
            password: &self.password,
        };
        let read = authorization(&given).what;
        match (&read, self.auth.scheme) {
            (Authorization::Basic(basic), AuthScheme::Basic) => match basic.is_of(&account) {
                Some(_) => Shown::Right,
                None => Shown::Wrong("another user or password"),
            },
            (Authorization::Digest(digest), AuthScheme::Digest) => {
                let asked = Request {
                    method: request.method(),
                    target: request.target(),
                    body: Some(request.body()),
                };
                let is_ours = |user: Cow<'_, [u8]>| *user == *self.user.as_bytes();
                if !digest.is_userhash() && !digest.user().is_some_and(is_ours) {
                    // The response may be computed with a name that is not shown; the account is the one that is shown.
                    return Shown::Wrong("another user");
                }
                match digest.verify(&asked, &account) {
                    Verdict::Valid | Verdict::ValidWith(_) => self.admit(digest),
                    // With a new nonce its count begins anew, and so it can be computed.
                    Verdict::Unverifiable(Unverifiable::EarlierSessionKey) => Shown::Stale,
                    Verdict::Unverifiable(Unverifiable::OtherUser) => Shown::Wrong("another user"),
                    Verdict::Unverifiable(why) => Shown::Wrong(why.name()),
                    Verdict::Invalid => Shown::Wrong("a response that does not fit the password"),
                }
            }
            _ => Shown::OtherScheme,
        }
    }

    /// The password is right: is the nonce one of ours, and its count higher than before (RFC 7616 section 3.4)?
    fn admit(&mut self, digest: &DigestAuthorization<'_>) -> Shown {
        let nonce = digest
            .nonce
            .as_ref()
            .map(http1::auth::Parameter::text)
            .unwrap_or_default();
        let known = self.nonces.iter_mut();
        let Some(nonce) = known.rev().find(|it| it.text.as_bytes() == &*nonce) else {
            return Shown::Stale;
        };
        if let Some(nc) = digest.nonce_count() {
            if nc <= nonce.nc {
                return Shown::Stale;
            }
            nonce.nc = nc;
        }
        Shown::Right
    }

    /// The value of a challenge for who was not asked before: one that nobody answered yet serves again, so that whoever asks
    /// for many takes nobody's away.
    pub(super) fn first_challenge(&mut self, random: &mut dyn FnMut() -> u64) -> Vec<u8> {
        match self.nonces.iter().rev().find(|nonce| nonce.nc == 0) {
            Some(nonce) => self.written(&nonce.text, false).unwrap_or_default(),
            None => self.challenge(false, random),
        }
    }

    /// The value of a new challenge.
    pub(in crate::replay) fn challenge(
        &mut self,
        stale: bool,
        random: &mut dyn FnMut() -> u64,
    ) -> Vec<u8> {
        let text = values::hex(random, 2);
        let written = self.written(&text, stale).unwrap_or_default();
        if self.nonces.len() >= NONCES_MAX {
            self.nonces.pop_front();
        }
        self.nonces.push_back(Nonce { text, nc: 0 });
        written
    }

    fn written(&self, nonce: &str, stale: bool) -> Result<Vec<u8>, http1::auth::Unwritable> {
        match self.auth.scheme {
            AuthScheme::Basic => basic_challenge(&self.auth.realm, false),
            AuthScheme::Digest => DigestChallengeFields {
                realm: &self.auth.realm,
                nonce,
                stale,
                algorithm: self.algorithm,
                qop: self.auth.qop.as_deref(),
                ..DigestChallengeFields::default()
            }
            .write(),
        }
    }

    /// Why nobody was let in at last, where credentials were shown.
    pub(super) fn refused(&self) -> Option<String> {
        let (why, user) = (self.tries.refused?, &self.user);
        Some(format!(
            "the credentials that came are not taken for those of {user}: {why}"
        ))
    }

    /// Whose credentials are asked for.
    pub(in crate::replay) fn user(&self) -> &str {
        &self.user
    }

    /// Head and body of the recorded 401, as far as there is one.
    pub(super) fn recorded(&self) -> (Option<&str>, Option<&str>) {
        let auth = &self.auth;
        (
            auth.challenge_head.as_deref(),
            auth.challenge_body.as_deref(),
        )
    }
}

impl Tries {
    /// What comes of what was shown: who is let in begins anew.
    fn door(&mut self, shown: Shown) -> Door {
        match shown {
            Shown::Right => {
                *self = Self::default();
                Door::Open
            }
            Shown::Nothing => self.ask(false, None),
            Shown::Stale => {
                self.refused = Some("a nonce that is none of ours, or was used before");
                self.ask(true, None)
            }
            // Unasked, it says nothing but that it could not know what is wanted.
            Shown::OtherScheme if self.challenges == 0 => self.ask(false, None),
            Shown::OtherScheme => self.refuse("another scheme"),
            Shown::Wrong(why) => self.refuse(why),
        }
    }

    fn ask(&mut self, stale: bool, wrong: Option<&'static str>) -> Door {
        self.challenges = self.challenges.saturating_add(1);
        if self.challenges > CHALLENGES_MAX {
            return Door::Shut(format!("no credentials after {CHALLENGES_MAX} challenges"));
        }
        Door::Ask { stale, wrong }
    }

    fn refuse(&mut self, why: &'static str) -> Door {
        self.refusals = self.refusals.saturating_add(1);
        self.refused = Some(why);
        if self.refusals >= REFUSALS_MAX {
            return Door::Shut(format!("{why}, {REFUSALS_MAX} times"));
        }
        self.ask(false, Some(why))
    }
}

/// The user that credentials name.
pub(super) fn user_of(request: &Message) -> Option<String> {
    let given = request.header("Authorization")?;
    match authorization(&given).what {
        Authorization::Basic(basic) => Some(Encoding::decode(&basic.user).into_owned()),
        Authorization::Digest(digest) => Some(Encoding::decode(&digest.user()?).into_owned()),
        Authorization::Other(_) => None,
    }
}

/// Nonces remembered; one that is older is stale. Many devices may be asked behind one address before the first answers.
const NONCES_MAX: usize = 256;
/// Challenges without credentials between.
const CHALLENGES_MAX: u32 = 16;
/// Wrong credentials in one session, or on one connection, before it ends: phones try again with what they have.
const REFUSALS_MAX: u32 = 3;
