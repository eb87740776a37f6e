//! How a device speaks: its version of CWMP and the namespace that it writes, and envelopes of ours in both.
//!
//! SOAP is 1.1 always (TR-069 section 3.4). Every envelope begins with an XML declaration, as those of every ACS recorded do:
//! devices that stumble over one are told by FIELD-007, and hand-written XML goes out as it is.

use cwmp::schema::Version;
use cwmp::{EnvelopeRef, Rpc, RpcArg, RpcBody, RpcValue, Style, TypeName};

use super::order::Wanted;
use crate::replay::template;

/// A device's version of CWMP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tongue {
    version: Version,
    /// As the device writes it: some write `cwmp-1-4`, which CWMP 1.4 itself does not.
    namespace: String,
    /// The version to be named in an InformResponse (TR-069 Amendment 5 section 3.7.1.1): the newest of those that the device
    /// offers.
    used: Option<Version>,
}

impl Tongue {
    /// That of an envelope of the device; CWMP 1.0 where it names none that is known.
    pub(super) fn of(envelope: &EnvelopeRef<'_>) -> Self {
        let offered = envelope.supported_versions();
        let used = offered.and_then(|offered| {
            let known = VERSIONS.into_iter().rev();
            let mut offered_ones = known.filter(|known| {
                let mut names = offered.split(',').take(OFFERED_MAX);
                names.any(|name| name.trim() == known.name())
            });
            offered_ones.next()
        });
        let version = envelope.version_hint();
        let namespace = version.and(envelope.cwmp_namespace());
        let version = version.unwrap_or(Version::V1_0);
        Self {
            version,
            namespace: namespace.unwrap_or(version.namespace()).to_owned(),
            used,
        }
    }

    /// An answer of ours, as bytes.
    pub(super) fn write(&self, mut rpc: Rpc) -> Vec<u8> {
        if rpc.message_name() == Some("InformResponse")
            && let Some(used) = self.used
        {
            rpc.set_header("UseCWMPVersion", true, used.name());
        }
        self.put_into(&mut rpc);
        cwmp::write(&[rpc], &Style::default())
    }

    /// A request of ours, as bytes.
    pub(super) fn request(&self, wanted: &Wanted, id: &str) -> Vec<u8> {
        match wanted {
            Wanted::Call { method, arguments } => {
                self.write(Rpc::call(self.version, id, method, arguments.clone()))
            }
            Wanted::Xml(written) => self.by_hand(written, id),
            Wanted::ConnectionRequest => Vec::new(),
        }
    }

    /// An envelope as it was written but for `{{cwmp.id}}`; what is none is put into one.
    fn by_hand(&self, written: &[u8], id: &str) -> Vec<u8> {
        let hints = cwmp::Hints::default();
        let document = cwmp::parse(written.to_vec(), &hints, &cwmp::Limits::default());
        let is_envelope = document.envelope_refs().next().is_some();
        let filled = template::fill(written, |name| {
            (name == "cwmp.id").then(|| id.as_bytes().to_vec().into())
        });
        let filled = filled.unwrap_or_else(|_| written.to_vec());
        if is_envelope {
            return filled;
        }
        let begin = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soap-env:Envelope xmlns:soap-env=\"{}\" xmlns:soap-enc=\"{}\" \
             xmlns:xsd=\"{}\" xmlns:xsi=\"{}\" xmlns:cwmp=\"{}\"><soap-env:Header><cwmp:ID soap-env:mustUnderstand=\"1\">{id}\
             </cwmp:ID></soap-env:Header><soap-env:Body>",
            cwmp::SOAP,
            cwmp::SOAP_ENCODING,
            cwmp::SCHEMA,
            cwmp::INSTANCE,
            self.namespace,
        );
        let end = b"</soap-env:Body></soap-env:Envelope>";
        [begin.as_bytes(), without_declaration(&filled), end].concat()
    }

    fn put_into(&self, rpc: &mut Rpc) {
        for field in rpc.header.iter_mut().flatten() {
            self.put(&mut field.namespace);
        }
        if let RpcBody::Call(message) = &mut rpc.body {
            self.put(&mut message.namespace);
            self.put_types(message);
        }
        rpc.cwmp_namespace = Some(self.namespace.clone());
    }

    fn put_types(&self, argument: &mut RpcArg) {
        let put = |name: &mut TypeName| self.put(&mut name.namespace);
        argument.xsi_type.iter_mut().for_each(put);
        if let Some(array) = &mut argument.array_type {
            put(&mut array.item);
        }
        if let RpcValue::Struct(members) | RpcValue::Array(members) = &mut argument.value {
            members.iter_mut().for_each(|member| self.put_types(member));
        }
    }

    fn put(&self, namespace: &mut Option<String>) {
        if let Some(namespace) = namespace
            && namespace.starts_with(FAMILY)
        {
            namespace.clone_from(&self.namespace);
        }
    }
}

/// A body has its declaration from the envelope.
fn without_declaration(xml: &[u8]) -> &[u8] {
    let xml = xml
        .strip_prefix(b"\xEF\xBB\xBF")
        .unwrap_or(xml)
        .trim_ascii();
    if !xml.starts_with(b"<?xml") {
        return xml;
    }
    let end = memchr::memmem::find(xml, b"?>").map_or(0, |at| at + 2);
    xml.get(end..).unwrap_or_default().trim_ascii()
}

const FAMILY: &str = "urn:dslforum-org:cwmp-";
const VERSIONS: [Version; 5] = [
    Version::V1_0,
    Version::V1_1,
    Version::V1_2,
    Version::V1_3,
    Version::V1_4,
];
/// Versions of one offer that are looked at.
const OFFERED_MAX: usize = 16;
