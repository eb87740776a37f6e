//! What the user is told of a scenario that was made, and why some sessions give none.

use std::fmt;

/// Something to know of a scenario; it may hold text of the wire, and no secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Note {
    /// A secret that has to be given at each replay.
    Secret {
        /// The variable.
        name: String,
        /// The variable of the environment that it is taken from.
        env: String,
        /// Where the recording holds it.
        place: String,
    },
    /// A value that is made anew or taken from the other side.
    Variable {
        /// The variable.
        name: String,
        /// What it stands for.
        what: String,
    },
    /// Something that is not as recorded.
    NotKept {
        /// The message, as `informant show` counts them, and its session; none where it concerns the whole.
        message: Option<Place>,
        /// What, and what that means.
        what: String,
    },
    /// Something to do or to know before it is played.
    Remark(String),
}

/// A message of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The number of the session.
    pub session: u32,
    /// The number of the message in it, from 1.
    pub message: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "session {}, message {}", self.session, self.message)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret { name, env, place } => {
                write!(
                    out,
                    "secret {name}: give it in the environment as {env}; {place}"
                )
            }
            Self::Variable { name, what } => write!(out, "variable {name}: {what}"),
            Self::NotKept {
                message: Some(place),
                what,
            } => write!(out, "not kept ({place}): {what}"),
            Self::NotKept {
                message: None,
                what,
            } => write!(out, "not kept: {what}"),
            Self::Remark(text) => out.write_str(text),
        }
    }
}

/// Why a recording gives no scenario.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotPlayable {
    /// No session was handed over.
    #[error("there is no session to make a scenario of")]
    Nothing,
    /// The sessions are of several devices.
    #[error("session {session} is of another device than the first: a scenario plays one device")]
    OtherDevice {
        /// Its number.
        session: u32,
    },
    /// The session does not begin with an Inform.
    #[error(
        "session {session} does not begin with an Inform: its beginning is not in the capture, or what is there cannot be read"
    )]
    NoInform {
        /// Its number.
        session: u32,
    },
    /// Challenges, and nothing else.
    #[error(
        "in session {session} the ACS asks for credentials and never takes them: nothing is left to play"
    )]
    NeverLetIn {
        /// Its number.
        session: u32,
    },
    /// Messages that the session holds were not handed over, or not kept.
    #[error(
        "session {session} holds {steps} messages, and {there} of them could be kept: a larger --max-mem may help"
    )]
    Missing {
        /// Its number.
        session: u32,
        /// Its messages.
        steps: usize,
        /// Those that are there.
        there: usize,
    },
    /// Bytes of a message, or before it, are not in the capture.
    #[error("{place}: bytes are missing from the capture (a gap)")]
    Gap {
        /// Which.
        place: Place,
    },
    /// A message is cut.
    #[error(
        "{place}: the message is cut, by the snap length, the end of the capture or the end of its connection"
    )]
    Cut {
        /// Which.
        place: Place,
    },
    /// A message cannot be read or written again.
    #[error("{place}: {why}")]
    Unreadable {
        /// Which.
        place: Place,
        /// Why not.
        why: &'static str,
    },
    /// A secret would have to be kept in clear.
    #[error("{place}: a secret stands where no variable can take its place ({what})")]
    Secret {
        /// Which.
        place: Place,
        /// Where.
        what: &'static str,
    },
    /// More values than anybody gives.
    #[error(
        "the sessions hold more than a thousand secrets and other values that would have to be given"
    )]
    TooManySecrets,
}
