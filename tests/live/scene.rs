//! Two ends of a virtual cable in a namespace of its own, a program that listens at one, and packets put into the other.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A namespace with a cable from `v0` to `v1`; it goes with the value.
pub struct Scene {
    name: String,
}

impl Scene {
    /// None, visibly, where the rights for it are missing.
    pub fn lay() -> Option<Self> {
        let name = format!("informant-{}-{}", std::process::id(), unique());
        if !ran("ip", &["netns", "add", &name]) {
            eprintln!(
                "skipped: no network namespace can be made here (root and iproute2 are needed)"
            );
            return None;
        }
        let scene = Self { name };
        let cable = "link add v0 mtu 65535 type veth peer name v1 mtu 65535";
        scene.ip(&cable.split(' ').collect::<Vec<_>>());
        for side in ["v0", "v1"] {
            // The system itself says nothing there.
            scene.ip(&["link", "set", side, "addrgenmode", "none"]);
            scene.ip(&["link", "set", side, "up"]);
        }
        Some(scene)
    }

    /// A program in the namespace.
    pub fn within(&self, program: &Path) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name]).arg(program);
        command
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Listens at `v1`, and tells its figures every second; it hears from now on.
    pub fn listen(&self, arguments: &[&str]) -> Listener {
        self.begin(&[&["--statistics", "1"][..], arguments].concat())
    }

    /// The same, telling only what it is told to.
    pub fn begin(&self, arguments: &[&str]) -> Listener {
        let mut command = self.within(Path::new(env!("CARGO_BIN_EXE_informant")));
        command
            .args(["live", "-i", "v1", "-T", "ndjson"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let child = command.spawn().expect("the program starts");
        let listener = Listener { child };
        listener.until_it_hears();
        listener
    }

    /// Puts every packet of a capture into `v0`; how many there were.
    pub fn send(&self, capture: &Path) -> u64 {
        let this = std::env::current_exe().expect("this test");
        let output = self
            .within(&this)
            .args(["sending::sends_what_it_is_given", "--exact", "--nocapture"])
            .env("INFORMANT_TEST_SEND", capture)
            .output()
            .expect("the sender runs");
        let text = String::from_utf8_lossy(&output.stdout);
        let sent = text.lines().find_map(|line| line.split_once("sent "));
        let (_, count) = sent.unwrap_or_else(|| panic!("{text}"));
        count.trim().parse().expect("a number")
    }

    pub fn ip(&self, arguments: &[&str]) {
        assert!(ran(
            "ip",
            &[&["-n", self.name.as_str()][..], arguments].concat()
        ));
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        ran("ip", &["netns", "del", &self.name]);
    }
}

/// A program that listens.
pub struct Listener {
    child: Child,
}

/// What it said.
pub struct Heard {
    pub status: ExitStatus,
    pub records: Vec<Value>,
    pub errors: String,
}

impl Listener {
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    fn until_it_hears(&self) {
        until_it_hears(self.id());
    }

    /// Ends it as a person does, once so many packets were counted in what it records.
    pub fn end(self) -> Heard {
        self.signal("-INT");
        self.result()
    }

    pub fn signal(&self, signal: &str) {
        assert!(ran("kill", &[signal, &self.id().to_string()]));
    }

    /// What it said until it ended.
    pub fn result(mut self) -> Heard {
        let mut errors = String::new();
        let mut output = String::new();
        let pipe = self.child.stdout.as_mut().expect("a pipe");
        pipe.read_to_string(&mut output).expect("text");
        let pipe = self.child.stderr.as_mut().expect("a pipe");
        pipe.read_to_string(&mut errors).expect("text");
        let records = output
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("JSON: {line}")))
            .collect();
        Heard {
            status: self.child.wait().expect("it ends"),
            records,
            errors,
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

/// The last thing before the first packet is that all rights are given away.
pub fn until_it_hears(process: u32) {
    let status = format!("/proc/{process}/status");
    wait_until("all rights are given away", || {
        let status = std::fs::read_to_string(&status).unwrap_or_default();
        let has = |line: &str| status.lines().any(|one| one == line);
        has("NoNewPrivs:\t1") && has("Name:\tinformant")
    });
}

/// Waits for something that comes soon.
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        std::thread::yield_now();
    }
}

fn ran(program: &str, arguments: &[&str]) -> bool {
    let output = Command::new(program).args(arguments).output();
    output.is_ok_and(|output| output.status.success())
}

fn unique() -> u32 {
    use std::sync::atomic::{AtomicU32, Ordering};

    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

const PATIENCE: Duration = Duration::from_secs(30);
