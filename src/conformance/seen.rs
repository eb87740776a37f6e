//! What rules are shown: a message with what its session knows by then, a request with its answer, a session that closed.

use std::collections::VecDeque;
use std::sync::Arc;

use cwmp::schema::Version;
use cwmp::{Document, Element, EnvelopeRef, Inform, Kind};
use http1::auth::{Authorization, Challenge};

use super::standing::Claim;
use super::{
    CheckLimits, Chosen, Draft, Gist, Informed, Parameter, Parameters, ProfileChoice, Rule,
};
use crate::model::Model;
use crate::session::{Evidence, Message, Role, Session, Side};

/// What the check was asked for; every rule may look.
#[derive(Debug, Clone, Default)]
pub struct Setting {
    /// Every bound.
    pub limits: CheckLimits,
    /// What the user says that devices have; it comes before the standard models, and lasts as long as they do.
    pub data_model: Option<&'static Model>,
    /// The vendor profile of devices.
    pub profile: ProfileChoice,
}

/// One HTTP message as rules see it.
///
/// The session's facts are those of before this message, but that its Inform has been read if this is one.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// The message; a topic may keep it (the request that waits for its answer, not more).
    pub message: &'a Arc<Message>,
    /// Its session; `None` for a Connection Request, a file transfer and whatever else is HTTP.
    pub session: Option<&'a SessionFacts>,
    /// What the check was asked for.
    pub setting: &'a Setting,
    /// It repeats the request that was answered with a challenge or a redirect.
    pub replay: bool,
    /// Names and values of its ParameterLists.
    pub parameters: &'a Parameters<'a>,
    /// What else several rules want of it, read once.
    pub gist: &'a Gist<'a>,
}

impl<'a> Seen<'a> {
    /// Who spoke.
    #[must_use]
    pub fn from(&self) -> Side {
        self.message.from
    }

    /// An HTTP request, whoever sent it.
    #[must_use]
    pub fn is_request(&self) -> bool {
        self.message.http.kind() == http1::Kind::Request
    }

    /// It is part of a CWMP session: a POST or the answer to one, challenges and redirects included.
    #[must_use]
    pub fn is_cwmp(&self) -> bool {
        self.message.role == Role::Cwmp
    }

