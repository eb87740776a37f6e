//! What the documents say is so: outputs keep to `docs/schemas`, the tables of `docs/output.md` are those of the schemas,
//! the screens in `README.md` are what the binary prints, and links lead somewhere. `BLESS=1` rewrites tables and screens.

#[path = "support/datagrams.rs"]
mod datagrams;
#[path = "docs/replays.rs"]
mod replays;
#[path = "support/schema.rs"]
mod schema;
mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use informant::conformance;
use informant::report::paint::Look;
use informant::report::rulebook::{self, Explained};
use serde_json::{Value, json};
use support::{captures, shared, wire};

/// The story that the screens of the README show.
const DEMO: &str = "bootstrap-with-provisioning";
/// The one in which a phone is not woken.
const ASLEEP: &str = "udp-request-wrong-address";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn blesses() -> bool {
    std::env::var_os("BLESS").is_some_and(|value| value != "0" && !value.is_empty())
}

fn schema_of(name: &str) -> Value {
    let path = root().join("docs/schemas").join(format!("{name}.json"));
    let text = fs::read_to_string(&path).expect("the schema is there");
    serde_json::from_str(&text).expect("a schema is JSON")
}

/// What the binary prints at 80 columns, run inside a folder.
fn informant(folder: &Path, arguments: &[&str]) -> String {
    printed(folder, arguments, 0)
}

/// The same where `check` finds errors in what it is shown.
fn screen(folder: &Path, arguments: &[&str]) -> String {
    let finds = arguments.first() == Some(&"check");
    printed(folder, arguments, i32::from(finds))
}

fn printed(folder: &Path, arguments: &[&str], code: i32) -> String {
    let run = Command::new(env!("CARGO_BIN_EXE_informant"))
        .args(arguments)
        .current_dir(folder)
        .env("COLUMNS", "80")
        .env("NO_COLOR", "1")
        .env("LC_ALL", "C.UTF-8")
        // Secrets of the README's scenario.
        .env_remove("ACS_PASSWORD")
        .env_remove("AUTH_PASSWORD")
        .output()
        .expect("the binary runs");
    let complaints = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(code), "{complaints}");
    String::from_utf8(run.stdout).expect("the output is UTF-8")
}

/// The stories, and the peers' recordings where they are at hand.
fn inputs() -> Vec<PathBuf> {
    let stories = fs::read_dir(captures()).expect("captures/ is there");
    let stories = stories
        .flatten()
        .filter(|entry| !support::is_told(&entry.path()))
        .map(|entry| entry.path().join("capture.pcapng"));
    let mut inputs: Vec<PathBuf> = stories.filter(|path| path.is_file()).collect();
    assert!(inputs.len() >= 4);
    if let Some(peers) = shared("captures/peers") {
        let peers = fs::read_dir(peers).expect("the recordings are readable");
        let pcap = |path: &PathBuf| {
            path.extension()
                .is_some_and(|extension| extension == "pcap")
        };
        inputs.extend(peers.flatten().map(|entry| entry.path()).filter(pcap));
    }
    inputs
}

