//! Wireshark display filters that show frames.

use crate::source::FrameId;

/// A display filter for frames of one file: those of the first one's.
#[must_use]
pub(super) fn filter(frames: &[FrameId]) -> Option<String> {
    let file = frames.first()?.file();
    let numbers = frames.iter().filter(|frame| frame.file() == file);
    let runs = runs(numbers.map(|frame| frame.number()));
    let (first, last) = (runs.first()?.0, runs.last()?.1);
    if runs.len() > RUNS_MAX {
        return Some(run((first, last)));
    }
    let terms: Vec<String> = runs.into_iter().map(run).collect();
    Some(terms.join(" || "))
}

/// Numbers that follow each other as first and last.
fn runs(numbers: impl Iterator<Item = u64>) -> Vec<(u64, u64)> {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some((_, last)) if number == *last || number == *last + 1 => *last = number,
            _ => runs.push((number, number)),
        }
    }
    runs
}

/// Comparisons are understood by every version; sets are written differently in old ones.
fn run((first, last): (u64, u64)) -> String {
    if first == last {
        format!("frame.number=={first}")
    } else {
        format!("(frame.number>={first} && frame.number<={last})")
    }
}

/// More would be longer than a line takes; then everything from the first to the last is shown.
const RUNS_MAX: usize = 20;

#[cfg(test)]
mod tests {
    use super::filter;
    use crate::source::FrameId;

    fn frames(numbers: &[u64]) -> Vec<FrameId> {
        numbers
            .iter()
            .map(|number| FrameId::new(0, *number))
            .collect()
    }

    #[test]
    fn one_frame_several_and_many() {
        assert_eq!(filter(&[]), None);
        assert_eq!(filter(&frames(&[9])).as_deref(), Some("frame.number==9"));
        assert_eq!(
            filter(&frames(&[9, 12, 13, 14])).as_deref(),
            Some("frame.number==9 || (frame.number>=12 && frame.number<=14)")
        );
        let many: Vec<u64> = (1..100).map(|number| number * 2).collect();
        assert_eq!(
            filter(&frames(&many)).as_deref(),
            Some("(frame.number>=2 && frame.number<=198)")
        );
    }
}
