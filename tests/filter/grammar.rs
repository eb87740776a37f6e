//! What an expression means, as it is written out again; and that no text brings the parser down.

use std::collections::BTreeSet;

use informant::filter::{Filter, NAMES, RecordKind, RecordKinds, completions};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use crate::parsed;

#[test]
fn not_binds_tighter_than_and_and_that_tighter_than_or() {
    for (written, meant) in [
        ("a || b && c", "a || (b && c)"),
        ("a && b || c", "(a && b) || c"),
        ("!a && b", "!a && b"),
        ("!(a && b)", "!(a && b)"),
        ("!!a", "!!a"),
        ("not a and not b or c", "(!a && !b) || c"),
        ("(a || b) && c", "(a || b) && c"),
        ("a && (b && c)", "a && b && c"),
        ("((a || b) || (c))", "a || b || c"),
        ("a or b and c or d", "a || (b && c) || d"),
        ("! a == 1", "!(a == 1)"),
        ("(a)or(b)and(c)", "a || (b && c)"),
        ("a==1&&b!=2||c", "(a == 1 && b != 2) || c"),
        ("not(a)", "!a"),
    ] {
        assert_eq!(
            parsed(&spelt(written)).to_string(),
            spelt(meant),
            "{written}"
        );
    }
}

/// The letters a to d become names.
fn spelt(text: &str) -> String {
    let mut out = String::new();
    for part in text.split_inclusive(|character: char| !character.is_alphabetic()) {
        let word = part.trim_end_matches(|character: char| !character.is_alphabetic());
        let name = match word {
            "a" => "gaps",
            "b" => "retry_count",
            "c" => "cpe.oui",
            "d" => "acs.port",
            other => other,
        };
        out.push_str(name);
        out.push_str(&part[word.len()..]);
    }
    out
}

#[test]
fn values_are_words_strings_and_ranges() {
    for (written, again) in [
        ("rpc==Inform", "rpc == Inform"),
        ("rpc matches /^Get/", "rpc ~ /^Get/"),
        ("status in [0, 1]", "status in {0, 1}"),
        ("status in [0,1..5]&&gaps", "status in {0, 1..5} && gaps"),
        (
            "source in [[2001:db8::1]:7547, 10.0.0.1:80]",
            "source in {[2001:db8::1]:7547, 10.0.0.1:80}",
        ),
        (
            "param 'Device.A\"B' matches /^2/",
            r#"param "Device.A\"B" ~ /^2/"#,
        ),
        (r#"!param "Device.X""#, r#"!param "Device.X""#),
        ("rpc == 'In\"form'", r#"rpc == "In\"form""#),
        (
            r#"events contains "a\\b\tc""#,
            r#"events contains "a\\b\x09c""#,
        ),
        // What an output shows of bytes that are no text can be pasted; so can what it shows of a control character.
        (
            r#"value == "a\xff\x1b\xc3\xbc""#,
            r#"value == "a\\xff\x1bü""#,
        ),
        (
            "source == [2001:db8::1]:7547",
            "source == [2001:db8::1]:7547",
        ),
        ("target == /acs?x", "target == /acs?x"),
        (
            "start>=2026-03-14T09:00:00Z",
            "start >= 2026-03-14T09:00:00Z",
        ),
        ("parameter ~ /a\\/b/i", "parameter ~ /a\\/b/i"),
        ("parameter ~ 'a/b'", "parameter ~ /a\\/b/"),
        ("parameter ~ Voice", "parameter ~ /Voice/"),
        (
            "fault_code in { 9005,9007 , 9010..9019 }",
            "fault_code in {9005, 9007, 9010..9019}",
        ),
        ("device glob 0011*", "device glob 0011*"),
        ("args.items.members.value == 1", "args.value == 1"),
        (
            "args.Event.EventStruct.EventCode",
            "args.Event.EventStruct.EventCode",
        ),
        (
            "headers.content-type contains xml",
            "headers.content-type contains xml",
        ),
        ("\n rpc\t==\r\nInform ", "rpc == Inform"),
        ("finding.severity >= warning", "finding.severity >= warning"),
    ] {
        let filter = parsed(written);
        assert_eq!(filter.to_string(), again);
        assert_eq!(parsed(again), filter);
    }
}

#[test]
fn the_example_of_the_contract_is_an_expression() {
    let example = r#"device.serial_number glob "0011*" && rpc == SetParameterValues && fault_code in {9005, 9007} && parameter ~ /Voice/ && finding.severity >= warning"#;
    let filter = parsed(example);
    assert_eq!(filter.to_string(), example);
    assert!(filter.needs_messages());
    assert!(!parsed("rpc == Inform").needs_messages());
    assert_eq!(example.parse(), Ok(filter));
}

#[test]
fn names_are_unique_documented_and_completed() {
    let names: BTreeSet<&str> = NAMES.iter().map(|name| name.name).collect();
    assert_eq!(names.len(), NAMES.len(), "a name stands twice in the table");
    for name in NAMES {
        assert!(
            name.kinds.iter().next().is_some(),
            "{} has no record",
            name.name
        );
        assert!(
            !name.meaning.is_empty() && !name.meaning.ends_with('.'),
            "{}",
            name.name
        );
        assert!(!name.holds.describe().is_empty());
        assert!(parsed(name.name).to_string() == name.name, "{}", name.name);
    }
    assert_eq!(
        completions("triggered_by"),
        [
            "triggered_by",
            "triggered_by.frame_files",
            "triggered_by.frames",
            "triggered_by.kind"
        ]
    );
    assert!(completions("head").contains(&"headers."));
    assert_eq!(completions("nothing"), [""; 0]);
    assert_eq!(completions("").len(), NAMES.len());
    for written in completions("")
        .into_iter()
        .filter(|name| !name.ends_with(['.', ' ']))
    {
        assert!(Filter::parse(written).is_ok(), "{written}");
    }
}

#[test]
fn names_of_other_records_are_told() {
    let sessions = RecordKinds::of(RecordKind::Session);
    let filter = parsed("status == 401 || rpc == Inform || headers.Host && !(status)");
    assert_eq!(filter.foreign_names(sessions), ["status", "headers.Host"]);
    assert_eq!(
        filter.foreign_names(sessions.and(RecordKinds::of(RecordKind::Http))),
        [""; 0]
    );
}

fn expression() -> impl Strategy<Value = String> {
    let name = prop::sample::select(NAMES).prop_map(|name| name.name.to_owned());
    let word = "[a-zA-Z0-9_.:/+%*?-]{1,12}";
    let value = prop_oneof![
        word,
        "[0-9]{1,5}",
        Just("2026-03-14".to_owned()),
        Just("true".to_owned()),
        any::<String>().prop_map(|text| format!("{:?}", text).replace("\\u", "\\\\u")),
    ];
    let operator = prop::sample::select(vec![
        "==", "!=", "<", "<=", ">", ">=", "~", "glob", "contains",
    ]);
    let test = prop_oneof![
        name.clone(),
        (name.clone(), operator, value.clone())
            .prop_map(|(name, operator, value)| format!("{name} {operator} {value}")),
        (name.clone(), prop::collection::vec(value, 1..4))
            .prop_map(|(name, values)| format!("{name} in {{{}}}", values.join(","))),
        (name, ".{0,12}").prop_map(|(name, source)| format!("{name} ~ /{source}/")),
    ];
    test.prop_recursive(6, 48, 4, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(one, two)| format!("{one} && {two}")),
            (inner.clone(), inner.clone()).prop_map(|(one, two)| format!("{one} or {two}")),
            inner.clone().prop_map(|inner| format!("!{inner}")),
            inner.prop_map(|inner| format!("({inner})")),
        ]
    })
}

