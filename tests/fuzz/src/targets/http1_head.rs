//! First bytes, and one head: recognised early or late as the same, its parts in their places, written with changes.

use http1::{End, Event, Fields, Keep, Kind, Limits, Message, Recognised, Stream, recognise};

/// The bytes are the beginning of a stream.
pub fn run(data: &[u8]) {
    recognised_once_and_for_all(data);
    let Recognised::Message(kind) = recognise(data) else {
        // Whatever they are, both readers survive them.
        drop(first_message(Kind::Request, data));
        drop(first_message(Kind::Response, data));
        return;
    };
    let Some(message) = first_message(kind, data) else {
        panic!("a message was recognised, and none read");
    };
    look_at(&message);
    if message.head_complete() {
        change(&message);
    }
}

/// The answer does not change with more bytes.
fn recognised_once_and_for_all(data: &[u8]) {
    let step = (data.len() / 64).max(1);
    let mut known = Recognised::NeedMore;
    for length in (0..=data.len()).step_by(step).chain([data.len()]) {
        let answer = recognise(&data[..length]);
        assert!(
            known == Recognised::NeedMore || known == answer,
            "{known:?}, and with {length} bytes {answer:?}"
        );
        known = answer;
    }
}

/// The first message of a stream, which nothing stands before but CRs that end no line.
fn first_message(kind: Kind, data: &[u8]) -> Option<Message> {
    let blank = data.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    let blank = blank.count() as u64;
    let mut stream = Stream::new(kind, Limits::default(), 0);
    let mut input = data;
    while let Some(event) = stream.next(&mut input) {
        match event {
            Event::Head => stream.keep_body(Keep::All),
            Event::Message(message) => return Some(message),
            Event::Stray { bytes, .. } if bytes > blank => return None,
            Event::Tunnel => return None,
            Event::Stray { .. } | Event::Peek => {}
        }
    }
    match stream.end(End::Fin) {
        Some(Event::Message(message)) => Some(message),
        _ => None,
    }
}

/// Header lines follow each other without a hole, and their parts lie in them.
fn look_at(message: &Message) {
    let head = message.view().raw();
    let mut end = None;
    for header in message.headers() {
        let at = usize::try_from(header.offset).unwrap_or(usize::MAX);
        assert!(end.is_none_or(|end| end == at), "a hole between headers");
        let line = &head[at..at + header.line.len()];
        assert_eq!(line, header.line);
        assert!(header.name.len() + header.raw_value.len() <= line.len());
        assert!(!header.value.contains(&b'\n'));
        end = Some(at + line.len());
    }
    for header in message.headers() {
        let Ok(name) = std::str::from_utf8(header.name) else {
            continue;
        };
        assert!(message.header_all(name).any(|value| value == header.value));
    }
    let _ = (
        message.content_type(),
        message.charset(),
        message.version_number(),
    );
    let _ = (message.is_interim(), message.trailers());
    assert!(message.kind == Kind::Response || message.status() == 0);
    assert!(message.kind == Kind::Request || message.method().is_empty());
}

/// A header is set and read back; taken away, it is gone.
fn change(message: &Message) {
    if message.headers().len() + 1 >= Limits::default().headers_max {
        return;
    }
    let mut fields = Fields::from(message);
    fields.set_header(NEW, b"a b");
    let written = fields.write();
    let read = first_message(message.kind, &written).expect("what was written is a message");
    assert_eq!(read.header(NEW).as_deref(), Some(&b"a b"[..]));
    let (before, after) = (message.headers(), read.headers());
    let added = usize::from(message.header(NEW).is_none());
    assert_eq!(after.len(), before.len() + added);
    fields.remove_header(NEW);
    let read = first_message(message.kind, &fields.write()).expect("still a message");
    assert_eq!(read.header(NEW), None);
}

const NEW: &str = "X-Added";
