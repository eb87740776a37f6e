//! `--credentials`: what proves a password is verified, on recordings of independent peers; the file's own slips; and that
//! its passwords are seen nowhere.

use serde_json::{Value, json};

use crate::program::{
    all_forms, code, informant, peer, run, scratch, sessions_of, stderr, stdout, written,
};
use crate::wire::{self, Connection, Endpoint};

pub const CPE: [u8; 4] = [192, 0, 2, 17];
pub const ACS: [u8; 4] = [203, 0, 113, 10];

/// A run of `messages` with a file of credentials, if there is one.
pub fn told(capture: &str, credentials: &str, expression: &str) -> Vec<Value> {
    let folder = scratch();
    let file = written(&folder, "c.toml", credentials.as_bytes());
    let mut arguments = vec!["messages", "-q", "-T", "ndjson", "-Y", expression, capture];
    if !credentials.is_empty() {
        arguments.extend(["--credentials", &file]);
    }
    let output = informant(&arguments);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let records = stdout(&output);
    records.lines().map(crate::program::json).collect()
}

/// The values under a path of each record.
pub fn all(records: &[Value], pointer: &str) -> Vec<Value> {
    let value = |record: &Value| record.pointer(pointer).cloned().unwrap_or_default();
    records.iter().map(value).collect()
}

pub fn capture(folder: &tempfile::TempDir, frames: &[Vec<u8>]) -> String {
    written(folder, "a.pcap", &wire::capture(frames, 1000))
}

#[test]
fn connection_requests_of_peers_are_borne_out_as_the_devices_found() {
    let right = "[default.connection_request]\nuser_name = \"cruser\"\npassword = \"crpass\"\n";
    let mut compared = 0;
    for (name, count) in [
        ("easycwmp_genieacs.pcap", 5),
        ("orange_perlcwmp_stun.pcap", 2),
    ] {
        let Some(path) = peer(name) else {
            return;
        };
        let asked = told(&path, right, "role == connection_request && authorization");
        assert_eq!(asked.len(), count, "{name}");
        let answers = told(&path, right, "role == connection_request && status > 0");
        for request in &asked {
            let answer = answers
                .iter()
                .find(|answer| answer["connection"] == request["connection"]);
            let Some(answer) = answer else {
                continue;
            };
            let accepted = answer["status"] != 401;
            assert_eq!(request["authorization"]["valid"], accepted, "{request}");
            compared += 1;
        }
        for wrong in [
            right.replace("crpass", "other"),
            right.replace("cruser", "other"),
            "[default.connection_request]\nuser_name = \"other\"\n".to_owned(),
        ] {
            let asked = told(&path, &wrong, "role == connection_request && authorization");
            assert_eq!(
                all(&asked, "/authorization/valid"),
                vec![json!(false); count]
            );
        }
        let unknown = told(&path, "", "role == connection_request && authorization");
        let expected = json!({"scheme": "digest", "user_name": "cruser", "valid": null});
        assert_eq!(all(&unknown, "/authorization"), vec![expected; count]);
    }
    assert!(compared >= 6, "{compared}");
}

/// The truth beside the recordings says that `crpass` signs them.
#[test]
fn udp_connection_requests_of_a_peer_are_verified() {
    let Some(path) = peer("orange_perlcwmp_stun.pcap") else {
        return;
    };
    let verdicts = |credentials: &str| {
        let records = told(&path, credentials, "protocol == udp_connection_request");
        let valid = all(&records, "/signature_valid");
        let named = all(&records, "/un_valid");
        assert!(valid.iter().all(|one| *one == valid[0]) && valid.len() == 3);
        (valid[0].clone(), named[0].clone())
    };
    let section = |device: &str, user_name: &str, password: &str| {
        format!(
            "[{device}.connection_request]\nuser_name = \"{user_name}\"\npassword = \"{password}\"\n"
        )
    };
    let own = "device.\"0016AE-TR69Generic-JINGBO\"";
    for (credentials, valid, named) in [
        (
            section("default", "cruser", "crpass"),
            json!(true),
            json!(true),
        ),
        (section(own, "cruser", "crpass"), json!(true), json!(true)),
        (
            section("device.\"0016AE-*\"", "cruser", "crpass"),
            json!(true),
            json!(true),
        ),
        (
            section("default", "cruser", "wrong"),
            json!(false),
            json!(true),
        ),
        (
            section("default", "other", "crpass"),
            json!(true),
            json!(false),
        ),
        (
            section("device.\"0016AF-*\"", "cruser", "crpass"),
            json!(null),
            json!(null),
        ),
        (
            section("default", "other", "wrong") + &section(own, "cruser", "crpass"),
            json!(true),
            json!(true),
        ),
        (
            "[default.stun]\npassword = \"crpass\"\n".to_owned(),
            json!(null),
            json!(null),
        ),
        (String::new(), json!(null), json!(null)),
    ] {
        assert_eq!(verdicts(&credentials), (valid, named), "{credentials}");
    }
}

