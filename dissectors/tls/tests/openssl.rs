//! Connections of the installed OpenSSL over loopback, recorded on the way and read with what keys there are.
//!
//! The keys are made by the tests. Where no `openssl` is installed, the tests say so and pass.

#[path = "support/loopback.rs"]
mod loopback;
#[path = "openssl/matrix.rs"]
mod matrix;
mod support;
#[path = "openssl/talk.rs"]
mod talk;

use std::fs;
use std::io::Write;

use loopback::{is_installed, openssl};
use support::read;
use talk::{LINES, Server, assert_whole, folder, make_keys, read_log};
use tls::{Direction, Fact, PrivateKey, PrivateKeyFault, Reason, Sessions};

#[test]
fn keys_are_updated_and_hellos_retried() {
    if !is_installed() {
        return;
    }
    let server = Server::start("update", &["-rev", "-groups", "P-384"]);
    let lines = ["before", "K", "between", "k", "behind"];
    let arguments = ["-tls1_3", "-groups", "X25519:P-384"];
    let talk = server.talk(&arguments, &lines).expect("agreed");
    let told = read(&talk.pieces, &talk.log, &[], &mut Sessions::default());
    assert_whole(&told, &lines, "key update");
    let updates = told
        .facts
        .iter()
        .filter(|(_, fact)| *fact == Fact::KeyUpdate)
        .count();
    assert!(updates >= 3, "{updates}");
    let retried = |(_, fact): &(Direction, Fact)| matches!(fact, Fact::HelloRetryRequest(_));
    assert!(told.facts.iter().any(retried));
}

#[test]
fn renegotiated_connections_are_read() {
    if !is_installed() {
        return;
    }
    let server = Server::start("again", &["-rev", "-client_renegotiation"]);
    let lines = ["before", "R", "between", "R", "behind"];
    for (version, suite) in [
        ("-tls1_2", "ECDHE-RSA-AES128-GCM-SHA256"),
        ("-tls1_2", "AES128-SHA"),
        ("-tls1", "AES256-SHA"),
    ] {
        let level = format!("{suite}:@SECLEVEL=0");
        let talk = server.talk(&[version, "-cipher", &level], &lines);
        let talk = talk.expect("agreed");
        let told = read(&talk.pieces, &talk.log, &[], &mut Sessions::default());
        assert_whole(&told, &lines, suite);
        let hello = |(_, fact): &&(Direction, Fact)| matches!(fact, Fact::ServerHello(_));
        assert_eq!(told.facts.iter().filter(hello).count(), 3, "{suite}");
    }
}

#[test]
fn certificates_are_told() {
    if !is_installed() {
        return;
    }
    let server = Server::start("certificates", &["-rev", "-verify", "1"]);
    for (version, suite, kind) in [
        ("-tls1_2", "ECDHE-RSA-AES128-GCM-SHA256", "RSA"),
        ("-tls1_3", "ECDHE-ECDSA-AES128-GCM-SHA256", "EC prime256v1"),
    ] {
        let signature = if kind == "RSA" {
            "RSA-PSS+SHA256:ECDSA+SHA256"
        } else {
            "ECDSA+SHA256:RSA-PSS+SHA256"
        };
        let arguments = [
            version, "-cipher", suite, "-sigalgs", signature, "-cert", "ec.pem", "-key", "ec.key",
        ];
        let talk = server.talk(&arguments, &LINES).expect("agreed");
        let told = read(&talk.pieces, &talk.log, &[], &mut Sessions::default());
        let chains: Vec<_> = told
            .facts
            .iter()
            .filter_map(|(direction, fact)| match fact {
                Fact::Certificates { chain, count: 1 } => Some((*direction, &chain[0])),
                _ => None,
            })
            .collect();
        let (direction, certificate) = chains[0];
        assert_eq!(direction, Direction::Backward);
        assert_eq!(certificate.subject, "O=Test, CN=acs.test");
        assert!(certificate.is_self_signed);
        assert_eq!(certificate.key_kind, kind);
        assert_eq!(
            certificate.key_bits,
            Some(if kind == "RSA" { 2048 } else { 256 })
        );
        assert_eq!(certificate.alternative_names.len(), 3);
        assert_eq!(
            certificate.not_after_s - certificate.not_before_s,
            30 * 86400
        );
        assert!(
            told.facts
                .contains(&(Direction::Backward, Fact::CertificateRequest))
        );
        assert_eq!(
            chains.get(1).map(|(direction, _)| *direction),
            Some(Direction::Forward),
            "{version}"
        );
    }
}

