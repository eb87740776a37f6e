//! What came of a Connection Request, and what explains it, in one sentence.

use std::net::SocketAddr;

use super::figures;
use crate::report::escape;
use crate::report::moment;
use crate::session::{
    CameOf, ConnectionRequest, ConnectionRequestCarrier, ConnectionRequestResult, Datagram,
    Masking, Message, Reason, StepKind,
};

/// `Connection Request, no session came: sent to 192.0.2.1:5000, the binding stands at 192.0.2.1:6000`. It says no more
/// than the capture shows, and is safe to print.
#[must_use]
pub fn sentence(request: &ConnectionRequest, masking: Masking) -> String {
    let sentence = format!("{}, {}", carrier(request), result(request));
    explained(sentence, &reasons(request, masking))
}

/// What came of a Connection Request, behind the last of its legs; `None` for every other message.
pub(super) fn behind_leg(message: &Message, masking: Masking) -> Option<String> {
    let came_of = message.came_of.as_deref()?;
    let mut frames = message.provenance.carried.iter();
    let last = came_of.last_leg;
    frames.find(|carried| Some(carried.frame) == last)?;
    let (from, to) = (message.provenance.source, message.provenance.destination);
    let is_request = message.http.kind() == http1::Kind::Request;
    let (source, destination) = if is_request { (from, to) } else { (to, from) };
    let target = is_request.then(|| shown_target(message.http.target(), masking));
    let way = Way {
        by_udp: false,
        source,
        destination,
        target,
    };
    behind(came_of, &way, message.session, masking)
}

/// The same behind the first copy of a UDP Connection Request.
pub(super) fn behind_copy(datagram: &Datagram, masking: Masking) -> Option<String> {
    let came_of = datagram.came_of.as_deref()?;
    let way = Way {
        by_udp: true,
        source: datagram.source,
        destination: datagram.destination,
        target: None,
    };
    let is_first = datagram.copy_of.is_none();
    is_first.then(|| behind(came_of, &way, datagram.session, masking))?
}

fn behind(came_of: &CameOf, way: &Way, session: Option<u32>, masking: Masking) -> Option<String> {
    let result = match came_of.result {
        ConnectionRequestResult::Session => "a session came",
        ConnectionRequestResult::NoSession | ConnectionRequestResult::Ignored => "no session came",
        ConnectionRequestResult::Refused => "refused",
        ConnectionRequestResult::Busy => "refused as busy",
        ConnectionRequestResult::NeverArrived => "nothing shows that it arrived",
        ConnectionRequestResult::Undetermined if session.is_some() => return None,
        ConnectionRequestResult::Undetermined => "no session seen",
    };
    // The line says its status already.
    let reasons = came_of.reasons.iter();
    let reasons = reasons.filter(|reason| !matches!(reason, Reason::Status { .. }));
    let reasons: Vec<String> = reasons
        .map(|reason| reason_of(way, reason, masking))
        .collect();
    Some(explained(result.to_owned(), &reasons))
}

fn explained(mut result: String, reasons: &[String]) -> String {
    let mut between = ": ";
    for reason in reasons {
        result.push_str(between);
        result.push_str(reason);
        between = "; ";
    }
    result
}

/// What explains it, the weightiest first.
pub(in crate::report) fn reasons(request: &ConnectionRequest, masking: Masking) -> Vec<String> {
    let way = Way::of(request, masking);
    let reasons = request.reasons.iter();
    reasons
        .map(|reason| reason_of(&way, reason, masking))
        .collect()
}

/// What carried it, in words.
fn carrier(request: &ConnectionRequest) -> &'static str {
    match request.carrier {
        ConnectionRequestCarrier::Http => "Connection Request",
        ConnectionRequestCarrier::Udp => "UDP Connection Request",
    }
}

