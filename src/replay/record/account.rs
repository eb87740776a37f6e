//! The credentials that a recorded device shows its ACS, and how it was asked for them.

use http1::auth::{self, Authorization, Challenge, Encoding};

use super::head::Head;
use super::notes::{NotPlayable, Note};
use super::order::{Turn, Turns};
use super::plan::Plan;
use crate::replay::scenario::{Auth, AuthScheme, Role};

/// What a recording says of it.
#[derive(Debug)]
pub(super) struct Account<'t, 'a> {
    /// The challenge that was answered, else the first.
    pub challenge: Option<&'t Turn<'a>>,
    asked: Option<Asked>,
    shown: Option<Shown>,
}

/// A challenge.
#[derive(Debug, Clone)]
struct Asked {
    scheme: AuthScheme,
    realm: String,
    algorithm: Option<String>,
    qop: Option<String>,
}

/// What the device showed.
#[derive(Debug)]
struct Shown {
    username: String,
    asked: Asked,
}

impl<'t, 'a> Account<'t, 'a> {
    pub fn of(sessions: &'t [Turns<'a>]) -> Self {
        let turns = sessions.iter();
        let requests = turns
            .clone()
            .flat_map(|session| session.kept.iter().chain(&session.challenged));
        let shown = requests
            .filter_map(|turn| turn.message.http.header("Authorization"))
            .find_map(|value| Shown::of(&value));
        let mut challenges = turns
            .flat_map(|session| &session.challenges)
            .filter(|turn| turn.message.http.status() == 401)
            .peekable();
        let challenge = challenges.peek().copied();
        let wanted = shown.as_ref().map(|shown| shown.asked.scheme);
        let asked = challenge.and_then(|turn| {
            let values = turn.message.http.header_all("WWW-Authenticate");
            let asked: Vec<Asked> = values.flat_map(|value| Asked::all(&value)).collect();
            let answered = asked.iter().find(|asked| Some(asked.scheme) == wanted);
            answered.or(asked.first()).cloned()
        });
        Self {
            challenge,
            asked,
            shown,
        }
    }

    /// Role acs asks where the recorded ACS did; role cpe answers whoever asks.
    pub fn is_wanted(&self, role: Role) -> bool {
        match role {
            Role::Acs => self.asked.is_some(),
            Role::Cpe => self.asked.is_some() || self.shown.is_some(),
        }
    }

    pub fn auth(
        &self,
        plan: &mut Plan<'a>,
        body: Option<String>,
    ) -> Result<Option<Auth>, NotPlayable> {
        let answered = self.shown.as_ref().map(|shown| &shown.asked);
        let Some(asked) = self.asked.as_ref().or(answered) else {
            return Ok(None);
        };
        if !self.is_wanted(plan.role) {
            let what =
                "the device shows credentials unasked: they are neither asked for nor looked at";
            plan.notes.push(Note::Remark(what.to_owned()));
            return Ok(None);
        }
        let challenge_head = match self.challenge {
            Some(turn) => Some(Head::of(turn, plan, false)?.text),
            None => None,
        };
        let username = self.shown.as_ref().map_or("", |shown| &shown.username);
        let variables = &mut plan.variables;
        let what = "the user name of the device at the ACS";
        let username = variables.value("acs_username", "", username, what);
        let place = "the password of the device at the ACS";
        let password = variables.secret("acs_password", "", place);
        Ok(Some(Auth {
            scheme: asked.scheme,
            realm: asked.realm.clone(),
            algorithm: asked.algorithm.clone(),
            qop: asked.qop.clone(),
            username: format!("{{{{{username}}}}}"),
            password: format!("{{{{{password}}}}}"),
            challenge_head,
            challenge_body: body,
        }))
    }
}

impl Asked {
    /// The challenges of one field that anybody here can answer.
    fn all(value: &[u8]) -> Vec<Self> {
        let read = auth::challenges(value).what;
        let known = read.iter().filter_map(|challenge| match challenge {
            Challenge::Digest(digest) => Some(Self {
                scheme: AuthScheme::Digest,
                realm: text(digest.realm.as_ref()).unwrap_or_default(),
                algorithm: text(digest.algorithm.as_ref()),
                qop: text(digest.qop.as_ref()),
            }),
            Challenge::Basic(basic) => Some(Self {
                scheme: AuthScheme::Basic,
                realm: text(basic.realm.as_ref()).unwrap_or_default(),
                algorithm: None,
                qop: None,
            }),
            Challenge::Other(_) => None,
        });
        known.collect()
    }
}

impl Shown {
    fn of(value: &[u8]) -> Option<Self> {
        match auth::authorization(value).what {
            Authorization::Basic(basic) => Some(Self {
                username: Encoding::decode(&basic.user).into_owned(),
                asked: Asked {
                    scheme: AuthScheme::Basic,
                    realm: String::new(),
                    algorithm: None,
                    qop: None,
                },
            }),
            Authorization::Digest(digest) => {
                let user = digest.user().filter(|_| !digest.is_userhash());
                Some(Self {
                    username: user
                        .map(|user| Encoding::decode(&user).into_owned())
                        .unwrap_or_default(),
                    asked: Asked {
                        scheme: AuthScheme::Digest,
                        realm: text(digest.realm.as_ref()).unwrap_or_default(),
                        algorithm: text(digest.algorithm.as_ref()),
                        qop: text(digest.qop.as_ref()),
                    },
                })
            }
            Authorization::Other(_) => None,
        }
    }
}

fn text(parameter: Option<&auth::Parameter<'_>>) -> Option<String> {
    parameter.map(|one| String::from_utf8_lossy(&one.text()).into_owned())
}
