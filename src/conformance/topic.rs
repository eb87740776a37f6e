//! A topic: rules that share one look at the traffic. It is shown what happens, and adds what it finds.

use super::{Closed, Exchange, Findings, Seen};
use crate::session::{ConnectionRequest, Datagram, Summary, Transfer};

/// Rules that share one look, with what they have to remember.
///
/// One of a session sees that session alone; one of a device what concerns that device, sessions closing in the order in
/// which they began; one of the capture sees everything. Messages and datagrams come in time order. What is kept is bounded.
pub trait Topic {
    /// An HTTP message.
    fn message(&mut self, _seen: &Seen<'_>, _findings: &mut Findings) {}
    /// A request got its answer; comes behind `message` of the answer.
    fn exchange(&mut self, _exchange: &Exchange<'_>, _findings: &mut Findings) {}
    /// A session closed.
    fn closed(&mut self, _closed: &Closed<'_>, _findings: &mut Findings) {}
    /// A datagram.
    fn datagram(&mut self, _datagram: &Datagram, _findings: &mut Findings) {}
    /// A Connection Request, when it is known what came of it.
    fn connection_request(&mut self, _request: &ConnectionRequest, _findings: &mut Findings) {}
    /// A file transfer ended.
    fn transfer(&mut self, _transfer: &Transfer, _findings: &mut Findings) {}
    /// The capture is over.
    fn finish(&mut self, _summary: &Summary, _findings: &mut Findings) {}
}

/// Declares several topics as one.
macro_rules! topics {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Default)]
        pub struct $name {
            $($field: $type,)*
        }

        impl $crate::conformance::Topic for $name {
            fn message(
                &mut self,
                _seen: &$crate::conformance::Seen<'_>,
                _findings: &mut $crate::conformance::Findings,
            ) {
                $(self.$field.message(_seen, _findings);)*
            }

            fn exchange(
                &mut self,
                _exchange: &$crate::conformance::Exchange<'_>,
                _findings: &mut $crate::conformance::Findings,
            ) {
                $(self.$field.exchange(_exchange, _findings);)*
            }

            fn closed(
                &mut self,
                _closed: &$crate::conformance::Closed<'_>,
                _findings: &mut $crate::conformance::Findings,
            ) {
                $(self.$field.closed(_closed, _findings);)*
            }

            fn datagram(
                &mut self,
                _datagram: &$crate::session::Datagram,
                _findings: &mut $crate::conformance::Findings,
            ) {
                $(self.$field.datagram(_datagram, _findings);)*
            }

            fn connection_request(
                &mut self,
                _request: &$crate::session::ConnectionRequest,
                _findings: &mut $crate::conformance::Findings,
            ) {
                $(self.$field.connection_request(_request, _findings);)*
            }

            fn transfer(
                &mut self,
                _transfer: &$crate::session::Transfer,
                _findings: &mut $crate::conformance::Findings,
            ) {
                $(self.$field.transfer(_transfer, _findings);)*
            }

            fn finish(
                &mut self,
                _summary: &$crate::session::Summary,
                _findings: &mut $crate::conformance::Findings,
            ) {
                $(self.$field.finish(_summary, _findings);)*
            }
        }
    };
}
pub(crate) use topics;
