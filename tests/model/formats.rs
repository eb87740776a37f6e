//! Files that are no Broadband Forum XML: snom's parameter mapping, Aastra's XML, Motive's device type. The lines of the
//! vendors' own documents come first.

use std::fs;

use informant::model::{
    Access, Base, Format, Found, LoadError, Mapping, Model, Notification, ObjectAccess, Place,
    Root, ValuePart, load, standard,
};

use crate::support::shared;

pub fn read(text: &str) -> Result<Model, LoadError> {
    load("given", text.as_bytes(), &mut |_| None)
}

fn model(text: &str) -> Model {
    match read(text) {
        Ok(model) => model,
        Err(error) => panic!("{error}"),
    }
}

fn message(text: &str) -> String {
    match read(text) {
        Ok(model) => panic!("{model:?}"),
        Err(error) => error.to_string(),
    }
}

fn mapping<'m>(model: &'m Model, path: &str) -> &'m Mapping {
    let parameter = model.parameter(path).unwrap_or_else(|| panic!("{path}"));
    let mapping = parameter.newest().mapping.as_deref();
    mapping.expect("every parameter of a mapping file has one")
}

fn setting(name: &str, index: Option<&str>) -> ValuePart {
    ValuePart::Setting {
        name: name.into(),
        index: index.map(Into::into),
    }
}

#[test]
fn every_example_of_snoms_document_is_read() {
    let Some(folder) = shared("seeds") else {
        return;
    };
    let text = fs::read_to_string(folder.join("002_d87e5608a750cfb3.txt")).expect("readable");
    // Where a line of the document wraps, its text has a blank.
    let text = text
        .replace("_us er}", "_user}")
        .replace("X_ snom", "X_snom");
    let examples = text
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("string:Device."));
    let examples: Vec<&str> = examples.collect();
    assert_eq!(examples.len(), 4, "{examples:?}");
    let model = model(&examples.join("\r\n"));
    assert_eq!(model.parameters().count(), 4);
    let interval = mapping(&model, "Device.ManagementServer.PeriodicInformInterval");
    assert_eq!(interval.value, [ValuePart::Text("3600".into())]);
    let user = mapping(&model, "Device.ManagementServer.ConnectionRequestUsername");
    assert_eq!(user.value, [setting("tr69_cnr_user", None)]);
    let password = mapping(&model, "Device.VoiceService.1.Line.1.SIP.AuthPassword");
    assert_eq!(password.value, [setting("user_pass", Some("n"))]);
    let mixed = mapping(&model, "Device.X_snom_SomeParam");
    let text = ValuePart::Text("This is my ".into());
    assert_eq!(mixed.value, [text, setting("LCS2_PRODUCT", None)]);
    assert_eq!(mixed.settings().collect::<Vec<_>>(), ["LCS2_PRODUCT"]);
    for parameter in model.parameters() {
        assert_eq!(parameter.newest().access, Access::ReadWrite);
        assert_eq!(parameter.newest().syntax.base, Base::String);
    }
    // A phone has the lines that its file names, and no others.
    assert!(
        model
            .parameter("Device.VoiceService.1.Line.2.SIP.AuthPassword")
            .is_none()
    );
    let line = model
        .object("Device.VoiceService.1.Line.1.")
        .expect("an object");
    assert_eq!(
        (line.place(), line.newest().access),
        (Place::Row, ObjectAccess::Unknown)
    );
    assert!(matches!(model.find("Device.X_snom_Other"), Found::Vendor));
}

#[test]
fn every_modifier_of_snoms_document_is_known() {
    let model = model(
        "# a comment\n\n   \nstring:A.Plain=x\nint:A.Fixed!=1\nunsignedInt:A.Missing&=\nboolean:A.Quiet$={b}\n\
         dateTime:A.Loud*=a{b|2}c{d}\nstring:A.Empty=\nstring:A.Equals=a=b!=c\n",
    );
    let told = |path| {
        let parameter = model.parameter(path).expect("it is there");
        let mapping = mapping(&model, path);
        (
            parameter.newest().access,
            mapping.supported,
            mapping.notification,
        )
    };
    let passive = Some(Notification::Passive);
    assert_eq!(told("A.Plain"), (Access::ReadWrite, true, passive));
    assert_eq!(told("A.Fixed"), (Access::ReadOnly, true, None));
    assert_eq!(told("A.Missing"), (Access::Unknown, false, None));
    assert_eq!(
        told("A.Quiet"),
        (Access::ReadWrite, true, Some(Notification::Off))
    );
    assert_eq!(
        told("A.Loud"),
        (Access::ReadWrite, true, Some(Notification::Active))
    );
    assert_eq!(mapping(&model, "A.Empty").value, []);
    assert_eq!(
        mapping(&model, "A.Equals").value,
        [ValuePart::Text("a=b!=c".into())]
    );
    assert_eq!(mapping(&model, "A.Loud").value.len(), 4);
    assert_eq!(
        model
            .parameter("A.Loud")
            .map(|one| one.newest().syntax.base),
        Some(Base::DateTime)
    );
}

