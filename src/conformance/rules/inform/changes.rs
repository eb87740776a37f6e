//! Values from Inform to Inform: what changed is told, what is told changed (TR-069 Amendment 3 Tables 22 and 34).

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use cwmp::{Element, Inform, Parameter};

use super::changes_pages::{GATEWAY, NOTHING_CHANGED, ONLY_CHANGED, PASSIVE, SECOND, UNTOLD};
use super::{accepts, events_of, informed_of};
use crate::conformance::{Exchange, Findings, Informed, Rule, Seen, Topic, Traits, fingerprint};
use crate::model::{ActiveNotification, ForcedInform, Root, standard};
use crate::session::{Severity, Side};

/// What is known of one device's values.
#[derive(Debug, Default)]
pub struct Changes {
    /// The last Inform that was answered with InformResponse.
    told: Option<Box<Told>>,
    /// The one that waits for its answer.
    waits: Option<Box<Told>>,
    /// Names that the ACS has set since.
    written: BTreeSet<u64>,
    /// Since then something happened that may change any value, or bytes are missing.
    explained: bool,
    /// A file or software is on its way to the device.
    loading: bool,
    /// Parameters whose notification is known.
    watched: BTreeMap<Box<str>, Watched>,
    /// The capture holds all of the device's life since 0 BOOTSTRAP.
    from_bootstrap: bool,
    /// Attributes were set that are not in `watched`: of all below a path, or of too many.
    partial: bool,
    /// It has rows of InformParameter, which list what they like.
    has_rows: bool,
    /// It has shown that its model is Device:2.
    second: bool,
}

/// One Inform.
#[derive(Debug)]
struct Told {
    acs: SocketAddr,
    value_change: bool,
    /// Fingerprints of names and values.
    values: BTreeMap<u64, u64>,
}

/// A parameter whose notification is known.
#[derive(Debug, Default)]
struct Watched {
    notification: u8,
    /// Fingerprint of the value that the device told last.
    value: Option<u64>,
    /// It was read with another value than before, and has not been in an Inform since.
    changed: bool,
}

impl Topic for Changes {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if !seen.is_cwmp() {
            return;
        }
        self.lose(seen);
        if accepts(seen) {
            if let Some(told) = self.waits.take() {
                self.told = Some(told);
                self.written.clear();
                self.explained = false;
            }
            return;
        }
        let Some(informed) = informed_of(seen) else {
            return;
        };
        let inform = informed.inform;
        let events = events_of(&inform);
        if events.iter().any(|one| one == "14 HEARTBEAT") {
            return;
        }
        let has = |event: &str| events.iter().any(|one| one == event);
        let mut parameters = informed.parameters.iter();
        self.second |= parameters.any(|one| one.name() == ROOT_VERSION);
        if has("0 BOOTSTRAP") {
            *self = Self {
                from_bootstrap: true,
                second: self.second,
                ..Self::default()
            };
        }
        let now = Told::of(seen, informed, has(CHANGE));
        if has(CHANGE) {
            self.only_changed(seen, &inform, findings);
        }
        if let Some(told) = self.told.take() {
            if told.acs == now.acs && inform.retry_count() == Some(0) && !self.explained {
                self.compare(seen, &inform, (&told, &now), &events, findings);
            }
            self.told = Some(told);
        }
        self.not_listed(seen, &inform, &events, findings);
        if has("7 TRANSFER COMPLETE") || has("1 BOOT") {
            self.loading = false;
        }
        self.waits = Some(Box::new(now));
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, _findings: &mut Findings) {
        if exchange.answer.from() != Side::Cpe || exchange.is_fault() {
            return;
        }
        match exchange.method() {
            "GetRPCMethods" | "GetParameterNames" => {}
            "GetParameterValues" => self.read(exchange),
            "GetParameterAttributes" => self.attributes(exchange),
            "SetParameterAttributes" => self.set_attributes(exchange),
            "SetParameterValues" => self.write(exchange),
            _ => {
                self.explained = true;
                self.loading |= !matches!(exchange.method(), "AddObject" | "DeleteObject");
                self.forget_values();
            }
        }
    }
}

impl Told {
    fn of(seen: &Seen<'_>, informed: &Informed<'_>, value_change: bool) -> Self {
        let listed = informed.parameters.iter().take(LISTED_MAX);
        let values = listed.map(|parameter| {
            let value = parameter.value().unwrap_or_default().trim();
            (parameter.key(), fingerprint(value.as_bytes()))
        });
        Self {
            acs: seen.message.provenance.destination,
            value_change,
            values: values.collect(),
        }
    }
}

impl Changes {
    /// What the capture lacks may be the cause of anything.
    fn lose(&mut self, seen: &Seen<'_>) {
        if seen.session.is_none_or(|session| !session.is_whole()) {
            self.explained = true;
            self.from_bootstrap = false;
            self.forget_values();
        }
    }

    fn forget_values(&mut self) {
        for watched in self.watched.values_mut() {
            watched.value = None;
            watched.changed = false;
        }
    }

