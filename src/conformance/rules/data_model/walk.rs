//! The walk over the parameters of a message: each is looked up once, for every rule of names and values.

use std::collections::HashSet;

use cwmp::{Element, EnvelopeRef};

use super::{names, values};
use crate::conformance::standing::{Standing, Told, told};
use crate::conformance::{Draft, Findings, Parameter, Rule, Seen, Topic, Traits};
use crate::model::{Found, Root};
use crate::session::{Severity, Side};

/// What is remembered of the capture.
#[derive(Debug, Default)]
pub struct Walk {
    /// Sessions in which the ACS has given an alias.
    named: HashSet<u32, foldhash::fast::RandomState>,
}

/// What lists names or values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// Values of an Inform.
    Inform,
    /// Values that were asked for.
    Values,
    /// Values that are set.
    Set,
    /// Names with Writable.
    Names,
    /// Names with attributes.
    Attributes,
}

impl Source {
    /// It lists values, and not what else there is to say of a name.
    fn has_values(self) -> bool {
        !matches!(self, Self::Names | Self::Attributes)
    }

    fn of(from: Side, message: &str) -> Option<Self> {
        Some(match (from, message) {
            (Side::Cpe, "Inform") => Self::Inform,
            (Side::Cpe, "GetParameterValuesResponse") => Self::Values,
            (Side::Cpe, "GetParameterNamesResponse") => Self::Names,
            (Side::Cpe, "GetParameterAttributesResponse") => Self::Attributes,
            (Side::Acs, "SetParameterValues") => Self::Set,
            _ => return None,
        })
    }
}

impl Topic for Walk {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if !seen.is_cwmp() || seen.replay || !seen.is_whole() {
            return;
        }
        for (index, envelope) in seen.envelopes().enumerate() {
            let Some(message) = envelope.message_name() else {
                continue;
            };
            if let Some(source) = Source::of(seen.from(), message) {
                self.walk(seen, source, index, findings);
            }
            if seen.from() == Side::Acs {
                self.note_aliases(seen, &envelope);
            }
        }
    }
}

impl Walk {
    fn walk(&mut self, seen: &Seen<'_>, source: Source, envelope: usize, findings: &mut Findings) {
        let told = told(seen);
        let mut telling = Telling {
            seen,
            source,
            findings,
            told: 0,
            counts: Vec::new(),
            group: String::new(),
            looked_for: 0,
        };
        let acs_names = seen
            .message
            .session
            .is_none_or(|session| self.names_aliases(session));
        let list = 1_u8 << source as u8;
        for parameter in seen.parameters.of_envelope(envelope) {
            let is_name_right = source.has_values() && parameter.is_name_right(list);
            if is_name_right && parameter.is_right() {
                continue;
            }
            let name = parameter.name();
            let (Some(root), Some(standing)) = (Root::of_path(name), parameter.standing()) else {
                continue;
            };
            let entry = Entry {
                parameter,
                name,
                root,
                told,
                standing,
                acs_names,
            };
            let before = telling.told;
            if !is_name_right {
                entry.judge_name(&mut telling);
                if telling.told == before {
                    parameter.note_name_right(list);
                }
            }
            if !parameter.is_right() {
                let before = telling.told;
                entry.judge_value(&mut telling);
                if telling.told > before {
                    parameter.note_wrong();
                }
            }
        }
    }

    /// The ACS names instances in this session, as far as is known.
    fn names_aliases(&self, session: u32) -> bool {
        self.named.len() >= NAMED_MAX || self.named.contains(&session)
    }

    fn note_aliases(&mut self, seen: &Seen<'_>, envelope: &EnvelopeRef<'_>) {
        let Some(session) = seen.message.session else {
            return;
        };
        let names = match envelope.message_name() {
            Some("SetParameterValues") => seen.parameters.traits().has(Traits::ALIAS),
            Some("AddObject") => true,
            _ => return,
        };
        if names && self.named.len() < NAMED_MAX {
            self.named.insert(session);
        }
    }
}

