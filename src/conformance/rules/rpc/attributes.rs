//! The attributes of one device's parameters: what was set and read, and whether what is read later agrees with it.
//!
//! What is known is forgotten where a session was not captured whole, at a factory reset and behind every file transfer; over
//! several sessions, one of which the capture may lack, a breach is no more than a warning.

use std::collections::HashMap;

use cwmp::schema::Version;
use cwmp::{EnvelopeRef, Parameter};

use super::asked::{self, PATH_MAX, instance, is_indirect};
use super::attribute_pages::{AT_FIRST, INHERITED, KEPT, LAST, NEW, NOTHING, REBOOT, THEN_ONLY};
use super::attributes_refused::known;
use crate::conformance::{Exchange, Findings, Rule, Seen, Topic, fingerprint};
use crate::model::ActiveNotification;
use crate::session::{Severity, Side};

/// What is known of one device.
#[derive(Debug, Default)]
pub(super) struct Attributes {
    known: Option<Box<Known>>,
}

#[derive(Debug, Default)]
struct Known {
    /// By fingerprint of the full name.
    of: HashMap<u64, Setting, foldhash::fast::RandomState>,
    /// What was set for partial paths.
    partial: Vec<Partial>,
    added: Vec<Instance>,
    deleted: Vec<Instance>,
    /// Exchanges and entries so far.
    now: u32,
    /// When the device last started.
    booted: u32,
}

/// What is known of one parameter.
#[derive(Debug, Clone, Copy)]
struct Setting {
    at: u32,
    session: u32,
    request: u32,
    notification: Option<u8>,
    /// Whether AccessList has Subscriber.
    access: Option<bool>,
    /// What an earlier entry of the same request set.
    earlier: Option<u8>,
    /// It was set, not only read.
    set: bool,
    /// A refused request of this session wanted this.
    refused: Option<u8>,
}

#[derive(Debug)]
struct Partial {
    path: String,
    at: u32,
    session: u32,
    request: u32,
    notification: Option<u8>,
    access: Option<bool>,
}

#[derive(Debug)]
struct Instance {
    path: String,
    at: u32,
    session: u32,
    /// An instance of this number was deleted before.
    again: bool,
}

/// One entry of SetParameterAttributes.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    /// Notification, where it is to be changed.
    pub(super) notification: Option<u8>,
    /// Whether Subscriber is in AccessList, where that is to be changed.
    pub(super) access: Option<bool>,
    /// An entity of a vendor is in it.
    pub(super) has_vendor_entity: bool,
    /// All entities are named as they have to be.
    pub(super) entities_fit: bool,
}

/// The entries of SetParameterAttributes, as far as a bound goes.
pub(super) fn entries(request: &EnvelopeRef<'_>) -> Vec<Entry> {
    request
        .parameters()
        .take(ENTRIES_MAX)
        .map(|parameter| entry(&parameter))
        .collect()
}

fn entry(parameter: &Parameter<'_>) -> Entry {
    let element = parameter.element();
    let changes = |name: &str| {
        let change = element.child(name).map(|change| change.text());
        matches!(change.as_deref().map(str::trim), Some("1" | "true"))
    };
    let notification = || element.child("Notification")?.text().trim().parse().ok();
    let list = element.child("AccessList");
    let (mut subscriber, mut vendor, mut fit) = (false, false, true);
    for entity in list
        .iter()
        .flat_map(cwmp::Element::children)
        .take(ENTITIES_MAX)
    {
        let entity = entity.text();
        let entity = entity.trim();
        subscriber |= entity == "Subscriber";
        vendor |= entity.starts_with("X_");
        fit &= super::messages::is_entity(entity);
    }
    Entry {
        name: parameter.name().into_owned(),
        notification: changes("NotificationChange").then(notification).flatten(),
        access: changes("AccessListChange").then_some(subscriber),
        has_vendor_entity: vendor,
        entities_fit: fit,
    }
}