    /// INF-019: what the ACS has switched off is told all the same.
    fn only_changed(&self, seen: &Seen<'_>, inform: &Inform<'_>, findings: &mut Findings) {
        // Without a word of the ACS since 0 BOOTSTRAP, notification should be off unless the model says otherwise.
        let untouched = self.from_bootstrap && !self.partial;
        if self.has_rows || (self.watched.is_empty() && !untouched) {
            return;
        }
        for parameter in inform.parameters() {
            let name = parameter.name();
            let known = self.watched.get(&*name);
            let off = known.map_or(untouched && is_standard(&name), |one| one.notification == 0);
            if !off || may_be_listed(&name) {
                continue;
            }
            let draft = seen
                .breaks_at(&ONLY_CHANGED, parameter.element())
                .path(&name);
            findings.add(match known {
                Some(_) if self.from_bootstrap => draft.because(switched_off(&name)),
                Some(_) => draft
                    .at_most(Severity::Warning)
                    .because(switched_off(&name)),
                // A device may have it on from its maker, and 0 BOOTSTRAP of a new ACS URL leaves what was set before.
                None => draft.at_most(Severity::Info).because(format!(
                    "{name} is listed with 4 VALUE CHANGE, and nobody has switched its notification on since 0 BOOTSTRAP"
                )),
            });
        }
    }

    /// INF-020, 021, 032, 035: values of this Inform against those of the last one that was answered.
    fn compare(
        &self,
        seen: &Seen<'_>,
        inform: &Inform<'_>,
        (told, now): (&Told, &Told),
        events: &[String],
        findings: &mut Findings,
    ) {
        if now.value_change {
            let same = !now.values.is_empty()
                && now
                    .values
                    .iter()
                    .all(|(name, value)| told.values.get(name) == Some(value));
            if same {
                let draft = match inform.element().child("Event") {
                    Some(list) => seen.breaks_at(&NOTHING_CHANGED, list),
                    None => seen.breaks(&NOTHING_CHANGED),
                };
                let said = "4 VALUE CHANGE comes with the values of the Inform before";
                findings.add(draft.because(said));
            }
            return;
        }
        let plain = |one: &String| PLAIN.contains(&one.as_str());
        if self.loading || !events.iter().all(plain) {
            return;
        }
        for parameter in inform.parameters().take(LISTED_MAX) {
            let name = parameter.name();
            let key = fingerprint(name.as_bytes());
            let before = told.values.get(&key);
            let changed = before.is_some_and(|before| *before != value_of(&parameter));
            // Of ConnectionRequestURL, CR-021 tells.
            let elsewhere = name.ends_with(".ManagementServer.ParameterKey")
                || name.ends_with(".ManagementServer.ConnectionRequestURL");
            // What InformParameter rows list is told without that event (TR-181, InformParameter.{i}.EventList).
            let by_row = self.has_rows && !may_be_listed(&name);
            if !changed || elsewhere || by_row || self.written.contains(&key) {
                continue;
            }
            let element = parameter.value_element().unwrap_or(parameter.element());
            let draft = seen.breaks_at(self.rule(&name), element).path(&name);
            // A session that the capture lacks may have told it, and the value returned.
            findings.add(draft.at_most(Severity::Warning).because(format!(
                "{name} is another than in the last Inform, and 4 VALUE CHANGE is not among the events"
            )));
        }
    }

