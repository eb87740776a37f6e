//! What `summary -Y` counts: the selected sessions alone, each by what it holds itself.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use crate::session::{AssembleLimits, CwmpTotals, Device, Evidence, Session, StepKind, Summary};

/// The counts of the sessions selected so far.
#[derive(Debug)]
pub(super) struct Tally {
    limits: AssembleLimits,
    cwmp: CwmpTotals,
    outcomes: BTreeMap<&'static str, u64>,
    devices: HashMap<Arc<str>, Shown>,
}

/// What the selected sessions tell of one device.
#[derive(Debug, Default)]
struct Shown {
    sessions: u32,
    /// The latest session that told of the device, and what it told.
    latest: u32,
    manufacturer: Option<String>,
    software_version: Option<String>,
    addresses: Vec<IpAddr>,
    acs_urls: Vec<String>,
}

impl Tally {
    /// Nothing selected yet; the same bounds as for the whole capture.
    pub(super) fn new(limits: AssembleLimits) -> Self {
        Self {
            limits,
            cwmp: CwmpTotals::default(),
            outcomes: BTreeMap::new(),
            devices: HashMap::new(),
        }
    }

    /// A session that is selected; its steps must still be there.
    pub(super) fn session(&mut self, session: &Session) {
        self.cwmp.sessions += 1;
        *self.outcomes.entry(session.outcome.name()).or_default() += 1;
        for step in &session.steps {
            match &step.kind {
                StepKind::EmptyRequest => self.cwmp.empty_posts += 1,
                StepKind::Undecodable if step.evidence == Evidence::Complete => {
                    self.cwmp.undecodable += 1;
                }
                StepKind::Envelopes(envelopes) => self.envelopes(envelopes),
                _ => {}
            }
        }
        if let Some(device) = &session.device
            && (self.devices.len() < self.limits.devices_max || self.devices.contains_key(device))
        {
            let shown = self.devices.entry(Arc::clone(device)).or_default();
            shown.add(session, self.limits.addresses_max);
        }
    }

    fn envelopes(&mut self, envelopes: &[(String, Option<String>)]) {
        let names_max = self.limits.names_max;
        for (name, code) in envelopes.iter().filter(|(name, _)| !name.is_empty()) {
            count(&mut self.cwmp.messages, name, names_max);
            if name == FAULT {
                let code = code.as_deref().unwrap_or("none");
                count(&mut self.cwmp.faults, code, names_max);
            }
        }
    }

    /// Puts these counts in the place of those of all sessions; what is counted in packets and HTTP messages stays.
    pub(super) fn replace(mut self, summary: &mut Summary) {
        let all = summary.cwmp.sessions;
        summary.sessions_all = (all > self.cwmp.sessions).then_some(all);
        summary.cwmp = self.cwmp;
        summary.outcomes = self.outcomes;
        summary.devices.retain_mut(|device| {
            let shown = self.devices.remove(&device.device);
            shown.is_some_and(|shown| {
                shown.replace(device);
                true
            })
        });
    }
}

impl Shown {
    fn add(&mut self, session: &Session, addresses_max: usize) {
        self.sessions += 1;
        if session.number > self.latest {
            self.latest = session.number;
            self.manufacturer.clone_from(&session.cpe.manufacturer);
            if session.cpe.software_version.is_some() {
                self.software_version
                    .clone_from(&session.cpe.software_version);
            }
        }
        add(&mut self.addresses, session.cpe.address, addresses_max);
        add(&mut self.acs_urls, session.acs.url.clone(), addresses_max);
    }

    /// Lists keep the order in which the capture shows what they hold.
    fn replace(mut self, device: &mut Device) {
        in_order_of(&device.addresses, &mut self.addresses);
        in_order_of(&device.acs_urls, &mut self.acs_urls);
        device.sessions = self.sessions;
        device.manufacturer = self.manufacturer;
        device.software_version = self.software_version;
        device.addresses = self.addresses;
        device.acs_urls = self.acs_urls;
    }
}

fn add<T: PartialEq>(list: &mut Vec<T>, one: Option<T>, max: usize) {
    if let Some(one) = one.filter(|one| list.len() < max && !list.contains(one)) {
        list.push(one);
    }
}

fn in_order_of<T: PartialEq>(all: &[T], list: &mut [T]) {
    list.sort_by_key(|one| {
        all.iter()
            .position(|other| other == one)
            .unwrap_or(all.len())
    });
}

/// Counts a name from the wire, cut and bounded as those of the whole capture are.
fn count(names: &mut BTreeMap<String, u64>, name: &str, names_max: usize) {
    let name: String = name.chars().take(NAME_CHARACTERS_MAX).collect();
    let full = names.len() >= names_max && !names.contains_key(&name);
    let name = if full { REST.to_owned() } else { name };
    *names.entry(name).or_default() += 1;
}

/// The name of a SOAP fault's element.
const FAULT: &str = "Fault";
/// Names beyond the bound are counted together.
const REST: &str = "...";
/// Names are cut to this length.
const NAME_CHARACTERS_MAX: usize = 128;