#[test]
fn what_is_wrong_with_a_mapping_file_is_told_with_its_place() {
    for (text, told) in [
        (
            "string A.B=1",
            "given:1:1: no `:` behind the type; a line is `type:Name=value`, or begins with `#`",
        ),
        (
            "string:A=1\nobject:A.B=1",
            "given:2:1: `object` is not known here; write `string`, `int`, `unsignedInt`, `boolean` or `dateTime`",
        ),
        (
            "string:A.B",
            "given:1:8: no `=` behind the name; a line is `type:Name=value`, or begins with `#`",
        ),
        (
            "string:=1",
            "given:1:8: no name; a line is `type:Name=value`, or begins with `#`",
        ),
        (
            "string:A.B.=1",
            "given:1:8: a name that ends with a dot is an object's; a line is `type:Name=value`, or begins with `#`",
        ),
        (
            "string:A B=1",
            "given:1:8: a name with a blank in it; a line is `type:Name=value`, or begins with `#`",
        ),
        (
            "#\nstring:Ä=x{y",
            "given:2:11: `{` without `}`; a line is `type:Name=value`, or begins with `#`",
        ),
    ] {
        assert_eq!(message(text), told);
    }
}

#[test]
fn a_file_without_a_parameter_is_told_whatever_its_format() {
    for text in ["", "\n", "# nothing\r\n# but words\r\n", "<parameters/>"] {
        assert!(
            message(text).contains("no `parameter`"),
            "{text:?}: {}",
            message(text)
        );
    }
}

/// `write [W] mode 1 name X`, as the text of Aastra's document has it where its XML stood.
fn aastra_examples(text: &str) -> Vec<(String, bool)> {
    let lines = text.lines().filter(|line| line.contains("parameter write"));
    let words: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
    let mut examples = Vec::new();
    for (at, word) in words.iter().enumerate() {
        if *word != "write" {
            continue;
        }
        let behind = |offset: usize| words.get(at + offset).copied().unwrap_or_default();
        let writable = behind(1) == "W";
        let mode = if writable { 2 } else { 1 };
        let name = behind(mode + 3);
        if behind(mode) == "mode" && behind(mode + 2) == "name" && behind(mode + 4) == "name" {
            examples.push((name.to_owned(), writable));
        }
    }
    examples
}

#[test]
fn every_parameter_of_aastras_example_is_read() {
    let Some(folder) = shared("seeds") else {
        return;
    };
    let text = fs::read_to_string(folder.join("004_09a6af96a831eb3b.txt")).expect("readable");
    let examples = aastra_examples(&text);
    assert!(examples.len() >= 5, "{examples:?}");
    let mut xml =
        "<?xml version=\"1.0\"?>\n<model><object><name>Device</name><object><name>Part</name>"
            .to_owned();
    for (name, writable) in &examples {
        let write = if *writable { "W" } else { "" };
        xml.push_str(&format!(
            "<parameter write=\"{write}\" mode=\"1\">\n<name>{name}</name><description>description</description></parameter>"
        ));
    }
    xml.push_str("</object></object></model>");
    let model = model(&xml);
    for (name, writable) in &examples {
        let parameter = model
            .parameter(&format!("Device.Part.{name}"))
            .expect("it is there");
        let access = if *writable {
            Access::ReadWrite
        } else {
            Access::ReadOnly
        };
        assert_eq!(parameter.newest().access, access, "{name}");
    }
    assert!(examples.contains(&("PeriodicInformTime".to_owned(), true)));
    assert!(examples.contains(&("ProductClass".to_owned(), false)));
}

