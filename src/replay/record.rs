//! A recorded session made into a scenario: what is kept to the byte, what is made anew, and what could not be kept.
//!
//! It reads no capture: whoever does hands over sessions with their messages. Two runs over one recording give the same
//! scenario; nothing here depends on the time of day or on chance.

mod account;
mod body;
mod cookies;
mod files;
mod head;
mod instances;
mod keys;
mod leaves;
mod notes;
mod order;
mod plan;
mod secrets;
mod steps;
mod stun;
mod transaction;
mod variables;
mod wake;

pub use notes::{NotPlayable, Note};
pub use stun::StunSeen;
pub use transaction::Transaction;
pub use wake::Wake;

use super::scenario::{Class, Defaults, Identity, Role, Safety, Scenario, Source};
use crate::session::{Message, Session};
use order::Turns;
use steps::Script;

/// Sessions that belong together, as a capture holds them.
#[derive(Debug, Default)]
pub struct Recording {
    /// SHA-256 of the capture, in hexadecimal; none where it could not be read twice.
    pub sha256: Option<String>,
    /// In the order of time; of one device.
    pub sessions: Vec<RecordedSession>,
    /// Messages of file transfers that these sessions asked for.
    pub transfers: Vec<Message>,
    /// STUN of the device.
    pub stun: Option<StunSeen>,
}

/// One of its sessions.
#[derive(Debug)]
pub struct RecordedSession {
    /// What it was.
    pub session: Session,
    /// Its own messages: the HTTP messages of CWMP.
    pub messages: Vec<Message>,
    /// The Connection Request that set it off.
    pub wake: Option<Wake>,
}

/// What the user wants beside the session itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecordSetting {
    /// Classes that the scenario is to allow; none unless the user says so.
    pub allow: Vec<Class>,
}

/// A scenario, and what to know of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// What can be written and played.
    pub scenario: Scenario,
    /// What was made a variable, which secrets have to be given, what could not be kept.
    pub notes: Vec<Note>,
}

/// Makes a scenario of recorded sessions, in which this tool plays `role`.
///
/// # Errors
///
/// Where it cannot be played: bytes are missing, the session does not begin with an Inform, a secret stands where no variable
/// can.
pub fn record(
    recording: &Recording,
    role: Role,
    setting: &RecordSetting,
) -> Result<Recorded, NotPlayable> {
    let first = recording.sessions.first().ok_or(NotPlayable::Nothing)?;
    let device = first.session.device.as_deref();
    let mut sessions = Vec::with_capacity(recording.sessions.len());
    for recorded in &recording.sessions {
        if recorded.session.device.as_deref() != device {
            let session = recorded.session.number;
            return Err(NotPlayable::OtherDevice { session });
        }
        sessions.push(Turns::of(recorded)?);
    }
    let mut script = Script::new(role, recording, &sessions);
    let auth = script.auth(&sessions)?;
    for (recorded, turns) in recording.sessions.iter().zip(&sessions) {
        script.session(recorded, turns)?;
    }
    let identity = Identity {
        device: device.map(str::to_owned),
        acs_path: sessions
            .first()
            .and_then(order::acs_path)
            .filter(|path| !script.gives_away(path)),
    };
    let numbers = recording.sessions.iter().map(|one| one.session.number);
    let source = recording.sha256.clone().map(|sha256| Source {
        sha256,
        sessions: numbers.collect(),
    });
    let defaults = Defaults {
        ignore: script.ignored(),
        ..Defaults::default()
    };
    let wakes = recording.sessions.iter();
    let wakes: Vec<&Wake> = wakes.filter_map(|one| one.wake.as_ref()).collect();
    let stun = script.stun(recording.stun.as_ref(), &wakes);
    let mut script = script.finish(&setting.allow);
    if role == Role::Acs && Transaction::leaves_a_transfer(&recording.sessions) {
        script.notes.push(Note::Remark(LEFT_TRANSFER.to_owned()));
    }
    if script.variables.len() > VARIABLES_MAX {
        return Err(NotPlayable::TooManySecrets);
    }
    let scenario = Scenario {
        role,
        source,
        identity,
        auth,
        stun,
        vars: script.variables,
        safety: Safety {
            allow: setting.allow.clone(),
        },
        defaults,
        steps: script.steps,
        files: script.files,
    };
    Ok(Recorded {
        scenario,
        notes: script.notes,
    })
}

const LEFT_TRANSFER: &str = "the transfer itself is not in the scenario: a device that comes for its file behind the last step finds no file \
     server. --transaction or --until-session takes along the sessions that end it, where the capture holds them";
/// Nobody gives more values than this by hand.
const VARIABLES_MAX: usize = 1_000;
