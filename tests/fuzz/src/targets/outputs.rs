//! Hostile messages in every form of output: JSON stays JSON, and nothing that a terminal obeys comes through.

use std::path::PathBuf;

use informant::pipeline::Limits;
use informant::report::escape::is_unsafe;
use informant::report::paint::Look;
use informant::report::{json, text};
use informant::session::Masking;

use super::analysis::{Analysis, analyse_bytes};
use super::tape::Tape;
use super::wire;

/// One byte of settings, then what the two sides say in turn, two bytes of length before each: by TCP, and what fits into
/// a datagram by UDP too.
pub fn run(data: &[u8]) {
    let mut tape = Tape(data);
    let settings = tape.byte();
    let analysis = analyse_bytes(&capture(&mut tape), 1, Limits::default());
    analysis.check();
    let masking = Masking {
        show_secrets: settings & 1 != 0,
    };
    let several_files = settings & 2 != 0;
    as_json(&analysis, masking, several_files);
    let look = Look {
        width: [20, 60, 80, 200][usize::from(settings >> 2 & 3)],
        colour: false,
        unicode: settings & 16 != 0,
    };
    as_text(&analysis, masking, several_files, look);
}

fn capture(tape: &mut Tape<'_>) -> Vec<u8> {
    let client = wire::Endpoint::new([10, 0, 0, 1], 40_000);
    let server = wire::Endpoint::new([203, 0, 113, 10], 7547);
    let mut connection = wire::Connection::new(client, server);
    let mut frames = connection.open();
    let mut side = 0;
    while !tape.is_over() {
        let length = usize::from(tape.word());
        let bytes = tape.bytes(length);
        frames.extend(connection.send(side, bytes, 1_400));
        if bytes.len() <= 1_400 {
            let [from, to] = if side == 0 {
                [client, server]
            } else {
                [server, client]
            };
            frames.push(wire::udp(from, to, bytes));
        }
        side = 1 - side;
    }
    frames.extend(connection.close());
    wire::capture(&frames, 1_000)
}

fn as_json(analysis: &Analysis, masking: Masking, several_files: bool) {
    let setting = json::Setting {
        several_files,
        masking,
    };
    let paths = [PathBuf::from("input")];
    let mut lines = vec![json::line(&json::SummaryRecord::new(
        &analysis.summary,
        &paths,
    ))];
    for session in &analysis.sessions {
        lines.push(json::line(&json::SessionRecord::new(session, setting)));
    }
    for message in &analysis.messages {
        let records = json::records(message, setting);
        lines.extend(records.iter().map(json::line));
    }
    for transfer in &analysis.transfers {
        lines.push(json::line(&json::transfer_record(transfer, setting)));
    }
    for seen in &analysis.tls {
        lines.push(json::line(&json::tls_record(seen, setting)));
    }
    for line in lines {
        harmless(&line);
        assert!(line.ends_with('\n') && !line[..line.len() - 1].contains('\n'));
        let value: Result<serde_json::Value, _> = serde_json::from_str(&line);
        assert!(value.is_ok(), "no JSON: {line}");
    }
}

fn as_text(analysis: &Analysis, masking: Masking, several_files: bool, look: Look) {
    let paths = [PathBuf::from("input")];
    let mut out = text::summary(&analysis.summary, &paths, None, masking, look);
    let mut table = text::SessionTable::new(look, 2);
    let ladder = text::Ladder {
        look,
        masking,
        several_files,
    };
    for session in &analysis.sessions {
        table.push(session, &mut out);
        let beside = text::Beside {
            binding: text::Exchange::of(&analysis.datagrams),
            requests: analysis.connection_requests.iter().collect(),
            transfers: analysis.transfers.iter().collect(),
            findings: Vec::new(),
        };
        ladder.session(session, &beside, &mut out);
        for detail in [
            text::Detail::Decoded,
            text::Detail::Headers,
            text::Detail::Raw,
        ] {
            let show = text::Show {
                look,
                masking,
                several_files,
                detail,
            };
            show.session(session, &mut out);
            for (index, message) in analysis.messages.iter().enumerate() {
                show.message(Some(index + 1), session.start, message, &mut out);
            }
            for datagram in &analysis.datagrams {
                show.datagram(session.start, datagram, &mut out);
            }
        }
    }
    table.finish(&mut out);
    for request in &analysis.connection_requests {
        ladder.connection_request(request, None, &mut out);
    }
    of_datagrams(analysis, ladder, &mut out);
    let lines = text::MessageLines {
        look,
        masking,
        several_files,
    };
    lines.heading(&mut out);
    for message in &analysis.messages {
        lines.message(message, &mut out);
    }
    for seen in &analysis.tls {
        lines.tls(seen, &mut out);
    }
    for transfer in &analysis.transfers {
        ladder.transfer(transfer, &mut out);
        lines.transfer(transfer, &mut out);
    }
    harmless(&out);
}

fn of_datagrams(analysis: &Analysis, ladder: text::Ladder, out: &mut String) {
    let mut bindings = text::Bindings::default();
    for datagram in &analysis.datagrams {
        bindings.add(datagram);
        if let Some(exchange) = text::Exchange::of([datagram]) {
            let device = datagram.device.as_deref();
            ladder.datagrams(datagram.kind, device, &exchange, out);
        }
    }
    ladder.bindings(bindings, out);
}

fn harmless(text: &str) {
    let found = text
        .chars()
        .find(|character| is_unsafe(*character) && *character != '\n');
    assert_eq!(found, None, "unfit for a terminal");
}
