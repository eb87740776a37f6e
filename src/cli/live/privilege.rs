//! Rights are given away once everything is open, before the first packet is looked at: root, every capability, new privileges,
//! and where the kernel has Landlock the network and all files but those of the output.

use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd,
    Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetStatus,
};
use rustix::process::{Gid, Uid};
use rustix::thread::{CapabilitySet, CapabilitySets};

use crate::cli::arguments::LiveArguments;
use crate::cli::exit::Trouble;
use crate::cli::output::complain;

/// Gives everything away; `recorded` is a file that is written and was made by then. There must be no other thread yet: what follows is of
/// this one, and of those it makes.
pub(super) fn give_up(arguments: &LiveArguments, recorded: Option<&Path>) -> Result<(), Trouble> {
    let folders = folders(arguments);
    let root = rustix::process::geteuid().is_root();
    if root {
        let user = User::of(arguments.user.as_deref())?;
        let outputs = arguments.metrics.iter().chain(&arguments.writing.output);
        for file in outputs.map(PathBuf::as_path).chain(recorded) {
            hand_over(file, &user);
        }
        become_user(&user).map_err(|error| {
            Trouble::Peer(format!(
                "root rights cannot be given away to {}: {error}",
                user.name
            ))
        })?;
        writable(&folders, &user.name)?;
    } else if arguments.user.is_some() {
        return Err(Trouble::Usage(
            "--user: only root can become somebody else".to_owned(),
        ));
    }
    capabilities()
        .map_err(|error| Trouble::Peer(format!("capabilities cannot be given away: {error}")))?;
    rustix::thread::set_no_new_privs(true)
        .map_err(|error| Trouble::Peer(format!("new privileges cannot be ruled out: {error}")))?;
    let why = match fence(&reached(arguments, folders)) {
        Ok(RulesetStatus::NotEnforced) => "it has no such thing".to_owned(),
        Ok(_) => return Ok(()),
        Err(error) => error.to_string(),
    };
    if !arguments.writing.quiet {
        complain(&format!("this kernel fences nothing off (Landlock): {why}"));
    }
    Ok(())
}

/// A file that was made by root becomes the user's: in a folder like /tmp nobody else could replace, remove or open it again. Only
/// a plain file with one name: whatever else stands there may be somebody's who waits for that.
fn hand_over(file: &Path, user: &User) {
    let mut open = std::fs::OpenOptions::new();
    let no_follow = rustix::fs::OFlags::NOFOLLOW.union(rustix::fs::OFlags::NONBLOCK);
    open.append(true)
        .custom_flags(i32::try_from(no_follow.bits()).unwrap_or_default());
    let Ok(opened) = open.open(file) else {
        return;
    };
    let is_ours =
        |facts: std::fs::Metadata| facts.is_file() && facts.nlink() == 1 && facts.uid() == 0;
    if opened.metadata().is_ok_and(is_ours) {
        // Where that fails, it stays as it was, and is told when it matters.
        let _ = std::os::unix::fs::fchown(&opened, Some(user.user), Some(user.group));
    }
}

/// Somebody without rights.
struct User {
    name: String,
    user: u32,
    group: u32,
}

impl User {
    fn of(name: Option<&str>) -> Result<Self, Trouble> {
        let id = |variable| std::env::var(variable).ok()?.parse::<u32>().ok();
        if let (None, Some(user), Some(group)) = (name, id("SUDO_UID"), id("SUDO_GID"))
            && user != 0
        {
            let name = std::env::var("SUDO_USER").unwrap_or_else(|_| user.to_string());
            return Ok(Self { name, user, group });
        }
        let name = name.unwrap_or(NOBODY);
        let known = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        let found = known.lines().find_map(|line| Self::in_line(line, name));
        match found {
            Some(user) if user.user != 0 => Ok(user),
            Some(_) => Err(Trouble::Usage(format!("--user: {name} is root"))),
            None => Err(Trouble::Usage(format!(
                "--user: there is no {name} in /etc/passwd: name somebody without rights"
            ))),
        }
    }