#[test]
fn basic_of_peers_at_their_acs_is_verified() {
    for (name, user_name, password, count) in [
        ("genieacs-sim_genieacs.pcap", "8KA8WA1151100043", "", 18),
        ("mhils_nginx-gzip-chunked.pcap", "acsuser", "acspass", 3),
    ] {
        let Some(path) = peer(name) else {
            return;
        };
        let account = |user_name: &str, password: &str| {
            format!("[default.acs]\nuser_name = \"{user_name}\"\npassword = \"{password}\"\n")
        };
        for (credentials, valid) in [
            (account(user_name, password), json!(true)),
            (
                format!("[default.acs]\npassword = \"{password}\"\n"),
                json!(true),
            ),
            (account(user_name, "no"), json!(false)),
            (account("no", password), json!(false)),
            (String::new(), json!(null)),
        ] {
            let records = told(&path, &credentials, "authorization.scheme == basic");
            assert!(records.len() >= count, "{name}: {}", records.len());
            for record in records {
                let given = &record["authorization"];
                assert_eq!(given["valid"], valid, "{credentials}");
                assert_eq!(given["user_name"], user_name);
            }
        }
    }
}

/// The sample capture's notes state its password.
#[test]
fn digest_of_the_sample_capture_is_verified() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/captures/bootstrap-with-provisioning/capture.pcapng"
    );
    let right = "[device.\"000B82-*\".acs]\npassword = \"cpe-secret-5346\"\n";
    let records = told(path, right, "authorization");
    assert!(!records.is_empty());
    assert!(records.iter().all(|record| record["authorization"]
        == json!({"scheme": "digest", "user_name": "000B82-GXP2170-000B82005346", "valid": true})));
    let folder = scratch();
    let file = written(&folder, "c.toml", right.as_bytes());
    for form in [&["messages", path][..], &["show", path, "1"]] {
        let output = informant(&[form, &["-q", "--credentials", &file]].concat());
        let text = stdout(&output);
        assert!(
            text.contains("digest ok") && !text.contains("digest wrong"),
            "{text}"
        );
    }
    written(&folder, "c.toml", b"[default.acs]\npassword = \"other\"\n");
    for form in [&["messages", path][..], &["show", path, "1"]] {
        let output = informant(&[form, &["-q", "--credentials", &file]].concat());
        let text = stdout(&output);
        assert!(
            text.contains("digest wrong") && !text.contains("digest ok"),
            "{text}"
        );
    }
}

/// A session of the device, which says where it listens.
pub fn informs(port: u16, serial_number: &str, event: &str, path: &str) -> Vec<Vec<u8>> {
    let body = wire::inform(serial_number, event).replace(
        "Device.DeviceInfo.SoftwareVersion</Name><Value xsi:type=\"xsd:string\">1.0",
        &format!(
            "Device.ManagementServer.ConnectionRequestURL</Name>\
             <Value xsi:type=\"xsd:string\">http://192.0.2.17:30005{path}"
        ),
    );
    says(port, &wire::post(&body), &[])
}

/// What the device says to the ACS, without the segments of these numbers, and a 204.
pub fn says(port: u16, request: &[u8], without: &[usize]) -> Vec<Vec<u8>> {
    let mut connection = Connection::new(Endpoint::new(CPE, port), Endpoint::new(ACS, 7547));
    let mut frames = connection.open();
    let sent = connection.send(0, request, 300);
    let kept = sent.into_iter().enumerate();
    frames.extend(kept.filter_map(|(at, frame)| (!without.contains(&at)).then_some(frame)));
    frames.extend(connection.send(1, &wire::reply(""), 1400));
    frames.extend(connection.close());
    frames
}

