//! Fixtures of rules: one file holds a transcript with a breach, and the same without it (`docs/contributing.md`, "Rules").
//!
//! Lines of the one variant begin with `-| `, those of the other with `+| `. Lines that begin with `%` stand for whole
//! blocks of a session with all that a clean one needs, Digest authentication included.

#[path = "fixture_tls.rs"]
mod tls;
#[path = "fixture_udp.rs"]
mod udp;
#[path = "fixture_wake.rs"]
mod wake;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use http1::auth::{Account, Answer, Encoding, Request, challenges};

/// A fixture, read.
#[derive(Debug, Default)]
pub struct Fixture {
    /// What the breach gives: code, blame and, where it is not the rule's own, severity.
    pub expected: Vec<Expectation>,
    /// What the clean variant gives all the same; almost always nothing.
    pub expected_clean: Vec<Expectation>,
    /// What may be found in either variant, and need not: true, and not what the fixture is about.
    pub also: Vec<Expectation>,
    /// `name value` lines for the check: `data_model FILE`, `profile NAME`, `credentials FILE`.
    pub settings: Vec<(String, String)>,
    body: String,
}

/// One finding that is expected.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expectation {
    pub code: String,
    pub blame: String,
    pub severity: Option<String>,
    pub count: Option<u64>,
}

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    Breach,
    Clean,
}

impl Fixture {
    /// Reads a fixture: comments and `expect`, `also`, `clean`, `set` lines, then `---`, then the blocks.
    pub fn read(text: &str) -> Result<Self, String> {
        let (head, body) = text
            .split_once("\n---\n")
            .ok_or("no line '---' between the head and the blocks")?;
        let mut fixture = Self {
            body: body.to_owned(),
            ..Self::default()
        };
        for line in head.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (word, rest) = line
                .split_once(' ')
                .ok_or(format!("'{line}' says nothing"))?;
            match word {
                "expect" => fixture.expected.push(expectation(rest)?),
                "also" => fixture.also.push(expectation(rest)?),
                "clean" => fixture.expected_clean.push(expectation(rest)?),
                "set" => {
                    let (name, value) = rest.split_once(' ').ok_or("set NAME VALUE")?;
                    fixture.settings.push((name.into(), value.trim().into()));
                }
                _ => return Err(format!("'{word}' is none of expect, also, clean, set")),
            }
        }
        if fixture.expected.is_empty() {
            return Err("nothing is expected".into());
        }
        Ok(fixture)
    }

    #[allow(dead_code, reason = "the tests of the checker have no stories")]
    /// The story under `captures/` that stands for a variant (`%capture NAME`), if one does.
    pub fn capture(&self, variant: Variant) -> Option<&str> {
        let mut lines = self.body.lines().filter_map(|line| chosen(line, variant));
        lines.find_map(|line| line.strip_prefix("%capture "))
    }

    /// The transcript of one variant.
    pub fn transcript(&self, variant: Variant) -> Result<String, String> {
        let lines = self.body.lines().filter_map(|line| chosen(line, variant));
        let lines: Vec<&str> = lines.collect();
        let mut told = Told::default();
        told.tell(&lines)?;
        Ok(told.out)
    }
}

/// `HTTP-004 cpe [error|warning|info] [xN] [: reason]`
fn expectation(text: &str) -> Result<Expectation, String> {
    let text = text.split(" :").next().unwrap_or_default();
    let mut words = text.split_whitespace();
    let code = words.next().ok_or("a code is missing")?.to_owned();
    let blame = words.next().ok_or("who is blamed?")?.to_owned();
    let mut expectation = Expectation {
        code,
        blame,
        severity: None,
        count: None,
    };
    for word in words {
        match word.strip_prefix('x').map(str::parse) {
            Some(Ok(count)) => expectation.count = Some(count),
            _ => expectation.severity = Some(word.to_owned()),
        }
    }
    Ok(expectation)
}

/// A line as it stands in a variant, if it does.
fn chosen(line: &str, variant: Variant) -> Option<&str> {
    let (mark, rest) = match line.get(..2) {
        Some("-|") => (Some(Variant::Breach), &line[2..]),
        Some("+|") => (Some(Variant::Clean), &line[2..]),
        _ => (None, line),
    };
    match mark {
        None => Some(line),
        Some(mark) if mark == variant => Some(rest.strip_prefix(' ').unwrap_or(rest)),
        Some(_) => None,
    }
}

