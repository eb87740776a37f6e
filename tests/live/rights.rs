//! Rights: which it needs, and that none is left.

use std::path::{Path, PathBuf};
use std::process::Command;

use landlock::{ABI, Access, AccessFs, CompatLevel, Compatible, Ruleset, RulesetAttr};
use tempfile::TempDir;

use crate::recording::{open_to_all, permit, whole};
use crate::scene::{Listener, Scene, has_run, program, wait_until};
use crate::sessions::{listed, path, sessions};
use crate::support::captures;

#[test]
fn no_right_is_left_when_the_first_packet_is_looked_at() {
    let Some(scene) = Scene::lay() else { return };
    let listener = scene.listen(&[]);
    let status = status(&listener);
    for line in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
        assert_eq!(of(&status, line), [NO_CAPABILITY], "{line}");
    }
    let nobody = ids(NOBODY);
    assert_eq!(of(&status, "Uid"), [&nobody[0]; 4]);
    assert_eq!(of(&status, "Gid"), [&nobody[1]; 4]);
    assert_eq!(of(&status, "Groups"), [&nobody[1]]);
    assert!(listener.end().status.success());
}

#[test]
fn it_becomes_who_called_sudo_or_who_is_named() {
    let Some(scene) = Scene::lay() else { return };
    let called = |user| {
        let mut command = scene.within(&program());
        command.env("SUDO_UID", user).env("SUDO_GID", "4712");
        command
    };
    let daemon = ids("daemon");
    let (named, none) = (["-i", "v1", "--user", "daemon"], ["-i", "v1"]);
    let cases = [
        (called("4711"), &none[..], "4711"),
        (called("4711"), &named, &daemon[0]),
        // Who is root already does not become it again.
        (called("0"), &none, &ids(NOBODY)[0]),
    ];
    for (command, arguments, user) in cases {
        let listener = scene.hear_by(command, arguments);
        assert_eq!(of(&status(&listener), "Uid"), [user; 4]);
        assert!(listener.end().status.success());
    }
    for name in ["root", "somebody-unheard-of"] {
        let arguments = ["-i", "v1", "--user", name];
        let heard = scene.refused(called("4711"), &arguments);
        assert_eq!(heard.status.code(), Some(2), "{}", heard.errors);
        assert!(heard.errors.contains(name), "{}", heard.errors);
    }
}

#[test]
fn a_program_with_the_capability_listens_without_root() {
    let Some(scene) = Scene::lay() else { return };
    let copied = copy();
    let program = copied.path().join("informant");
    let set = has_run("setcap", &["cap_net_raw+ep", path(&program)]);
    let (true, Some(command)) = (set, as_nobody(&scene, &program)) else {
        return eprintln!("skipped: setcap, or a file system that keeps what it sets, is absent");
    };
    let file = captures().join("bootstrap-with-provisioning/capture.pcapng");
    let recorded = copied.path().join("recorded.pcapng");
    let listener = scene.hear_by(command, &["-i", "v1", "-w", path(&recorded)]);
    let status = status(&listener);
    for line in ["CapInh", "CapPrm", "CapEff", "CapAmb"] {
        assert_eq!(of(&status, line), [NO_CAPABILITY], "{line}");
    }
    assert_eq!(of(&status, "NoNewPrivs"), ["1"]);
    assert_eq!(of(&status, "Uid"), [&ids(NOBODY)[0]; 4]);
    let sent = scene.send(&file);
    wait_until("all is recorded", || {
        crate::recording::readable(&recorded) == sent
    });
    let heard = listener.end();
    assert!(heard.status.success(), "{}", heard.errors);
    assert_eq!(whole(&recorded), sent);
    assert_eq!(sessions(heard.records), sessions(listed(&file)));
}

#[test]
fn without_any_right_it_says_what_to_do() {
    let Some(scene) = Scene::lay() else { return };
    let copied = copy();
    let program = copied.path().join("informant");
    let cases = [
        (&["-i", "v1"][..], 5, "setcap cap_net_raw+ep "),
        (&["-i", "any"], 5, "setcap cap_net_raw+ep "),
        (&["-i", "v1,v0"], 5, "v1: cannot be listened to: "),
        (&["-i", "absent"], 5, "absent: cannot be listened to: "),
    ];
    for (arguments, code, words) in cases {
        let Some(command) = as_nobody(&scene, &program) else {
            return;
        };
        let heard = scene.refused(command, arguments);
        assert_eq!(heard.status.code(), Some(code), "{}", heard.errors);
        assert!(heard.errors.contains(words), "{}", heard.errors);
        assert!(heard.records.is_empty());
    }
}

#[test]
fn what_lies_outside_cannot_be_opened_where_the_kernel_has_landlock() {
    let Some(scene) = Scene::lay() else { return };
    if !has_landlock() {
        return eprintln!("skipped: this kernel has no Landlock");
    }
    let place = Place::make();
    let mut listener = scene.hear_by(scene.within(&program()), &place.arguments());
    place.point_outside();
    listener.signal("-HUP");
    listener.until_it_says("out.ndjson: cannot be opened again: Permission denied");
    let file = captures().join("fault/capture.pcapng");
    scene.send(&file);
    let moved = place.inside.path().join("old.ndjson");
    let text = || std::fs::read_to_string(&moved).expect("the output");
    wait_until("it goes on", || text().contains("\"record\":\"session\""));
    let heard = listener.end();
    assert!(heard.status.success(), "{}", heard.errors);
    assert!(!heard.errors.contains("Landlock"), "{}", heard.errors);
    assert_eq!(std::fs::read(place.elsewhere()).expect("a file"), b"");
}

