//! Changes of a story: what a breach is made with. Each tells whether there was anything to change. `session` 0 means all;
//! -1 is the last, -2 the one before it.

use stun::{Builder, Form, kind};

use super::proof::{Proof, parameter};
use super::story::{Block, By, Content, Message, Story};

impl Story {
    fn number(&self, session: i32) -> usize {
        if session < 0 {
            (self.sessions as i32 + 1 + session) as usize
        } else {
            session as usize
        }
    }

    /// Does something to the messages of this kind in this session.
    pub fn each(
        &mut self,
        session: i32,
        what: &str,
        mut edit: impl FnMut(&mut Message) -> bool,
    ) -> bool {
        let number = self.number(session);
        let blocks = self.blocks.iter_mut();
        let chosen = blocks.filter(|block| {
            (number == 0 || block.session == number) && (what == "*" || block.what == what)
        });
        let mut changed = false;
        for message in chosen.filter_map(|block| block.content.message()) {
            changed |= edit(message);
        }
        changed
    }

    /// Puts text in the place of text in bodies.
    pub fn swap(&mut self, session: i32, what: &str, from: &str, to: &str) -> bool {
        self.each(session, what, |message| message.replace(from, to))
    }

    /// The same, once in each body.
    pub fn swap_once(&mut self, session: i32, what: &str, from: &str, to: &str) -> bool {
        self.each(session, what, |message| {
            let found = message.body.contains(from);
            message.body = message.body.replacen(from, to, 1);
            found
        })
    }

    /// The same in the first body alone that has it.
    pub fn swap_first(&mut self, what: &str, from: &str, to: &str) -> bool {
        let mut done = false;
        self.each(0, what, |message| {
            let here = !done && message.body.contains(from);
            if here {
                message.body = message.body.replacen(from, to, 1);
                done = true;
            }
            here
        })
    }

    pub fn start(&mut self, session: i32, what: &str, from: &str, to: &str) -> bool {
        self.each(session, what, |message| {
            let found = message.start.contains(from);
            message.start = message.start.replacen(from, to, 1);
            found
        })
    }

    pub fn set(&mut self, session: i32, what: &str, field: &str, value: &str) -> bool {
        self.each(session, what, |message| message.set(field, value))
    }

    pub fn add(&mut self, session: i32, what: &str, field: &str, value: &str) -> bool {
        self.each(session, what, |message| {
            message
                .fields
                .insert(0, (field.to_owned(), value.to_owned()));
            true
        })
    }

    pub fn unset(&mut self, session: i32, what: &str, field: &str) -> bool {
        self.each(session, what, |message| message.drop(field))
    }

    /// The value of the element in which this text first stands, in the first body of this kind that has it.
    pub fn text(&mut self, session: i32, what: &str, element: &str) -> String {
        let mut found = String::new();
        let open = format!("<{element}>");
        self.each(session, what, |message| {
            let Some(at) = message.body.find(&open).filter(|_| found.is_empty()) else {
                return false;
            };
            let rest = &message.body[at + open.len()..];
            rest.split('<')
                .next()
                .unwrap_or_default()
                .clone_into(&mut found);
            true
        });
        found
    }

    /// Sets the text of every element of this name.
    pub fn retext(&mut self, session: i32, what: &str, element: &str, text: &str) -> bool {
        let (open, close) = (format!("<{element}>"), format!("</{element}>"));
        self.each(session, what, |message| {
            let mut out = String::new();
            let mut rest = message.body.as_str();
            let mut changed = false;
            while let Some((before, behind)) = rest.split_once(open.as_str()) {
                let Some((old, after)) = behind.split_once(close.as_str()) else {
                    break;
                };
                changed |= old != text;
                out.push_str(before);
                out.push_str(&open);
                out.push_str(text);
                out.push_str(&close);
                rest = after;
            }
            out.push_str(rest);
            message.body = out;
            changed
        })
    }

    /// Sets the text behind this opening tag.
    pub fn retext_of(&mut self, session: i32, what: &str, open: &str, text: &str) -> bool {
        self.each(session, what, |message| {
            let Some(start) = message.body.find(open).map(|at| at + open.len()) else {
                return false;
            };
            let Some(length) = message.body[start..].find('<') else {
                return false;
            };
            message.body.replace_range(start..start + length, text);
            true
        })
    }

    /// Sets the value of a parameter, named by the end of its path, wherever it is listed.
    pub fn revalue(&mut self, session: i32, what: &str, name: &str, value: &str) -> bool {
        self.each(session, what, |message| {
            let Some(at) = message.body.find(&format!("{name}</Name>")) else {
                return false;
            };
            let rest = &message.body[at..];
            let Some(open) = rest
                .find("<Value")
                .and_then(|value| Some(value + rest[value..].find('>')? + 1))
            else {
                return false;
            };
            let Some(close) = rest.find("</Value>") else {
                return false;
            };
            let differs = &rest[open..close] != value;
            let (open, close) = (at + open, at + close);
            message.body.replace_range(open..close, value);
            differs
        })
    }

