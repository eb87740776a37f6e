//! What one answer to GetParameterNames shows to be wrong: which names it lists, and how they are written.

use std::borrow::Cow;
use std::collections::HashSet;

use cwmp::schema::Version;

use crate::conformance::rule::a3;
use crate::conformance::{Exchange, Findings, Rule, Scope};
use crate::model::{Found, Root, standard};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&WHOLE, &LEVEL, &ROOT, &WRITTEN, &PARENTS];

/// NextLevel false: the path itself and all below it.
const WHOLE: Rule = Rule {
    cites: &[a3("A.3.2.3")],
    demands: "GetParameterNames with NextLevel false is answered with the named object or parameter itself and all that is \
              below it, and with nothing else.",
    why: "An ACS that builds its tree from this answer lacks the object itself and what it says of Writable, and offers no \
          AddObject for the table; names from elsewhere end up under the wrong object.",
    mend_cpe: "List the requested path first, then everything below it; of a parameter, that parameter alone.",
    bad: "ParameterPath Device.DeviceInfo., NextLevel 0\n<Name>Device.DeviceInfo.UpTime</Name>",
    good: "ParameterPath Device.DeviceInfo., NextLevel 0\n<Name>Device.DeviceInfo.</Name>\n<Name>Device.DeviceInfo.UpTime</Name>",
    related: &["CWMP-GPN-002", "CWMP-GPN-009"],
    wireshark: "xml.tag contains \"GetParameterNames\"",
    ..Rule::must("CWMP-GPN-001", "names-of-a-whole-tree", Scope::Exchange)
};

/// NextLevel true: what is directly below the path.
const LEVEL: Rule = Rule {
    cites: &[a3("A.3.2.3")],
    demands: "GetParameterNames with NextLevel true is answered with the names directly below the path, never with the path \
              itself or with anything deeper.",
    why: "An ACS that walks the tree level by level asks for each object of the answer in turn: with the path itself in its \
          own answer it never comes to an end, and the session ends by its time limit.",
    mend_cpe: "Leave out the path, and cut each name behind the first node that follows it.",
    bad: "ParameterPath Device., NextLevel 1\n<Name>Device.</Name>\n<Name>Device.DeviceInfo.UpTime</Name>",
    good: "ParameterPath Device., NextLevel 1\n<Name>Device.DeviceInfo.</Name>",
    related: &["CWMP-GPN-001", "CWMP-GPN-003"],
    wireshark: "xml.tag contains \"GetParameterNames\"",
    ..Rule::must("CWMP-GPN-002", "names-of-one-level", Scope::Exchange)
};

/// NextLevel true and no path: the root object.
const ROOT: Rule = Rule {
    cites: &[a3("A.3.2.3")],
    demands: "GetParameterNames without a path and with NextLevel true is answered with one name, that of the root object.",
    why: "This is how an ACS finds out which data model the device has: what comes back besides is taken for further roots, or \
          the first discovery fails.",
    mend_cpe: "Answer `Device.` or `InternetGatewayDevice.`, and nothing else.",
    bad: "ParameterPath empty, NextLevel 1\n<Name>Device.DeviceInfo.</Name>\n<Name>Device.ManagementServer.</Name>",
    good: "ParameterPath empty, NextLevel 1\n<Name>Device.</Name>",
    related: &["CWMP-GPN-002"],
    wireshark: "xml.tag contains \"GetParameterNames\"",
    ..Rule::must("CWMP-GPN-003", "root-object-alone", Scope::Exchange)
};

/// Objects end with a dot, parameters do not, and all begin at the root.
const WRITTEN: Rule = Rule {
    cites: &[a3("A.3.2.3")],
    demands: "In GetParameterNamesResponse the name of an object ends with a dot, that of a parameter does not, and each begins at \
              the root.",
    why: "The ACS asks for the value of `Device.DeviceInfo`, gets 9005, and takes the device for broken; a short name matches \
          nothing that it knows.",
    mend_cpe: "Append the dot to objects and instances, and write every name in full.",
    bad: "<Name>Device.DeviceInfo</Name>",
    good: "<Name>Device.DeviceInfo.</Name>",
    related: &["CWMP-GPV-005"],
    wireshark: "xml.tag contains \"GetParameterNamesResponse\"",
    ..Rule::must("CWMP-GPN-004", "names-written-in-full", Scope::Exchange)
};

