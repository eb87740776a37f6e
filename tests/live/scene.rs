//! Two ends of a virtual cable in a namespace of its own, a program that listens at one, and packets put into the other.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
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
        if !has_run("ip", &["netns", "add", &name]) {
            eprintln!(
                "skipped: no network namespace can be made here (root and iproute2 are needed)"
            );
            return None;
        }
        let scene = Self { name };
        scene.cable(["v0", "v1"]);
        Some(scene)
    }

    /// A cable between two interfaces of these names.
    pub fn cable(&self, ends: [&str; 2]) {
        let [near, far] = ends;
        let cable = format!("link add {near} mtu 65535 type veth peer name {far} mtu 65535");
        self.ip(&cable.split(' ').collect::<Vec<_>>());
        for end in ends {
            // The system itself says nothing there.
            self.ip(&["link", "set", end, "addrgenmode", "none"]);
            self.ip(&["link", "set", end, "up"]);
        }
    }

    /// A program in the namespace.
    pub fn within(&self, program: &Path) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name]).arg(program);
        command
    }

    /// Its name.
    #[cfg(feature = "tui")]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Listens at `v1`, and tells its figures every second; it hears from now on.
    pub fn listen(&self, arguments: &[&str]) -> Listener {
        self.begin(&[&["--statistics", "1"][..], arguments].concat())
    }

    /// The same, telling only what it is told to.
    pub fn begin(&self, arguments: &[&str]) -> Listener {
        self.hear(&[&["-i", "v1"][..], arguments].concat())
    }

    /// The same, at the interfaces that the arguments name.
    pub fn hear(&self, arguments: &[&str]) -> Listener {
        self.hear_by(self.within(&program()), arguments)
    }

    /// The same, by a command that becomes the program.
    pub fn hear_by(&self, mut command: Command, arguments: &[impl AsRef<OsStr>]) -> Listener {
        command.args(["live", "-T", "ndjson"]).args(arguments);
        let listener = Listener::of(command);
        listener.until_it_hears();
        listener
    }

    /// What comes of a program that does not come to listening.
    pub fn refused(&self, mut command: Command, arguments: &[impl AsRef<OsStr>]) -> Heard {
        command.args(["live", "-T", "ndjson"]).args(arguments);
        Listener::of(command).result()
    }

    /// Puts every packet of a capture into `v0`; how many there were.
    pub fn send(&self, capture: &Path) -> u64 {
        self.send_into(&["v0"], capture)
    }

    /// The same; of two interfaces each takes one direction.
    pub fn send_into(&self, cables: &[&str], capture: &Path) -> u64 {
        let this = std::env::current_exe().expect("this test");
        let output = self
            .within(&this)
            .args(["sending::sends_what_it_is_given", "--exact", "--nocapture"])
            .env("INFORMANT_TEST_SEND", capture)
            .env("INFORMANT_TEST_CABLES", cables.join(","))
            .output()
            .expect("the sender runs");
        let text = String::from_utf8_lossy(&output.stdout);
        let sent = text.lines().find_map(|line| line.split_once("sent "));
        let (_, count) = sent.unwrap_or_else(|| panic!("{text}"));
        count.trim().parse().expect("a number")
    }

    pub fn ip(&self, arguments: &[&str]) {
        assert!(has_run(
            "ip",
            &[&["-n", self.name.as_str()][..], arguments].concat()
        ));
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        has_run("ip", &["netns", "del", &self.name]);
    }
}

/// A program that listens.
pub struct Listener {
    child: Child,
    errors: BufReader<ChildStderr>,
    /// What it has said for people, as far as it was read.
    said: String,
}

/// How it ended, and what it said.
pub struct Heard {
    pub status: ExitStatus,
    pub records: Vec<Value>,
    pub errors: String,
}

impl Listener {
    fn of(mut command: Command) -> Self {
        let command = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let errors = BufReader::new(child.stderr.take().expect("a pipe"));
        Self {
            child,
            errors,
            said: String::new(),
        }
    }

    /// Reads until it says this; its figures come every second, so that no reading lasts.
    pub fn until_it_says(&mut self, words: &str) {
        wait_until(words, || {
            let length = self.errors.read_line(&mut self.said).expect("text");
            assert!(length > 0, "it ended before {words:?}: {}", self.said);
            self.said.contains(words)
        });
    }

    /// Whether it has a file open.
    pub fn holds(&self, file: &Path) -> bool {
        let open = std::fs::read_dir(format!("/proc/{}/fd", self.id()));
        let mut open = open.expect("it runs").flatten();
        open.any(|one| std::fs::read_link(one.path()).is_ok_and(|path| path == file))
    }

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
        assert!(has_run("kill", &[signal, &self.id().to_string()]));
    }

    /// What it said until it ended; one that does not is killed.
    pub fn result(mut self) -> Heard {
        let (ended, end) = mpsc::channel::<()>();
        let id = self.id().to_string();
        let watch = std::thread::spawn(move || {
            let waited = end.recv_timeout(PATIENCE);
            waited == Err(RecvTimeoutError::Timeout) && has_run("kill", &["-KILL", &id])
        });
        let mut output = String::new();
        let pipe = self.child.stdout.as_mut().expect("a pipe");
        pipe.read_to_string(&mut output).expect("text");
        self.errors.read_to_string(&mut self.said).expect("text");
        drop(ended);
        let is_killed = watch.join().expect("it is waited for");
        assert!(!is_killed, "it did not end: {}", self.said);
        let records = output
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("JSON: {line}")))
            .collect();
        Heard {
            status: self.child.wait().expect("it ends"),
            records,
            errors: std::mem::take(&mut self.said),
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program itself.
pub fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_informant"))
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

/// Whether a program is there and does what it is told.
pub fn has_run(program: &str, arguments: &[&str]) -> bool {
    let output = Command::new(program).args(arguments).output();
    output.is_ok_and(|output| output.status.success())
}

fn unique() -> u32 {
    use std::sync::atomic::{AtomicU32, Ordering};

    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

const PATIENCE: Duration = Duration::from_secs(30);
