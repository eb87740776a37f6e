//! Messages that are no readable CWMP envelope, methods that nobody knows, and RPCs that the scenario does not allow.

use std::collections::BTreeSet;

use cwmp::schema::{Direction, method};
use cwmp::{AnomalyKind, Document, EnvelopeRef, Hints, Kind, Limits};

use super::{Ground, Spot};
use crate::replay::scenario::problem::{shown, told};
use crate::replay::scenario::sample::{body, classified};
use crate::replay::scenario::{Act, Class, Role, Send};
use crate::replay::template::names;

/// What a step says, envelope by envelope; one that is `empty` where there is no body.
pub(super) type Said = Vec<(String, Kind)>;

/// Looks at every message that is sent, and tells what the steps say.
pub(super) fn look(ground: &Ground<'_>, bent: &BTreeSet<usize>) -> Vec<Said> {
    let mut said = Vec::new();
    let mut needed = Vec::new();
    for (index, step) in ground.scenario.steps.iter().enumerate() {
        said.push(match &step.act {
            Act::Send(send) => {
                let is_whole = !bent.contains(&index);
                needed.push(is_whole.then(|| class(ground, send, index)).flatten());
                sent(ground, send, index)
            }
            Act::Expect(expect) => vec![(expect.message.clone(), kind_of(&expect.message))],
            Act::Await(_) | Act::Action(_) => Vec::new(),
        });
        if let Act::Expect(expect) = &step.act
            && let Some(name) = &expect.like
        {
            like(ground, &expect.message, name, index);
        }
    }
    for allowed in &ground.scenario.safety.allow {
        // A message that cannot be read may be of any class.
        if !needed.contains(&Some(*allowed)) && !needed.contains(&None) {
            let what = format!(
                "nothing here is of the class `{}`: take it out",
                allowed.name()
            );
            ground.warning("allow-unused", &Spot::Toml("safety.allow"), what);
        }
    }
    said
}

fn kind_of(message: &str) -> Kind {
    match message {
        "empty" => Kind::Empty,
        "Fault" => Kind::Fault,
        _ if message.ends_with("Response") => Kind::Response,
        _ => Kind::Request,
    }
}

/// The class of a message; remarks where the scenario does not allow it.
fn class(ground: &Ground<'_>, send: &Send, index: usize) -> Option<Class> {
    let is_there = |name: &String| ground.scenario.files.contains_key(name);
    if !send.file.as_ref().is_none_or(is_there) {
        return None;
    }
    let classified = classified(&ground.scenario, send);
    let class = classified.class;
    if class != Class::Read && !ground.scenario.safety.allow.contains(&class) {
        let name = class.name();
        let why = match told(&classified.why) {
            why if why.is_empty() => "the guard refuses it".to_owned(),
            why => format!("{why}: the guard refuses it"),
        };
        let what = format!(
            "{why}, since the class `{name}` is not allowed; [safety] allow = [\"{name}\"] would"
        );
        ground.warning("class-not-allowed", &Spot::Step(index, "send"), what);
    }
    Some(class)
}

fn sent(ground: &Ground<'_>, send: &Send, index: usize) -> Said {
    let Some(name) = &send.file else {
        return vec![("empty".to_owned(), Kind::Empty)];
    };
    let Some(template) = ground.scenario.files.get(name) else {
        return Vec::new();
    };
    let filled = body(&ground.scenario, template);
    let document = cwmp::parse(filled, &Hints::default(), &Limits::default());
    let Some(said) = envelopes(&document) else {
        // A body that is no CWMP goes with the errors of HTTP.
        let status = crate::replay::scenario::sample::status_of(&send.head);
        if status.is_none_or(|status| status < 300) {
            let what =
                "this is no readable CWMP message: no SOAP envelope with something in its Body";
            ground.error("no-envelope", &Spot::File(index, name, 0), what);
        }
        return vec![("undecodable".to_owned(), Kind::Empty)];
    };
    // Places are those of the file, not of what goes out.
    let recorded = cwmp::parse(template.clone(), &Hints::default(), &Limits::default());
    bent(ground, &document, &recorded, index, name);
    for envelope in recorded.envelope_refs() {
        known(ground, &envelope, index, name);
        fixed_id(ground, &envelope, index, name);
    }
    said
}

