//! Two replays against each other over HTTPS: what passes, and what is refused with which words.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Bench, libraries, replay, run, text};

const CERTIFICATE: [&str; 4] = ["--tls-cert", "acs.pem", "--tls-key", "acs.key"];
const ISSUER: [&str; 2] = ["--tls-ca", "issuer.pem"];

#[test]
fn both_roles_and_both_libraries_pass_with_certificates_both_ways() {
    let bench = Bench::new();
    for (row, acs_by) in libraries().iter().enumerate() {
        for (column, cpe_by) in libraries().iter().enumerate() {
            let [acs_log, cpe_log] = ["acs", "cpe"].map(|side| format!("{side}{row}{column}.log"));
            let ours = [
                &CERTIFICATE[..],
                &["--tls-client-ca", "issuer.pem", "--keylog-out", &acs_log],
                acs_by,
            ]
            .concat();
            let theirs = [
                &ISSUER[..],
                &["--tls-client-cert", "phone.pem"],
                &["--tls-client-key", "phone.key", "--keylog-out", &cpe_log],
                cpe_by,
            ]
            .concat();
            let acs = bench.acs(&ours);
            assert!(acs.url.starts_with("https://127.0.0.1:"), "{}", acs.url);
            let phone = bench.phone(&acs.url, &theirs);
            let acs = acs.end();
            for (name, output) in [("acs", &acs), ("cpe", &phone)] {
                let said = text(&output.stdout) + &text(&output.stderr);
                assert_eq!(
                    output.status.code(),
                    Some(0),
                    "{name} {acs_by:?} {cpe_by:?}: {said}"
                );
                let tls = replay(output)["tls"].clone();
                assert_eq!(tls["version"], "TLS 1.3", "{tls}");
                assert_eq!(tls["verified"], true, "{tls}");
                assert!(
                    tls["cipher_suite"]
                        .as_str()
                        .is_some_and(|it| it.starts_with("TLS_")),
                    "{tls}"
                );
                assert_eq!(tls["failures"].as_array().map(Vec::len), Some(0), "{tls}");
                assert!(!said.contains("PRIVATE"), "{said}");
            }
            let logs = [&acs_log, &cpe_log].map(|log| key_log(&bench.path().join(log)));
            assert_eq!(logs[0], logs[1], "both ends log the same secrets");
            let wanted = ["CLIENT_TRAFFIC_SECRET_0 ", "SERVER_TRAFFIC_SECRET_0 "];
            for label in wanted {
                assert!(
                    logs[0].iter().any(|line| line.starts_with(label)),
                    "{:?}",
                    logs[0]
                );
            }
        }
    }
    let log = std::fs::read_to_string(bench.path().join("cpe.ndjson")).expect("the audit log");
    let entry = log
        .lines()
        .find(|line| line.contains("replay_tls"))
        .expect("an entry");
    let entry: serde_json::Value = serde_json::from_str(entry).expect("JSON");
    assert_eq!(
        (&entry["version"], &entry["verified"]),
        (&"TLS 1.3".into(), &true.into())
    );
}

/// Secrets of a log that nobody else may read.
fn key_log(path: &Path) -> BTreeSet<String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(path)
            .expect("the log")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let text = std::fs::read_to_string(path).expect("the log");
    // OpenSSL logs the exporter too, and hexadecimal in the one or the other case.
    let lines = text.lines().map(str::to_owned);
    let lines = lines.filter(|line| !line.starts_with('#') && !line.starts_with("EXPORTER"));
    lines
        .map(|line| match line.split_once(' ') {
            Some((label, rest)) => format!("{label} {}", rest.to_lowercase()),
            None => panic!("no line of a key log: {line}"),
        })
        .collect()
}

/// What each side is given, what it says, and who notices.
struct Refusal {
    acs: &'static [&'static str],
    cpe: &'static [&'static str],
    acs_says: &'static [&'static str],
    cpe_says: &'static [&'static str],
}