#[test]
fn outputs_keep_to_their_schemas() {
    let mut departures = Vec::new();
    let mut seen = std::collections::BTreeMap::new();
    let schemas = SCHEMAS.map(|name| (name, schema_of(name)));
    let mut hold = |name: &str, value: &Value, path: &Path| {
        let (name, schema) = schemas
            .iter()
            .find(|(known, _)| *known == name)
            .unwrap_or_else(|| panic!("a record of {name} has no schema"));
        *seen.entry(*name).or_insert(0) += 1;
        for departure in schema::departures(schema, value) {
            departures.push(format!("{} {name} {departure}", path.display()));
        }
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let every_kind = folder.path().join("datagrams.pcap");
    let frames = datagrams::frames(b"text", "secret");
    fs::write(&every_kind, wire::capture(&frames, 1000)).expect("it is writable");
    for path in inputs().into_iter().chain([every_kind]) {
        let file = path.to_str().expect("paths of the project are UTF-8");
        let run = |arguments: &[&str]| informant(&root(), arguments);
        let parse = |text: &str| serde_json::from_str::<Value>(text).expect("the output is JSON");
        hold(
            "summary",
            &parse(&run(&["summary", file, "-T", "json"])),
            &path,
        );
        for line in run(&["list", file, "-T", "ndjson"]).lines() {
            hold("session", &parse(line), &path);
        }
        // Twice the same file: frames get their files beside them.
        for line in run(&["list", file, file, "-T", "ndjson"]).lines() {
            hold("session", &parse(line), &path);
        }
        let check = ["check", "--fail-on", "never"];
        let lines = run(&[&check[..], &["-T", "ndjson", file]].concat());
        // Twice the same file: frames get their files beside them.
        let of_both = run(&[&check[..], &["-T", "ndjson", file, file]].concat());
        for line in lines.lines().chain(of_both.lines()) {
            hold("finding", &parse(line), &path);
        }
        let document = parse(&run(&[&check[..], &["-T", "json", file]].concat()));
        hold("check", &document, &path);
        for finding in document["findings"].as_array().into_iter().flatten() {
            hold("finding", finding, &path);
        }
        for line in run(&["devices", file, "-T", "ndjson"]).lines() {
            let record = parse(line);
            hold("device", &record, &path);
            let id = record["device"].as_str().unwrap_or_default();
            let story = run(&["devices", "-r", file, "-r", file, id, "-T", "ndjson", "-q"]);
            hold("device", &parse(&story), &path);
        }
        let messages = run(&["messages", file, "-T", "ndjson"]);
        let of_both = run(&["messages", file, file, "-T", "ndjson", "-Y", OF_DATAGRAMS]);
        for line in messages.lines().chain(of_both.lines()) {
            let record = parse(line);
            let protocol = record["protocol"].as_str().unwrap_or_default();
            let name = format!("{}-message", protocol.replace('_', "-"));
            hold(&name, &record, &path);
        }
    }
    let of_replays = replays::records().into_iter().chain(replays::compared());
    for (name, record) in of_replays.chain(replays::answers()) {
        hold(name, &record, &root());
    }
    let rules = informant(&root(), &["rules", "-T", "json"]);
    let rules: Vec<Value> = serde_json::from_str(&rules).expect("the output is JSON");
    rules.iter().for_each(|rule| hold("rule", rule, &root()));
    assert!(departures.is_empty(), "{}", departures.join("\n"));
    for name in SCHEMAS {
        assert!(seen.contains_key(name), "no output was held against {name}");
    }
}

#[test]
fn the_schema_check_finds_what_is_wrong() {
    let session = schema_of("session");
    let text = informant(
        &captures().join(DEMO),
        &["list", "capture.pcapng", "-T", "ndjson"],
    );
    let right: Value = text
        .lines()
        .next()
        .and_then(|line| serde_json::from_str(line).ok())
        .expect("a session");
    assert_eq!(schema::departures(&session, &right), [""; 0]);
    let wrongs: [(&str, Value); 8] = [
        ("/session", json!(0)),
        ("/session", json!("1")),
        ("/start", json!("yesterday")),
        ("/outcome", json!("fine")),
        ("/acs/port", json!(70_000)),
        ("/rpcs/0/request_frames/0", json!(0)),
        ("/cpe", json!({})),
        ("/rpcs/0", json!({"methods": 1})),
    ];
    for (pointer, value) in wrongs {
        let mut wrong = right.clone();
        *wrong.pointer_mut(pointer).expect("it is there") = value.clone();
        assert_ne!(
            schema::departures(&session, &wrong),
            [""; 0],
            "{pointer} {value}"
        );
    }
}

#[test]
fn the_tables_of_the_output_page_are_fresh() {
    let path = root().join("docs/output.md");
    let page = fs::read_to_string(&path).expect("docs/output.md is there");
    let mut fresh = page.clone();
    for name in SCHEMAS.into_iter().chain(HELD_ELSEWHERE) {
        fresh = between(
            &fresh,
            &format!("keys of {name}"),
            &table_of_keys(&schema_of(name)),
        );
    }
    for dissector in ["http1", "cwmp", "stun", "dhcp", "tls"] {
        fresh = between(
            &fresh,
            &format!("anomalies of {dissector}"),
            &table_of_anomalies(dissector),
        );
    }
    rewrite_or_compare(&path, &page, &fresh);
}

/// The page with the text between two marks replaced.
fn between(page: &str, mark: &str, text: &str) -> String {
    let (begin, end) = (
        format!("<!-- {mark} -->\n"),
        format!("<!-- end of {mark} -->"),
    );
    let (before, rest) = page
        .split_once(&begin)
        .unwrap_or_else(|| panic!("no mark {mark}"));
    let (_, after) = rest
        .split_once(&end)
        .unwrap_or_else(|| panic!("no end of {mark}"));
    format!("{before}{begin}\n{text}\n{end}{after}")
}

fn table_of_keys(schema: &Value) -> String {
    let mut table = "| key | type | meaning |\n| --- | --- | --- |\n".to_owned();
    rows(schema, "", &mut table);
    if let Some(definitions) = schema["$defs"].as_object() {
        for (name, definition) in definitions {
            rows(definition, &format!("*{name}*."), &mut table);
        }
    }
    table
}

fn rows(schema: &Value, before: &str, table: &mut String) {
    let Some(properties) = schema["properties"].as_object() else {
        return;
    };
    // The required keys are listed in the order in which they are written.
    let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
    let required: Vec<&str> = required.iter().filter_map(Value::as_str).collect();
    let others = properties.keys().map(String::as_str);
    let others = others.filter(|key| !required.contains(key));
    for key in required.iter().copied().chain(others) {
        let member = &properties[key];
        let (inner, list) = match &member["items"] {
            Value::Null => (member, ""),
            items => (items, "[]"),
        };
        let kind = kind_of(member);
        let meaning = member["description"].as_str().unwrap_or("always this");
        let optional = if required.contains(&key) {
            ""
        } else {
            " (not always there)"
        };
        let _ = writeln!(table, "| {before}`{key}` | {kind} | {meaning}{optional} |");
        rows(inner, &format!("{before}`{key}`{list}."), table);
    }
}

fn kind_of(schema: &Value) -> String {
    if let Some(name) = schema["$ref"]
        .as_str()
        .and_then(|name| name.rsplit('/').next())
    {
        return format!("*{name}*");
    }
    if !schema["const"].is_null() {
        return format!("`{}`", schema["const"].to_string().trim_matches('"'));
    }
    if let Some(values) = schema["enum"].as_array() {
        let word = |value: &Value| {
            value
                .as_str()
                .map_or("null".to_owned(), |word| format!("`{word}`"))
        };
        return values.iter().map(word).collect::<Vec<_>>().join(", ");
    }
    let names: Vec<&str> = match &schema["type"] {
        Value::String(name) => vec![name],
        names => names
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect(),
    };
    let kinds = names.iter().map(|name| match *name {
        "array" => format!("list of {}", kind_of(&schema["items"])),
        "object" if schema["additionalProperties"].is_object() => {
            let kind = schema["additionalProperties"]["type"].as_str();
            format!("object of {}s by name", kind.unwrap_or_default())
        }
        name => name.to_owned(),
    });
    kinds.collect::<Vec<_>>().join(" or ")
}

/// The kinds as the dissector's source lists them: a doc comment, then `Variant = "name",`.
fn table_of_anomalies(dissector: &str) -> String {
    let path = root()
        .join("dissectors")
        .join(dissector)
        .join("src/anomaly.rs");
    let source = fs::read_to_string(path).expect("the list of anomalies is there");
    let mut table = "| kind | meaning |\n| --- | --- |\n".to_owned();
    let mut meaning = String::new();
    for line in source.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix("/// ") {
            let gap = if meaning.is_empty() { "" } else { " " };
            let _ = write!(meaning, "{gap}{text}");
            continue;
        }
        let name = line
            .split_once(" = \"")
            .and_then(|(_, rest)| rest.strip_suffix("\","));
        if let Some(name) = name {
            let _ = writeln!(table, "| `{name}` | {} |", meaning.trim_end_matches('.'));
        }
        meaning.clear();
    }
    assert!(
        table.lines().count() >= 20,
        "the anomalies of {dissector} were not found"
    );
    table
}

