//! The pace of a run: how long to wait before speaking, and for the other side.

use std::time::Duration;

use super::PlayerError;

/// How fast a scenario is played.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Speed {
    /// With the pauses of the recording.
    AsRecorded,
    /// So many times as fast.
    Times(f64),
    /// Without a pause.
    Max,
}

impl Speed {
    /// The speed, if it is one.
    pub(super) fn checked(self) -> Result<Self, PlayerError> {
        match self {
            Self::Times(factor) if !(factor.is_finite() && factor > 0.0) => {
                Err(PlayerError::Speed(factor.to_string()))
            }
            speed => Ok(speed),
        }
    }

    /// How long to wait where the recording waited so long.
    pub(super) fn pause(self, recorded: Duration) -> Duration {
        match self {
            Self::AsRecorded => recorded,
            Self::Times(factor) => scaled(recorded, factor),
            Self::Max => Duration::ZERO,
        }
    }

    /// How long to wait for the other side, which does not become faster because no pause is made.
    pub(super) fn patience(self, asked: Duration) -> Duration {
        match self {
            Self::AsRecorded | Self::Max => asked,
            Self::Times(factor) => scaled(asked, factor).max(PATIENCE_MIN.min(asked)),
        }
    }
}

fn scaled(time: Duration, factor: f64) -> Duration {
    Duration::try_from_secs_f64(time.as_secs_f64() / factor).unwrap_or(Duration::MAX)
}

/// No scaled deadline is shorter, unless it was.
const PATIENCE_MIN: Duration = Duration::from_secs(1);
