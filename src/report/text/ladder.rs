//! The ladder of a session: two lifelines, an arrow for every HTTP message, times at the left, frames at the right; and
//! those of what belongs to no session.

mod anchors;
mod bindings;
mod drawing;
mod exchange;
mod marks;

use super::heading;
use super::{figures, wakeups};
use crate::report::escape;
use crate::report::moment;
use crate::report::paint::{Ink, Line, Look, flowed, wrapped};
use crate::session::{
    ConnectionRequest, ConnectionRequestCarrier, Finding, Masking, Session, Step, Transfer,
    TransferMethod,
};
pub use anchors::{Anchor, Anchored};
pub use bindings::Bindings;
use drawing::Drawing;
pub use exchange::Exchange;

/// Draws ladders.
#[derive(Debug, Clone, Copy)]
pub struct Ladder {
    /// The screen.
    pub look: Look,
    /// What is hidden.
    pub masking: Masking,
    /// More than one input file: frames are told with their file.
    pub several_files: bool,
}

impl Ladder {
    /// A session, below the Connection Requests that set it off, above the transfers it asked for. Gives back what begins
    /// where in the text.
    pub fn session(&self, session: &Session, beside: &Beside<'_>, out: &mut String) -> Vec<Anchor> {
        for line in heading::session(session, self.several_files, self.look) {
            line.write(self.look, out);
        }
        out.push('\n');
        let requests = beside.requests.iter();
        let transfers = beside.transfers.iter();
        let mut all: Vec<&Step> = beside.binding.iter().flat_map(|one| &one.steps).collect();
        all.extend(requests.flat_map(|request| &request.steps));
        all.extend(&session.steps);
        all.extend(transfers.flat_map(|transfer| &transfer.steps));
        let mut drawing = Drawing::new(self, session.start, &all);
        drawing.mark(&beside.findings, session.number);
        let (cpe, acs) = ends(session);
        drawing.heads(&cpe, Ink::Cpe, &acs, Ink::Acs, out);
        if let Some(binding) = &beside.binding {
            drawing.exchange(binding, out);
        }
        let mut late = Vec::new();
        for request in &beside.requests {
            let caption = wakeups::sentence(request, self.masking);
            drawing.caption(&caption, Ink::Acs, out);
            let (before, behind) = split_at_session(&request.steps, &session.steps);
            drawing.steps(before, out);
            late.extend(behind.iter().cloned());
        }
        if !late.is_empty() {
            for (is_late, steps) in in_order(&session.steps, late) {
                let words = if is_late {
                    "Connection Request"
                } else {
                    "session"
                };
                drawing.caption(words, Ink::Dim, out);
                drawing.steps(&steps, out);
            }
        } else if session.connections.len() > 1 {
            drawing.steps_on_connections(&session.steps, out);
        } else {
            if !beside.requests.is_empty() || beside.binding.is_some() {
                drawing.caption("session", Ink::Dim, out);
            }
            drawing.steps(&session.steps, out);
        }
        drawing.end(session, out);
        for transfer in &beside.transfers {
            let caption = caption_of_transfer(transfer);
            drawing.caption(&caption, Ink::Plain, out);
            drawing.steps(&transfer.steps, out);
        }
        drawing.rest(out);
        out.push('\n');
        drawing.anchors
    }

    /// A Connection Request that set off no session the capture holds, below the binding that stood when it came.
    pub fn connection_request(
        &self,
        request: &ConnectionRequest,
        binding: Option<&Exchange>,
        out: &mut String,
    ) {
        let Some(first) = request.steps.first() else {
            return;
        };
        for text in wrapped(&wakeups::sentence(request, self.masking), self.look.width) {
            Line::of(Ink::Bold, text).write(self.look, out);
        }
        self.facts(request.device.as_deref(), first, Vec::new(), out);
        let mut all: Vec<&Step> = binding.iter().flat_map(|one| &one.steps).collect();
        all.extend(&request.steps);
        let mut drawing = Drawing::new(self, first.time, &all);
        let acs = match request.carrier {
            ConnectionRequestCarrier::Http => format!("acs {}", request.source.ip()),
            // Where a datagram comes from decides whether a NAT lets it in.
            ConnectionRequestCarrier::Udp => format!("acs {}", request.source),
        };
        let cpe = format!("cpe {}", request.destination);
        drawing.heads(&cpe, Ink::Cpe, &acs, Ink::Acs, out);
        if let Some(binding) = binding {
            drawing.exchange(binding, out);
            drawing.caption("Connection Request", Ink::Acs, out);
        }
        drawing.steps(&request.steps, out);
        out.push('\n');
    }

