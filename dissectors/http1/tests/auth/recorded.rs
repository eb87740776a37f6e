//! The recorded peers: every Digest whose password is known verifies, as another reader takes the headers from the captures.

use std::process::Command;

use http1::auth::{
    Account, Authorization, Challenge, Mismatch, Request, Verdict, authorization, challenges,
};

const PEERS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../../shared/captures/peers"
);
const CREDENTIALS: [&str; 2] = ["http.authorization", "http.www_authenticate"];

/// Rows of `fields` of every message of a capture with credentials or a challenge; none without the capture or tshark.
fn rows(file: &str) -> Option<Vec<Vec<String>>> {
    let path = format!("{PEERS}/{file}");
    if !std::path::Path::new(&path).exists() {
        println!("skipped: ../shared is absent");
        return None;
    }
    let mut command = Command::new("tshark");
    command.args(["-r", &path, "-T", "fields", "-Y"]);
    command.arg(CREDENTIALS.join(" or "));
    for field in ["http.request.method", "http.request.uri"]
        .iter()
        .chain(&CREDENTIALS)
    {
        command.args(["-e", field]);
    }
    let Ok(output) = command.output() else {
        println!("skipped: tshark is absent");
        return None;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let rows = text
        .lines()
        .map(|line| line.split('\t').map(str::to_owned).collect());
    Some(rows.collect())
}

/// With the password that SetParameterValues gave it; and the one that does not verify, the CPE refused too (401, frame 93).
#[test]
fn every_recorded_digest_verifies_as_the_cpe_said() {
    let mut verified = 0;
    for (file, wanted) in [
        ("easycwmp_genieacs.pcap", &[true; 5][..]),
        ("orange_perlcwmp_stun.pcap", &[true, false]),
    ] {
        let Some(rows) = rows(file) else {
            return;
        };
        let mut challenge = String::new();
        let mut told = Vec::new();
        for row in &rows {
            let [method, target, given, asked] = row.as_slice() else {
                panic!("four columns: {row:?}")
            };
            if given.is_empty() {
                challenge.clone_from(asked);
                continue;
            }
            let request = Request {
                method: method.as_bytes(),
                target: target.as_bytes(),
                body: None,
            };
            let verdict = checked(given, &request, &challenge);
            assert!(
                matches!(verdict, Verdict::Valid | Verdict::Invalid),
                "{given}"
            );
            told.push(verdict == Verdict::Valid);
        }
        assert_eq!(told, wanted, "{file}");
        verified += told.iter().filter(|valid| **valid).count();
    }
    println!("{verified} recorded answers verify");
}

/// The verdict on credentials that answer `challenge`, where there is one.
fn checked(given: &str, request: &Request<'_>, challenge: &str) -> Verdict {
    let read = authorization(given.as_bytes());
    assert_eq!(read.anomalies, []);
    let Authorization::Digest(digest) = &read.what else {
        panic!("no Digest: {given}")
    };
    if let Some(Challenge::Digest(asked)) = challenges(challenge.as_bytes()).what.first() {
        assert_eq!(digest.mismatches(asked), []);
    }
    let account = Account {
        user: "cruser",
        password: "crpass",
    };
    digest.verify(request, &account)
}

#[test]
fn an_answer_to_an_earlier_challenge_is_told() {
    let Some(rows) = rows("easycwmp_genieacs.pcap") else {
        return;
    };
    let asked: Vec<_> = rows.iter().filter_map(|row| row.get(3)).collect();
    let asked: Vec<_> = asked.into_iter().filter(|text| !text.is_empty()).collect();
    let given = rows.iter().rev().filter_map(|row| row.get(2));
    let given = given.into_iter().find(|text| !text.is_empty());
    let (Some(first), Some(given)) = (asked.first(), given) else {
        panic!("there are both: {rows:?}")
    };
    let (first, given) = (
        challenges(first.as_bytes()),
        authorization(given.as_bytes()),
    );
    let challenge = first.what.first().and_then(|it| it.digest());
    let digest = given.what.digest();
    let told = challenge
        .zip(digest)
        .map(|(challenge, digest)| digest.mismatches(challenge));
    assert_eq!(told, Some(vec![Mismatch::Nonce]));
}

#[test]
fn every_recorded_basic_is_read() {
    for (file, user, password) in [
        ("genieacs-sim_genieacs.pcap", "8KA8WA1151100043", ""),
        ("mhils_nginx-gzip-chunked.pcap", "acsuser", "acspass"),
    ] {
        let Some(rows) = rows(file) else {
            return;
        };
        let given = rows.iter().filter_map(|row| row.get(2));
        let mut count = 0;
        for value in given {
            let read = authorization(value.as_bytes());
            assert_eq!(read.anomalies, []);
            let basic = read.what.basic().expect("it is Basic");
            assert!(basic.is_of(&Account { user, password }).is_some());
            count += 1;
        }
        assert!(count >= 3, "{file}: {count}");
    }
}
