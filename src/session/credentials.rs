//! What is known of user names and passwords, for all devices and for some. Where it comes from is not this room's
//! business; what is verified with it stands in `verify`.

mod authorization;
mod verify;

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

pub(super) use authorization::KeptAuthorization;
pub use authorization::{Authorization, AuthorizationScheme};
pub use verify::{Integrity, IntegrityForm, RequestVerdict};

/// User names and passwords: a default, and what differs from it by device.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    default: Accounts,
    sections: Vec<Section>,
    by_device: HashMap<String, usize>,
    patterns: Patterns,
    by_user_name: HashMap<(Purpose, String), Named>,
    /// Purposes for which some device has an account of its own.
    own: [bool; Purpose::ALL.len()],
}

/// The accounts of a device.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accounts {
    /// Of the device at the ACS: ManagementServer.Username and Password.
    pub acs: Account,
    /// Of the ACS at the device: ManagementServer.ConnectionRequestUsername and ConnectionRequestPassword.
    pub connection_request: Account,
    /// Of the device at the STUN server: ManagementServer.STUNUsername and STUNPassword.
    pub stun: Account,
}

/// A user name and a password, as far as they are known.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// The user name.
    pub user_name: Option<String>,
    /// The password.
    pub password: Option<String>,
}

/// What an account is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// CWMP: the device at the ACS.
    Acs,
    /// Connection Requests over HTTP and UDP: the ACS at the device.
    ConnectionRequest,
    /// STUN: the device at the STUN server.
    Stun,
}

/// What is known of one account.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Known<'a> {
    /// The user name.
    pub user_name: Option<&'a str>,
    /// The password.
    pub password: Option<&'a str>,
    /// It is this device's account, so that what does not fit is wrong; else it may be of a device that has another.
    pub certain: bool,
}

#[derive(Debug, Clone)]
struct Section {
    device: String,
    accounts: Accounts,
}

/// Sections whose device has a `*`, found by what stands before the first `*` and behind the last.
#[derive(Debug, Clone, Default)]
struct Patterns {
    by_ends: HashMap<String, Vec<usize>>,
    /// The lengths of the two.
    lengths: BTreeSet<(usize, usize)>,
}

/// The first section with a user name.
#[derive(Debug, Clone, Copy)]
struct Named {
    first: usize,
    /// No other has it with another password.
    one: bool,
}

impl Credentials {
    /// The same for all devices.
    #[must_use]
    pub fn new(default: Accounts) -> Self {
        Self {
            default,
            ..Self::default()
        }
    }

    /// What a device has of its own: by its id, or several by a pattern in which `*` stands for any text.
    #[must_use]
    pub fn with_device(mut self, device: &str, accounts: Accounts) -> Self {
        let at = self.sections.len();
        for purpose in Purpose::ALL {
            let account = accounts.of(purpose);
            self.own[purpose as usize] |= !account.is_empty();
            if account.user_name.is_some() {
                self.name(purpose, account, at);
            }
        }
        if device.contains('*') {
            self.patterns.insert(device, at);
        } else {
            self.by_device.insert(device.to_owned(), at);
        }
        self.sections.push(Section {
            device: device.to_owned(),
            accounts,
        });
        self
    }

    /// Takes note of whose user name it is.
    fn name(&mut self, purpose: Purpose, account: &Account, at: usize) {
        let key = (purpose, account.user_name.clone().unwrap_or_default());
        let named = self.by_user_name.get(&key).copied();
        let named = named.map_or(
            Named {
                first: at,
                one: true,
            },
            |named| Named {
                one: named.one
                    && self.of_section(purpose, named.first)
                        == Some(account.known().or(self.default.of(purpose))),
                ..named
            },
        );
        self.by_user_name.insert(key, named);
    }

