//! Names of the files of a scenario: plain ones, so that nothing outside its directory is ever meant.

use super::TOML;

/// What is wrong with the name of a message's file.
///
/// # Errors
///
/// Where it is no plain name: a path, a hidden file, one that some file systems do not have.
pub fn check_file_name(name: &str) -> Result<(), String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if name == TOML {
        return Err(format!("`{TOML}` is the scenario itself, not a message"));
    }
    if name.is_empty() || name.len() > NAME_BYTES_MAX {
        return Err(format!(
            "a file's name has 1 to {NAME_BYTES_MAX} characters"
        ));
    }
    if name.starts_with(['.', '-']) || name.ends_with('.') || !name.bytes().all(is_plain) {
        let wanted =
            "letters, digits, `.`, `_` and `-`, no folders, and no `.` or `-` at its start";
        return Err(format!(
            "a file stands beside {TOML} under a plain name: {wanted}"
        ));
    }
    Ok(())
}

/// Bytes of a name: room for a number and the longest method, and less than any file system takes.
pub const NAME_BYTES_MAX: usize = 128;

#[cfg(test)]
mod tests {
    use super::{NAME_BYTES_MAX, check_file_name};

    #[test]
    fn only_plain_names_are_taken() {
        for name in ["01-Inform.xml", "a", "body_2.txt", "empty.xml"] {
            assert_eq!(check_file_name(name), Ok(()), "{name}");
        }
        let long = "a".repeat(NAME_BYTES_MAX + 1);
        for name in [
            "",
            ".",
            "..",
            "../a",
            "a/b",
            "a\\b",
            "/etc/passwd",
            "C:a",
            ".git",
            "-rf",
            "a.",
            "a b",
            "a\0",
            "ä.xml",
            "scenario.toml",
            &long,
        ] {
            assert!(check_file_name(name).is_err(), "{name}");
        }
    }
}
