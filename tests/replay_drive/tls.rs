//! HTTPS: both roles by both libraries, against each other, against tools that others wrote, and against peers that mean no good.

#[path = "tls/certificates.rs"]
mod certificates;
#[path = "tls/hostile.rs"]
mod hostile;
#[path = "tls/judged.rs"]
mod judged;
#[path = "tls/key_log.rs"]
mod key_log;
#[path = "tls/pairs.rs"]
mod pairs;
#[path = "tls/serving.rs"]
mod serving;
#[path = "tls/tools.rs"]
mod tools;

use std::path::Path;
use std::process::{Child, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::program::{asking, listening, program, run, text, written};
use certificates::Issuer;

/// A folder with both scenarios, and certificates for both sides.
struct Bench {
    folder: TempDir,
}

/// An ACS that runs.
struct Acs {
    child: Child,
    url: String,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (acs, cpe) = asking();
        written(folder.path(), "acs", &acs);
        written(folder.path(), "cpe", &cpe);
        let issuer = Issuer::new("Bench");
        issuer.write(folder.path(), "issuer");
        let other = Issuer::new("Stranger");
        other.write(folder.path(), "other");
        let at = folder.path();
        issuer.issue(at, "acs", &["127.0.0.1", "localhost"], false);
        issuer.issue(at, "phone", &["001565-T46-1"], false);
        issuer.issue(at, "elsewhere", &["elsewhere.example"], false);
        issuer.issue(at, "expired", &["127.0.0.1"], true);
        issuer.issue_issuer(at, "authority", &["127.0.0.1"]);
        other.issue(at, "stranger", &["127.0.0.1"], false);
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Begins to play the ACS.
    fn acs(&self, options: &[&str]) -> Acs {
        self.acs_of("acs", options)
    }

    fn acs_of(&self, scenario: &str, options: &[&str]) -> Acs {
        let arguments = [
            &["replay", "acs", scenario, "--listen", "127.0.0.1:0"][..],
            &[
                "-T",
                "json",
                "--timeout",
                "3",
                "--fail-on",
                "never",
                "--audit",
                "acs.ndjson",
            ],
            options,
        ]
        .concat();
        let mut child = program(self.path(), &arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let url = listening(&mut child);
        Acs { child, url }
    }

    /// Plays the phone.
    fn phone(&self, url: &str, options: &[&str]) -> Output {
        let arguments = [
            &["replay", "cpe", "cpe", "--device", "001565-T46-1"][..],
            &["--acs-url", url, "-T", "json", "--timeout", "3"],
            &["--fail-on", "never", "--audit", "cpe.ndjson"],
            options,
        ]
        .concat();
        run(self.path(), &arguments)
    }
}

impl Acs {
    fn port(&self) -> &str {
        let port = self.url.trim_end_matches('/').rsplit(':').next();
        port.expect("a port")
    }

    fn end(self) -> Output {
        self.child.wait_with_output().expect("it ends")
    }
}

/// The only replay of a report.
fn replay(output: &Output) -> Value {
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("no JSON: {}{}", text(&output.stdout), text(&output.stderr)));
    report["replays"][0].clone()
}

/// Whether TLS is spoken by rustls or by OpenSSL, as far as it is built in.
fn libraries() -> &'static [&'static [&'static str]] {
    if cfg!(feature = "legacy-tls") {
        &[&[], &["--tls-legacy"]]
    } else {
        &[&[]]
    }
}
