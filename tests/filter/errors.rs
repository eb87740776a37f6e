//! Errors, word for word as they are shown.

use informant::filter::Filter;

fn error_of(expression: &str) -> String {
    match Filter::parse(expression) {
        Ok(filter) => panic!("{expression} is accepted as {filter}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn errors_point_at_what_is_wrong() {
    let mut shown = Vec::new();
    for (expression, expected) in ERRORS {
        let error = error_of(expression);
        if error != expected.trim_start_matches('\n') {
            shown.push(error);
        }
    }
    assert!(
        shown.is_empty(),
        "these are shown otherwise:\n\n{}\n",
        shown.join("\n\n")
    );
}

/// What no output of a capture prints as it is, no error prints either, nor an expression that is written out.
#[test]
fn nothing_reaches_a_terminal_that_should_not() {
    let is_unsafe = informant::report::escape::is_unsafe;
    for character in (char::MIN..=char::MAX).filter(|character| is_unsafe(*character)) {
        let error = error_of(&format!("rpc == a {character}{character} \"{character}"));
        assert!(
            error.split('\n').all(|line| !line.chars().any(is_unsafe)),
            "{error:?}"
        );
        for written in [
            format!("rpc == \"{character}\""),
            format!("rpc ~ /{character}/"),
            format!("rpc glob '{character}*'"),
        ] {
            let filter = crate::parsed(&written);
            assert!(!filter.to_string().chars().any(is_unsafe), "{filter}");
            assert_eq!(crate::parsed(&filter.to_string()), filter);
        }
    }
}

#[test]
fn a_span_is_in_bytes_and_a_caret_in_columns() {
    let Err(error) = Filter::parse("rpc == \"你好\" && devise") else {
        panic!("it is no expression");
    };
    assert_eq!(error.span(), 19..25);
    assert_eq!(error.message(), "there is no name `devise`");
    assert_eq!(
        error.suggestion().as_deref(),
        Some("did you mean `device`?")
    );
    assert_eq!(
        error.to_string(),
        "there is no name `devise`\n  rpc == \"你好\" && devise\n                   ^^^^^^\ndid you mean `device`?"
    );
}

/// The caret stands in the column of what is wrong, whatever stands before it: wide characters take two columns,
/// combining ones none, control characters are shown as four or more.
#[test]
fn the_caret_is_in_the_right_column() {
    for (before, columns) in [
        ("rpc == \"x\"", 10),
        ("rpc == \"日本\"", 13),
        ("rpc == \"e\u{301}\u{323}\"", 10),
        ("rpc == \"🙂\"", 11),
        ("rpc == \"\u{1b}[2J\"", 16),
        ("rpc == \"\t\"", 13),
        ("rpc == \"\u{202e}\"", 21),
        ("rpc\n==\r\nx", 18),
        ("rpc == \"\u{ff76}\u{ff9e}\"", 11),
        ("rpc == \"\u{200b}\u{feff}\"", 21),
    ] {
        let error = error_of(&format!("{before} && devise == 1"));
        let lines: Vec<&str> = error.lines().collect();
        let [message, shown, carets, suggestion] = lines.as_slice() else {
            panic!("{error:?}");
        };
        assert_eq!(*message, "there is no name `devise`");
        assert_eq!(*suggestion, "did you mean `device`?");
        let column = carets.find('^').unwrap_or_default();
        assert_eq!(column, 2 + columns + " && ".len(), "{error}");
        assert_eq!(carets.trim(), "^^^^^^", "{error}");
        assert!(shown.ends_with(" && devise == 1"), "{error}");
        assert!(!shown.chars().any(char::is_control), "{error:?}");
    }
    // What is wrong may be wide itself, or take no column at all.
    assert!(error_of("你好 == 1").ends_with("\n  你好 == 1\n  ^^^^"));
    assert!(error_of("rpc == x \u{301}").ends_with('^'));
}

#[test]
fn of_a_long_expression_the_part_around_is_shown() {
    let long = format!("{}nonsense{}", "rpc || ".repeat(100), " || rpc".repeat(100));
    assert_eq!(
        error_of(&long),
        "there is no name `nonsense`\n  ...| rpc || rpc || rpc || rpc || rpc || nonsense || rpc || rpc || rpc...\n                                          ^^^^^^^^"
    );
}

#[test]
fn bounds_hold() {
    let deep = |depth| format!("{}gaps{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Filter::parse(&deep(64)).is_ok());
    assert!(error_of(&deep(65)).starts_with("`(` and `!` nest at most 64 deep\n"));
    assert!(error_of(&format!("{}gaps", "!".repeat(8000))).starts_with("`(` and `!` nest"));
    assert!(error_of(&"(".repeat(8192)).starts_with("`(` and `!` nest"));
    let long = |bytes: usize| format!("rpc == {}", "a".repeat(bytes - 7));
    assert!(Filter::parse(&long(8192)).is_ok());
    assert!(error_of(&long(8193)).starts_with("an expression has at most 8192 bytes\n"));
    assert!(error_of(&"é".repeat(5000)).starts_with("an expression has at most 8192 bytes\n"));
    let patterns = |count| vec!["rpc ~ /a/"; count].join("||");
    assert!(Filter::parse(&patterns(32)).is_ok());
    assert!(error_of(&patterns(33)).starts_with("an expression has at most 32 patterns\n"));
    let big = error_of("rpc ~ /(\\w{1000}){1000}/");
    assert!(
        big.starts_with("the pattern cannot be used: it takes more than 512 KiB\n"),
        "{big}"
    );
    let chain = vec!["gaps"; 1300].join("||");
    assert!(Filter::parse(&chain).is_ok_and(|filter| filter.to_string().len() > chain.len()));
}

/// Expressions, and what is said of each.
const ERRORS: &[(&str, &str)] = &[
    (
        "devise.serial_number == \"1\"",
        r#"
there is no name `devise.serial_number`
  devise.serial_number == "1"
  ^^^^^^^^^^^^^^^^^^^^
did you mean `device.serial_number`?"#,
    ),
    (
        "serial == 1",
        r#"
there is no name `serial`
  serial == 1
  ^^^^^^
did you mean `serial_number`?"#,
    ),
    (
        "device.Serial_Number",
        r#"
there is no name `device.Serial_Number`
  device.Serial_Number
  ^^^^^^^^^^^^^^^^^^^^
did you mean `device.serial_number`?"#,
    ),
    (
        "rpc = Inform",
        r#"
`=` is no operator
  rpc = Inform
      ^
did you mean `==`?"#,
    ),
    (
        "rpc =~ /x/",
        r#"
`=~` is no operator
  rpc =~ /x/
      ^^
did you mean `~`?"#,
    ),
    (
        "rpc !~ /x/",
        r#"
`!~` is no operator
  rpc !~ /x/
      ^^
did you mean `!(... ~ ...)`?"#,
    ),
    (
        "rpc == Inform & gaps",
        r#"
`&` is no operator
  rpc == Inform & gaps
                ^
did you mean `&&`?"#,
    ),
    (
        "rpc == Inform AND gaps",
        r#"
`AND` is no operator
  rpc == Inform AND gaps
                ^^^
did you mean `and`?"#,
    ),
    (
        "param",
        r#"
expected the name of a parameter in quotes
  param
       ^"#,
    ),
    (
        "param Device.X == 1",
        r#"
expected the name of a parameter in quotes
  param Device.X == 1
        ^^^^^^^^"#,
    ),
    (
        "param \"\" == 1",
        r#"
expected the name of a parameter: it is empty
  param "" == 1
        ^^"#,
    ),
    (
        "status in [0, 1",
        r#"
a `[` without its `]`
  status in [0, 1
            ^"#,
    ),
    (
        "status in []",
        r#"
expected a value: a word, a number or a "string"
  status in []
             ^"#,
    ),
    (
        "rpc ==",
        r#"
expected a value: a word, a number or a "string"
  rpc ==
        ^"#,
    ),
    (
        "rpc == )",
        r#"
expected a value: a word, a number or a "string"
  rpc == )
         ^"#,
    ),
    (
        "",
        r#"
expected a name: the expression is empty"#,
    ),
    (
        "   ",
        r#"
expected a name: the expression is empty"#,
    ),
    (
        "( rpc",
        r#"
a `(` without its `)`
  ( rpc
  ^"#,
    ),
    (
        "rpc )",
        r#"
a `)` without its `(`
  rpc )
      ^"#,
    ),
    (
        "rpc rpc",
        r#"
expected an operator, `&&`, `||` or the end
  rpc rpc
      ^^^"#,
    ),
    (
        "rpc == a b",
        r#"
expected `&&`, `||` or the end
  rpc == a b
           ^"#,
    ),
    (
        "outcome == complet",
        r#"
expected one of `complete`, `faulted`, `rejected`, `aborted`, `incomplete`
  outcome == complet
             ^^^^^^^
did you mean `complete`?"#,
    ),
    (
        "outcome == bad",
        r#"
expected one of `complete`, `faulted`, `rejected`, `aborted`, `incomplete`
  outcome == bad
             ^^^"#,
    ),
    (
        "outcome < complete",
        r#"
nothing is less or greater among `complete`, `faulted`, `rejected`, `aborted`, `incomplete`
  outcome < complete
          ^
compare with `==`, `!=` or `in`"#,
    ),
    (
        "body_complete == yes",
        r#"
expected `true` or `false`
  body_complete == yes
                   ^^^"#,
    ),
    (
        "body_complete > true",
        r#"
nothing is less or greater among `true`, `false`
  body_complete > true
                ^
compare with `==`, `!=` or `in`"#,
    ),
    (
        "gaps == many",
        r#"
expected a number
  gaps == many
          ^^^^"#,
    ),
    (
        "duration_ms > 5 parsecs",
        r#"
expected `&&`, `||` or the end
  duration_ms > 5 parsecs
                  ^^^^^^^"#,
    ),
    (
        "duration_ms > 5parsecs",
        r#"
expected milliseconds, or a duration such as `1.5s`
  duration_ms > 5parsecs
                ^^^^^^^^"#,
    ),
    (
        "start > yesterday",
        r#"
expected a time such as `2026-03-14` or `2026-03-14T09:00:00Z`
  start > yesterday
          ^^^^^^^^^"#,
    ),
    (
        "fault == 9005",
        r#"
`fault` has no value of its own
  fault == 9005
  ^^^^^
it has `fault.code`, `fault.parameters`, `fault.soap_code`, `fault.soap_string`, `fault.string`"#,
    ),
    (
        "acs ~ /x/",
        r#"
`acs` has no value of its own
  acs ~ /x/
  ^^^
it has `acs.address`, `acs.port`, `acs.url`"#,
    ),
    (
        "rpc == \"abc",
        r#"
a string without its closing `"`
  rpc == "abc
         ^^^^"#,
    ),
    (
        "rpc == \"a\\d\"",
        r#"
an escape is one of `\\`, `\"`, `\'`, `\n`, `\r`, `\t`, `\xNN`
  rpc == "a\d"
           ^^
write `\\` for a backslash"#,
    ),
    (
        "rpc ~ /abc",
        r#"
a regular expression without its closing `/`
  rpc ~ /abc
        ^^^^"#,
    ),
    (
        "rpc ~ /abc/x",
        r#"
the only flag is `i`, for any case
  rpc ~ /abc/x
             ^"#,
    ),
    (
        "rpc ~ /a(b/",
        r#"
the pattern cannot be used: unclosed group
  rpc ~ /a(b/
        ^^^^^"#,
    ),
    (
        "rpc ~ \"a\\\\\"",
        r#"
the pattern cannot be used: incomplete escape sequence, reached end of pattern prematurely
  rpc ~ "a\\"
        ^^^^^"#,
    ),
    (
        "device glob a[b",
        r#"
the pattern cannot be used: a `[` without its `]`
  device glob a[b
              ^^^"#,
    ),
    (
        "fault_code in 9005",
        r#"
expected `{` and the values, such as `{9005, 9007}`
  fault_code in 9005
                ^^^^"#,
    ),
    (
        "fault_code in {9005",
        r#"
a `{` without its `}`
  fault_code in {9005
                ^"#,
    ),
    (
        "fault_code in {9005 9007}",
        r#"
expected `,` or `}`
  fault_code in {9005 9007}
                      ^^^^"#,
    ),
    (
        "fault_code in {}",
        r#"
expected a value: a word, a number or a "string"
  fault_code in {}
                 ^"#,
    ),
    (
        "gaps in {1..x}",
        r#"
expected a number
  gaps in {1..x}
              ^"#,
    ),
    (
        "rpc == Inform && ",
        r#"
expected a name
  rpc == Inform && 
                   ^"#,
    ),
    (
        "rpc == \"\u{1b}[31m\" || nonesuch",
        r#"
there is no name `nonesuch`
  rpc == "\x1b[31m" || nonesuch
                       ^^^^^^^^"#,
    ),
    (
        "a\u{1b}b == 1",
        r#"
there is no name `a`
  a\x1bb == 1
  ^"#,
    ),
    (
        "\"rpc\" == 1",
        r#"
expected a name
  "rpc" == 1
  ^"#,
    ),
    (
        "finding.severity >= warn",
        r#"
expected one of `info`, `warning`, `error`
  finding.severity >= warn
                      ^^^^
did you mean `warning`?"#,
    ),
    (
        "!",
        r#"
expected a name
  !
   ^"#,
    ),
    (
        "rpc && && gaps",
        r#"
expected a name
  rpc && && gaps
         ^"#,
    ),
    (
        "headers. == x",
        r#"
there is no name `headers.`
  headers. == x
  ^^^^^^^^
a name follows, such as `headers.host`"#,
    ),
    (
        "header.host == x",
        r#"
there is no name `header.host`
  header.host == x
  ^^^^^^^^^^^
did you mean `headers.host`?"#,
    ),
    (
        "rpcs == Inform",
        r#"
`rpcs` has no value of its own
  rpcs == Inform
  ^^^^
it has `rpcs.elapsed_ms`, `rpcs.fault_code`, `rpcs.from`, `rpcs.id`, `rpcs.method`, `rpcs.request_frame_files`, `rpcs.request_frames`, `rpcs.response`, `rpcs.response_frame_files`, `rpcs.response_frames`"#,
    ),
    (
        "args..x",
        r#"
there is no name `args..x`
  args..x
  ^^^^^^^"#,
    ),
    (
        "start == \"2026-13-01\"",
        r#"
expected a time such as `2026-03-14` or `2026-03-14T09:00:00Z`
  start == "2026-13-01"
           ^^^^^^^^^^^^"#,
    ),
];
