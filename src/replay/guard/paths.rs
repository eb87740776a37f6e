//! What a writing RPC puts at stake by the paths that it names: the tie to the ACS, firmware and configuration, and restarts.

use cwmp::Element;

use crate::replay::scenario::Class;

/// Methods that name what they write.
pub(super) const WRITING: [&str; 4] = [
    "AddObject",
    "DeleteObject",
    ATTRIBUTES,
    "SetParameterValues",
];

/// Why writing something is worse than setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stake {
    pub(super) class: Class,
    pub(super) why: String,
}

/// What a message of a [`WRITING`] method puts at stake, if anything.
pub(super) fn at_stake(message: Element<'_>) -> Option<Stake> {
    let all = || std::iter::once(message).chain(message.descendants());
    if all()
        .any(|element| element.attribute("href").is_some() || element.attribute("ref").is_some())
    {
        return Some(destroys(
            "a part of it stands elsewhere (href), so what it writes is not certain",
        ));
    }
    if all().any(|element| in_management_server(&element.text())) || named_in_raw(message.raw()) {
        return Some(destroys(
            "it names something under ManagementServer, which ties the device to its ACS",
        ));
    }
    let Some(names) = names(message) else {
        return Some(destroys("it does not say plainly what it writes"));
    };
    let writes_values = message.name() != ATTRIBUTES;
    let stakes = names.iter().filter_map(|name| {
        let wide = too_wide(name);
        wide.or_else(|| writes_values.then(|| of_path(name)).flatten())
    });
    stakes.reduce(|worst, next| {
        if next.class > worst.class {
            next
        } else {
            worst
        }
    })
}

fn destroys(why: &str) -> Stake {
    Stake {
        class: Class::Destroy,
        why: why.to_owned(),
    }
}

/// What it writes, where each entry names one thing once.
fn names(message: Element<'_>) -> Option<Vec<String>> {
    let direct = ["AddObject", "DeleteObject"].contains(&message.name());
    if direct {
        return Some(vec![only(message, "ObjectName")?.text().into_owned()]);
    }
    let list = only(message, "ParameterList")?;
    list.children()
        .map(|entry| {
            let name = only(entry, "Name")?;
            name.is_leaf().then(|| name.text().into_owned())
        })
        .collect()
}

/// The one child of this name.
fn only<'a>(parent: Element<'a>, name: &str) -> Option<Element<'a>> {
    let mut alike = parent
        .children()
        .filter(|child| child.name().eq_ignore_ascii_case(name));
    let found = alike.next().filter(|child| child.name() == name)?;
    alike.next().is_none().then_some(found)
}

/// A part of the path is ManagementServer, in whatever case, or a vendor's object of that name.
fn in_management_server(text: &str) -> bool {
    text.split('.').any(|part| {
        let word = word(part);
        word == MANAGEMENT_SERVER || is_vendors(part) && word.ends_with(MANAGEMENT_SERVER)
    })
}

/// It is spelled out anywhere, in a comment for example.
fn named_in_raw(raw: &[u8]) -> bool {
    let lower = raw.to_ascii_lowercase();
    memchr::memmem::find(&lower, MANAGEMENT_SERVER.as_bytes()).is_some()
}

/// Why a path may hold ManagementServer without naming it.
fn too_wide(path: &str) -> Option<Stake> {
    let path = path.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if !path.chars().all(plain) {
        return Some(destroys("a path holds characters that no parameter has"));
    }
    let parts = path.split('.').filter(|part| !part.is_empty()).count();
    (parts < 2).then(|| destroys("a path holds the whole tree, ManagementServer with it"))
}

/// What writing the value of this parameter, or changing this object, may come to.
fn of_path(path: &str) -> Option<Stake> {
    let path = path.trim();
    let parts: Vec<&str> = path.split('.').filter(|part| !part.is_empty()).collect();
    let last = parts.last().map(|part| word(part)).unwrap_or_default();
    if path.ends_with('.') && HOLDING.contains(&last.as_str()) {
        return Some(destroys(LOCKS_OUT));
    }
    let stakes = parts.iter().filter_map(|part| of_part(part));
    stakes.max_by_key(|stake| stake.class)
}

fn of_part(part: &str) -> Option<Stake> {
    let word = word(part);
    let holds = |words: &[&str]| words.iter().any(|known| word.contains(known));
    let vendors = is_vendors(part);
    if holds(&PROTOCOL) {
        return Some(destroys(
            "a part of its path is about CWMP itself, which ties the device to its ACS",
        ));
    }
    if LOCKING.contains(&word.as_str()) || vendors && holds(&VENDORS_LOCKING) {
        return Some(destroys(LOCKS_OUT));
    }
    (word == "reset" || vendors && holds(&VENDORS_RESTARTING)).then(|| Stake {
        class: Class::Disrupt,
        why: "it restarts the device or a part of it".to_owned(),
    })
}

/// Its letters and digits, in lower case.
fn word(part: &str) -> String {
    let letters = part.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

/// TR-106 section 3.3: the name of a vendor's parameter begins with `X_`.
fn is_vendors(part: &str) -> bool {
    let part = part.trim_start();
    part.get(..2)
        .is_some_and(|start| start.eq_ignore_ascii_case("x_"))
}

const ATTRIBUTES: &str = "SetParameterAttributes";
const MANAGEMENT_SERVER: &str = "managementserver";
const LOCKS_OUT: &str =
    "it may change the firmware or all of the configuration, and lock the device out";
/// Of vendors' names for ManagementServer and for what belongs there.
const PROTOCOL: [&str; 5] = ["tr069", "tr69", "cwmp", "acsurl", "acsserver"];
/// TR-069 Issue 1 and TR-098: DeviceConfig.ConfigFile holds the whole configuration, UserInterface.AutoUpdateServer is where a
/// device gets firmware on its own. TR-181 from 2.12: DeviceInfo.BootFirmwareImage and FirmwareImage say what it boots.
const LOCKING: [&str; 4] = [
    "autoupdateserver",
    "bootfirmwareimage",
    "configfile",
    "firmwareimage",
];
/// Objects that hold one of those.
const HOLDING: [&str; 3] = ["deviceconfig", "deviceinfo", "userinterface"];
const VENDORS_LOCKING: [&str; 5] = [
    "configfile",
    "factory",
    "firmware",
    "restoredefault",
    "upgrade",
];
const VENDORS_RESTARTING: [&str; 3] = ["reboot", "reset", "restart"];