    /// passwd(5): name, password, user, group and more.
    fn in_line(line: &str, name: &str) -> Option<Self> {
        let mut fields = line.split(':');
        if fields.next()? != name {
            return None;
        }
        let user = fields.nth(1)?.parse().ok()?;
        let group = fields.next()?.parse().ok()?;
        Some(Self {
            name: name.to_owned(),
            user,
            group,
        })
    }
}

fn become_user(user: &User) -> rustix::io::Result<()> {
    bound_capabilities();
    let (group, id) = (Gid::from_raw(user.group), Uid::from_raw(user.user));
    rustix::thread::set_thread_groups(&[group])?;
    rustix::thread::set_thread_res_gid(group, group, group)?;
    rustix::thread::set_thread_res_uid(id, id, id)
}

/// None comes back, whatever is executed. Where that right is missing already, there is less to lose.
fn bound_capabilities() {
    for capability in CapabilitySet::all().iter() {
        let _ = rustix::thread::remove_capability_from_bounding_set(capability);
    }
}

fn capabilities() -> rustix::io::Result<()> {
    let _ = rustix::thread::clear_ambient_capability_set();
    rustix::thread::set_capabilities(
        None,
        CapabilitySets {
            effective: CapabilitySet::empty(),
            permitted: CapabilitySet::empty(),
            inheritable: CapabilitySet::empty(),
        },
    )
}

/// Where files are made while it runs.
fn folders(arguments: &LiveArguments) -> Vec<PathBuf> {
    let ring = arguments
        .write
        .iter()
        .filter(|_| !arguments.ring.is_empty());
    let files = ring
        .chain(&arguments.metrics)
        .chain(&arguments.writing.output);
    let mut folders: Vec<PathBuf> = files
        .map(|file| match file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        })
        .collect();
    folders.sort();
    folders.dedup();
    folders
}

/// What can still be opened, and for what: what tells of this process, the folders of the output, and for the screens what is
/// recorded and the folder that they save into.
fn reached(arguments: &LiveArguments, folders: Vec<PathBuf>) -> Vec<(PathBuf, BitFlags<AccessFs>)> {
    let all = AccessFs::from_all(VERSION);
    let mut reached = vec![("/proc/self".into(), AccessFs::from_read(VERSION))];
    reached.extend(folders.into_iter().map(|folder| (folder, all)));
    if arguments.tui {
        let read = BitFlags::from(AccessFs::ReadFile);
        reached.extend(arguments.write.iter().map(|file| (file.clone(), read)));
        reached.push(("/dev/tty".into(), read | AccessFs::WriteFile));
        reached.push((".".into(), all));
    }
    reached
}

/// The next file of a ring must not fail hours later.
fn writable(folders: &[PathBuf], user: &str) -> Result<(), Trouble> {
    for folder in folders {
        let access = rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK;
        if rustix::fs::access(folder, access).is_err() {
            return Err(Trouble::Usage(format!(
                "{}: {user} may not write there: root rights are given away before the first packet is looked at; take a folder of {user}, or name with --user who may",
                folder.display()
            )));
        }
    }
    Ok(())
}

/// Nothing else can be opened, and nothing be reached.
fn fence(
    reached: &[(PathBuf, BitFlags<AccessFs>)],
) -> Result<RulesetStatus, landlock::RulesetError> {
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(VERSION))?
        .handle_access(AccessNet::from_all(VERSION))?
        .create()?;
    for (path, access) in reached {
        if let Ok(path) = PathFd::new(path) {
            rules = rules.add_rule(PathBeneath::new(path, *access))?;
        }
    }
    Ok(rules.restrict_self()?.ruleset)
}

/// What is told of here; what later kernels have more is not asked for.
const VERSION: ABI = ABI::V4;
const NOBODY: &str = "nobody";
