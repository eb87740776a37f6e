//! What GetParameterNames lists, and GetParameterValues then does not hold, or the other way round.

use crate::conformance::rule::CPE;
use crate::conformance::{Exchange, Findings, Rule, Scope, Topic, fingerprint};
use crate::session::Severity;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&INCONSISTENT];

const INCONSISTENT: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: CPE,
    demands: "GetParameterNames and GetParameterValues for one object speak of the same parameters.",
    why: "Two tables in the firmware have drifted apart: parameters are listed that cannot be read, or read that are not listed. An \
          ACS that builds its picture of the device from one of them then sets names that do not exist, or never offers some that do.",
    mend_cpe: "Answer both from one table; leave out of the list what this build cannot read.",
    mend_acs: "Take what GetParameterValues returns as the truth.",
    bad: "GetParameterNames Device.Time. -> 4 parameters\nGetParameterValues Device.Time. -> 3 parameters",
    good: "GetParameterNames Device.Time. -> 4 parameters\nGetParameterValues Device.Time. -> 4 parameters",
    wireshark: "xml.tag contains \"GetParameterNamesResponse\" || xml.tag contains \"GetParameterValuesResponse\"",
    ..Rule::heuristic("FIELD-011", "inconsistent-parameter-tree", Scope::Session)
};

/// What was last said of some objects, as a count and a sum of fingerprints.
#[derive(Debug, Default)]
pub struct Trees {
    told: Vec<Told>,
}

#[derive(Debug)]
struct Told {
    path: String,
    listed: bool,
    names: Names,
}

/// A set of names, told apart without being kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Names {
    count: u64,
    sum: u64,
}

impl Names {
    fn add(&mut self, name: &str) {
        self.count += 1;
        self.sum = self.sum.wrapping_add(fingerprint(name.trim().as_bytes()));
    }
}

impl Topic for Trees {
    fn exchange(&mut self, exchange: &Exchange<'_>, findings: &mut Findings) {
        let listed = match exchange.method() {
            "GetParameterNames" => true,
            "GetParameterValues" => false,
            // What is set, added or loaded may change the tree.
            "SetParameterAttributes" | "GetParameterAttributes" | "GetRPCMethods" | "Inform" => {
                return;
            }
            _ => return self.told.clear(),
        };
        if exchange.is_fault() {
            return;
        }
        let Some(path) = whole_object(exchange, listed) else {
            return;
        };
        let names = names(exchange, listed);
        let other = self
            .told
            .iter()
            .find(|told| told.listed != listed && told.path == path);
        if let Some(other) = other.filter(|other| other.names != names) {
            let (list, read) = if listed {
                (names.count, other.names.count)
            } else {
                (other.names.count, names.count)
            };
            let said = if list == read {
                format!("of {path} {list} parameters are listed and as many read, but not the same")
            } else {
                format!("of {path} {list} parameters are listed and {read} read")
            };
            findings.add(exchange.breaks(&INCONSISTENT).path(&path).because(said));
        }
        self.told
            .retain(|told| told.listed != listed || told.path != path);
        if self.told.len() >= OBJECTS_MAX {
            self.told.remove(0);
        }
        self.told.push(Told {
            path,
            listed,
            names,
        });
    }
}

/// The object that the request asks for with all below it, and nothing else.
fn whole_object(exchange: &Exchange<'_>, listed: bool) -> Option<String> {
    let request = exchange.request()?;
    let args = request.args();
    let path = if listed {
        let next_level = args.named("NextLevel")?.text()?;
        if !matches!(next_level.trim(), "0" | "false") {
            return None;
        }
        args.named("ParameterPath")?.text()?
    } else {
        let mut names = args.named("ParameterNames")?.element().children();
        let only = names.next()?;
        if names.next().is_some() {
            return None;
        }
        only.text()
    };
    let path = path.trim();
    // Tables of hosts, calls and the like change by themselves; a whole device is never quite still.
    let still = path.len() < PATH_MAX && path.ends_with('.') && path.matches('.').count() > 1;
    still.then(|| path.to_owned())
}

fn names(exchange: &Exchange<'_>, listed: bool) -> Names {
    let mut names = Names::default();
    let Some(response) = exchange.response() else {
        return names;
    };
    for parameter in response.parameters() {
        let name = parameter.name();
        if !(listed && name.trim_end().ends_with('.')) {
            names.add(&name);
        }
    }
    names
}

/// Objects remembered of one session.
const OBJECTS_MAX: usize = 16;
/// Characters of a path (TR-106 Amendment 1 section 2.2).
const PATH_MAX: usize = 256;