#[test]
fn names_of_aastras_tables_are_the_standards() {
    let Some(folder) = shared("seeds") else {
        return;
    };
    let text = fs::read_to_string(folder.join("004_09a6af96a831eb3b.txt")).expect("readable");
    let (mut known, mut vendor) = (0, 0);
    for line in text.lines().filter(|line| line.starts_with("Page ")) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let paths = words.split(|word| matches!(*word, "R" | "W" | "string" | "int" | "boolean"));
        for path in paths {
            // The text has blanks for dots, and lengths before the next path.
            let from = path.iter().rposition(|word| *word == "Device");
            let Some(path) = from.and_then(|from| path.get(from..)) else {
                continue;
            };
            let path = path.join(".");
            if path.split('.').count() < 3 || path.ends_with("...") {
                continue;
            }
            match standard(Root::Device1).find(&path.replace(".i.", ".1.")) {
                Found::Parameter(_) => known += 1,
                Found::Vendor => vendor += 1,
                other => println!("{path}: {other:?}"),
            }
        }
    }
    assert!(known >= 8 && vendor >= 4, "{known}, {vendor}");
}

#[test]
fn a_device_type_of_motives_is_read() {
    let model = model(
        "<deviceType xmlns=\"urn:dslforum-org:hdm-0-0\"><manufacturer>M</manufacturer><dataModel><attributes><attribute>\
         <attributeName>notification</attributeName></attribute></attributes><parameters><parameter>\
         <parameterName>Device</parameterName><parameterType>object</parameterType><array>false</array><parameters>\
         <parameter><parameterName>Line</parameterName><parameterType>object</parameterType><array>true</array><parameters>\
         <parameter><parameterName>Port</parameterName><parameterType>unsignedInt</parameterType><minValue>1</minValue>\
         <maxValue>65535</maxValue></parameter><parameter><parameterName>Name</parameterName>\
         <parameterType>string</parameterType><parameterLength>64</parameterLength></parameter></parameters></parameter>\
         </parameters></parameter></parameters></dataModel></deviceType>",
    );
    let port = model.parameter("Device.Line.3.Port").expect("it is there");
    assert_eq!(port.newest().syntax.base, Base::UnsignedInt);
    assert!(port.misfit("0").is_some() && port.misfit("5060").is_none());
    assert_eq!(port.newest().access, Access::Unknown);
    let name = model.parameter("Device.Line.3.Name").expect("it is there");
    assert_eq!(name.newest().syntax.length_max(), Some(64));
    assert_eq!(
        model.object("Device.Line.").map(|one| one.place()),
        Some(Place::Table)
    );
}

#[test]
fn types_as_tables_of_documents_write_them_are_read() {
    let model = model(
        "<m><parameter name='Device.A' access='readWrite' type='string(256)'/><parameter name='Device.B' write='R' \
         type='int[0:65535]'/><parameter name='Device.T.i.C' type='IPAddress'/></m>",
    );
    let syntax = |path| &model.parameter(path).expect("it is there").newest().syntax;
    assert_eq!(syntax("Device.A").length_max(), Some(256));
    assert!(syntax("Device.B").misfit("65536").is_some());
    assert_eq!(syntax("Device.T.5.C").base, Base::Unknown);
}

#[test]
fn what_is_wrong_with_a_list_is_told_with_its_place() {
    let none = "given:1:1: no `parameter` element with a name; known are Broadband Forum XML, XML of `parameter` elements, \
                and snom's parameter mapping file";
    assert_eq!(message("<html><p>login</p></html>"), none);
    assert_eq!(
        message("<m>\n  <parameter/></m>"),
        "given:2:3: `parameter` without a name; add it"
    );
    assert_eq!(
        message("<m><parameter name='a'><minValue>x</minValue></parameter></m>"),
        "given:1:4: `x` is no number here; write digits alone, or leave the attribute out"
    );
    let open = message("<m>\n<parameter name='a'></m>");
    assert!(
        open.starts_with("given:2:") && open.contains("well-formed"),
        "{open}"
    );
    let cut = message("<m><parameter name='a'>");
    assert!(cut.contains("not closed"), "{cut}");
}

#[test]
fn formats_are_known_by_their_beginning() {
    assert_eq!(Format::of(b"# snom\nstring:A=1"), Format::ParameterMap);
    assert_eq!(Format::of(b"\xef\xbb\xbf \n<model/>"), Format::Listing);
    let broadband_forum =
        b"<?xml?><dm:document xmlns:dm=\"urn:broadband-forum-org:cwmp:datamodel-1-5\"/>";
    assert_eq!(Format::of(broadband_forum), Format::BroadbandForum);
    assert_eq!(Format::of(b""), Format::ParameterMap);
}
