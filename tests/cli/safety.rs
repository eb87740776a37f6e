//! What is hidden, what is escaped, and what fits the screen.

use std::collections::BTreeSet;
use std::path::Path;

use crate::beside::beside;
use crate::program::{
    all_forms, captures, code, command, informant, json, run, scratch, sessions_of, stderr, stdout,
    written,
};
use crate::scene::{Hostile, session_capture};

#[test]
fn every_form_is_harmless_hides_secrets_and_is_the_same_every_time() {
    beside(&captures(), |path| {
        let secrets = secrets_of(path);
        let capture = path.to_string_lossy().into_owned();
        let mut shown = 0;
        for form in all_forms(&capture, sessions_of(&capture)) {
            let first = run(&form);
            assert_eq!(code(&first), 0, "{form:?}: {}", stderr(&first));
            assert_eq!(first.stdout, run(&form).stdout, "{form:?}");
            let text = stdout(&first);
            assert_harmless(&text, &form);
            for secret in &secrets {
                assert!(!text.contains(secret.as_str()), "{form:?} shows {secret}");
            }
            if !secrets.is_empty() {
                let mut form = form;
                form.push("--show-secrets".to_owned());
                let open = stdout(&run(&form));
                let seen = |secret: &&String| open.contains(secret.as_str());
                shown += secrets.iter().filter(seen).count();
            }
        }
        println!("{capture}: {} secrets", secrets.len());
        let plain = !capture.contains("https");
        assert!(
            secrets.is_empty() || !plain || shown > 0,
            "{capture}: --show-secrets shows them"
        );
    });
}

/// What stands in a capture that nobody should read.
fn secrets_of(capture: &Path) -> BTreeSet<String> {
    let bytes = std::fs::read(capture).unwrap_or_default();
    let places = [
        ("Cookie: session=", "\r"),
        ("Cookie: ID=", "\r;"),
        ("Authorization: Basic ", "\r"),
        ("response=\"", "\""),
        (
            ".ConnectionRequestPassword</Name><Value xsi:type=\"xsd:string\">",
            "<",
        ),
    ];
    let found = places
        .iter()
        .flat_map(|(before, after)| texts_between(&bytes, before, after));
    let mut secrets: BTreeSet<String> = found.filter(|secret| secret.len() > 3).collect();
    if bytes.windows(6).any(|window| window == b"crpass") {
        secrets.insert("crpass".to_owned());
    }
    secrets
}

/// Each call holds the secret once; every output of a session is searched for it.
#[test]
fn secrets_in_odd_places_are_hidden_everywhere() {
    let fault = |parameter: &str| {
        format!(
            "<soap:Fault><faultcode>Client</faultcode><faultstring>CWMP fault</faultstring><detail><cwmp:Fault>\
             <FaultCode>9003</FaultCode><FaultString>cannot get http://u:SEKRET@h/f</FaultString>{parameter}\
             </cwmp:Fault></detail></soap:Fault>"
        )
    };
    let set = |members: &str| {
        format!(
            "<cwmp:SetParameterValues><ParameterList><ParameterValueStruct>{members}</ParameterValueStruct>\
             <ParameterValueStruct><Name>Device.Shown</Name><Value>evident</Value></ParameterValueStruct>\
             </ParameterList><ParameterKey>evidentkey</ParameterKey></cwmp:SetParameterValues>"
        )
    };
    let vendor = |content: &str| format!("<cwmp:X_Vendor>{content}</cwmp:X_Vendor>");
    let calls = [
        set("<Name>A.x</Name><Name>A.Password</Name><Value>SEKRET</Value>"),
        set("<Name>A.Password</Name><Name>A.x</Name><Value>SEKRET</Value>"),
        set("<Name>A.Password</Name><Value>a</Value><Value>SEKRET</Value>"),
        set("<Name>A.Password</Name><Value>a</Value>SEKRET"),
        set("<Name>A.Password</Name><!-- SEKRET --><Value>a</Value>"),
        set("<Name>A.Pass<b/>word</Name><Value>SEKRET</Value>"),
        set("<Name><b>A.Password</b></Name><Value>SEKRET</Value>"),
        set("<name>A.Password</name><value>SEKRET</value>"),
        set("<NAME>A.Password</NAME><VALUE>SEKRET</VALUE>"),
        set("<Name>A.WPAPSK</Name><Value>SEKRET</Value>"),
        set("<Name>A.URI</Name><Value>sip:user:SEKRET@host</Value>"),
        set("<Name>A.Config</Name><Value>&lt;Password&gt;SEKRET&lt;/Password&gt;</Value>"),
        vendor("<Setting name=\"sip_password\">SEKRET</Setting>"),
        vendor("<Config><![CDATA[<a password=\"SEKRET\"/>user=u password=SEKRET]]></Config>"),
        vendor("<Config>{\"password\": \"SEKRET\", \"shown\": 1}</Config>"),
        "<cwmp:Kicked><Command/><Referer/><Arg>password=SEKRET</Arg><Next>http://h/;jsessionid=SEKRET?session=SEKRET</Next></cwmp:Kicked>".to_owned(),
        "<cwmp:Download><CommandKey>http://u:SEKRET@h/</CommandKey><FileType>1</FileType><URL>http://h/f?x=1&amp;signature=SEKRET</URL></cwmp:Download>".to_owned(),
    ];
    let answers = [
        "",
        "<SetParameterValuesFault><ParameterName>A.Password</ParameterName><FaultCode>9007</FaultCode>\
         <FaultString>Invalid value SEKRET</FaultString></SetParameterValuesFault>",
    ];
    let answers = answers
        .iter()
        .cycle()
        .map(|parameter| (true, fault(parameter)));
    let session = Hostile {
        text: b"plain".to_vec(),
        serial: b"000001".to_vec(),
        vendor: false,
        calls: calls
            .iter()
            .map(|call| (false, call.clone()))
            .zip(answers)
            .flat_map(|(call, answer)| [call, answer])
            .collect(),
    };
    let folder = scratch();
    let capture = written(&folder, "a.pcap", &session_capture(&session));
    assert_eq!(sessions_of(&capture), 1);
    let mut told = 0;
    for mut form in all_forms(&capture, 1) {
        let hidden = stdout(&run(&form));
        let found = hidden.lines().find(|line| line.contains("SEKRET"));
        assert!(found.is_none(), "{form:?}: {found:?}");
        form.push("--show-secrets".to_owned());
        told += usize::from(stdout(&run(&form)).contains("SEKRET"));
    }
    assert!(told >= 8, "they were there to be hidden: {told}");
    let shown = stdout(&informant(&["show", &capture, "1"]));
    for evident in ["evident", "evidentkey", "Device.Shown", "9007"] {
        assert!(shown.contains(evident), "{evident}");
    }
}

