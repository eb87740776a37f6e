//! What several rules want of one message, read once for all of them. Not what they make of it.

use std::borrow::Cow;
use std::hash::Hasher;
use std::sync::OnceLock;

use cwmp::schema::Version;
use cwmp::{Event, Inform};
use http1::auth::{Authorization, Challenge, Reading};

use super::{Parameter, Parameters, Traits, fingerprint_of_parts};
use crate::session::Message;

/// The gist of one message.
#[derive(Debug, Default)]
pub struct Gist<'a> {
    forwarded: bool,
    authorization: Option<Reading<Authorization<'a>>>,
    challenges: Vec<Challenge<'a>>,
    informed: Option<Informed<'a>>,
    /// What is dear, and wanted seldom: only once somebody asks.
    body: OnceLock<u64>,
    sought: OnceLock<Sought>,
    /// By the schema of which version its messages are as they should be; nothing where they are not, or nobody looked.
    shapely: OnceLock<Version>,
}

/// The header fields of a message about authentication, which its gist reads.
#[derive(Debug, Default)]
pub(super) struct AuthenticationFields<'a> {
    authorization: Option<Cow<'a, [u8]>>,
    /// Of a 401 alone.
    challenges: Vec<Cow<'a, [u8]>>,
}

impl<'a> AuthenticationFields<'a> {
    /// Those of a message.
    pub(super) fn of(message: &'a Message) -> Self {
        let http = &message.http;
        let challenges = match http.status() {
            401 => http.header_all("WWW-Authenticate").collect(),
            _ => Vec::new(),
        };
        Self {
            authorization: http.header("Authorization"),
            challenges,
        }
    }
}

impl<'a> Gist<'a> {
    /// Of nothing.
    #[must_use]
    pub fn none() -> &'static Gist<'static> {
        static NONE: Gist<'static> = Gist {
            forwarded: false,
            authorization: None,
            challenges: Vec::new(),
            informed: None,
            body: OnceLock::new(),
            sought: OnceLock::new(),
            shapely: OnceLock::new(),
        };
        &NONE
    }

    /// Of a message, with what was read of it before.
    pub(super) fn of(
        message: &'a Message,
        fields: &'a AuthenticationFields<'a>,
        parameters: &'a Parameters<'a>,
    ) -> Self {
        let authorization = fields.authorization.as_deref();
        let challenges = fields.challenges.iter();
        Self {
            forwarded: is_forwarded(message),
            authorization: authorization.map(http1::auth::authorization),
            challenges: challenges
                .flat_map(|value| http1::auth::challenges(value).what)
                .collect(),
            informed: Informed::of(message, parameters),
            body: OnceLock::new(),
            sought: OnceLock::new(),
            shapely: OnceLock::new(),
        }
    }

    /// A header field was put there by a proxy, a load balancer or a TLS terminator.
    #[must_use]
    pub fn is_forwarded(&self) -> bool {
        self.forwarded
    }

    /// The Authorization, as read.
    #[must_use]
    pub fn authorization(&self) -> Option<&Reading<Authorization<'a>>> {
        self.authorization.as_ref()
    }

    /// The challenges in the WWW-Authenticate of a 401.
    #[must_use]
    pub fn challenges(&self) -> &[Challenge<'a>] {
        &self.challenges
    }

    /// Its first Inform.
    #[must_use]
    pub fn informed(&self) -> Option<&Informed<'a>> {
        self.informed.as_ref()
    }

    /// A number that tells the body of this message from that of another.
    #[must_use]
    pub fn body(&self, message: &Message) -> u64 {
        *self.body.get_or_init(|| fingerprint_of_body(message))
    }

    /// Its messages are as the schema of this version has them.
    pub(super) fn note_shapely(&self, version: Version) {
        let _ = self.shapely.set(version);
    }

    /// By the schema of which version its messages are as they should be, where that is known.
    pub(super) fn shapely(&self) -> Option<Version> {
        self.shapely.get().copied()
    }

    /// Which of its parameters several rules look for.
    pub(super) fn sought(&self, parameters: &Parameters<'_>) -> &Sought {
        self.sought.get_or_init(|| Sought::among(parameters))
    }
}

/// Where, among all parameters of a message, those are that several rules look for.
#[derive(Debug, Default)]
pub(super) struct Sought {
    /// Of ManagementServer.
    pub(super) managed: Vec<usize>,
    /// Of DeviceInfo.
    pub(super) identity: Vec<usize>,
    /// The states of tests.
    pub(super) states: Vec<usize>,
}