impl Topic for Attributes {
    fn message(&mut self, seen: &Seen<'_>, _: &mut Findings) {
        if self.known.is_none() || !seen.is_cwmp() || seen.from() != Side::Cpe {
            return;
        }
        if seen.session.is_none_or(|facts| !facts.is_whole()) {
            self.known = None;
            return;
        }
        let Some(inform) = seen.envelope().and_then(|envelope| envelope.inform()) else {
            return;
        };
        for event in inform.events() {
            let code = event.code.trim();
            let resets = [
                "0 ",
                "7 ",
                "10 ",
                "M Download",
                "M ScheduleDownload",
                "M ChangeDU",
            ];
            if resets.iter().any(|reset| code.starts_with(reset)) {
                self.known = None;
                return;
            }
            if code.starts_with("1 ")
                && let Some(known) = &mut self.known
            {
                known.now = known.now.saturating_add(1);
                known.booted = known.now;
            }
        }
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, findings: &mut Findings) {
        let method = exchange.method();
        let wanted = matches!(
            method,
            "SetParameterAttributes"
                | "GetParameterAttributes"
                | "AddObject"
                | "DeleteObject"
                | "FactoryReset"
        );
        if !wanted || exchange.answer.from() != Side::Cpe {
            return;
        }
        let Some(facts) = exchange
            .answer
            .session
            .filter(|facts| facts.is_whole() && !facts.issue_1)
        else {
            self.known = None;
            return;
        };
        let (Some(request), Some(response)) = (exchange.request(), exchange.response()) else {
            return;
        };
        let fault = exchange.is_fault();
        if method == "FactoryReset" {
            self.known = None;
            return;
        }
        if fault && self.known.is_none() {
            return;
        }
        let known = self.known.get_or_insert_default();
        known.now = known.now.saturating_add(1);
        match (method, fault) {
            ("SetParameterAttributes", false) => known.set(&request, facts.number),
            ("SetParameterAttributes", true) => known.refuse(&request, facts.number),
            ("GetParameterAttributes", false) => {
                let first = facts
                    .events()
                    .iter()
                    .any(|(code, _)| code.trim() == "0 BOOTSTRAP");
                for parameter in response.parameters().take(READ_MAX) {
                    let read = Read::of(&parameter, exchange, facts.number);
                    known.judge(&read, first, findings);
                    known.learn(&read);
                }
            }
            ("AddObject", false) => known.add(&request, &response, facts.number),
            ("DeleteObject", false) => known.delete(&request, facts.number),
            _ => {}
        }
    }
}

/// One parameter of GetParameterAttributesResponse.
struct Read<'a> {
    exchange: &'a Exchange<'a>,
    session: u32,
    name: String,
    notification: Option<u8>,
    access: bool,
}

impl<'a> Read<'a> {
    fn of(parameter: &Parameter<'_>, exchange: &'a Exchange<'a>, session: u32) -> Self {
        let element = parameter.element();
        let notification = || element.child("Notification")?.text().trim().parse().ok();
        let list = element.child("AccessList");
        let mut entities = list
            .iter()
            .flat_map(cwmp::Element::children)
            .take(ENTITIES_MAX);
        Self {
            exchange,
            session,
            name: parameter.name().into_owned(),
            notification: notification(),
            access: entities.any(|entity| entity.text().trim() == "Subscriber"),
        }
    }

    fn add(&self, rule: &'static Rule, since: u32, why: String, findings: &mut Findings) {
        // Another session, which the capture lacks, may have set it.
        let most = if since == self.session {
            Severity::Error
        } else {
            Severity::Warning
        };
        let draft = self.exchange.breaks(rule).path(&self.name).at_most(most);
        findings.add(draft.because(why));
    }
}

impl Known {
    fn set(&mut self, request: &EnvelopeRef<'_>, session: u32) {
        let request_at = self.now;
        for entry in entries(request) {
            self.now = self.now.saturating_add(1);
            if entry.name.is_empty() || entry.name.ends_with('.') || is_indirect(&entry.name) {
                self.set_partial(entry, request_at, session);
                continue;
            }
            let key = fingerprint(entry.name.as_bytes());
            let before = self.current(&entry.name);
            let same = before.filter(|before| before.request == request_at && before.set);
            if self.of.len() >= SETTINGS_MAX && !self.of.contains_key(&key) {
                continue;
            }
            let setting = Setting {
                at: self.now,
                session,
                request: request_at,
                notification: entry.notification.or_else(|| before?.notification),
                access: entry.access.or_else(|| before?.access),
                earlier: same.and_then(|same| same.notification),
                set: true,
                refused: None,
            };
            self.of.insert(key, setting);
        }
    }

