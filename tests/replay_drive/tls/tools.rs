//! Against tools that others wrote: curl, the openssl command, and Python's urllib. What is absent is said and skipped.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use informant::replay::scenario::{Auth, AuthScheme, Role, Scenario};

use super::super::{INFORM_RESPONSE, expect, inform, scenario, send};
use super::{Bench, replay, text, written};

/// An ACS for an Inform and nothing else, behind a challenge where one is given.
fn greeting(auth: Option<(AuthScheme, Option<&str>)>) -> Scenario {
    let head = "HTTP/1.1 200 OK\nContent-Type: text/xml\nContent-Length: {{http.length}}";
    let mut acs = scenario(
        Role::Acs,
        vec![
            expect("Inform"),
            send(Some("01.xml"), head, Vec::new()),
            expect("empty"),
            send(None, "HTTP/1.1 204 No Content", Vec::new()),
        ],
    );
    acs.files
        .insert("01.xml".to_owned(), INFORM_RESPONSE.as_bytes().to_vec());
    acs.auth = auth.map(|(scheme, algorithm)| Auth {
        scheme,
        realm: "bench \"1\"".to_owned(),
        algorithm: algorithm.map(str::to_owned),
        qop: algorithm.map(|_| "auth".to_owned()),
        username: "phone".to_owned(),
        password: "secret of it".to_owned(),
        challenge_head: None,
        challenge_body: None,
    });
    acs
}

fn has(program: &str) -> bool {
    let found = Command::new(program)
        .arg("version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if found.is_err() {
        eprintln!("skipped: {program} is absent");
    }
    found.is_ok()
}

const CURL: [&str; 6] = [
    "-sS",
    "--max-time",
    "20",
    "--cacert",
    "issuer.pem",
    "--http1.1",
];
const SERVED: [&str; 4] = ["--tls-cert", "acs.pem", "--tls-key", "acs.key"];

/// An Inform, and an empty POST on the same connection; no such one with credentials, for it is what curl asks for a challenge with.
fn curl(folder: &Path, url: &str, more: &[&str]) -> (bool, String) {
    let one = |body: &str| -> Vec<String> {
        let data = ["--data-binary", body, "-H", "Content-Type: text/xml", url];
        let all = CURL.iter().chain(more).chain(&data);
        all.map(|it| (*it).to_owned()).collect()
    };
    let mut arguments = one("@inform.xml");
    if !more.contains(&"-u") {
        arguments.push("--next".to_owned());
        arguments.extend(one(""));
    }
    let output = Command::new("curl")
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("curl");
    let said = text(&output.stdout) + &text(&output.stderr);
    (
        output.status.success() && said.contains("InformResponse"),
        said,
    )
}

fn bench_with(acs: &Scenario) -> Bench {
    let bench = Bench::new();
    written(bench.path(), "greets", acs);
    std::fs::write(bench.path().join("inform.xml"), inform()).expect("written");
    bench
}

#[test]
fn curl_talks_to_the_acs() {
    if !has("curl") {
        return;
    }
    let bench = bench_with(&greeting(None));
    let client = ["--cert", "phone.pem", "--key", "phone.key"];
    let asks = ["--tls-client-ca", "issuer.pem"];
    for library in super::libraries() {
        let rows: [(&[&str], &[&str]); 4] = [
            (&[], &[]),
            (&[], &["--tls-max", "1.2"]),
            (&asks, &client),
            (&asks, &[&client[..], &["--tls-max", "1.2"]].concat()),
        ];
        for (ours, theirs) in rows {
            let acs = bench.acs_of("greets", &[&SERVED, ours, library].concat());
            let (good, said) = curl(bench.path(), &format!("{}acs", acs.url), theirs);
            let acs = acs.end();
            assert!(good, "{library:?} {theirs:?}: {said}");
            assert_eq!(
                acs.status.code(),
                Some(0),
                "{theirs:?}: {}",
                text(&acs.stdout)
            );
            let tls = replay(&acs)["tls"].clone();
            assert_eq!(tls["verified"], !ours.is_empty(), "{tls}");
            assert_eq!(tls["failures"].as_array().map(Vec::len), Some(0), "{tls}");
        }
    }
}