#[test]
fn the_screens_of_the_readme_are_real() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let demo = captures().join(DEMO).join("capture.pcapng");
    fs::copy(demo, folder.path().join("phone.pcapng")).expect("the demo capture is there");
    let asleep = captures().join(ASLEEP).join("capture.pcapng");
    fs::copy(asleep, folder.path().join("asleep.pcapng")).expect("the story's capture is there");
    // The README makes it with this line, whose notes it leaves out.
    let new = "scenario new phone.pcapng --session 1 --as acs -o bootstrap";
    let path = root().join("README.md");
    let page = fs::read_to_string(&path).expect("README.md is there");
    assert!(page.contains(&format!("\ninformant {new}\n")));
    let quiet: Vec<&str> = new.split(' ').chain(["-q"]).collect();
    assert_eq!(printed(folder.path(), &quiet, 0), "");
    let mut fresh = String::new();
    let mut screens = 0;
    let mut wide: Vec<String> = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let _ = writeln!(fresh, "{line}");
        if line != "```console" {
            continue;
        }
        let prompt = lines.next().expect("a command follows");
        let command = prompt
            .strip_prefix("$ informant ")
            .expect("a screen begins with a command");
        let arguments: Vec<&str> = command.split(' ').collect();
        let screen = screen(folder.path(), &arguments);
        wide.extend(
            screen
                .lines()
                .filter(|line| line.chars().count() > 80)
                .map(str::to_owned),
        );
        let _ = write!(fresh, "{prompt}\n{}", screen.trim_end());
        fresh.push_str("\n```\n");
        lines
            .by_ref()
            .find(|line| *line == "```")
            .expect("the screen has an end");
        screens += 1;
    }
    assert!(screens >= 2, "the README shows no screen");
    rewrite_or_compare(&path, &page, &fresh);
    assert!(
        wide.is_empty(),
        "wider than 80 columns:\n{}",
        wide.join("\n")
    );
}