    /// Takes an element away, tags and all.
    pub fn cut(&mut self, session: i32, what: &str, element: &str) -> bool {
        self.each(session, what, |message| {
            match element_at(&message.body, element, 0) {
                Some((start, end)) => {
                    message.body.replace_range(start..end, "");
                    true
                }
                None => false,
            }
        })
    }

    /// Lets an element change places with the one behind it.
    pub fn turn(&mut self, session: i32, what: &str, element: &str, next: &str) -> bool {
        self.each(session, what, |message| {
            let one = element_at(&message.body, element, 0);
            let other = one.and_then(|(_, end)| element_at(&message.body, next, end));
            let (Some((start, middle)), Some((second, end))) = (one, other) else {
                return false;
            };
            let moved = message.body[second..end].to_owned();
            let first = message.body[start..middle].to_owned();
            message.body.replace_range(second..end, "");
            message
                .body
                .replace_range(start..middle, &format!("{moved}{first}"));
            true
        })
    }

    /// Takes the first member with this text out of its array, whose size follows.
    pub fn drop_member(&mut self, session: i32, what: &str, member: &str, with: &str) -> bool {
        self.each(session, what, |message| {
            let mut at = 0;
            while let Some((start, end)) = element_at(&message.body, member, at) {
                if message.body[start..end].contains(with) {
                    message.body.replace_range(start..end, "");
                    return resize(&mut message.body, member, -1);
                }
                at = end;
            }
            false
        })
    }

    /// Puts a member at the beginning of its array, whose size follows.
    pub fn add_member(&mut self, session: i32, what: &str, member: &str, content: &str) -> bool {
        self.each(session, what, |message| {
            let Some(at) = message.body.find(&format!(":{member}[")) else {
                return false;
            };
            let Some(end) = message.body[at..].find('>') else {
                return false;
            };
            let text = format!("<{member}>{content}</{member}>");
            message.body.insert_str(at + end + 1, &text);
            resize(&mut message.body, member, 1)
        })
    }

    /// Adds an event to the Informs of a session.
    pub fn add_event(&mut self, session: i32, code: &str, key: &str) -> bool {
        let content = format!("<EventCode>{code}</EventCode><CommandKey>{key}</CommandKey>");
        self.add_member(session, "Inform", "EventStruct", &content)
    }

    pub fn drop_event(&mut self, session: i32, code: &str) -> bool {
        self.drop_member(session, "Inform", "EventStruct", &format!(">{code}<"))
    }

    pub fn rename_event(&mut self, session: i32, from: &str, to: &str) -> bool {
        let (from, to) = (format!("<EventCode>{from}<"), format!("<EventCode>{to}<"));
        self.swap(session, "Inform", &from, &to)
    }

    /// Adds a header to envelopes.
    pub fn add_header(&mut self, session: i32, what: &str, header: &str) -> bool {
        self.swap_once(
            session,
            what,
            "</soap:Header>",
            &format!("{header}</soap:Header>"),
        )
    }

    /// Takes the blocks of this kind away.
    pub fn remove(&mut self, session: i32, what: &str) -> bool {
        let number = self.number(session);
        let before = self.blocks.len();
        self.blocks
            .retain(|block| !((number == 0 || block.session == number) && block.what == what));
        self.blocks.len() < before
    }

    /// Takes everything behind the last block of this kind away, but for the device's end of the connection.
    pub fn stop_behind(&mut self, session: i32, what: &str) -> bool {
        let number = self.number(session);
        let here = |block: &Block| block.session == number;
        let Some(last) = self
            .blocks
            .iter()
            .rposition(|block| here(block) && block.what == what)
        else {
            return false;
        };
        let mut at = 0;
        self.blocks.retain(|block| {
            at += 1;
            !here(block) || at <= last + 1 || block.what == "fin"
        });
        true
    }

    /// The turns that a session's nonce was used, told anew.
    pub fn recount(&mut self, session: i32) {
        let mut seen: Vec<(String, u32)> = Vec::new();
        self.reprove(session, "*", |proof| {
            let known = seen.iter_mut().find(|(nonce, _)| *nonce == proof.nonce);
            let count = match known {
                Some((_, count)) => {
                    *count += 1;
                    *count
                }
                None => {
                    seen.push((proof.nonce.clone(), 1));
                    1
                }
            };
            proof.nc = format!("{count:08x}");
        });
    }

