//! What was deleted changes no more (TR-069 Amendment 3 Table 22).

use super::informed_of;
use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Exchange, Findings, Rule, Scope, Seen, Topic};
use crate::session::Side;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&GONE];

const GONE: Rule = Rule {
    blame: CPE,
    cites: &[a3("Table 22")],
    demands: "Deleting an object is no change of the parameters in it: they are not reported with 4 VALUE CHANGE.",
    why: "The ACS is told of an account that it has just deleted, finds the name unknown and reads the whole tree again, in some cases in \
          each session.",
    mend_cpe: "Drop queued notifications of an object together with the object.",
    bad: "DeleteObject Device.Hosts.Host.3.\nInform 4 VALUE CHANGE: Device.Hosts.Host.3.Active = 0",
    good: "DeleteObject Device.Hosts.Host.3.\nInform 2 PERIODIC",
    related: &["INF-019"],
    wireshark: "xml.tag contains \":DeleteObject\"",
    ..Rule::must("INF-031", "deleted-object-reports-change", Scope::Device)
};

/// Objects that were deleted and have not come back.
#[derive(Debug, Default)]
pub struct Deleted {
    objects: Vec<Box<str>>,
}

impl Topic for Deleted {
    fn exchange(&mut self, exchange: &Exchange<'_>, _findings: &mut Findings) {
        let deletes = exchange.method() == "DeleteObject";
        if (!deletes && self.objects.is_empty())
            || exchange.is_fault()
            || exchange.answer.from() != Side::Cpe
        {
            return;
        }
        if !deletes {
            self.come_back(exchange);
            return;
        }
        let name = exchange
            .request()
            .and_then(|request| request.message())
            .and_then(|message| message.child("ObjectName"));
        let Some(name) = name.map(|name| name.text().trim().to_owned()) else {
            return;
        };
        let plain = !name.contains(['[', '*']) && name.ends_with('.');
        // Status 1: it is still to be deleted.
        let status = exchange
            .response()
            .and_then(|response| response.message())
            .and_then(|message| message.child("Status"));
        let done = status.is_some_and(|status| status.text().trim() == "0");
        if plain && done && name.len() <= NAME_BYTES_MAX {
            if self.objects.len() >= OBJECTS_MAX {
                self.objects.remove(0);
            }
            self.objects.push(name.into());
        }
    }

    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if self.objects.is_empty() {
            return;
        }
        let Some(inform) = informed_of(seen) else {
            return;
        };
        if inform.has_any(&["0 BOOTSTRAP", "1 BOOT"]) {
            self.objects.clear();
            return;
        }
        if !inform.has("4 VALUE CHANGE") {
            return;
        }
        for parameter in inform.parameters {
            let name = parameter.name();
            let gone = self
                .objects
                .iter()
                .find(|object| name.starts_with(&***object));
            if let Some(object) = gone {
                let said = format!("4 VALUE CHANGE comes with {name}, and {object} was deleted");
                let draft = seen.breaks_at(&GONE, parameter.element()).path(name);
                findings.add(draft.because(said));
            }
        }
    }
}

impl Deleted {
    /// What an answer names, or what AddObject may have made again, is there.
    fn come_back(&mut self, exchange: &Exchange<'_>) {
        let (Some(request), Some(response)) = (exchange.request(), exchange.response()) else {
            return;
        };
        match exchange.method() {
            "AddObject" => {
                let table = request
                    .message()
                    .and_then(|message| message.child("ObjectName"));
                let table = table.map(|table| table.text().trim().to_owned());
                if let Some(table) = table {
                    self.objects.retain(|object| !object.starts_with(&*table));
                }
            }
            "GetParameterNames" | "GetParameterValues" => {
                let document = response.document();
                self.objects
                    .retain(|object| !document.may_hold(object.as_bytes()));
            }
            "SetParameterValues" | "SetParameterAttributes" | "GetParameterAttributes" => {}
            // Restored files, software and vendors' methods make objects too.
            _ => self.objects.clear(),
        }
    }
}

/// Objects remembered of one device.
const OBJECTS_MAX: usize = 16;
/// Names of parameters have at most 256 characters.
const NAME_BYTES_MAX: usize = 256;