    /// What is known of a device's account, each field from the section that says most and has it. Where the device is
    /// not known, the user name that was said may tell whose account it is.
    #[must_use]
    pub fn known(
        &self,
        purpose: Purpose,
        device: Option<&str>,
        user_name: Option<&[u8]>,
    ) -> Known<'_> {
        match device {
            Some(device) => self.of_device(purpose, device),
            None => self.of_user(purpose, user_name).unwrap_or_else(|| {
                let account = self.default.of(purpose);
                Known {
                    certain: !self.own[purpose as usize],
                    ..account.known()
                }
            }),
        }
    }

    /// Any account for this is known.
    pub(super) fn knows(&self, purpose: Purpose) -> bool {
        self.own[purpose as usize] || !self.default.of(purpose).is_empty()
    }

    fn of_device(&self, purpose: Purpose, device: &str) -> Known<'_> {
        let exact = self.by_device.get(device);
        let exact = exact.and_then(|at| self.sections.get(*at));
        exact
            .into_iter()
            .chain(self.fitting(device))
            .map(|section| section.accounts.of(purpose))
            .chain([self.default.of(purpose)])
            .fold(Known::default(), Known::or)
    }

    /// The patterns that a device's id is of, the one that says most first.
    fn fitting(&self, device: &str) -> Vec<&Section> {
        let sections = self.patterns.near(device);
        let sections = sections.filter_map(|at| self.sections.get(at));
        let mut fitting: Vec<&Section> = sections
            .filter(|section| fits(&section.device, device))
            .collect();
        let letters = |section: &Section| section.device.chars().filter(|one| *one != '*').count();
        fitting.sort_by_cached_key(|section| (Reverse(letters(section)), &section.device));
        fitting
    }

    /// The account of whoever has this user name; nothing known of it where several have it with different passwords.
    fn of_user(&self, purpose: Purpose, user_name: Option<&[u8]>) -> Option<Known<'_>> {
        let user_name = std::str::from_utf8(user_name?).ok()?;
        // A name that is the default's too tells nobody apart.
        if self.default.of(purpose).user_name.as_deref() == Some(user_name) {
            return None;
        }
        let named = self.by_user_name.get(&(purpose, user_name.to_owned()))?;
        if named.one {
            self.of_section(purpose, named.first)
        } else {
            Some(Known::default())
        }
    }

    fn of_section(&self, purpose: Purpose, at: usize) -> Option<Known<'_>> {
        let section = self.sections.get(at)?;
        let known = section.accounts.of(purpose).known();
        Some(known.or(self.default.of(purpose)))
    }
}

impl Patterns {
    fn insert(&mut self, pattern: &str, at: usize) {
        let Some((first, rest)) = pattern.split_once('*') else {
            return;
        };
        let last = rest.rsplit_once('*').map_or(rest, |(_, last)| last);
        self.lengths.insert((first.len(), last.len()));
        let ends = format!("{first}*{last}");
        self.by_ends.entry(ends).or_default().push(at);
    }

    /// Those with the ends of this id.
    fn near(&self, device: &str) -> impl Iterator<Item = usize> {
        let ends = self.lengths.iter().filter_map(|(first, last)| {
            let last = device.len().checked_sub(*last)?;
            Some(format!("{}*{}", device.get(..*first)?, device.get(last..)?))
        });
        let near = ends.filter_map(|ends| self.by_ends.get(&ends));
        near.flatten().copied()
    }
}

impl Accounts {
    fn of(&self, purpose: Purpose) -> &Account {
        match purpose {
            Purpose::Acs => &self.acs,
            Purpose::ConnectionRequest => &self.connection_request,
            Purpose::Stun => &self.stun,
        }
    }
}

impl Account {
    fn is_empty(&self) -> bool {
        self.user_name.is_none() && self.password.is_none()
    }

    fn known(&self) -> Known<'_> {
        Known::default().or(self)
    }
}

impl std::fmt::Debug for Account {
    /// The user name alone: a password has no place in what is written for a look.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let known = self.known();
        known.debug(out.debug_struct("Account"))
    }
}

impl Purpose {
    const ALL: [Self; 3] = [Self::Acs, Self::ConnectionRequest, Self::Stun];
}

impl<'a> Known<'a> {
    /// What is not known yet, from there.
    fn or(self, account: &'a Account) -> Self {
        Self {
            user_name: self.user_name.or(account.user_name.as_deref()),
            password: self.password.or(account.password.as_deref()),
            certain: true,
        }
    }

    fn debug(&self, mut out: std::fmt::DebugStruct<'_, '_>) -> std::fmt::Result {
        let password = self.password.map(|_| super::MASKED);
        out.field("user_name", &self.user_name)
            .field("password", &password)
            .finish()
    }
}

impl std::fmt::Debug for Known<'_> {
    /// Without the password.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.debug(out.debug_struct("Known"))
    }
}