    /// The capture holds every byte of it, and what it says of its length is true.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        is_whole(self.message)
    }

    /// The status of a response; 0 for a request.
    #[must_use]
    pub fn status(&self) -> u16 {
        if self.is_request() {
            0
        } else {
            self.message.http.status()
        }
    }

    /// The body as read; `None` where it is no SOAP.
    #[must_use]
    pub fn document(&self) -> Option<&'a Document> {
        self.message.soap.as_ref()
    }

    /// Its envelopes: usually one, several in Issue 1, none where it has no body.
    pub fn envelopes(&self) -> impl Iterator<Item = EnvelopeRef<'a>> + use<'a> {
        let document = self.document();
        let envelopes = document.map(Document::envelopes).unwrap_or_default();
        let envelopes = envelopes.iter();
        envelopes.filter_map(move |envelope| Some(envelope.view(document?)))
    }

    /// Its only or first envelope.
    #[must_use]
    pub fn envelope(&self) -> Option<EnvelopeRef<'a>> {
        self.envelopes().next()
    }

    /// A proxy, a load balancer or a TLS terminator put a header field there.
    #[must_use]
    pub fn is_forwarded(&self) -> bool {
        self.gist.is_forwarded()
    }

    /// Its Authorization, as read.
    #[must_use]
    pub fn authorization(&self) -> Option<&'a Authorization<'a>> {
        self.gist.authorization().map(|reading| &reading.what)
    }

    /// Of a 401, the challenges.
    #[must_use]
    pub fn challenges(&self) -> &'a [Challenge<'a>] {
        self.gist.challenges()
    }

    /// A number that tells its body from that of another message.
    #[must_use]
    pub fn body_fingerprint(&self) -> u64 {
        self.gist.body(self.message)
    }

    /// What its first Inform says, if it has one.
    #[must_use]
    pub fn informed(&self) -> Option<&'a Informed<'a>> {
        self.gist.informed()
    }

    /// The same, where its first envelope is that Inform.
    #[must_use]
    pub fn informed_first(&self) -> Option<&'a Informed<'a>> {
        self.informed().filter(|informed| informed.is_first)
    }

    /// Its parameters of ManagementServer.
    pub fn managed(&self) -> impl Iterator<Item = &'a Parameter<'a>> + use<'a> {
        let all = self.parameters.all();
        let managed = &self.gist.sought(self.parameters).managed;
        managed.iter().filter_map(|at| all.get(*at))
    }

    /// Of one of its envelopes, the parameters that tell or set the state of a test.
    pub fn states(&self, envelope: usize) -> impl Iterator<Item = &'a Parameter<'a>> + use<'a> {
        let states = &self.gist.sought(self.parameters).states;
        self.of_envelope(envelope, states)
    }

    /// Those of these places that are in one envelope.
    fn of_envelope(
        &self,
        envelope: usize,
        places: &'a [usize],
    ) -> impl Iterator<Item = &'a Parameter<'a>> + use<'a> {
        let all = self.parameters.all();
        let here = self.parameters.places_of_envelope(envelope);
        let places = places.iter().filter(move |at| here.contains(at));
        places.filter_map(|at| all.get(*at))
    }

    /// Its Inform, if it has one.
    #[must_use]
    pub fn inform(&self) -> Option<Inform<'a>> {
        self.document()?.inform()
    }

    /// The version whose rules hold here.
    #[must_use]
    pub fn version(&self) -> Version {
        self.session
            .map_or_else(|| version_of(self.message), |session| session.version)
            .unwrap_or(Version::V1_0)
    }

    /// The session has the ways of TR-069 Issue 1 (family I1), or the message, where its session is not known.
    #[must_use]
    pub fn is_issue_1(&self) -> bool {
        has_ways_of_issue_1(self.message, self.session)
    }

    /// The beginning of a finding about this message; its sender is blamed where the rule leaves that open.
    #[must_use]
    pub fn breaks(&self, rule: &'static Rule) -> Draft {
        Draft::of_message(rule, self.message, self.session)
    }

    /// The same, with a mark on an element's start tag.
    #[must_use]
    pub fn breaks_at(&self, rule: &'static Rule, element: Element<'_>) -> Draft {
        self.breaks(rule)
            .body(element.offset()..element.content_offset())
    }
}

/// A request and its answer, both whole.
#[derive(Debug, Clone, Copy)]
pub struct Exchange<'a> {
    /// The request, as last sent.
    pub asked: &'a Asked,
    /// The message that answers.
    pub answer: Seen<'a>,
    /// Which of its envelopes.
    pub envelope: usize,
}

impl<'a> Exchange<'a> {
    /// The request's envelope.
    #[must_use]
    pub fn request(&self) -> Option<EnvelopeRef<'a>> {
        self.asked
            .message
            .soap
            .as_ref()?
            .envelope(self.asked.envelope)
    }

    /// The envelope of the response or fault.
    #[must_use]
    pub fn response(&self) -> Option<EnvelopeRef<'a>> {
        self.answer.document()?.envelope(self.envelope)
    }

    /// Names and values in the response's ParameterList.
    #[must_use]
    pub fn answered(&self) -> &'a [Parameter<'a>] {
        self.answer.parameters.of_envelope(self.envelope)
    }

    /// Those of them that are of ManagementServer.
    pub fn managed(&self) -> impl Iterator<Item = &'a Parameter<'a>> + use<'a> {
        let sought = self.answer.gist.sought(self.answer.parameters);
        self.answer.of_envelope(self.envelope, &sought.managed)
    }

    /// Those of them that are of DeviceInfo.
    pub fn identity(&self) -> impl Iterator<Item = &'a Parameter<'a>> + use<'a> {
        let sought = self.answer.gist.sought(self.answer.parameters);
        self.answer.of_envelope(self.envelope, &sought.identity)
    }

    /// The method asked for.
    #[must_use]
    pub fn method(&self) -> &'a str {
        &self.asked.method
    }

    /// The answer is a fault.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        self.response()
            .is_some_and(|response| response.kind() == Kind::Fault)
    }

    /// FaultCode of the fault that answers, if it is one that can be read.
    #[must_use]
    pub fn fault_code(&self) -> Option<u32> {
        self.response()?.fault()?.code_number()
    }

    /// The beginning of a finding about the answer, with the frames of the request before it.
    #[must_use]
    pub fn breaks(&self, rule: &'static Rule) -> Draft {
        self.answer
            .breaks(rule)
            .rpc(self.method())
            .shown_by(&self.asked.message)
    }
}

