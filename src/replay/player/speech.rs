//! What is said: a recorded head and body with their placeholders filled, as bytes of one HTTP message.

use std::borrow::Cow;

use super::ids::Ids;
use super::{Target, values};
use crate::replay::template;
use crate::source::Timestamp;

/// A message to be said.
#[derive(Debug, Clone, Default)]
pub(in crate::replay) struct Speech {
    /// The step that it belongs to.
    pub(in crate::replay) step: Option<usize>,
    /// Lines that end in LF, with placeholders.
    pub(in crate::replay) head: String,
    /// As it goes out, without framing.
    pub(in crate::replay) body: Vec<u8>,
    /// The sizes of its chunks, the last repeated; none where it is not chunked.
    pub(in crate::replay) chunks: Vec<usize>,
    /// Lines of the head end in LF alone.
    pub(in crate::replay) bare_lf: bool,
    /// The connection ends with this exchange.
    pub(in crate::replay) close_after: bool,
}

/// Values of `{{http.*}}` that do not depend on what was heard.
pub(super) struct OfHttp {
    host: String,
    location: String,
    date: String,
}

impl OfHttp {
    pub(super) fn of(target: &Target, wall: Timestamp) -> Self {
        Self {
            host: target.host_field(),
            location: target.url(),
            date: values::http_date(wall),
        }
    }

    pub(super) fn named(&self, name: &str) -> Option<Vec<u8>> {
        let value = match name {
            "http.host" => &self.host,
            "http.location" => &self.location,
            "http.date" => &self.date,
            _ => return None,
        };
        Some(value.clone().into_bytes())
    }
}

/// Why something cannot be said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::replay) enum Unsayable {
    /// A placeholder without a value.
    #[error("the placeholder {{{{{0}}}}} has no value")]
    Unfilled(String),
    /// A value that XML cannot hold.
    #[error("the value of {{{{{0}}}}} has a character that XML cannot hold")]
    NotXml(String),
    /// A value that would break its line in two.
    #[error("the value of {{{{{0}}}}} has a line break or a NUL, which a head cannot hold")]
    LineBreak(String),
}

/// A body with its placeholders filled; values are put in as XML text.
pub(super) fn body(
    template: &[u8],
    ids: &mut Ids,
    named: impl Fn(&str) -> Option<String>,
) -> Result<Vec<u8>, Unsayable> {
    let mut not_xml = None;
    let filled = template::fill(template, |name| {
        if name == "cwmp.id" {
            return Some(ids.next());
        }
        let value = named(name)?;
        if !values::fits_xml(&value) {
            not_xml.get_or_insert_with(|| name.to_owned());
        }
        Some(Cow::Owned(template::xml(&value).into_bytes()))
    });
    match not_xml {
        Some(name) => Err(Unsayable::NotXml(name)),
        None => filled.map_err(|unfilled| Unsayable::Unfilled(unfilled.name)),
    }
}

impl Speech {
    /// The message; `live` gives the values of `{{http.*}}`, told the line in which they stand. `further` lines are added
    /// at the end of the head.
    pub(in crate::replay) fn write(
        &self,
        named: impl Fn(&str) -> Option<String>,
        mut live: impl FnMut(&str, &str) -> Option<Vec<u8>>,
        further: &[(&str, Vec<u8>)],
    ) -> Result<Vec<u8>, Unsayable> {
        let end: &[u8] = if self.bare_lf { b"\n" } else { b"\r\n" };
        let mut out = Vec::with_capacity(self.head.len().saturating_add(self.body.len()));
        for line in self.head.trim_end_matches(['\r', '\n']).split('\n') {
            let line = line.strip_suffix('\r').unwrap_or(line);
            let mut live = |name: &str| match name {
                "http.length" => Some(self.body.len().to_string().into_bytes()),
                name => live(name, line),
            };
            if let Some(filled) = filled(line, &named, &mut live)? {
                out.extend_from_slice(&filled);
                out.extend_from_slice(end);
            }
        }
        for (name, value) in further {
            let value = checked(name, Cow::Borrowed(value))?;
            for part in [name.as_bytes(), b": ", &value, end] {
                out.extend_from_slice(part);
            }
        }
        out.extend_from_slice(end);
        self.write_body(&mut out);
        Ok(out)
    }

    /// Does the head have this placeholder?
    pub(super) fn has(&self, placeholder: &str) -> bool {
        template::names(self.head.as_bytes()).any(|name| name == placeholder)
    }

    fn write_body(&self, out: &mut Vec<u8>) {
        let Some(last) = self.chunks.last() else {
            out.extend_from_slice(&self.body);
            return;
        };
        let mut rest = self.body.as_slice();
        let mut sizes = self.chunks.iter().chain(std::iter::repeat(last));
        while !rest.is_empty() {
            let size = sizes.next().copied().unwrap_or(rest.len());
            let size = if size == 0 {
                rest.len()
            } else {
                size.min(rest.len())
            };
            let (chunk, behind) = rest.split_at_checked(size).unwrap_or((rest, &[]));
            out.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            out.extend_from_slice(chunk);
            out.extend_from_slice(b"\r\n");
            rest = behind;
        }
        out.extend_from_slice(b"0\r\n\r\n");
    }
}