#[test]
fn early_data_is_read_or_told() {
    if !is_installed() {
        return;
    }
    let mut server = Server::start("early", &["-early_data"]);
    let mut says = server.listening.child.stdin.take().unwrap();
    fs::write(server.folder.join("early"), "said early\n").unwrap();
    writeln!(says, "ready, with a ticket").unwrap();
    let ticket = server.talk(&["-tls1_3", "-sess_out", "session"], &["?ready"]);
    assert!(ticket.is_some());
    let arguments = ["-tls1_3", "-sess_in", "session", "-early_data", "early"];
    writeln!(says, "ready for more").unwrap();
    let talk = server.talk(&arguments, &["?ready"]).expect("agreed");
    let told = read(&talk.pieces, &talk.log, &[], &mut Sessions::default());
    assert_eq!(told.forward, b"said early\n");
    assert_eq!((&told.anomalies, &told.lost), (&vec![], &vec![]));

    let text = fs::read_to_string(&talk.log_path).unwrap();
    let lines = text
        .lines()
        .filter(|line| !line.starts_with("CLIENT_EARLY"));
    let log = read_log(lines.collect::<Vec<_>>().join("\n").as_bytes());
    let told = read(&talk.pieces, &log, &[], &mut Sessions::default());
    assert!(told.forward.is_empty());
    assert_eq!(told.reasons(), ["early-data"]);
    assert!(
        told.ends.contains(&Direction::Forward),
        "what follows is read"
    );
}

#[test]
fn private_keys_of_every_form_are_read_or_told() {
    if !is_installed() {
        return;
    }
    let folder = folder("forms");
    make_keys(&folder);
    let convert = |arguments: &[&str]| {
        let output = openssl(&folder, arguments).output().unwrap();
        let read = PrivateKey::read_pem(&String::from_utf8(output.stdout).unwrap());
        read.into_iter().next().unwrap().map(drop)
    };
    assert_eq!(convert(&["pkey", "-in", "rsa.key"]), Ok(()));
    assert_eq!(convert(&["rsa", "-in", "rsa.key", "-traditional"]), Ok(()));
    let enciphered = ["pkey", "-in", "rsa.key", "-aes128", "-passout", "pass:word"];
    assert_eq!(convert(&enciphered), Err(PrivateKeyFault::Enciphered));
    assert_eq!(
        convert(&["pkey", "-in", "ec.key"]),
        Err(PrivateKeyFault::NotRsa)
    );
    assert_eq!(
        convert(&["ec", "-in", "ec.key"]),
        Err(PrivateKeyFault::NotRsa)
    );
    assert_eq!(
        convert(&["x509", "-in", "rsa.pem"]),
        Err(PrivateKeyFault::Absent)
    );
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_key_of_another_server_is_told() {
    if !is_installed() {
        return;
    }
    let server = Server::start("other", &[]);
    let other = folder("another");
    make_keys(&other);
    let text = fs::read_to_string(other.join("rsa.key")).unwrap();
    fs::remove_dir_all(&other).unwrap();
    let private: Vec<PrivateKey> = PrivateKey::read_pem(&text)
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let talk = server
        .talk(&["-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0"], &LINES)
        .expect("agreed");
    let told = read(&talk.pieces, &(), &private, &mut Sessions::default());
    let text = told.lost[0].2.to_string();
    assert!(
        text.ends_with("and the RSA key given is not that of the server's certificate"),
        "{text}"
    );
    assert!(told.forward.is_empty());
    assert!(matches!(told.lost[0].2, Reason::NoSecret { .. }));
}
