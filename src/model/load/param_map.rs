//! snom's parameter mapping file: one line for each parameter, `type:Name`, a modifier, a value.
//!
//! `=` reads and writes with passive notification, `!=` reads alone, `&=` says that the phone lacks a standard parameter,
//! `$=` turns notification off, `*=` makes it active. Values stand as they are or name settings in braces.

use super::super::builder::{Builder, Place};
use super::super::{
    Access, Base, Facts, Mapping, Model, Notification, Since, Syntax, ValuePart, Version,
};
use super::error::{At, LoadError, Problem, told};
use super::limits::{LINE_BYTES_MAX, NAMES_MAX, PATH_BYTES_MAX};

pub(super) fn load(file: &str, bytes: &[u8]) -> Result<Model, LoadError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = String::from_utf8_lossy(bytes);
    let mut builder = Builder::new();
    let version = Version::new(1, 0);
    let place = Place {
        document: builder.document(file, version, false),
        version,
        since: Since {
            first: version,
            absent: None,
        },
    };
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let at = |within: usize| At {
            file,
            text: &text,
            offset: offset + within,
        };
        let refused = |(within, problem)| at(within).problem(problem);
        if let Some((name, facts)) = entry(line).map_err(refused)? {
            if builder.len() > NAMES_MAX {
                return Err(at(0).problem(Problem::TooMany {
                    what: "names",
                    max: NAMES_MAX,
                }));
            }
            let node = builder.node(name);
            // Of two lines for one parameter the later holds.
            builder.restate(node, place, facts);
        }
        offset += line.len();
    }
    builder.imply_objects(place);
    Ok(builder.finish())
}

/// What a line states; nothing, of a comment or an empty one. Errors stand at a byte of the line.
fn entry(line: &str) -> Result<Option<(&str, Facts)>, (usize, Problem)> {
    let line = line.trim_end_matches(['\r', '\n']);
    if line.len() > LINE_BYTES_MAX {
        return Err((0, Problem::Line("this line is too long")));
    }
    if line.starts_with('#') || line.trim().is_empty() {
        return Ok(None);
    }
    let (kind, rest) = line
        .split_once(':')
        .ok_or((0, Problem::Line("no `:` behind the type")))?;
    let name_at = kind.len() + 1;
    let base = Base::of_name(kind.trim()).ok_or_else(|| unknown_type(kind))?;
    let equals = rest
        .find('=')
        .ok_or((name_at, Problem::Line("no `=` behind the name")))?;
    let (left, value) = rest.split_at(equals);
    let value = value.strip_prefix('=').unwrap_or(value);
    let modifier = left
        .chars()
        .next_back()
        .filter(|last| MODIFIERS.contains(last));
    let name = left.strip_suffix(MODIFIERS).unwrap_or(left).trim();
    check_name(name).map_err(|problem| (name_at, problem))?;
    let mut facts = modified(modifier);
    facts.syntax = Syntax::of(base);
    if let Some(mapping) = &mut facts.mapping {
        let value_at = name_at + equals + 1;
        mapping.value = parts(value).map_err(|within| {
            let unclosed = Problem::Line("`{` without `}`");
            (value_at + within, unclosed)
        })?;
    }
    Ok(Some((name, facts)))
}

fn unknown_type(kind: &str) -> (usize, Problem) {
    let problem = Problem::NotKnown {
        found: told(kind),
        known: "`string`, `int`, `unsignedInt`, `boolean` or `dateTime`",
    };
    (0, problem)
}

fn check_name(name: &str) -> Result<(), Problem> {
    if name.is_empty() {
        return Err(Problem::Line("no name"));
    }
    if name.len() > PATH_BYTES_MAX {
        return Err(Problem::PathTooLong {
            max: PATH_BYTES_MAX,
        });
    }
    if name.ends_with('.') {
        return Err(Problem::Line("a name that ends with a dot is an object's"));
    }
    if name.contains(char::is_whitespace) {
        return Err(Problem::Line("a name with a blank in it"));
    }
    Ok(())
}

fn modified(modifier: Option<char>) -> Facts {
    let (access, notification) = match modifier {
        Some('!') => (Access::ReadOnly, None),
        Some('&') => (Access::Unknown, None),
        Some('$') => (Access::ReadWrite, Some(Notification::Off)),
        Some('*') => (Access::ReadWrite, Some(Notification::Active)),
        _ => (Access::ReadWrite, Some(Notification::Passive)),
    };
    Facts {
        access,
        mapping: Some(Box::new(Mapping {
            supported: modifier != Some('&'),
            notification,
            value: Vec::new(),
        })),
        ..Facts::default()
    }
}

/// Text and settings in braces, as they follow each other; an error is where a brace is not closed.
fn parts(value: &str) -> Result<Vec<ValuePart>, usize> {
    let mut parts = Vec::new();
    let mut rest = value;
    while let Some((text, behind)) = rest.split_once('{') {
        let (setting, after) = behind
            .split_once('}')
            .ok_or(value.len() - behind.len() - 1)?;
        if !text.is_empty() {
            parts.push(ValuePart::Text(text.into()));
        }
        let (name, index) = match setting.split_once('|') {
            Some((name, index)) => (name, Some(index.trim().into())),
            None => (setting, None),
        };
        parts.push(ValuePart::Setting {
            name: name.trim().into(),
            index,
        });
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(ValuePart::Text(rest.into()));
    }
    Ok(parts)
}

const MODIFIERS: [char; 4] = ['!', '&', '$', '*'];
