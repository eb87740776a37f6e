//! One direction of a connection: whatever the pieces, the same messages, and every byte accounted for once.

use http1::{End, Event, Fields, Keep, Kind, Limits, Message, RequestMethod, Stream};

use super::tape::{Tape, pieces};

/// Two bytes of settings, one that cuts the pieces, three for a gap, then the stream.
pub fn run(data: &[u8]) {
    let mut tape = Tape(data);
    let settings = Settings::read(&mut tape);
    let seed = tape.byte();
    let gap = Gap::read(&mut tape);
    let bytes = tape.0;
    let (before, behind) = bytes.split_at(gap.at.min(bytes.len()));
    let whole = settings.play(&[before], gap.missing, &[behind]);
    let cut = settings.play(&pieces(before, seed), gap.missing, &pieces(behind, !seed));
    assert_eq!(whole, cut, "pieces matter");
    if bytes.len() < 2_000 {
        let (before, behind): (Vec<_>, Vec<_>) =
            (before.chunks(1).collect(), behind.chunks(1).collect());
        let single = settings.play(&before, gap.missing, &behind);
        assert_eq!(whole, single, "single bytes matter");
    }
    account(&whole, bytes, &gap);
}

/// How the caller answers, and the bounds.
#[derive(Clone, Copy)]
struct Settings {
    kind: Kind,
    keep: Option<Keep>,
    keep_after_peek: Keep,
    method: RequestMethod,
    end: End,
    limits: Limits,
}

impl Settings {
    fn read(tape: &mut Tape<'_>) -> Self {
        let (first, second) = (tape.byte(), tape.byte());
        let either = |bit: u8, one, other| if first & bit == 0 { one } else { other };
        Self {
            kind: if first & 1 == 0 {
                Kind::Request
            } else {
                Kind::Response
            },
            keep: [
                Some(Keep::All),
                None,
                Some(Keep::Peek(40)),
                Some(Keep::Nothing),
            ][usize::from(first >> 1 & 3)],
            keep_after_peek: either(8, Keep::All, Keep::Nothing),
            method: match first >> 4 & 7 {
                6 => RequestMethod::Head,
                7 => RequestMethod::Connect,
                _ => RequestMethod::Other,
            },
            end: [End::Fin, End::Reset, End::Capture, End::Fin][usize::from(second & 3)],
            limits: if second & 4 == 0 {
                Limits::default()
            } else {
                TIGHT
            },
        }
    }

    /// What a stream says of these pieces, with a gap between the two lots.
    fn play(&self, before: &[&[u8]], missing: Option<u64>, behind: &[&[u8]]) -> Vec<Said> {
        let mut player = Player {
            stream: Stream::new(self.kind, self.limits, START),
            settings: *self,
            fed: 0,
            said: Vec::new(),
        };
        before.iter().for_each(|piece| player.feed(piece));
        if let Some(event) = player.stream.gap(missing) {
            player.note(event);
        }
        behind.iter().for_each(|piece| player.feed(piece));
        while let Some(event) = player.stream.end(self.end) {
            player.note(event);
        }
        player.said
    }
}

/// Bytes that the capture does not hold; none of them where `missing` is 0.
struct Gap {
    at: usize,
    missing: Option<u64>,
}

impl Gap {
    fn read(tape: &mut Tape<'_>) -> Self {
        let at = usize::from(tape.word());
        let missing = match tape.byte() {
            255 => None,
            few => Some(u64::from(few)),
        };
        // Most streams have none.
        let missing = if at == 0 { Some(0) } else { missing };
        Self { at, missing }
    }

    fn bytes(&self) -> u64 {
        self.missing.unwrap_or(0)
    }
}

/// What a stream said, as far as it can be compared.
#[derive(Debug, PartialEq)]
enum Said {
    Head(Vec<u8>),
    Peek(Vec<u8>),
    Message(Box<Told>),
    Stray(u64, u64, Vec<u8>),
    Tunnel,
}

/// A message as told.
#[derive(Debug, PartialEq)]
struct Told {
    raw: Vec<u8>,
    body: Vec<u8>,
    from: u64,
    to: u64,
    rest: String,
}

struct Player {
    stream: Stream,
    settings: Settings,
    fed: usize,
    said: Vec<Said>,
}