/// A transcript on its way, with what the blocks before it settled.
struct Told {
    out: String,
    now_ms: u64,
    values: BTreeMap<String, String>,
    /// Requests sent with the present nonce.
    nonce_count: u32,
    nonces: u32,
    challenged: bool,
    /// Requests that got an ID of their own.
    ids: u64,
    last_id_of_cpe: String,
    last_id_of_acs: String,
}

impl Default for Told {
    fn default() -> Self {
        let values = DEFAULTS
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self {
            out: "# informant transcript 1\n# started 2026-03-02T08:00:00.000Z\n\n".into(),
            now_ms: 0,
            values: values.collect(),
            nonce_count: 0,
            nonces: 0,
            challenged: false,
            ids: 100,
            last_id_of_cpe: String::new(),
            last_id_of_acs: String::new(),
        }
    }
}

/// The words of one `%` line.
type Words = BTreeMap<String, String>;

impl Told {
    fn tell(&mut self, lines: &[&str]) -> Result<(), String> {
        let mut lines = lines.iter().peekable();
        while let Some(line) = lines.next() {
            let Some(directive) = line.strip_prefix('%') else {
                self.out.push_str(line);
                self.out.push('\n');
                continue;
            };
            let (name, rest) = directive.split_once(' ').unwrap_or((directive, ""));
            if udp::NAMES.contains(&name) {
                let mut body = String::new();
                while name == "lwn"
                    && let Some(next) = lines.peek()
                    && !next.is_empty()
                {
                    body.push_str(next);
                    lines.next();
                }
                udp::tell(self, name, rest, &body)
                    .map_err(|wrong| format!("%{directive}: {wrong}"))?;
                continue;
            }
            let (name, words) = words(directive)?;
            let mut body = String::new();
            if BODIED.contains(&name.as_str()) {
                while let Some(next) = lines.peek()
                    && !next.is_empty()
                {
                    body.push_str(next);
                    body.push('\n');
                    lines.next();
                }
            }
            if tls::NAMES.contains(&name.as_str()) {
                tls::tell(self, &name, &words);
                continue;
            }
            if wake::NAMES.contains(&name.as_str()) {
                wake::tell(self, &name, &words);
                continue;
            }
            self.directive(&name, words, &body)
                .map_err(|wrong| format!("%{directive}: {wrong}"))?;
        }
        Ok(())
    }

    fn directive(&mut self, name: &str, words: Words, body: &str) -> Result<(), String> {
        match name {
            "set" => {
                let moved = words.contains_key("port") || words.contains_key("cpe");
                self.challenged &= !moved || words.contains_key("keep");
                self.values.extend(words);
                return Ok(());
            }
            "phone" => return self.phone(&words),
            "wait" => {
                let seconds: f64 = words
                    .get("s")
                    .and_then(|seconds| seconds.parse().ok())
                    .ok_or("%wait s=SECONDS")?;
                self.now_ms += (seconds * 1000.0) as u64;
                return Ok(());
            }
            _ => {}
        }
        self.now_ms += STEP_MS;
        let value = |told: &Self, name: &str| -> String {
            let own = words.get(name).or_else(|| told.values.get(name));
            own.cloned().unwrap_or_default()
        };
        match name {
            "inform" => {
                let inform = self.inform(&words);
                if value(self, "auth") == "digest" && !self.challenged {
                    self.post(&words, "\"\"", &inform);
                    self.challenge(&Words::new());
                    self.now_ms += STEP_MS;
                }
                self.post(&words, "\"\"", &inform);
            }
            "inform_response" => {
                let text =
                    "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>\n";
                self.response(&words, &value(self, "inform_id"), text);
            }
            "open" => {
                self.directive("inform", words.clone(), "")?;
                self.directive("inform_response", words, "")?;
            }
            "empty" => self.empty(&words),
            "no_content" => self.block(false, &no_content(&words)),
            "cpe" => {
                let answers = answers(body);
                let action = if answers { "" } else { "\"\"" };
                let id = self.id(&words, true, answers);
                let envelope = self.envelope(&words, &id, body);
                self.post(&words, action, &envelope);
            }
            "acs" => {
                let id = self.id(&words, false, answers(body));
                self.response(&words, &id, body);
            }
            "end" => {
                self.directive("empty", words.clone(), "")?;
                self.directive("no_content", words.clone(), "")?;
                self.directive("close", words, "")?;
            }
            "answer" => self.answer(&words, body),
            "reset" => {
                self.mark(words.get("by").is_none_or(|by| by == "cpe"), "rst");
                self.challenged = false;
            }
            "challenge" => self.challenge(&words),
            "say" => self.say(&words, body),
            "fin" => self.mark(value(self, "by") == "cpe", "fin"),
            "rst" => self.mark(value(self, "by") == "cpe", "rst"),
            "gap" => self.mark(
                value(self, "by") == "cpe",
                &format!("gap {}", value(self, "bytes")),
            ),
            "close" => {
                let by_cpe = words.get("by").is_none_or(|by| by == "cpe");
                self.mark(by_cpe, "fin");
                self.now_ms += 1;
                self.mark(!by_cpe, "fin");
                self.challenged = false;
            }
            "fetch" => self.fetch(&words)?,
            _ => return Err(format!("none of {}", DIRECTIVES.join(", "))),
        }
        Ok(())
    }

