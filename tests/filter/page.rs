//! `docs/filter.md` lists every name as the table has it; `BLESS=1` rewrites the list.

use std::fmt::Write as _;
use std::path::Path;

use informant::filter::{NAMES, RecordKind};

#[test]
fn the_page_lists_every_name() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/filter.md");
    let page = std::fs::read_to_string(&path).expect("docs/filter.md is there");
    let begin = "<!-- names -->\n";
    let end = "<!-- end of names -->";
    let (before, rest) = page.split_once(begin).expect("the list has a beginning");
    let (_, after) = rest.split_once(end).expect("the list has an end");
    let fresh = format!("{before}{begin}\n{}\n{end}{after}", table());
    if std::env::var_os("BLESS").is_some_and(|value| value != "0" && !value.is_empty()) {
        std::fs::write(&path, fresh).expect("the page is writable");
        return;
    }
    let mut lines = page.lines().zip(fresh.lines());
    let different = lines.find(|(old, new)| old != new);
    assert!(
        page == fresh,
        "docs/filter.md is stale (BLESS=1 rewrites it), first here: {different:?}"
    );
}

fn table() -> String {
    let mut table = "| name | type | records | meaning |\n| --- | --- | --- | --- |\n".to_owned();
    for name in NAMES {
        let kinds: Vec<&str> = name.kinds.iter().map(RecordKind::name).collect();
        let (kinds, holds) = (kinds.join(", "), name.holds.describe());
        let _ = writeln!(
            table,
            "| `{}` | {holds} | {kinds} | {} |",
            name.name, name.meaning
        );
    }
    table
}
