//! Places in messages, and patterns of them.

/// Whether a pattern means this place of this message, or a place around it.
#[must_use]
pub fn means(pattern: &str, message: &str, place: &str) -> bool {
    without_message(pattern, message)
        .into_iter()
        .chain([pattern])
        .any(|pattern| fits(pattern, place, true))
}

/// Whether a pattern means exactly this place.
pub(super) fn is(pattern: &str, message: &str, place: &str) -> bool {
    without_message(pattern, message)
        .into_iter()
        .chain([pattern])
        .any(|pattern| fits(pattern, place, false))
}

/// `CurrentTime` of `Inform.CurrentTime`, in an Inform.
fn without_message<'p>(pattern: &'p str, message: &str) -> Option<&'p str> {
    pattern.strip_prefix(message)?.strip_prefix('.')
}

/// `*` is anything but `/`. Only the last `*` need be tried again: one before it either stands in the same segment, where
/// the shortest text is as good as any, or has a segment of its own.
fn fits(pattern: &str, place: &str, or_around: bool) -> bool {
    let (pattern, place) = (pattern.as_bytes(), place.as_bytes());
    let (mut p, mut t) = (0_usize, 0_usize);
    let mut star: Option<(usize, usize)> = None;
    loop {
        let next = place.get(t);
        match pattern.get(p) {
            None if next.is_none() || (or_around && next == Some(&b'/')) => return true,
            Some(b'*') => {
                p += 1;
                star = Some((p, t));
                continue;
            }
            Some(wanted) if Some(wanted) == next => {
                p += 1;
                t += 1;
                continue;
            }
            _ => {}
        }
        let Some((behind, begun)) = star else {
            return false;
        };
        if place.get(begun).is_none_or(|byte| *byte == b'/') {
            return false;
        }
        (p, t) = (behind, begun + 1);
        star = Some((behind, begun + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::{is, means};

    #[test]
    fn a_star_stays_in_its_segment() {
        let place = "ParameterList/Device.UpTime.X.UpTime/Value";
        assert!(means("ParameterList/*.UpTime", "Inform", place));
        assert!(means("Inform.ParameterList/*.UpTime", "Inform", place));
        assert!(!means("Inform.ParameterList/*.UpTime", "Reboot", place));
        assert!(!is("ParameterList/*.UpTime", "Inform", place));
        assert!(is("ParameterList/*.UpTime/*", "Inform", place));
        assert!(!means("*.UpTime", "Inform", place));
        assert!(means("*", "Inform", place));
        assert!(!means("ParameterList/Device.Up", "Inform", place));
        assert!(means("Event/*/EventCode", "Inform", "Event/12/EventCode"));
        assert!(means("Inform.CurrentTime", "Inform", "CurrentTime"));
        assert!(!means("", "Inform", "CurrentTime"));
    }

    #[test]
    fn many_stars_take_no_long_time() {
        let place = "a".repeat(50_000);
        assert!(!is(&format!("{}b", "*a".repeat(50)), "", &place));
    }
}