impl Sought {
    fn among(parameters: &Parameters<'_>) -> Self {
        let mut sought = Self::default();
        let all = Traits::MANAGED.and(Traits::IDENTITY).and(Traits::STATE);
        if !parameters.traits().has(all) {
            return sought;
        }
        for (at, parameter) in parameters.all().iter().enumerate() {
            if !parameter.has(all) {
                continue;
            }
            for (places, one) in [
                (&mut sought.managed, Traits::MANAGED),
                (&mut sought.identity, Traits::IDENTITY),
                (&mut sought.states, Traits::STATE),
            ] {
                if parameter.has(one) {
                    places.push(at);
                }
            }
        }
        sought
    }
}

/// An Inform, as far as several rules want it.
#[derive(Debug)]
pub struct Informed<'a> {
    /// The Inform.
    pub inform: Inform<'a>,
    /// Its events, as on the wire.
    pub events: Vec<Event<'a>>,
    /// RetryCount, where it is a number.
    pub retry_count: Option<u32>,
    /// It stands in the message's first envelope, as it should.
    pub is_first: bool,
    /// Its parameters.
    pub parameters: &'a [Parameter<'a>],
}

impl<'a> Informed<'a> {
    fn of(message: &'a Message, parameters: &'a Parameters<'a>) -> Option<Self> {
        let mut envelopes = message.soap.as_ref()?.envelope_refs().enumerate();
        let (at, inform) = envelopes.find_map(|(at, envelope)| Some((at, envelope.inform()?)))?;
        Some(Self {
            inform,
            events: inform.events(),
            retry_count: inform.retry_count(),
            is_first: at == 0,
            parameters: parameters.of_envelope(at),
        })
    }

    /// It has this event.
    #[must_use]
    pub fn has(&self, code: &str) -> bool {
        self.events.iter().any(|event| event.code.trim() == code)
    }

    /// It has one of these events.
    #[must_use]
    pub fn has_any(&self, codes: &[&str]) -> bool {
        self.events
            .iter()
            .any(|event| codes.contains(&event.code.trim()))
    }

    /// Its only event is this one.
    #[must_use]
    pub fn has_alone(&self, code: &str) -> bool {
        matches!(&self.events[..], [event] if event.code.trim() == code)
    }

    /// The first parameter whose path ends so.
    #[must_use]
    pub fn parameter_at(&self, end: &str) -> Option<&'a Parameter<'a>> {
        let mut parameters = self.parameters.iter();
        parameters.find(|parameter| parameter.name().ends_with(end))
    }

    /// The first parameter whose path behind its root object is `path`.
    #[must_use]
    pub fn parameter(&self, path: &str) -> Option<&'a Parameter<'a>> {
        self.parameters.iter().find(|parameter| {
            let name = parameter.name();
            name.ends_with(path) && name.split_once('.').is_some_and(|(_, rest)| rest == path)
        })
    }
}

/// A header field of it was put there by a proxy, a load balancer or a TLS terminator: what stands on such a leg is not the
/// word of either side.
pub(super) fn is_forwarded(message: &Message) -> bool {
    message.http.header_names().any(|name| {
        // Most fields are none of these by their first letter.
        matches!(name.first(), Some(b'V' | b'v' | b'F' | b'f' | b'X' | b'x'))
            && FORWARDED.iter().any(|one| name.eq_ignore_ascii_case(one))
    })
}

fn fingerprint_of_body(message: &Message) -> u64 {
    let mut hasher = fingerprint_of_parts();
    let body = match &message.soap {
        Some(document) => document.text(),
        // Empty where it was not kept.
        None => message.http.body(),
    };
    let last = body.len().saturating_sub(ENDS_BYTES);
    hasher.write_usize(body.len());
    hasher.write(body.get(..ENDS_BYTES).unwrap_or(body));
    hasher.write(body.get(last..).unwrap_or_default());
    hasher.finish()
}

/// Bytes at both ends of a body by which it is told from others: cwmp:ID stands at one, the rest differs in length.
const ENDS_BYTES: usize = 4096;

const FORWARDED: [&[u8]; 8] = [
    b"Via",
    b"Forwarded",
    b"X-Forwarded-For",
    b"X-Forwarded-Proto",
    b"X-Forwarded-Host",
    b"X-Real-IP",
    b"X-Forwarded-Port",
    b"X-Forwarded-Ssl",
];