/// A request that waits for its answer.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The message, as last sent.
    pub message: Arc<Message>,
    /// Which of its envelopes.
    pub envelope: usize,
    /// The method.
    pub method: String,
    /// `cwmp:ID`, as on the wire.
    pub id: Option<String>,
    /// What of its session was missing by then.
    pub(super) losses: u32,
    /// By the schema of which version it is as it should be, where that is known.
    pub(super) shapely: Option<Version>,
}

/// What is known of a session by now.
#[derive(Debug)]
pub struct SessionFacts {
    /// Its number.
    pub number: u32,
    /// Its device.
    pub device: Option<Arc<str>>,
    /// The vendor profile of its device.
    pub profile: Option<Chosen>,
    /// Its first message in the capture is its Inform (or a challenge's first leg that held it).
    pub from_its_start: bool,
    /// The Inform, as last sent.
    pub inform: Option<Arc<Message>>,
    /// The data model that its Inform names.
    pub claim: Option<Claim>,
    /// The Inform was answered with InformResponse.
    pub accepted: bool,
    /// The version whose rules hold: that of the Inform, lowered or set by the InformResponse.
    pub version: Option<Version>,
    /// The version that the namespace of InformResponse tells.
    pub answered_in: Option<Version>,
    /// InformResponse was in the namespace of 1.0, and takes the session there (TR-069 Amendment 3 section 3.7.1.1).
    pub answered_in_1_0: bool,
    /// It has the ways of TR-069 Issue 1 (family I1).
    pub issue_1: bool,
    /// Bytes of it are missing, or an HTTP message was not whole.
    pub damaged: bool,
    /// How often something of it was missing.
    pub(super) losses: u32,
    /// HTTP messages so far.
    pub messages: u32,
    /// A request has no answer yet.
    pub answer_due: bool,
    /// The last request was without a body.
    pub last_request_empty: bool,
    /// The device has sent a POST without a body while it was not held back: it may ask nothing more (TR-069 Amendment 3
    /// section 3.7.1.3).
    pub asks_no_more: bool,
    /// The connection of the last message, and how often bytes of it were missing by then.
    pub(super) last_seen_on: (u64, u32),
    /// The last response that was neither a challenge nor a redirect.
    pub last_response: Option<LastResponse>,
    /// The last response was a challenge or a redirect: the next request repeats the one before.
    pub replay_due: bool,
    /// The ACS has sent it elsewhere: where it posts is not the ACS URL that it has.
    pub redirected: bool,
    /// The Inform before that, which went to the ACS URL.
    pub first_inform: Option<Arc<Message>>,
    /// The device's requests that wait for their answer, the earliest first.
    pub asked_by_cpe: VecDeque<Asked>,
    /// The ACS's requests that wait for their answer, the earliest first.
    pub asked_by_acs: VecDeque<Asked>,
}

/// The last response that the device had to act upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastResponse {
    /// Its status.
    pub status: u16,
    /// It had no body.
    pub empty: bool,
    /// Requests of the ACS in it.
    pub requests: u32,
    /// HoldRequests of its last envelope, false where that has none.
    pub hold_requests: bool,
}

impl SessionFacts {
    /// A session of which nothing is known.
    #[must_use]
    pub fn new(number: u32) -> Self {
        Self {
            number,
            device: None,
            profile: None,
            from_its_start: false,
            inform: None,
            claim: None,
            accepted: false,
            version: None,
            answered_in: None,
            answered_in_1_0: false,
            issue_1: false,
            damaged: false,
            losses: 0,
            messages: 0,
            answer_due: false,
            last_request_empty: false,
            asks_no_more: false,
            last_seen_on: (0, 0),
            last_response: None,
            replay_due: false,
            redirected: false,
            first_inform: None,
            asked_by_cpe: VecDeque::new(),
            asked_by_acs: VecDeque::new(),
        }
    }

