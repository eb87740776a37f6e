//! The examples of docs/transcript.md are transcripts, and say what the page says.

use crate::read;

/// The fenced parts of the page.
fn examples() -> Vec<String> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/transcript.md");
    let page = std::fs::read_to_string(page).expect("the page is readable");
    let mut examples = Vec::new();
    let mut parts = page.split("\n```");
    parts.next();
    while let (Some(inside), Some(_)) = (parts.next(), parts.next()) {
        let (_, example) = inside.split_once('\n').unwrap_or_default();
        examples.push(format!("{example}\n"));
    }
    examples
}

#[test]
fn every_example_is_read() {
    let mut read_whole = 0;
    for example in examples() {
        if !example.starts_with(">>") && !example.starts_with("<<") && !example.starts_with('#') {
            continue;
        }
        let text = if example.starts_with("# informant transcript") {
            example
        } else {
            format!("# informant transcript 1\n{example}")
        };
        let analysis = read(&text);
        assert_eq!(analysis.problems, [""; 0], "{text}");
        assert!(analysis.summary.files[0].frames > 0, "{text}");
        read_whole += 1;
    }
    assert!(read_whole >= 6, "{read_whole}");
}

#[test]
fn the_first_example_is_a_session() {
    let examples = examples();
    let analysis = read(&examples[0]);
    assert_eq!(analysis.sessions.len(), 1, "{}", examples[0]);
}