/// Where it is an expression, it is written out as itself; where it is none, its error can be shown.
fn holds(text: &str) -> Result<bool, TestCaseError> {
    match Filter::parse(text) {
        Ok(filter) => {
            let written = filter.to_string();
            prop_assert_eq!(Filter::parse(&written), Ok(filter), "{}", written);
            Ok(true)
        }
        Err(error) => {
            let shown = error.to_string();
            prop_assert!(text.get(error.span()).is_some());
            let harmless = shown
                .split('\n')
                .all(|line| !line.chars().any(char::is_control));
            prop_assert!(harmless, "{:?}", shown);
            prop_assert!(
                shown.lines().count() <= 4 && shown.len() < 2048,
                "{}",
                shown
            );
            Ok(false)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text_is_parsed_or_refused(text in any::<String>()) {
        holds(&text)?;
    }

    #[test]
    fn pieces_of_the_grammar_in_any_order(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..16)
    ) {
        holds(&pieces.concat())?;
        holds(&pieces.join(" "))?;
    }

    #[test]
    fn what_is_written_out_is_read_back(text in expression()) {
        holds(&text)?;
    }
}

#[test]
fn the_strategy_makes_expressions_that_are_accepted() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut accepted = 0;
    for _ in 0..500 {
        let Ok(tree) = expression().new_tree(&mut runner) else {
            panic!("the strategy makes nothing");
        };
        accepted += usize::from(holds(&tree.current()).is_ok_and(|accepted| accepted));
    }
    assert!(
        accepted > 100,
        "only {accepted} of 500 reach the evaluation"
    );
}

const PIECES: &[&str] = &[
    "rpc", "device", "frames", "start", "outcome", "headers.", "args.", "==", "!=", "<", "~", "/",
    "\\", "\"", "'", "in", "{", "}", ",", "(", ")", "!", "&&", "||", "and", "or", "not", "glob",
    "contains", "9005", "1..2", "..", "a*[", "]", "é", "\u{1b}", "\u{202e}", "\n", "i", ".", "-",
];