fn rewrite_or_compare(path: &Path, page: &str, fresh: &str) {
    if blesses() {
        fs::write(path, fresh).expect("the page is writable");
        return;
    }
    let different = page
        .lines()
        .zip(fresh.lines())
        .find(|(old, new)| old != new);
    assert!(
        page == fresh,
        "{} is stale (BLESS=1 rewrites it), first here: {different:?}",
        path.display()
    );
}

/// `docs/rules` is what `informant explain` says, a page a family.
#[test]
fn the_pages_of_the_rules_are_fresh() {
    let folder = root().join("docs/rules");
    let mut pages = vec![
        ("README.md".to_owned(), rulebook::index()),
        ("undecidable.md".to_owned(), rulebook::undecidable_page()),
    ];
    for family in rulebook::families() {
        if conformance::rules()
            .iter()
            .any(|rule| rule.family() == family)
        {
            pages.push((format!("{family}.md"), rulebook::family_page(family)));
        }
    }
    if blesses() {
        fs::create_dir_all(&folder).expect("a folder of pages");
    }
    let listed = fs::read_dir(&folder).expect("docs/rules is there (BLESS=1 writes it)");
    for page in listed.flatten() {
        let name = page.file_name().to_string_lossy().into_owned();
        if !pages.iter().any(|(known, _)| *known == name) {
            assert!(
                blesses(),
                "docs/rules/{name} is of no family (BLESS=1 removes it)"
            );
            fs::remove_file(page.path()).expect("a page can be removed");
        }
    }
    for (name, fresh) in &pages {
        let path = folder.join(name);
        let page = fs::read_to_string(&path).unwrap_or_default();
        rewrite_or_compare(&path, &page, fresh);
    }
}