    /// A transfer on its own.
    pub fn transfer(&self, transfer: &Transfer, out: &mut String) {
        let heads = (
            format!("cpe {}", transfer.source.ip()),
            format!("file server {}", transfer.destination),
        );
        let name = self.masking.target(transfer.name.as_bytes());
        let mut facts = vec![Line::of(
            Ink::Plain,
            format!("{} {}", transfer.direction.name(), escape::bytes(&name)),
        )];
        facts.push(figures::size(transfer, Ink::Plain, figures::bytes));
        let mut title = "transfer".to_owned();
        if let Some(cause) = &transfer.caused_by {
            title = format!("transfer for session {}", cause.session);
            if !cause.command_key.is_empty() {
                facts.push(Line::of(
                    Ink::Plain,
                    format!(
                        "CommandKey {}",
                        escape::text(&self.masking.text(&cause.command_key))
                    ),
                ));
            }
        }
        self.alone(
            &title,
            transfer.device.as_deref(),
            facts,
            heads,
            &transfer.steps,
            out,
        );
    }

    /// What stands in no session: its heading, and a ladder of its own.
    fn alone(
        &self,
        title: &str,
        device: Option<&str>,
        facts: Vec<Line>,
        (cpe, peer): (String, String),
        steps: &[Step],
        out: &mut String,
    ) {
        let Some(first) = steps.first() else { return };
        Line::of(Ink::Bold, title)
            .cut_to(self.look.width, self.look)
            .write(self.look, out);
        self.facts(device, first, facts, out);
        let all: Vec<&Step> = steps.iter().collect();
        let mut drawing = Drawing::new(self, first.time, &all);
        drawing.heads(&cpe, Ink::Cpe, &peer, Ink::Acs, out);
        drawing.steps(steps, out);
        out.push('\n');
    }

    /// Whose it is, when it began, and what else there is to know; an empty line behind it.
    fn facts(&self, device: Option<&str>, first: &Step, facts: Vec<Line>, out: &mut String) {
        let device = device.map_or_else(|| "unknown device".into(), escape::text);
        let time = format!("{} UTC", moment::date_and_clock(first.time, 6));
        let lines = [Line::of(Ink::Cpe, device), Line::of(Ink::Plain, time)];
        for line in flowed(lines.into_iter().chain(facts), 0, self.look) {
            line.write(self.look, out);
        }
        out.push('\n');
    }
}

/// The steps of a Connection Request before the session began, and those that it had not yet when it did.
fn split_at_session<'s>(steps: &'s [Step], session: &[Step]) -> (&'s [Step], &'s [Step]) {
    let began = session.first().map(|first| first.time);
    let is_before = |step: &Step| began.is_none_or(|began| step.time <= began);
    let at = steps.iter().take_while(|step| is_before(step)).count();
    steps.split_at_checked(at).unwrap_or((steps, &[]))
}

/// The steps of a session, with those of its Connection Requests where their time is; true are the latter.
fn in_order(session: &[Step], mut late: Vec<Step>) -> Vec<(bool, Vec<Step>)> {
    late.sort_by_key(|step| step.time);
    let mut late = late.into_iter().peekable();
    let mut stretches: Vec<(bool, Vec<Step>)> = Vec::new();
    let mut put = |is_late: bool, step: Step| match stretches.last_mut() {
        Some((kind, steps)) if *kind == is_late => steps.push(step),
        _ => stretches.push((is_late, vec![step])),
    };
    for step in session {
        while let Some(answer) = late.next_if(|late| late.time < step.time) {
            put(true, answer);
        }
        put(false, step.clone());
    }
    late.for_each(|step| put(true, step));
    stretches
}

/// What the lifelines of a session are called.
fn ends(session: &Session) -> (String, String) {
    let cpe = session.cpe.address;
    let cpe = cpe.map_or_else(|| "cpe".to_owned(), |address| format!("cpe {address}"));
    let acs = match (session.acs.address, session.acs.port) {
        (Some(address), Some(port)) => {
            format!("acs {}", std::net::SocketAddr::new(address, port))
        }
        _ => "acs".to_owned(),
    };
    (cpe, acs)
}

/// What is drawn with a session beside its own messages.
#[derive(Debug, Default)]
pub struct Beside<'a> {
    /// The last exchange of the binding that a UDP Connection Request came through.
    pub binding: Option<Exchange>,
    /// The Connection Requests that set it off.
    pub requests: Vec<&'a ConnectionRequest>,
    /// The transfers that it asked for.
    pub transfers: Vec<&'a Transfer>,
    /// What the rule book found in it.
    pub findings: Vec<&'a Finding>,
}

#[cfg(test)]
mod tests;

/// What carried a transfer is told where it is not HTTP.
fn caption_of_transfer(transfer: &Transfer) -> String {
    let (direction, server) = (transfer.direction.name(), transfer.destination);
    match transfer.method {
        TransferMethod::Http => format!("{direction} {server}"),
        method => format!("{direction} {server} by {}", method.name().to_uppercase()),
    }
}