    fn rule(&self, name: &str) -> &'static Rule {
        let root = match Root::of_path(name) {
            Some(Root::DeviceUnknown) if self.second => Root::Device2,
            Some(Root::DeviceUnknown) | None => return &UNTOLD,
            Some(root) => root,
        };
        let forced = standard(root).parameter(name).is_some_and(|parameter| {
            let is_forced = |notification| {
                matches!(
                    notification,
                    ActiveNotification::ForceEnabled
                        | ActiveNotification::ForceEnabledOnDefaultConnection
                )
            };
            parameter.always(|facts| is_forced(facts.active_notification))
                || name.ends_with(".ExternalIPAddress")
        });
        match (forced, root) {
            (true, Root::InternetGatewayDevice1) => &GATEWAY,
            (true, _) => &SECOND,
            (false, _) => &UNTOLD,
        }
    }

    /// INF-033: it changed before the last session, and is not in this Inform either.
    fn not_listed(
        &mut self,
        seen: &Seen<'_>,
        inform: &Inform<'_>,
        events: &[String],
        findings: &mut Findings,
    ) {
        if self.watched.is_empty() {
            return;
        }
        // What waits may be dropped by a restart (TR-069 Amendment 3 Table 34).
        if events.iter().any(|one| one == "1 BOOT") {
            self.forget_values();
        }
        for parameter in inform.parameters() {
            if let Some(watched) = self.watched.get_mut(&*parameter.name()) {
                watched.value = Some(value_of(&parameter));
                watched.changed = false;
            }
        }
        let list: Option<Element<'_>> = inform.element().child("ParameterList");
        for (name, watched) in &mut self.watched {
            if !std::mem::take(&mut watched.changed) {
                continue;
            }
            let draft = match list {
                Some(list) => seen.breaks_at(&PASSIVE, list),
                None => seen.breaks(&PASSIVE),
            };
            let said = format!(
                "{name} changed, its Notification is {}, and no Inform since lists it",
                watched.notification
            );
            findings.add(draft.path(name).because(said));
        }
    }

    fn read(&mut self, exchange: &Exchange<'_>) {
        let Some(response) = exchange.response() else {
            return;
        };
        self.has_rows |= exchange.answer.parameters.traits().has(Traits::INFORM_ROW);
        if self.watched.is_empty() {
            return;
        }
        let sure = !self.explained && self.written.is_empty() && !self.loading;
        for parameter in response.parameters() {
            let Some(watched) = self.watched.get_mut(&*parameter.name()) else {
                continue;
            };
            let value = value_of(&parameter);
            let differs = watched.value.is_some_and(|before| before != value);
            watched.changed |= differs && sure && matches!(watched.notification, 1 | 2);
            watched.value = Some(value);
        }
    }

    fn write(&mut self, exchange: &Exchange<'_>) {
        let Some(request) = exchange.request() else {
            return;
        };
        self.forget_values();
        for parameter in request.parameters() {
            let name = parameter.name();
            self.has_rows |= memchr::memmem::find(name.as_bytes(), ROWS).is_some();
            // One that moves or switches the whole device changes much else.
            self.explained |= name.ends_with(".ManagementServer.URL");
            if self.written.len() < WRITTEN_MAX {
                self.written.insert(fingerprint(name.as_bytes()));
            } else {
                self.explained = true;
            }
        }
    }

    fn attributes(&mut self, exchange: &Exchange<'_>) {
        if let Some(response) = exchange.response() {
            for entry in response.parameters() {
                self.watch(entry.element(), false);
            }
        }
    }

    fn set_attributes(&mut self, exchange: &Exchange<'_>) {
        if let Some(request) = exchange.request() {
            for entry in request.parameters() {
                self.watch(entry.element(), true);
            }
        }
    }

    /// Notes one entry of a list of attributes.
    fn watch(&mut self, entry: Element<'_>, set: bool) {
        let text = |name: &str| {
            entry
                .child(name)
                .map(|member| member.text().trim().to_owned())
        };
        let kept = text("NotificationChange").is_some_and(|text| text == "0" || text == "false");
        if set && kept {
            return;
        }
        let (Some(name), Some(notification)) = (text("Name"), text("Notification")) else {
            return;
        };
        if name.is_empty() || name.ends_with('.') || name.contains(['*', '[']) {
            // All below it has the new one; which parameters those are is not known.
            self.partial = true;
            self.watched.retain(|known, _| !known.starts_with(&*name));
            return;
        }
        let Ok(notification) = notification.parse() else {
            self.watched.remove(&*name);
            return;
        };
        let full = self.watched.len() >= WATCHED_MAX && !self.watched.contains_key(&*name);
        self.partial |= full || name.len() > NAME_BYTES_MAX;
        if !full && name.len() <= NAME_BYTES_MAX {
            let watched = self.watched.entry(name.into()).or_default();
            watched.notification = notification;
        }
    }
}

/// A parameter that may be in any Inform, whatever its attribute.
fn may_be_listed(name: &str) -> bool {
    let Some(root) = Root::of_path(name) else {
        return false;
    };
    standard(root).parameter(name).is_some_and(|parameter| {
        !parameter.always(|facts| {
            facts.forced_inform == ForcedInform::No
                && matches!(
                    facts.active_notification,
                    ActiveNotification::Normal | ActiveNotification::CanDeny
                )
        })
    })
}

fn switched_off(name: &str) -> String {
    format!("{name} is listed with 4 VALUE CHANGE, and its Notification is 0")
}

/// A parameter of a standard model; of others the vendor says how notification is at first.
fn is_standard(name: &str) -> bool {
    Root::of_path(name).is_some_and(|root| standard(root).parameter(name).is_some())
}

fn value_of(parameter: &Parameter<'_>) -> u64 {
    fingerprint(parameter.value().unwrap_or_default().trim().as_bytes())
}

const CHANGE: &str = "4 VALUE CHANGE";
const ROOT_VERSION: &str = "Device.RootDataModelVersion";
const ROWS: &[u8] = b".InformParameter.";
/// Events that say nothing of a restart, a transfer or a change.
const PLAIN: [&str; 5] = [
    "2 PERIODIC",
    "3 SCHEDULED",
    "5 KICKED",
    "6 CONNECTION REQUEST",
    "M ScheduleInform",
];
/// Parameters of one Inform that are compared.
const LISTED_MAX: usize = 64;
/// Names remembered that the ACS has set since the last Inform.
const WRITTEN_MAX: usize = 256;
/// Parameters of one device whose notification is remembered.
const WATCHED_MAX: usize = 128;
/// Names of parameters have at most 256 characters.
const NAME_BYTES_MAX: usize = 256;
