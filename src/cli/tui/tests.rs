//! The screens over the stories of `captures/`, as text under `tests/tui/`; `BLESS=1` rewrites them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use clap::Parser as _;

use super::desk::{Desk, Wanted};
use super::opened::open;
use super::shared::Shared;
use crate::cli::arguments::{Arguments, Command, Writing};
use crate::report::escape::is_unsafe;
use crate::tui::terminal::{Event, Key};
use crate::tui::tests::{drawn, rows_painted, with_sessions};
use crate::tui::{App, Deed, Opening};

/// What stands behind a screen in `tests/tui/`: its name, the story, columns and rows, and the keys that lead to it.
type Scene = (&'static str, &'static str, (u16, u16), &'static str);

#[cfg(feature = "live")]
mod heard;

const SMALL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (120, 40);

const SCENES: [Scene; 25] = [
    (README[0], "bootstrap-with-provisioning", (80, 8), ""),
    (
        README[1],
        "bootstrap-with-provisioning",
        (80, 18),
        "enter j j j",
    ),
    ("list-80", "bootstrap-with-provisioning", SMALL, ""),
    (
        "list-120",
        "bootstrap-with-provisioning",
        LARGE,
        "space j space",
    ),
    (
        "columns-80",
        "bootstrap-with-provisioning",
        SMALL,
        "F10 4 7",
    ),
    ("ladder-80", "fault", SMALL, "enter"),
    ("ladder-120", "fault", LARGE, "enter j j j"),
    ("ladder-finding-80", "fault", SMALL, "enter j j j j j j j"),
    ("message-tree-80", "fault", SMALL, "enter j j j j enter"),
    ("message-xml-80", "fault", SMALL, "enter j j j j enter tab"),
    ("message-xml-120", "fault", LARGE, "enter j j j j enter tab"),
    ("message-sent-80", "fault", SMALL, "enter j j j j enter F6"),
    ("message-next-80", "fault", SMALL, "enter j j j j enter ]"),
    ("messages-80", "refused-by-the-acs", SMALL, "F6"),
    ("findings-80", "fault", SMALL, "F8"),
    ("rule-80", "fault", SMALL, "F8 enter"),
    ("findings-place-80", "fault", SMALL, "F8 j enter"),
    ("story-80", "udp-request-works", SMALL, "x"),
    ("ladder-udp-80", "udp-request-works", SMALL, "enter"),
    (
        "difference-120",
        "bootstrap-with-provisioning",
        LARGE,
        "space space d",
    ),
    ("help-80", "fault", SMALL, "F1"),
    ("filter-offers-80", "fault", SMALL, "F7 o u t c tab tab"),
    ("filter-flaw-80", "fault", SMALL, "F7 r p c = tab = enter"),
    ("filter-none-80", "fault", SMALL, "F7 g a p s enter"),
    ("save-80", "fault", SMALL, "F2"),
];

/// The screens over a capture, with everything behind them.
struct Stage {
    app: App,
    shared: Arc<Shared>,
    desk: Desk,
    arriving: Receiver<Event>,
}

/// What the arguments ask for.
fn shared(capture: &Path, options: &[&str]) -> Shared {
    let words = ["informant", "tui"].iter().map(PathBuf::from);
    let options = options.iter().map(PathBuf::from);
    let words = words.chain(options).chain([capture.to_path_buf()]);
    let parsed = Arguments::try_parse_from(words).expect("the arguments are right");
    let Some(Command::Tui(arguments)) = parsed.command else {
        panic!("another command was meant");
    };
    let writing = Writing {
        output: None,
        color: arguments.color,
        show_secrets: arguments.show_secrets,
        quiet: true,
    };
    let mut shared = Shared::new(&arguments, arguments.files.paths(), writing, None);
    shared.show_unicode();
    shared
}

impl Stage {
    fn open(capture: &Path, size: (u16, u16), options: &[&str]) -> Self {
        let (inbox, arriving) = sync_channel(64);
        let shared: Arc<Shared> = shared(capture, options).telling(inbox);
        let desk = Desk::open(&shared);
        let opening = Opening {
            title: "capture.pcapng".to_owned(),
            colour: true,
            unicode: true,
            size,
            is_live: false,
        };
        desk.load();
        let mut stage = Self {
            app: App::new(opening),
            shared,
            desk,
            arriving,
        };
        stage.settle();
        stage
    }

    /// Takes news until none is to come.
    fn settle(&mut self) {
        while !self.app.is_at_rest() {
            match self.arriving.recv_timeout(PATIENCE) {
                Ok(Event::News(news)) => self.app.news(news, &mut self.desk),
                other => panic!("the screens wait for news, and get {other:?}"),
            }
        }
    }

    /// Saves in this form, under this name.
    fn save(&mut self, form: char, path: &Path) {
        self.strike("F2");
        self.app.key(Key::Char(form), &mut self.desk);
        self.app.key(Key::Ctrl('u'), &mut self.desk);
        self.app.paste(&path.to_string_lossy(), &mut self.desk);
        self.strike("enter");
    }

    fn strike(&mut self, keys: &str) {
        for word in keys.split_whitespace() {
            self.app.key(key(word), &mut self.desk);
            self.settle();
        }
    }
}

fn key(word: &str) -> Key {
    let mut characters = word.chars();
    match (word, characters.next(), characters.as_str()) {
        ("enter", ..) => Key::Enter,
        ("tab", ..) => Key::Tab,
        ("esc", ..) => Key::Escape,
        ("space", ..) => Key::Char(' '),
        (_, Some(character), "") => Key::Char(character),
        (_, Some('F'), number) => {
            Key::Function(number.parse().expect("a function key has a number"))
        }
        (_, _, _) => panic!("{word} is no key"),
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn story(name: &str) -> PathBuf {
    root().join("captures").join(name).join("capture.pcapng")
}

#[test]
fn screens_are_as_they_were() {
    let blesses = std::env::var_os("BLESS").is_some_and(|value| value != "0" && !value.is_empty());
    let mut differ = Vec::new();
    for (name, capture, size, keys) in SCENES {
        let mut stage = Stage::open(&story(capture), size, &[]);
        stage.strike(keys);
        let screen = drawn(&stage.app);
        let file = root().join("tests/tui").join(format!("{name}.txt"));
        if blesses {
            std::fs::write(&file, &screen).expect("the expectation is writable");
        }
        let expected = std::fs::read_to_string(&file).unwrap_or_default();
        if expected != screen {
            differ.push(format!("{name}:\n{screen}"));
        }
    }
    assert!(
        differ.is_empty(),
        "BLESS=1 rewrites tests/tui:\n{}",
        differ.join("\n")
    );
}

#[test]
fn every_page_of_every_story_can_be_walked_through() {
    let stories = std::fs::read_dir(root().join("captures")).expect("captures are there");
    let mut walked = 0;
    for entry in stories.flatten() {
        let capture = entry.path().join("capture.pcapng");
        if !capture.is_file() {
            continue;
        }
        let mut stage = Stage::open(&capture, SMALL, &[]);
        for keys in [
            "F6 G esc",
            "enter enter tab tab ] ] esc esc",
            "x esc",
            "F8 G enter esc esc",
        ] {
            stage.strike(keys);
            let screen = drawn(&stage.app);
            assert!(
                !screen.chars().any(|one| is_unsafe(one) && one != '\n'),
                "{screen}"
            );
        }
        walked += 1;
    }
    assert!(walked > 20, "{walked}");
}

#[test]
fn a_session_is_the_same_without_what_comes_before_it() {
    let capture = story("bootstrap-with-provisioning");
    let stage = Stage::open(&capture, SMALL, &[]);
    let whole = shared(&capture, &[]);
    let read = |shared: &Shared, session: u32| {
        let opened = open(shared, &Wanted::always(), session).expect("there is such a session");
        let frames: Vec<_> = opened
            .messages()
            .map(|one| one.provenance.frames())
            .collect();
        (opened.session.number, opened.session.device.clone(), frames)
    };
    let place = stage.shared.index.place(3).expect("it stands alone");
    let first = stage.shared.index.place(1).expect("it stands alone");
    assert!(place.passages().gt(first.passages()) && place != first);
    for session in 1..=3 {
        assert_eq!(read(&stage.shared, session), read(&whole, session));
    }
    assert!(open(&stage.shared, &Wanted::always(), 4).is_err());
}

#[test]
fn secrets_are_masked_unless_they_are_asked_for() {
    let capture = story("refused-by-the-acs");
    let secret = "response=\"";
    let mut stage = Stage::open(&capture, LARGE, &[]);
    let mut open = Stage::open(&capture, LARGE, &["--show-secrets"]);
    let mut seen = (String::new(), String::new());
    stage.strike("enter enter F6");
    open.strike("enter enter F6");
    for _ in 0..4 {
        seen.0.push_str(&drawn(&stage.app));
        seen.1.push_str(&drawn(&open.app));
        stage.strike("]");
        open.strike("]");
    }
    assert!(seen.0.contains("<masked>") && !seen.1.contains("<masked>"));
    assert!(
        !seen.0.contains(secret) || seen.0.contains("response=\"<masked>"),
        "{}",
        seen.0
    );
}

#[test]
fn what_is_saved_is_read_back() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let capture = story("fault");
    let mut stage = Stage::open(&capture, SMALL, &[]);
    for (form, name) in [('p', "one.pcapng"), ('t', "one.transcript")] {
        let path = folder.path().join(name);
        stage.save(form, &path);
        assert!(path.is_file(), "{}", drawn(&stage.app));
        let mut again = Stage::open(&path, SMALL, &["--check=never"][..0]);
        let screen = drawn(&again.app);
        assert!(
            screen.contains("1 session") && screen.contains("faulted"),
            "{screen}"
        );
        again.strike("enter");
        assert!(
            drawn(&again.app).contains("20 messages"),
            "{}",
            drawn(&again.app)
        );
        // The same name again is asked about.
        stage.save(form, &path);
        assert!(
            drawn(&stage.app).contains("replace it?"),
            "{}",
            drawn(&stage.app)
        );
        stage.strike("esc");
    }
    let scenario = folder.path().join("scenario");
    stage.save('a', &scenario);
    assert!(scenario.is_dir(), "{}", drawn(&stage.app));
}

#[test]
fn a_value_its_path_and_a_filter_for_it_are_copied() {
    let path = "InternetGatewayDevice.DeviceSummary";
    let mut stage = Stage::open(&story("fault"), SMALL, &[]);
    stage.strike("enter j j j j enter");
    for form in ["tree", "XML"] {
        stage.strike("g /");
        stage.app.paste(path, &mut stage.desk);
        stage.strike("enter");
        for (letter, text) in [
            ('v', "myDeviceSummary".to_owned()),
            ('p', path.to_owned()),
            ('f', format!("parameter == \"{path}\"")),
        ] {
            stage.strike("y");
            let deed = stage.app.key(Key::Char(letter), &mut stage.desk);
            assert_eq!(
                deed,
                Some(Deed::Copy(text)),
                "{form}\n{}",
                drawn(&stage.app)
            );
        }
        stage.strike("tab");
    }
}

/// What `y` and this letter copy.
fn copied(stage: &mut Stage, letter: char) -> Option<String> {
    stage.strike("y");
    match stage.app.key(Key::Char(letter), &mut stage.desk) {
        Some(Deed::Copy(text)) => Some(text),
        _ => None,
    }
}

#[test]
fn what_is_copied_is_whole_and_without_the_frame_around_it() {
    let mut stage = Stage::open(&story("bootstrap-with-provisioning"), SMALL, &[]);
    stage.strike("enter");
    assert_eq!(copied(&mut stage, 'v').as_deref(), Some("Inform"));
    stage.strike("j");
    assert_eq!(copied(&mut stage, 'v').as_deref(), Some("INF-010"));
    stage.strike("j");
    assert_eq!(copied(&mut stage, 'v').as_deref(), Some("401"));
    // A name that goes on below, from either of its lines, and the value below it.
    stage.strike("g enter tab /");
    let path = "Device.Services.VoiceService.1.VoiceProfile.1.Line.1.Status";
    stage.app.paste(path, &mut stage.desk);
    stage.strike("enter");
    for line in ["its beginning", "its end", "its value"] {
        assert_eq!(copied(&mut stage, 'p').as_deref(), Some(path), "{line}");
        assert_eq!(
            copied(&mut stage, 'v').as_deref(),
            Some("Disabled"),
            "{line}"
        );
        stage.strike("j");
    }
    assert_eq!(
        copied(&mut stage, 'v').as_deref(),
        Some("</ParameterValueStruct>")
    );
    stage.strike("/");
    stage.app.paste("ConnectionRequestURL", &mut stage.desk);
    stage.strike("enter j");
    assert_eq!(
        copied(&mut stage, 'v').as_deref(),
        Some("http://192.0.2.46:7547/cr-8e41d06b")
    );
}

#[test]
fn a_filter_selects_what_list_selects() {
    let mut stage = Stage::open(&story("fault"), SMALL, &[]);
    for (expression, shown) in [
        ("fault_code == 9005", "1 session"),
        ("fault_code == 9999", "0 of 1 session"),
        ("findings.error > 0", "1 session"),
        ("parameter ~ /NoSuchThing/", "0 of 1 session"),
    ] {
        stage.strike("F7");
        stage.app.key(Key::Ctrl('u'), &mut stage.desk);
        stage.app.paste(expression, &mut stage.desk);
        stage.strike("enter");
        let screen = drawn(&stage.app);
        assert!(
            screen
                .lines()
                .next()
                .is_some_and(|title| title.ends_with(shown)),
            "{screen}"
        );
    }
}

#[test]
fn a_hundred_thousand_sessions_scroll_and_only_what_is_seen_is_drawn() {
    let (mut app, mut notes) = with_sessions(100_000, LARGE);
    let mut slowest = Duration::ZERO;
    let keys = [
        Key::Char('G'),
        Key::Char('k'),
        Key::Ctrl('u'),
        Key::PageUp,
        Key::Char('g'),
        Key::Char('j'),
        Key::Ctrl('d'),
        Key::PageDown,
        Key::Char(' '),
    ];
    for key in keys.iter().cycle().take(90) {
        let before = Instant::now();
        app.key(*key, &mut notes);
        let rows = rows_painted(&app);
        slowest = slowest.max(before.elapsed());
        assert_eq!(rows, 36, "{key:?}");
    }
    // Unoptimised and beside other tests; what is laid out is what bounds it.
    assert!(slowest < Duration::from_millis(500), "{slowest:?}");
    app.key(Key::End, &mut notes);
    assert!(drawn(&app).contains("00D09E-X3-00100000"));
}

#[test]
fn the_readme_shows_screens_as_they_are() {
    let page = std::fs::read_to_string(root().join("README.md")).expect("the README is there");
    for name in README {
        let file = root().join("tests/tui").join(format!("{name}.txt"));
        let screen = std::fs::read_to_string(file).expect("the expectation is there");
        let screen = screen.split("---\n").next().unwrap_or_default();
        assert!(page.contains(screen), "not in the README:\n{screen}");
    }
}

/// The screens that the README shows.
const README: [&str; 2] = ["readme-list", "readme-ladder"];
/// How long news may take; a defect, not a slow machine, is what lets it pass.
const PATIENCE: Duration = Duration::from_secs(60);
