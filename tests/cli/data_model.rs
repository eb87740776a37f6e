//! `--data-model FILE`: what a file makes known, what is wrong with one, and where the built-in facts come from.

use std::path::Path;

use serde_json::Value;

use crate::fixture::{Fixture, Variant};
use crate::program::{code, informant, json, scratch, stderr, stdout, written};

/// A session in which the device reports one value.
fn reported(name: &str, kind: &str, value: &str) -> String {
    let body = format!(
        "%open event=\"2 PERIODIC\"\n%empty\n%acs\n<cwmp:GetParameterValues><ParameterNames \
         soapenc:arrayType=\"xsd:string[1]\"><string>{name}</string></ParameterNames></cwmp:GetParameterValues>\n\n\
         %cpe\n<cwmp:GetParameterValuesResponse><ParameterList \
         soapenc:arrayType=\"cwmp:ParameterValueStruct[1]\"><ParameterValueStruct><Name>{name}</Name>\
         <Value xsi:type=\"xsd:{kind}\">{value}</Value></ParameterValueStruct></ParameterList>\
         </cwmp:GetParameterValuesResponse>\n\n%no_content\n%close\n"
    );
    let fixture = Fixture::read(&format!("expect DM-012 cpe\n\n---\n{body}"));
    match fixture.and_then(|fixture| fixture.transcript(Variant::Breach)) {
        Ok(transcript) => transcript,
        Err(wrong) => panic!("{wrong}"),
    }
}

/// The codes of what is found.
fn codes(arguments: &[&str]) -> Vec<String> {
    let output = informant(&[&["check", "-T", "ndjson", "--fail-on", "never"], arguments].concat());
    assert_eq!(code(&output), 0, "{arguments:?}: {}", stderr(&output));
    let records = stdout(&output);
    let code = |line: &str| json(line)["code"].as_str().unwrap_or_default().to_owned();
    records.lines().map(code).collect()
}

const DM: [&str; 2] = ["--select", "DM,CWMP-GPV-009"];

#[test]
fn a_file_makes_names_and_types_known() {
    let folder = scratch();
    let own = reported("Device.Lamp.Colour", "string", "red");
    let own = written(&folder, "own.transcript", own.as_bytes());
    assert_eq!(codes(&[&[own.as_str()], &DM[..]].concat()), ["DM-012"]);
    let level = reported("Device.X_001122_Lamp.Level", "string", "high");
    let level = written(&folder, "level.transcript", level.as_bytes());
    assert_eq!(codes(&[&[level.as_str()], &DM[..]].concat()), [""; 0]);
    let map = "# a phone\nstring:Device.Lamp.Colour={lamp_colour}\nunsignedInt:Device.X_001122_Lamp.Level=7\n";
    let map = written(&folder, "phone.map", map.as_bytes());
    let listing = "<device><parameters><parameter write=\"W\"><name>Device.Lamp.Colour</name></parameter></parameters></device>";
    let listing = written(&folder, "phone.xml", listing.as_bytes());
    for given in [
        vec!["--data-model", &map],
        vec!["--data-model", &listing],
        vec!["--data-model", &listing, "--data-model", &map],
    ] {
        let found = codes(&[&[own.as_str()], &given[..], &DM[..]].concat());
        assert_eq!(found, [""; 0], "{given:?}");
    }
    let found = codes(&[&[level.as_str(), "--data-model", &map], &DM[..]].concat());
    assert_eq!(found, ["CWMP-GPV-009"]);
}

#[test]
fn sessions_are_marked_by_it_too() {
    let folder = scratch();
    let own = reported("Device.Lamp.Colour", "string", "red");
    let own = written(&folder, "own.transcript", own.as_bytes());
    let map = written(&folder, "phone.map", b"string:Device.Lamp.Colour=red\n");
    let infos = |arguments: &[&str]| {
        let output = informant(&[&["list", "-T", "ndjson", own.as_str()], arguments].concat());
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        json(stdout(&output).trim())
            .pointer("/findings/info")
            .and_then(Value::as_u64)
    };
    let (without, with) = (infos(&[]), infos(&["--data-model", &map]));
    assert_eq!(without, with.map(|with| with + 1));
}

