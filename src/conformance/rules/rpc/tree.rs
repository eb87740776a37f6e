//! What one session showed of a device's tree, and whether what comes later agrees with it. How it is remembered stands in
//! `shown.rs`.
//!
//! Only a session that was captured whole so far is judged: what a lost request added or deleted would be held against the device.

use cwmp::EnvelopeRef;
use cwmp::schema::Version;

use super::asked::{self, PATH_MAX, instance, is_indirect};
use super::shown::{NUMBERS_MAX, Shown};
use super::tree_pages::{
    AT_ONCE, DELETE_CODE, EMPTY, GONE, HALF, NAME_CODE, NO_ATTRIBUTES, READABLE, ROOM, TAKEN,
    WRITABLE,
};
use crate::conformance::{Exchange, Findings, Rule, Topic};
use crate::model::{ObjectAccess, Root, standard};
use crate::session::{Severity, Side};

/// What one session showed.
#[derive(Debug, Default)]
pub(super) struct Tree {
    shown: Option<Box<Shown>>,
}

impl Topic for Tree {
    fn exchange(&mut self, exchange: &Exchange<'_>, findings: &mut Findings) {
        if exchange.answer.from() != Side::Cpe || !is_of_the_tree(exchange.method()) {
            return;
        }
        if exchange.answer.is_issue_1() || exchange.answer.session.is_none_or(|facts| facts.damaged)
        {
            self.shown = None;
            return;
        }
        let (Some(request), Some(response)) = (exchange.request(), exchange.response()) else {
            return;
        };
        if let Some(shown) = &self.shown {
            let look = Look {
                exchange,
                shown,
                request: &request,
                response: &response,
            };
            if exchange.is_fault() {
                look.refused(findings);
            } else {
                look.done(findings);
            }
        }
        let shown = self.shown.get_or_insert_default();
        shown.learn(exchange, &request, &response);
    }
}

fn is_of_the_tree(method: &str) -> bool {
    matches!(
        method,
        "GetParameterNames"
            | "GetParameterValues"
            | "GetParameterAttributes"
            | "SetParameterValues"
            | "SetParameterAttributes"
            | "AddObject"
            | "DeleteObject"
    )
}

/// One exchange beside what was shown before it.
struct Look<'a> {
    exchange: &'a Exchange<'a>,
    shown: &'a Shown,
    request: &'a EnvelopeRef<'a>,
    response: &'a EnvelopeRef<'a>,
}

