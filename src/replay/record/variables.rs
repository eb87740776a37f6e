//! The named values of a scenario on its way: one name for one value of one kind. Recorded secrets are held here to tell them
//! apart, and nowhere written.

use std::collections::{BTreeMap, HashMap};

use super::notes::Note;
use super::secrets::Secrets;
use crate::replay::scenario::{Fresh, Variable};

/// Names and what they stand for.
#[derive(Debug, Default)]
pub(super) struct Variables {
    pub named: BTreeMap<String, Variable>,
    /// By the name wanted and what tells one value from another: mostly itself.
    names: HashMap<(String, String), String>,
    /// How many values want a name.
    wanted: HashMap<String, u32>,
    pub notes: Vec<Note>,
}

impl Variables {
    /// A value as recorded, which the user may change.
    pub fn value(&mut self, wanted: &str, whose: &str, recorded: &str, what: &str) -> String {
        let made = || Variable::Value(recorded.to_owned());
        self.name(wanted, whose, what, made)
    }

    /// A value made anew at each run.
    pub fn fresh(&mut self, wanted: &str, whose: &str, what: &str) -> String {
        // A CommandKey has at most 32 letters (TR-069 Amendment 3 table 35), a UUID 36.
        self.name(wanted, whose, what, || Variable::Fresh(Fresh::Hex))
    }

    /// A value that the other side makes.
    pub fn captured(&mut self, wanted: &str, whose: &str, recorded: &str, what: &str) -> String {
        let made = || Variable::Captured(Some(recorded.to_owned()));
        self.name(wanted, whose, what, made)
    }

    /// A value that is never written down.
    pub fn secret(&mut self, wanted: &str, whose: &str, place: &str) -> String {
        let known = self.named.len();
        let name = self.named_once(wanted, whose);
        let env = name.to_ascii_uppercase();
        let secret = Variable::Secret {
            env: Some(env.clone()),
            file: None,
        };
        self.named.entry(name.clone()).or_insert(secret);
        if self.named.len() > known {
            self.notes.push(Note::Secret {
                name: name.clone(),
                env,
                place: place.to_owned(),
            });
        }
        name
    }

    /// Takes recorded values away that hold a secret: who plays the scenario gives them.
    pub fn hide(&mut self, secrets: &Secrets) {
        for (name, variable) in &mut self.named {
            let held = |value: &String| secrets.stand_in(value.as_bytes());
            match variable {
                Variable::Captured(recorded) if recorded.as_ref().is_some_and(held) => {
                    *recorded = None;
                }
                Variable::Value(value) if held(value) => {
                    let env = name.to_ascii_uppercase();
                    *variable = Variable::Secret {
                        env: Some(env.clone()),
                        file: None,
                    };
                    self.notes.push(Note::Secret {
                        name: name.clone(),
                        env,
                        place: "it holds another secret".to_owned(),
                    });
                }
                _ => {}
            }
        }
    }

    fn name(
        &mut self,
        wanted: &str,
        whose: &str,
        what: &str,
        made: impl FnOnce() -> Variable,
    ) -> String {
        let known = self.named.len();
        let name = self.named_once(wanted, whose);
        self.named.entry(name.clone()).or_insert_with(made);
        if self.named.len() > known {
            self.notes.push(Note::Variable {
                name: name.clone(),
                what: what.to_owned(),
            });
        }
        name
    }

    /// The name wanted, with a number where another value has it; `whose` tells values apart.
    fn named_once(&mut self, wanted: &str, whose: &str) -> String {
        let wanted = speakable(wanted);
        let key = (wanted, whose.to_owned());
        if let Some(name) = self.names.get(&key) {
            return name.clone();
        }
        let wanting = self.wanted.entry(key.0.clone()).or_default();
        let name = loop {
            *wanting = wanting.saturating_add(1);
            let name = match *wanting {
                1 => key.0.clone(),
                number => format!("{}_{number}", key.0),
            };
            if !self.named.contains_key(&name) {
                break name;
            }
        };
        self.names.insert(key, name.clone());
        name
    }
}

/// `AuthPassword` as `auth_password`, `ManagementServer.Password` as `management_server_password`: the last part of a path that
/// is no number, with the one before it where that alone says little.
pub(super) fn speaking(path: &str) -> String {
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = path.rsplit('.').filter(|part| !is_number(part));
    let last = words(parts.next().unwrap_or_default());
    match parts.next() {
        Some(object) if BARE_WORDS.contains(&last.as_str()) => format!("{}_{last}", words(object)),
        _ => last,
    }
}

fn words(name: &str) -> String {
    let mut words = String::with_capacity(name.len().saturating_add(4));
    let letters: Vec<char> = name.chars().take(NAME_LETTERS_MAX).collect();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let after = letters.get(at.saturating_add(1));
        let begins = letter.is_ascii_uppercase()
            && before.is_some_and(|before| {
                before.is_ascii_lowercase()
                    || before.is_ascii_digit()
                    || before.is_ascii_uppercase() && after.is_some_and(char::is_ascii_lowercase)
            });
        if begins {
            words.push('_');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

/// What a placeholder can be called.
fn speakable(name: &str) -> String {
    let allowed = |letter: char| {
        if letter.is_ascii_alphanumeric() {
            letter.to_ascii_lowercase()
        } else {
            '_'
        }
    };
    let name: String = name.chars().take(NAME_LETTERS_MAX).map(allowed).collect();
    let name = name.trim_matches('_');
    match name.as_bytes().first() {
        Some(first) if first.is_ascii_alphabetic() => name.to_owned(),
        _ => format!("value_{name}").trim_end_matches('_').to_owned(),
    }
}

/// Names that many values have.
const BARE_WORDS: [&str; 9] = [
    "key",
    "pass",
    "password",
    "passphrase",
    "pin",
    "psk",
    "secret",
    "token",
    "value",
];
/// A placeholder's name has at most 64 letters, and a number may follow.
const NAME_LETTERS_MAX: usize = 48;

#[cfg(test)]
mod tests {
    use super::{Variables, speaking};

    #[test]
    fn names_speak() {
        for (path, name) in [
            (
                "Device.Services.VoiceService.1.SIP.AuthPassword",
                "auth_password",
            ),
            ("X.PreSharedKey.1", "pre_shared_key"),
            ("SIPPassword", "sip_password"),
            (
                "Device.ManagementServer.Password",
                "management_server_password",
            ),
            ("X_ACME_Key", "x_acme_key"),
            ("", ""),
        ] {
            assert_eq!(speaking(path), name);
        }
    }

    #[test]
    fn one_name_for_one_value() {
        let mut variables = Variables::default();
        let names = ["one", "two", "one"].map(|value| variables.secret("password", value, "there"));
        assert_eq!(names, ["password", "password_2", "password"]);
        assert_eq!(variables.notes.len(), 2);
        assert_eq!(variables.secret("9.x", "one", "there"), "value_9_x");
        assert_eq!(variables.secret("", "one", "there"), "value");
    }
}