    /// Moves what a session says by so many milliseconds.
    pub fn shift(&mut self, session: i32, milliseconds: i64) -> bool {
        let number = self.number(session);
        let mut any = false;
        for block in self
            .blocks
            .iter_mut()
            .filter(|block| block.session == number)
        {
            block.time_us = block.time_us.saturating_add_signed(milliseconds * 1_000);
            any = true;
        }
        self.blocks.sort_by_key(|block| block.time_us);
        any
    }

    /// Makes what follows the first block of this kind later, in all that is said.
    pub fn delay_behind(&mut self, session: i32, what: &str, milliseconds: u64) -> bool {
        let number = self.number(session);
        let place = self
            .blocks
            .iter()
            .position(|block| block.session == number && block.what == what);
        let Some(at) = place else {
            return false;
        };
        for block in &mut self.blocks[at + 1..] {
            block.time_us += milliseconds * 1_000;
        }
        true
    }

    /// Nothing is said on any connection until so many seconds after the last block.
    pub fn go_on(&mut self, seconds: u64) -> bool {
        let Some(last) = self.blocks.last().cloned() else {
            return false;
        };
        let source = std::net::SocketAddr::from(([192, 0, 2, 250], 5_353));
        self.blocks.push(Block {
            time_us: last.time_us + seconds * 1_000_000,
            by: By::Cpe,
            source,
            destination: std::net::SocketAddr::from(([192, 0, 2, 251], 5_353)),
            session: 0,
            what: "nothing".to_owned(),
            content: Content::Datagram(b"nothing of ours".to_vec()),
        });
        true
    }

    /// Writes the proofs of a session anew.
    pub fn reprove(&mut self, session: i32, what: &str, mut edit: impl FnMut(&mut Proof)) -> bool {
        let passwords: Vec<(String, String)> = self
            .accounts
            .iter()
            .map(|accounts| accounts.acs.clone())
            .collect();
        let password = passwords.first().map(|(_, password)| password.clone());
        let password = password.unwrap_or_default();
        self.each(session, what, |message| {
            rewrite(message, &password, &mut edit)
        })
    }

    /// The same for the proofs of the ACS at the device's door.
    pub fn reprove_knocks(&mut self, mut edit: impl FnMut(&mut Proof)) -> bool {
        let accounts = self.accounts.first();
        let password = accounts.map(|accounts| accounts.connection_request.1.clone());
        let password = password.unwrap_or_default();
        self.each(0, "knock", |message| rewrite(message, &password, &mut edit))
    }

    /// Keep-alives, but for the first, carry a proof that nobody has asked for.
    pub fn seal_keep_alives(&mut self) -> bool {
        let Some(accounts) = self.accounts.first() else {
            return false;
        };
        let password = accounts.stun.1.clone();
        let places = self.places("stun");
        for at in places.iter().skip(1) {
            if let Content::Datagram(bytes) = &mut self.blocks[*at].content {
                let mut id = [0; 16];
                id.copy_from_slice(&bytes[4..20]);
                let mut request = Builder::new(0x0001, id);
                let name = usize::from(bytes[23]);
                request = request.attribute(kind::USERNAME, &bytes[24..24 + name]);
                let request = request
                    .connection_request_binding()
                    .integrity(Form::Rfc3489, password.as_bytes());
                *bytes = request.finish().expect("it is short");
            }
        }
        places.len() > 1
    }

    /// The device has another user name at the ACS, and everybody knows.
    pub fn rename_user(&mut self, edit: impl Fn(&str) -> String) -> bool {
        let Some(accounts) = self.accounts.first_mut() else {
            return false;
        };
        accounts.acs.0 = edit(&accounts.acs.0);
        self.reprove(0, "*", |proof| proof.user = edit(&proof.user))
    }

    /// Says something else with each challenge of a session.
    pub fn rechallenge(&mut self, session: i32, from: &str, to: &str) -> bool {
        self.each(session, "401", |message| {
            let Some(value) = message.field("WWW-Authenticate").map(str::to_owned) else {
                return false;
            };
            let other = value.replacen(from, to, 1);
            message.set("WWW-Authenticate", &other)
        })
    }

    /// The first challenge of a session: its nonce.
    pub fn nonce(&mut self, session: i32) -> String {
        let mut nonce = String::new();
        self.each(session, "401", |message| {
            let value = message.field("WWW-Authenticate").unwrap_or_default();
            if nonce.is_empty() {
                nonce = parameter(value, "nonce");
            }
            true
        });
        nonce
    }

    /// An answer becomes this status without a body.
    pub fn hollow(&mut self, session: i32, what: &str, status: &str) -> bool {
        self.each(session, what, |message| {
            message.start = format!("HTTP/1.1 {status}");
            message.body.clear();
            message.drop("Content-Type");
            if status.starts_with("204") {
                message.drop("Content-Length");
            }
            true
        })
    }