#[test]
fn a_published_file_is_read_and_one_of_parts_is_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/spec/datamodels");
    let file = |name: &str| folder.join(name).display().to_string();
    if !folder.exists() {
        eprintln!("skipped: {} is absent", folder.display());
        return;
    }
    let scratch = scratch();
    let text = reported("Device.LAN.AddressingType", "string", "Guess");
    let session = written(&scratch, "a.transcript", text.as_bytes());
    let whole = file("tr-106-1-2-0-full.xml");
    let found = codes(&[&[session.as_str(), "--data-model", &whole], &DM[..]].concat());
    assert_eq!(found, ["DM-013"]);
    let output = informant(&["check", &session, "--data-model", &file("tr-143-1-1-0.xml")]);
    assert_eq!(code(&output), 2);
    let told = stderr(&output);
    assert!(
        told.contains("give the file of the model that imports it"),
        "{told}"
    );
}

#[test]
fn imports_are_found_beside_the_file() {
    let document = |inside: &str| {
        format!(
            "<dm:document xmlns:dm=\"urn:broadband-forum-org:cwmp:datamodel-1-5\">\n{inside}</dm:document>"
        )
    };
    let parts = "<dataType name='Colour'><string><enumeration value='red'/></string></dataType>";
    let model = "<import file='parts.xml' spec='s'><dataType name='Colour'/></import>
        <model name='Device:1.2'><object name='Device.' access='readOnly'/>
        <object name='Device.X_001122_Lamp.' access='readOnly'><parameter name='Colour' access='readWrite'>
        <syntax><dataType ref='Colour'/></syntax></parameter></object></model>";
    let folder = scratch();
    let text = reported("Device.X_001122_Lamp.Colour", "string", "green");
    let session = written(&folder, "a.transcript", text.as_bytes());
    let main = written(&folder, "main.xml", document(model).as_bytes());
    let output = informant(&["check", &session, "--data-model", &main]);
    assert_eq!(code(&output), 2);
    let told = stderr(&output);
    assert!(
        told.contains("main.xml:2:") && told.contains("parts.xml"),
        "{told}"
    );
    written(&folder, "parts.xml", document(parts).as_bytes());
    let found = codes(&[&[session.as_str(), "--data-model", &main], &DM[..]].concat());
    assert_eq!(found, ["DM-013"]);
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_its_place() {
    let folder = scratch();
    let session = reported("Device.DeviceInfo.UpTime", "unsignedInt", "7");
    let session = written(&folder, "a.transcript", session.as_bytes());
    let bad = written(
        &folder,
        "bad.map",
        b"# a phone\nstring Device.Lamp.Colour\n",
    );
    let cut = written(&folder, "cut.xml", b"<device>\n<parameter><name>A\n");
    let missing = folder.path().join("no.xml").display().to_string();
    for (file, place) in [
        (&bad, "bad.map:2:"),
        (&cut, "cut.xml:"),
        (&missing, "cannot be read"),
    ] {
        for command in ["check", "list"] {
            let output = informant(&[command, &session, "--data-model", file]);
            assert_eq!(code(&output), 2, "{command} {file}");
            let told = stderr(&output);
            assert!(told.contains(place), "{told}");
            assert_eq!(stdout(&output), "", "{command} {file}");
        }
    }
}

#[test]
fn the_licence_of_the_facts_is_shown() {
    let output = informant(&["rules", "--notice"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let notice = stdout(&output);
    assert!(notice.contains("Broadband Forum"), "{notice}");
    assert!(notice.contains("Redistribution and use"), "{notice}");
    let help = informant(&["check", "--help"]);
    assert!(stdout(&help).contains("informant rules --notice"));
}
