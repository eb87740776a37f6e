//! One UDP Connection Request as it is kept until it is known what came of it, with what was known of its way. Judges nothing.

use std::net::SocketAddr;

use stun::ucr::{Name, Request};
use stun::{AnomalyKind, Signature, SignedText};

use super::known::Known;
use crate::conformance::{Draft, Rule};
use crate::session::address::is_private;
use crate::session::{ConnectionRequest, ConnectionRequestResult as Outcome, StepKind, Verified};
use crate::source::FrameId;

/// A request that waits for its result.
#[derive(Debug)]
pub(super) struct Asked {
    /// The frame by which the result names it.
    pub frame: FrameId,
    pub request: Box<Request>,
    pub time_ns: i64,
    pub verified: Verified,
    pub way: Option<Way>,
    /// A copy of it is not the same, byte by byte.
    pub differs: bool,
}

/// What STUN has shown of the endpoint that a request is for.
#[derive(Debug, Clone)]
pub(super) struct Way {
    /// Where the capture sees the device send from.
    pub local: SocketAddr,
    /// Where the server sees it.
    pub mapped: Option<SocketAddr>,
    /// The servers that answered it.
    pub servers: Vec<SocketAddr>,
}

/// A request with its result and what is known of its device.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told<'a> {
    pub asked: &'a Asked,
    pub result: &'a ConnectionRequest,
    pub known: &'a Known,
}

/// Where the capture was taken, seen from a NAT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Between the device and its NAT.
    Behind,
    /// There is none: the request goes to the device's own address.
    Direct,
    /// Between the NAT and the ACS.
    Outside,
    Unknown,
}

/// What the signature proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// It fits a known password; what it covers, where that is known.
    Right(Option<SignedText>),
    /// It fits none; whether the password is certainly the device's.
    Wrong {
        certain: bool,
    },
    Unknown,
}

impl<'a> Told<'a> {
    /// The beginning of a finding about the request, with all its copies.
    pub fn breaks(&self, rule: &'static Rule) -> Draft {
        let draft = Draft::of_connection_request(rule, self.result);
        draft.of_payload(self.asked.request.bytes())
    }

    /// The same, with a mark on an argument's value.
    pub fn breaks_at(&self, rule: &'static Rule, name: Name) -> Draft {
        let draft = self.breaks(rule);
        match self.asked.request.parameter(name) {
            Some(parameter) => draft.payload(parameter.value.start..parameter.value.end),
            None => draft,
        }
    }

    /// Copies, the first among them.
    pub fn copies(&self) -> usize {
        let steps = self.result.steps.iter();
        steps
            .filter(|step| matches!(step.kind, StepKind::Datagram(..)))
            .count()
    }

    /// The last copy.
    pub fn end_ns(&self) -> i64 {
        let steps = self.result.steps.iter().map(|step| step.time.nanoseconds);
        steps.max().unwrap_or(self.asked.time_ns)
    }

    pub fn brought_session(&self) -> bool {
        self.result.result == Outcome::Session
    }

    /// The device comes for it, though the account that was given does not fit.
    pub fn was_taken_with_another(&self) -> bool {
        let fits = !matches!(self.proof(), Proof::Wrong { certain: false })
            && self.user_name() != Some(Err(None));
        self.brought_session() && !fits
    }

    pub fn place(&self) -> Place {
        let to = self.result.destination;
        let own = self.known.own;
        match self.asked.way.as_ref().map(|way| (way.local, way.mapped)) {
            Some((local, Some(mapped))) if mapped != local => {
                if to == local {
                    Place::Behind
                } else {
                    Place::Unknown
                }
            }
            Some((local, Some(_))) if own.is_some_and(|own| own != local.ip()) => Place::Outside,
            None if own.is_some_and(|own| own != to.ip() && is_private(own))
                && self.known.reported_at(self.asked.time_ns).contains(&to) =>
            {
                Place::Outside
            }
            _ if own == Some(to.ip()) => Place::Direct,
            _ => Place::Unknown,
        }
    }

    /// The form bends so that a device need not take it.
    pub fn is_bent(&self) -> bool {
        let harmless = |kind: AnomalyKind| {
            matches!(
                kind,
                AnomalyKind::ParameterUnknown | AnomalyKind::BodyPresent
            )
        };
        let mut anomalies = self.asked.request.anomalies.iter();
        anomalies.any(|anomaly| !harmless(anomaly.kind))
    }

    /// All that is signed is there, and the signature has the digits of HMAC-SHA1.
    pub fn is_signable(&self) -> bool {
        let request = &self.asked.request;
        let digits = request.value(Name::Signature);
        let digits = digits
            .is_some_and(|digits| digits.len() == 40 && digits.iter().all(u8::is_ascii_hexdigit));
        let all = Name::ALL
            .into_iter()
            .all(|name| request.parameter(name).is_some());
        digits && all && !request.is_truncated()
    }

    pub fn proof(&self) -> Proof {
        if !self.is_signable() {
            return Proof::Unknown;
        }
        let verified = &self.asked.verified;
        if verified.signature_valid == Some(true) {
            return Proof::Right(verified.signed_text);
        }
        let request = &self.asked.request;
        let learned = self.known.password.at(self.asked.time_ns);
        let fitting = learned
            .iter()
            .find_map(|password| match request.verify(&password.0) {
                Signature::Match { text, .. } => Some(text),
                _ => None,
            });
        match (fitting, verified.signature_valid) {
            (Some(text), _) => Proof::Right(Some(text)),
            _ if !learned.is_empty() => Proof::Wrong { certain: true },
            (None, Some(false)) => Proof::Wrong {
                certain: self.known.proved,
            },
            _ => Proof::Unknown,
        }
    }

    /// Whether `un` is the device's; the name that is, where it was told in this capture.
    pub fn user_name(&self) -> Option<Result<(), Option<&'a str>>> {
        let asked: &'a Asked = self.asked;
        let known: &'a Known = self.known;
        let raw = asked.request.raw_value(Name::Username)?;
        let verified = asked.verified.user_name_valid;
        let learned = known.user_name.at(asked.time_ns);
        let same = |name: &&String| {
            let name = name.as_bytes();
            raw == name
                || [true, false]
                    .into_iter()
                    .any(|plus| *stun::ucr::percent_decoded(raw, plus) == *name)
        };
        if verified == Some(true) || learned.iter().copied().any(|name| same(&name)) {
            return Some(Ok(()));
        }
        if let Some(name) = learned.first() {
            return Some(Err(Some(name.as_str())));
        }
        (verified == Some(false)).then_some(Err(None))
    }

    /// `ts` as a number, in whatever unit.
    pub fn ts(&self) -> Option<u64> {
        let digits = self.asked.request.value(Name::Timestamp)?;
        std::str::from_utf8(&digits).ok()?.parse().ok()
    }
}
