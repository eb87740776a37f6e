//! The page about vendor profiles has every fact with its place. `BLESS=1` rewrites its tables.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use informant::model::Access;
use informant::model::profile::{ALL, Fact, File, Listed, Method, Profile, Purpose, Series};

#[test]
fn the_page_has_every_fact() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/profiles.md");
    let page = fs::read_to_string(&path).expect("the page is there");
    let mut fresh = page.clone();
    for profile in ALL {
        let begin = format!("<!-- facts of {} -->\n", profile.name);
        let end = format!("<!-- end of facts of {} -->", profile.name);
        let from = fresh.find(&begin).expect("the page has a place for it") + begin.len();
        let to = fresh.find(&end).expect("the place has an end");
        fresh.replace_range(from..to, &format!("\n{}\n", table(profile)));
    }
    if std::env::var_os("BLESS").is_some_and(|value| value != "0" && !value.is_empty()) {
        fs::write(&path, &fresh).expect("the page is writable");
        return;
    }
    assert!(
        fresh == page,
        "docs/profiles.md is stale: BLESS=1 rewrites it"
    );
}

/// Facts of the documents themselves, read apart from the tables.
#[test]
fn what_documents_say_stands_in_the_profiles() {
    let named = |name: &str| Profile::named(name).expect("a profile has this name");
    let name_of = |name: &str, of: Purpose| {
        let settings = named(name).settings_of(of);
        settings.map(|setting| setting.name).collect::<Vec<_>>()
    };
    assert_eq!(
        name_of("yealink", Purpose::PeriodicInformInterval),
        ["managementserver.periodic_inform_interval"]
    );
    assert_eq!(name_of("snom", Purpose::AcsUrl), ["tr69_acs_url"]);
    assert_eq!(name_of("aastra", Purpose::AcsUrl), ["tr69 server"]);
    let grandstream = named("grandstream");
    let supported = |name: &str| grandstream.method(name).map(|fact| fact.is.supported);
    assert_eq!(supported("Upload"), Some(true));
    assert_eq!(supported("GetAttributeValues"), Some(true));
    assert_eq!(supported("GetQueuedTransfers"), Some(false));
    assert_eq!(supported("ChangeDUState"), None);
    assert!(!named("access-point").methods.whole);
    assert!(named("access-point").method("Download").is_none());
    assert_eq!(named("snom").udp_requests.map(|fact| fact.is), Some(false));
    let aastra = named("aastra").downloads.facts.first();
    assert_eq!(
        aastra.map(|file| file.is.printed),
        Some("1Firmware Upgrade Image")
    );
}

/// What the seeds hold in the vendors' words: a name that a profile has stands in the document.
#[test]
fn names_stand_in_the_documents() {
    let Some(folder) = crate::support::shared("seeds") else {
        return;
    };
    for (name, file) in [
        ("yealink", "000_806af7eb8cdc7c50.txt"),
        ("grandstream", "001_d7b56ad61ca9affd.txt"),
        ("snom", "002_d87e5608a750cfb3.txt"),
        ("access-point", "003_fbe27a40220edc56.txt"),
        ("aastra", "004_09a6af96a831eb3b.txt"),
    ] {
        let text = fs::read_to_string(folder.join(file)).expect("the document is there");
        let text = squeezed(&text);
        let profile = Profile::named(name).expect("a profile has this name");
        let settings = profile.settings.iter().map(|fact| fact.is.name);
        let methods = profile.methods.facts.iter().filter(|fact| {
            // Aastra's table of methods is cut, and the introduction has words for some.
            let described = ["SetParameterValues", "GetParameterValues", "FactoryReset"];
            let in_words = profile.name == "aastra" && described.contains(&fact.is.name);
            !in_words && fact.is.also.is_empty()
        });
        let methods = methods.map(|fact| fact.is.name);
        let also = profile.methods.facts.iter().flat_map(|fact| fact.is.also);
        let files = profile.downloads.facts.iter().chain(profile.uploads.facts);
        let files = files.map(|fact| fact.is.printed);
        let parameters = profile.parameters.iter().map(|fact| fact.is.path);
        let all = settings
            .chain(methods)
            .chain(also.copied())
            .chain(files)
            .chain(parameters);
        for word in all.filter(|word| !word.is_empty()) {
            let word = word.split(" in the ").next().unwrap_or_default();
            // Of Aastra's list of parameters the beginnings of pages are cut.
            let cut = ["Device.ManagementServer.", "Device.Services."];
            let mut cut = cut.iter().filter(|_| name == "aastra");
            let word = cut
                .find_map(|object| word.strip_prefix(object))
                .unwrap_or(word);
            let stands = text.contains(&squeezed(word));
            assert!(stands, "{name}: the document lacks {word}");
        }
    }
}

