//! A recorded HTTP head as text with placeholders: order, case and blanks stay, and what belongs to one moment goes.

use http1::{Fields, HeaderField, Kind};

use super::notes::{NotPlayable, Note};
use super::order::Turn;
use super::plan::Plan;
use crate::replay::scenario::Role;
use crate::replay::template;
use crate::session::Masking;

/// A head, ready to be played.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    /// Lines that end in LF, without the empty one.
    pub text: String,
    /// Its lines ended in LF alone.
    pub bare_lf: bool,
}

impl Head {
    /// Of a message that this side says; `asks_for_account` where the scenario has one to show.
    pub fn of(
        turn: &Turn<'_>,
        plan: &mut Plan<'_>,
        asks_for_account: bool,
    ) -> Result<Self, NotPlayable> {
        let fields = Fields::from(&turn.message.http);
        let mut lines = Lines {
            turn,
            plan,
            seen: Vec::new(),
            lines: Vec::new(),
        };
        lines.start(&fields)?;
        for header in &fields.headers {
            lines.header(header)?;
        }
        lines.close(&fields, asks_for_account);
        let text = lines.lines.join("\n") + "\n";
        let text = plan.swept(text.as_bytes(), false, turn.place)?;
        Ok(Self {
            text: String::from_utf8_lossy(&text).into_owned(),
            bare_lf: !fields.start.separators[2].ends_with(b"\r\n"),
        })
    }
}

/// The lines on their way.
struct Lines<'l, 't, 'p> {
    turn: &'l Turn<'t>,
    plan: &'l mut Plan<'p>,
    /// Placeholders that stand there already: one line says them.
    seen: Vec<&'static str>,
    lines: Vec<String>,
}

impl Lines<'_, '_, '_> {
    fn start(&mut self, fields: &Fields) -> Result<(), NotPlayable> {
        let parts = &fields.start.parts;
        let separators = &fields.start.separators;
        let mut line = Vec::new();
        for (at, (part, separator)) in parts.iter().zip(separators).enumerate() {
            if at == 1 && self.turn.message.http.kind() == Kind::Request {
                line.extend_from_slice(b"{{http.target}}");
            } else {
                line.extend_from_slice(&template::escape(part));
            }
            line.extend_from_slice(without_line_end(separator));
        }
        let line = String::from_utf8(line).map_err(|_| {
            self.turn
                .unreadable("the first line of its head is no UTF-8")
        })?;
        self.lines.push(line);
        Ok(())
    }

    fn header(&mut self, header: &HeaderField) -> Result<(), NotPlayable> {
        let name = String::from_utf8_lossy(&header.name).into_owned();
        let value = match self.value(&name.to_ascii_lowercase(), &header.value) {
            Value::Recorded => self.recorded(&name, &header.value),
            Value::Placeholder(placeholder) => {
                if self.seen.contains(&placeholder) {
                    self.not_kept(&format!("a second header field {name}: one line says it"));
                    return Ok(());
                }
                self.seen.push(placeholder);
                format!("{{{{{placeholder}}}}}").into_bytes()
            }
            Value::Template(value) => value,
            Value::Left(why) => {
                self.not_kept(&format!("the header field {name}: {why}"));
                return Ok(());
            }
        };
        let mut line = header.name.clone();
        line.extend_from_slice(&header.separator);
        line.extend_from_slice(&value);
        line.extend_from_slice(without_line_end(&header.end));
        match String::from_utf8(line) {
            // A folded line is one of the head too.
            Ok(line) => self.lines.push(line.replace("\r\n", "\n")),
            Err(_) => self.not_kept(&format!("the header field {name}: it is no UTF-8")),
        }
        Ok(())
    }

    fn value(&self, name: &str, value: &[u8]) -> Value {
        let is_request = self.turn.message.http.kind() == Kind::Request;
        match name {
            "content-length" => Value::Placeholder("http.length"),
            "host" if is_request => Value::Placeholder("http.host"),
            "cookie" if is_request => Value::Placeholder("http.cookie"),
            "authorization" if is_request => Value::Placeholder("http.authorization"),
            "date" => Value::Placeholder("http.date"),
            "set-cookie" => set_cookie(value),
            "location" if !is_request => Value::Placeholder("http.location"),
            "www-authenticate" if self.turn.message.http.status() == 401 => {
                Value::Placeholder("http.challenge")
            }
            "proxy-authorization" | "proxy-authenticate" => {
                Value::Left("it is between the device and a proxy")
            }
            "authentication-info" | "proxy-authentication-info" => {
                Value::Left("it proves a password for the recorded message alone")
            }
            "cookie2" | "set-cookie2" => Value::Left("cookies of RFC 2965 are not kept"),
            "content-encoding" if self.turn.message.http.is_coded() => {
                Value::Left("the body is kept and sent as it was before it was compressed")
            }
            "refresh" | "uri" | "link" | "alt-svc" if !is_request => {
                Value::Left("it points to where the recorded ACS was")
            }
            "trailer" => Value::Left("trailer fields are not kept"),
            _ => Value::Recorded,
        }
    }

    /// A value as it stands, unless it gives something away.
    fn recorded(&mut self, name: &str, value: &[u8]) -> Vec<u8> {
        let masked = Masking::default().header(name.as_bytes(), value);
        if masked.as_ref() == value {
            return template::escape(value).into_owned();
        }
        let recorded = String::from_utf8_lossy(value).into_owned();
        let wanted = format!("header_{name}");
        let what = format!("the header field {name} in {}", self.turn.place);
        let name = self.plan.variables.secret(&wanted, &recorded, &what);
        format!("{{{{{name}}}}}").into_bytes()
    }

    /// What a live peer may want, though the recorded one did not.
    fn close(&mut self, fields: &Fields, asks_for_account: bool) {
        if self.plan.role == Role::Cpe {
            if !self.seen.contains(&"http.cookie") {
                self.lines.push("Cookie: {{http.cookie}}".to_owned());
            }
            if asks_for_account && !self.seen.contains(&"http.authorization") {
                let line = "Authorization: {{http.authorization}}";
                self.lines.push(line.to_owned());
            }
        }
        let end = without_line_end(&fields.head_end);
        if !end.trim_ascii().is_empty() {
            self.not_kept("header fields beyond the number that is listed");
        }
        let bare = fields.start.separators[2].ends_with(b"\r\n");
        let other = |header: &&HeaderField| header.end.ends_with(b"\r\n") != bare;
        if fields.headers.iter().any(|header| other(&header)) {
            self.not_kept("lines of the head that end in another way than its first");
        }
    }

    fn not_kept(&mut self, what: &str) {
        self.plan.notes.push(Note::NotKept {
            message: Some(self.turn.place),
            what: what.to_owned(),
        });
    }
}