/// What came of it, in words.
pub(in crate::report) fn result(request: &ConnectionRequest) -> String {
    let answer = request.status.map(|status| format!("answered {status}"));
    let by_udp = request.carrier == ConnectionRequestCarrier::Udp;
    match (request.result, answer) {
        (ConnectionRequestResult::Session, Some(answer)) => answer,
        (ConnectionRequestResult::Session, None) if by_udp => sent(request),
        (ConnectionRequestResult::Session, None) => "without a whole answer".to_owned(),
        (ConnectionRequestResult::NoSession, Some(answer)) => {
            format!("{answer}, and no session came")
        }
        (ConnectionRequestResult::Refused, _) => with_status("refused", request),
        (ConnectionRequestResult::Busy, _) => with_status("refused as busy", request),
        (ConnectionRequestResult::NeverArrived, _) => {
            "no session came, and nothing shows that it arrived".to_owned()
        }
        (ConnectionRequestResult::NoSession | ConnectionRequestResult::Ignored, _) => {
            "no session came".to_owned()
        }
        (ConnectionRequestResult::Undetermined, answer) => undetermined(request, answer),
    }
}

/// `refused with 401`.
fn with_status(words: &str, request: &ConnectionRequest) -> String {
    let status = request.status;
    status.map_or_else(
        || words.to_owned(),
        |status| format!("{words} with {status}"),
    )
}

/// Nothing is known of the result but what the legs show.
fn undetermined(request: &ConnectionRequest, answer: Option<String>) -> String {
    let by_udp = request.carrier == ConnectionRequestCarrier::Udp;
    let answer = match answer {
        Some(answer) => answer,
        None if by_udp => sent(request),
        None => "without a whole answer".to_owned(),
    };
    match request.session {
        Some(_) => answer,
        None => format!("{answer}, no session seen"),
    }
}

/// `sent 3 times`: servers send several copies, since UDP may lose some (TR-069 Amendment 3 section G.2.2.3).
fn sent(request: &ConnectionRequest) -> String {
    match request.steps.len() {
        0 | 1 => "sent once".to_owned(),
        2 => "sent twice".to_owned(),
        times => format!("sent {} times", figures::grouped(times as u64)),
    }
}

/// Which way it went, and what it asked for.
struct Way {
    by_udp: bool,
    source: SocketAddr,
    destination: SocketAddr,
    /// Over HTTP, safe to print.
    target: Option<String>,
}

impl Way {
    fn of(request: &ConnectionRequest, masking: Masking) -> Self {
        Self {
            by_udp: request.carrier == ConnectionRequestCarrier::Udp,
            source: request.source,
            destination: request.destination,
            target: target(request, masking),
        }
    }
}

fn reason_of(way: &Way, reason: &Reason, masking: Masking) -> String {
    let (source, destination) = (way.source, way.destination);
    match reason {
        Reason::WrongUrl { reported } => {
            let reported = escape::text(&masking.text(reported)).into_owned();
            match &way.target {
                Some(target) => {
                    format!("it asked for {target}, the device reported {reported}")
                }
                None => format!("the device reported {reported}"),
            }
        }
        Reason::WrongAddress { expected } if way.by_udp => {
            format!("sent to {destination}, the binding stands at {expected}")
        }
        Reason::WrongAddress { expected } => {
            format!("sent to {destination}, the device can be reached at {expected}")
        }
        Reason::WrongSource { expected } => {
            format!("sent from {source}, the device talks to STUN server {expected}")
        }
        Reason::BindingExpired { silence_ms } => {
            format!("no keep-alive for {} before it", span(*silence_ms))
        }
        Reason::StaleTimestamp { previous } => {
            let previous = escape::text(&masking.text(previous)).into_owned();
            format!("its ts is not greater than {previous} of one before")
        }
        Reason::Unreachable { says, by } => format!("{by} says by ICMP: {says}"),
        Reason::BentForm { anomalies } => {
            format!("its form is bent: {}", anomalies.join(", "))
        }
        Reason::InSession { session } => format!("the device was in session {session}"),
        Reason::OtherEvent { session } => {
            format!("session {session} came, without 6 CONNECTION REQUEST")
        }
        Reason::Status { status } => format!("answered {status}"),
        Reason::CaptureEnds { after_ms } => {
            format!("the capture ends {} after it", span(*after_ms))
        }
        plain => words(plain).to_owned(),
    }
}