/// One entry of a list.
pub(super) struct Entry<'a> {
    pub(super) parameter: &'a Parameter<'a>,
    pub(super) name: &'a str,
    /// The root of its name.
    pub(super) root: Root,
    pub(super) told: Told,
    pub(super) standing: Standing,
    /// The ACS has named instances in this session.
    pub(super) acs_names: bool,
}

impl Entry<'_> {
    fn judge_name(&self, telling: &mut Telling<'_, '_>) {
        if telling.source != Source::Set {
            names::look(self, self.parameter.found(), telling);
        }
    }

    /// Where its name stands.
    pub(super) fn at_name(&self) -> Element<'_> {
        let name = self.parameter.name_element();
        name.unwrap_or_else(|| self.parameter.element())
    }

    /// Where its value stands.
    pub(super) fn at_value(&self) -> Element<'_> {
        let value = self.parameter.value_element();
        value.unwrap_or_else(|| self.parameter.element())
    }

    fn judge_value(&self, telling: &mut Telling<'_, '_>) {
        if !telling.source.has_values() {
            return;
        }
        if let (Found::Parameter(known), Some(value)) =
            (self.parameter.found(), self.parameter.value())
        {
            values::look(self, &known, value, telling);
        }
    }
}

/// What is told of one message.
pub(super) struct Telling<'m, 's> {
    pub(super) seen: &'m Seen<'s>,
    pub(super) source: Source,
    findings: &'m mut Findings,
    told: u32,
    /// How often each rule has told something.
    counts: Vec<(&'static str, u32)>,
    /// The object of which DM-012 has spoken last.
    group: String,
    /// Unknown names for which a known one was looked for.
    looked_for: u32,
}

impl Telling<'_, '_> {
    /// A known name may be looked for, which costs much; a device with so many slips has them among the first.
    pub(super) fn may_look_for_another(&mut self) -> bool {
        self.looked_for = self.looked_for.saturating_add(1);
        let may = self.looked_for <= LOOKED_FOR_MAX;
        if !may {
            // Not looked for is not right: another message may have room for it.
            self.told = self.told.saturating_add(1);
        }
        may
    }

    /// Adds a finding about this element, unless the rule has told enough of this message.
    #[cold]
    pub(super) fn tell(
        &mut self,
        rule: &'static Rule,
        element: Element<'_>,
        path: &str,
        most: Severity,
        because: impl FnOnce() -> String,
    ) {
        self.told = self.told.saturating_add(1);
        if !self.has_room(rule) {
            return;
        }
        let text = element.content_offset()..element.content_offset() + element.content().len();
        let draft: Draft = match element.plain() {
            Some(plain) if !plain.trim_ascii().is_empty() => self.seen.breaks(rule).body(text),
            _ => self.seen.breaks_at(rule, element),
        };
        let draft = draft.path(path).at_most(most);
        self.findings.add_because(draft, because);
    }

    /// The same of names, once for each object or vendor; names below it that follow are told by it.
    #[cold]
    pub(super) fn tell_group(
        &mut self,
        rule: &'static Rule,
        entry: &Entry<'_>,
        group: &str,
        because: impl FnOnce() -> String,
    ) {
        if self.group == group {
            self.told = self.told.saturating_add(1);
            return;
        }
        group.clone_into(&mut self.group);
        self.tell(rule, entry.at_name(), group, Severity::Error, because);
    }

    fn has_room(&mut self, rule: &Rule) -> bool {
        let most = if rule.code == "DM-011" { 1 } else { TOLD_MAX };
        let known = self.counts.iter_mut().find(|(code, _)| *code == rule.code);
        let Some((_, count)) = known else {
            self.counts.push((rule.code, 1));
            return true;
        };
        *count = count.saturating_add(1);
        *count <= most
    }
}

/// Sessions remembered in which the ACS has named instances; beyond, any may be one.
const NAMED_MAX: usize = 4_096;
/// Findings of one rule told of one message.
const TOLD_MAX: u32 = 16;
/// Unknown names of one message for which a known one is looked for.
const LOOKED_FOR_MAX: u32 = 512;