    fn set_partial(&mut self, entry: Entry, request: u32, session: u32) {
        if entry.name.len() > PATH_MAX
            || is_indirect(&entry.name)
            || self.partial.len() >= PARTIAL_MAX
        {
            // What it covers is not known any more.
            self.of.clear();
            self.partial.clear();
            return;
        }
        self.partial.push(Partial {
            path: entry.name,
            at: self.now,
            session,
            request,
            notification: entry.notification,
            access: entry.access,
        });
    }

    /// What a parameter should have by all that was set and read.
    fn current(&self, name: &str) -> Option<Setting> {
        let mut setting = *self.of.get(&fingerprint(name.as_bytes()))?;
        if self
            .deleted
            .iter()
            .any(|gone| gone.at > setting.at && name.starts_with(&gone.path))
        {
            return None;
        }
        for partial in &self.partial {
            if partial.at < setting.at || !name.starts_with(&partial.path) {
                continue;
            }
            setting.earlier = (partial.request == setting.request)
                .then_some(setting.notification)
                .flatten();
            setting.at = partial.at;
            setting.session = partial.session;
            setting.request = partial.request;
            setting.notification = partial.notification.or(setting.notification);
            setting.access = partial.access.or(setting.access);
            setting.set = true;
            setting.refused = None;
        }
        // A partial path before it in the same request.
        let before = self.partial.iter().rev().find(|partial| {
            partial.request == setting.request
                && partial.at < setting.at
                && name.starts_with(&partial.path)
        });
        if let Some(before) = before {
            setting.earlier = setting.earlier.or(before.notification);
        }
        Some(setting)
    }

    fn refuse(&mut self, request: &EnvelopeRef<'_>, session: u32) {
        for entry in entries(request) {
            let setting = self.of.get_mut(&fingerprint(entry.name.as_bytes()));
            if let Some(setting) = setting.filter(|setting| setting.session == session) {
                setting.refused = entry.notification;
            }
        }
    }

    fn add(&mut self, request: &EnvelopeRef<'_>, response: &EnvelopeRef<'_>, session: u32) {
        let Some(path) = asked::added(request, response) else {
            return;
        };
        let again = self.deleted.iter().any(|gone| path.starts_with(&gone.path));
        note(&mut self.added, path, self.now, session, again);
    }

    fn delete(&mut self, request: &EnvelopeRef<'_>, session: u32) {
        let path = asked::only_path(request).unwrap_or_default();
        self.added.retain(|added| !added.path.starts_with(&path));
        if path.len() > PATH_MAX || instance(&path).is_none() || self.deleted.len() >= EVENTS_MAX {
            self.of.clear();
            self.partial.clear();
            self.added.clear();
            self.deleted.clear();
        }
        if path.len() <= PATH_MAX && instance(&path).is_some() {
            note(&mut self.deleted, path, self.now, session, false);
        }
    }

    fn learn(&mut self, read: &Read<'_>) {
        let key = fingerprint(read.name.as_bytes());
        let refused = self
            .of
            .get(&key)
            .filter(|setting| setting.session == read.session)
            .and_then(|setting| setting.refused);
        if self.of.len() >= SETTINGS_MAX && !self.of.contains_key(&key) {
            return;
        }
        let setting = Setting {
            at: self.now,
            session: read.session,
            request: self.now,
            notification: read.notification,
            access: Some(read.access),
            earlier: None,
            set: false,
            refused,
        };
        self.of.insert(key, setting);
    }

    fn judge(&self, read: &Read<'_>, first: bool, findings: &mut Findings) {
        let Some(notification) = read.notification.filter(|_| !is_indirect(&read.name)) else {
            return;
        };
        let covers = |partial: &&Partial| read.name.starts_with(&partial.path);
        let added = self
            .added
            .iter()
            .find(|added| added.session == read.session && read.name.starts_with(&added.path));
        let setting = self.current(&read.name);
        if let Some(added) = added {
            let touched = setting.is_some_and(|setting| setting.at > added.at)
                || self
                    .partial
                    .iter()
                    .filter(covers)
                    .any(|partial| partial.at > added.at);
            if !touched {
                self.new_instance(read, added, notification, findings);
                return;
            }
        }
        match setting {
            Some(setting) => self.compare(read, setting, notification, findings),
            None if first
                && notification != 0
                && is_off_at_first(&read.name)
                && !self.partial.iter().any(|partial| covers(&partial)) =>
            {
                let why = format!(
                    "Notification of {} is {notification} behind 0 BOOTSTRAP",
                    read.name
                );
                read.add(&AT_FIRST, read.session, why, findings);
            }
            None => {}
        }
    }