    /// The ID asked for; else a request gets one of its own, and an answer that of the last request of the other side.
    fn id(&mut self, words: &Words, by_cpe: bool, answers: bool) -> String {
        let asked_by_cpe = by_cpe != answers;
        let last = if asked_by_cpe {
            &mut self.last_id_of_cpe
        } else {
            &mut self.last_id_of_acs
        };
        if let Some(id) = words.get("id") {
            if !answers {
                last.clone_from(id);
            }
            return id.clone();
        }
        if !answers {
            self.ids += 1;
            *last = self.ids.to_string();
        }
        last.clone()
    }

    /// A file is asked for, or sent where there is a `body`, over a connection of its own: `url=` and, where they are not
    /// usual, `method=`, `status=` (or `none`), `server=`, `header=`, `answer=`; `on=session` takes the session's connection.
    fn fetch(&mut self, words: &Words) -> Result<(), String> {
        let word = |name: &str, usual: &str| {
            let word = words.get(name).map_or(usual, String::as_str);
            word.to_owned()
        };
        let url = word("url", "");
        let (_, place) = url.split_once("://").ok_or("%fetch url=URL")?;
        let (host, path) = place.split_once('/').unwrap_or((place, ""));
        let own = (self.values["port"].clone(), self.values["acs"].clone());
        let apart = word("on", "") != "session";
        if apart {
            self.values.insert("port".into(), word("port", "50001"));
            let server = word("server", "10.0.0.9:80");
            self.values.insert("acs".into(), server);
        }
        let body = word("body", "");
        let method = word("method", if body.is_empty() { "GET" } else { "PUT" });
        let mut head = format!("{method} /{path} HTTP/1.1\nHost: {host}\n");
        add_headers(&mut head, words);
        let length = if body.is_empty() {
            ""
        } else {
            "Content-Length: auto\n"
        };
        self.block(true, &format!("{head}{length}\n{body}"));
        self.now_ms += STEP_MS;
        let status = word("status", "200 OK");
        if status != "none" {
            let answer = word("answer", "Content-Type: application/octet-stream");
            self.block(
                false,
                &format!("HTTP/1.1 {status}\n{answer}\nContent-Length: auto\n\nfile\n"),
            );
        }
        if apart {
            self.mark(true, "fin");
            self.mark(false, "fin");
            self.values.insert("port".into(), own.0);
            self.values.insert("acs".into(), own.1);
        }
        Ok(())
    }