fn envelopes(document: &Document) -> Option<Said> {
    let said: Said = document
        .envelope_refs()
        .filter_map(|envelope| Some((envelope.message_name()?.to_owned(), envelope.kind())))
        .collect();
    (!said.is_empty()).then_some(said)
}

/// What no XML parser takes: as recorded, or a slip of whoever edited it.
fn bent(ground: &Ground<'_>, sent: &Document, recorded: &Document, index: usize, name: &str) {
    let breaks = |kind: AnomalyKind| {
        matches!(
            kind,
            AnomalyKind::BareAmpersand
                | AnomalyKind::BareLessThan
                | AnomalyKind::UnterminatedMarkup
                | AnomalyKind::UnexpectedEndTag
                | AnomalyKind::MismatchedEndTag
                | AnomalyKind::UnclosedElement
                | AnomalyKind::UnclosedRoot
                | AnomalyKind::UndeclaredPrefix
                | AnomalyKind::DuplicateAttribute
                | AnomalyKind::UnquotedAttribute
                | AnomalyKind::InvalidName
        )
    };
    let first = |document: &Document| {
        let mut anomalies = document.anomalies().iter();
        anomalies.find(|anomaly| breaks(anomaly.kind)).copied()
    };
    if let Some(anomaly) = first(sent) {
        let at = first(recorded).map_or(0, |anomaly| anomaly.offset);
        let kind = anomaly.kind.name();
        let what = format!("this is no well-formed XML ({kind}): fine where the recording was so");
        ground.warning("bent-body", &Spot::File(index, name, at), what);
    }
}

fn known(ground: &Ground<'_>, envelope: &EnvelopeRef<'_>, index: usize, name: &str) {
    let Some(called) = envelope.method() else {
        return;
    };
    let at = envelope.message().map_or(0, |message| message.offset());
    let spot = Spot::File(index, name, at);
    let Some(method) = method(called) else {
        let what = format!(
            "TR-069 has no method {}: it counts as `destroy`",
            shown(called)
        );
        ground.warning("unknown-method", &spot, what);
        return;
    };
    let to_acs = (envelope.kind() == Kind::Request) == (ground.scenario.role == Role::Cpe);
    let fits = match method.direction {
        Direction::Both => true,
        Direction::ToAcs => to_acs,
        Direction::ToCpe => !to_acs,
    };
    if !fits {
        let side = ground.scenario.role.name();
        let what = format!("the side `{side}` does not send {called}");
        ground.warning("wrong-side", &spot, what);
    }
}

/// An ID that is written out is neither fresh nor an echo.
fn fixed_id(ground: &Ground<'_>, envelope: &EnvelopeRef<'_>, index: usize, name: &str) {
    let id = envelope.header().and_then(|header| header.child("ID"));
    if let Some(id) = id.filter(|id| names(id.content()).next().is_none()) {
        let what =
            "cwmp:ID is written out: {{cwmp.id}} is fresh in requests, and echoed in responses";
        ground.warning(
            "fixed-id",
            &Spot::File(index, name, id.content_offset()),
            what,
        );
    }
}

/// The message that one is compared with has to be the one expected.
fn like(ground: &Ground<'_>, expected: &str, name: &str, index: usize) {
    let Some(template) = ground.scenario.files.get(name) else {
        return;
    };
    let filled = body(&ground.scenario, template);
    let document = cwmp::parse(filled, &Hints::default(), &Limits::default());
    let recorded = envelopes(&document).and_then(|said| said.into_iter().next());
    let recorded = recorded.map_or_else(|| "undecodable".to_owned(), |(name, _)| name);
    if recorded != expected {
        let what = format!(
            "the step expects {}, and is compared with {}",
            shown(expected),
            shown(&recorded)
        );
        ground.warning("like-another", &Spot::Step(index, "like"), what);
    }
}