impl Player {
    fn feed(&mut self, piece: &[u8]) {
        self.fed += piece.len();
        let mut input = piece;
        while let Some(event) = self.stream.next(&mut input) {
            self.note(event);
        }
        assert!(input.is_empty(), "bytes left behind");
        // A chunk of one byte is framed by five more, and takes twelve bytes of table; buffers grow by doubling. Some room
        // is made for a length that is only claimed.
        let held = self.stream.buffered_bytes();
        assert!(
            held <= 8 * self.fed + ROOM_BYTES,
            "{held} bytes held of {}",
            self.fed
        );
        let limits = self.settings.limits;
        let kept_max = limits
            .head_bytes_max
            .saturating_add(limits.message_bytes_max);
        assert!(
            held <= 8 * kept_max + ROOM_BYTES,
            "{held} bytes held, bound {kept_max}"
        );
    }

    fn note(&mut self, event: Event) {
        let said = match event {
            Event::Head => {
                let raw = self.stream.head().map(|head| head.raw().to_vec());
                self.stream.set_request_method(self.settings.method);
                if let Some(keep) = self.settings.keep {
                    self.stream.keep_body(keep);
                }
                Said::Head(raw.expect("a head is there when it was told"))
            }
            Event::Peek => {
                let peeked = self.stream.peeked().to_vec();
                self.stream.keep_body(self.settings.keep_after_peek);
                Said::Peek(peeked)
            }
            Event::Message(message) => Said::Message(Box::new(self.told(&message))),
            Event::Stray { offset, bytes } => {
                Said::Stray(offset, bytes, self.stream.stray().to_vec())
            }
            Event::Tunnel => Said::Tunnel,
        };
        self.said.push(said);
    }

    fn told(&self, message: &Message) -> Told {
        let limits = self.settings.limits;
        assert_eq!(
            Fields::from(message).write(),
            message.raw,
            "what is written again is not what was read"
        );
        assert!(message.anomalies.len() <= limits.anomalies_max);
        assert!(message.body().len() <= limits.message_bytes_max);
        assert!(message.headers().len() <= limits.headers_max);
        assert!(message.raw.len() as u64 <= message.stream_end - message.stream_offset);
        for (offset, within) in [(0, true), (message.body().len() as u64 + 1, false)] {
            let place = message.body_stream_offset(offset);
            let range = message.stream_offset..=message.stream_end;
            assert!(place.is_none_or(|place| within && range.contains(&place)));
        }
        Told {
            raw: message.raw.clone(),
            body: message.body().to_vec(),
            from: message.stream_offset,
            to: message.stream_end,
            rest: format!(
                "{:?} {:?} {} {} {} {:?} {:?} {} {:?} {:?}",
                message.kind,
                message.framing,
                message.body_kept,
                message.body_bytes,
                message.body_complete,
                message.cut,
                message.anomalies,
                message.anomalies_dropped,
                message.trailers(),
                message.head,
            ),
        }
    }
}

/// Bytes are of a message, or strays, or empty lines before a message: none is lost, none counted twice.
fn account(said: &[Said], bytes: &[u8], gap: &Gap) {
    let in_tunnel = said.contains(&Said::Tunnel);
    let end = START + bytes.len() as u64 + gap.bytes();
    let mut at = START;
    for said in said {
        let (from, to) = match said {
            Said::Message(message) => (message.from, message.to),
            Said::Stray(offset, bytes, _) => (*offset, offset + bytes),
            _ => continue,
        };
        assert!(
            at <= from && from <= to && to <= end,
            "{at} {from} {to} {end}"
        );
        if gap.bytes() == 0 {
            let between = &bytes[(at - START) as usize..(from - START) as usize];
            assert!(
                between.iter().all(u8::is_ascii_whitespace),
                "lost: {}",
                between.escape_ascii()
            );
        }
        at = to;
    }
    if gap.bytes() == 0 && !in_tunnel {
        let behind = &bytes[(at - START) as usize..];
        assert!(
            behind.iter().all(u8::is_ascii_whitespace),
            "lost at the end: {}",
            behind.escape_ascii()
        );
    }
}

/// What a stream may take at once for a body that is announced, and for its own beginnings.
const ROOM_BYTES: usize = 80 << 10;
/// Streams need not begin at 0.
const START: u64 = 5;

/// Bounds that a short stream reaches.
const TIGHT: Limits = Limits {
    head_bytes_max: 128,
    headers_max: 3,
    message_bytes_max: 200,
    inflate_ratio_max: 10,
    inflate_grace_bytes: 100,
    encodings_max: 1,
    chunks_max: 4,
    anomalies_max: 3,
};