    fn inform(&self, words: &Words) -> String {
        let value = |name: &str| -> String {
            let own = words.get(name).or_else(|| self.values.get(name));
            own.cloned().unwrap_or_default()
        };
        let events: Vec<String> = value("event")
            .split('|')
            .filter(|event| !event.is_empty())
            .map(|event| {
                let (code, key) = event.split_once('=').unwrap_or((event, ""));
                format!("<EventStruct><EventCode>{code}</EventCode><CommandKey>{key}</CommandKey></EventStruct>")
            })
            .collect();
        let parameters = value("parameters");
        let parameters: Vec<String> = parameters
            .split('|')
            .chain(value("more").split('|'))
            .filter(|parameter| !parameter.is_empty())
            .map(|parameter| {
                let (name, text) = parameter.split_once('=').unwrap_or((parameter, ""));
                let (kind, text) = text.split_once(':').filter(|(kind, _)| TYPES.contains(kind)).unwrap_or(("string", text));
                format!("<ParameterValueStruct><Name>{name}</Name><Value xsi:type=\"xsd:{kind}\">{text}</Value></ParameterValueStruct>")
            })
            .collect();
        let time = match value("time") {
            own if own.is_empty() => self.clock(),
            own => own,
        };
        let body = format!(
            "<cwmp:Inform>\n<DeviceId><Manufacturer>{}</Manufacturer><OUI>{}</OUI><ProductClass>{}</ProductClass><SerialNumber>{}</SerialNumber></DeviceId>\n\
             <Event soapenc:arrayType=\"cwmp:EventStruct[{}]\">{}</Event>\n<MaxEnvelopes>{}</MaxEnvelopes>\n<CurrentTime>{time}</CurrentTime>\n<RetryCount>{}</RetryCount>\n\
             <ParameterList soapenc:arrayType=\"cwmp:ParameterValueStruct[{}]\">\n{}\n</ParameterList>\n</cwmp:Inform>\n",
            value("manufacturer"),
            value("oui"),
            value("product_class"),
            value("serial"),
            events.len(),
            events.concat(),
            value("max_envelopes"),
            value("retry"),
            parameters.len(),
            parameters.join("\n"),
        );
        self.envelope(words, &value("inform_id"), &body)
    }

    /// `%phone vendor=NAME`: from now on Informs are those of a phone that the vendor's document speaks of; other words as for
    /// `%set`.
    fn phone(&mut self, words: &Words) -> Result<(), String> {
        let wanted = words.get("vendor").map_or("", String::as_str);
        let phone = PHONES.iter().find(|(name, ..)| *name == wanted);
        let Some((_, values, [software, summary])) = phone else {
            return Err(format!("no phone of '{wanted}'"));
        };
        let own = values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.values.extend(own);
        let parameters = self.values.entry("parameters".to_owned()).or_default();
        *parameters = parameters
            .replace(
                "SoftwareVersion=2.5.1",
                &format!("SoftwareVersion={software}"),
            )
            .replace("Device:1.2[](Baseline:1)", summary);
        let words = words.iter().filter(|(name, _)| *name != "vendor");
        self.values
            .extend(words.map(|(name, value)| (name.clone(), value.clone())));
        Ok(())
    }

    /// The capture's clock as CurrentTime has it.
    fn clock(&self) -> String {
        let seconds = self.now_ms / 1000;
        let (day, seconds) = (2 + seconds / 86_400, seconds % 86_400);
        let hour = 8 + seconds / 3600;
        let (day, hour) = (day + hour / 24, hour % 24);
        format!(
            "2026-03-{day:02}T{hour:02}:{:02}:{:02}+00:00",
            seconds % 3600 / 60,
            seconds % 60
        )
    }

    /// The envelope around a body; a body that has one is taken as it is.
    fn envelope(&self, words: &Words, id: &str, body: &str) -> String {
        if body.contains(":Envelope ") || body.contains("<Envelope") {
            return body.to_owned();
        }
        let value = |name: &str| -> String {
            let own = words.get(name).or_else(|| self.values.get(name));
            own.cloned().unwrap_or_default()
        };
        let id = match id {
            "none" => String::new(),
            id => format!("<cwmp:ID soap:mustUnderstand=\"1\">{id}</cwmp:ID>"),
        };
        let declaration = match value("declaration").as_str() {
            "yes" => "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
            _ => "",
        };
        format!(
            "{declaration}<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:soapenc=\"http://schemas.xmlsoap.org/soap/encoding/\" \
             xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:cwmp=\"urn:dslforum-org:{}\">\n\
             <soap:Header>{id}{}</soap:Header>\n<soap:Body>\n{body}</soap:Body>\n</soap:Envelope>\n",
            value("ns"),
            value("soap_header"),
        )
    }

