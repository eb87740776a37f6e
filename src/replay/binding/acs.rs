//! The STUN server beside an ACS: answers Binding Requests, and notes where devices have their bindings (TR-111 section
//! 2.2.2; RFC 3489 section 8.1; RFC 5389 section 7.3.1).
//!
//! It answers whoever asked and nobody else: RESPONSE-ADDRESS may name another port of the same host, no other host.

use std::collections::VecDeque;
use std::net::SocketAddr;

use stun::{
    Builder, Class, Credentials, Digest, Form, Integrity, Key, Message, Value, kind, long_term_key,
    short_term_key,
};

use super::{Account, BINDING, padding};

/// Answers at two ports of one address.
#[derive(Debug)]
pub struct Acs {
    primary: SocketAddr,
    secondary: SocketAddr,
    account: Option<Account>,
    /// A change of a binding is to be proven (TR-111 section 2.2.2.2.1).
    challenges: bool,
    /// The latest last, one for each host.
    bindings: Vec<Binding>,
    /// Sealed requests that were proven, the latest last.
    proofs: VecDeque<Proof>,
}

/// By its transaction id and its seal: the same from elsewhere is a copy, by whoever saw it.
#[derive(Debug)]
struct Proof {
    id: Vec<u8>,
    seal: Vec<u8>,
    from: SocketAddr,
}

/// Where a device is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Where its requests come from.
    pub address: SocketAddr,
    /// USERNAME, where it named itself.
    pub username: Option<String>,
    /// It knew STUNPassword.
    pub is_proven: bool,
    /// It said so with BINDING-CHANGE.
    pub is_change: bool,
}

/// One of the two ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Port {
    /// The one that devices ask, and that Connection Requests come from.
    Primary,
    /// The one that answers where another is wanted.
    Secondary,
}

/// What is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// From where.
    pub from: Port,
    /// To a port of the host that asked.
    pub to: SocketAddr,
    /// The message.
    pub bytes: Vec<u8>,
}

/// What came of a datagram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// It is answered.
    Answered(Answer),
    /// It is answered, and tells where a device has its binding now.
    Bound(Answer, Binding),
    /// It is not answered, and why.
    PassedOver(&'static str),
}

/// Why a request gets an error for an answer.
enum Refused {
    Code(u16, &'static str),
    Unknown(Vec<u16>),
}

/// A response's MESSAGE-INTEGRITY.
struct Seal {
    computation: Form,
    key: Vec<u8>,
}

impl Acs {
    /// Reached at two ports, with nobody bound.
    #[must_use]
    pub fn new(primary: SocketAddr, secondary: SocketAddr) -> Self {
        Self {
            primary,
            secondary,
            account: None,
            challenges: false,
            bindings: Vec::new(),
            proofs: VecDeque::new(),
        }
    }

    /// Whom it knows from now on, and whether changes of bindings are to be proven. Bindings stay.
    pub fn knows(&mut self, account: Option<Account>, challenges: bool) {
        self.challenges = challenges && account.as_ref().is_some_and(|it| it.password.is_some());
        self.account = account;
    }

    /// Bindings, the latest first.
    pub fn bindings(&self) -> impl Iterator<Item = &Binding> {
        self.bindings.iter().rev()
    }

    /// Takes in a datagram that came to a port.
    pub fn hear(&mut self, at: Port, from: SocketAddr, datagram: &[u8]) -> Heard {
        let Some(request) = stun::parse(datagram, datagram.len()) else {
            return Heard::PassedOver("it is no STUN");
        };
        if request.class() != Class::Request || request.method() != BINDING {
            return Heard::PassedOver("it is no Binding Request");
        }
        if !is_whole(&request) {
            return Heard::PassedOver("it is not whole");
        }
        let (to, change_port) = match self.way_back(&request, from) {
            Ok(way) => way,
            Err(why) => return Heard::PassedOver(why),
        };
        let answer_from = if change_port { at.other() } else { at };
        let judged = unknown(&request).and_then(|()| self.prove(&request));
        let (written, seal) = match judged {
            Ok(seal) => {
                let mapped = self.success(&request, from, to, answer_from, at);
                (sealed(mapped, &request, seal.as_ref()), seal)
            }
            Err(refused) => {
                let Ok(bytes) = error(&request, &refused).finish() else {
                    return Heard::PassedOver(TOO_LONG);
                };
                let answer = Answer {
                    from: at,
                    to: from,
                    bytes,
                };
                return Heard::Answered(answer);
            }
        };
        let Ok(bytes) = written.finish() else {
            return Heard::PassedOver(TOO_LONG);
        };
        let answer = Answer {
            from: answer_from,
            to,
            bytes,
        };
        let is_plain = at == Port::Primary && to == from && !request.has(kind::CHANGE_REQUEST);
        let is_proven = seal.is_some() && self.is_first(&request, from);
        match self.binding(&request, from, is_proven) {
            Some(binding) if is_plain && self.note(&binding) => Heard::Bound(answer, binding),
            _ => Heard::Answered(answer),
        }
    }