impl Look<'_> {
    fn add(
        &self,
        rule: &'static Rule,
        path: &str,
        most: Severity,
        why: String,
        findings: &mut Findings,
    ) {
        let draft = self.exchange.breaks(rule).path(path).at_most(most);
        findings.add(draft.because(why));
    }

    fn error(&self, rule: &'static Rule, path: &str, why: String, findings: &mut Findings) {
        self.add(rule, path, Severity::Error, why, findings);
    }

    fn refused(&self, findings: &mut Findings) {
        let Some(code) = self.exchange.fault_code() else {
            return;
        };
        if self.exchange.method() == "SetParameterValues" {
            self.values_refused(findings);
            return;
        }
        let Some(path) = asked::only_path(self.request) else {
            if self.exchange.method() == "GetParameterValues" && code == 9005 {
                self.all_unknown(findings);
            }
            return;
        };
        if path.is_empty() || path.len() > PATH_MAX || is_indirect(&path) {
            return;
        }
        if code == 9005 {
            self.unknown(&path, findings);
        }
        match self.exchange.method() {
            "GetParameterNames" => self.names_refused(&path, code, findings),
            "AddObject" => self.add_refused(&path, code, findings),
            "DeleteObject" => self.delete_refused(&path, code, findings),
            _ => {}
        }
    }

    /// 9005 for several paths, each of which was listed.
    fn all_unknown(&self, findings: &mut Findings) {
        let is_shown = |path: &String| {
            let fits = path.len() <= PATH_MAX && !path.ends_with('.') && !is_indirect(path);
            fits && self.shown.is_listed(path) && is_lasting(path)
        };
        let mut count = 0;
        for path in asked::values(self.request) {
            count += 1;
            if count > NAMES_MAX || !is_shown(&path) {
                return;
            }
        }
        if let Some(first) = asked::values(self.request).next() {
            let why = format!(
                "all {count} were listed, and GetParameterValues of them is answered with 9005"
            );
            self.error(&READABLE, &first, why, findings);
        }
    }

    /// 9005 for a single path.
    fn unknown(&self, path: &str, findings: &mut Findings) {
        let method = self.exchange.method();
        let listed = self.shown.is_listed(path);
        let below = self.shown.added_above(path);
        if below == Some(path) && method != "AddObject" || below.is_some() && listed {
            let why = format!("{method} of {path} is answered with 9005 after AddObject");
            // In the namespace of 1.0 it may be a device of Issue 1, which does not promise this.
            let most = if self.is_modern() {
                Severity::Error
            } else {
                Severity::Warning
            };
            self.add(&AT_ONCE, path, most, why, findings);
            return;
        }
        if let Some(refused) = self.shown.refused_above(path).filter(|_| listed) {
            let why = format!("{path} is gone after DeleteObject of {refused} was refused");
            self.error(&HALF, refused, why, findings);
            return;
        }
        // A level that was answered, if only with nothing, shows the object as its name in another list does.
        let answered = listed || method == "GetParameterNames" && self.shown.has_level(path);
        if !answered || !is_lasting(path) {
            return;
        }
        let rule = match method {
            "GetParameterNames" if path.ends_with('.') && self.next_level() && self.is_modern() => {
                &EMPTY
            }
            "GetParameterAttributes" if path.ends_with('.') && self.is_modern() => &NO_ATTRIBUTES,
            "GetParameterValues" if !path.ends_with('.') => &READABLE,
            _ => return,
        };
        let why = format!("{path} was listed, and {method} of it is answered with 9005");
        self.error(rule, path, why, findings);
    }

    /// The namespace tells that this is not Issue 1.
    fn is_modern(&self) -> bool {
        self.exchange.answer.version() >= Version::V1_1
    }

    fn next_level(&self) -> bool {
        asked::level(self.request).is_some_and(|asked| asked.next_level)
    }

    fn names_refused(&self, path: &str, code: u32, findings: &mut Findings) {
        if TOLERATED.contains(&code) || !self.is_modern() {
            return;
        }
        if self.shown.is_absent(path) && code != 9005 {
            let why = format!("{path} does not exist, and the code is {code}");
            self.error(&NAME_CODE, path, why, findings);
        } else if !path.ends_with('.')
            && code != 9003
            && self.shown.is_known(path)
            && self.next_level()
            && is_lasting(path)
        {
            let why = format!("{path} is a parameter, NextLevel is true, and the code is {code}");
            self.error(&NAME_CODE, path, why, findings);
        }
    }

    fn add_refused(&self, table: &str, code: u32, findings: &mut Findings) {
        if TOLERATED.contains(&code) {
            return;
        }
        let most = self.shown.most(table).or_else(|| standard_max(table));
        let there = self.shown.instances(table);
        if let (Some(most), Some(there)) = (most, there)
            && there >= most
            && self.is_modern()
        {
            let why = format!(
                "{table} has {there} instances, no more are allowed, and the code is {code}"
            );
            self.add(&ROOM, table, Severity::Warning, why, findings);
        } else if matches!(code, 9003 | 9005) && self.shown.added_above(table).is_none() {
            self.was_writable(table, code, findings);
        }
    }

    fn delete_refused(&self, path: &str, code: u32, findings: &mut Findings) {
        if TOLERATED.contains(&code) {
            return;
        }
        if code != 9005
            && self.is_modern()
            && (self.shown.is_absent(path) || self.is_no_instance(path))
        {
            let why = format!("{path} is no instance that exists, and the code is {code}");
            self.error(&DELETE_CODE, path, why, findings);
        } else if matches!(code, 9003 | 9005)
            && instance(path).is_some()
            && self.shown.added_above(path).is_none()
        {
            self.was_writable(path, code, findings);
        }
    }

    /// It is listed, and no number stands at its end.
    fn is_no_instance(&self, path: &str) -> bool {
        path.ends_with('.') && instance(path).is_none() && self.shown.is_listed(path)
    }

    /// A table or instance that is said to be writable is refused as wrong or unknown.
    fn was_writable(&self, path: &str, code: u32, findings: &mut Findings) {
        let clean = || {
            crate::conformance::rules::soap::is_clean(self.request, self.exchange.answer.version())
        };
        if let Some((true, most)) = self.shown.writable(path)
            && is_lasting(path)
            && clean()
        {
            let method = self.exchange.method();
            let why = format!("{path} is listed as writable, and {method} is answered with {code}");
            self.add(&WRITABLE, path, most, why, findings);
        }
    }

    fn values_refused(&self, findings: &mut Findings) {
        let Some(fault) = self.response.fault() else {
            return;
        };
        for entry in fault.parameters.iter().take(ENTRIES_MAX) {
            let path = entry.name.trim();
            if path.len() > PATH_MAX || is_indirect(path) {
                continue;
            }
            match entry.code.trim() {
                "9005" if self.shown.added_above(path).is_some() && self.shown.is_listed(path) => {
                    let why = format!(
                        "SetParameterValues of {path} is answered with 9005 after AddObject"
                    );
                    self.error(&AT_ONCE, path, why, findings);
                }
                "9008" => {
                    if let Some((true, most)) = self.shown.writable(path) {
                        let why = format!(
                            "{path} is listed as writable, and setting it is answered with 9008"
                        );
                        self.add(&WRITABLE, path, most, why, findings);
                    }
                }
                _ => {}
            }
        }
    }

    fn done(&self, findings: &mut Findings) {
        match self.exchange.method() {
            "AddObject" => self.added(findings),
            "DeleteObject" => self.deleted(findings),
            "SetParameterValues" => self.values_set(findings),
            "GetParameterNames" => {
                self.no_ghost(findings);
                self.level_again(findings);
            }
            "GetParameterValues" | "GetParameterAttributes" => self.no_ghost(findings),
            _ => {}
        }
    }

    fn added(&self, findings: &mut Findings) {
        let Some(path) = asked::added(self.request, self.response) else {
            return;
        };
        if self.shown.is_known(&path) {
            let why = format!("AddObject made {path}, which was there before");
            self.error(&TAKEN, &path, why, findings);
        } else if let Some(gone) = self.shown.deleted_above(&path).filter(|gone| *gone != path) {
            let why = format!("AddObject makes {path} after DeleteObject of {gone}");
            self.error(&GONE, &path, why, findings);
        }
    }

    fn deleted(&self, findings: &mut Findings) {
        let path = asked::only_path(self.request).unwrap_or_default();
        if self.shown.deleted_above(&path).is_some() {
            let why = format!("{path} was deleted before, and is deleted again");
            self.error(&DELETE_CODE, &path, why, findings);
        } else if self.is_modern()
            && path.len() <= PATH_MAX
            && !is_indirect(&path)
            && (self.shown.is_absent(&path) || self.is_no_instance(&path))
        {
            let why = format!("{path} is no instance that exists, and it is deleted with success");
            self.error(&DELETE_CODE, &path, why, findings);
        }
    }

    fn values_set(&self, findings: &mut Findings) {
        for entry in self.request.parameters().take(ENTRIES_MAX) {
            let name = entry.name();
            if let Some(gone) = self.shown.deleted_above(&name) {
                let why = format!("{name} is set after DeleteObject of {gone}");
                self.error(&GONE, &name, why, findings);
                return;
            }
            if let Some((false, most)) = self.shown.writable(&name) {
                let why = format!("{name} is listed as not writable, and it is set");
                self.add(&WRITABLE, &name, most, why, findings);
                return;
            }
        }
    }

    /// What was deleted is shown again.
    fn no_ghost(&self, findings: &mut Findings) {
        if !self.shown.has_deleted() {
            return;
        }
        for entry in self.response.parameters() {
            let name = entry.name();
            if let Some(gone) = self.shown.deleted_above(&name) {
                let why = format!("{name} is shown after DeleteObject of {gone}");
                self.error(&GONE, &name, why, findings);
                return;
            }
        }
    }

    /// A level that was listed before is listed again: nothing is missing that nobody deleted.
    fn level_again(&self, findings: &mut Findings) {
        let Some(asked) = asked::level(self.request).filter(|asked| asked.next_level) else {
            return;
        };
        let now = super::shown::numbers(self.response, &asked.path);
        if let Some(refused) = self.shown.refused_in(&asked.path)
            && let Some((_, number)) = instance(refused)
            && !now.contains(&number)
            && now.len() < NUMBERS_MAX
        {
            let why = format!("{refused} is gone after DeleteObject of it was refused");
            self.error(&HALF, refused, why, findings);
        }
        let fewer = self
            .shown
            .fewer(&asked.path, self.response.parameters().count());
        if let Some((before, after)) = fewer {
            let why = format!(
                "{} has {after} names after DeleteObject of it was refused, and had {before}",
                asked.path
            );
            self.error(&HALF, &asked.path, why, findings);
        }
        let Some(renumbered) = self.shown.renumbered(&asked.path, &now) else {
            return;
        };
        let (lost, new) = renumbered;
        let table = &asked.path;
        let why = format!("after DeleteObject {table}{lost}. is gone and {table}{new}. is there");
        self.error(&GONE, table, why, findings);
    }
}

