//! Values of a UDP Connection Request.

use stun::ucr::{Name, Request};

use super::came_of::of_came_of;
use super::datagram::of_datagram;
use super::value::{Ask, Record};
use crate::filter::RecordKind;
use crate::filter::names::{Field, Used};
use crate::session::Datagram;

/// A UDP Connection Request, read.
pub(in crate::filter) struct RequestRecord<'a> {
    pub datagram: &'a Datagram,
    pub request: Request,
}

impl Record for RequestRecord<'_> {
    const KIND: RecordKind = RecordKind::UdpConnectionRequest;

    fn any(&self, name: &Used, ask: &mut Ask<'_>) -> bool {
        let (datagram, request) = (self.datagram, &self.request);
        let verified = &datagram.verified;
        let mut parameter = |name| request.value(name).is_some_and(|value| ask.bytes(&value));
        match name.name.field {
            Field::Timestamp => parameter(Name::Timestamp),
            Field::Id => parameter(Name::Id),
            Field::Username => parameter(Name::Username),
            Field::Cnonce => parameter(Name::Cnonce),
            Field::Signature => parameter(Name::Signature),
            Field::SignatureValid => verified
                .signature_valid
                .is_some_and(|valid| ask.boolean(valid)),
            Field::UsernameValid => verified
                .user_name_valid
                .is_some_and(|valid| ask.boolean(valid)),
            Field::Target => ask.bytes(request.raw(request.target.all)),
            Field::CopyOf => ask.frames(datagram.copy_of),
            Field::CopyOfFrameFile => ask.frame_files(datagram.copy_of),
            Field::Lossy => is_lossy(request) && ask.boolean(true),
            Field::Anomalies => ask.group(!request.anomalies.is_empty()),
            Field::AnomalyKind => {
                let mut odd = request.anomalies.iter();
                odd.any(|odd| ask.text(odd.kind.name()))
            }
            Field::AnomalyOffset => request.anomalies.iter().any(|odd| ask.count(odd.offset)),
            field @ (Field::Result | Field::Reasons(_)) => {
                of_came_of(datagram.came_of.as_deref(), field, ask)
            }
            field => of_datagram(datagram, field, ask),
        }
    }
}

fn is_lossy(request: &Request) -> bool {
    let is_no_text = |bytes: &[u8]| std::str::from_utf8(bytes).is_err();
    let mut values = Name::ALL.iter().filter_map(|name| request.value(*name));
    is_no_text(request.raw(request.target.all)) || values.any(|value| is_no_text(&value))
}