    /// Where the answer goes, and whether from the other port.
    fn way_back(
        &self,
        request: &Message,
        from: SocketAddr,
    ) -> Result<(SocketAddr, bool), &'static str> {
        let mut to = from;
        if request.has(kind::RESPONSE_ADDRESS) {
            let asked = request.address(kind::RESPONSE_ADDRESS);
            let asked = asked.ok_or("its RESPONSE-ADDRESS cannot be read")?;
            if asked.ip().to_canonical() != from.ip().to_canonical() {
                return Err("its RESPONSE-ADDRESS is another host than it came from");
            }
            // The family is that of the socket.
            to.set_port(asked.port());
        }
        if to.port() == 0 || to == self.primary || to == self.secondary {
            return Err("its answer would go to port 0, or back here");
        }
        match request
            .attribute(kind::CHANGE_REQUEST)
            .map(|it| request.value(it))
        {
            None => Ok((to, false)),
            Some(Value::ChangeRequest {
                address: false,
                port,
            }) => Ok((to, port)),
            Some(_) => Err("it wants an answer from another address, and there is none"),
        }
    }

    /// What seals the answer, where the request was sealed by who knows the password.
    fn prove(&self, request: &Message) -> Result<Option<Seal>, Refused> {
        let is_sealed =
            request.has(kind::MESSAGE_INTEGRITY) || request.has(kind::MESSAGE_INTEGRITY_SHA256);
        let changes = request.has_connection_request_binding() && request.has_binding_change();
        let known = self.account.as_ref();
        let Some((user, password)) =
            known.and_then(|it| Some((&it.username, it.password.as_ref()?)))
        else {
            return Ok(None);
        };
        if !is_sealed {
            return if self.challenges && changes {
                Err(Refused::Code(401, "Unauthorized"))
            } else {
                Ok(None)
            };
        }
        let refused = |code, reason| match request.form {
            Form::Rfc3489 => Refused::Code(code, reason),
            // RFC 5389 section 10.1.2 has one code for all.
            Form::Rfc5389 => Refused::Code(401, "Unauthorized"),
        };
        match request.username() {
            None => return Err(refused(432, "Missing Username")),
            Some(named) if named != user.as_bytes() => {
                return Err(refused(430, "Stale Credentials"));
            }
            Some(_) => {}
        }
        let credentials = Credentials {
            password,
            username: Some(user),
            realm: None,
        };
        let Integrity::Match(found) = request.verify_integrity(&credentials) else {
            return Err(refused(431, "Integrity Check Failure"));
        };
        if found.digest != Digest::Sha1 {
            return Err(refused(431, "Integrity Check Failure"));
        }
        let key = match found.key {
            Key::Password => password.as_bytes().to_vec(),
            Key::PreparedPassword => short_term_key(password),
            Key::LongTerm | Key::LongTermSha256 => {
                let named = request.text(kind::USERNAME).unwrap_or_default();
                let realm = request.text(kind::REALM).unwrap_or_default();
                long_term_key(named, realm, password)
            }
        };
        Ok(Some(Seal {
            computation: found.computation().unwrap_or(request.form),
            key,
        }))
    }

    fn success(
        &self,
        request: &Message,
        from: SocketAddr,
        to: SocketAddr,
        answer_from: Port,
        at: Port,
    ) -> Builder {
        let (source, other) = (self.address(answer_from), self.address(at.other()));
        let written = begin(request, RESPONSE);
        let written = match request.form {
            Form::Rfc3489 => written
                .address(kind::MAPPED_ADDRESS, from)
                .address(kind::SOURCE_ADDRESS, source)
                .address(kind::CHANGED_ADDRESS, other),
            // SOURCE-ADDRESS and CHANGED-ADDRESS have to be understood and are reserved there: RFC 5780 section 7.3 and 7.4
            // have the same under numbers that may be passed over.
            Form::Rfc5389 => written
                .xor_address(kind::XOR_MAPPED_ADDRESS, from)
                .address(kind::MAPPED_ADDRESS, from)
                .address(kind::RESPONSE_ORIGIN, source)
                .address(kind::OTHER_ADDRESS, other),
        };
        if to == from {
            written
        } else {
            written.address(kind::REFLECTED_FROM, from)
        }
    }

    /// The binding that a request tells of.
    fn binding(&self, request: &Message, from: SocketAddr, is_proven: bool) -> Option<Binding> {
        if !request.has_connection_request_binding() || self.challenges && !is_proven {
            return None;
        }
        let named = request.username();
        let known = self.account.as_ref().map(|it| it.username.as_bytes());
        if let (Some(named), Some(known)) = (named, known.filter(|known| !known.is_empty()))
            && named != known
        {
            // Another device.
            return None;
        }
        Some(Binding {
            address: from,
            username: named.map(|name| String::from_utf8_lossy(name).into_owned()),
            is_proven,
            is_change: request.has_binding_change(),
        })
    }

