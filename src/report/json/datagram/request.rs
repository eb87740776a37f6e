//! The `udp_connection_request` record.

use serde::Serialize;
use stun::ucr::{Name, Request};

use super::{Common, Setting, Texts, anomalies};
use crate::report::json::came_of::{self, ReasonRecord};
use crate::session::Datagram;
use crate::source::FrameId;

/// A UDP Connection Request.
#[derive(Debug, Serialize)]
pub struct UdpConnectionRequestRecord {
    #[serde(flatten)]
    common: Common,
    target: String,
    ts: Option<String>,
    id: Option<String>,
    un: Option<String>,
    cn: Option<String>,
    sig: Option<String>,
    signature_valid: Option<bool>,
    un_valid: Option<bool>,
    copy_of: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    copy_of_frame_file: Option<u32>,
    result: Option<&'static str>,
    reasons: Vec<ReasonRecord>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    lossy: bool,
}

impl UdpConnectionRequestRecord {
    pub(super) fn new(datagram: &Datagram, request: &Request, setting: Setting) -> Self {
        let mut texts = Texts::new(setting);
        let target = texts.target(request.raw(request.target.all));
        let [ts, id, un, cn, sig] =
            Name::ALL.map(|name| request.value(name).map(|value| texts.text(&value)));
        let came_of = datagram.came_of.as_deref();
        let files = setting.files(datagram.copy_of.as_slice());
        Self {
            common: Common::of_datagram(datagram, anomalies(&request.anomalies), setting),
            target,
            ts,
            id,
            un,
            cn,
            sig,
            signature_valid: datagram.verified.signature_valid,
            un_valid: datagram.verified.user_name_valid,
            copy_of: datagram.copy_of.map(FrameId::number),
            copy_of_frame_file: files.and_then(|files| files.first().copied()),
            result: came_of::result(came_of),
            reasons: came_of::reasons(came_of, setting),
            lossy: texts.lossy,
        }
    }
}