/// Letters and digits alone, in lower case: the documents' own text is torn by line breaks and lost full stops.
fn squeezed(text: &str) -> String {
    let text = text.chars().filter(char::is_ascii_alphanumeric);
    // `{i}` stands as `i` in the documents.
    text.map(|character| character.to_ascii_lowercase())
        .collect()
}

fn table(profile: &Profile) -> String {
    let mut out = "| | the document says | where |\n| --- | --- | --- |\n".to_owned();
    let mut row = |what: &str, says: &str, at: &str| {
        let _ = writeln!(out, "| {what} | {says} | {at} |");
    };
    if !profile.series.is_empty() {
        let series: Vec<String> = profile.series.iter().map(told).collect();
        row("ProductClass begins with", &series.join(", "), "");
    }
    joined(
        "standards",
        profile.standards,
        ToString::to_string,
        &mut row,
    );
    let root = profile.root.as_slice();
    joined("root object", root, |root| format!("`{root}`"), &mut row);
    joined(
        "DeviceSummary",
        profile.summary,
        |one| format!("`{one}`"),
        &mut row,
    );
    let methods = profile.methods.facts.iter();
    let (has, lacks): (Vec<_>, Vec<_>) = methods.partition(|fact| fact.is.supported);
    for (what, facts) in [("methods", has), ("methods that are missing", lacks)] {
        let names = facts.iter().map(|fact: &&Fact<Method>| {
            let also = fact.is.also.iter().map(|name| format!("`{name}`"));
            let also: Vec<String> = also.collect();
            let called = match also.as_slice() {
                [] => String::new(),
                names => format!(" (also {})", names.join(", ")),
            };
            Fact {
                is: format!("`{}`{called}", fact.is.name),
                at: fact.at,
            }
        });
        let names: Vec<Fact<String>> = names.collect();
        joined(what, &names, Clone::clone, &mut row);
    }
    joined("calls", profile.calls, |one| format!("`{one}`"), &mut row);
    joined("events", profile.events, |one| format!("`{one}`"), &mut row);
    files("Download", &profile.downloads, &mut row);
    files("Upload", &profile.uploads, &mut row);
    let schemes = profile.upload_schemes.facts;
    joined("Upload goes by", schemes, ToString::to_string, &mut row);
    let parameters = profile.parameters;
    joined(
        "parameters",
        parameters,
        |one| {
            let access = match one.access {
                Access::ReadOnly => "read-only",
                _ => "can be set",
            };
            let kind = match one.kind {
                "" => String::new(),
                kind => format!(" and of type {kind}"),
            };
            format!("`{}` {access}{kind}", one.path)
        },
        &mut row,
    );
    joined(
        "settings",
        profile.settings,
        |one| {
            let default = match one.default {
                "" => String::new(),
                default => format!(" ({default} unless set)"),
            };
            format!("`{}`{default}", one.name)
        },
        &mut row,
    );
    let yes = |is: &bool| if *is { "yes" } else { "no" }.to_owned();
    let gateway = profile.gateway.as_slice();
    joined("gateway by DHCP (TR-111 part I)", gateway, yes, &mut row);
    let udp = profile.udp_requests.as_slice();
    joined(
        "UDP Connection Requests (TR-111 part II)",
        udp,
        yes,
        &mut row,
    );
    joined("ways", profile.ways, |way| way.words().to_owned(), &mut row);
    out
}

fn told(series: &Series) -> String {
    let product = series.product.to_ascii_uppercase().replace('#', "x");
    let Some(firmware) = series.firmware else {
        return format!("{product} (any firmware)");
    };
    let numbers: Vec<String> = firmware.least.iter().map(ToString::to_string).collect();
    let before = "x.".repeat(firmware.behind);
    format!("{product} ({before}{} or later)", numbers.join("."))
}

fn files(method: &str, files: &Listed<File>, row: &mut impl FnMut(&str, &str, &str)) {
    let what = if files.whole {
        format!("files of {method}, no others")
    } else {
        format!("files of {method}")
    };
    joined(
        &what,
        files.facts,
        |file| match file.printed {
            "" => file.kind.words().to_owned(),
            printed => format!("{} (`{printed}`)", file.kind.words()),
        },
        row,
    );
}

/// A row for each place.
fn joined<T>(
    what: &str,
    facts: &[Fact<T>],
    says: impl Fn(&T) -> String,
    row: &mut impl FnMut(&str, &str, &str),
) {
    let mut places: Vec<&str> = facts.iter().map(|fact| fact.at).collect();
    places.dedup();
    let mut told: Vec<&str> = Vec::new();
    for at in places {
        if told.contains(&at) {
            continue;
        }
        told.push(at);
        let here = facts.iter().filter(|fact| fact.at == at);
        let here: Vec<String> = here.map(|fact| says(&fact.is)).collect();
        let between = if what == "ways" { "; " } else { ", " };
        row(what, &here.join(between), at);
    }
}