    /// Does a sealed request come for the first time, or again from where it came then?
    fn is_first(&mut self, request: &Message, from: SocketAddr) -> bool {
        let id = request.transaction_id();
        let seal = request.text(kind::MESSAGE_INTEGRITY).unwrap_or_default();
        let same = |it: &&Proof| it.id == id && it.seal == seal;
        if let Some(known) = self.proofs.iter().find(same) {
            return known.from == from;
        }
        if self.proofs.len() >= PROOFS_MAX {
            self.proofs.pop_front();
        }
        self.proofs.push_back(Proof {
            id: id.to_vec(),
            seal: seal.to_vec(),
            from,
        });
        true
    }

    /// Notes it; not in the place of one of its host that is better proven.
    fn note(&mut self, binding: &Binding) -> bool {
        let host = binding.address.ip().to_canonical();
        let is_other = |it: &Binding| it.address.ip().to_canonical() != host;
        let mut known = self.bindings.iter().filter(|it| !is_other(it));
        if !binding.is_proven && known.any(|it| it.is_proven) {
            return false;
        }
        self.bindings.retain(is_other);
        if self.bindings.len() >= BINDINGS_MAX {
            let least = self.bindings.iter().position(|it| !it.is_proven);
            self.bindings.remove(least.unwrap_or(0));
        }
        self.bindings.push(binding.clone());
        true
    }

    fn address(&self, port: Port) -> SocketAddr {
        match port {
            Port::Primary => self.primary,
            Port::Secondary => self.secondary,
        }
    }
}

impl Port {
    fn other(self) -> Self {
        match self {
            Self::Primary => Self::Secondary,
            Self::Secondary => Self::Primary,
        }
    }
}

/// A message that has one reading.
fn is_whole(request: &Message) -> bool {
    use stun::AnomalyKind::{AttributeOverrun, AttributeStray, LengthTooLong, TrailingBytes};
    let bent = [
        AttributeOverrun,
        AttributeStray,
        LengthTooLong,
        TrailingBytes,
    ];
    let is_bent = |anomaly: &stun::Anomaly| bent.contains(&anomaly.kind);
    !request.anomalies.iter().any(is_bent)
}

/// Types below 0x8000 have to be understood (RFC 3489 section 11.2); those of TR-111 are above.
fn unknown(request: &Message) -> Result<(), Refused> {
    let types = request.attributes.iter().map(|attribute| attribute.kind);
    let mut unknown: Vec<u16> = types
        .filter(|kind| *kind < 0x8000 && !UNDERSTOOD.contains(kind))
        .take(UNKNOWN_MAX)
        .collect();
    unknown.sort_unstable();
    unknown.dedup();
    if unknown.is_empty() {
        Ok(())
    } else {
        Err(Refused::Unknown(unknown))
    }
}

fn begin(request: &Message, message_type: u16) -> Builder {
    let id = request.transaction_id().try_into().unwrap_or_default();
    Builder::new(message_type, id).padding(padding(request.form))
}

fn error(request: &Message, refused: &Refused) -> Builder {
    let written = begin(request, ERROR_RESPONSE);
    match refused {
        Refused::Code(code, reason) => written.error_code(*code, reason),
        Refused::Unknown(types) => written
            .error_code(420, "Unknown Attribute")
            .unknown_attributes(types),
    }
}

fn sealed(written: Builder, request: &Message, seal: Option<&Seal>) -> Builder {
    let written = match seal {
        Some(seal) => written.integrity(seal.computation, &seal.key),
        None => written,
    };
    if request.form == Form::Rfc5389 && request.has(kind::FINGERPRINT) {
        written.fingerprint()
    } else {
        written
    }
}

const RESPONSE: u16 = 0x0101;
const ERROR_RESPONSE: u16 = 0x0111;
const UNDERSTOOD: [u16; 15] = [
    kind::MAPPED_ADDRESS,
    kind::RESPONSE_ADDRESS,
    kind::CHANGE_REQUEST,
    kind::SOURCE_ADDRESS,
    kind::CHANGED_ADDRESS,
    kind::USERNAME,
    kind::PASSWORD,
    kind::MESSAGE_INTEGRITY,
    kind::ERROR_CODE,
    kind::UNKNOWN_ATTRIBUTES,
    kind::REFLECTED_FROM,
    kind::REALM,
    kind::NONCE,
    kind::MESSAGE_INTEGRITY_SHA256,
    kind::XOR_MAPPED_ADDRESS,
];
/// Types that are told to be unknown.
const UNKNOWN_MAX: usize = 8;
/// Requests whose copies are known: those of hours, at one each half minute.
const PROOFS_MAX: usize = 1024;
/// Hosts with bindings: one phone is served, others may use the same STUN server.
const BINDINGS_MAX: usize = 64;
const TOO_LONG: &str = "its answer would be too long";