    /// The same session, of which nothing is known but who it is with and by what rules it runs.
    pub(super) fn anew(&self) -> Self {
        Self {
            device: self.device.clone(),
            profile: self.profile,
            claim: self.claim,
            accepted: self.accepted,
            version: self.version,
            answered_in: self.answered_in,
            answered_in_1_0: self.answered_in_1_0,
            issue_1: self.issue_1,
            damaged: true,
            losses: self.losses.saturating_add(1),
            messages: self.messages,
            redirected: self.redirected,
            last_seen_on: self.last_seen_on,
            ..Self::new(self.number)
        }
    }

    /// Bytes of the messages that it holds, about.
    pub(super) fn held_bytes(&self) -> usize {
        let asked = self.asked_by_cpe.iter().chain(&self.asked_by_acs);
        let mut last: Option<&Arc<Message>> = None;
        let informs = [&self.inform, &self.first_inform].into_iter().flatten();
        let mut bytes: usize = informs.map(|inform| inform.held_bytes()).sum();
        for message in asked.map(|asked| &asked.message) {
            let known = [last, self.inform.as_ref()];
            if !known
                .into_iter()
                .flatten()
                .any(|one| Arc::ptr_eq(one, message))
            {
                bytes += message.held_bytes();
            }
            last = Some(message);
        }
        bytes
    }

    /// The capture holds all of it so far, from its Inform on.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.from_its_start && !self.damaged
    }

    /// The Inform, where the capture holds every byte of it: what it does not say, it did not say.
    #[must_use]
    pub fn whole_inform(&self) -> Option<&Arc<Message>> {
        self.inform.as_ref().filter(|message| is_whole(message))
    }

    /// Events of its Inform with their CommandKeys, as on the wire.
    #[must_use]
    pub fn events(&self) -> Vec<(String, String)> {
        let inform = self.inform.as_ref().and_then(|message| {
            let envelopes = message.soap.as_ref()?.envelope_refs();
            envelopes.filter_map(|envelope| envelope.inform()).next()
        });
        let events = inform.map(|inform| inform.events()).unwrap_or_default();
        events
            .into_iter()
            .map(|event| (event.code.into_owned(), event.command_key.into_owned()))
            .collect()
    }
}

/// A session that closed, after all its messages were shown.
#[derive(Debug, Clone, Copy)]
pub struct Closed<'a> {
    /// The session.
    pub session: &'a Session,
    /// What was known of it at its end.
    pub facts: &'a SessionFacts,
    /// What the check was asked for.
    pub setting: &'a Setting,
}

impl Closed<'_> {
    /// The capture holds all of it, from its Inform to the closing of its last connection.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.facts.is_whole()
            && self.session.gaps == 0
            && self.session.closed_by_peer
            && self
                .session
                .steps
                .iter()
                .all(|step| step.evidence == Evidence::Complete)
    }

    /// The beginning of a finding about the session; where no frames are added, its last step shows it.
    #[must_use]
    pub fn breaks(&self, rule: &'static Rule) -> Draft {
        Draft::of_session(rule, self.session, self.facts)
    }
}

/// The capture holds every byte of a message, and what it says of its length is true.
#[must_use]
pub fn is_whole(message: &Message) -> bool {
    message.provenance.evidence == Evidence::Complete
        && message.http.cut.is_none()
        && message.http.body_complete
}

/// The session has the ways of TR-069 Issue 1, or the message, where its session is not known.
pub(super) fn has_ways_of_issue_1(message: &Message, session: Option<&SessionFacts>) -> bool {
    match session {
        Some(session) => session.issue_1,
        None => message.soap.as_ref().is_some_and(super::track::is_issue_1),
    }
}

/// The version that the headers and the namespace of a message tell.
#[must_use]
pub fn version_of(message: &Message) -> Option<Version> {
    let document = message.soap.as_ref()?;
    document.envelope_refs().find_map(|envelope| {
        if envelope.supported_versions().is_some() || envelope.use_version().is_some() {
            return Some(Version::V1_4);
        }
        let by_namespace = envelope.version_hint()?;
        let timed = envelope.header_text("SessionTimeout").is_some();
        Some(match by_namespace {
            Version::V1_2 if timed => Version::V1_3,
            version => version,
        })
    })
}
