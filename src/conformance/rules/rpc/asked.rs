//! What a request of the ACS asks for, as the rules of several topics want it.

use cwmp::EnvelopeRef;

/// What GetParameterNames asks for.
#[derive(Debug)]
pub(super) struct Level {
    /// ParameterPath.
    pub(super) path: String,
    /// NextLevel.
    pub(super) next_level: bool,
}

/// What GetParameterNames asks for; `None` where an argument cannot be read.
pub(super) fn level(request: &EnvelopeRef<'_>) -> Option<Level> {
    let message = request.message()?;
    let path = message.child("ParameterPath")?.text().trim().to_owned();
    let next_level = match message.child("NextLevel")?.text().trim() {
        "1" | "true" => true,
        "0" | "false" => false,
        _ => return None,
    };
    Some(Level { path, next_level })
}

/// The one path that a request names, of any method on parameters and objects; `None` where it names several.
pub(super) fn only_path(request: &EnvelopeRef<'_>) -> Option<String> {
    let message = request.message()?;
    let child = |name: &str| Some(message.child(name)?.text().trim().to_owned());
    match message.name() {
        "GetParameterNames" => child("ParameterPath"),
        "AddObject" | "DeleteObject" => child("ObjectName"),
        "SetParameterAttributes" | "SetParameterValues" => {
            let mut entries = request.parameters();
            let name = entries.next()?.name().into_owned();
            entries.next().is_none().then_some(name)
        }
        _ => {
            let mut names = message.child("ParameterNames")?.children();
            let name = names.next()?.text().trim().to_owned();
            names.next().is_none().then_some(name)
        }
    }
}

/// The names that GetParameterValues asks for.
pub(super) fn values<'a>(request: &EnvelopeRef<'a>) -> impl Iterator<Item = String> + use<'a> {
    let names = request
        .message()
        .and_then(|message| message.child("ParameterNames"));
    let names = names.into_iter().flat_map(|names| names.children());
    names.map(|name| name.text().trim().to_owned())
}

/// The instance that AddObject made, with a dot at its end; `None` for what is no answer to it.
pub(super) fn added(request: &EnvelopeRef<'_>, response: &EnvelopeRef<'_>) -> Option<String> {
    let table = only_path(request)?;
    let number = response.message()?.child("InstanceNumber")?.text();
    let number: u32 = number.trim().parse().ok()?;
    let fits = table.ends_with('.') && table.len() <= PATH_MAX && !is_indirect(&table);
    fits.then(|| format!("{table}{number}."))
}

/// The table and the number of an instance's path.
pub(super) fn instance(path: &str) -> Option<(&str, u32)> {
    let path = path.strip_suffix('.')?;
    let dot = path.rfind('.')?;
    let number = path.get(dot + 1..)?;
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((path.get(..=dot)?, number.parse().ok()?))
}

/// The object that a parameter stands in, without the dot at its end.
pub(super) fn object_of(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(above, _)| above)
}

/// It names instances by alias or wildcard, so that the same thing has several names.
pub(super) fn is_indirect(path: &str) -> bool {
    path.contains(['[', '*'])
}

/// Longer paths are not kept; TR-069 A.3 has 256 characters.
pub(super) const PATH_MAX: usize = 256;