#[test]
fn curl_proves_itself_to_the_acs_by_digest_and_basic() {
    if !has("curl") {
        return;
    }
    let digest = AuthScheme::Digest;
    let rows = [
        ((digest, Some("MD5")), "--digest"),
        ((digest, Some("MD5")), "--anyauth"),
        ((digest, Some("SHA-256")), "--digest"),
        ((digest, Some("SHA-256")), "--anyauth"),
        ((digest, None), "--digest"),
        ((AuthScheme::Basic, None), "--basic"),
        ((AuthScheme::Basic, None), "--anyauth"),
    ];
    std::thread::scope(|scope| {
        for (auth, how) in rows {
            scope.spawn(move || proves_itself(auth, how));
        }
    });
    eprintln!("{} cells with curl", rows.len() * 3);
}

fn proves_itself(auth: (AuthScheme, Option<&str>), how: &str) {
    let mut acs = greeting(Some(auth));
    acs.steps.truncate(2);
    let bench = bench_with(&acs);
    for (ours, password, good) in [
        (&[][..], "secret of it", true),
        (&SERVED, "secret of it", true),
        (&[], "another", false),
    ] {
        let acs = bench.acs_of("greets", ours);
        let user = format!("phone:{password}");
        let url = format!("{}acs", acs.url);
        let (went, said) = curl(bench.path(), &url, &[how, "-u", &user]);
        let acs = acs.end();
        assert_eq!(went, good, "{auth:?} {how} {password}: {said}");
        assert_eq!(acs.status.code() == Some(0), good, "{}", text(&acs.stdout));
    }
}

/// Python's urllib, which opens a connection for each request.
const URLLIB: &str = r#"
import sys, urllib.request as u
url, password = sys.argv[1], sys.argv[2]
keys = u.HTTPPasswordMgrWithDefaultRealm()
keys.add_password(None, url, "phone", password)
opener = u.build_opener(u.ProxyHandler({}), u.HTTPDigestAuthHandler(keys), u.HTTPCookieProcessor())
body = open("inform.xml", "rb").read()
for data in (body, b""):
    request = u.Request(url, data=data, headers={"Content-Type": "text/xml"})
    answer = opener.open(request, timeout=20)
    print(answer.status, answer.read().decode())
"#;

#[test]
fn urllib_proves_itself_to_the_acs_by_digest() {
    let there = Command::new("python3").arg("--version").output();
    if there.is_err() {
        eprintln!("skipped: python3 is absent");
        return;
    }
    for algorithm in [Some("MD5"), Some("SHA-256"), None] {
        let bench = bench_with(&greeting(Some((AuthScheme::Digest, algorithm))));
        for (password, good) in [("secret of it", true), ("another", false)] {
            let acs = bench.acs_of("greets", &[]);
            let output = Command::new("python3")
                .args(["-c", URLLIB, &format!("{}acs", acs.url), password])
                .current_dir(bench.path())
                .output()
                .expect("python3");
            let acs = acs.end();
            let said = text(&output.stdout) + &text(&output.stderr);
            let went = output.status.success() && said.contains("InformResponse");
            if !good || algorithm != Some("SHA-256") {
                assert_eq!(
                    went,
                    good,
                    "{algorithm:?} {password}: {said}{}",
                    text(&acs.stdout)
                );
                assert_eq!(acs.status.code() == Some(0), good, "{}", text(&acs.stdout));
            } else if !went {
                eprintln!("skipped: this urllib knows no SHA-256: {said}");
            }
        }
    }
}

/// What is spoken: the option of the openssl command, its cipher suites, the version as reports have it, whether rustls speaks it.
const CELLS: [(&str, &str, &str, bool); 15] = [
    ("-tls1", "AES128-SHA", "TLS 1.0", false),
    ("-tls1", "AES256-SHA", "TLS 1.0", false),
    ("-tls1", "DHE-RSA-AES128-SHA", "TLS 1.0", false),
    ("-tls1", "ECDHE-RSA-AES128-SHA", "TLS 1.0", false),
    ("-tls1_1", "AES128-SHA", "TLS 1.1", false),
    ("-tls1_1", "AES256-SHA", "TLS 1.1", false),
    ("-tls1_1", "ECDHE-RSA-AES256-SHA", "TLS 1.1", false),
    ("-tls1_2", "AES128-SHA", "TLS 1.2", false),
    ("-tls1_2", "AES128-SHA256", "TLS 1.2", false),
    ("-tls1_2", "AES128-GCM-SHA256", "TLS 1.2", false),
    ("-tls1_2", "ECDHE-RSA-AES128-SHA", "TLS 1.2", false),
    ("-tls1_2", "ECDHE-RSA-AES128-GCM-SHA256", "TLS 1.2", true),
    ("-tls1_2", "ECDHE-RSA-AES256-GCM-SHA384", "TLS 1.2", true),
    ("-tls1_2", "ALL", "TLS 1.2", true),
    ("-tls1_3", "", "TLS 1.3", true),
];

