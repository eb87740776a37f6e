//! Which devices are served: ids, in which `*` and `?` stand for anything and for one character.

/// The devices that the command line names; any where it names none.
#[derive(Debug, Clone, Default)]
pub struct Allowed {
    patterns: Vec<String>,
}

impl Allowed {
    /// These.
    #[must_use]
    pub fn new(patterns: Vec<String>) -> Self {
        Self { patterns }
    }

    /// Is this device served?
    #[must_use]
    pub fn admits(&self, device: &str) -> bool {
        self.patterns.is_empty() || self.patterns.iter().any(|it| fits(it, device))
    }

    /// Does it stand there in full? A pattern names no device: what may destroy one is not sent to whoever fits it.
    #[must_use]
    pub fn names(&self, device: &str) -> bool {
        self.patterns.iter().any(|it| it == device)
    }

    /// The only device that can be meant, where there is one.
    pub(super) fn only(&self) -> Option<&str> {
        match self.patterns.as_slice() {
            [one] if !one.contains(['*', '?']) => Some(one),
            _ => None,
        }
    }
}

/// In time that grows with the product of both lengths at most: only the last star is ever taken back.
fn fits(pattern: &str, device: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), device.as_bytes());
    let (mut at, mut place) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(byte) = text.get(place) {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, place));
                at += 1;
            }
            Some(sign) if sign == byte || *sign == b'?' => {
                at += 1;
                place += 1;
            }
            _ => {
                let Some((star_at, from)) = star else {
                    return false;
                };
                star = Some((star_at, from + 1));
                (at, place) = (star_at + 1, from + 1);
            }
        }
    }
    let rest = pattern.get(at..).unwrap_or_default();
    rest.iter().all(|sign| *sign == b'*')
}

#[cfg(test)]
mod tests {
    use super::Allowed;

    #[test]
    fn a_pattern_admits_and_names_nobody() {
        let of =
            |patterns: &[&str]| Allowed::new(patterns.iter().map(|it| (*it).to_owned()).collect());
        assert!(of(&[]).admits("001565-1"));
        let some = of(&["001565-*-??AB", "000B82-X-1"]);
        assert!(some.admits("001565-T46-12AB") && some.admits("000B82-X-1"));
        assert!(!some.admits("001565-T46-123AB") && !some.admits("000B82-X-11"));
        assert!(some.names("000B82-X-1") && !some.names("001565-T46-12AB"));
        assert!(of(&["*a*b*"]).admits("xaxbx") && !of(&["*a*b"]).admits("xaxbx"));
        assert!(!of(&["*"]).names("*x") && of(&["*"]).admits(""));
        assert_eq!(of(&["001565-1"]).only(), Some("001565-1"));
        assert_eq!(some.only().or(of(&["a*"]).only()), None);
        let stars = "*a".repeat(2000);
        assert!(!of(&[&stars]).admits(&"a".repeat(1999)));
    }
}
