//! A client's line.

use std::ops::Range;

use crate::line::Line;

/// A command as it waits for its reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Command {
    /// In upper case.
    pub(crate) verb: Verb,
    /// The argument; empty where it is a secret.
    pub(crate) argument: String,
    /// Where the argument stands.
    pub(crate) argument_span: Range<u64>,
    /// Where the line stands.
    pub(crate) span: Range<u64>,
    /// Was a preliminary reply (1yz) seen?
    pub(crate) begun: bool,
}

macro_rules! verbs {
    ($($verb:ident = $text:literal,)*) => {
        /// The commands that matter here.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Verb {
            $($verb,)*
            Other,
        }

        impl Verb {
            fn new(text: &[u8]) -> Self {
                let texts = [$(($text, Self::$verb),)*];
                let found = texts.into_iter().find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(text));
                found.map_or(Self::Other, |(_, verb)| verb)
            }
        }
    };
}

verbs! {
    User = "USER", Pass = "PASS", Acct = "ACCT", Auth = "AUTH",
    Retr = "RETR", Stor = "STOR", Appe = "APPE", Stou = "STOU",
    List = "LIST", Nlst = "NLST", Mlsd = "MLSD",
    Size = "SIZE", Rest = "REST",
    Pasv = "PASV", Epsv = "EPSV", Port = "PORT", Eprt = "EPRT",
    Cwd = "CWD", Xcwd = "XCWD", Cdup = "CDUP", Xcup = "XCUP", Pwd = "PWD", Xpwd = "XPWD",
    Abor = "ABOR", Stat = "STAT", Quit = "QUIT", Rein = "REIN",
    Feat = "FEAT", Syst = "SYST", Type = "TYPE", Opts = "OPTS", Host = "HOST",
}

impl Command {
    /// Reads a line; none where no word of letters begins it.
    pub(crate) fn read(line: &Line) -> Option<Self> {
        let text = line.text.as_slice();
        let letters = text
            .iter()
            .take_while(|byte| byte.is_ascii_alphabetic())
            .count();
        let (word, rest) = text.split_at_checked(letters)?;
        if !(3..=8).contains(&letters) || !matches!(rest.first(), None | Some(b' ')) {
            return None;
        }
        let verb = Verb::new(word);
        let (_, argument) = rest.split_at_checked(1).unwrap_or_default();
        let secret = matches!(verb, Verb::Pass | Verb::Acct);
        Some(Self {
            verb,
            argument: if secret {
                String::new()
            } else {
                String::from_utf8_lossy(argument).into_owned()
            },
            argument_span: argument_span(line, letters, argument),
            span: line.span.clone(),
            begun: false,
        })
    }

    /// Does only FTP know it?
    pub(crate) fn is_ftp_alone(&self) -> bool {
        !matches!(
            self.verb,
            Verb::Other
                | Verb::User
                | Verb::Pass
                | Verb::Auth
                | Verb::List
                | Verb::Quit
                | Verb::Stat
                | Verb::Host
        )
    }
}

/// Where the argument stands; the rest of the line where TELNET commands moved it.
fn argument_span(line: &Line, letters: usize, argument: &[u8]) -> Range<u64> {
    let start = line.span.start;
    let first = start.saturating_add(letters as u64).saturating_add(1);
    let behind = first.saturating_add(argument.len() as u64);
    if line.plain && !line.long {
        first.min(line.span.end)..behind.min(line.span.end)
    } else {
        first.min(line.span.end)..line.span.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::Lines;

    fn read(text: &[u8]) -> Option<Command> {
        let (line, _) = Lines::default().take(text, 100);
        Command::read(&line?)
    }

    #[test]
    fn verbs_of_any_case() {
        let command = read(b"retr a b.cfg\r\n");
        let found = command.map(|c| (c.verb, c.argument, c.argument_span));
        assert_eq!(found, Some((Verb::Retr, "a b.cfg".to_owned(), 5..12)));
        assert_eq!(read(b"\x16\x03\x01\r\n"), None);
        assert_eq!(read(b"GET/ x\r\n"), None);
    }

    #[test]
    fn a_password_is_a_place_only() {
        let Some(command) = read(b"PASS secret\r\n") else {
            panic!("it is a command");
        };
        assert_eq!(
            (command.argument.as_str(), command.argument_span),
            ("", 5..11)
        );
    }
}
