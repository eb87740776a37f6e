//! Feeds a stream and takes down all that it says.

use http1::{AnomalyKind, End, Event, Keep, Kind, Limits, Message, RequestMethod, Stream};

/// What a stream said, with what it showed at that moment.
#[derive(Debug)]
pub enum Seen {
    Head(Vec<u8>),
    Peek(Vec<u8>),
    Message(Box<Message>),
    Stray(u64, u64, Vec<u8>),
    Tunnel,
}

/// A stream, and how its caller answers.
pub struct Drive {
    pub stream: Stream,
    pub keep: Option<Keep>,
    pub keep_after_peek: Keep,
    pub method: RequestMethod,
    pub seen: Vec<Seen>,
}

impl Drive {
    pub fn new(kind: Kind) -> Self {
        Self::with(kind, Limits::default())
    }

    pub fn with(kind: Kind, limits: Limits) -> Self {
        Self {
            stream: Stream::new(kind, limits, 0),
            keep: Some(Keep::All),
            keep_after_peek: Keep::All,
            method: RequestMethod::Other,
            seen: Vec::new(),
        }
    }

    pub fn feed(mut self, bytes: &[u8]) -> Self {
        let mut input = bytes;
        while let Some(event) = self.stream.next(&mut input) {
            self.note(event);
        }
        assert!(input.is_empty(), "bytes left behind");
        self
    }

    pub fn gap(mut self, missing: Option<u64>) -> Self {
        if let Some(event) = self.stream.gap(missing) {
            self.note(event);
        }
        self
    }

    pub fn end(mut self, how: End) -> Self {
        while let Some(event) = self.stream.end(how) {
            self.note(event);
        }
        self
    }

    fn note(&mut self, event: Event) {
        let seen = match event {
            Event::Head => {
                let Some(head) = self.stream.head() else {
                    panic!("a head event without a head")
                };
                let raw = head.raw().to_vec();
                self.stream.set_request_method(self.method);
                if let Some(keep) = self.keep {
                    self.stream.keep_body(keep);
                }
                Seen::Head(raw)
            }
            Event::Peek => {
                let peeked = self.stream.peeked().to_vec();
                self.stream.keep_body(self.keep_after_peek);
                Seen::Peek(peeked)
            }
            Event::Message(message) => Seen::Message(Box::new(message)),
            Event::Stray { offset, bytes } => {
                Seen::Stray(offset, bytes, self.stream.stray().to_vec())
            }
            Event::Tunnel => Seen::Tunnel,
        };
        self.seen.push(seen);
    }

    pub fn messages(self) -> Vec<Message> {
        let message = |seen| {
            if let Seen::Message(message) = seen {
                Some(*message)
            } else {
                None
            }
        };
        self.seen.into_iter().filter_map(message).collect()
    }

    pub fn strays(&self) -> Vec<(u64, Vec<u8>)> {
        let stray = |seen: &Seen| {
            if let Seen::Stray(at, _, bytes) = seen {
                Some((*at, bytes.clone()))
            } else {
                None
            }
        };
        self.seen.iter().filter_map(stray).collect()
    }
}

/// The messages of a whole stream that ends with FIN.
pub fn messages(kind: Kind, bytes: &[u8]) -> Vec<Message> {
    Drive::new(kind).feed(bytes).end(End::Fin).messages()
}

/// The only message of a stream.
pub fn message(kind: Kind, bytes: impl AsRef<[u8]>) -> Message {
    let mut messages = messages(kind, bytes.as_ref());
    assert_eq!(messages.len(), 1, "{messages:?}");
    let Some(message) = messages.pop() else {
        panic!("no message")
    };
    message
}

pub fn request(text: &str) -> Message {
    message(Kind::Request, text)
}

pub fn response(text: &str) -> Message {
    message(Kind::Response, text)
}

/// The anomalies by name and place.
pub fn anomalies(message: &Message) -> Vec<(&'static str, u64)> {
    message
        .anomalies
        .iter()
        .map(|anomaly| (anomaly.kind.name(), anomaly.offset))
        .collect()
}

pub fn has(message: &Message, kind: AnomalyKind) -> bool {
    message.anomalies.iter().any(|anomaly| anomaly.kind == kind)
}
