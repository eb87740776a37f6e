//! What is kept of one device while its capture is read.

use super::entry::{Entry, EntryKind, Frames};
use super::limits::NOTES_MAX;
use super::reported::Told;
use super::requests::RequestNote;
use super::sessions::SessionNote;
use super::words::{Voice, clock_after};
use crate::report::{escape, text::figures};
use crate::session::{
    ConnectionRequest, Datagram, Session, Transfer, TransferDirection, TransferMethod,
    TransferResult,
};
use crate::source::Timestamp;

/// Notes of one device.
#[derive(Debug, Default)]
pub(super) struct Chapter {
    pub sessions: Vec<SessionNote>,
    pub requests: Vec<RequestNote>,
    pub told: Told,
    transfers: Vec<Entry>,
    notifications: Vec<Notifications>,
    /// What no room was left for.
    beyond: u64,
}

/// Lightweight notifications, one after the other.
#[derive(Debug)]
struct Notifications {
    first: Timestamp,
    last: Timestamp,
    count: u64,
    frames: Frames,
    text: String,
}

impl Chapter {
    pub fn session(&mut self, session: &Session) {
        self.told.take(session);
        keep(&mut self.sessions, &mut self.beyond, || {
            SessionNote::of(session)
        });
    }

    pub fn request(&mut self, request: &ConnectionRequest, voice: Voice) {
        keep(&mut self.requests, &mut self.beyond, || {
            RequestNote::of(request, voice)
        });
    }

    pub fn transfer(&mut self, transfer: &Transfer, voice: Voice) {
        keep(&mut self.transfers, &mut self.beyond, || {
            moved(transfer, voice)
        });
    }

    pub fn notification(&mut self, datagram: &Datagram, voice: Voice) {
        let step = datagram.step();
        let detail = step
            .detail
            .map_or_else(String::new, |detail| format!(": {}", voice.say(&detail)));
        let text = format!(
            "a lightweight notification to {}{detail}",
            datagram.destination
        );
        if let Some(last) = self.notifications.last_mut()
            && last.text == text
        {
            last.count += 1;
            last.last = datagram.time;
            last.frames.add(&datagram.frames);
            return;
        }
        keep(&mut self.notifications, &mut self.beyond, || {
            Notifications {
                first: datagram.time,
                last: datagram.time,
                count: 1,
                frames: Frames::of(&datagram.frames),
                text,
            }
        });
    }

    /// The session of this number.
    pub fn numbered(&self, number: u32) -> Option<&SessionNote> {
        self.sessions
            .iter()
            .find(|session| session.number == number)
    }

    /// Entries of what stands for itself.
    pub fn entries(&self) -> Vec<Entry> {
        let notifications = self.notifications.iter().map(Notifications::entry);
        self.transfers
            .iter()
            .cloned()
            .chain(notifications)
            .collect()
    }

    pub fn beyond(&self) -> u64 {
        self.beyond + self.told.beyond
    }
}

impl Notifications {
    fn entry(&self) -> Entry {
        let mut text = format!("sends {}", self.text);
        if self.count > 1 {
            let again = figures::grouped(self.count - 1);
            text.push_str(&format!(
                "; the same {again} more until {}",
                clock_after(self.first, self.last)
            ));
        }
        Entry::new(
            self.first,
            EntryKind::Notification,
            self.frames.clone(),
            text,
        )
    }
}

fn keep<T>(notes: &mut Vec<T>, beyond: &mut u64, note: impl FnOnce() -> T) {
    if notes.len() < NOTES_MAX {
        notes.push(note());
    } else {
        *beyond += 1;
    }
}

/// `complete with 200, 1.2 MB`.
fn outcome(transfer: &Transfer, voice: Voice) -> String {
    let result = match transfer.result {
        TransferResult::Complete => "complete",
        TransferResult::Failed => "it fails",
        TransferResult::Cut => "the capture holds no end of it",
        TransferResult::Unanswered => "no answer is in the capture",
    };
    let mut text = result.to_owned();
    if let Some(code) = transfer.code {
        text.push_str(&format!(" with {code}"));
    }
    if let Some(reason) = transfer.reason.as_deref().filter(|words| !words.is_empty()) {
        text.push_str(&format!(" ({})", voice.say(reason)));
    }
    if let Some(bytes) = transfer.bytes {
        text.push_str(&format!(", {}", figures::bytes(bytes)));
    }
    text
}

/// `downloads /fw.bin from 198.51.100.10:80: complete with 200, 1.2 MB; session 2 asked for it`.
fn moved(transfer: &Transfer, voice: Voice) -> Entry {
    let name = voice.masking.target(transfer.name.as_bytes());
    let name = escape::bytes(&name).into_owned();
    let (verb, side) = match transfer.direction {
        TransferDirection::Download => ("downloads", "from"),
        TransferDirection::Upload => ("uploads", "to"),
    };
    let method = match transfer.method {
        TransferMethod::Http => "",
        TransferMethod::Ftp => " by FTP",
        TransferMethod::Tftp => " by TFTP",
    };
    let (to, came) = (transfer.destination, outcome(transfer, voice));
    let mut text = format!("{verb} {name} {side} {to}{method}: {came}");
    if let Some(cause) = &transfer.caused_by {
        text.push_str(&format!("; session {} asked for it", cause.session));
        if !cause.command_key.is_empty() {
            let key = voice.say(&cause.command_key);
            text.push_str(&format!(" (CommandKey {key})"));
        }
    }
    let mut frames: Vec<_> = transfer
        .steps
        .iter()
        .flat_map(|step| &step.frames)
        .collect();
    frames.sort_unstable();
    let time = transfer.steps.iter().map(|step| step.time).min();
    let frames = Frames::of(frames);
    let entry = Entry::new(time.unwrap_or_default(), EntryKind::Transfer, frames, text);
    match &transfer.caused_by {
        Some(cause) => entry.of_session(cause.session),
        None => entry,
    }
}
