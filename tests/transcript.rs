//! Transcripts: what is read of them, what is written, and that the one is the other's inverse.

#[path = "transcript/bytes.rs"]
mod bytes;
#[path = "transcript/docs.rs"]
mod docs;
#[path = "transcript/errors.rs"]
mod errors;
#[path = "transcript/program.rs"]
mod program;
#[path = "transcript/recordings.rs"]
mod recordings;
#[path = "transcript/samples.rs"]
mod samples;
mod support;
#[path = "transcript/tls.rs"]
mod tls;
#[path = "transcript/wounds.rs"]
mod wounds;

use std::io::Cursor;

use informant::pipeline::Options;
use informant::report::Transcript;
use informant::session::{Datagram, Masking, Message, Role, Session};
use informant::source::Capture;
use support::Analysis;

const HIDDEN: Masking = Masking {
    show_secrets: false,
};
const SHOWN: Masking = Masking { show_secrets: true };

/// Reads a transcript, messages and all.
fn read(text: &str) -> Analysis {
    read_as(
        text.as_bytes(),
        &Options {
            messages: true,
            ..Options::default()
        },
    )
}

fn read_as(bytes: &[u8], options: &Options) -> Analysis {
    let capture = Capture::from_reader("it.transcript", Cursor::new(bytes.to_vec()))
        .expect("a transcript opens");
    support::gather(capture, options)
}

/// The messages of a session, as `show` has them.
fn messages<'a>(analysis: &'a Analysis, session: &Session) -> Vec<&'a Message> {
    let mut messages: Vec<&Message> = analysis
        .messages
        .iter()
        .filter(|message| message.session == Some(session.number) && message.role == Role::Cwmp)
        .collect();
    messages.sort_by_key(|message| message.provenance.time);
    messages
}

/// A session as a transcript.
fn written(analysis: &Analysis, session: &Session, masking: Masking) -> String {
    let mut messages = messages(analysis, session);
    messages.sort_by_key(|message| message.provenance.started);
    let mut out = String::new();
    let datagrams = analysis.datagrams.iter();
    let datagrams: Vec<&Datagram> = datagrams
        .filter(|datagram| datagram.session == Some(session.number))
        .collect();
    let all = messages.iter().copied();
    let mut transcript = Transcript::begin(session, &datagrams, all, masking, &mut out);
    for message in &messages {
        transcript.message(message, &mut out);
    }
    transcript.end(session, &mut out);
    out
}
