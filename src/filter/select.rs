//! The filter: an expression, and the records it selects.

use std::fmt;
use std::str::FromStr;

use super::expression::{Comparison, Expression, Item, Leaf, Test};
use super::names::Field;
use super::values::{
    Ask, DhcpRecord, EnvelopeRecord, HttpRecord, NotificationRecord, Record, RequestRecord,
    StunRecord, Value, is_of_http, is_told, of_said, part,
};
use super::{FilterError, RecordKinds, grammar};
use crate::session::compare::Said;
use crate::session::{
    ConnectionRequest, Datagram, DatagramKind, Device, Finding, Message, Session, TlsSeen, Transfer,
};

/// A display filter.
///
/// Written out ([`fmt::Display`]) it is an expression that parses to an equal filter.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    pub(super) expression: Expression,
}

impl Filter {
    /// Reads an expression.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(expression: &str) -> Result<Self, FilterError> {
        grammar::parse(expression).map(|expression| Self { expression })
    }

    /// Whether a session is selected by what it holds itself; see [`super::Seen`] for `parameter` and `value`, which only
    /// its messages know. Its steps must still be there for `frames`.
    #[must_use]
    pub fn session(&self, session: &Session) -> bool {
        self.session_with(session, None)
    }

    /// The same, with the findings that concern it, where they are known.
    #[must_use]
    pub fn session_with(&self, session: &Session, findings: Option<&[&Finding]>) -> bool {
        self.expression
            .holds(&|leaf| leaf.holds_with(session, findings))
    }

    /// Whether selecting sessions takes the findings that concern them.
    #[must_use]
    pub fn needs_findings(&self) -> bool {
        let mut needed = false;
        self.expression.leaves(&mut |leaf| {
            let field = leaf.name.name.field;
            needed |= matches!(field, Field::Concerning(_) | Field::Findings(_));
        });
        needed
    }

    /// Whether any record of a message is selected.
    #[must_use]
    pub fn message(&self, message: &Message) -> bool {
        self.selects(&HttpRecord(message))
            || EnvelopeRecord::all(message).any(|record| self.selects(&record))
    }

    /// Whether a message is as it says, HTTP and SOAP taken together: how the assertions of scenarios are read.
    ///
    /// `status` is the Status argument of a message that has an envelope, else that of HTTP.
    #[must_use]
    pub fn said(&self, said: &Said<'_>) -> bool {
        self.expression.holds(&|leaf| {
            of_said(
                said,
                &leaf.name,
                &mut Ask(&mut |value| leaf.test.passes(value)),
            )
        })
    }

    /// The names of the expression with the values that a message has of them, as far as `values_max` of each.
    #[must_use]
    pub fn told(&self, said: &Said<'_>, values_max: usize) -> Vec<(String, Vec<String>)> {
        let mut told: Vec<(String, Vec<String>)> = Vec::new();
        self.expression.leaves(&mut |leaf| {
            let name = leaf.name.to_string();
            if told.iter().any(|(known, _)| *known == name) {
                return;
            }
            let mut values = Vec::new();
            let mut note = |value: Value<'_>| {
                values.push(value.text().into_owned());
                values.len() >= values_max
            };
            of_said(said, &leaf.name, &mut Ask(&mut note));
            told.push((name, values));
        });
        told
    }

    /// Names of the expression that one message by itself does not tell, so that a test of them never holds of it.
    #[must_use]
    pub fn untold_names(&self) -> Vec<String> {
        let mut names = Vec::new();
        self.expression.leaves(&mut |leaf| {
            if !is_told(leaf.name.name.field) {
                names.push(leaf.name.to_string());
            }
        });
        names
    }

    /// Whether it asks for what an HTTP message alone tells.
    #[must_use]
    pub fn asks_http(&self) -> bool {
        let mut asks = false;
        self.expression
            .leaves(&mut |leaf| asks |= is_of_http(leaf.name.name.field));
        asks
    }

    /// Which records of a message are selected: first its own, then those of the envelopes in it (one for a body that
    /// looks like SOAP and holds none).
    pub fn message_records(&self, message: &Message) -> impl Iterator<Item = bool> {
        let own = self.selects(&HttpRecord(message));
        let envelopes = EnvelopeRecord::all(message).map(|record| self.selects(&record));
        std::iter::once(own).chain(envelopes)
    }

    /// Whether a transfer is selected.
    #[must_use]
    pub fn transfer(&self, transfer: &Transfer) -> bool {
        self.selects(transfer)
    }

    /// Whether a datagram is selected; what cannot be read as what it was taken for is not.
    #[must_use]
    pub fn datagram(&self, datagram: &Datagram) -> bool {
        match datagram.kind {
            DatagramKind::Stun => datagram
                .stun()
                .is_some_and(|message| self.selects(&StunRecord { datagram, message })),
            DatagramKind::ConnectionRequest => datagram
                .connection_request()
                .is_some_and(|request| self.selects(&RequestRecord { datagram, request })),
            DatagramKind::LightweightNotification => {
                stun::lwn::parse(&datagram.payload, datagram.wire_bytes).is_some_and(
                    |notification| {
                        self.selects(&NotificationRecord {
                            datagram,
                            notification,
                        })
                    },
                )
            }
            DatagramKind::DhcpV4 => datagram
                .dhcp_v4()
                .is_some_and(|message| self.selects(&DhcpRecord::v4(datagram, &message))),
            DatagramKind::DhcpV6 => datagram
                .dhcp_v6()
                .is_some_and(|message| self.selects(&DhcpRecord::v6(datagram, &message))),
        }
    }

    /// Whether a TLS connection is selected.
    #[must_use]
    pub fn tls(&self, seen: &TlsSeen) -> bool {
        self.selects(seen)
    }

    /// Whether a Connection Request is selected, taken as one record with all its legs.
    #[must_use]
    pub fn connection_request(&self, request: &ConnectionRequest) -> bool {
        self.selects(request)
    }

    /// Whether a finding is selected.
    #[must_use]
    pub fn finding(&self, finding: &Finding) -> bool {
        self.selects(finding)
    }

    /// Whether a device is selected.
    #[must_use]
    pub fn device(&self, device: &Device) -> bool {
        self.selects(device)
    }

    /// Whether selecting sessions takes their messages: then [`super::Seen`] must see them.
    #[must_use]
    pub fn needs_messages(&self) -> bool {
        let mut needed = false;
        self.expression
            .leaves(&mut |leaf| needed |= leaf.slot.is_some());
        needed
    }

    /// Names of the expression that no record of these kinds has, so that a test of them never holds here.
    #[must_use]
    pub fn foreign_names(&self, kinds: RecordKinds) -> Vec<String> {
        let mut names = Vec::new();
        self.expression.leaves(&mut |leaf| {
            let name = leaf.name.to_string();
            if !leaf.name.name.kinds.meets(kinds) && !names.contains(&name) {
                names.push(name);
            }
        });
        names
    }

    fn selects<R: Record>(&self, record: &R) -> bool {
        self.expression.holds(&|leaf| leaf.holds(record))
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.expression.fmt(formatter)
    }
}

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(expression: &str) -> Result<Self, FilterError> {
        Self::parse(expression)
    }
}