    fn post(&mut self, words: &Words, action: &str, envelope: &str) {
        let authorization = self.authorization(words);
        let head = self.request_head(words, &authorization);
        let action = words.get("action").map_or(action, String::as_str);
        let action = if action == "none" {
            String::new()
        } else {
            format!("SOAPAction: {action}\n")
        };
        let kind = content_type(words);
        let word = words.get("as").map_or("", String::as_str);
        let length = match length(words, envelope) {
            _ if word == "chunked" => String::new(),
            length => format!("Content-Length: {length}\n"),
        };
        self.line(true, word);
        let _ = writeln!(self.out, "{head}{kind}{action}{length}\n{envelope}");
    }

    fn empty(&mut self, words: &Words) {
        let authorization = self.authorization(words);
        let head = self.request_head(words, &authorization);
        match words.get("body") {
            Some(body) => self.block(true, &format!("{head}Content-Length: auto\n\n{body}\n")),
            None => self.block(true, &format!("{head}Content-Length: 0\n\n")),
        }
    }

    fn request_head(&self, words: &Words, authorization: &str) -> String {
        let value = |name: &str| words.get(name).or_else(|| self.values.get(name)).cloned();
        let mut head = format!(
            "{} {} HTTP/{}\n",
            value("method").unwrap_or_else(|| "POST".into()),
            value("path").unwrap_or_default(),
            value("version").unwrap_or_else(|| "1.1".into()),
        );
        let host = value("host").or_else(|| value("acs")).unwrap_or_default();
        if host != "none" {
            let _ = writeln!(head, "Host: {host}");
        }
        head.push_str(authorization);
        add_headers(&mut head, words);
        head
    }

    fn response(&mut self, words: &Words, id: &str, body: &str) {
        // One of one digit is CWMP's.
        let status = words.get("status").filter(|status| status.len() > 1);
        let status = status.map_or("200 OK", String::as_str);
        let version = words.get("version").map_or("1.1", String::as_str);
        let mut head = format!("HTTP/{version} {status}\n");
        add_headers(&mut head, words);
        let envelope = self.envelope(words, id, body);
        let kind = content_type(words);
        self.block(
            false,
            &format!("{head}{kind}Content-Length: auto\n\n{envelope}"),
        );
    }

    /// A response without an envelope: `status`, `header` and `type`, and a body where there is one.
    fn answer(&mut self, words: &Words, body: &str) {
        let status = words.get("status").map_or("200 OK", String::as_str);
        let mut head = format!("HTTP/1.1 {status}\n");
        add_headers(&mut head, words);
        if let Some(kind) = words.get("type") {
            head.push_str(&format!("Content-Type: {kind}\n"));
        }
        self.block(false, &format!("{head}Content-Length: auto\n\n{body}"));
    }

    fn challenge(&mut self, words: &Words) {
        self.nonces += 1;
        self.nonce_count = 0;
        self.challenged = true;
        self.now_ms += STEP_MS;
        let challenge = self.challenge_value();
        let mut head = format!("HTTP/1.1 401 Unauthorized\nWWW-Authenticate: {challenge}\n");
        add_headers(&mut head, words);
        self.block(false, &format!("{head}Content-Length: 0\n\n"));
    }

    /// The challenge of the moment: `%set challenge='Digest ... {n}'` has another, `{n}` in it is a nonce.
    fn challenge_value(&self) -> String {
        if let Some(own) = self.values.get("challenge") {
            return own.replace("{n}", &format!("{:08x}", self.nonces));
        }
        format!(
            "Digest realm=\"acs\", nonce=\"{:08x}c0ffee\", qop=\"auth\", algorithm=MD5",
            self.nonces
        )
    }

    /// The answer to the present challenge, computed; nothing before the first.
    fn authorization(&mut self, words: &Words) -> String {
        if let Some(own) = words.get("authorization") {
            return format!("Authorization: {own}\n");
        }
        let wanted = words.get("auth").or_else(|| self.values.get("auth"));
        if !self.challenged || wanted.is_none_or(|auth| auth != "digest") {
            return String::new();
        }
        self.nonce_count += 1;
        let challenge = self.challenge_value();
        let reading = challenges(challenge.as_bytes());
        let digest = reading.what[0].digest().expect("a Digest challenge");
        let user = format!(
            "{}-{}-{}",
            self.values["oui"], self.values["product_class"], self.values["serial"]
        );
        let path = words.get("path").or_else(|| self.values.get("path"));
        let answer = digest
            .answer(&Answer {
                request: Request {
                    method: words
                        .get("method")
                        .map_or("POST", String::as_str)
                        .as_bytes(),
                    target: path.cloned().unwrap_or_default().as_bytes(),
                    body: None,
                },
                account: Account {
                    user: &user,
                    password: PASSWORD,
                },
                encoding: Encoding::Utf8,
                cnonce: &format!("{:08x}", self.nonces * 7919),
                nc: self.nonce_count,
            })
            .expect("the challenge can be answered");
        let mut answer = String::from_utf8_lossy(&answer).into_owned();
        // `edit="what=>with what"` spoils it.
        if let Some((what, with)) = words.get("edit").and_then(|edit| edit.split_once("=>")) {
            assert!(answer.contains(what), "no {what} in {answer}");
            answer = answer.replace(what, with);
        }
        format!("Authorization: {answer}\n")
    }

