//! A file of findings that are accepted: read, or refused with the line; what was read is written and read again the same.

use informant::cli::baseline;
use informant::conformance::Accepted;

/// The text of a baseline.
pub fn run(data: &[u8]) {
    let Ok(text) = String::from_utf8(data.to_vec()) else {
        return;
    };
    let lines = text.split('\n').count();
    let entries = match baseline::of_text(text.clone()) {
        Ok(file) => file.entries,
        Err((line, what)) => {
            assert!((1..=lines).contains(&line), "line {line} of {lines}");
            // Whoever prints it escapes it.
            assert!(what.len() <= MESSAGE_BYTES_MAX, "{what:?}");
            return;
        }
    };
    for entry in &entries {
        assert!(entry.count > 0 && entry.rule.contains('-'), "{entry:?}");
    }
    // The day is nothing that a check writes.
    let bare: Vec<Accepted> = entries.iter().cloned().map(without_a_day).collect();
    let again = baseline::of_text(baseline::text_of(&bare)).expect("what was written");
    assert_eq!(again.entries, bare);
    without_some(&text, &entries);
}

fn without_a_day(entry: Accepted) -> Accepted {
    Accepted {
        expires: None,
        ..entry
    }
}

/// Every second entry dropped: the others are left as they were.
fn without_some(text: &str, entries: &[Accepted]) {
    let dropped: Vec<usize> = (0..entries.len()).step_by(2).collect();
    let Some(left) = baseline::without(text.to_owned(), &dropped) else {
        return;
    };
    let left = baseline::of_text(left).expect("what is left of a baseline is one");
    let kept = entries.iter().skip(1).step_by(2);
    assert!(left.entries.iter().eq(kept), "{text}\n{left:?}");
}

/// Bytes of what is wrong: a word of the file may stand in it, cut.
const MESSAGE_BYTES_MAX: usize = 1 << 10;
