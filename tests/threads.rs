//! The same comes out, byte for byte, whatever the number of threads.

mod support;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use informant::pipeline::{Limits, Options, analyse};
use informant::session::{Account, Accounts, AssembleLimits, Credentials};
use informant::source::Capture;
use support::{Analysis, analyse_files, captures, generated, shared};

/// Everything that an analysis says, in order.
fn said(analysis: &Analysis) -> String {
    let mut text = format!("{:?}\n{:?}\n", analysis.summary, analysis.problems);
    for session in &analysis.sessions {
        text.push_str(&format!("{session:?}\n"));
    }
    for message in &analysis.messages {
        let soap = message.soap.as_ref().map(|document| document.text().len());
        text.push_str(&format!(
            "{:?} {:?} {:?} {:?} {} {:?}\n",
            message.provenance,
            message.session,
            message.device,
            message.role,
            message.http.raw.len(),
            soap
        ));
    }
    for request in &analysis.connection_requests {
        text.push_str(&format!("{request:?}\n"));
    }
    for datagram in &analysis.datagrams {
        text.push_str(&format!("{datagram:?}\n"));
    }
    for transfer in &analysis.transfers {
        text.push_str(&format!("{transfer:?}\n"));
    }
    for seen in &analysis.tls {
        text.push_str(&format!("{seen:?}\n"));
    }
    text
}

/// One account for everything: what verdicts there are must not depend on threads.
fn credentials() -> Arc<Credentials> {
    let account = Account {
        user_name: None,
        password: Some("secret".to_owned()),
    };
    Arc::new(Credentials::new(Accounts {
        acs: account.clone(),
        connection_request: account.clone(),
        stun: account,
    }))
}

/// So small that the small captures here reach them too.
fn tight() -> Limits {
    let limits = Limits::default();
    Limits {
        half_open_max: 8,
        attempts_a_tick_max: 8,
        frames_a_dialogue_max: 4,
        assemble: AssembleLimits {
            wakes_max: 1,
            bindings_max: 1,
            leases_max: 1,
            controls_max: 1,
            data_channels_max: 1,
            early_data_max: 1,
            ..limits.assemble
        },
        ..limits
    }
}

fn compare(path: &Path, limits: Limits) {
    let credentials = credentials();
    let with = |threads| {
        let options = Options {
            messages: true,
            threads,
            limits,
            credentials: Some(Arc::clone(&credentials)),
            ..Options::default()
        };
        let options = options.learning();
        said(&analyse_files(&[path], &options))
    };
    let alone = with(1);
    for threads in [2, 3, 8, 64] {
        assert!(
            alone == with(threads),
            "{} differs with {threads} threads",
            path.display()
        );
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder is readable");
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    files.retain(|path| path.is_file() && Capture::open(vec![path.clone().into()]).is_ok());
    files
}

#[test]
fn the_projects_captures() {
    for story in std::fs::read_dir(captures())
        .expect("captures is readable")
        .flatten()
    {
        for path in files(&story.path()) {
            compare(&path, Limits::default());
            compare(&path, tight());
        }
    }
}

#[test]
fn the_shared_captures() {
    let Some(folder) = shared("captures") else {
        return;
    };
    let mut compared = 0;
    for part in ["peers", "cwmp-pcap", "http-torture"] {
        for path in files(&folder.join(part)) {
            compare(&path, Limits::default());
            compared += 1;
        }
    }
    assert!(compared > 400, "{compared}");
}

#[test]
fn a_generated_mirror_port_also_where_bounds_are_reached() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("mirror.pcap");
    let arguments = [
        "--sessions",
        "80",
        "--cwmp-share",
        "0.4",
        "--ooo",
        "0.02",
        "--retrans",
        "0.02",
        "--chunked",
        "0.3",
    ];
    if !generated(&path, &arguments) {
        return;
    }
    compare(&path, Limits::default());
    let tight = Limits {
        flows_max: 128,
        held_bytes_max: 1 << 20,
        ..Limits::default()
    };
    compare(&path, tight);
}

#[test]
fn a_panic_of_who_takes_the_output_ends_the_run() {
    let path = captures().join("bootstrap-with-provisioning/capture.pcapng");
    for threads in [1, 2, 8] {
        let run = || {
            let mut capture = Capture::open(vec![path.clone().into()]).expect("the story is there");
            let options = Options {
                threads,
                ..Options::default()
            };
            let mut deliver = |_| std::panic::resume_unwind(Box::new("enough"));
            analyse(&mut capture, &options, &mut deliver, &mut |_| {});
        };
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
        let what = ended.expect_err("it panics");
        assert_eq!(what.downcast_ref(), Some(&"enough"), "{threads} threads");
    }
}