const REFUSALS: [Refusal; 6] = [
    Refusal {
        acs: &CERTIFICATE,
        cpe: &["--tls-ca", "other.pem"],
        acs_says: &["the phone refused our certificate (alert unknown_ca)"],
        cpe_says: &["the ACS's certificate is not trusted: unknown issuer; --tls-ca FILE"],
    },
    Refusal {
        acs: &["--tls-cert", "elsewhere.pem", "--tls-key", "elsewhere.key"],
        cpe: &ISSUER,
        acs_says: &["the phone refused our certificate (alert "],
        cpe_says: &[
            "the ACS's certificate is not for 127.0.0.1",
            "--tls-insecure",
        ],
    },
    Refusal {
        acs: &["--tls-cert", "expired.pem", "--tls-key", "expired.key"],
        cpe: &ISSUER,
        acs_says: &["the phone refused our certificate (alert certificate_expired)"],
        cpe_says: &["the ACS's certificate has expired"],
    },
    Refusal {
        acs: &["--tls-self-signed"],
        cpe: &ISSUER,
        acs_says: &["the phone refused our certificate (alert "],
        cpe_says: &["the ACS's certificate is not trusted"],
    },
    Refusal {
        acs: &[
            "--tls-cert",
            "acs.pem",
            "--tls-key",
            "acs.key",
            "--tls-client-ca",
            "issuer.pem",
        ],
        cpe: &ISSUER,
        acs_says: &["the phone showed no certificate, and --tls-client-ca wants one"],
        cpe_says: &["wants a certificate of ours", "--tls-client-cert"],
    },
    Refusal {
        acs: &[
            "--tls-cert",
            "acs.pem",
            "--tls-key",
            "acs.key",
            "--tls-client-ca",
            "issuer.pem",
        ],
        cpe: &[
            "--tls-ca",
            "issuer.pem",
            "--tls-client-cert",
            "stranger.pem",
            "--tls-client-key",
            "stranger.key",
        ],
        acs_says: &["the phone's certificate is not trusted: unknown issuer; --tls-client-ca FILE"],
        cpe_says: &["the ACS refused our certificate (alert unknown_ca)"],
    },
];

#[test]
fn what_is_not_trusted_is_refused_with_the_reason_and_exit_5() {
    let bench = Bench::new();
    std::thread::scope(|scope| {
        for acs_by in libraries() {
            for cpe_by in libraries() {
                for refusal in &REFUSALS {
                    let bench = &bench;
                    scope.spawn(move || refused(bench, refusal, acs_by, cpe_by));
                }
            }
        }
    });
}

fn refused(bench: &Bench, refusal: &Refusal, acs_by: &[&str], cpe_by: &[&str]) {
    let acs = bench.acs(&[refusal.acs, acs_by].concat());
    let phone = bench.phone(&acs.url, &[refusal.cpe, cpe_by].concat());
    let acs = acs.end();
    for (side, output, words) in [
        ("acs", acs, refusal.acs_says),
        ("cpe", phone, refusal.cpe_says),
    ] {
        let of = format!(
            "{side} {:?} {acs_by:?} {:?} {cpe_by:?}",
            refusal.acs, refusal.cpe
        );
        let replay = replay(&output);
        assert_eq!(output.status.code(), Some(5), "{of}: {replay:#}");
        assert_eq!(replay["verdict"], "peer_failed", "{of}");
        assert_eq!(replay["steps"].as_array().map(Vec::len), Some(6), "{of}");
        let reason = replay["reason"].as_str().unwrap_or_default();
        for word in words {
            assert!(reason.contains(word), "{of}: {reason}");
        }
    }
}

#[test]
fn the_certificate_of_an_issuer_is_that_of_no_acs() {
    const REMEDY: &str = if cfg!(feature = "legacy-tls") {
        "or give --tls-legacy;"
    } else {
        "or give --tls-legacy to a build with the feature legacy-tls;"
    };
    let bench = Bench::new();
    let refusal = Refusal {
        acs: &["--tls-cert", "authority.pem", "--tls-key", "authority.key"],
        cpe: &ISSUER,
        acs_says: &["the phone refused our certificate (alert "],
        cpe_says: &["basicConstraints CA:TRUE", "CA:FALSE", REMEDY],
    };
    refused(&bench, &refusal, &[], &[]);
}

#[test]
fn insecure_passes_and_every_report_says_so() {
    let bench = Bench::new();
    for by in libraries() {
        for (form, words) in [
            ("json", &["\"verified\": false"][..]),
            ("ndjson", &["\"tls_verified\":false"]),
            (
                "junit",
                &["name=\"tls.verified\" value=\"false\"", "NOT verified"],
            ),
            ("text", &["NOT verified", "TLS 1.3  TLS_"]),
        ] {
            let acs = bench.acs(&[&["--tls-self-signed"], *by].concat());
            let options = [&["--tls-insecure", "-T", form][..], by].concat();
            let arguments = [
                &["replay", "cpe", "cpe", "--device", "001565-T46-1"][..],
                &[
                    "--acs-url",
                    &acs.url,
                    "--timeout",
                    "3",
                    "--fail-on",
                    "never",
                ],
                &options,
            ]
            .concat();
            let phone = run(bench.path(), &arguments);
            let acs = acs.end();
            let page = text(&phone.stdout);
            assert_eq!(
                phone.status.code(),
                Some(0),
                "{page}{}",
                text(&phone.stderr)
            );
            assert_eq!(acs.status.code(), Some(0), "{}", text(&acs.stdout));
            for word in words {
                assert!(page.contains(word), "{form}: {page}");
            }
        }
    }
}

