//! The numbers that a device gives to new objects, and the paths that repeat them.

use std::ops::Range;

use super::leaves::{self, Leaf};
use super::order::Turns;
use super::variables::Variables;
use crate::session::Side;

/// The objects that a recording adds.
#[derive(Debug, Default)]
pub(super) struct Instances {
    added: Vec<Instance>,
}

#[derive(Debug)]
struct Instance {
    /// `Device.X.3`: the object with its number.
    path: String,
    /// Where the number begins in it.
    number: usize,
    /// The turn that tells it.
    at: usize,
    repeated: bool,
    name: String,
}

impl Instances {
    pub fn of(sessions: &[Turns<'_>]) -> Self {
        let mut instances = Self::default();
        let mut asked = None;
        let turns = sessions.iter().flat_map(|session| &session.kept);
        for (at, turn) in turns.enumerate() {
            let Some(soap) = &turn.message.soap else {
                continue;
            };
            let from = turn.message.from;
            leaves::each(soap, |leaf| {
                if from == Side::Acs
                    && leaf.message == "AddObject"
                    && leaf.is_argument("ObjectName")
                {
                    asked = Some(leaf.text.clone().into_owned());
                } else if is_told(leaf, from) {
                    instances.add(asked.take(), &leaf.text, at);
                } else {
                    instances.see(&leaf.text, at);
                }
            });
        }
        instances
    }

    fn add(&mut self, object: Option<String>, number: &str, at: usize) {
        let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let Some(object) = object.filter(|object| object.ends_with('.') && digits) else {
            return;
        };
        if self.added.len() < INSTANCES_MAX {
            self.added.push(Instance {
                path: format!("{object}{number}"),
                number: object.len(),
                at,
                repeated: false,
                name: String::new(),
            });
        }
    }

    fn see(&mut self, text: &str, at: usize) {
        for instance in &mut self.added {
            instance.repeated |= instance.at < at && instance.is_in(text);
        }
    }

    /// Gives each number that a path repeats its variable.
    pub fn name(&mut self, variables: &mut Variables) {
        for instance in self.added.iter_mut().filter(|instance| instance.repeated) {
            let object = instance.path.get(..instance.number).unwrap_or_default();
            let number = instance.path.get(instance.number..).unwrap_or_default();
            let what = format!("the InstanceNumber that the device gives to a new {object}");
            // The same number of another object is another value.
            let recorded = format!("{object} {number}");
            instance.name = variables.captured("instance_number", &recorded, number, &what);
        }
    }

    /// The variable of the number that this answer tells.
    pub fn told(&self, leaf: &Leaf<'_>, from: Side, at: usize) -> Option<Option<&str>> {
        if !is_told(leaf, from) {
            return None;
        }
        let told = self.added.iter().find(|instance| instance.at == at);
        Some(
            told.filter(|told| told.repeated)
                .map(|told| told.name.as_str()),
        )
    }

    /// Where in the text of a path such numbers stand, with their variables.
    pub fn within<'i>(
        &'i self,
        text: &str,
        at: usize,
    ) -> impl Iterator<Item = (Range<usize>, &'i str)> {
        let mut found: Vec<(Range<usize>, &str)> = Vec::new();
        for instance in &self.added {
            if instance.repeated && instance.at < at && instance.is_in(text) {
                let range = instance.number..instance.path.len();
                // An object that was deleted and added again has its later number's name.
                found.retain(|(known, _)| *known != range);
                found.push((range, &instance.name));
            }
        }
        found.sort_by_key(|(range, _)| range.start);
        found.into_iter()
    }
}

impl Instance {
    /// The text is its path, or begins with it.
    fn is_in(&self, text: &str) -> bool {
        text.strip_prefix(self.path.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

fn is_told(leaf: &Leaf<'_>, from: Side) -> bool {
    from == Side::Cpe && leaf.message == "AddObjectResponse" && leaf.is_argument("InstanceNumber")
}

/// Objects beyond these keep the numbers that they were recorded with: each text is held against all.
const INSTANCES_MAX: usize = 256;
