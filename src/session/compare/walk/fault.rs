//! Faults: code, words, and what is said of each parameter.

use std::collections::HashMap;

use cwmp::{Element, EnvelopeRef};

use super::{Walk, class_of, whole};
use crate::session::DifferenceClass;

/// Compares two faults, wherever their parts stand.
pub(super) fn compare(walk: &mut Walk<'_>, expected: &EnvelopeRef<'_>, actual: &EnvelopeRef<'_>) {
    let [wanted, came] = [expected, actual].map(|envelope| Parts::of(envelope.message()));
    let changed = DifferenceClass::FaultChanged;
    walk.part("FaultCode", wanted.code, came.code, changed);
    walk.part(
        "FaultString",
        wanted.string,
        came.string,
        DifferenceClass::Value,
    );
    walk.part("faultcode", wanted.soap_code, came.soap_code, changed);
    walk.part(
        "faultstring",
        wanted.soap_string,
        came.soap_string,
        DifferenceClass::Value,
    );
    walk.parameters(&wanted.parameters, &came.parameters);
}

/// The elements of a fault that say something.
#[derive(Default)]
struct Parts<'a> {
    soap_code: Option<Element<'a>>,
    soap_string: Option<Element<'a>>,
    code: Option<Element<'a>>,
    string: Option<Element<'a>>,
    parameters: Vec<Element<'a>>,
}

impl<'a> Parts<'a> {
    fn of(fault: Option<Element<'a>>) -> Self {
        let mut parts = Self::default();
        for element in fault.into_iter().flat_map(|fault| fault.descendants()) {
            parts.take(element);
        }
        parts
    }

    fn take(&mut self, element: Element<'a>) {
        let of_parameter = || {
            let parent = element.parent();
            parent.is_some_and(|parent| parent.is_named("SetParameterValuesFault"))
        };
        let part = match element.name() {
            "faultcode" => &mut self.soap_code,
            "faultstring" => &mut self.soap_string,
            "FaultCode" if !of_parameter() => &mut self.code,
            "FaultString" if !of_parameter() => &mut self.string,
            "SetParameterValuesFault" => {
                self.parameters.push(element);
                return;
            }
            _ => return,
        };
        part.get_or_insert(element);
    }
}

impl Walk<'_> {
    fn part(
        &mut self,
        segment: &str,
        expected: Option<Element<'_>>,
        actual: Option<Element<'_>>,
        class: DifferenceClass,
    ) {
        let text = |element: Option<Element<'_>>| element.map(|element| said(element, segment));
        let (wanted, came) = (text(expected), text(actual));
        let of_message = segment == "FaultCode" || segment == "FaultString";
        self.within(segment, |walk| {
            let is_taken = match (walk.matcher(), &came) {
                (Some(matcher), Some(came)) => {
                    Some((matcher.takes(came, None), matcher.to_string()))
                }
                (Some(matcher), None) => Some((matcher.is_absent(), matcher.to_string())),
                (None, _) => None,
            };
            let wanted = match is_taken {
                Some((true, _)) => return,
                Some((false, matcher)) => Some(matcher),
                None if wanted == came => return,
                None => wanted,
            };
            let class = match class_of(wanted.is_some(), came.is_some()) {
                DifferenceClass::Value => class,
                // A fault without its code is another fault.
                _ if of_message && class == DifferenceClass::FaultChanged => class,
                lone => lone,
            };
            walk.differs(class, wanted, came, actual.map(whole));
        });
    }

    /// What is said of each parameter, by name; the order says nothing.
    fn parameters(&mut self, expected: &[Element<'_>], actual: &[Element<'_>]) {
        let mut wanted: HashMap<String, Vec<Element<'_>>> = HashMap::new();
        for element in expected.iter().rev() {
            wanted
                .entry(parameter_of(*element))
                .or_default()
                .push(*element);
        }
        let mut unmet = expected.iter().map(Element::id).collect::<Vec<_>>();
        unmet.sort_unstable();
        let mut met = vec![false; unmet.len()];
        for element in actual {
            let name = parameter_of(*element);
            let partner = wanted.get_mut(&name).and_then(Vec::pop);
            if let Some(partner) = partner
                && let Ok(at) = unmet.binary_search(&partner.id())
                && let Some(met) = met.get_mut(at)
            {
                *met = true;
            }
            self.parameter(&name, partner, Some(*element));
        }
        for element in expected {
            let at = unmet.binary_search(&element.id());
            if at.is_ok_and(|at| met.get(at) == Some(&false)) {
                self.parameter(&parameter_of(*element), Some(*element), None);
            }
        }
    }

    fn parameter(
        &mut self,
        name: &str,
        expected: Option<Element<'_>>,
        actual: Option<Element<'_>>,
    ) {
        let code = |element: Option<Element<'_>>| {
            element.map(|element| {
                element
                    .child("FaultCode")
                    .map_or_else(String::new, |code| said(code, "FaultCode"))
            })
        };
        let (Some(wanted), Some(came)) = (expected, actual) else {
            self.within("SetParameterValuesFault", |walk| {
                walk.within(name, |walk| {
                    let class = class_of(expected.is_some(), actual.is_some());
                    walk.differs(class, code(expected), code(actual), actual.map(whole));
                });
            });
            return;
        };
        self.within("SetParameterValuesFault", |walk| {
            walk.within(name, |walk| {
                for (part, class) in [
                    ("FaultCode", DifferenceClass::FaultChanged),
                    ("FaultString", DifferenceClass::Value),
                ] {
                    walk.part(part, wanted.child(part), came.child(part), class);
                }
            });
        });
    }
}

fn parameter_of(element: Element<'_>) -> String {
    let name = element.child("ParameterName");
    name.map_or_else(String::new, |name| name.text().trim().to_owned())
}

/// Its text; of a SOAP fault code without the prefix, which each side chooses.
fn said(element: Element<'_>, segment: &str) -> String {
    let text = element.text();
    let text = text.trim();
    let text = if segment == "faultcode" {
        text.rsplit(':').next().unwrap_or_default()
    } else {
        text
    };
    text.to_owned()
}
