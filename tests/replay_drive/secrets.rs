//! A secret that the other side says again is shown in no form of the report.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
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

/// The secret as XML has it.
fn escaped() -> String {
    SECRET
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

/// A phone that says the secret again, in its Inform, in a fault and in the name of an element.
fn tells(url: &str) {
    let address = url
        .trim_start_matches("http://")
        .split('/')
        .next()
        .expect("an authority");
    let mut stream = TcpStream::connect(address).expect("loopback");
    let escaped = escaped();
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

/// What `serve` shows, complains of and logs, where the secret is a password that it sets and a device says again; before it
/// comes one whose serial number is the secret.
fn served(folder: &Path, format: &str, further: &[&str]) -> [String; 3] {
    let quoted = SECRET.replace('"', "\\\"");
    let queue = format!("SetParameterValues Device.X.Password=\"{quoted}\"\n");
    std::fs::write(folder.join("q.txt"), queue).expect("written");
    let log = folder.join("serve.ndjson");
    let _ = std::fs::remove_file(&log);
    let serve = ["serve", "--listen", "127.0.0.1:0", "--queue", "q.txt"];
    let device = ["--device", "001565-T46-1", "--allow", "set", "-c", "1"];
    let rest = ["-a", "duration:20", "--audit", "serve.ndjson", "-T", format];
    let color = ["--color", "never"];
    let mut child = program(
        folder,
        &[&serve[..], &device, &rest, &color, further].concat(),
    )
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .expect("the program runs");
    let mut err = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut said = String::new();
    let url = loop {
        assert!(err.read_line(&mut said).expect("text") > 0, "{said}");
        if let Some((_, url)) = said.trim_end().rsplit_once("listening at ") {
            break url.to_owned();
        }
    };
    let stranger = inform().replace("<SerialNumber>1<", &format!("<SerialNumber>{}<", escaped()));
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(address).expect("loopback");
    stream.write_all(&post(&stranger)).expect("it reads");
    let _ = stream.read(&mut [0; 1024]);
    tells(&url);
    let output = child.wait_with_output().expect("it ends");
    err.read_to_string(&mut said).expect("text");
    let log = std::fs::read_to_string(log).expect("the log");
    [text(&output.stdout), said, log]
}

#[test]
fn what_a_device_says_of_a_secret_is_masked_by_serve_too() {
    let folder = tempfile::tempdir().expect("a folder");
    for format in ["text", "ndjson"] {
        let [shown, said, log] = served(folder.path(), format, &[]);
        for page in [&shown, &said] {
            assert!(page.contains("masked"), "{format}: {page}");
        }
        for part in ["hush", "7-w"] {
            let pages = [&shown, &said, &log];
            assert!(
                pages.iter().all(|page| !page.contains(part)),
                "{format}: {pages:?}"
            );
        }
        let [shown, said, _] = served(folder.path(), format, &["--show-secrets"]);
        assert!(shown.contains("hush"), "{format}: {shown}");
        assert!(said.contains("hush"), "{format}: {said}");
    }
}
