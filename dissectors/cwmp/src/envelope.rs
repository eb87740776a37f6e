//! A SOAP envelope: header, body, and the one message in it.
//!
//! Names are matched by their local part, so that undeclared and mis-bound prefixes do no harm;
//! namespaces can be asked for separately.

use crate::anomaly::{Anomalies, Anomaly, AnomalyKind};
use crate::args::{Args, Value, value_of};
use crate::document::Document;
use crate::element::Element;
use crate::fault::Fault;
use crate::inform::Inform;
use crate::namespace::NamespaceId;
use crate::parameters::Parameters;
use crate::rpc::Rpc;
use crate::schema;
use crate::transfer::{TransferComplete, TransferRequest};
use crate::tree::ElementId;
use std::borrow::Cow;

/// Where the parts of one envelope stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope {
    /// The Envelope element.
    pub element: ElementId,
    /// The Header, if there is one.
    pub header: Option<ElementId>,
    /// The Body, if there is one.
    pub body: Option<ElementId>,
    /// The first element of the Body: the message.
    pub message: Option<ElementId>,
    /// What the message is.
    pub kind: Kind,
}

/// What a Body holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A call of a method.
    Request,
    /// The answer of a method, named `...Response`.
    Response,
    /// A SOAP fault.
    Fault,
    /// Nothing.
    Empty,
}

/// The envelopes among the outermost elements, with what is odd about their frame.
pub(crate) fn find_envelopes(
    document: &Document,
    mut found: Vec<Envelope>,
    anomalies: &mut Anomalies,
) -> Vec<Envelope> {
    let mut roots = document.roots().peekable();
    if roots.peek().is_none() {
        anomalies.push(AnomalyKind::NoElement, 0);
    }
    for root in roots {
        if root.is_named("Envelope") {
            found.push(Envelope::find(root, anomalies));
        } else {
            anomalies.push(AnomalyKind::NotAnEnvelope, root.offset());
        }
    }
    found
}

impl Envelope {
    fn find(element: Element<'_>, anomalies: &mut Anomalies) -> Self {
        if element.namespace_id() != NamespaceId::SOAP {
            anomalies.push(AnomalyKind::EnvelopeNamespace, element.offset());
        }
        let body = element.child("Body");
        if body.is_none() {
            anomalies.push(AnomalyKind::MissingBody, element.offset());
        }
        let mut messages = body.iter().flat_map(Element::children);
        let message = messages.next();
        if let Some(second) = messages.next() {
            anomalies.push(AnomalyKind::SeveralMessagesInBody, second.offset());
        }
        Self {
            element: element.id(),
            header: element.child("Header").map(|header| header.id()),
            body: body.map(|body| body.id()),
            message: message.map(|message| message.id()),
            kind: message.map_or(Kind::Empty, |message| Kind::of(message.name())),
        }
    }

    /// The envelope ready to be asked; `document` is the one it came from.
    #[must_use]
    pub fn view<'a>(&'a self, document: &'a Document) -> EnvelopeRef<'a> {
        EnvelopeRef::new(document, self)
    }
}

impl Kind {
    fn of(name: &str) -> Self {
        match name {
            "Fault" => Self::Fault,
            _ if name.len() > RESPONSE.len() && name.ends_with(RESPONSE) => Self::Response,
            _ => Self::Request,
        }
    }
}

/// One envelope of a document.
#[derive(Debug, Clone, Copy)]
pub struct EnvelopeRef<'a> {
    document: &'a Document,
    envelope: &'a Envelope,
}

impl<'a> EnvelopeRef<'a> {
    pub(crate) fn new(document: &'a Document, envelope: &'a Envelope) -> Self {
        Self { document, envelope }
    }

