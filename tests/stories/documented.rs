//! docs/devices.md holds what the descriptions say: the table of all stories, and for each vendor its promises and stories.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::devices::vendor::{Plot, Vendor};
use crate::devices::{Story, VENDORS};

#[test]
fn the_page_of_devices_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/devices.md");
    let page = fs::read_to_string(&path).expect("docs/devices.md is there");
    let mut fresh = put(&page, "all stories", &overview());
    for vendor in VENDORS {
        fresh = put(&fresh, &format!("stories of {}", vendor.key), &of(vendor));
    }
    if crate::blesses() {
        fs::write(&path, &fresh).expect("docs/devices.md is writable");
    }
    assert!(
        crate::blesses() || page == fresh,
        "docs/devices.md is not what tests/support/devices says (`make bless` writes it)"
    );
}

/// The page with this between its markers.
fn put(page: &str, what: &str, text: &str) -> String {
    let begin = format!("<!-- {what} -->\n");
    let end = format!("<!-- end of {what} -->");
    let (before, rest) = page.split_once(&begin).expect(&begin);
    let (_, after) = rest.split_once(&end).expect(&end);
    format!("{before}{begin}\n{text}\n{end}{after}")
}

/// The table vendor by story.
fn overview() -> String {
    let names = VENDORS.iter().flat_map(|vendor| vendor.plots);
    let mut seen = BTreeSet::new();
    let names: Vec<&str> = names
        .map(|plot| plot.name)
        .filter(|name| seen.insert(*name))
        .collect();
    let mut text = "| story |".to_owned();
    for vendor in VENDORS {
        write!(text, " {} |", vendor.name).expect("a string takes all");
    }
    write!(text, "\n| --- |{}\n", " --- |".repeat(VENDORS.len())).expect("a string takes all");
    for name in names {
        write!(text, "| {} |", name.replace('-', " ")).expect("a string takes all");
        for vendor in VENDORS {
            let has = vendor.plots.iter().any(|plot| plot.name == name);
            let cell = if has {
                format!("[{key}-{name}](../captures/{key}-{name})", key = vendor.key)
            } else {
                "-".to_owned()
            };
            write!(text, " {cell} |").expect("a string takes all");
        }
        text.push('\n');
    }
    text
}

/// What one vendor's document promises, and its stories.
fn of(vendor: &Vendor) -> String {
    let mut text = "| the document promises | held to it by |\n| --- | --- |\n".to_owned();
    for (promise, held) in vendor.promises {
        writeln!(text, "| {promise} | {held} |").expect("a string takes all");
    }
    text.push_str("\n| story | where the document has it | the broken variant | verdict |\n| --- | --- | --- | --- |\n");
    for plot in vendor.plots {
        let folder = format!("{}-{}", vendor.key, plot.name);
        writeln!(
            text,
            "| [{}](../captures/{folder}) | {} | {} | {} |",
            plot.title,
            plot.place,
            plot.breach.why,
            verdict(plot)
        )
        .expect("a string takes all");
    }
    text
}

fn verdict(plot: &Plot) -> String {
    let found = plot.breach.found.iter();
    let found = found.map(|(code, blame)| {
        let family = code.rsplit_once('-').map_or(*code, |(family, _)| family);
        format!("[{code}](rules/{family}.md) by {blame}")
    });
    found.collect::<Vec<_>>().join(", ")
}

#[test]
fn every_place_of_a_promise_is_told() {
    for vendor in VENDORS {
        assert!(!vendor.promises.is_empty(), "{}", vendor.key);
    }
    let bare = |story: &&Story| story.plot.says.is_empty() || story.plot.place.is_empty();
    let bare: Vec<&str> = crate::all()
        .iter()
        .filter(bare)
        .map(|story| story.folder.as_str())
        .collect();
    assert_eq!(
        bare, [""; 0],
        "these do not say where the document has them"
    );
}