/// Reasons that carry nothing.
fn words(reason: &Reason) -> &'static str {
    match reason {
        Reason::RepeatedId => "its id was used before",
        Reason::BadSignature => "its signature does not match the password",
        Reason::WrongUser => "its user name is not the device's",
        Reason::BadCredentials => "what it authenticates with does not match the password",
        Reason::ChallengeUnanswered => "nobody answered the challenge",
        Reason::CredentialsRefused => "the challenge was answered, and the device challenged again",
        Reason::Reset => "the connection was reset",
        Reason::NoAnswer => "nothing came back",
        Reason::Gap => "bytes of it are missing in the capture",
        other => other.name(),
    }
}

/// What the first leg over HTTP asks for.
fn target(request: &ConnectionRequest, masking: Masking) -> Option<String> {
    request.steps.iter().find_map(|step| match &step.kind {
        StepKind::Request(_, target) => Some(shown_target(target.as_bytes(), masking)),
        _ => None,
    })
}

fn shown_target(target: &[u8], masking: Masking) -> String {
    escape::bytes(&masking.target(target)).into_owned()
}

/// Milliseconds in words; none before nothing.
fn span(milliseconds: i64) -> String {
    moment::duration(milliseconds.max(0) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(
        carrier: ConnectionRequestCarrier,
        result: ConnectionRequestResult,
        reasons: Vec<Reason>,
    ) -> ConnectionRequest {
        ConnectionRequest {
            device: None,
            carrier,
            source: "203.0.113.10:9000".parse().unwrap(),
            destination: "192.0.2.1:5000".parse().unwrap(),
            steps: Vec::new(),
            status: None,
            session: None,
            result,
            reasons,
            answered_in: Vec::new(),
            device_tried: false,
            unverified: false,
        }
    }

    fn told(request: &ConnectionRequest) -> String {
        sentence(request, Masking::default())
    }

    #[test]
    fn by_udp() {
        let expected = "192.0.2.1:6000".parse().unwrap();
        let lost = request(
            ConnectionRequestCarrier::Udp,
            ConnectionRequestResult::NeverArrived,
            vec![
                Reason::WrongAddress { expected },
                Reason::BindingExpired {
                    silence_ms: 192_000,
                },
            ],
        );
        assert_eq!(
            told(&lost),
            "UDP Connection Request, no session came, and nothing shows that it arrived: sent to 192.0.2.1:5000, the \
             binding stands at 192.0.2.1:6000; no keep-alive for 3 min 12 s before it"
        );
    }

    #[test]
    fn by_http() {
        let mut refused = request(
            ConnectionRequestCarrier::Http,
            ConnectionRequestResult::Refused,
            vec![Reason::CredentialsRefused],
        );
        refused.status = Some(401);
        assert_eq!(
            told(&refused),
            "Connection Request, refused with 401: the challenge was answered, and the device challenged again"
        );
        let plain = request(
            ConnectionRequestCarrier::Http,
            ConnectionRequestResult::Undetermined,
            Vec::new(),
        );
        assert_eq!(
            told(&plain),
            "Connection Request, without a whole answer, no session seen"
        );
    }

    #[test]
    fn what_the_wire_said_is_escaped_and_masked() {
        let reported = "http://user:word@192.0.2.1/\u{1b}[31m".to_owned();
        let wrong = request(
            ConnectionRequestCarrier::Http,
            ConnectionRequestResult::Ignored,
            vec![
                Reason::WrongUrl { reported },
                Reason::StaleTimestamp {
                    previous: "1\n2".to_owned(),
                },
            ],
        );
        assert_eq!(
            told(&wrong),
            "Connection Request, no session came: the device reported http://user:<masked>@192.0.2.1/\\x1b[31m; its ts \
             is not greater than 1\\x0a2 of one before"
        );
    }
}