/// Nothing but a DeleteObject makes it vanish in a session: no number of it belongs to a table that the device fills itself
/// (TR-069 Amendment 3 section 3.7.1.1 freezes what can be configured).
fn is_lasting(path: &str) -> bool {
    let Some(root) = Root::of_path(path) else {
        return false;
    };
    let model = standard(root);
    let mut end = 0;
    path.split('.').all(|node| {
        end += node.len() + 1;
        let is_number = !node.is_empty() && node.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number {
            return true;
        }
        let row = path.get(..end.min(path.len())).unwrap_or_default();
        model
            .object(row)
            .is_some_and(|row| row.always(|facts| facts.access == ObjectAccess::CreateDelete))
    })
}

/// The most instances that any version of the data model allows in a table.
fn standard_max(table: &str) -> Option<u32> {
    let table = standard(Root::of_path(table)?).object(table)?;
    let most =
        |edition: &crate::model::Edition<crate::model::ObjectFacts>| edition.facts.max_entries;
    let most: Option<Vec<u32>> = table.editions().iter().map(most).collect();
    most?.into_iter().max()
}

/// Codes that say nothing of the path: not supported, denied, internal error, no resources.
const TOLERATED: [u32; 4] = [9000, 9001, 9002, 9004];
/// Entries looked at in one message.
const ENTRIES_MAX: usize = 1_024;
/// Names of one request that are looked at.
const NAMES_MAX: usize = 256;
