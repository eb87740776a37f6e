//! What datagrams prove with a password: MESSAGE-INTEGRITY of STUN, signatures of UDP Connection Requests and lightweight
//! notifications. What need not be of the account that is known is never called wrong.

use stun::{Form, Signature, SignedText, kind, lwn, ucr};

use super::{Credentials, Known, Purpose};
use crate::session::device::device_id;

/// Whether a MESSAGE-INTEGRITY fits the password, and how it was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Integrity {
    /// Whether it fits; `None` where that cannot be told.
    pub valid: Option<bool>,
    /// Of one that fits: the computation.
    pub form: Option<IntegrityForm>,
}

/// The computation of a MESSAGE-INTEGRITY.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IntegrityForm {
    /// Over the text filled up with zeros to a multiple of 64 bytes (RFC 3489 section 11.2.8).
    Rfc3489,
    /// With a length field that ends at MESSAGE-INTEGRITY (RFC 5389 section 15.4).
    Rfc5389,
    /// One that agents use and no document has.
    Other,
}

/// What a UDP Connection Request proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RequestVerdict {
    /// Whether the signature fits the password; `None` where that cannot be told.
    pub signature_valid: Option<bool>,
    /// Of a signature that fits: what it covers.
    pub signed_text: Option<SignedText>,
    /// Whether `un` is the known user name; `None` where none is known.
    pub user_name_valid: Option<bool>,
}

impl IntegrityForm {
    /// As the JSON writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rfc3489 => "rfc3489",
            Self::Rfc5389 => "rfc5389",
            Self::Other => "other",
        }
    }
}

impl Credentials {
    /// Checks MESSAGE-INTEGRITY with STUNPassword; `None` where the message has none.
    ///
    /// Devices also speak STUN for their calls (RFC 8445), with passwords of their own: only what shows that it is of
    /// TR-111, or of the known user, can be wrong.
    #[must_use]
    pub fn integrity(&self, message: &stun::Message, device: Option<&str>) -> Option<Integrity> {
        if !message.has(kind::MESSAGE_INTEGRITY) && !message.has(kind::MESSAGE_INTEGRITY_SHA256) {
            return None;
        }
        let said = message.username();
        let known = self.known(Purpose::Stun, device, said);
        let Some(password) = known.password else {
            return Some(Integrity::default());
        };
        let verdict = message.verify_integrity(&stun::Credentials {
            password,
            username: known.user_name,
            realm: None,
        });
        Some(match verdict {
            stun::Integrity::Match(found) => Integrity {
                valid: Some(true),
                form: Some(match found.computation() {
                    Some(Form::Rfc3489) => IntegrityForm::Rfc3489,
                    Some(Form::Rfc5389) => IntegrityForm::Rfc5389,
                    None => IntegrityForm::Other,
                }),
            },
            stun::Integrity::Mismatch => {
                let named = said.is_some() && said == known.user_name.map(str::as_bytes);
                let wrong = known.certain && (message.is_tr111() || named);
                Integrity {
                    valid: wrong.then_some(false),
                    form: None,
                }
            }
            stun::Integrity::Absent | stun::Integrity::Unverifiable => Integrity::default(),
        })
    }

    /// Checks `sig` with ConnectionRequestPassword and `un` with ConnectionRequestUsername (TR-069 Amendment 3 section
    /// G.2.2.3).
    #[must_use]
    pub fn udp_request(&self, request: &ucr::Request, device: Option<&str>) -> RequestVerdict {
        let said = request.value(ucr::Name::Username);
        let known = self.known(Purpose::ConnectionRequest, device, said.as_deref());
        let signature = known
            .password
            .map(|password| request.verify(password.as_bytes()));
        RequestVerdict {
            signature_valid: signature.and_then(|signature| known.judge(signature)),
            signed_text: signature.and_then(|signature| match signature {
                Signature::Match { text, .. } => Some(text),
                _ => None,
            }),
            user_name_valid: user_name_valid(request, &known),
        }
    }

    /// Checks the `Signature` of a lightweight notification with ManagementServer.Password of the device that it names.
    ///
    /// Only one that fits says something: what annex M of TR-069 Amendment 5 has signed is known here from senders alone.
    #[must_use]
    pub fn notification(&self, told: &lwn::Notification) -> Option<bool> {
        let text =
            |part: &Option<lwn::Text>| part.as_ref().map(|part| part.value.as_str().to_owned());
        let device = text(&told.oui).zip(text(&told.serial_number));
        let device = device.map(|(oui, serial_number)| {
            let product_class = text(&told.product_class).unwrap_or_default();
            device_id(&oui, &product_class, &serial_number)
        });
        let said = told.username.as_ref().map(|user| user.value.as_bytes());
        let known = self.known(Purpose::Acs, device.as_deref(), said);
        let signature = told.verify(known.password?.as_bytes());
        matches!(signature, Signature::Match { .. }).then_some(true)
    }
}

impl Known<'_> {
    fn judge(&self, signature: Signature) -> Option<bool> {
        match signature {
            Signature::Match { .. } => Some(true),
            Signature::Mismatch | Signature::Unreadable => self.certain.then_some(false),
            // Of one that is missing the grammar tells.
            Signature::Absent | Signature::Truncated => None,
        }
    }
}

/// Some servers send the name as it is, so that a `+` is no space.
fn user_name_valid(request: &ucr::Request, known: &Known<'_>) -> Option<bool> {
    let known_name = known.user_name?.as_bytes();
    let parameter = request.parameter(ucr::Name::Username)?;
    if request.is_truncated() && parameter.value.end == request.bytes().len() {
        return None;
    }
    let raw = request.raw(parameter.value);
    let same = raw == known_name
        || [true, false]
            .into_iter()
            .any(|plus| *ucr::percent_decoded(raw, plus) == *known_name);
    (same || known.certain).then_some(same)
}