    /// A status becomes an answer with this body.
    pub fn fill(&mut self, session: i32, what: &str, body: &str) -> bool {
        self.each(session, what, |message| {
            message.start = "HTTP/1.1 200 OK".to_owned();
            message.set("Content-Type", "text/xml; charset=utf-8");
            message.set("Content-Length", "auto");
            body.clone_into(&mut message.body);
            true
        })
    }

    /// The body of the first message of this kind.
    pub fn body(&mut self, session: i32, what: &str) -> String {
        let mut body = String::new();
        self.each(session, what, |message| {
            if body.is_empty() {
                body.clone_from(&message.body);
            }
            true
        });
        body
    }

    /// From the first block of this kind on, the session uses another port of the device.
    pub fn other_port(&mut self, session: i32, from: &str, nth: usize) -> bool {
        let number = self.number(session);
        let here: Vec<usize> = (0..self.blocks.len())
            .filter(|at| self.blocks[*at].session == number)
            .collect();
        let first = here
            .iter()
            .filter(|at| self.blocks[**at].what == from)
            .nth(nth)
            .copied();
        let Some(first) = first else {
            return false;
        };
        let mut fins = Vec::new();
        for at in here.into_iter().filter(|at| *at >= first) {
            let block = &mut self.blocks[at];
            if block.what == "fin" {
                fins.push(block.clone());
            }
            let end = if block.by == By::Cpe {
                &mut block.source
            } else {
                &mut block.destination
            };
            end.set_port(end.port() + 1);
        }
        self.blocks.extend(fins);
        self.blocks.sort_by_key(|block| block.time_us);
        true
    }

    /// A session uses this port of the device.
    pub fn move_to_port(&mut self, session: i32, port: u16) -> bool {
        let number = self.number(session);
        let mut any = false;
        for block in self
            .blocks
            .iter_mut()
            .filter(|block| block.session == number)
        {
            let end = if block.by == By::Cpe {
                &mut block.source
            } else {
                &mut block.destination
            };
            end.set_port(port);
            any = true;
        }
        any
    }

    /// What was sent over UDP is changed.
    pub fn bytes(&mut self, what: &str, mut edit: impl FnMut(&mut Vec<u8>) -> bool) -> bool {
        let mut changed = false;
        for block in self.blocks.iter_mut().filter(|block| block.what == what) {
            if let Content::Datagram(bytes) = &mut block.content {
                changed |= edit(bytes);
            }
        }
        changed
    }

    /// The same for some bytes in the place of as many others.
    pub fn swap_raw(&mut self, what: &str, from: &[u8], to: &[u8]) -> bool {
        self.bytes(what, |bytes| {
            let found = bytes.windows(from.len()).position(|window| window == from);
            let Some(at) = found else {
                return false;
            };
            bytes[at..at + from.len()].copy_from_slice(to);
            true
        })
    }

    /// The same for text.
    pub fn swap_bytes(&mut self, what: &str, from: &str, to: &str) -> bool {
        self.bytes(what, |bytes| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            *bytes = text.replace(from, to).into_bytes();
            text.contains(from)
        })
    }
}

/// Writes the proof of a message anew.
fn rewrite(message: &mut Message, password: &str, edit: &mut impl FnMut(&mut Proof)) -> bool {
    let value = message.field("Authorization").unwrap_or_default();
    if !value.starts_with("Digest") {
        return false;
    }
    let mut proof = Proof::read(value);
    edit(&mut proof);
    let method = message.start.split(' ').next().unwrap_or_default();
    let written = proof.write(password, method);
    message.set("Authorization", &written)
}

/// Where an element stands from here on, tags and all; the elements in question never hold themselves.
fn element_at(body: &str, element: &str, from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    loop {
        let start = at + body.get(at..)?.find(&format!("<{element}"))?;
        let behind = body.as_bytes().get(start + 1 + element.len())?;
        if matches!(behind, b'>' | b' ' | b'/') {
            let close = format!("</{element}>");
            let end = start + body[start..].find(&close)? + close.len();
            return Some((start, end));
        }
        at = start + 1;
    }
}

fn resize(body: &mut String, member: &str, by: i64) -> bool {
    let start = format!(":{member}[");
    let Some(at) = body.find(&start).map(|at| at + start.len()) else {
        return false;
    };
    let digits = body[at..].bytes().take_while(u8::is_ascii_digit).count();
    let Ok(size) = body[at..at + digits].parse::<i64>() else {
        return false;
    };
    let size = (size + by).to_string();
    body.replace_range(at..at + digits, &size);
    true
}
