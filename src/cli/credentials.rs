//! `--credentials FILE`: user names and passwords in TOML. What is wrong with the file is told by its line, and never with
//! what stands in the line, which may be a password.

use std::io;
use std::path::Path;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::exit::Trouble;
use super::flaw::{self, Flaw, known};
use super::output::complain;
use crate::session::{Account, Accounts, Credentials};

/// Reads the file, if one is given; remarks on one that others may read.
pub(super) fn read(path: Option<&Path>, quiet: bool) -> Result<Option<Arc<Credentials>>, Trouble> {
    let Some(path) = path else {
        return Ok(None);
    };
    let name = path.display();
    let text = match contents(path) {
        Ok(text) => text,
        Err(error) => {
            return Err(Trouble::Usage(format!(
                "{name}: the credentials cannot be read: {error}"
            )));
        }
    };
    let credentials = match parse(&text) {
        Ok(credentials) => credentials,
        Err(flaw) => {
            let (line, what) = (flaw.line(&text), flaw.what);
            return Err(Trouble::Usage(format!(
                "{name}:{line}: {what} (docs/credentials.md has an example)"
            )));
        }
    };
    if !quiet && is_open_to_others(path) {
        complain(&format!(
            "{name}: others can read these passwords; `chmod 600` keeps them out"
        ));
    }
    Ok(Some(Arc::new(credentials)))
}

fn contents(path: &Path) -> io::Result<Vec<u8>> {
    let text = flaw::contents(path, FILE_BYTES_MAX)?;
    if text.len() as u64 > FILE_BYTES_MAX {
        let what = "it is larger than 16 MiB, and hardly the right file";
        return Err(io::Error::other(what));
    }
    Ok(text)
}

/// The rights of a pipe or of another thing than a file say nothing.
#[cfg(unix)]
fn is_open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let others =
        |about: std::fs::Metadata| about.is_file() && about.permissions().mode() & 0o044 != 0;
    std::fs::metadata(path).is_ok_and(others)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Path) -> bool {
    false
}

fn parse(text: &[u8]) -> Result<Credentials, Flaw> {
    let text = std::str::from_utf8(text).map_err(|error| Flaw {
        at: error.valid_up_to(),
        what: "this is no text in UTF-8".to_owned(),
    })?;
    let table = flaw::table(text)?;
    let mut default = Accounts::default();
    let mut devices = Vec::new();
    for (key, value) in table.get_ref() {
        match known(key, &SECTIONS)? {
            "default" => default = accounts(value)?,
            _ => {
                for (device, value) in inner(value, "devices")? {
                    devices.push((device_id(device)?, accounts(value)?));
                }
            }
        }
    }
    let credentials = devices
        .into_iter()
        .fold(Credentials::new(default), |all, (device, accounts)| {
            all.with_device(device, accounts)
        });
    Ok(credentials)
}

fn accounts(value: &Spanned<DeValue<'_>>) -> Result<Accounts, Flaw> {
    let mut accounts = Accounts::default();
    for (key, value) in inner(value, "accounts")? {
        let account = match known(key, &ACCOUNTS)? {
            "acs" => &mut accounts.acs,
            "connection_request" => &mut accounts.connection_request,
            _ => &mut accounts.stun,
        };
        *account = self::account(value)?;
    }
    Ok(accounts)
}

fn account(value: &Spanned<DeValue<'_>>) -> Result<Account, Flaw> {
    let mut account = Account::default();
    for (key, value) in inner(value, "a user name and a password")? {
        let field = match known(key, &FIELDS)? {
            "user_name" => &mut account.user_name,
            _ => &mut account.password,
        };
        *field = Some(flaw::text(key.get_ref(), value)?);
    }
    Ok(account)
}

/// What stands in a table.
fn inner<'v, 'i>(value: &'v Spanned<DeValue<'i>>, holds: &str) -> Result<&'v DeTable<'i>, Flaw> {
    value.get_ref().as_table().ok_or_else(|| Flaw {
        at: value.span().start,
        what: format!("a table that holds {holds} is wanted here"),
    })
}

