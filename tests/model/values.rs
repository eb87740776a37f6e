//! Which values fit.

use informant::model::{Base, Enumerated, List, Misfit, Range, Root, Size, Syntax, standard};

fn fits(syntax: &Syntax, value: &str) -> bool {
    syntax.misfit(value).is_none()
}

#[test]
fn types_are_written_as_xml_schema_writes_them() {
    let written: [(Base, &[&str], &[&str]); 9] = [
        (
            Base::Int,
            &["0", "-2147483648", "+7", " 7 "],
            &["", "2147483648", "1.0", "x", "--1"],
        ),
        (
            Base::UnsignedInt,
            &["0", "4294967295", "007"],
            &["-1", "4294967296", "", "1 2"],
        ),
        (
            Base::Long,
            &["-9223372036854775808"],
            &["9223372036854775808"],
        ),
        (
            Base::UnsignedLong,
            &["18446744073709551615"],
            &["18446744073709551616", "-1"],
        ),
        (
            Base::Boolean,
            &["0", "1", "true", "false"],
            &["True", "yes", "", "2"],
        ),
        (
            Base::DateTime,
            &[
                "2009-10-14T12:00:00",
                "2009-10-14T12:00:00Z",
                "2009-10-14T12:00:00.123456+02:00",
                "0001-01-01T00:00:00Z",
                "0001-01-01T00:00:00-05:00",
            ],
            &[
                "2009-10-14",
                "14.10.2009",
                "",
                "2009-13-14T12:00:00",
                "2009-10-14T12:00",
                "T",
            ],
        ),
        (Base::HexBinary, &["", "00fF"], &["0", "0g"]),
        (Base::Base64, &["", "aGFsbG8="], &["a-b", "\u{fc}"]),
        (Base::Decimal, &["1.5", "-3"], &["x", ""]),
    ];
    for (base, good, bad) in written {
        let syntax = Syntax::of(base);
        for value in good {
            assert!(fits(&syntax, value), "{base:?} {value:?}");
        }
        for value in bad {
            assert_eq!(syntax.misfit(value), Some(Misfit::Type(base)), "{value:?}");
        }
    }
    assert!(fits(&Syntax::default(), "anything"));
}

#[test]
fn sizes_are_of_characters_or_bytes() {
    let sized = |base, min, max| Syntax {
        sizes: vec![Size { min, max }],
        ..Syntax::of(base)
    };
    let text = sized(Base::String, Some(1), Some(3));
    assert!(fits(&text, "äöü"));
    assert_eq!(
        text.misfit("äöüx"),
        Some(Misfit::TooLong { length: 4, max: 3 })
    );
    assert_eq!(
        text.misfit(""),
        Some(Misfit::TooShort { length: 0, min: 1 })
    );
    assert!(fits(&sized(Base::HexBinary, Some(3), Some(3)), "0004AF"));
    assert!(!fits(&sized(Base::HexBinary, Some(3), Some(3)), "0004AF00"));
    assert!(fits(&sized(Base::Base64, None, Some(5)), "aGFsbG8="));
    assert!(!fits(&sized(Base::Base64, None, Some(4)), "aGFsbG8="));
    // Either of two: WEP keys have 5 or 13 bytes.
    let mut either = sized(Base::HexBinary, Some(5), Some(5));
    either.sizes.push(Size {
        min: Some(13),
        max: Some(13),
    });
    assert!(fits(&either, "0102030405") && !fits(&either, "010203040506"));
    assert_eq!(either.length_max(), Some(13));
}

#[test]
fn any_range_may_hold() {
    let range = |min, max| Range {
        min,
        max,
        step: None,
    };
    let syntax = Syntax {
        ranges: vec![range(Some(-1), Some(-1)), range(Some(10), None)],
        ..Syntax::of(Base::Int)
    };
    for value in ["-1", "10", "2147483647"] {
        assert!(fits(&syntax, value), "{value}");
    }
    for value in ["-2", "0", "9"] {
        assert!(
            matches!(syntax.misfit(value), Some(Misfit::OutOfRange(_))),
            "{value}"
        );
    }
}

#[test]
fn enumerations_are_extended_by_vendors_alone() {
    let one = |value: &str| Enumerated {
        value: value.into(),
        ..Enumerated::default()
    };
    let syntax = Syntax {
        enumeration: vec![one("None"), one("Requested")],
        ..Syntax::of(Base::String)
    };
    assert!(fits(&syntax, "None") && fits(&syntax, "X_000413_Paused"));
    let meant = |value| match syntax.misfit(value) {
        Some(Misfit::NotEnumerated { meant }) => meant,
        other => panic!("{value}: {other:?}"),
    };
    assert_eq!(meant("none ").as_deref(), Some("None"));
    assert_eq!(meant("Done"), None);
    let list = Syntax {
        list: Some(List {
            items_max: Some(2),
            ..List::default()
        }),
        ..syntax.clone()
    };
    for value in ["", "None", "None,Requested", "None, X_1"] {
        assert!(fits(&list, value), "{value}");
    }
    assert!(matches!(
        list.misfit("None,Done"),
        Some(Misfit::NotEnumerated { .. })
    ));
    assert!(matches!(
        list.misfit("None,None,None"),
        Some(Misfit::Items { count: 3, .. })
    ));
}

#[test]
fn defaults_of_the_standards_fit_their_own_types() {
    let mut checked = 0;
    let mut odd = Vec::new();
    for root in [Root::InternetGatewayDevice1, Root::Device1, Root::Device2] {
        for parameter in standard(root).parameters() {
            for edition in parameter.editions() {
                let Some(default) = &edition.facts.default else {
                    continue;
                };
                checked += 1;
                let empty = default.value.is_empty();
                if !empty && edition.facts.syntax.misfit(&default.value).is_some() {
                    odd.push(format!("{}={}", parameter.path(), default.value));
                }
            }
        }
    }
    odd.sort();
    odd.dedup();
    assert!(checked > 2_000, "{checked}");
    assert_eq!(odd, Vec::<String>::new());
}