/// Objects between the path and its parameters are listed.
const PARENTS: Rule = Rule {
    versions: "1.1 and later",
    cites: &[a3("A.3.2.3")],
    demands: "GetParameterNames with NextLevel false lists, with each parameter, the objects that hold it.",
    why: "The entry of an object is the only place that says whether instances can be added to it or removed: without it the ACS \
          has to guess.",
    mend_cpe: "List each object below the path, empty ones included.",
    bad: "ParameterPath Device., NextLevel 0\n<Name>Device.</Name>\n<Name>Device.DeviceInfo.UpTime</Name>",
    good: "ParameterPath Device., NextLevel 0\n<Name>Device.</Name>\n<Name>Device.DeviceInfo.</Name>\n<Name>Device.DeviceInfo.UpTime</Name>",
    related: &["CWMP-GPN-001"],
    wireshark: "xml.tag contains \"GetParameterNamesResponse\"",
    ..Rule::heuristic(
        "CWMP-GPN-009",
        "objects-listed-with-their-parameters",
        Scope::Exchange,
    )
};

/// Looks at an answer to GetParameterNames.
pub(super) fn exchange(exchange: &Exchange<'_>, findings: &mut Findings) {
    if exchange.method() != "GetParameterNames"
        || exchange.answer.from() != Side::Cpe
        || exchange.is_fault()
        || exchange.answer.is_issue_1()
    {
        return;
    }
    let Some(asked) = exchange.request().as_ref().and_then(super::asked::level) else {
        return;
    };
    let Some(answer) = exchange.response() else {
        return;
    };
    // Aliases stand for numbers, and the answer may have either (TR-069 Amendment 4).
    if asked.path.contains(['[', '*']) {
        return;
    }
    let names: Vec<Cow<'_, str>> = answer.parameters().map(|entry| entry.name()).collect();
    let looked = Looked {
        exchange,
        path: &asked.path,
        names: &names,
    };
    if looked.written(findings) {
        return;
    }
    if asked.path.is_empty() {
        if asked.next_level {
            looked.root(findings);
        }
    } else if asked.next_level {
        looked.level(findings);
    } else {
        looked.whole(findings);
    }
    if !asked.next_level {
        looked.parents(findings);
    }
}

/// An answer with its question.
struct Looked<'a> {
    exchange: &'a Exchange<'a>,
    path: &'a str,
    names: &'a [Cow<'a, str>],
}

