//! The ladder of a session, with its arrows leading to messages and its findings to rules.

use super::{Places, Scene, lines, lines_of};
use crate::cli::tui::opened::Item;
use crate::report::escape;
use crate::report::text::{Anchored, Beside, Exchange, Ladder};
use crate::source::FrameId;
use crate::tui::{Ink, Line, Page, Stop, Target, Yank};

/// The page.
pub(super) fn page(scene: &Scene<'_>) -> Page {
    let opened = scene.opened;
    let ladder = Ladder {
        look: scene.look,
        masking: scene.shared.masking(),
        several_files: scene.shared.several_files(),
    };
    let beside = Beside {
        binding: Exchange::of(opened.binding.iter().map(AsRef::as_ref)),
        requests: opened.requests.iter().collect(),
        transfers: opened.transfers.iter().collect(),
        findings: scene.findings.clone(),
    };
    let mut out = String::new();
    let anchors = ladder.session(&opened.session, &beside, &mut out);
    let mut lines = lines(&out);
    let mut index = Index::of(&opened.items);
    let at = lines_of(&out, anchors.iter().map(|anchor| anchor.at));
    let session = opened.session.number;
    let stops = anchors.iter().zip(at).map(|(anchor, line)| {
        let (target, yank) = index.target(anchor.of, session);
        Stop { line, target, yank }
    });
    let stops = stops.collect();
    if !scene.is_judged && scene.shared.is_checked {
        lines.push(Line::of(
            Ink::Dim,
            "findings appear when the capture is judged",
        ));
    }
    if opened.left_out > 0 {
        let words = if scene.shared.is_live() {
            format!("{} messages are not held any more", opened.left_out)
        } else {
            format!("{} messages are too many to be opened", opened.left_out)
        };
        lines.push(Line::of(Ink::Warning, words));
    }
    Page {
        title: scene.title(),
        lines,
        stops,
        jumps: true,
        first: 0,
    }
}

/// Which item an arrow is.
struct Index<'a> {
    items: &'a [Item],
    messages: Places<(u64, i64, bool)>,
    datagrams: Places<FrameId>,
}

impl<'a> Index<'a> {
    fn of(items: &'a [Item]) -> Self {
        let mut index = Self {
            items,
            messages: Places::new(),
            datagrams: Places::new(),
        };
        for (at, item) in items.iter().enumerate() {
            match item {
                Item::Message(message, _) => {
                    let place = (
                        message.provenance.connection,
                        message.provenance.time.nanoseconds,
                        message.http.kind() == http1::Kind::Response,
                    );
                    index.messages.entry(place).or_default().push_back(at);
                }
                Item::Datagram(datagram) => {
                    if let Some(frame) = datagram.frames.first() {
                        index.datagrams.entry(*frame).or_default().push_back(at);
                    }
                }
            }
        }
        index
    }

    fn target(&mut self, of: Anchored, session: u32) -> (Option<Target>, Yank) {
        let filter = Some(format!("session == {session}"));
        let at = match of {
            Anchored::Finding(code) => {
                let yank = Yank {
                    value: Some(code.to_owned()),
                    path: None,
                    filter: Some(format!("finding.code == {code}")),
                };
                return (Some(Target::Rule(code.to_owned())), yank);
            }
            Anchored::Message {
                connection,
                time,
                is_response,
            } => {
                let place = (connection, time.nanoseconds, is_response);
                let places = self.messages.get_mut(&place);
                places.and_then(std::collections::VecDeque::pop_front)
            }
            Anchored::Datagram(frame) => {
                let places = frame.and_then(|frame| self.datagrams.get_mut(&frame));
                places.and_then(std::collections::VecDeque::pop_front)
            }
            Anchored::Other => None,
        };
        let yank = Yank {
            value: at.and_then(|at| self.items.get(at)).and_then(name),
            path: None,
            filter,
        };
        (at.map(|at| Target::Message { session, at }), yank)
    }
}

/// What a message is called: its RPC, its method, or its status.
fn name(item: &Item) -> Option<String> {
    let Item::Message(message, _) = item else {
        return None;
    };
    let rpc = message.soap.as_ref().and_then(|document| {
        let mut envelopes = document.envelopes().iter();
        envelopes.find_map(|envelope| envelope.view(document).message_name())
    });
    let name = match (rpc, message.http.kind()) {
        (Some(rpc), _) => escape::text(rpc).into_owned(),
        (None, http1::Kind::Request) => escape::bytes(message.http.method()).into_owned(),
        (None, _) => message.http.status().to_string(),
    };
    Some(name)
}