/// The arguments of a cell.
fn spoken(version: &str, suites: &str) -> Vec<String> {
    let mut arguments = vec![version.to_owned()];
    if !suites.is_empty() {
        arguments.push("-cipher".to_owned());
        arguments.push(format!("{suites}:@SECLEVEL=0"));
    }
    arguments
}

/// Keys are of RSA only where OpenSSL makes them; the suites above need that.
fn has_cells() -> bool {
    cfg!(feature = "legacy-tls") && has("openssl")
}

#[test]
fn the_openssl_command_talks_to_the_acs_in_every_version() {
    if !has_cells() {
        return;
    }
    let bench = bench_with(&greeting(None));
    // At the same time: an ACS that speaks what was not asked for waits for more.
    std::thread::scope(|scope| {
        for library in super::libraries() {
            for cell in CELLS {
                let bench = &bench;
                scope.spawn(move || talks(bench, library, cell));
            }
        }
    });
    let cells = super::libraries().len() * CELLS.len();
    eprintln!("{cells} cells with openssl s_client");
}

fn talks(
    bench: &Bench,
    library: &[&str],
    (version, suites, name, modern): (&str, &str, &str, bool),
) {
    let speaks = modern || !library.is_empty();
    let acs = bench.acs_of("greets", &[&SERVED, library].concat());
    let mut client = Command::new("openssl")
        .args(["s_client", "-quiet", "-no_ign_eof", "-verify_return_error"])
        .args(["-CAfile", "issuer.pem", "-connect"])
        .arg(format!("127.0.0.1:{}", acs.port()))
        .args(spoken(version, suites))
        .current_dir(bench.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("openssl");
    let went = inform_by(&mut client);
    let said = ended(client);
    let acs = acs.end();
    let cell = format!(
        "{library:?} {version} {suites}: {said}{}",
        text(&acs.stdout)
    );
    assert_eq!(went, speaks, "{cell}");
    assert_eq!(
        acs.status.code(),
        Some(if speaks { 0 } else { 5 }),
        "{cell}"
    );
    let replay = replay(&acs);
    if speaks {
        assert_eq!(replay["tls"]["version"], name, "{cell}");
        assert!(!said.contains("eof"), "it ends with close_notify: {cell}");
        return;
    }
    let wanted = match version {
        "-tls1_2" => "the phone offered no cipher suite".to_owned(),
        _ => format!("the phone offered {name} only: give --tls-legacy"),
    };
    let reason = replay["reason"].as_str().unwrap_or_default();
    assert!(reason.contains(&wanted), "{wanted}: {cell}");
}

/// Says an Inform and an empty POST through a command, and whether both were answered.
fn inform_by(client: &mut Child) -> bool {
    let mut input = client.stdin.take().expect("a pipe");
    let mut output = BufReader::new(client.stdout.take().expect("a pipe"));
    for (body, wanted) in [
        (inform(), "InformResponse>"),
        (String::new(), "204 No Content"),
    ] {
        let message = super::super::post(&body);
        if input
            .write_all(&message)
            .and_then(|()| input.flush())
            .is_err()
        {
            return false;
        }
        if !until(&mut output, wanted) {
            return false;
        }
    }
    true
}

/// Reads until something was said; false where it was not.
fn until(output: &mut impl Read, wanted: &str) -> bool {
    let mut said = Vec::new();
    let mut byte = [0; 1];
    while let Ok(1..) = output.read(&mut byte) {
        said.extend_from_slice(&byte);
        if said.ends_with(wanted.as_bytes()) {
            return true;
        }
    }
    false
}

fn ended(mut child: Child) -> String {
    let mut said = String::new();
    drop(child.stdin.take());
    if let Some(mut errors) = child.stderr.take() {
        let _ = errors.read_to_string(&mut said);
    }
    let _ = child.wait();
    said
}

#[test]
fn the_phone_talks_to_the_openssl_command_in_every_version() {
    if !has_cells() {
        return;
    }
    let bench = bench_with(&greeting(None));
    let head = "POST {{http.target}} HTTP/1.1\nHost: {{http.host}}\nContent-Type: text/xml\nContent-Length: {{http.length}}";
    let mut phone = scenario(
        Role::Cpe,
        vec![
            send(Some("01.xml"), head, Vec::new()),
            expect("InformResponse"),
            send(None, &head.replace("{{http.length}}", "0"), Vec::new()),
            expect("empty"),
        ],
    );
    phone
        .files
        .insert("01.xml".to_owned(), inform().into_bytes());
    written(bench.path(), "calls", &phone);
    let mut cells = 0;
    for library in super::libraries() {
        for (version, suites, name, modern) in CELLS {
            let speaks = modern || !library.is_empty();
            let (server, port) = serve(bench.path(), &spoken(version, suites));
            let url = format!("https://127.0.0.1:{port}/acs");
            let arguments = [
                &[
                    "replay",
                    "cpe",
                    "calls",
                    "--device",
                    "001565-T46-1",
                    "--acs-url",
                ][..],
                &[&url, "--tls-ca", "issuer.pem"],
                &["-T", "json", "--timeout", "5", "--fail-on", "never"],
                library,
            ]
            .concat();
            let phone = super::run(bench.path(), &arguments);
            let said = server.end();
            let cell = format!(
                "{library:?} {version} {suites}: {said}{}",
                text(&phone.stdout)
            );
            assert_eq!(
                phone.status.code(),
                Some(if speaks { 0 } else { 5 }),
                "{cell}"
            );
            let replay = replay(&phone);
            if speaks {
                assert_eq!(replay["tls"]["version"], name, "{cell}");
                assert_eq!(replay["tls"]["verified"], true, "{cell}");
            } else {
                let reason = replay["reason"].as_str().unwrap_or_default();
                assert!(reason.contains("--tls-legacy"), "{cell}");
            }
            cells += 1;
        }
    }
    eprintln!("{cells} cells with openssl s_server");
}

/// An ACS of the openssl command, with somebody at its keyboard.
struct Server {
    child: Child,
    typist: std::thread::JoinHandle<()>,
}

fn serve(folder: &Path, spoken: &[String]) -> (Server, u16) {
    let mut child = Command::new("openssl")
        .args([
            "s_server",
            "-accept",
            "127.0.0.1:0",
            "-naccept",
            "1",
            "-cert",
            "acs.pem",
        ])
        .args(["-key", "acs.key"])
        .args(spoken)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("openssl");
    let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
    let port = loop {
        let mut line = String::new();
        let count = output.read_line(&mut line).expect("text");
        assert!(count > 0, "the openssl command does not listen");
        if let Some((_, port)) = line
            .trim()
            .split_once("ACCEPT ")
            .and_then(|(_, at)| at.rsplit_once(':'))
        {
            break port.parse().expect("a port");
        }
    };
    let mut input = child.stdin.take().expect("a pipe");
    let typist = std::thread::spawn(move || {
        let response = INFORM_RESPONSE.replace("{{cwmp.id}}", "1");
        let length = response.len();
        let first = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {length}\r\n\r\n{response}"
        );
        let last = "HTTP/1.1 204 No Content\r\n\r\n".to_owned();
        for (wanted, answer) in [
            ("</soap:Envelope>", first),
            ("Content-Length: 0\r\n\r\n", last),
        ] {
            if !until(&mut output, wanted) || input.write_all(answer.as_bytes()).is_err() {
                break;
            }
        }
        // Until it ends, which it does behind its only connection.
        let _ = output.read_to_end(&mut Vec::new());
        drop(input);
    });
    (Server { child, typist }, port)
}

impl Server {
    fn end(self) -> String {
        self.typist.join().expect("it types");
        ended(self.child)
    }
}
