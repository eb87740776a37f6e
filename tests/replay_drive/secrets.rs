//! A secret that the other side says again is shown in no form of the report.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Stdio;

use informant::replay::scenario::{Act, Class, Scenario, Variable};

use super::program::{listening, program, text, written};
use super::{acs_that_sends, envelope, inform, post};

const SECRET: &str = "hush\"&<7-w\u{f6}rd";

/// Sets a password, and holds the Inform against a recorded one.
fn sets_a_password() -> Scenario {
    let set = envelope(
        "<cwmp:SetParameterValues><ParameterList><ParameterValueStruct><Name>Device.X.Password</Name>\
         <Value>{{sip_password}}</Value></ParameterValueStruct></ParameterList><ParameterKey/>\
         </cwmp:SetParameterValues>",
    );
    let mut scenario = acs_that_sends(set.as_bytes(), Vec::new());
    let secret = Variable::Secret {
        env: Some("SIP_PASSWORD".to_owned()),
        file: None,
    };
    scenario.vars.insert("sip_password".to_owned(), secret);
    scenario.safety.allow = vec![Class::Set];
    scenario.files.insert(
        "00.xml".to_owned(),
        said("Device.X.Label", "recorded").into_bytes(),
    );
    if let Some(Act::Expect(expect)) = scenario.steps.first_mut().map(|step| &mut step.act) {
        expect.like = Some("00.xml".to_owned());
    }
    scenario
}

/// An Inform with this parameter.
fn said(name: &str, value: &str) -> String {
    inform().replace(
        "<ParameterList></ParameterList>",
        &format!(
            "<ParameterList><ParameterValueStruct><Name>{name}</Name><Value>{value}</Value>\
             </ParameterValueStruct></ParameterList>"
        ),
    )
}

/// A phone that says the secret again, in its Inform, in a fault and in the name of an element.
fn tells(url: &str) {
    let address = url
        .trim_start_matches("http://")
        .split('/')
        .next()
        .expect("an authority");
    let mut stream = TcpStream::connect(address).expect("loopback");
    let escaped = SECRET
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;");
    let fault = envelope(&format!(
        "<soap:Fault><faultcode>Client</faultcode><faultstring>CWMP fault</faultstring><detail><cwmp:Fault>\
         <FaultCode>9007</FaultCode><FaultString>'{escaped}' is too short</FaultString></cwmp:Fault></detail></soap:Fault>"
    ));
    let url_encoded = "sip:a:hush%22%26%3C7-w%C3%B6rd@b".to_owned();
    for message in [
        post(&said(
            "Device.X.Label",
            &format!("a {escaped}, {url_encoded}"),
        )),
        post(""),
        post(&fault),
    ] {
        let _ = stream.write_all(&message);
        let mut room = [0; 16_384];
        let _ = stream.read(&mut room);
    }
}

fn report(folder: &Path, format: &str, further: &[&str]) -> String {
    let arguments = [
        "replay",
        "acs",
        "acs",
        "--listen",
        "127.0.0.1:0",
        "--timeout",
        "2",
    ];
    let more = ["--allow", "set", "--color", "never", "-T", format];
    let mut child = program(folder, &[&arguments[..], &more, further].concat())
        .env("SIP_PASSWORD", SECRET)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    tells(&listening(&mut child));
    text(&child.wait_with_output().expect("it ends").stdout)
}

#[test]
fn what_the_peer_says_of_a_secret_is_masked_in_every_form() {
    let folder = tempfile::tempdir().expect("a folder");
    written(folder.path(), "acs", &sets_a_password());
    for format in ["text", "json", "ndjson", "junit"] {
        let shown = report(folder.path(), format, &[]);
        assert!(shown.contains("masked"), "{format}: {shown}");
        for part in ["hush", "7-w"] {
            assert!(!shown.contains(part), "{format}: {shown}");
        }
        if format == "json" {
            let read: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
            assert_eq!(read["replays"][0]["verdict"], "differs");
        }
        if format == "junit" {
            assert!(roxmltree::Document::parse(&shown).is_ok(), "{shown}");
        }
        let open = report(folder.path(), format, &["--show-secrets"]);
        assert!(open.contains("hush"), "{format}: {open}");
    }
}
