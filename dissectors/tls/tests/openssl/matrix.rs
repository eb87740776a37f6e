//! Every version, suite and way that OpenSSL has, fresh and resumed, with each kind of key.

use std::collections::BTreeMap;

use tls::{Fact, PrivateKey, Sessions, Source};

use crate::loopback::is_installed;
use crate::support::read;
use crate::talk::{LINES, NO_EXTENDED_MASTER_SECRET, Server, Talk, assert_whole, sources};

/// Version, and the suites that are tried in it.
const CELLS: [(&str, &[&str]); 4] = [
    ("-tls1", SUITES_1_0),
    ("-tls1_1", SUITES_1_0),
    ("-tls1_2", SUITES_1_2),
    (
        "-tls1_3",
        &[
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_AES_128_CCM_SHA256",
            "TLS_AES_128_CCM_8_SHA256",
        ],
    ),
];
const SUITES_1_0: &[&str] = &[
    "AES128-SHA",
    "AES256-SHA",
    "DHE-RSA-AES128-SHA",
    "ECDHE-RSA-AES256-SHA",
    "ECDHE-ECDSA-AES128-SHA",
    "NULL-SHA",
    "NULL-MD5",
];
const SUITES_1_2: &[&str] = &[
    "AES128-SHA",
    "AES256-SHA",
    "AES128-SHA256",
    "AES256-SHA256",
    "AES128-GCM-SHA256",
    "AES256-GCM-SHA384",
    "AES128-CCM",
    "AES256-CCM",
    "AES128-CCM8",
    "AES256-CCM8",
    "NULL-SHA256",
    "DHE-RSA-AES128-SHA256",
    "DHE-RSA-AES256-GCM-SHA384",
    "DHE-RSA-CHACHA20-POLY1305",
    "ECDHE-RSA-AES128-SHA256",
    "ECDHE-RSA-AES256-SHA384",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-RSA-CHACHA20-POLY1305",
    "ECDHE-ECDSA-AES256-SHA384",
    "ECDHE-ECDSA-AES128-CCM",
    "ECDHE-ECDSA-AES256-CCM8",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
];

/// How sessions come to be resumed, and whether the MAC is over the plain text.
const WAYS: [(&str, &[&str]); 4] = [
    ("ticket", &[]),
    ("session id", &["-no_ticket"]),
    ("no extended master secret", &NO_EXTENDED_MASTER_SECRET),
    ("MAC before encryption", &["-no_etm"]),
];

/// What became of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    FreshByLog,
    FreshByKey,
    ResumedByLog,
    ResumedByWhatWasSeen,
    /// No private key helps a key exchange with forward secrecy.
    FreshRefused,
    /// No private key helps where the first handshake was not seen.
    ResumedRefused,
}

type Cells = BTreeMap<(&'static str, Outcome), usize>;

#[test]
fn every_version_suite_and_way_is_read() {
    if !is_installed() {
        return;
    }
    let server = Server::start("matrix", &[]);
    let private = server.private_keys();
    let mut cells = Cells::new();
    for (version, suites) in CELLS {
        for suite in suites {
            for (way, more) in WAYS {
                read_cell(&server, &private, (version, suite, way), more, &mut cells);
            }
        }
    }
    for ((version, outcome), count) in &cells {
        eprintln!("{version} {outcome:?} {count}");
    }
    let of = |wanted: Outcome| -> usize {
        let counts = cells.iter().filter(|((_, outcome), _)| *outcome == wanted);
        counts.map(|(_, count)| count).sum()
    };
    assert!(of(Outcome::FreshByLog) >= 100 && of(Outcome::ResumedByLog) >= 100);
    assert!(of(Outcome::FreshByKey) >= 40 && of(Outcome::ResumedByWhatWasSeen) >= 40);
}

/// A fresh connection and one that resumes it, each with every kind of key.
fn read_cell(
    server: &Server,
    private: &[PrivateKey],
    (version, suite, way): (&'static str, &str, &str),
    more: &[&str],
    cells: &mut Cells,
) {
    let is_1_3 = version == "-tls1_3";
    let cell = format!("{version} {suite} {way}");
    let mut count = |outcome| *cells.entry((version, outcome)).or_default() += 1;
    let [fresh, resumed] =
        talks(server, version, suite, more).unwrap_or_else(|what| panic!("{cell} is not {what}"));

    let told = read(&fresh.pieces, &fresh.log, &[], &mut Sessions::default());
    assert_whole(&told, &LINES, &cell);
    assert_eq!(sources(&told), [Source::KeyLog; 2], "{cell}");
    count(Outcome::FreshByLog);
    let told = read(&resumed.pieces, &resumed.log, &[], &mut Sessions::default());
    assert_whole(&told, &LINES, &format!("{cell} resumed"));
    count(Outcome::ResumedByLog);

    let mut sessions = Sessions::default();
    let told = read(&fresh.pieces, &(), private, &mut sessions);
    let exchanges_by_rsa = !is_1_3 && !suite.contains("DHE");
    if !exchanges_by_rsa {
        assert_eq!(told.reasons(), ["no-secret"], "{cell}");
        assert!(
            told.forward.is_empty() && told.backward.is_empty(),
            "{cell}"
        );
        count(Outcome::FreshRefused);
        return;
    }
    assert_whole(&told, &LINES, &format!("{cell} by RSA key"));
    assert_eq!(sources(&told), [Source::PrivateKey; 2], "{cell}");
    count(Outcome::FreshByKey);
    let told = read(&resumed.pieces, &(), &[], &mut sessions);
    let is_resumed = told.facts.iter().any(|(_, fact)| *fact == Fact::Resumed);
    assert!(is_resumed, "{cell}");
    assert_whole(
        &told,
        &LINES,
        &format!("{cell} resumed after what was seen"),
    );
    assert_eq!(sources(&told), [Source::Session; 2], "{cell}");
    count(Outcome::ResumedByWhatWasSeen);
    let told = read(&resumed.pieces, &(), private, &mut Sessions::default());
    assert_eq!(told.reasons(), ["resumed-unseen"], "{cell}");
    count(Outcome::ResumedRefused);
}

/// A connection and one that resumes it; otherwise which of both came to no agreement.
fn talks(
    server: &Server,
    version: &str,
    suite: &str,
    more: &[&str],
) -> Result<[Talk; 2], &'static str> {
    let level = format!("{suite}:@SECLEVEL=0");
    let suites = if version == "-tls1_3" {
        ["-ciphersuites", suite]
    } else {
        ["-cipher", &level]
    };
    let talk = |session: [&str; 2]| {
        server.talk(&[&[version], &session[..], &suites, more].concat(), &LINES)
    };
    let fresh = talk(["-sess_out", "session"]).ok_or("agreed")?;
    let resumed = talk(["-sess_in", "session"]).ok_or("resumed")?;
    Ok([fresh, resumed])
}
