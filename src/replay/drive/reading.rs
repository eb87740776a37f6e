//! HTTP messages out of the bytes of one connection, within bounds that no peer can move.

use http1::{Event, Keep, Kind, Limits, Message, Recognised, RequestMethod, Stream};

/// What came of bytes.
pub(super) enum Came {
    /// A whole message.
    Message(Box<Message>),
    /// The head of a request whose body waits for `100 Continue` (RFC 9110 section 10.1.1).
    AsksToGoOn,
}

/// One direction of one connection.
pub(super) struct Reading {
    stream: Stream,
    /// Bytes since the last message ended.
    open_bytes: usize,
    /// The first bytes, until it is known that they are HTTP.
    first: Option<Vec<u8>>,
}

impl Reading {
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            stream: Stream::new(kind, LIMITS, 0),
            open_bytes: 0,
            first: Some(Vec::new()),
        }
    }

    /// Takes bytes in.
    ///
    /// # Errors
    ///
    /// Where they are no HTTP, or more than a message may have; the connection is of no use then.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<Vec<Came>, String> {
        self.begin(bytes)?;
        self.open_bytes = self.open_bytes.saturating_add(bytes.len());
        let mut input = bytes;
        let mut came = Vec::new();
        while let Some(event) = self.stream.next(&mut input) {
            let asks = matches!(event, Event::Head) && self.begin_body();
            came.extend(asks.then_some(Came::AsksToGoOn));
            came.extend(self.event(event)?);
        }
        if self.open_bytes > OPEN_BYTES_MAX {
            return Err(format!("a message is longer than {OPEN_BYTES_MAX} bytes"));
        }
        Ok(came)
    }

    /// Who speaks something else is told from its first bytes, before anybody waits for it.
    fn begin(&mut self, bytes: &[u8]) -> Result<(), String> {
        let Some(first) = &mut self.first else {
            return Ok(());
        };
        first.extend_from_slice(bytes);
        match http1::recognise(first) {
            Recognised::No if TLS.iter().any(|record| first.starts_with(record)) => {
                Err(SPEAKS_TLS.to_owned())
            }
            Recognised::No => Err("it sent bytes that are no HTTP".to_owned()),
            Recognised::Message(_) => {
                self.first = None;
                Ok(())
            }
            Recognised::NeedMore => Ok(()),
        }
    }

    /// What is read: requests, or responses.
    pub(super) fn kind(&self) -> Kind {
        self.stream.kind()
    }

    /// Have first bytes of a message come, and not all of it?
    pub(super) fn has_begun(&self) -> bool {
        !self.stream.is_between_messages()
    }

    /// The peer ended its direction.
    ///
    /// # Errors
    ///
    /// With what it said of a message begun.
    pub(super) fn end(&mut self, reset: bool) -> Result<Option<Came>, String> {
        let how = if reset {
            http1::End::Reset
        } else {
            http1::End::Fin
        };
        let mut came = None;
        while let Some(event) = self.stream.end(how) {
            came = self.event(event)?.or(came);
        }
        Ok(came)
    }

    /// Keeps the body whose head came; whether its sender waits for a word.
    fn begin_body(&mut self) -> bool {
        self.stream.set_request_method(RequestMethod::Other);
        self.stream.keep_body(Keep::All);
        let expect = self.stream.head().and_then(|head| {
            head.header("Expect")
                .map(|value| value.to_ascii_lowercase())
        });
        expect.is_some_and(|value| value.trim_ascii() == b"100-continue")
    }

    fn event(&mut self, event: Event) -> Result<Option<Came>, String> {
        match event {
            Event::Head | Event::Peek => Ok(None),
            Event::Message(message) => self.message(message),
            Event::Stray { .. } => Err("it sent bytes that are no HTTP".to_owned()),
            Event::Tunnel => Err("it switched to another protocol".to_owned()),
        }
    }

    fn message(&mut self, message: Message) -> Result<Option<Came>, String> {
        self.open_bytes = 0;
        if message.cut.is_some() || !message.head_complete() {
            return Err(broken_off(&message));
        }
        // What only says that more will come is no answer.
        let interim = message.is_interim();
        Ok((!interim).then(|| Came::Message(Box::new(message))))
    }
}

/// In words: what there is of a message.
fn broken_off(message: &Message) -> String {
    match message.cut {
        Some(http1::Cut::Limit(limit)) => {
            format!("its message is beyond the bound of {}", limit.name())
        }
        Some(http1::Cut::Framing { .. }) => "the framing of its body is broken".to_owned(),
        _ if !message.head_complete() => "it ended within the head of a message".to_owned(),
        _ => format!(
            "it ended within the body of a message, behind {} bytes",
            message.body_bytes
        ),
    }
}

const LIMITS: Limits = Limits {
    head_bytes_max: 64 * 1024,
    headers_max: 512,
    ..Limits::DEFAULT
};
/// Records of TLS with a handshake and with an alert (RFC 8446 section 5.1).
const TLS: [&[u8]; 2] = [&[0x16, 3], &[0x15, 3]];
/// What is told of whoever sends them.
pub(super) const SPEAKS_TLS: &str = "it speaks TLS, and plain HTTP is expected";
/// A message with the framing of its chunks.
const OPEN_BYTES_MAX: usize = 20 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::{Came, Reading};
    use http1::Kind;

    #[test]
    fn an_endless_head_and_an_endless_body_end() {
        for begin in [
            "POST / HTTP/1.1\r\nX: ",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        ] {
            let mut reading = Reading::new(Kind::Request);
            assert!(reading.take(begin.as_bytes()).is_ok());
            let piece = b"1000\r\n".iter().copied();
            let piece: Vec<u8> = piece.chain([b'a'; 4096]).chain(*b"\r\n").collect();
            let ends = (0..6000).any(|_| reading.take(&piece).is_err());
            assert!(ends, "{begin}");
        }
        assert!(
            Reading::new(Kind::Request)
                .take(b"\x16\x03\x01\x02\0\r\n\r\n")
                .is_err()
        );
    }

    #[test]
    fn a_request_that_waits_for_a_word_is_told() {
        let mut reading = Reading::new(Kind::Request);
        let head = b"POST / HTTP/1.1\r\nContent-Length: 1\r\nExpect: 100-Continue\r\n\r\n";
        let came = reading.take(head).expect("HTTP");
        assert!(matches!(came.as_slice(), [Came::AsksToGoOn]));
        let came = reading.take(b"x").expect("HTTP");
        assert!(matches!(came.as_slice(), [Came::Message(_)]));
        assert!(matches!(reading.end(false), Ok(None)));
    }
}
