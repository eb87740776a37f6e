//! Whether a writing RPC reaches what ties the device to its ACS: the parameters under ManagementServer.

use cwmp::Element;

/// Why a SetParameterValues, SetParameterAttributes, AddObject or DeleteObject may reach ManagementServer, if it may.
pub(super) fn reaches_management_server(message: Element<'_>) -> Option<String> {
    let all = || std::iter::once(message).chain(message.descendants());
    if all()
        .any(|element| element.attribute("href").is_some() || element.attribute("ref").is_some())
    {
        return Some(
            "a part of it stands elsewhere (href), so what it writes is not certain".to_owned(),
        );
    }
    if all().any(|element| in_management_server(&element.text())) || named_in_raw(message.raw()) {
        return Some(
            "it names something under ManagementServer, which ties the device to its ACS"
                .to_owned(),
        );
    }
    match names(message) {
        None => Some("it does not say plainly what it writes".to_owned()),
        Some(names) => names.iter().find_map(|name| too_wide(name)),
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

/// A part of the path is ManagementServer, in whatever case.
fn in_management_server(text: &str) -> bool {
    text.split('.').any(|part| {
        let letters = part.chars().filter(char::is_ascii_alphanumeric);
        letters
            .map(|letter| letter.to_ascii_lowercase())
            .eq(MANAGEMENT_SERVER.chars())
    })
}

/// It is spelled out anywhere, in a comment for example.
fn named_in_raw(raw: &[u8]) -> bool {
    let lower = raw.to_ascii_lowercase();
    memchr::memmem::find(&lower, MANAGEMENT_SERVER.as_bytes()).is_some()
}

/// Why a path may hold ManagementServer without naming it.
fn too_wide(path: &str) -> Option<String> {
    let path = path.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if !path.chars().all(plain) {
        return Some("a path holds characters that no parameter has".to_owned());
    }
    let parts = path.split('.').filter(|part| !part.is_empty()).count();
    (parts < 2).then(|| "a path holds the whole tree, ManagementServer with it".to_owned())
}

const MANAGEMENT_SERVER: &str = "managementserver";