/// A device's id has two parts at least; what can never be one is a slip.
fn device_id(key: &Spanned<impl AsRef<str>>) -> Result<&str, Flaw> {
    let written = key.get_ref().as_ref();
    if written.contains(['-', '*']) {
        return Ok(written);
    }
    Err(Flaw {
        at: key.span().start,
        what: format!(
            "`{}` is no device: its id is OUI-SerialNumber or OUI-ProductClass-SerialNumber, as `informant list` shows it; \
             `*` stands for any text",
            flaw::shown(written)
        ),
    })
}

const SECTIONS: [&str; 2] = ["default", "device"];
const ACCOUNTS: [&str; 3] = ["acs", "connection_request", "stun"];
const FIELDS: [&str; 2] = ["user_name", "password"];
/// Bytes of a file: enough for 100,000 devices.
const FILE_BYTES_MAX: u64 = 16 << 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Purpose;

    /// Line, counted from 0, and what is wrong in it.
    fn flaw(text: &str) -> (usize, String) {
        match parse(text.as_bytes()) {
            Ok(_) => panic!("nothing is wrong with {text}"),
            Err(flaw) => (text[..flaw.at].matches('\n').count(), flaw.what),
        }
    }

    #[test]
    fn sections_become_accounts() {
        let text = r#"
            [default]
            acs = { user_name = "all", password = "a" }
            [default.stun]
            password = "s"
            [device."00D09E-X3-A1".connection_request]
            user_name = "acs"
            password = ""
            [device."00D09E-*"]
            stun.password = "t"
        "#;
        let credentials = parse(text.as_bytes()).expect("it is well-formed");
        let known = |purpose, device| {
            let known = credentials.known(purpose, Some(device), None);
            (known.user_name, known.password)
        };
        let phone = "00D09E-X3-A1";
        assert_eq!(known(Purpose::Acs, phone), (Some("all"), Some("a")));
        assert_eq!(
            known(Purpose::ConnectionRequest, phone),
            (Some("acs"), Some(""))
        );
        assert_eq!(known(Purpose::Stun, phone), (None, Some("t")));
        assert_eq!(known(Purpose::Stun, "001122-A1"), (None, Some("s")));
        assert!(parse(b"").is_ok() && parse(b"[default.acs]\n").is_ok());
    }

    #[test]
    fn slips_are_told_with_line_and_remedy() {
        for (text, line, words) in [
            (
                "[default.acs]\npasword = \"x\"",
                1,
                "did you mean `password`?",
            ),
            (
                "[default.acs]\nusername = \"x\"",
                1,
                "did you mean `user_name`?",
            ),
            ("[devices.\"0-1\".acs]\n", 0, "did you mean `device`?"),
            (
                "\n[default.snmp]\n",
                1,
                "known here are `acs`, `connection_request`, `stun`",
            ),
            ("[default.acs]\npassword = 7\n", 1, "in quotes"),
            (
                "[default]\nacs = \"x\"\n",
                1,
                "a table that holds a user name",
            ),
            ("[device.phone.acs]\n", 0, "is no device"),
            ("[device]\n\"0-1\" = 1\n", 1, "a table that holds accounts"),
            ("device = []\n", 0, "a table that holds devices"),
            ("[default.acs]\npassword = x\n", 1, "this is no TOML"),
            ("[default.acs]\n[default.acs]\n", 1, "duplicate key"),
        ] {
            let (at, what) = flaw(text);
            assert_eq!(at, line, "{text}: {what}");
            assert!(what.contains(words), "{text}: {what}");
        }
        let flaw = parse(b"[default.acs]\npassword = \"\xff\"").expect_err("it is no UTF-8");
        assert_eq!((flaw.at, flaw.what.contains("UTF-8")), (26, true));
    }

    #[test]
    fn no_message_repeats_a_password() {
        for text in [
            "[default.acs]\npassword = hunter2",
            "[default.acs]\npassword = \"hunter2",
            "[default.acs]\npassword = 'hunter2\n'",
            "[default.acs]\npassword \"hunter2\"",
            "[default.acs]\npassword = \"hunter2\" x",
            "[default.acs]\npassword = \"\\hunter2\"",
            "[default]\nacs = \"hunter2\"",
            "default = \"hunter2\"",
            "[default.acs]\npassword = [\"hunter2\"]",
            "[default.acs]\npassword = \"a\"\npassword = \"hunter2\"",
        ] {
            let (_, what) = flaw(text);
            assert!(!what.contains("hunter2"), "{what}");
        }
    }
}