fn texts_between(bytes: &[u8], before: &str, after: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest
        .windows(before.len())
        .position(|window| window == before.as_bytes())
    {
        rest = &rest[at + before.len()..];
        let end = rest
            .iter()
            .position(|byte| after.as_bytes().contains(byte))
            .unwrap_or(0);
        found.push(String::from_utf8_lossy(&rest[..end]).into_owned());
    }
    found
}

#[test]
fn hostile_text_never_reaches_a_terminal() {
    let folder = scratch();
    let nasty = b"x\x1b[31m\x07\x08\x7f\xc2\x9b2J\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8f\xd8\x9c\xe2\x80\xa8\xff\xfe\r::error::\t\x01".to_vec();
    let session = Hostile {
        text: nasty.clone(),
        serial: nasty,
        vendor: true,
        calls: Vec::new(),
    };
    let bytes = session_capture(&session);
    let capture = written(&folder, "a\u{1b}[31m\u{202e}b.pcap", &bytes);
    let sessions = sessions_of(&capture);
    assert_eq!(sessions, 1);
    for form in all_forms(&capture, sessions) {
        for extra in [None, Some("--show-secrets")] {
            let mut form = form.clone();
            form.extend(extra.map(str::to_owned));
            let output = run(&form);
            assert_eq!(code(&output), 0, "{form:?}: {}", stderr(&output));
            assert_harmless(&stdout(&output), &form);
            assert_harmless(&stderr(&output), &form);
            let lines = stdout(&output);
            if form.contains(&"ndjson".to_owned()) {
                lines.lines().map(json).for_each(drop);
            } else if form.contains(&"json".to_owned()) {
                json(&lines);
            }
        }
    }
    let missing = folder
        .path()
        .join("no\u{1b}[31m\u{202e}.pcap")
        .to_string_lossy()
        .into_owned();
    let output = informant(&["list", &missing]);
    assert_harmless(&stderr(&output), &[missing]);
    let rows = stdout(&informant(&["messages", "-T", "ndjson", &capture]));
    assert!(
        rows.lines().map(json).any(|row| row["lossy"] == true),
        "bytes that are no text are marked"
    );
}

fn assert_harmless(text: &str, form: &[String]) {
    let harmful = |character: &char| {
        (character.is_control() && *character != '\n')
            || ('\u{202a}'..='\u{202e}').contains(character)
            || ('\u{2066}'..='\u{2069}').contains(character)
            || "\u{200e}\u{200f}\u{61c}\u{2028}\u{2029}".contains(*character)
    };
    let found = text.chars().find(harmful);
    assert!(found.is_none(), "{form:?}: {found:?} in {text:?}");
}

#[test]
fn text_fits_the_screen() {
    beside(&captures(), |capture| {
        let capture = capture.to_string_lossy().into_owned();
        for form in ["summary", "list", "flow", "messages", "check"] {
            for columns in ["40", "60", "80", "140"] {
                assert_fits(form, &capture, columns);
            }
        }
    });
}

fn assert_fits(form: &str, capture: &str, columns: &str) {
    let Ok(output) = command()
        .env("COLUMNS", columns)
        .args([form, capture])
        .output()
    else {
        panic!("no start")
    };
    let room: usize = columns.parse().unwrap_or(80);
    for line in stdout(&output)
        .lines()
        .filter(|line| !line.contains("informant ") && !line.contains(capture))
    {
        assert!(line.chars().count() <= room, "{form} at {columns}: {line}");
    }
}
