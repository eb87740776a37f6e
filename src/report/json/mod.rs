//! The JSON records, key by key as their contract has them.

mod answer;
mod came_of;
mod datagram;
mod device;
mod finding;
mod message;
mod replay;
mod replay_tls;
mod rule;
mod session;
mod summary;
mod tls;
mod writing;

pub use answer::AnswerRecord;
pub use datagram::datagram_record;
pub use device::{DeviceRecord, RequestCounts};
pub use finding::{CheckRecord, CountsRecord, FindingRecord};
pub use message::{MessageRecord, records, transfer_record};
pub use replay::{
    ComparedRecord, DifferenceRecord, OutcomeRecord, ReplayRecord, ReplayStepRecord, RunRecord,
    replay_lines,
};
pub use rule::RuleRecord;
pub use session::SessionRecord;
pub use summary::SummaryRecord;
pub use tls::{TlsRecord, tls_record};
pub use writing::{Layout, append_line, line, write};

use crate::report::moment;
use crate::source::{FrameId, Timestamp};

/// How records are made: with several input files, frame lists get their files beside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Setting {
    /// More than one input file.
    pub several_files: bool,
    /// What is hidden.
    pub masking: crate::session::Masking,
}

impl Setting {
    /// Numbers of the frames in their files.
    fn numbers(frames: &[FrameId]) -> Vec<u64> {
        frames.iter().map(|frame| frame.number()).collect()
    }

    /// The files (from 1) of the frames, where there are several.
    fn files(self, frames: &[FrameId]) -> Option<Vec<u32>> {
        self.several_files.then(|| {
            frames
                .iter()
                .map(|frame| u32::from(frame.file()) + 1)
                .collect()
        })
    }
}

fn time(time: Option<Timestamp>) -> Option<String> {
    time.map(moment::rfc3339)
}