    /// The document it is part of.
    #[must_use]
    pub fn document(&self) -> &'a Document {
        self.document
    }

    /// The Envelope element.
    #[must_use]
    pub fn element(&self) -> Element<'a> {
        self.document.element(self.envelope.element)
    }

    /// The Header element.
    #[must_use]
    pub fn header(&self) -> Option<Element<'a>> {
        self.envelope.header.map(|id| self.document.element(id))
    }

    /// The Body element.
    #[must_use]
    pub fn body(&self) -> Option<Element<'a>> {
        self.envelope.body.map(|id| self.document.element(id))
    }

    /// The first element of the Body.
    #[must_use]
    pub fn message(&self) -> Option<Element<'a>> {
        self.envelope.message.map(|id| self.document.element(id))
    }

    /// What the message is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.envelope.kind
    }

    /// Name of the message's element, such as `InformResponse` or `Fault`; `None` for an empty Body.
    #[must_use]
    pub fn message_name(&self) -> Option<&'a str> {
        self.message().map(|message| message.name())
    }

    /// Name of the method, without `Response`; `None` for a fault and an empty Body.
    #[must_use]
    pub fn method(&self) -> Option<&'a str> {
        let name = self.message_name()?;
        match self.kind() {
            Kind::Request => Some(name),
            Kind::Response => name.strip_suffix(RESPONSE),
            Kind::Fault | Kind::Empty => None,
        }
    }

    /// What the schema says of the message; `None` for vendor methods and faults.
    #[must_use]
    pub fn schema(&self) -> Option<&'static schema::Args> {
        schema::message(self.message_name()?)
    }

    /// The ID header (TR-069 Amendment 3 section 3.4.2, Table 4).
    #[must_use]
    pub fn id(&self) -> Option<Cow<'a, str>> {
        self.header_text("ID")
    }

    /// The HoldRequests header; `None` when absent or no boolean.
    #[must_use]
    pub fn hold_requests(&self) -> Option<bool> {
        boolean(&self.header_text("HoldRequests")?)
    }

    /// The NoMoreRequests header, of TR-069 Issue 1 only; `None` when absent or no boolean.
    #[must_use]
    pub fn no_more_requests(&self) -> Option<bool> {
        boolean(&self.header_text("NoMoreRequests")?)
    }

    /// The SessionTimeout header in seconds, since CWMP 1.3.
    #[must_use]
    pub fn session_timeout(&self) -> Option<u32> {
        self.header_text("SessionTimeout")?.trim().parse().ok()
    }

    /// The SupportedCWMPVersions header, since CWMP 1.4: a list such as `1.0,1.1`.
    #[must_use]
    pub fn supported_versions(&self) -> Option<Cow<'a, str>> {
        self.header_text("SupportedCWMPVersions")
    }

    /// The UseCWMPVersion header, since CWMP 1.4.
    #[must_use]
    pub fn use_version(&self) -> Option<Cow<'a, str>> {
        self.header_text("UseCWMPVersion")
    }

    /// Text of the first header element of this local name.
    #[must_use]
    pub fn header_text(&self, name: &str) -> Option<Cow<'a, str>> {
        Some(self.header()?.child(name)?.text())
    }

    /// Namespace of the Envelope.
    #[must_use]
    pub fn soap_namespace(&self) -> Option<&'a str> {
        self.element().namespace()
    }

    /// The CWMP namespace in use.
    ///
    /// That of the message; else of a header element or of what a fault's detail holds; else the first one declared.
    #[must_use]
    pub fn cwmp_namespace(&self) -> Option<&'a str> {
        let headers = self
            .header()
            .into_iter()
            .flat_map(|header| header.children());
        let fault = self.message().filter(|_| self.kind() == Kind::Fault);
        let detail = fault.into_iter().flat_map(|fault| fault.descendants());
        self.message()
            .into_iter()
            .chain(headers)
            .chain(detail)
            .filter_map(|element| element.namespace())
            .find(|uri| self.may_be_cwmp(uri))
            .or_else(|| self.declared_cwmp_namespace())
    }

    /// It looks like CWMP's, and is not the one that the envelope itself is in.
    fn may_be_cwmp(&self, uri: &str) -> bool {
        is_cwmp(uri) && self.element().namespace() != Some(uri)
    }

    /// The version its namespace names: 1.2 also for 1.3 and 1.4, which kept it.
    #[must_use]
    pub fn version_hint(&self) -> Option<schema::Version> {
        schema::Version::of_namespace(self.cwmp_namespace()?)
    }

    fn declared_cwmp_namespace(&self) -> Option<&'a str> {
        [
            Some(self.element()),
            self.header(),
            self.body(),
            self.message(),
        ]
        .into_iter()
        .flatten()
        .flat_map(|element| element.attributes())
        .filter(crate::Attribute::is_namespace_declaration)
        .filter_map(|attribute| std::str::from_utf8(attribute.raw_value()).ok())
        .find(|uri| self.may_be_cwmp(uri))
    }

    /// The arguments of the message in the order of the text; none for a fault.
    #[must_use]
    pub fn args(&self) -> Args<'a> {
        match self.message() {
            Some(message) if self.kind() != Kind::Fault => {
                Args::of(message, self.schema().map(|schema| schema.fields))
            }
            _ => Args::none(self.element()),
        }
    }

    /// The message as one value: arguments, or the mixed content of some vendor methods.
    #[must_use]
    pub fn value(&self) -> Option<Value<'a>> {
        Some(value_of(self.message()?, self.schema()))
    }

    /// The fault, wherever its parts stand.
    #[must_use]
    pub fn fault(&self) -> Option<Fault> {
        let fault = self.message().filter(|_| self.kind() == Kind::Fault)?;
        Some(Fault::read(fault))
    }

    /// The Inform, if this is one.
    #[must_use]
    pub fn inform(&self) -> Option<Inform<'a>> {
        let message = self
            .message()
            .filter(|message| message.is_named("Inform"))?;
        Some(Inform::new(message))
    }

    /// Names and values of the message's ParameterList, whatever the method.
    #[must_use]
    pub fn parameters(&self) -> Parameters<'a> {
        Parameters::of(self.message())
    }

    /// The request of a Download, Upload, ScheduleDownload or RequestDownload.
    #[must_use]
    pub fn transfer_request(&self) -> Option<TransferRequest<'a>> {
        TransferRequest::of(self.message()?)
    }

    /// What departs from the schema; walks the whole message.
    #[must_use]
    pub fn schema_anomalies(&self) -> Vec<Anomaly> {
        crate::schema_check::check(self)
    }

    /// The envelope as values of their own, ready to be changed and written.
    #[must_use]
    pub fn to_rpc(&self) -> Rpc {
        crate::to_rpc::to_rpc(self)
    }

    /// The report of a TransferComplete or AutonomousTransferComplete.
    #[must_use]
    pub fn transfer_complete(&self) -> Option<TransferComplete<'a>> {
        TransferComplete::of(self.message()?)
    }
}

/// A boolean of XML Schema, blanks around it and any case allowed.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    let text = text.trim();
    if text == "1" || text.eq_ignore_ascii_case("true") {
        return Some(true);
    }
    let no = text == "0" || text.eq_ignore_ascii_case("false");
    no.then_some(false)
}

/// True for a CWMP namespace of any version, also one with a slip behind its stem.
pub(crate) fn is_cwmp(uri: &str) -> bool {
    uri.starts_with("urn:dslforum-org:cwmp")
}

const RESPONSE: &str = "Response";
