//! What to run next: commands that go on from here, written as a shell takes them.

use std::path::PathBuf;

use unicode_width::UnicodeWidthStr;

use super::figures::{counted, grouped};
use crate::report::escape;
use crate::report::paint::{Ink, Line, Look};
use crate::session::Summary;

/// Writes commands, each with what it is for where there is room.
pub(super) fn write(commands: &[(String, &str)], look: Look, out: &mut String) {
    let widths = commands.iter().map(|(command, _)| command.width());
    let widest = widths.max().unwrap_or(0);
    let widest_why = commands.iter().map(|(_, why)| why.len()).max().unwrap_or(0);
    for (at, (command, why)) in commands.iter().enumerate() {
        let mut line = Line::new();
        line.push(Ink::Bold, if at == 0 { "next" } else { "" })
            .pad_to(MARGIN)
            .push(Ink::Plain, command);
        if MARGIN + widest + 2 + widest_why <= look.width {
            line.pad_to(MARGIN + widest + 2).push(Ink::Dim, *why);
        }
        line.write(look, out);
    }
}

/// Connection Requests that brought no session, and what tells more of them; of the whole input alone.
pub(super) fn unmet(summary: &Summary, paths: &[PathBuf]) -> Vec<String> {
    let requests = &summary.requests;
    if requests.unmet == 0 || summary.sessions_all.is_some() {
        return Vec::new();
    }
    let of_all = match requests.all {
        1 => "the only Connection Request".to_owned(),
        all => format!(
            "{} of {} Connection Requests",
            grouped(requests.unmet),
            grouped(all)
        ),
    };
    let (_, many) = arguments(paths, summary);
    let mut facts = vec![format!(
        "{of_all} brought no session: informant devices {many}"
    )];
    if requests.unverified > 0 {
        let unverified = counted(requests.unverified, "signature", "signatures");
        facts.push(format!(
            "{unverified} of those not verified: --credentials FILE"
        ));
    }
    facts
}

/// The input as arguments, with the files of keys that opened it.
pub(super) fn arguments(paths: &[PathBuf], summary: &Summary) -> (String, String) {
    let (one, many) = file_arguments(paths);
    let key = |(option, path): &(&str, PathBuf)| {
        format!("{option} {} ", quoted(path.as_os_str().as_encoded_bytes()))
    };
    let keys: String = summary.key_files.iter().map(key).collect();
    (format!("{keys}{one}"), format!("{keys}{many}"))
}

/// The input as arguments of a command that takes one file, and of one that takes several.
pub(in crate::report) fn file_arguments(paths: &[PathBuf]) -> (String, String) {
    let bytes = paths.iter().map(|path| path.as_os_str().as_encoded_bytes());
    let files: Vec<&[u8]> = bytes.collect();
    match files.as_slice() {
        [b"-"] => ("FILE".to_owned(), "FILE".to_owned()),
        [file] => (quoted(file), quoted(file)),
        files if files.len() <= FILES_MAX => {
            let all: Vec<String> = files.iter().map(|file| quoted(file)).collect();
            (
                all.iter()
                    .map(|file| format!("-r {file}"))
                    .collect::<Vec<_>>()
                    .join(" "),
                all.join(" "),
            )
        }
        _ => ("-r FILE...".to_owned(), "FILE...".to_owned()),
    }
}

/// A path as a shell takes it: its bytes, whatever they are.
pub(super) fn quoted(path: &[u8]) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._/-+@%:,=".contains(byte);
    let lead = if path.starts_with(b"-") { "./" } else { "" };
    match std::str::from_utf8(path) {
        Ok(text) if lead.is_empty() && path.iter().all(plain) => text.to_owned(),
        Ok(text) if !text.chars().any(escape::is_unsafe) => {
            format!("'{lead}{}'", text.replace('\'', "'\\''"))
        }
        _ => {
            let doubled: Vec<u8> = path
                .iter()
                .flat_map(|byte| match byte {
                    b'\\' => b"\\\\".to_vec(),
                    b'\'' => b"\\'".to_vec(),
                    byte => vec![*byte],
                })
                .collect();
            format!("$'{lead}{}'", escape::bytes(&doubled))
        }
    }
}

/// Where commands begin.
pub(super) const MARGIN: usize = 9;
/// More are not named one by one.
const FILES_MAX: usize = 4;

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{file_arguments, quoted};

    #[test]
    fn paths_as_a_shell_takes_them() {
        for (path, expected) in [
            ("a/phone.pcapng", "a/phone.pcapng"),
            ("my phone.pcap", "'my phone.pcap'"),
            ("it's.pcap", "'it'\\''s.pcap'"),
            ("-v.pcap", "'./-v.pcap'"),
            ("a\u{1b}[31m.pcap", "$'a\\x1b[31m.pcap'"),
        ] {
            assert_eq!(quoted(path.as_bytes()), expected);
        }
        assert_eq!(quoted(b"gr\xfcn's.pcap"), "$'gr\\xfcn\\'s.pcap'");
        assert_eq!(quoted(b"-\xff\\.pcap"), "$'./-\\xff\\\\.pcap'");
        assert_eq!(file_arguments(&[PathBuf::from("-")]).0, "FILE");
        assert_eq!(
            file_arguments(&[PathBuf::from("a"), PathBuf::from("b")]),
            ("-r a -r b".to_owned(), "a b".to_owned())
        );
    }
}
