//! The files that RPCs of a recording name: each gets a number, and what the file server of a replay gives out for it.

use std::collections::{BTreeMap, HashMap};

use super::Recording;
use super::leaves::Leaf;
use super::notes::Note;
use super::secrets::Secrets;
use crate::session::{Message, Role as Purpose, Side};

/// Numbers and contents.
#[derive(Debug, Default)]
pub(super) struct Files<'a> {
    transfers: &'a [Message],
    /// By the method and the URL.
    numbers: HashMap<(String, String), usize>,
    pub contents: BTreeMap<String, Vec<u8>>,
    pub notes: Vec<Note>,
}

impl<'a> Files<'a> {
    pub fn of(recording: &'a Recording) -> Self {
        Self {
            transfers: &recording.transfers,
            ..Self::default()
        }
    }

    /// The placeholder for this URL of a request of the ACS; nothing where it is no such URL.
    pub fn url(&mut self, leaf: &Leaf<'_>, session: u32) -> Option<String> {
        if !METHODS.contains(&leaf.message)
            || !URLS.iter().any(|name| leaf.is(name))
            || !leaf.asks()
        {
            return None;
        }
        // Where the device is to go afterwards is on the same server.
        let own = leaf
            .envelope
            .message()
            .and_then(|message| message.child("URL"));
        let url = match own {
            Some(own) if !leaf.is("URL") => own.text().trim().to_owned(),
            _ => leaf.text.clone().into_owned(),
        };
        let key = (leaf.message.to_owned(), url);
        let number = match self.numbers.get(&key) {
            Some(number) => *number,
            // Nobody serves so many: the others get the last.
            None if self.numbers.len() >= FILES_MAX => FILES_MAX,
            None => {
                let number = self.numbers.len().saturating_add(1);
                self.numbers.insert(key, number);
                self.fill(leaf, number, session);
                number
            }
        };
        Some(format!("file.{number}.url"))
    }

    /// Says which files hold a secret: they are given out as they are, so that nothing can take its place.
    pub fn warn(&mut self, secrets: &Secrets) {
        for (name, content) in &self.contents {
            if secrets.stand_in(content) {
                let what =
                    format!("{name} holds secrets of the recording in clear: keep it as one");
                self.notes.push(Note::Remark(what));
            }
        }
    }

    fn fill(&mut self, leaf: &Leaf<'_>, number: usize, session: u32) {
        let name = format!("file.{number}");
        let method = leaf.message;
        if method == "Upload" {
            let what = format!("{{{{{name}.url}}}} takes the file of the recorded Upload");
            self.notes.push(Note::Remark(what));
            return;
        }
        let argument = |name| {
            let message = leaf.envelope.message()?;
            Some(message.child(name)?.text().trim().to_owned())
        };
        let key = argument("CommandKey").unwrap_or_default();
        if let Some(content) = self.content(session, &key) {
            let what = format!(
                "{name} is the file of the recorded {method}, {} bytes, as the capture holds it",
                content.len()
            );
            self.contents.insert(name, content);
            self.notes.push(Note::Remark(what));
            return;
        }
        if let Some(status) = self.denied(session, &key) {
            let what = format!(
                "the file of the recorded {method} was answered with {status}: there is no {name}, and a replay answers with 404. \
                 Put a file of that name beside the scenario where a device is to get one"
            );
            self.notes.push(Note::Remark(what));
            return;
        }
        let size = argument("FileSize").and_then(|size| size.parse::<usize>().ok());
        let held: usize = self.contents.values().map(Vec::len).sum();
        let room = FILES_BYTES_MAX.saturating_sub(held);
        let size = size.unwrap_or_default().min(room);
        let what = format!(
            "the capture does not hold the file of the {method}: {name} is a filler of {size} bytes. Put the real file in its place \
             before a device is to install it"
        );
        self.notes.push(Note::NotKept {
            message: None,
            what,
        });
        self.contents.insert(name, filler(size));
    }

    /// The file, where it went over the wire as a whole.
    fn content(&self, session: u32, key: &str) -> Option<Vec<u8>> {
        let is_whole = |message: &&Message| {
            message.http.status() == 200
                && message.http.body_kept
                && message.http.body_complete
                && message.http.body_bytes > 0
        };
        let message = self.answers(session, key).find(is_whole)?;
        Some(message.http.body().to_vec())
    }

    /// The status, where the server had no file to give: the last word on it, so that no challenge is taken for one.
    fn denied(&self, session: u32, key: &str) -> Option<u16> {
        let status = self.answers(session, key).last()?.http.status();
        (400..600).contains(&status).then_some(status)
    }

    /// What the server said to who came for a file.
    fn answers(&self, session: u32, key: &str) -> impl Iterator<Item = &Message> {
        let is_answer = move |message: &&Message| {
            let caused = message.caused_by.as_ref();
            message.role == Purpose::Transfer
                && message.from != Side::Cpe
                && caused.is_some_and(|cause| cause.session == session && cause.command_key == key)
        };
        self.transfers.iter().filter(is_answer)
    }
}

/// Bytes that say what they are.
fn filler(size: usize) -> Vec<u8> {
    FILLER.iter().copied().cycle().take(size).collect()
}

/// RPCs that make a device fetch or send a file.
const METHODS: [&str; 4] = ["Download", "Upload", "ScheduleDownload", "ChangeDUState"];
/// Arguments of theirs that say where.
pub(super) const URLS: [&str; 3] = ["URL", "SuccessURL", "FailureURL"];
const FILLER: &[u8] = b"this is no firmware and no configuration, only a filler of its size\n";
/// Bytes of all files from which on fillers are shorter than what they stand for: more than the firmware of a phone has.
const FILES_BYTES_MAX: usize = 64 << 20;
/// Files of one scenario.
const FILES_MAX: usize = 64;
