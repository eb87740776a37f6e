//! Text that was written with colours, read back as inked parts: what is drawn on a screen is what the text forms write.

use super::Ink;

/// The lines of a text that [`Line::write`](super::Line::write) wrote in colour, in parts. What another escape
/// sequence leads to is left out up to the next `m`.
#[must_use]
pub fn inked(text: &str) -> Vec<Vec<(Ink, &str)>> {
    text.lines().map(parts).collect()
}

fn parts(line: &str) -> Vec<(Ink, &str)> {
    let mut parts = Vec::new();
    let mut ink = Ink::Plain;
    let mut rest = line;
    while let Some((before, behind)) = rest.split_once('\x1b') {
        parts.push((ink, before));
        let end = behind.find('m').map_or(behind.len(), |at| at + 1);
        let (sequence, next) = behind.split_at(end);
        ink = of(sequence);
        rest = next;
    }
    parts.push((ink, rest));
    parts.retain(|(_, text)| !text.is_empty());
    parts
}

fn of(sequence: &str) -> Ink {
    let known = INKS.into_iter().find(|ink| {
        let written = ink.sequence().strip_prefix('\x1b');
        written == Some(sequence)
    });
    known.unwrap_or_default()
}

const INKS: [Ink; 7] = [
    Ink::Dim,
    Ink::Bold,
    Ink::Cpe,
    Ink::Acs,
    Ink::Fault,
    Ink::Good,
    Ink::Warning,
];

#[cfg(test)]
mod tests {
    use super::inked;
    use crate::report::paint::{Ink, Line, Look};

    #[test]
    fn what_was_written_is_read_back() {
        let look = Look {
            width: 80,
            colour: true,
            unicode: true,
        };
        let mut out = String::new();
        let mut line = Line::of(Ink::Cpe, "cpe");
        line.push(Ink::Plain, " says ").push(Ink::Fault, "9005");
        line.write(look, &mut out);
        Line::new().write(look, &mut out);
        let lines = inked(&out);
        assert_eq!(
            lines,
            [
                vec![
                    (Ink::Cpe, "cpe"),
                    (Ink::Plain, " says "),
                    (Ink::Fault, "9005")
                ],
                vec![]
            ]
        );
        assert_eq!(inked("a\x1b[2Jb\x1b"), [vec![(Ink::Plain, "a")]]);
    }
}