/// What becomes of a header field.
enum Value {
    Recorded,
    Placeholder(&'static str),
    Template(Vec<u8>),
    Left(&'static str),
}

/// Name and attributes stay; a cookie that is taken back stays as it is.
fn set_cookie(value: &[u8]) -> Value {
    let pair = value.split(|byte| *byte == b';').next().unwrap_or_default();
    let attributes = value.get(pair.len()..).unwrap_or_default();
    let Some(equals) = memchr::memchr(b'=', pair) else {
        return Value::Left("it has no name and no value");
    };
    let (name, content) = pair.split_at(equals + 1);
    let content = content.trim_ascii();
    let bare = content
        .strip_prefix(b"\"")
        .and_then(|rest| rest.strip_suffix(b"\""));
    if content.is_empty() || takes_back(attributes) {
        return Value::Template(template::escape(value).into_owned());
    }
    let mut out = template::escape(name).into_owned();
    let quote: &[u8] = if bare.is_some() { b"\"" } else { b"" };
    for part in [quote, b"{{http.set_cookie}}", quote] {
        out.extend_from_slice(part);
    }
    for attribute in attributes.split(|byte| *byte == b';').skip(1) {
        let name = attribute
            .split(|byte| *byte == b'=')
            .next()
            .unwrap_or_default();
        // A date of the recording would take the cookie back, the recorded host would not be this one.
        let is_bound = [&b"expires"[..], b"domain"]
            .iter()
            .any(|bound| name.trim_ascii().eq_ignore_ascii_case(bound));
        if !is_bound {
            out.push(b';');
            out.extend_from_slice(&template::escape(attribute));
        }
    }
    Value::Template(out)
}

/// `Max-Age=0`, or a date in 1970: the cookie is to be forgotten (RFC 6265 section 3.1).
fn takes_back(attributes: &[u8]) -> bool {
    let attributes = String::from_utf8_lossy(attributes).to_ascii_lowercase();
    attributes.split(';').any(|attribute| {
        let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
        match name.trim() {
            "max-age" => value.trim().parse().is_ok_and(|age: i64| age <= 0),
            "expires" => value.contains("1970"),
            _ => false,
        }
    })
}

fn without_line_end(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use super::{Value, set_cookie};

    #[test]
    fn cookies_keep_their_names_and_attributes() {
        for (recorded, template) in [
            (
                "session=abc; Path=/; HttpOnly",
                "session={{http.set_cookie}}; Path=/; HttpOnly",
            ),
            ("s=\"abc\"", "s=\"{{http.set_cookie}}\""),
            (
                "s=abc; Expires=Wed, 21 Oct 2015 07:28:00 GMT; Domain=a.b;Secure",
                "s={{http.set_cookie}};Secure",
            ),
            ("s=; Max-Age=0", "s=; Max-Age=0"),
            (
                "s=gone; Expires=Thu, 01-Jan-1970 00:00:00 GMT",
                "s=gone; Expires=Thu, 01-Jan-1970 00:00:00 GMT",
            ),
        ] {
            let Value::Template(made) = set_cookie(recorded.as_bytes()) else {
                panic!("{recorded} is a cookie");
            };
            assert_eq!(String::from_utf8_lossy(&made), template);
        }
        assert!(matches!(set_cookie(b"none"), Value::Left(_)));
    }
}