impl Looked<'_> {
    fn add(&self, rule: &'static Rule, path: &str, why: String, findings: &mut Findings) {
        findings.add(self.exchange.breaks(rule).path(path).because(why));
    }

    /// Names that are none; true where they are so bad that nothing more can be said.
    fn written(&self, findings: &mut Findings) -> bool {
        let known = |name: &str| ROOTS.iter().any(|root| name.starts_with(root));
        if !self.path.is_empty() && !known(self.path) {
            return false;
        }
        let relative = self.names.iter().find(|name| !known(name));
        if let Some(name) = relative {
            let why = format!("{} does not begin at the root", shown(name));
            self.add(&WRITTEN, name, why, findings);
            return true;
        }
        let whole: HashSet<&str, foldhash::fast::RandomState> =
            self.names.iter().map(AsRef::as_ref).collect();
        let mut told = 0;
        for name in self.names {
            let Some(why) = dot(name).or_else(|| self.dotless_parent(name, &whole)) else {
                continue;
            };
            self.add(&WRITTEN, name, why, findings);
            told += 1;
            if told >= TOLD_MAX {
                break;
            }
        }
        told > 0
    }

    /// The object that holds a name stands in the answer without its dot.
    fn dotless_parent(
        &self,
        name: &str,
        whole: &HashSet<&str, foldhash::fast::RandomState>,
    ) -> Option<String> {
        let (parent, _) = name.trim_end_matches('.').rsplit_once('.')?;
        (parent.len() > self.path.len() && whole.contains(parent) && dot(parent).is_none())
            .then(|| format!("{parent} is listed without a dot, and {name} stands in it"))
    }

    fn root(&self, findings: &mut Findings) {
        if let [one] = self.names
            && ROOTS.contains(&one.as_ref())
        {
            return;
        }
        let why = match self.names {
            [] => "the answer is empty".to_owned(),
            [one] => format!("the answer is {}", shown(one)),
            names => format!("the answer has {} names", names.len()),
        };
        self.add(&ROOT, "", why, findings);
    }

    fn level(&self, findings: &mut Findings) {
        // NextLevel of a parameter is to be refused: FLT-017.
        if !self.path.ends_with('.') {
            return;
        }
        let deeper = |name: &&Cow<'_, str>| {
            let below = name.strip_prefix(self.path).unwrap_or_default();
            let node = below.strip_suffix('.').unwrap_or(below);
            node.is_empty() || node.contains('.') && !node.starts_with('[')
        };
        if let Some(name) = self.names.iter().find(deeper) {
            let name: &str = name;
            let why = if name == self.path {
                format!("{name} stands in the answer to itself")
            } else {
                format!("{} is not directly below {}", shown(name), self.path)
            };
            self.add(&LEVEL, name, why, findings);
        }
    }

    fn whole(&self, findings: &mut Findings) {
        let path = self.path;
        let object = format!("{path}.");
        if !path.ends_with('.') {
            // An object without its dot is the mistake of the ACS.
            if self.names.iter().any(|name| name.starts_with(&object)) {
                return;
            }
            if self.names.len() != 1 || self.names.iter().any(|name| name != path) {
                let why = format!("{path} is answered with {} names", self.names.len());
                self.add(&WHOLE, path, why, findings);
            }
            return;
        }
        if let Some(name) = self.names.iter().find(|name| !name.starts_with(path)) {
            let why = format!("{} is not below {path}", shown(name));
            self.add(&WHOLE, name, why, findings);
            return;
        }
        // In the namespace of 1.0, Issue 1 lists parameters alone.
        let version = self.exchange.answer.version();
        if version >= Version::V1_1 && !self.names.iter().any(|name| name == path) {
            let why = format!("{path} itself is not listed");
            self.add(&WHOLE, path, why, findings);
        }
    }

    fn parents(&self, findings: &mut Findings) {
        if self.exchange.answer.version() < Version::V1_1 {
            return;
        }
        let objects: HashSet<&str, foldhash::fast::RandomState> = self
            .names
            .iter()
            .map(AsRef::as_ref)
            .filter(|name| name.ends_with('.'))
            .collect();
        let orphan = self.names.iter().find_map(|name| {
            let node = name.strip_suffix('.').unwrap_or(name);
            let end = node.rfind('.')?;
            let parent = node.get(..=end)?;
            (parent.len() > self.path.len() && !objects.contains(parent)).then_some((name, parent))
        });
        if let Some((name, parent)) = orphan {
            let why = format!("{} is listed, and {parent} is not", shown(name));
            let draft = self.exchange.breaks(&PARENTS).path(parent).because(why);
            findings.add(draft.at_most(Severity::Info));
        }
    }
}

/// What is wrong with the end of a name, as every version of the data model has it.
fn dot(name: &str) -> Option<String> {
    let model = standard(Root::of_path(name)?);
    match model.find(name) {
        Found::Object(_) if !name.ends_with('.') => {
            Some(format!("{name} is an object and has no dot at its end"))
        }
        Found::Unknown { .. } => {
            let parameter = model.parameter(name.strip_suffix('.')?)?;
            Some(format!(
                "{} is a parameter and has a dot at its end",
                parameter.path()
            ))
        }
        _ => None,
    }
}

/// A name that is none, cut to what an eye takes in.
fn shown(name: &str) -> String {
    if name.is_empty() {
        return "an empty name".to_owned();
    }
    name.chars().take(SHOWN_MAX).collect()
}

/// The roots of data models.
const ROOTS: [&str; 2] = ["Device.", "InternetGatewayDevice."];
/// Names told of one answer.
const TOLD_MAX: u32 = 5;
/// Characters of a name that may be none.
const SHOWN_MAX: usize = 120;
