//! Secrets of a recording wherever they are said again: known first, from where they stand as what they are, and then looked for in
//! all that is written.

use std::collections::HashMap;

use http1::auth::{self, Authorization, Encoding};

use super::leaves::{self, Leaf, Within};
use super::order::{Turn, Turns};
use super::plan;
use super::variables::{Variables, speaking};
use crate::replay::template::{self, Piece};
use crate::session::{Cpe, FoundSecret, KnownSecrets, MASKED, Masking, Spelling};

/// What is secret, and what its variable is called.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    known: KnownSecrets,
    origins: HashMap<String, Origin>,
}

/// How the variable of a secret comes to its name, and where the secret stands first.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub wanted: String,
    /// What tells its value from others of that name.
    pub whose: String,
    pub place: String,
}

/// A secret stands where no placeholder can take its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stuck;

impl Secrets {
    pub fn of(sessions: &[Turns<'_>], device: &Cpe) -> Self {
        let mut origins = HashMap::new();
        for turn in sessions.iter().flat_map(Turns::all) {
            of_body(turn, &mut origins);
            of_head(turn, &mut origins);
        }
        let mut moments = HashMap::new();
        for turn in sessions.iter().flat_map(Turns::all) {
            of_moment(turn, &mut moments);
        }
        moments.retain(|value, _| value.len() >= MOMENT_BYTES_MIN);
        for (value, origin) in moments {
            origins.entry(value).or_insert(origin);
        }
        // Many a device has its serial number for a password: it stands in the scenario as what it is.
        let told = [
            &device.manufacturer,
            &device.oui,
            &device.product_class,
            &device.serial_number,
        ];
        origins.retain(|value, _| {
            !told
                .into_iter()
                .flatten()
                .any(|told| told.contains(value.as_str()))
        });
        Self {
            known: KnownSecrets::new(origins.keys().cloned(), SECRET_BYTES_MIN),
            origins,
        }
    }

    /// One stands in this text.
    pub fn stand_in(&self, text: &[u8]) -> bool {
        !self.known.find(text).is_empty()
    }

    /// Where they stand in the text of a document, but for names of elements.
    pub fn in_document(&self, text: &[u8]) -> Vec<FoundSecret> {
        let mut found = self.known.find(text);
        found.retain(|one| !is_name(text.get(..one.range.start).unwrap_or_default()));
        found
    }

    /// A template in which placeholders have taken their places.
    ///
    /// # Errors
    ///
    /// Where what a placeholder would give is something else than what stands there.
    pub fn swept(
        &self,
        template: &[u8],
        is_markup: bool,
        variables: &mut Variables,
    ) -> Result<Vec<u8>, Stuck> {
        let mut out = Vec::with_capacity(template.len());
        for piece in template::pieces(template) {
            let text = match piece {
                Piece::Text(text) => text,
                Piece::Placeholder(name) => {
                    out.extend_from_slice(format!("{{{{{name}}}}}").as_bytes());
                    continue;
                }
            };
            let found = if is_markup {
                self.in_document(text)
            } else {
                self.known.find(text)
            };
            let mut done = 0;
            for one in found {
                let spelled = text.get(one.range.clone()).unwrap_or_default();
                let name = self.variable(&one, spelled, is_markup, variables)?;
                out.extend_from_slice(text.get(done..one.range.start).unwrap_or_default());
                out.extend_from_slice(format!("{{{{{name}}}}}").as_bytes());
                done = one.range.end;
            }
            out.extend_from_slice(text.get(done..).unwrap_or_default());
        }
        Ok(out)
    }

    /// The variable of what stands there.
    fn variable(
        &self,
        found: &FoundSecret,
        spelled: &[u8],
        is_markup: bool,
        variables: &mut Variables,
    ) -> Result<String, Stuck> {
        let value = self.known.values().get(found.value).ok_or(Stuck)?;
        let origin = self.origins.get(value).ok_or(Stuck)?;
        let name = variables.secret(&origin.wanted, &origin.whose, &origin.place);
        let form = match found.spelling {
            // In CDATA, where it would be escaped when it is put in.
            Spelling::Plain if is_markup && spelled.iter().any(|byte| b"&<>".contains(byte)) => {
                return Err(Stuck);
            }
            Spelling::Plain => return Ok(name),
            Spelling::Xml if is_markup => return Ok(name),
            Spelling::Xml => ("xml", "as XML has it"),
            Spelling::Escaped => ("escaped", "with the escapes of a URL or of JSON"),
            Spelling::Base64 => ("base64", "with what is around it, in Base64"),
        };
        let (suffix, what) = form;
        let spelled = String::from_utf8_lossy(spelled);
        let place = format!("{name}, {what}");
        Ok(variables.secret(&format!("{name}_{suffix}"), &spelled, &place))
    }
}

/// The secrets of a body, by their elements.
fn of_body(turn: &Turn<'_>, origins: &mut HashMap<String, Origin>) {
    let Some(soap) = &turn.message.soap else {
        return;
    };
    let places = Masking::default().places(soap.text());
    leaves::each(soap, |leaf| {
        if !plan::is_secret(leaf, &places) {
            return;
        }
        let origin = origin(leaf, turn);
        if places.hide(&leaf.range) {
            origins
                .entry(leaf.text.clone().into_owned())
                .or_insert(origin);
            return;
        }
        let shown = places.shown(leaf.range.clone(), leaf.text.as_bytes());
        parts(leaf.text.as_bytes(), &shown, &origin, origins);
    });
}

/// How the variable of this secret comes to its name.
pub(super) fn origin(leaf: &Leaf<'_>, turn: &Turn<'_>) -> Origin {
    let place = format!("{} in {}", leaf.path(), turn.place);
    if leaf.is_parameter("ManagementServer.ConnectionRequestPassword") {
        return Origin {
            wanted: "connection_request_password".to_owned(),
            whose: String::new(),
            place,
        };
    }
    let wanted = match leaf.parameter() {
        Some(parameter) => speaking(parameter),
        None if leaf.place == Within::Argument => {
            format!(
                "{}_{}",
                speaking(leaf.message),
                speaking(leaf.element.name())
            )
        }
        None => speaking(leaf.element.name()),
    };
    Origin {
        wanted,
        whose: leaf.text.clone().into_owned(),
        place,
    }
}

/// The secrets of a head, but for those of a moment: cookies, and what answers a challenge.
fn of_head(turn: &Turn<'_>, origins: &mut HashMap<String, Origin>) {
    let http = &turn.message.http;
    let masking = Masking::default();
    let mut add = |name: String, value: &[u8], shown: &[u8]| {
        let origin = Origin {
            place: format!("{name} in {}", turn.place),
            wanted: name,
            whose: String::from_utf8_lossy(value).into_owned(),
        };
        parts(value, shown, &origin, origins);
    };
    add(
        "url".to_owned(),
        http.target(),
        &masking.target(http.target()),
    );
    for header in http.headers() {
        let name = String::from_utf8_lossy(header.name).into_owned();
        let lower = name.to_ascii_lowercase();
        if !lower.contains("auth") && !lower.contains("cookie") {
            let value = &header.value;
            add(
                format!("header_{name}"),
                value,
                &masking.header(header.name, value),
            );
        }
    }
    let shown = http.header("Authorization");
    let shown = shown
        .as_deref()
        .map(|value| auth::authorization(value).what);
    if let Some(Authorization::Basic(basic)) = shown {
        let password = Encoding::decode(&basic.password).into_owned();
        let origin = Origin {
            wanted: "acs_password".to_owned(),
            whose: String::new(),
            place: "the password of the device at the ACS".to_owned(),
        };
        origins.entry(password).or_insert(origin);
    }
}

/// What is secret for a moment: cookies, and what answers a challenge. Where they belong placeholders take their places; said
/// again elsewhere they are secrets like others.
fn of_moment(turn: &Turn<'_>, moments: &mut HashMap<String, Origin>) {
    let http = &turn.message.http;
    let masking = Masking::default();
    let origin = |name: &str, value: &[u8]| Origin {
        wanted: name.to_owned(),
        whose: String::from_utf8_lossy(value).into_owned(),
        place: format!("{name} in {}", turn.place),
    };
    for header in http.headers() {
        if moments.len() < MOMENTS_MAX && header.name.to_ascii_lowercase().ends_with(b"cookie") {
            let shown = masking.header(header.name, &header.value);
            let origin = origin("cookie", &header.value);
            parts(&header.value, &shown, &origin, moments);
        }
    }
    let shown = http.header("Authorization");
    let shown = shown
        .as_deref()
        .map(|value| auth::authorization(value).what);
    let Some(Authorization::Digest(digest)) = shown else {
        return;
    };
    for (name, field) in [
        ("digest_nonce", &digest.nonce),
        ("digest_cnonce", &digest.cnonce),
        ("digest_response", &digest.response),
    ] {
        let value = field.as_ref().map(|field| field.text().into_owned());
        if let Some(value) = value.and_then(|value| String::from_utf8(value).ok())
            && moments.len() < MOMENTS_MAX
        {
            let origin = origin(name, value.as_bytes());
            moments.entry(value).or_insert(origin);
        }
    }
}

/// What masks have taken the places of.
fn parts(text: &[u8], shown: &[u8], origin: &Origin, origins: &mut HashMap<String, Origin>) {
    let mut rest = text;
    let mut kept = String::from_utf8_lossy(shown).into_owned();
    while let Some((before, behind)) = kept.split_once(MASKED) {
        let Some(hidden) = rest.strip_prefix(before.as_bytes()) else {
            return;
        };
        let next = behind.split(MASKED).next().unwrap_or_default();
        let end = if next.is_empty() {
            Some(hidden.len())
        } else {
            memchr::memmem::find(hidden, next.as_bytes())
        };
        let Some((secret, after)) = end.and_then(|end| hidden.split_at_checked(end)) else {
            return;
        };
        if let Ok(secret) = std::str::from_utf8(secret) {
            // The whole is one variable where it is a secret; a part of it has its own.
            let origin = || Origin {
                whose: secret.to_owned(),
                ..origin.clone()
            };
            origins.entry(secret.to_owned()).or_insert_with(origin);
        }
        rest = after;
        kept = behind.to_owned();
    }
}

/// The text ends within the name of an element.
fn is_name(before: &[u8]) -> bool {
    let of_name = |byte: &&u8| byte.is_ascii_alphanumeric() || b":_-.".contains(*byte);
    let name = before.iter().rev().take_while(of_name).count();
    let before = before.get(..before.len() - name).unwrap_or_default();
    before.ends_with(b"<") || before.ends_with(b"</")
}

/// Shorter ones stand in any message by chance, as parts of names, numbers and paths: a scenario in which they were variables could
/// not be read, and whoever has it guesses them anyway.
const SECRET_BYTES_MIN: usize = 6;
/// The same of those of a moment: some cookies are numbers, or words such as `deleted`.
const MOMENT_BYTES_MIN: usize = 8;
/// Of a long recording: each of them is looked for in all that is written.
const MOMENTS_MAX: usize = 256;

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::{Origin, is_name, parts};

    #[test]
    fn what_a_mask_hides_is_known() {
        let origin = Origin {
            wanted: String::new(),
            whose: String::new(),
            place: String::new(),
        };
        let mut origins = HashMap::new();
        for (text, shown) in [
            (
                "http://a:one@b/?token=two&c",
                "http://a:<masked>@b/?token=<masked>&c",
            ),
            ("three", "<masked>"),
            ("changed", "other <masked>"),
        ] {
            parts(text.as_bytes(), shown.as_bytes(), &origin, &mut origins);
        }
        let mut found: Vec<&String> = origins.keys().collect();
        found.sort();
        assert_eq!(found, ["one", "three", "two"]);
    }

    #[test]
    fn names_of_elements_are_told_from_text() {
        assert!(is_name(b"<a><cwmp:") && is_name(b"</") && is_name(b"<"));
        assert!(!is_name(b"<a>") && !is_name(b"<a b='") && !is_name(b""));
    }
}