/// A line; nothing where it stands for a live value that there is none of.
fn filled(
    line: &str,
    named: &impl Fn(&str) -> Option<String>,
    live: &mut impl FnMut(&str) -> Option<Vec<u8>>,
) -> Result<Option<Vec<u8>>, Unsayable> {
    let (mut left_out, mut broken) = (false, None);
    let filled = template::fill(line.as_bytes(), |name| {
        let value = if name.starts_with("http.") {
            let value = live(name);
            left_out |= value.is_none();
            value.unwrap_or_default()
        } else {
            named(name)?.into_bytes()
        };
        match checked(name, Cow::Owned(value)) {
            Ok(value) => Some(value),
            Err(error) => {
                broken = Some(error);
                Some(Cow::Borrowed(&[]))
            }
        }
    });
    if let Some(error) = broken {
        return Err(error);
    }
    match filled {
        Ok(_) if left_out => Ok(None),
        Ok(line) => Ok(Some(line)),
        Err(unfilled) => Err(Unsayable::Unfilled(unfilled.name)),
    }
}

fn checked<'a>(name: &str, value: Cow<'a, [u8]>) -> Result<Cow<'a, [u8]>, Unsayable> {
    if value.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
        return Err(Unsayable::LineBreak(name.to_owned()));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Option<String> {
        match name {
            "plain" => Some("value".to_owned()),
            "broken" => Some("a\r\nX: y".to_owned()),
            "bell" => Some("\u{7}".to_owned()),
            "markup" => Some("</a><b>".to_owned()),
            _ => None,
        }
    }

    fn written(head: &str, chunks: &[usize], body: &str) -> Result<String, Unsayable> {
        let speech = Speech {
            head: head.to_owned(),
            chunks: chunks.to_vec(),
            body: body.as_bytes().to_vec(),
            ..Speech::default()
        };
        let live = |name: &str, _: &str| (name == "http.host").then(|| b"acs:80".to_vec());
        let bytes = speech.write(named, live, &[("Cookie", b"a=b".to_vec())])?;
        Ok(String::from_utf8(bytes).expect("text"))
    }

    #[test]
    fn heads_keep_their_lines_and_lose_those_without_a_value() {
        let head = "POST / HTTP/1.1\nhost:{{http.host}}\nCookie: {{http.cookie}}\nX: {{plain}}\nContent-Length: {{http.length}}";
        assert_eq!(
            written(head, &[], "12345").as_deref(),
            Ok(
                "POST / HTTP/1.1\r\nhost:acs:80\r\nX: value\r\nContent-Length: 5\r\nCookie: a=b\r\n\r\n12345"
            )
        );
        assert_eq!(
            written("GET /\nX: {{broken}}", &[], ""),
            Err(Unsayable::LineBreak("broken".to_owned()))
        );
        assert_eq!(
            written("GET /\nX: {{nobody}}", &[], ""),
            Err(Unsayable::Unfilled("nobody".to_owned()))
        );
    }

    #[test]
    fn chunks_have_their_sizes() {
        let chunked = written("A", &[2, 3], "0123456789").expect("can be said");
        let body = chunked.split_once("\r\n\r\n").expect("a head").1;
        assert_eq!(
            body,
            "2\r\n01\r\n3\r\n234\r\n3\r\n567\r\n2\r\n89\r\n0\r\n\r\n"
        );
        let empty = written("A", &[2], "").expect("can be said");
        assert!(empty.ends_with("\r\n\r\n0\r\n\r\n"));
        let zero = written("A", &[0], "ab").expect("can be said");
        assert!(zero.ends_with("2\r\nab\r\n0\r\n\r\n"));
    }

    #[test]
    fn values_cannot_leave_their_place() {
        let said = |template: &str| {
            let mut ids = Ids::of(template.as_bytes(), &[], || "7".to_owned());
            let body = body(template.as_bytes(), &mut ids, named);
            body.map(|body| String::from_utf8(body).expect("text"))
        };
        assert_eq!(
            said("<a>{{markup}}</a>").as_deref(),
            Ok("<a>&lt;/a&gt;&lt;b&gt;</a>")
        );
        assert_eq!(
            said("<a>{{bell}}</a>"),
            Err(Unsayable::NotXml("bell".to_owned()))
        );
        assert_eq!(
            said("<a>{{no}}</a>"),
            Err(Unsayable::Unfilled("no".to_owned()))
        );
    }

    #[test]
    fn ids_are_fresh_in_requests_and_echoed_in_answers() {
        let envelope = |message: &str| {
            format!(
                "<E:Envelope xmlns:E=\"http://schemas.xmlsoap.org/soap/envelope/\"><E:Header><ID>{{{{cwmp.id}}}}</ID></E:Header><E:Body><{message}/></E:Body></E:Envelope>"
            )
        };
        let both = envelope("InformResponse") + &envelope("GetParameterValues");
        let heard = ["<of the device>".to_owned()];
        let mut ids = Ids::of(both.as_bytes(), &heard, || "ours".to_owned());
        let body = body(both.as_bytes(), &mut ids, |_| None).expect("can be said");
        let body = String::from_utf8(body).expect("text");
        assert!(
            body.contains("<ID>&lt;of the device&gt;</ID></E:Header><E:Body><InformResponse/>")
        );
        assert!(body.contains("<ID>ours</ID></E:Header><E:Body><GetParameterValues/>"));
        assert_eq!(ids.asked, ["ours"]);
    }
}
