//! Role cpe: answers the challenges of an ACS (RFC 7616, RFC 7617).

use http1::Message;
use http1::auth::{
    Account, Answer, Challenge, DigestChallenge, Encoding, Request, basic_authorization, challenges,
};

use super::run::Run;
use super::{PlayerError, values};
use crate::replay::scenario::AuthScheme;

/// User, password, and what the ACS asked for.
pub(super) struct Credentials {
    account: Option<(String, String)>,
    scheme: AuthScheme,
    algorithm: Option<String>,
    asked: Option<Asked>,
}

/// The challenge that is answered.
struct Asked {
    /// The field's value, and which of its challenges.
    value: Vec<u8>,
    index: usize,
    by_proxy: bool,
    /// How often its nonce was used.
    nc: u32,
    cnonce: String,
}

impl Credentials {
    pub(super) fn new(run: &Run) -> Result<Self, PlayerError> {
        let auth = run.scenario.auth.as_ref();
        Ok(Self {
            account: auth.map(|auth| run.account(auth)).transpose()?,
            scheme: auth.map_or(AuthScheme::Digest, |auth| auth.scheme),
            algorithm: auth.and_then(|auth| auth.algorithm.clone()),
            asked: None,
        })
    }

    /// Takes a challenge; the error says why it is not answered. True where only the nonce was refused.
    pub(super) fn take(
        &mut self,
        response: &Message,
        random: &mut dyn FnMut() -> u64,
    ) -> Result<bool, String> {
        if self.account.is_none() {
            return Err("the scenario has no [auth] to answer it with".to_owned());
        }
        let by_proxy = response.status() == 407;
        let name = if by_proxy {
            "Proxy-Authenticate"
        } else {
            "WWW-Authenticate"
        };
        if response.header(name).is_none() {
            let why = match self.asked {
                Some(_) => "the ACS refused the credentials, and asks for no others",
                None => "the ACS refused the request, and asks for no credentials",
            };
            return Err(why.to_owned());
        }
        let mut best: Option<(u8, Vec<u8>, usize, bool)> = None;
        for value in response.header_all(name).take(FIELDS_MAX) {
            for (index, challenge) in challenges(&value).what.iter().enumerate() {
                let rank = self.rank(challenge);
                if rank > best.as_ref().map_or(0, |(rank, ..)| *rank) {
                    let stale = challenge.digest().is_some_and(DigestChallenge::is_stale);
                    best = Some((rank, value.to_vec(), index, stale));
                }
            }
        }
        let Some((_, value, index, stale)) = best else {
            let wanted = match self.scheme {
                AuthScheme::Digest => "Digest with an algorithm that can be computed",
                AuthScheme::Basic => "Basic or Digest",
            };
            return Err(format!("it asks for none of {wanted}"));
        };
        self.asked = Some(Asked {
            value,
            index,
            by_proxy,
            nc: 0,
            cnonce: values::hex(random, 1),
        });
        Ok(stale)
    }

    /// The best is what was recorded; a password that went as Digest never goes in clear.
    fn rank(&self, challenge: &Challenge<'_>) -> u8 {
        match (challenge, self.scheme) {
            (Challenge::Basic(_), AuthScheme::Basic) => 4,
            (Challenge::Digest(digest), scheme) => {
                let Some(algorithm) = digest.algorithm() else {
                    return 0;
                };
                let recorded = self.algorithm.as_deref().unwrap_or("MD5");
                let same = algorithm.name().eq_ignore_ascii_case(recorded);
                if scheme == AuthScheme::Digest && same {
                    3
                } else {
                    2
                }
            }
            _ => 0,
        }
    }

    /// Nothing was asked for yet: nothing is shown.
    pub(super) fn forget(&mut self) {
        self.asked = None;
    }

    /// The name and value of the field with the credentials; nothing where none were asked for.
    pub(super) fn field(
        &mut self,
        target: &[u8],
        body: &[u8],
    ) -> Option<Result<(&'static str, Vec<u8>), String>> {
        let (user, password) = self.account.as_ref()?;
        let asked = self.asked.as_mut()?;
        asked.nc = asked.nc.saturating_add(1);
        let account = Account { user, password };
        let read = challenges(&asked.value);
        let written = match read.what.get(asked.index)? {
            Challenge::Basic(_) => basic_authorization(&account, Encoding::Utf8),
            Challenge::Digest(digest) => digest.answer(&Answer {
                request: Request {
                    method: b"POST",
                    target,
                    body: Some(body),
                },
                account,
                encoding: Encoding::Utf8,
                cnonce: &asked.cnonce,
                nc: asked.nc,
            }),
            Challenge::Other(_) => return None,
        };
        let name = if asked.by_proxy {
            "Proxy-Authorization"
        } else {
            "Authorization"
        };
        let why = |why: http1::auth::Unwritable| {
            format!(
                "the challenge of the ACS cannot be answered: {}",
                why.name()
            )
        };
        Some(written.map(|value| (name, value)).map_err(why))
    }
}

/// Fields with challenges that are looked at.
const FIELDS_MAX: usize = 8;