    fn new_instance(
        &self,
        read: &Read<'_>,
        added: &Instance,
        notification: u8,
        findings: &mut Findings,
    ) {
        let name = &read.name;
        let version = read.exchange.answer.version();
        if notification != 0 && is_off_at_first(name) {
            let by_path = self.partial.iter().any(|partial| {
                name.starts_with(&partial.path)
                    && partial.at < added.at
                    && partial.notification == Some(notification)
            });
            let rule = if added.again && version >= Version::V1_2 {
                &INHERITED
            } else if by_path && version >= Version::V1_1 {
                &THEN_ONLY
            } else {
                &NEW
            };
            let why = format!("Notification of {name} is {notification} after AddObject");
            read.add(rule, read.session, why, findings);
        }
        if !read.access && notification <= 2 {
            let why = format!("AccessList of {name} lacks Subscriber after AddObject");
            read.add(&NEW, read.session, why, findings);
        }
    }

    fn compare(
        &self,
        read: &Read<'_>,
        setting: Setting,
        notification: u8,
        findings: &mut Findings,
    ) {
        let name = &read.name;
        let booted = setting.at < self.booted;
        if let Some(expected) = setting
            .notification
            .filter(|expected| *expected != notification)
            && !may_be_forced(name, expected, notification)
        {
            let rule = if setting.refused == Some(notification) && setting.session == read.session {
                &NOTHING
            } else if booted {
                &REBOOT
            } else if setting.set && setting.earlier == Some(notification) {
                &LAST
            } else if setting.set {
                &KEPT
            } else {
                &REBOOT
            };
            let why = format!("Notification of {name} is {notification}, and was {expected}");
            read.add(rule, setting.session, why, findings);
        }
        if let Some(expected) = setting.access.filter(|expected| *expected != read.access) {
            let rule = if booted || !setting.set {
                &REBOOT
            } else {
                &KEPT
            };
            let has = |access| if access { "has" } else { "lacks" };
            let (now, then) = (has(read.access), has(expected));
            let why = format!("AccessList of {name} {now} Subscriber, where it {then} it before");
            read.add(rule, setting.session, why, findings);
        }
    }
}

fn note(events: &mut Vec<Instance>, path: String, at: u32, session: u32, again: bool) {
    if events.len() >= EVENTS_MAX {
        events.remove(0);
    }
    events.push(Instance {
        path,
        at,
        session,
        again,
    });
}

/// Every version of the data model has its notification off at first.
fn is_off_at_first(name: &str) -> bool {
    known(name).is_some_and(|parameter| {
        parameter.always(|facts| {
            matches!(
                facts.active_notification,
                ActiveNotification::Normal | ActiveNotification::CanDeny
            )
        })
    })
}

/// Active notification of it may be on whatever is set.
fn may_be_forced(name: &str, expected: u8, notification: u8) -> bool {
    if expected == 2 || notification != 2 {
        return false;
    }
    let never = |parameter: crate::model::Parameter<'_>| {
        parameter.always(|facts| {
            !matches!(
                facts.active_notification,
                ActiveNotification::ForceEnabled
                    | ActiveNotification::ForceEnabledOnDefaultConnection
            )
        })
    };
    !known(name).is_some_and(never)
}

/// Entries looked at in one request.
pub(super) const ENTRIES_MAX: usize = 256;
/// Parameters looked at in one answer.
const READ_MAX: usize = 1_024;
/// Entities looked at in one AccessList.
const ENTITIES_MAX: usize = 64;
/// Parameters remembered of one device.
const SETTINGS_MAX: usize = 128;
/// Partial paths remembered of one device.
const PARTIAL_MAX: usize = 8;
/// Instances remembered of one device, added and deleted each.
const EVENTS_MAX: usize = 8;