impl Leaf {
    /// Whether any value that the record has of the name passes the test.
    pub(super) fn holds<R: Record>(&self, record: &R) -> bool {
        self.name.name.kinds.contains(R::KIND)
            && record.any(&self.name, &mut Ask(&mut |value| self.test.passes(value)))
    }
}

impl Leaf {
    /// The same for a session and the findings that concern it.
    pub(super) fn holds_with(&self, session: &Session, findings: Option<&[&Finding]>) -> bool {
        let mut ask = |value: Value<'_>| self.test.passes(value);
        let ask = &mut Ask(&mut ask);
        let findings = findings.map(|findings| findings.iter().copied());
        match (self.name.name.field, findings) {
            (Field::Concerning(found), Some(mut findings)) => {
                findings.any(|finding| part(finding, found, ask))
            }
            (Field::Findings(None), findings) => ask.group(findings.is_some()),
            (Field::Findings(Some(severity)), Some(findings)) => {
                let these = findings.filter(|finding| finding.severity == severity);
                ask.count(these.count())
            }
            (Field::Concerning(_) | Field::Findings(_), None) => false,
            _ => self.holds(session),
        }
    }
}

impl Test {
    fn passes(&self, value: Value<'_>) -> bool {
        if let (Value::Group, true) = (value, *self != Self::Exists) {
            return false;
        }
        match self {
            Self::Exists => true,
            Self::Compare(comparison, _, operand) => comparison.accepts(operand.order(&value)),
            Self::In(items) => items.iter().any(|item| item.holds(value)),
            Self::Matches(pattern) => pattern.finds(&value.text()),
            Self::Glob(glob) => glob.is(&value.text()),
            Self::Contains(literal) => value.text().contains(&literal.text),
        }
    }
}

impl Comparison {
    /// Whether a value that stands so to the operand passes; what cannot be compared is not equal.
    fn accepts(self, order: Option<std::cmp::Ordering>) -> bool {
        match self {
            Self::Equal => order.is_some_and(std::cmp::Ordering::is_eq),
            Self::NotEqual => !order.is_some_and(std::cmp::Ordering::is_eq),
            Self::Less => order.is_some_and(std::cmp::Ordering::is_lt),
            Self::LessOrEqual => order.is_some_and(std::cmp::Ordering::is_le),
            Self::Greater => order.is_some_and(std::cmp::Ordering::is_gt),
            Self::GreaterOrEqual => order.is_some_and(std::cmp::Ordering::is_ge),
        }
    }
}

impl Item {
    fn holds(&self, value: Value<'_>) -> bool {
        match self {
            Self::One(_, operand) => Comparison::Equal.accepts(operand.order(&value)),
            Self::Range([(_, from), (_, to)]) => {
                Comparison::GreaterOrEqual.accepts(from.order(&value))
                    && Comparison::LessOrEqual.accepts(to.order(&value))
            }
        }
    }
}
