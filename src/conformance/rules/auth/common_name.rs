//! The common name of a client certificate (TR-069 Amendment 3 section 3.3).

use super::over_tls::common_name;
use super::user_name::{Fields, behind_oui, fields};
use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Findings, Rule, Scope, Seen, Topic};
use crate::session::Side;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&FORMAT];

/// It is the user name.
const FORMAT: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.3"), a3("3.4.4")],
    demands: "A client certificate of one device alone has its user name, OUI-ProductClass-SerialNumber or OUI-SerialNumber, as common \
              name: with the fields of DeviceId, percent-encoded.",
    why: "The ACS compares the common name with the Inform to see that the device speaks for itself. With a hyphen that is not encoded, \
          or the number of another device, the two do not fit, and the session is refused although TLS came about.",
    mend_cpe: "Issue the certificate for OUI-ProductClass-SerialNumber, with a hyphen in ProductClass or SerialNumber as %2D.",
    bad: "ProductClass Set-Top-Box, SerialNumber 1\nclient certificate: CN=012345-Set-Top-Box-1",
    good: "ProductClass Set-Top-Box, SerialNumber 1\nclient certificate: CN=012345-Set%2DTop%2DBox-1",
    related: &["AUTH-015", "AUTH-016", "AUTH-022"],
    wireshark: "tls.handshake.type == 11 && x509sat.uTF8String",
    ..Rule::must("AUTH-023", "certificate-names-device", Scope::Session)
};

/// Whether the name of a session has been looked at.
#[derive(Debug, Default)]
pub(super) struct CommonName {
    done: bool,
}

impl Topic for CommonName {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if self.done || !seen.is_cwmp() || seen.from() != Side::Cpe || !seen.is_request() {
            return;
        }
        let (Some(inform), true) = (seen.inform(), seen.is_whole()) else {
            return;
        };
        self.done = true;
        let tls = seen.message.provenance.tls.as_deref();
        let own = tls.filter(|tls| tls.client == seen.message.provenance.source);
        let name = own.and_then(|_| common_name(seen.message));
        let Some(name) = name.filter(|_| !seen.is_issue_1() && !seen.is_forwarded()) else {
            return;
        };
        let id = inform.device_id();
        let (oui, class, serial) = (
            id.oui.trim(),
            id.product_class.trim(),
            id.serial_number.trim(),
        );
        // Any other name is that of a certificate that many devices have.
        let Some(rest) = behind_oui(name, oui).filter(|_| !serial.is_empty()) else {
            return;
        };
        let why = match fields(rest, class, serial) {
            Fields::Fit => return,
            Fields::Count(why) => why.replace("the user name", "it"),
            Fields::Raw => "not all that has to be is percent-encoded".to_owned(),
            Fields::Other => format!("the device is {oui}-{class}-{serial}"),
        };
        let frames = tls.and_then(|tls| tls.client_chain_frame);
        let said = format!("the client certificate is for {name}, and {why}");
        let draft = seen.breaks(&FORMAT).shown_in(frames.as_slice());
        findings.add(draft.because(said));
    }
}