/// Each filter of the rule book is one that Wireshark takes, held by its own parser: all in one expression, and each alone
/// where that fails.
#[test]
fn wireshark_takes_every_filter() {
    if Command::new("tshark").arg("--version").output().is_err() {
        eprintln!("skipped: tshark is absent");
        return;
    }
    let refused = |filter: &str| {
        let run = Command::new("tshark")
            .args(["-n", "-r", "capture.pcapng", "-c", "1", "-Y", filter])
            .current_dir(captures().join(DEMO))
            .output()
            .expect("tshark runs");
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        (!run.status.success()).then_some(said)
    };
    let rules = conformance::rules().iter();
    let with: Vec<_> = rules.filter(|rule| !rule.wireshark.is_empty()).collect();
    assert!(with.len() > 300, "{}", with.len());
    assert!(refused("http.request.methods == 1").is_some());
    let each: Vec<String> = with
        .iter()
        .map(|rule| format!("({})", rule.wireshark))
        .collect();
    if refused(&each.join(" || ")).is_some() {
        let wrong = with
            .iter()
            .filter_map(|rule| Some(format!("{}: {}", rule.code, refused(rule.wireshark)?)));
        let wrong: Vec<String> = wrong.collect();
        panic!("{}", wrong.join("\n"));
    }
}

#[test]
fn pages_fit_a_terminal_and_say_a_place_once() {
    let look = Look {
        width: 80,
        colour: false,
        unicode: true,
    };
    let mut wrong = Vec::new();
    for rule in conformance::rules() {
        let page = Explained::Rule(rule).page(look);
        let wide = page.lines().filter(|line| line.chars().count() > 80);
        wrong.extend(wide.map(|line| format!("{}: {line}", rule.code)));
        let lower = page.to_lowercase();
        for place in ["acs", "gateway", "stun server", "dhcp server"] {
            if lower.contains(&format!("on the {place}: on the ")) {
                wrong.push(format!("{}: on the {place}, twice", rule.code));
            }
        }
        if rule.guards.is_empty() && (rule.bad == rule.good || rule.bad.is_empty()) {
            wrong.push(format!("{}: its examples do not differ", rule.code));
        }
        if rule.guards.is_empty() && rule.mend_cpe.is_empty() && rule.mend_acs.is_empty() {
            wrong.push(format!("{}: nothing to change", rule.code));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn links_lead_somewhere() {
    let mut dead = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).expect("a page is readable");
        let folder = page.parent().expect("a page lies in a folder");
        // Every other part stands in a code block, where nothing is a link: `Device:1.0[](Baseline:1)`.
        let prose: Vec<&str> = text.split("\n```").step_by(2).collect();
        for target in prose
            .join("\n")
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let target = target.split('#').next().unwrap_or_default();
            let outside = target.starts_with("https://") || target.is_empty();
            if !outside && !folder.join(target).exists() {
                dead.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(dead.is_empty(), "{}", dead.join("\n"));
}

/// The README, the pages under docs/ and the notes of the stories.
fn pages() -> Vec<PathBuf> {
    let listed = |folder: &str| {
        fs::read_dir(root().join(folder))
            .expect("a folder of pages")
            .flatten()
    };
    let mut pages = vec![root().join("README.md")];
    pages.extend(
        listed("docs")
            .chain(listed("docs/rules"))
            .map(|entry| entry.path())
            .filter(|path| path.is_file()),
    );
    pages.extend(
        listed("captures")
            .map(|entry| entry.path().join("NOTES.md"))
            .filter(|path| path.is_file()),
    );
    assert!(pages.len() > 8);
    pages
}

#[test]
fn the_architecture_page_is_short() {
    let page = fs::read_to_string(root().join("docs/architecture.md")).expect("it is there");
    assert!(page.lines().count() < 150);
    let last = page.rsplit("\n## ").next().unwrap_or_default();
    assert!(
        last.starts_with("Deliberately absent"),
        "it ends with what is absent"
    );
}

const OF_DATAGRAMS: &str =
    "protocol in {stun, udp_connection_request, lightweight_notification, dhcp}";

const SCHEMAS: [&str; 21] = [
    "summary",
    "session",
    "device",
    "http-message",
    "cwmp-message",
    "transfer-message",
    "stun-message",
    "udp-connection-request-message",
    "lightweight-notification-message",
    "dhcp-message",
    "tls-message",
    "finding",
    "check",
    "rule",
    "difference",
    "diff",
    "replay-step",
    "replay",
    "replay-run",
    "replay-outcome",
    "answer",
];

/// Outputs are held against these in `tests/live.rs` and `tests/scenario.rs`.
const HELD_ELSEWHERE: [&str; 3] = ["statistics", "scenario-lint", "scenario-show"];