#[test]
fn a_made_certificate_is_for_the_address_and_the_names() {
    let bench = Bench::new();
    let acs = bench.acs(&["--tls-self-signed", "--tls-name", "acs.example"]);
    let served = std::process::Command::new("openssl")
        .args([
            "s_client",
            "-connect",
            &format!("127.0.0.1:{}", acs.port()),
            "-showcerts",
        ])
        .stdin(std::process::Stdio::null())
        .output();
    let Ok(served) = served else {
        eprintln!("skipped: openssl is absent");
        return;
    };
    let pem = text(&served.stdout);
    let begin = pem.find("-----BEGIN").expect("a certificate");
    let end = pem.find("-----END CERTIFICATE-----").expect("its end");
    std::fs::write(
        bench.path().join("made.pem"),
        format!("{}-----END CERTIFICATE-----\n", &pem[begin..end]),
    )
    .expect("written");
    let phone = bench.phone(&acs.url, &["--tls-ca", "made.pem"]);
    assert_eq!(phone.status.code(), Some(0), "{}", text(&phone.stdout));
    assert_eq!(replay(&phone)["tls"]["verified"], true);
    let page = std::process::Command::new("openssl")
        .args(["x509", "-in", "made.pem", "-noout", "-text"])
        .current_dir(bench.path())
        .output();
    let page = text(&page.expect("openssl").stdout);
    for word in [
        "CN = acs.example",
        "DNS:acs.example",
        "IP Address:127.0.0.1",
    ] {
        assert!(
            page.contains(word) || page.contains(&word.replace(" = ", "=")),
            "{word}: {page}"
        );
    }
    acs.end();
}

#[test]
fn what_is_wrong_with_options_and_files_is_told_with_exit_2() {
    let bench = Bench::new();
    let pem = std::fs::read_to_string(bench.path().join("acs.pem")).expect("a certificate");
    let broken = format!("{pem}-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n");
    std::fs::write(bench.path().join("broken.pem"), broken).expect("written");
    let key = std::fs::read_to_string(bench.path().join("acs.key")).expect("a key");
    let key = key.lines().filter(|line| !line.starts_with("---"));
    let key = key.collect::<Vec<_>>().join("\n");
    let line = format!("broken.pem:{}: ", pem.lines().count() + 1);
    let acs = ["replay", "acs", "acs", "--listen", "127.0.0.1:0"];
    let cpe = ["replay", "cpe", "cpe", "--device", "0-1", "--acs-url"];
    for (base, options, word) in [
        (
            &acs[..],
            &["--tls-cert", "absent.pem", "--tls-key", "acs.key"][..],
            "absent.pem: ",
        ),
        (
            &acs,
            &["--tls-cert", "acs.key", "--tls-key", "acs.key"],
            "no certificate in it",
        ),
        (
            &acs,
            &["--tls-cert", "acs.pem", "--tls-key", "acs.pem"],
            "no private key in it",
        ),
        (
            &acs,
            &["--tls-cert", "acs.pem", "--tls-key", "phone.key"],
            "not that of the first",
        ),
        (
            &acs,
            &["--tls-cert", "broken.pem", "--tls-key", "acs.key"],
            line.as_str(),
        ),
        (&acs, &["--tls-cert", "acs.pem"], "--tls-key"),
        (
            &acs,
            &["--tls-cert", "acs.pem", "--tls-key", "/dev/zero"],
            "/dev/zero: longer than 1 MiB",
        ),
        (&acs, &["--tls-self-signed", "--tls-name", ""], "--tls-name"),
        (
            &acs,
            &["--keylog-out", "x.log"],
            "--keylog-out says nothing without HTTPS",
        ),
        (
            &acs,
            &["--tls-self-signed", "--tls-name", "no name\u{e4}"],
            "--tls-name",
        ),
        (
            &cpe,
            &["http://127.0.0.1:9/", "--tls-insecure"],
            "--tls-insecure says nothing",
        ),
        (&cpe, &["ftp://127.0.0.1:9/"], "not ftp"),
        (
            &cpe,
            &["https://127.0.0.1:9/", "--tls-ca", "broken.pem"],
            line.as_str(),
        ),
    ] {
        let output = run(bench.path(), &[base, options].concat());
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{options:?}: {said}");
        assert!(said.contains(word), "{options:?}: {said}");
        assert!(!key.lines().any(|line| said.contains(line)), "{said}");
    }
    let legacy = run(
        bench.path(),
        &[
            &acs[..],
            &["--tls-self-signed", "--tls-legacy", "--dry-run"],
        ]
        .concat(),
    );
    assert_eq!(legacy.status.code(), Some(0), "a dry run opens nothing");
    if !cfg!(feature = "legacy-tls") {
        let legacy = run(
            bench.path(),
            &[&acs[..], &["--tls-self-signed", "--tls-legacy"]].concat(),
        );
        assert_eq!(legacy.status.code(), Some(2));
        assert!(text(&legacy.stderr).contains("features legacy-tls"));
    }
}
