//! A body as XML with an element a line. What was sent is not changed by it, only where its lines end; a mark that a finding
//! points at is underlined.

use std::ops::Range;

use super::Scene;
use super::message::position;
use crate::report::escape;
use crate::session::{Finding, Masking, Message, Part};
use crate::tui::{Ink, Line, Page};

/// In the place of the tree that a page shows: the XML, behind the head.
pub(super) fn replace_tree(
    scene: &Scene<'_>,
    message: &Message,
    findings: &[&Finding],
    page: &mut Page,
) {
    let Some(document) = &message.soap else {
        return;
    };
    let head = 1 + message.http.headers().count() + 1;
    page.lines.truncate(head);
    let offsets = findings.iter().filter_map(|finding| {
        let position = position(finding, message)?;
        (position.part == Part::Body).then_some(position.offset as usize)
    });
    let offsets: Vec<usize> = offsets.collect();
    let masking = scene.shared.masking();
    page.lines.extend(lines(document.text(), masking, &offsets));
}

/// The lines of a document.
fn lines(text: &[u8], masking: Masking, offsets: &[usize]) -> Vec<Line> {
    if masking.hides_all(text) {
        return vec![Line::of(Ink::Dim, "<masked>")];
    }
    let places = masking.places(text);
    let mut lines = Vec::new();
    let mut line = Line::default();
    let (mut depth, mut is_open) = (0_usize, false);
    let tokens = Tokens { text, at: 0 };
    for token in tokens {
        let bytes = text.get(token.range.clone()).unwrap_or_default();
        let is_marked = offsets.iter().any(|offset| token.range.contains(offset));
        match token.kind {
            Kind::Open | Kind::Lone => {
                finish(&mut line, &mut lines);
                line = indented(depth);
                is_open = token.kind == Kind::Open;
                depth += usize::from(is_open);
            }
            Kind::Close => {
                depth = depth.saturating_sub(1);
                // An element that holds no other stays on one line.
                if !is_open {
                    finish(&mut line, &mut lines);
                    line = indented(depth);
                }
                is_open = false;
            }
            Kind::Text if bytes.trim_ascii().is_empty() => continue,
            Kind::Text => {}
        }
        let (shown, ink) = if token.kind == Kind::Text {
            (places.shown(token.range, bytes), Ink::Plain)
        } else {
            (masking.body(bytes), Ink::Dim)
        };
        let shown = escape::bytes(&shown).into_owned();
        if is_marked {
            line.push_marked(Ink::Fault, shown);
        } else {
            line.push(ink, shown);
        }
        if lines.len() > LINES_MAX {
            let words = "the rest is too long for this view: see it as it was sent";
            lines.push(Line::of(Ink::Warning, words));
            return lines;
        }
    }
    finish(&mut line, &mut lines);
    lines
}

fn finish(line: &mut Line, lines: &mut Vec<Line>) {
    let line = std::mem::take(line);
    if !line.text().trim().is_empty() {
        lines.push(line);
    }
}

fn indented(depth: usize) -> Line {
    Line::of(Ink::Plain, " ".repeat(3 + 2 * depth.min(DEPTH_MAX)))
}

/// A tag, or what stands between two.
struct Token {
    kind: Kind,
    range: Range<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Open,
    Close,
    /// An element without content, a declaration, a comment.
    Lone,
    Text,
}

/// The tokens of a text, well-formed or not: a mark that nothing ends goes up to the end.
struct Tokens<'t> {
    text: &'t [u8],
    at: usize,
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let (kind, length) = match rest {
            [b'<', ..] => tag(rest),
            _ => {
                let end = memchr::memchr(b'<', rest);
                (Kind::Text, end.unwrap_or(rest.len()))
            }
        };
        let range = self.at..self.at + length.max(1);
        self.at = range.end;
        Some(Token { kind, range })
    }
}

fn tag(rest: &[u8]) -> (Kind, usize) {
    for (begin, end, kind) in [
        (&b"<!--"[..], &b"-->"[..], Kind::Lone),
        (b"<![CDATA[", b"]]>", Kind::Text),
        (b"<?", b"?>", Kind::Lone),
    ] {
        if rest.starts_with(begin) {
            let found = memchr::memmem::find(rest, end);
            return (kind, found.map_or(rest.len(), |at| at + end.len()));
        }
    }
    let end = memchr::memchr(b'>', rest).map_or(rest.len(), |at| at + 1);
    let tag = rest.get(..end).unwrap_or(rest);
    let kind = match tag {
        [b'<', b'/', ..] => Kind::Close,
        [b'<', b'!', ..] => Kind::Lone,
        [.., b'/', b'>'] => Kind::Lone,
        _ => Kind::Open,
    };
    (kind, end)
}

/// Lines of XML that are shown.
const LINES_MAX: usize = 200_000;
/// Elements in each other that are indented.
const DEPTH_MAX: usize = 20;

#[cfg(test)]
mod tests {
    use super::{Line, lines};
    use crate::session::Masking;

    fn drawn(text: &str, offsets: &[usize]) -> Vec<String> {
        let lines = lines(text.as_bytes(), Masking::default(), offsets);
        lines
            .iter()
            .map(|line| line.text().trim_start().to_owned())
            .collect()
    }

    #[test]
    fn an_element_a_line() {
        let text = "<?xml version=\"1.0\"?><a><b x='1'>one</b> <c/><d><e>two</e></d></a>";
        assert_eq!(
            drawn(text, &[]),
            [
                "<?xml version=\"1.0\"?>",
                "<a>",
                "<b x='1'>one</b>",
                "<c/>",
                "<d>",
                "<e>two</e>",
                "</d>",
                "</a>"
            ]
        );
        assert_eq!(drawn("<a><b>\u{1b}[2J</a", &[]), ["<a>", "<b>\\x1b[2J</a"]);
        assert_eq!(drawn("", &[]), Vec::<String>::new());
    }

    #[test]
    fn a_finding_is_underlined_and_a_secret_is_not_shown() {
        let text = "<a><Name>x</Name><Password>secret</Password></a>";
        let at = text.find("x<").expect("it is there");
        let lines = lines(text.as_bytes(), Masking::default(), &[at]);
        let marked: Vec<&str> = lines
            .iter()
            .flat_map(Line::parts)
            .filter(|part| part.is_marked)
            .map(|part| part.text.as_str())
            .collect();
        assert_eq!(marked, ["x"]);
        assert!(lines.iter().all(|line| !line.holds("secret")));
        assert!(lines.iter().any(|line| line.holds("<masked>")));
    }
}
