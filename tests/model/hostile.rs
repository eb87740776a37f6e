//! Files that want to be a burden.

use std::fmt::Write as _;

use informant::model::{LoadError, Model, Problem, load};

use crate::formats;

fn broadband_forum(inside: &str, sibling: &str) -> Result<Model, LoadError> {
    let document = |inside: &str| {
        format!(
            "<dm:document xmlns:dm=\"urn:broadband-forum-org:cwmp:datamodel-1-5\">{inside}</dm:document>"
        )
    };
    let sibling = document(sibling);
    load("main.xml", document(inside).as_bytes(), &mut |_| {
        Some(sibling.clone().into_bytes())
    })
}

fn problem(outcome: Result<Model, LoadError>) -> Problem {
    match outcome {
        Ok(_) => panic!("it was read"),
        Err(error) => error.problem,
    }
}

#[test]
fn components_that_hold_each_other_come_to_an_end() {
    let loops = "<component name='A'><component ref='B'/></component><component name='B'><component ref='A'/></component>\
                 <model name='Device:1.0'><component ref='A'/></model>";
    assert!(matches!(
        problem(broadband_forum(loops, "")),
        Problem::TooMany { .. }
    ));
    let mut doubling = String::new();
    for step in 0..30 {
        let next = step + 1;
        write!(doubling, "<component name='C{step}'><component ref='C{next}'/><component ref='C{next}'/></component>")
            .expect("a String takes everything");
    }
    doubling
        .push_str("<component name='C30'/><model name='Device:1.0'><component ref='C0'/></model>");
    assert!(matches!(
        problem(broadband_forum(&doubling, "")),
        Problem::TooMany { .. }
    ));
}

#[test]
fn types_and_models_made_of_themselves_come_to_an_end() {
    let types = "<dataType name='A' base='B'/><dataType name='B' base='A'/><model name='Device:1.0'><parameter name='P'>\
                 <syntax><dataType ref='A'/></syntax></parameter></model>";
    assert!(matches!(
        problem(broadband_forum(types, "")),
        Problem::TooMany { .. }
    ));
    let models = "<model name='Device:1.0' base='Device:1.0'/>";
    assert!(matches!(
        problem(broadband_forum(models, "")),
        Problem::TooMany { .. }
    ));
}

#[test]
fn imports_in_a_circle_are_read_once() {
    let main = "<import file='other.xml'><dataType name='T'/></import><model name='Device:1.0'><parameter name='P'>\
                <syntax><dataType ref='T'/></syntax></parameter></model>";
    let other = "<import file='main.xml'><dataType name='T'/></import><import file='other.xml'><dataType name='T'/></import>";
    assert!(matches!(
        problem(broadband_forum(main, other)),
        Problem::Unresolved { .. }
    ));
    // Each of many names another: a file that is always there comes to an end too.
    let mut asked = 0;
    let mut endless = |_: &str| {
        asked += 1;
        let next = format!(
            "<dm:document xmlns:dm=\"urn:broadband-forum-org:cwmp:datamodel-1-5\"><import file='f{asked}.xml'/></dm:document>"
        );
        Some(next.into_bytes())
    };
    let first = b"<dm:document xmlns:dm=\"urn:broadband-forum-org:cwmp:datamodel-1-5\"><import file='f.xml'/></dm:document>";
    assert!(matches!(
        problem(load("m.xml", first, &mut endless)),
        Problem::TooMany { .. }
    ));
    assert!(asked < 1_000);
}

#[test]
fn only_plain_names_are_asked_for() {
    let mut asked = Vec::new();
    let text = "<dm:document xmlns:dm=\"urn:broadband-forum-org:cwmp:datamodel-1-5\"><import file='../../secret.xml'/>\
                <import file='/etc/passwd'/><import file='..'/><import file='a\\b'/><import file=''/><import file='c.xml'/>\
                </dm:document>";
    let mut sibling = |name: &str| {
        asked.push(name.to_owned());
        None
    };
    assert!(load("m.xml", text.as_bytes(), &mut sibling).is_err());
    assert!(asked.iter().all(|name| name.starts_with('c')), "{asked:?}");
    assert!(!asked.is_empty());
}

#[test]
fn entities_are_not_expanded() {
    let text = "<!DOCTYPE m [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\">]>\
                <m><parameter name='Device.X'><description>&b;</description><type>&b;</type></parameter>\
                <parameter name='&b;'/></m>";
    let outcome = formats::read(text);
    assert!(outcome.is_err(), "a name that is an entity is none");
}

#[test]
fn depth_length_and_number_are_bounded() {
    let deep = "<object name='o'>".repeat(1_000_000);
    assert!(matches!(
        problem(formats::read(&deep)),
        Problem::TooMany { .. }
    ));
    let long = format!("string:{}=1", "a.".repeat(1_000) + "b");
    assert!(matches!(
        problem(formats::read(&long)),
        Problem::PathTooLong { .. }
    ));
    let line = format!("string:A={}", "x".repeat(1 << 20));
    assert!(matches!(problem(formats::read(&line)), Problem::Line(_)));
    let large = vec![b'#'; (32 << 20) + 1];
    assert!(matches!(
        problem(load("m", &large, &mut |_| None)),
        Problem::TooLarge { .. }
    ));
    let mut many = String::new();
    for number in 0..210_000 {
        writeln!(many, "int:A{number}=1").expect("a String takes everything");
    }
    assert!(matches!(
        problem(formats::read(&many)),
        Problem::TooMany { .. }
    ));
}

#[test]
fn the_same_again_and_again_costs_no_more_than_its_length() {
    let lines = "int:A.B=1\n".repeat(400_000);
    let model = formats::read(&lines).expect("it is a mapping file");
    assert_eq!(model.parameters().count(), 1);
    let entries = "<object name='A'><parameter name='B'/></object>".repeat(100_000);
    let model = formats::read(&format!("<m>{entries}</m>")).expect("it is a list");
    assert_eq!(model.objects().count(), 1);
    let models = "<model name='Device:1.0'/>".repeat(17);
    assert!(matches!(
        problem(broadband_forum(&models, "")),
        Problem::TooMany { .. }
    ));
    let values: String = (0..2_000)
        .map(|number| format!("<enumeration value='{number}'/>"))
        .collect();
    let grown =
        format!("<parameter base='P'><syntax><string>{values}</string></syntax></parameter>");
    let model = format!("<model name='Device:1.0'>{}</model>", grown.repeat(100));
    assert!(matches!(
        problem(broadband_forum(&model, "")),
        Problem::TooMany { .. }
    ));
    let attributes: String = (0..100).map(|number| format!(" a{number}=''")).collect();
    let many = formats::read(&format!("<m{attributes}/>"));
    assert!(matches!(problem(many), Problem::TooMany { .. }));
}

#[test]
fn bytes_that_are_no_text_are_no_model() {
    for bytes in [
        &b"\xff\xfe<\0m\0"[..],
        b"\0\0\0",
        b"<\xff>",
        b"<a b=\xff>",
        b"<!DOCTYPE",
        b"<a><!--",
        b"&lt;",
    ] {
        assert!(load("m", bytes, &mut |_| None).is_err(), "{bytes:?}");
    }
}
