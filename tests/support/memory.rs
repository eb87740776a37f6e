//! A whole analysis of a capture that stands in memory.

use std::io::{Cursor, Read};
use std::ops::ControlFlow;

use informant::pipeline::{Options, analyse};
use informant::session::Output;
use informant::source::Capture;

use crate::support::Analysis;

/// Analyses bytes as a capture file, messages and all.
#[allow(dead_code, reason = "each test uses its part")]
pub fn analyse_bytes(bytes: Vec<u8>) -> Analysis {
    analyse_with(
        Cursor::new(bytes),
        &Options {
            messages: true,
            ..Options::default()
        },
    )
}

/// Analyses what a reader gives.
pub fn analyse_with(reader: impl Read + Send + 'static, options: &Options) -> Analysis {
    let mut capture = Capture::from_reader("memory", reader).expect("the bytes are a capture");
    let mut analysis = Analysis::default();
    let mut deliver = |output| {
        match output {
            Output::Session(session) => analysis.sessions.push(*session),
            Output::Message(message) => analysis.messages.push(*message),
            Output::ConnectionRequest(request) => analysis.connection_requests.push(*request),
            Output::Transfer(transfer) => analysis.transfers.push(*transfer),
        }
        ControlFlow::Continue(())
    };
    let summary = analyse(&mut capture, options, &mut deliver, &mut |_| {});
    analysis.summary = summary;
    analysis.problems = capture.problems().iter().map(ToString::to_string).collect();
    analysis.sessions.sort_by_key(|session| session.number);
    analysis
}