    /// A message as it stands: the lines of its head, and with `body=` a body; `as=` gives words for the block line.
    fn say(&mut self, words: &Words, head: &str) {
        let by_cpe = words.get("by").is_some_and(|by| by == "cpe");
        let word = words.get("as").map_or("", String::as_str);
        self.line(by_cpe, word);
        self.out.push_str(head);
        if let Some(body) = words.get("body") {
            if !head.contains("Content-Length") && !head.contains("Transfer-Encoding") {
                self.out.push_str("Content-Length: auto\n");
            }
            let _ = write!(self.out, "\n{body}\n");
        }
        self.out.push('\n');
    }

    fn block(&mut self, by_cpe: bool, content: &str) {
        self.line(by_cpe, "");
        self.out.push_str(content);
        if !content.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    fn mark(&mut self, by_cpe: bool, word: &str) {
        self.line(by_cpe, word);
        self.out.push('\n');
    }

    fn line(&mut self, by_cpe: bool, word: &str) {
        let cpe = format!("{}:{}", self.values["cpe"], self.values["port"]);
        let acs = &self.values["acs"];
        let (arrow, speaker, other) = if by_cpe {
            (">>", &cpe, acs)
        } else {
            ("<<", acs, &cpe)
        };
        let _ = write!(
            self.out,
            "{arrow} {speaker} > {other} @{}.{:03}",
            self.now_ms / 1000,
            self.now_ms % 1000
        );
        if !word.is_empty() {
            let _ = write!(self.out, " {word}");
        }
        self.out.push('\n');
    }
}

/// The Content-Type of an envelope, unless `type=` has another; `type=none` leaves it out.
fn content_type(words: &Words) -> String {
    match words.get("type").map(String::as_str) {
        None => "Content-Type: text/xml; charset=utf-8\n".to_owned(),
        Some("none") => String::new(),
        Some(own) => format!("Content-Type: {own}\n"),
    }
}

/// The first element is a response or a fault.
fn answers(body: &str) -> bool {
    let mut content = body
        .split_once(":Body>")
        .map_or(body, |(_, content)| content);
    for (begin, end) in [("<!--", "-->"), ("<?", "?>")] {
        if content.trim_start().starts_with(begin) {
            content = content.split_once(end).map_or(content, |(_, rest)| rest);
        }
    }
    let tag = content.trim_start().trim_start_matches('<');
    let end = tag.find(|character: char| " \n/>".contains(character));
    let name = tag.get(..end.unwrap_or(tag.len())).unwrap_or_default();
    name.ends_with("Response") || name.ends_with("Fault")
}

/// The value of Content-Length: right, unless `length=characters` or a number is asked for.
fn length(words: &Words, envelope: &str) -> String {
    match words.get("length").map(String::as_str) {
        None => "auto".to_owned(),
        Some("characters") => envelope.trim_end().chars().count().to_string(),
        Some(number) => number.to_owned(),
    }
}

fn no_content(words: &Words) -> String {
    let mut head = match words.get("status") {
        Some(status) => format!("HTTP/1.1 {status}\nContent-Length: 0\n"),
        None => "HTTP/1.1 204 No Content\n".to_owned(),
    };
    add_headers(&mut head, words);
    head.push('\n');
    head
}

/// `header="Name: value"`, several separated by `|`.
fn add_headers(head: &mut String, words: &Words) {
    for line in words
        .get("header")
        .into_iter()
        .flat_map(|text| text.split('|'))
    {
        head.push_str(line);
        head.push('\n');
    }
}

/// The name of a directive and its `name=value` words; a value with blanks stands in quotes, `"` or `'`.
fn words(text: &str) -> Result<(String, Words), String> {
    let (name, mut rest) = text.split_once(' ').unwrap_or((text, ""));
    let mut words = Words::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Ok((name.trim().to_owned(), words));
        }
        let (word, value) = rest
            .split_once('=')
            .ok_or(format!("'{rest}' is no name=value"))?;
        let quote = value
            .chars()
            .next()
            .filter(|quote| matches!(quote, '"' | '\''));
        let (value, after) = match quote {
            Some(quote) => value[1..]
                .split_once(quote)
                .ok_or("a quote is not closed")?,
            None => value.split_once(' ').unwrap_or((value, "")),
        };
        words.insert(word.to_owned(), value.to_owned());
        rest = after;
    }
}

