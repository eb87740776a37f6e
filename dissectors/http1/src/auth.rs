//! HTTP authentication, both sides: what asks for credentials, and what gives them. Read, checked, written.
//!
//! [`challenges`] reads a `WWW-Authenticate` or `Proxy-Authenticate` value, [`authorization`] an `Authorization` or
//! `Proxy-Authorization` value: Basic (RFC 7617) and Digest (RFC 2069, 2617, 7616) in parts, other schemes as they stand.
//! [`DigestAuthorization::verify`] computes the response again with a known password, and where it does not fit tries what
//! agents are known to do wrong. [`DigestChallenge::answer`], [`DigestChallengeFields`] and the functions for Basic write.
//! Nothing here keeps nonces, counts their uses or makes random numbers: that is the caller's.

mod algorithm;
mod anomaly;
mod authorization;
mod basic;
mod candidates;
mod challenge;
mod compute;
mod deviation;
mod lexer;
mod parameter;
mod target;
mod verify;
mod write;

pub use algorithm::{Algorithm, Hash};
pub use anomaly::{Anomaly, AnomalyKind, Reading};
pub use authorization::{Authorization, DigestAuthorization, Mismatch, authorization};
pub use basic::{BasicAuthorization, Encoding};
pub use challenge::{BasicChallenge, Challenge, DigestChallenge, challenges};
pub use compute::{Computation, Counted};
pub use deviation::Deviation;
pub use parameter::{Parameter, Scheme};
pub use target::{UriMatch, uri_match};
pub use verify::{Account, Request, Unverifiable, Verdict};
pub use write::{Answer, DigestChallengeFields, Unwritable, basic_authorization, basic_challenge};

/// An enumeration whose kinds have a name for output, lower case with hyphens.
macro_rules! named_kinds {
    ($(#[$type_doc:meta])* $type:ident { $($(#[$doc:meta])* $kind:ident = $name:literal,)* }) => {
        $(#[$type_doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $type {
            $($(#[$doc])* $kind,)*
        }

        impl $type {
            /// Every kind, in the order of their definition.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// The kind for output, lower case with hyphens.
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }
        }
    };
}
use named_kinds;