/// Whether a device's id is the pattern's, in which `*` stands for any text.
fn fits(pattern: &str, device: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == device;
    };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    let Some(device) = device.strip_prefix(first) else {
        return false;
    };
    let Some(mut device) = device.strip_suffix(last) else {
        return false;
    };
    middle.split('*').all(|part| match device.split_once(part) {
        Some((_, behind)) => {
            device = behind;
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(user_name: &str, password: &str) -> Account {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Account {
            user_name: some(user_name),
            password: some(password),
        }
    }

    fn stun(user_name: &str, password: &str) -> Accounts {
        Accounts {
            stun: account(user_name, password),
            ..Accounts::default()
        }
    }

    /// User name, password, and whether they are surely the device's.
    fn told<'a>(
        credentials: &'a Credentials,
        device: Option<&str>,
        said: Option<&str>,
    ) -> (Option<&'a str>, Option<&'a str>, bool) {
        let said = said.map(str::as_bytes);
        let known = credentials.known(Purpose::Stun, device, said);
        (known.user_name, known.password, known.certain)
    }

    #[test]
    fn a_device_has_what_says_most_of_it_field_by_field() {
        let credentials = Credentials::new(stun("all", "default"))
            .with_device("00D09E-*", stun("", "maker"))
            .with_device("00D09E-X3-*", stun("x3", ""))
            .with_device("00D09E-X3-A1", stun("", "own"));
        let of = |device| told(&credentials, Some(device), None);
        assert_eq!(of("00D09E-X3-A1"), (Some("x3"), Some("own"), true));
        assert_eq!(of("00D09E-X3-A2"), (Some("x3"), Some("maker"), true));
        assert_eq!(of("00D09E-X4-A1"), (Some("all"), Some("maker"), true));
        assert_eq!(of("001122-A1"), (Some("all"), Some("default"), true));
        let acs = credentials.known(Purpose::Acs, Some("00D09E-X3-A1"), None);
        assert_eq!((acs.user_name, acs.password), (None, None));
    }

    #[test]
    fn a_user_name_tells_whose_account_it_is() {
        let credentials = Credentials::new(stun("", "default"))
            .with_device("00D09E-A1", stun("one", "first"))
            .with_device("00D09E-A2", stun("two", "second"))
            .with_device("00D09E-A3", stun("two", "third"))
            .with_device("00D09E-A4", stun("four", ""));
        let of = |said| told(&credentials, None, said);
        assert_eq!(of(Some("one")), (Some("one"), Some("first"), true));
        assert_eq!(of(Some("four")), (Some("four"), Some("default"), true));
        assert_eq!(of(Some("two")), (None, None, false));
        assert_eq!(of(Some("who")), (None, Some("default"), false));
        assert_eq!(of(None), (None, Some("default"), false));
        let shared = Credentials::new(stun("one", "default"))
            .with_device("00D09E-A1", stun("one", "first"))
            .with_device("00D09E-A2", stun("", "second"));
        let known = told(&shared, None, Some("one"));
        assert_eq!(known, (Some("one"), Some("default"), false));
        let alone = Credentials::new(stun("", "default"));
        assert_eq!(told(&alone, None, None), (None, Some("default"), true));
    }

    #[test]
    fn stars_stand_for_any_text() {
        for (pattern, device, is) in [
            ("*", "00D09E-A1", true),
            ("00D09E-*", "00D09E-A1", true),
            ("*-A1", "00D09E-A1", true),
            ("00*-*1", "00D09E-A1", true),
            ("00**1", "00D09E-A1", true),
            ("*D0*9E*", "00D09E-A1", true),
            ("*9E*D0*", "00D09E-A1", false),
            ("00D09E-A1*A1", "00D09E-A1", false),
            ("00D09E-A*", "00D09F-A1", false),
            ("00D09E-A1", "00D09E-A1", true),
            ("00D09E-A1", "00D09E-A11", false),
        ] {
            assert_eq!(fits(pattern, device), is, "{pattern} {device}");
        }
    }

    #[test]
    fn of_many_patterns_few_are_looked_at() {
        let all = (0..50_000).fold(Credentials::new(stun("", "default")), |all, number| {
            let all = all.with_device(&format!("00D09E-X{number}-*"), stun("same", "first"));
            all.with_device(&format!("*-{number:06}"), stun("", "second"))
        });
        let device = "00D09E-X77-000123";
        assert_eq!(all.patterns.near(device).count(), 2);
        assert_eq!(
            told(&all, Some(device), None),
            (Some("same"), Some("first"), true)
        );
        let named = told(&all, None, Some("same"));
        assert_eq!(named, (Some("same"), Some("first"), true));
        let acs = all.known(Purpose::Acs, None, None);
        assert!(acs.certain, "no device has an account of its own there");
    }

    #[test]
    fn a_look_shows_no_password() {
        let credentials = Credentials::new(stun("alice", "hunter2"))
            .with_device("00D09E-A1", stun("bob", "swordfish"));
        let known = credentials.known(Purpose::Stun, Some("00D09E-A1"), None);
        let shown = format!("{credentials:?} {known:?}");
        assert!(shown.contains("alice") && shown.contains("bob"));
        assert!(
            !shown.contains("hunter2") && !shown.contains("swordfish"),
            "{shown}"
        );
    }
}