/// The password of every fixture.
pub const PASSWORD: &str = "fixture-password";
const STEP_MS: u64 = 20;
const BODIED: &[&str] = &["cpe", "acs", "say", "answer"];
const DIRECTIVES: &[&str] = &[
    "phone",
    "answer",
    "reset",
    "set",
    "wait",
    "inform",
    "inform_response",
    "open",
    "empty",
    "no_content",
    "cpe",
    "acs",
    "end",
    "close",
    "fetch",
    "challenge",
    "say",
    "fin",
    "rst",
    "gap",
];
/// What `%phone` sets, and the SoftwareVersion and DeviceSummary of the phone.
type Phone = (
    &'static str,
    &'static [(&'static str, &'static str)],
    [&'static str; 2],
);
const PHONES: &[Phone] = &[
    (
        "yealink",
        &[
            ("manufacturer", "Yealink"),
            ("oui", "001565"),
            ("product_class", "T28P"),
        ],
        ["2.71.0.140", "Device:1.2[](Baseline:1)"],
    ),
    (
        "grandstream",
        &[
            ("manufacturer", "Grandstream Networks, Inc."),
            ("oui", "000B82"),
            ("product_class", "GXP2140"),
        ],
        [
            "1.0.7.25",
            "Device:1.2[](Baseline:1, UDPConnReq:1, LAN:1, Time:1, IPPing:1, TraceRoute:1, Download:1, Upload:1), \
             VoiceService:1.0[1](Endpoint:1, SIPEndpoint:1)",
        ],
    ),
    (
        "snom",
        &[
            ("manufacturer", "snom"),
            ("oui", "000413"),
            ("product_class", "snom320"),
        ],
        ["8.2.16", "Device:1.2[](Baseline:1)"],
    ),
    (
        "aastra",
        &[
            ("manufacturer", "Aastra"),
            ("oui", "00085D"),
            ("product_class", "6755i"),
        ],
        ["3.3.1.4305", "Device:1.2[](Baseline:1)"],
    ),
];
const TYPES: &[&str] = &[
    "string",
    "int",
    "unsignedInt",
    "boolean",
    "dateTime",
    "uint",
    "integer",
];
const DEFAULTS: &[(&str, &str)] = &[
    ("stun_cpe", "10.0.0.2:36000"),
    ("stun_server", "198.51.100.1:3478"),
    ("lwn_server", "198.51.100.1:7547"),
    ("cpe", "10.0.0.2"),
    ("port", "40112"),
    ("acs", "10.0.0.1:7547"),
    ("path", "/acs"),
    ("ns", "cwmp-1-2"),
    ("auth", "digest"),
    ("manufacturer", "Example"),
    ("oui", "001122"),
    ("product_class", "Phone"),
    ("serial", "S1"),
    ("event", "2 PERIODIC"),
    ("inform_id", "1"),
    ("retry", "0"),
    ("max_envelopes", "1"),
    ("soap_header", ""),
    ("more", ""),
    (
        "parameters",
        "Device.DeviceSummary=Device:1.2[](Baseline:1)|Device.DeviceInfo.HardwareVersion=1.0|Device.DeviceInfo.SoftwareVersion=2.5.1|\
         Device.ManagementServer.ConnectionRequestURL=http://10.0.0.2:7547/f81d4fae|Device.ManagementServer.ParameterKey=|Device.LAN.IPAddress=10.0.0.2",
    ),
];
