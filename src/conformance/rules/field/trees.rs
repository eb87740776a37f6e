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
    related: &["CWMP-GPN-001", "CWMP-GPV-003"],
    wireshark: "xml.tag contains \"GetParameterNamesResponse\" || xml.tag contains \"GetParameterValuesResponse\"",
    ..Rule::heuristic("FIELD-011", "inconsistent-parameter-tree", Scope::Session)
};

/// What was last said of some objects.
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

/// Sets of names, told apart without being kept: all of them, and those that stand in no row of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Names {
    all: Sum,
    still: Sum,
}

/// A count and a sum of fingerprints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Sum {
    count: u64,
    sum: u64,
}

impl Names {
    /// Adds a name below this path.
    fn add(&mut self, name: &str, path: &str) {
        let name = name.trim();
        let below = name.strip_prefix(path).unwrap_or(name);
        let is_row =
            |node: &str| !node.is_empty() && node.bytes().all(|byte| byte.is_ascii_digit());
        let key = fingerprint(name.as_bytes());
        self.all.add(key);
        if !below.split('.').any(is_row) {
            self.still.add(key);
        }
    }
}

impl Sum {
    fn add(&mut self, key: u64) {
        self.count = self.count.saturating_add(1);
        self.sum = self.sum.wrapping_add(key);
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
        let names = names(exchange, listed, &path);
        let other = self
            .told
            .iter()
            .find(|told| told.listed != listed && told.path == path);
        if let Some(other) = other.filter(|other| other.names != names) {
            let (list, read) = if listed {
                (names.all.count, other.names.all.count)
            } else {
                (other.names.all.count, names.all.count)
            };
            let said = if list == read {
                format!("of {path} {list} parameters are listed and as many read, but not the same")
            } else {
                format!("of {path} {list} parameters are listed and {read} read")
            };
            // Rows of hosts, calls and the like come and go between two requests.
            let most = if other.names.still == names.still {
                Severity::Info
            } else {
                Severity::Warning
            };
            let draft = exchange.breaks(&INCONSISTENT).path(&path).at_most(most);
            findings.add(draft.because(said));
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
    // A whole device is never quite still.
    let still = path.len() < PATH_MAX && path.ends_with('.') && path.matches('.').count() > 1;
    still.then(|| path.to_owned())
}

fn names(exchange: &Exchange<'_>, listed: bool, path: &str) -> Names {
    let mut names = Names::default();
    let Some(response) = exchange.response() else {
        return names;
    };
    for parameter in response.parameters() {
        let name = parameter.name();
        if !(listed && name.trim_end().ends_with('.')) {
            names.add(&name, path);
        }
    }
    names
}

/// Objects remembered of one session.
const OBJECTS_MAX: usize = 16;
/// Characters of a path (TR-106 Amendment 1 section 2.2).
const PATH_MAX: usize = 256;