/// What the ACS says to the device.
pub fn wakes(port: u16, request: &str) -> Vec<Vec<u8>> {
    let device = Endpoint::new(CPE, 30005);
    let mut connection = Connection::new(Endpoint::new(ACS, port), device);
    let mut frames = connection.open();
    frames.extend(connection.send(0, request.as_bytes(), 1400));
    frames.extend(connection.send(1, &wire::reply(""), 1400));
    frames.extend(connection.close());
    frames
}

/// A POST of the device that answers this challenge.
pub fn answered(challenge: &str, body: &str) -> Vec<u8> {
    let challenges = http1::auth::challenges(challenge.as_bytes()).what;
    let answer = http1::auth::Answer {
        account: http1::auth::Account {
            user: "phone",
            password: "secret",
        },
        request: http1::auth::Request {
            method: b"POST",
            target: b"/acs",
            body: Some(body.as_bytes()),
        },
        encoding: http1::auth::Encoding::Utf8,
        cnonce: "0badcafe",
        nc: 1,
    };
    let digest = challenges.iter().find_map(http1::auth::Challenge::digest);
    let value = digest.expect("a challenge of Digest").answer(&answer);
    let value = String::from_utf8(value.expect("it can be answered")).expect("it is text");
    let post = String::from_utf8(wire::post(body)).expect("it is text");
    post.replacen("\r\n", &format!("\r\nAuthorization: {value}\r\n"), 1)
        .into_bytes()
}

#[test]
fn slips_in_the_file_end_every_command() {
    let folder = scratch();
    let capture = capture(&folder, &informs(40_000, "A1", "2 PERIODIC", "/cr"));
    let file = written(&folder, "c.toml", b"[default.acs]\npasword = \"hunter2\"\n");
    for command in ["summary", "list", "flow", "messages"] {
        let output = informant(&[command, &capture, "--credentials", &file]);
        assert_eq!((code(&output), stdout(&output).as_str()), (2, ""));
        let complaint = stderr(&output);
        let expected =
            format!("informant: {file}:2: `pasword` is no key: did you mean `password`?");
        assert!(complaint.starts_with(&expected), "{complaint}");
        assert!(!complaint.contains("hunter2"), "{complaint}");
    }
    let output = informant(&["show", &capture, "1", "--credentials", &file]);
    assert_eq!(code(&output), 2);
    let missing = format!("{file}.none");
    let output = informant(&["list", &capture, "--credentials", &missing]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("the credentials cannot be read"));
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_is_remarked_on() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = scratch();
    let capture = capture(&folder, &informs(40_000, "A1", "2 PERIODIC", "/cr"));
    let file = written(
        &folder,
        "c.toml",
        b"[default.acs]\npassword = \"hunter2\"\n",
    );
    for (mode, quiet, remark) in [
        (0o600, false, false),
        (0o644, false, true),
        (0o644, true, false),
    ] {
        let rights = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(&file, rights).expect("the file is ours");
        let mut arguments = vec!["list", &capture, "--credentials", &file];
        arguments.extend(quiet.then_some("-q"));
        let output = informant(&arguments);
        assert_eq!(code(&output), 0);
        assert_eq!(
            stderr(&output).contains("chmod 600"),
            remark,
            "{mode:o} {quiet}"
        );
    }
}

#[test]
fn passwords_of_the_file_are_seen_nowhere() {
    let request = answered(
        "Digest realm=\"acs\", nonce=\"abc\", qop=\"auth\"",
        &wire::inform("A1", "2 PERIODIC"),
    );
    let mut frames = says(40_000, &request, &[]);
    frames.extend(wakes(
        5000,
        "GET /cr HTTP/1.1\r\nHost: x\r\nAuthorization: Basic YTpi\r\n\r\n",
    ));
    let folder = scratch();
    let capture = capture(&folder, &frames);
    let text = ["acs", "connection_request", "stun"]
        .map(|account| format!("[default.{account}]\npassword = \"SEkRET\"\n"))
        .concat();
    let file = written(&folder, "c.toml", text.as_bytes());
    for form in all_forms(&capture, sessions_of(&capture)) {
        for secrets in [None, Some("--show-secrets".to_owned())] {
            let options = ["--credentials".to_owned(), file.clone()];
            let form: Vec<String> = form.iter().cloned().chain(options).chain(secrets).collect();
            let output = run(&form);
            assert_eq!(code(&output), 0, "{form:?}");
            let said = stdout(&output) + &stderr(&output);
            assert!(!said.contains("SEkRET"), "{form:?}: {said}");
        }
    }
}