#[test]
fn that_the_kernel_has_no_landlock_is_told_and_it_goes_on() {
    let Some(scene) = Scene::lay() else { return };
    let mut without = scene.within(Path::new("python3"));
    without.args(["-c", WITHOUT_LANDLOCK]);
    let tried = without.arg("true").output();
    if !tried.is_ok_and(|output| output.status.success()) {
        return eprintln!("skipped: python3, or a filter of system calls, is absent");
    }
    let place = Place::make();
    let mut without = scene.within(Path::new("python3"));
    without.args(["-c", WITHOUT_LANDLOCK]).arg(program());
    let mut listener = scene.hear_by(without, &place.arguments());
    listener.until_it_says("this kernel fences nothing off (Landlock): it has no such thing");
    // Nothing but Landlock is what keeps it from there.
    place.point_outside();
    listener.signal("-HUP");
    let outside = place.elsewhere();
    wait_until("it is open", || listener.holds(&outside));
    let heard = listener.end();
    assert!(heard.status.success(), "{}", heard.errors);
}

/// An output, and a file in a folder outside that anybody may write.
struct Place {
    inside: TempDir,
    outside: TempDir,
}

impl Place {
    fn make() -> Self {
        let folder = || tempfile::tempdir().expect("a folder");
        let place = Self {
            inside: folder(),
            outside: folder(),
        };
        open_to_all(place.inside.path());
        open_to_all(place.outside.path());
        std::fs::write(place.elsewhere(), "").expect("an own folder");
        permit(&place.elsewhere(), 0o666);
        place
    }

    fn output(&self) -> PathBuf {
        self.inside.path().join("out.ndjson")
    }

    fn elsewhere(&self) -> PathBuf {
        self.outside.path().join("elsewhere")
    }

    fn arguments(&self) -> [String; 6] {
        let output = path(&self.output()).to_owned();
        ["-i", "v1", "--statistics", "1", "-o", &output].map(str::to_owned)
    }

    /// The name of the output leads outside.
    fn point_outside(&self) {
        let moved = self.inside.path().join("old.ndjson");
        std::fs::rename(self.output(), moved).expect("an own file");
        std::os::unix::fs::symlink(self.elsewhere(), self.output()).expect("an own folder");
    }
}

/// Asks for it, and gives nothing away.
fn has_landlock() -> bool {
    let rules = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
    let rules = rules.handle_access(AccessFs::from_all(ABI::V1));
    rules.and_then(Ruleset::create).is_ok()
}

/// A copy of the program for everybody, in a folder for everybody.
fn copy() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    open_to_all(folder.path());
    let copied = folder.path().join("informant");
    std::fs::copy(program(), &copied).expect("an own folder");
    permit(&copied, 0o755);
    folder
}

/// A program in the namespace, of somebody without rights; none, visibly, where nobody becomes that.
fn as_nobody(scene: &Scene, program: &Path) -> Option<Command> {
    if !has_run("setpriv", &["--version"]) {
        eprintln!("skipped: setpriv (util-linux) is absent");
        return None;
    }
    let [user, group] = ids(NOBODY);
    let mut command = scene.within(Path::new("setpriv"));
    let become_it = ["--reuid", &user, "--regid", &group, "--clear-groups"];
    command.args(become_it).arg(program);
    Some(command)
}

fn status(listener: &Listener) -> String {
    let status = std::fs::read_to_string(format!("/proc/{}/status", listener.id()));
    status.expect("it runs")
}

/// The words of a line of it (proc(5)).
fn of<'s>(status: &'s str, name: &str) -> Vec<&'s str> {
    let mut lines = status.lines().filter_map(|line| line.split_once(':'));
    let line = lines.find(|(one, _)| *one == name);
    let (_, words) = line.unwrap_or_else(|| panic!("{name}: {status}"));
    words.split_whitespace().collect()
}

/// User and group of a name (passwd(5)).
fn ids(name: &str) -> [String; 2] {
    let known = std::fs::read_to_string("/etc/passwd").expect("users");
    let mut lines = known
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>());
    let line = lines.find(|fields| fields[0] == name).expect("a user");
    [line[2].to_owned(), line[3].to_owned()]
}

const NOBODY: &str = "nobody";
const NO_CAPABILITY: &str = "0000000000000000";
/// Becomes a program to which landlock_create_ruleset(2), number 444 everywhere, does not exist (seccomp(2)).
const WITHOUT_LANDLOCK: &str = "
import ctypes, os, struct, sys
load, equal, give = 0x20, 0x15, 0x06
lines = [(load, 0, 0, 0), (equal, 0, 1, 444), (give, 0, 0, 0x50000 | 38), (give, 0, 0, 0x7fff0000)]
code = ctypes.create_string_buffer(b''.join(struct.pack('HBBI', *line) for line in lines))
class Program(ctypes.Structure):
    _fields_ = [('length', ctypes.c_ushort), ('code', ctypes.c_void_p)]
program = Program(len(lines), ctypes.addressof(code))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(22, 2, ctypes.byref(program), 0, 0):
    sys.exit(os.strerror(ctypes.get_errno()))
os.execvp(sys.argv[1], sys.argv[1:])
";
