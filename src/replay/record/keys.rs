//! CommandKey and ParameterKey: which ones the ACS makes in the recording, and who repeats them afterwards.

use std::collections::HashMap;

use super::leaves::{self, Leaf};
use super::order::Turns;
use super::variables::Variables;
use crate::replay::scenario::Role;
use crate::session::Side;

/// Which key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Which {
    Command,
    Parameter,
}

/// What a key at some place is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Key<'k> {
    /// The ACS makes it here, and somebody repeats it later.
    Made(&'k str),
    /// It repeats one made before.
    Repeats(&'k str),
    /// The ACS makes it here, and nobody repeats it.
    Unused,
    /// It was made before the recording.
    Older,
}

/// The keys of a recording, by their values.
#[derive(Debug, Default)]
pub(super) struct Keys {
    made: HashMap<(Which, String), Made>,
}

#[derive(Debug)]
struct Made {
    /// The turn that makes it first, counted over all sessions.
    first: usize,
    repeated: bool,
    name: String,
}

impl Keys {
    pub fn of(sessions: &[Turns<'_>]) -> Self {
        let mut keys = Self::default();
        let turns = sessions.iter().flat_map(|session| &session.kept);
        for (at, turn) in turns.enumerate() {
            let Some(soap) = &turn.message.soap else {
                continue;
            };
            leaves::each(soap, |leaf| keys.see(leaf, turn.message.from, at));
        }
        keys
    }

    fn see(&mut self, leaf: &Leaf<'_>, from: Side, at: usize) {
        let Some(which) = which(leaf) else { return };
        let key = (which, leaf.text.clone().into_owned());
        if makes(leaf, from) {
            self.made.entry(key).or_insert_with(|| Made {
                first: at,
                repeated: false,
                name: String::new(),
            });
        } else if let Some(made) = self.made.get_mut(&key) {
            made.repeated = true;
        }
    }

    /// Gives each repeated key its variable, in the order of their making.
    pub fn name(&mut self, role: Role, variables: &mut Variables) {
        let mut repeated: Vec<(&(Which, String), &mut Made)> = self
            .made
            .iter_mut()
            .filter(|(_, made)| made.repeated)
            .collect();
        repeated.sort_by_key(|((which, _), made)| (made.first, *which == Which::Parameter));
        for ((which, value), made) in repeated {
            let (wanted, field) = match which {
                Which::Command => ("command_key", "CommandKey"),
                Which::Parameter => ("parameter_key", "ParameterKey"),
            };
            made.name = match role {
                Role::Acs => {
                    let what =
                        format!("the {field} that the device repeats, made anew at each run");
                    variables.fresh(wanted, value, &what)
                }
                Role::Cpe => {
                    let what = format!("the {field} that the ACS gives, repeated to it");
                    variables.captured(wanted, value, value, &what)
                }
            };
        }
    }

    /// What this element is at this turn; nothing where it is no key.
    pub fn at(&self, leaf: &Leaf<'_>, from: Side, at: usize) -> Option<Key<'_>> {
        let which = which(leaf)?;
        let made = self.made.get(&(which, leaf.text.clone().into_owned()));
        let made = made.filter(|made| made.first <= at);
        Some(match made {
            Some(made) if makes(leaf, from) && made.repeated => Key::Made(&made.name),
            Some(_) if makes(leaf, from) => Key::Unused,
            Some(made) => Key::Repeats(&made.name),
            None => Key::Older,
        })
    }
}

fn which(leaf: &Leaf<'_>) -> Option<Which> {
    if leaf.is("CommandKey") {
        return Some(Which::Command);
    }
    let told = leaf.is_parameter("ManagementServer.ParameterKey");
    (told || leaf.is_argument("ParameterKey")).then_some(Which::Parameter)
}

/// The request of an ACS that gives the key; CancelTransfer only names one.
fn makes(leaf: &Leaf<'_>, from: Side) -> bool {
    let gives = leaf.is_argument("CommandKey") || leaf.is_argument("ParameterKey");
    from == Side::Acs && gives && leaf.asks() && leaf.message != "CancelTransfer"
}
