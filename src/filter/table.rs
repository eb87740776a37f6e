//! Every name that an expression may use, with what has it; documents are made of it.

use super::names::{Discovered, Explained, Field, Found, Holds, Identified, Name, Part};
use super::{RecordKind, RecordKinds};
use crate::session::Severity;

/// The names.
#[rustfmt::skip]
pub const NAMES: &[Name] = &[
    name("record", ALL, Holds::Words(RECORDS), Field::Record, "What the record is"),
    name("protocol", MESSAGES, Holds::Words(PROTOCOLS), Field::Protocol, "The protocol of a message"),
    name("time", MESSAGES.and(FINDING), Holds::Time, Field::Time, "Time of a message's last byte; of a finding when it was first seen"),
    name("frames", FRAMED, Holds::Number, Field::Frames, "Frame numbers, counted from 1 in each file; of a session those of every message"),
    name("frame_files", FRAMED, Holds::Number, Field::FrameFiles, "The files of the frames, counted from 1"),
    name("from", MESSAGES, Holds::Words(SIDES), Field::From, "Who sent it"),
    name("source", MESSAGES, Holds::Text, Field::Source, "Address and port it came from"),
    name("destination", MESSAGES, Holds::Text, Field::Destination, "Address and port it went to"),
    name("session", NUMBERED, Holds::Number, Field::Session, "Number of the session"),
    name("device", ALL, Holds::Text, Field::Device, "Id of the device, percent-encoded"),
    name("device.manufacturer", DESCRIBED, Holds::Text, Field::Manufacturer, "DeviceId.Manufacturer"),
    name("device.oui", ALL, Holds::Text, Field::Oui, "DeviceId.OUI"),
    name("device.product_class", ALL, Holds::Text, Field::ProductClass, "DeviceId.ProductClass"),
    name("device.serial_number", ALL, Holds::Text, Field::SerialNumber, "DeviceId.SerialNumber"),
    name("device.software_version", DESCRIBED, Holds::Text, Field::SoftwareVersion, "DeviceInfo.SoftwareVersion"),
    name("manufacturer", DESCRIBED, Holds::Text, Field::Manufacturer, "Short for device.manufacturer"),
    name("oui", ALL, Holds::Text, Field::Oui, "Short for device.oui; of a lightweight notification also its own"),
    name("product_class", ALL, Holds::Text, Field::ProductClass, "Short for device.product_class; of a lightweight notification also its own"),
    name("serial_number", ALL, Holds::Text, Field::SerialNumber, "Short for device.serial_number; of a lightweight notification also its own"),
    name("software_version", DESCRIBED, Holds::Text, Field::SoftwareVersion, "Short for device.software_version"),
    name("addresses", DEVICE, Holds::Text, Field::Addresses, "Addresses a device was seen at"),
    name("sessions", DEVICE, Holds::Number, Field::Sessions, "How many sessions a device had"),
    name("connection_request_url", DEVICE, Holds::Text, Field::ConnectionRequestUrl, "ConnectionRequestURL as a device reported it last"),
    name("udp_connection_request_address", DEVICE, Holds::Text, Field::UdpConnectionRequestAddress, "UDPConnectionRequestAddress as a device reported it last"),
    name("nat_detected", DEVICE, Holds::Boolean, Field::NatDetected, "NATDetected as a device reported it last"),
    name("start", SESSION, Holds::Time, Field::Start, "Time of a session's first byte"),
    name("duration_ms", SESSION, Holds::Duration, Field::DurationMs, "From a session's first byte to its last"),
    name("cpe", SESSION, Holds::Group, Field::Cpe, "The device side"),
    name("cpe.address", SESSION, Holds::Text, Field::CpeAddress, "Address of the device side"),
    name("cpe.manufacturer", SESSION, Holds::Text, Field::Manufacturer, "DeviceId.Manufacturer"),
    name("cpe.oui", SESSION, Holds::Text, Field::Oui, "DeviceId.OUI"),
    name("cpe.product_class", SESSION, Holds::Text, Field::ProductClass, "DeviceId.ProductClass"),
    name("cpe.serial_number", SESSION, Holds::Text, Field::SerialNumber, "DeviceId.SerialNumber"),
    name("cpe.software_version", SESSION, Holds::Text, Field::SoftwareVersion, "DeviceInfo.SoftwareVersion"),
    name("acs", SESSION, Holds::Group, Field::Acs, "The ACS side"),
    name("acs.address", SESSION, Holds::Text, Field::AcsAddress, "Address of the ACS side"),
    name("acs.port", SESSION, Holds::Number, Field::AcsPort, "Port of the ACS side"),
    name("acs.url", DESCRIBED, Holds::Text, Field::AcsUrl, "The URL posted to; of a device each it posted to"),
    name("transport", SESSION, Holds::Words(TRANSPORTS), Field::Transport, "What carried it"),
    name("namespace", SESSION.and(CWMP), Holds::Text, Field::Namespace, "The CWMP namespace as sent"),
    name("negotiated_version", SESSION, Holds::Text, Field::NegotiatedVersion, "The CWMP version both sides settled on"),
    name("connections", SESSION, Holds::Number, Field::Connections, "How many TCP connections it took"),
    name("events", SESSION, Holds::Text, Field::Events, "EventCodes of the Inform"),
    name("event", SESSION.and(CWMP), Holds::Text, Field::Events, "The same, of an Inform too"),
    name("rpcs", SESSION, Holds::Group, Field::Rpcs, "The RPCs"),
    name("rpcs.method", SESSION, Holds::Text, Field::Rpc, "Method of an RPC"),
    name("rpcs.from", SESSION, Holds::Words(SIDES), Field::RpcFrom, "Who asked"),
    name("rpcs.id", SESSION, Holds::Text, Field::RpcId, "cwmp:ID of the request"),
    name("rpcs.request_frames", SESSION, Holds::Number, Field::RpcRequestFrames, "Frames of the request"),
    name("rpcs.request_frame_files", SESSION, Holds::Number, Field::RpcRequestFrameFiles, "Their files, counted from 1"),
    name("rpcs.response", SESSION, Holds::Text, Field::RpcResponse, "Element name of the answer"),
    name("rpcs.response_frames", SESSION, Holds::Number, Field::RpcResponseFrames, "Frames of the answer"),
    name("rpcs.response_frame_files", SESSION, Holds::Number, Field::RpcResponseFrameFiles, "Their files, counted from 1"),
    name("rpcs.fault_code", SESSION, Holds::Text, Field::FaultCode, "FaultCode of an answer that is a fault"),
    name("rpcs.elapsed_ms", SESSION, Holds::Duration, Field::RpcElapsedMs, "From request to answer"),
    name("outcome", SESSION, Holds::Words(OUTCOMES), Field::Outcome, "How the session ended"),
    name("gaps", SESSION, Holds::Number, Field::Gaps, "Messages that a gap of the capture touches"),
    name("retry_count", SESSION, Holds::Number, Field::RetryCount, "RetryCount of the Inform"),
    name("triggered_by", SESSION, Holds::Group, Field::TriggeredBy, "What set the session off"),
    name("triggered_by.kind", SESSION, Holds::Words(TRIGGERS), Field::TriggerKind, "What it was"),
    name("triggered_by.frames", SESSION, Holds::Number, Field::TriggerFrames, "The frames that show it"),
    name("triggered_by.frame_files", SESSION, Holds::Number, Field::TriggerFrameFiles, "Their files, counted from 1"),
    name("rpc", SESSION.and(CWMP).and(FINDING), Holds::Text, Field::Rpc, "Name of an RPC: rpcs.method of a session, method of a cwmp message; of a finding that concerned"),
    name("fault_code", SESSION.and(CWMP), Holds::Text, Field::FaultCode, "rpcs.fault_code of a session, fault.code of a cwmp message"),
    name("parameter", TELLING, Holds::Text, Field::Parameter, "Path of a parameter that a message (of a session: any of its messages) reads, sets, lists or tells"),
    name("param \"NAME\"", SESSION.and(CWMP), Holds::Text, Field::ParameterNamed, "Value of the parameter NAME that a message (of a session: any of its messages) sets or tells"),
    name("value", TELLING, Holds::Text, Field::Value, "Value of a parameter that a message (of a session: any of its messages) sets or tells"),
    name("anomalies", DECODED, Holds::Group, Field::Anomalies, "What was odd about a message"),
    name("anomalies.kind", DECODED, Holds::Text, Field::AnomalyKind, "Kind of an anomaly"),
    name("anomalies.offset", DECODED, Holds::Number, Field::AnomalyOffset, "Its offset"),
    name("overlaps", HTTP, Holds::Group, Field::Overlaps, "Bytes of a message that came twice and were not the same"),
    name("overlaps.offset", HTTP, Holds::Number, Field::OverlapOffset, "Offset of the first byte that differs"),
    name("overlaps.bytes", HTTP, Holds::Number, Field::OverlapBytes, "Bytes from the first to the last that differs"),
    name("overlaps.frames", HTTP, Holds::Number, Field::OverlapFrames, "The frame that was read, and the other"),
    name("overlaps.frame_files", HTTP, Holds::Number, Field::OverlapFrameFiles, "Their files, counted from 1"),
    name("overlaps.kept", HTTP, Holds::Text, Field::OverlapKept, "What was read"),
    name("overlaps.other", HTTP, Holds::Text, Field::OverlapOther, "What was not read"),
    name("kind", HTTP.and(CWMP), Holds::Words(KINDS), Field::Kind, "Which way a message goes"),
    name("method", HTTP.and(CWMP).and(TRANSFER).and(REQUEST).and(STUN), Holds::Text, Field::Method, "HTTP method, RPC, STUN method, or what carried a transfer"),
    name("target", HTTP.and(REQUEST).and(UDP), Holds::Text, Field::Target, "Target of a request"),
    name("status", HTTP.and(REQUEST), Holds::Number, Field::Status, "Status of a response"),
    name("version", HTTP.and(TLS), Holds::Text, Field::Version, "Protocol version as sent; of TLS the one agreed: `TLS 1.2`"),
    name("headers", HTTP, Holds::Text, Field::Headers, "Header fields, each as `Name: value`"),
    name("headers.NAME", HTTP, Holds::Text, Field::HeaderNamed, "Value of the header field NAME, in any case"),
    name("body_bytes", HTTP, Holds::Number, Field::BodyBytes, "Bytes of the body on the wire"),
    name("body_complete", HTTP, Holds::Boolean, Field::BodyComplete, "Head and body are whole"),
    name("connection", HTTP.and(REQUEST), Holds::Number, Field::Connection, "The TCP connection, counted from 1"),
    name("role", HTTP.and(REQUEST), Holds::Words(ROLES), Field::Role, "What an HTTP message is for"),
    name("authorization", HTTP, Holds::Group, Field::Authorization, "An Authorization header"),
    name("authorization.scheme", HTTP, Holds::Words(SCHEMES), Field::AuthorizationScheme, "Its scheme"),
    name("authorization.user_name", HTTP, Holds::Text, Field::AuthorizationUser, "The user name in it"),
    name("authorization.valid", HTTP, Holds::Boolean, Field::AuthorizationValid, "It fits the known user name and password (`--credentials`)"),
    name("lossy", HTTP.and(CWMP).and(DATAGRAMS), Holds::Boolean, Field::Lossy, "Text of it holds bytes that no text can hold"),
    name("message", CWMP.and(FINDING), Holds::Text, Field::Message, "Name of the body's element; of a finding its text"),
    name("id", CWMP.and(UDP), Holds::Text, Field::Id, "cwmp:ID; of a UDP Connection Request its id"),
    name("hold_requests", CWMP, Holds::Boolean, Field::HoldRequests, "HoldRequests of the header"),
    name("no_more_requests", CWMP, Holds::Boolean, Field::NoMoreRequests, "NoMoreRequests of the header"),
    name("args", CWMP, Holds::Group, Field::Args, "The arguments"),
    name("args.PATH", CWMP, Holds::Text, Field::ArgAtPath, "The argument at PATH, names joined by dots: args.Event.EventStruct.EventCode"),
    name("args.name", CWMP, Holds::Text, Field::ArgName, "Name of an argument, member or item at any depth"),
    name("args.value", CWMP, Holds::Text, Field::ArgValue, "Value of an argument, member or item at any depth"),
    name("args.xsi_type", CWMP, Holds::Text, Field::ArgXsiType, "xsi:type of an argument, member or item at any depth"),
    name("args.lossy", CWMP, Holds::Boolean, Field::ArgLossy, "A value holds bytes that no text can hold"),
    name("xml", CWMP, Holds::Text, Field::Xml, "The element of a vendor's RPC"),
    name("fault", CWMP, Holds::Group, Field::Fault, "A SOAP fault"),
    name("fault.soap_code", CWMP, Holds::Text, Field::FaultSoapCode, "faultcode"),
    name("fault.soap_string", CWMP, Holds::Text, Field::FaultSoapString, "faultstring"),
    name("fault.code", CWMP, Holds::Text, Field::FaultCode, "FaultCode"),
    name("fault.string", CWMP, Holds::Text, Field::FaultString, "FaultString"),
    name("fault.parameters", CWMP, Holds::Group, Field::FaultParameters, "SetParameterValuesFault"),
    name("fault.parameters.name", CWMP, Holds::Text, Field::FaultParameterName, "Its ParameterName"),
    name("fault.parameters.code", CWMP, Holds::Text, Field::FaultParameterCode, "Its FaultCode"),
    name("fault.parameters.string", CWMP, Holds::Text, Field::FaultParameterString, "Its FaultString"),
    name("direction", TRANSFER, Holds::Words(DIRECTIONS), Field::Direction, "Which way a file went, seen from the device"),
    name("name", TRANSFER.and(FINDING), Holds::Text, Field::TransferName, "Target of a transfer; of a finding its name"),
    name("bytes", TRANSFER, Holds::Number, Field::Bytes, "Bytes of the file that went over the wire"),
    name("missing_bytes", TRANSFER, Holds::Number, Field::MissingBytes, "Of these, bytes that the capture lacks"),
    name("announced_bytes", TRANSFER, Holds::Number, Field::AnnouncedBytes, "Size of the file as the side that has it told"),
    name("result", TRANSFER.and(WAKING), Holds::Words(RESULTS), Field::Result, "What came of a transfer, or of the Connection Request that a message is part of"),
    name("reasons", WAKING, Holds::Words(REASONS), Field::Reasons(Explained::Name), "What explains the result of a Connection Request"),
    name("reasons.name", WAKING, Holds::Words(REASONS), Field::Reasons(Explained::Name), "The same"),
    name("reasons.expected", WAKING, Holds::Text, Field::Reasons(Explained::Expected), "Where it should have gone, or should have come from"),
    name("reasons.reported", WAKING, Holds::Text, Field::Reasons(Explained::Reported), "The ConnectionRequestURL that the device had reported"),
    name("reasons.previous", WAKING, Holds::Text, Field::Reasons(Explained::Previous), "The greatest ts before"),
    name("reasons.silence_ms", WAKING, Holds::Duration, Field::Reasons(Explained::SilenceMs), "From the last keep-alive of the binding to the request"),
    name("reasons.anomalies", WAKING, Holds::Text, Field::Reasons(Explained::Anomalies), "What bends its form"),
    name("reasons.session", WAKING, Holds::Number, Field::Reasons(Explained::Session), "The session that the device was in, or that came for something else"),
    name("reasons.says", WAKING, Holds::Text, Field::Reasons(Explained::Says), "What ICMP says"),
    name("reasons.by", WAKING, Holds::Text, Field::Reasons(Explained::By), "Who says so"),
    name("reasons.status", WAKING, Holds::Number, Field::Reasons(Explained::Status), "The HTTP status that explains it"),
    name("reasons.after_ms", WAKING, Holds::Duration, Field::Reasons(Explained::AfterMs), "From the request to the end of the capture"),
    name("caused_by", TRANSFER, Holds::Group, Field::CausedBy, "The RPC that asked for a transfer"),
    name("caused_by.session", TRANSFER, Holds::Number, Field::CauseSession, "Its session"),
    name("caused_by.command_key", TRANSFER, Holds::Text, Field::CauseCommandKey, "Its CommandKey"),
    name("findings", SESSION, Holds::Group, Field::Findings(None), "Findings by severity (`--check`)"),
    name("findings.error", SESSION, Holds::Number, Field::Findings(Some(Severity::Error)), "Errors of a session"),
    name("findings.warning", SESSION, Holds::Number, Field::Findings(Some(Severity::Warning)), "Warnings of a session"),
    name("findings.info", SESSION, Holds::Number, Field::Findings(Some(Severity::Info)), "Remarks on a session"),
    name("finding", CHECKED, Holds::Group, Field::Concerning(Found::Any), "A finding that concerns the record"),
    name("finding.code", CHECKED, Holds::Text, Field::Concerning(Found::Code), "Code of such a finding"),
    name("finding.name", CHECKED, Holds::Text, Field::Concerning(Found::Name), "Its name"),
    name("finding.severity", CHECKED, Holds::Scale(SEVERITIES), Field::Concerning(Found::Severity), "Its severity"),
    name("finding.obligation", CHECKED, Holds::Words(OBLIGATIONS), Field::Concerning(Found::Obligation), "What the specification says: must, should, may"),
    name("finding.blame", CHECKED, Holds::Words(BLAMED), Field::Concerning(Found::Blame), "Who broke it"),
    name("finding.message", CHECKED, Holds::Text, Field::Concerning(Found::Message), "Its text"),
    name("finding.evidence", CHECKED, Holds::Words(EVIDENCE), Field::Concerning(Found::Evidence), "Whether the capture holds all of what it rests on"),
    name("code", FINDING.and(TRANSFER), Holds::Text, Field::TransferCode, "Code of the rule; of a transfer HTTP status, FTP reply or TFTP error"),
    name("severity", FINDING, Holds::Scale(SEVERITIES), Field::Finding(Found::Severity), "How bad it is"),
    name("obligation", FINDING, Holds::Words(OBLIGATIONS), Field::Finding(Found::Obligation), "What the specification says: must, should, may"),
    name("blame", FINDING, Holds::Words(BLAMED), Field::Finding(Found::Blame), "Who broke it"),
    name("path", FINDING, Holds::Text, Field::Finding(Found::Path), "The parameter or object, with `{i}` for instance numbers"),
    name("position", FINDING, Holds::Group, Field::Finding(Found::Position), "Where in the message"),
    name("position.part", FINDING, Holds::Words(PARTS), Field::Finding(Found::PositionPart), "Which part of it"),
    name("position.line", FINDING, Holds::Number, Field::Finding(Found::Line), "Line, from 1"),
    name("position.column", FINDING, Holds::Number, Field::Finding(Found::Column), "Column, from 1"),
    name("position.offset", FINDING, Holds::Number, Field::Finding(Found::Offset), "Bytes from the start"),
    name("count", FINDING, Holds::Number, Field::Finding(Found::Count), "How often it was found"),
    name("occurrences", FINDING, Holds::Group, Field::Finding(Found::Occurrences), "Where it was found"),
    name("occurrences.session", FINDING, Holds::Number, Field::Finding(Found::OccurrenceSession), "The session"),
    name("occurrences.time", FINDING, Holds::Time, Field::Finding(Found::OccurrenceTime), "When"),
    name("occurrences.frames", FINDING, Holds::Number, Field::Finding(Found::OccurrenceFrames), "The frames"),
    name("occurrences.frame_files", FINDING, Holds::Number, Field::Finding(Found::OccurrenceFrameFiles), "Their files, counted from 1"),
    name("occurrences_omitted", FINDING, Holds::Number, Field::Finding(Found::OccurrencesOmitted), "Occurrences that are counted and not listed"),
    name("evidence", FINDING, Holds::Words(EVIDENCE), Field::Finding(Found::Evidence), "Whether the capture holds all of what it rests on"),
    name("cites", FINDING, Holds::Group, Field::Finding(Found::Cites), "What the specification says"),
    name("cites.document", FINDING, Holds::Text, Field::Finding(Found::CiteDocument), "The document"),
    name("cites.section", FINDING, Holds::Text, Field::Finding(Found::CiteSection), "The section"),
    name("foretold_by", FINDING, Holds::Text, Field::Finding(Found::ForetoldBy), "The device's own document that announces it"),
    name("setting", FINDING, Holds::Text, Field::Finding(Found::Setting), "The setting of the device that would mend it"),
    name("wireshark", FINDING, Holds::Text, Field::Finding(Found::Wireshark), "A filter for Wireshark that shows it"),
    name("class", STUN, Holds::Words(STUN_CLASSES), Field::StunClass, "Class of a STUN message"),
    name("transaction_id", STUN, Holds::Text, Field::TransactionId, "Its transaction id in hexadecimal digits, without the cookie"),
    name("form", STUN, Holds::Words(STUN_FORMS), Field::StunForm, "The specification it follows"),
    name("attributes", STUN, Holds::Group, Field::Attributes, "Its attributes"),
    name("attributes.type", STUN, Holds::Text, Field::AttributeType, "Number of an attribute: `0xc001`"),
    name("attributes.name", STUN, Holds::Text, Field::AttributeName, "Its name"),
    name("attributes.value", STUN, Holds::Text, Field::AttributeValue, "Its value"),
    name("mapped_address", STUN, Holds::Text, Field::MappedAddress, "The address that the server saw"),
    name("integrity", STUN, Holds::Group, Field::Integrity, "MESSAGE-INTEGRITY"),
    name("integrity.present", STUN, Holds::Boolean, Field::IntegrityPresent, "It is there"),
    name("integrity.valid", STUN, Holds::Boolean, Field::IntegrityValid, "It fits the password (`--credentials`)"),
    name("integrity.form", STUN, Holds::Words(INTEGRITY_FORMS), Field::IntegrityForm, "Of one that fits: how it was computed"),
    name("ts", UDP.and(LWN), Holds::Text, Field::Timestamp, "ts of a UDP Connection Request, TS of a lightweight notification"),
    name("un", UDP.and(LWN), Holds::Text, Field::Username, "Its user name"),
    name("cn", UDP.and(LWN), Holds::Text, Field::Cnonce, "Its random text"),
    name("sig", UDP.and(LWN), Holds::Text, Field::Signature, "Its signature"),
    name("signature_valid", UDP.and(LWN), Holds::Boolean, Field::SignatureValid, "The signature fits the password (`--credentials`)"),
    name("un_valid", UDP, Holds::Boolean, Field::UsernameValid, "The user name is the known one (`--credentials`)"),
    name("copy_of", UDP, Holds::Number, Field::CopyOf, "The first frame of the UDP Connection Request that it repeats"),
    name("copy_of_frame_file", UDP, Holds::Number, Field::CopyOfFrameFile, "The file of that frame, counted from 1"),
    name("parameters", LWN, Holds::Group, Field::Parameters, "The parameters of a lightweight notification"),
    name("parameters.name", LWN, Holds::Text, Field::ParameterName, "Path of one"),
    name("parameters.value", LWN, Holds::Text, Field::ParameterValue, "Its value"),
    name("parameters.xsi_type", LWN, Holds::Text, Field::ParameterXsiType, "Its xsi:type"),
    name("type", DHCP, Holds::Text, Field::DhcpType, "Type of a DHCP message: `discover`, `solicit`"),
    name("client", DHCP, Holds::Text, Field::Client, "The client: its hardware address, in DHCPv6 its DUID"),
    name("option_125", DHCP, Holds::Group, Field::Option125, "The Broadband Forum's part of option 125, in DHCPv6 of option 17"),
    name("option_125.enterprise", DHCP, Holds::Number, Field::Enterprise, "The enterprise number"),
    name("option_125.device", DHCP, Holds::Group, Field::Option125Part(Part::Device(Identified::Any)), "The device's identity"),
    name("option_125.device.oui", DHCP, Holds::Text, Field::Option125Part(Part::Device(Identified::Oui)), "Its OUI"),
    name("option_125.device.serial_number", DHCP, Holds::Text, Field::Option125Part(Part::Device(Identified::SerialNumber)), "Its serial number"),
    name("option_125.device.product_class", DHCP, Holds::Text, Field::Option125Part(Part::Device(Identified::ProductClass)), "Its product class"),
    name("option_125.gateway", DHCP, Holds::Group, Field::Option125Part(Part::Gateway(Identified::Any)), "The gateway's identity"),
    name("option_125.gateway.oui", DHCP, Holds::Text, Field::Option125Part(Part::Gateway(Identified::Oui)), "Its OUI"),
    name("option_125.gateway.serial_number", DHCP, Holds::Text, Field::Option125Part(Part::Gateway(Identified::SerialNumber)), "Its serial number"),
    name("option_125.gateway.product_class", DHCP, Holds::Text, Field::Option125Part(Part::Gateway(Identified::ProductClass)), "Its product class"),
    name("option_125.discovery", DHCP, Holds::Group, Field::Option125Part(Part::Discovery(Discovered::Any)), "Where the ACS is"),
    name("option_125.discovery.acs_url", DHCP, Holds::Text, Field::Option125Part(Part::Discovery(Discovered::AcsUrl)), "URL of the ACS"),
    name("option_125.discovery.provisioning_code", DHCP, Holds::Text, Field::Option125Part(Part::Discovery(Discovered::ProvisioningCode)), "ProvisioningCode"),
    name("option_125.discovery.retry_minimum_wait_interval", DHCP, Holds::Text, Field::Option125Part(Part::Discovery(Discovered::RetryMinimumWaitInterval)), "CWMPRetryMinimumWaitInterval"),
    name("option_125.discovery.retry_interval_multiplier", DHCP, Holds::Text, Field::Option125Part(Part::Discovery(Discovered::RetryIntervalMultiplier)), "CWMPRetryIntervalMultiplier"),
    name("option_43", DHCP, Holds::Group, Field::Option43, "Option 43"),
    name("option_43.form", DHCP, Holds::Words(OPTION_43_FORMS), Field::Option43Form, "How it is written"),
    name("option_43.acs_url", DHCP, Holds::Text, Field::Option43Discovery(Discovered::AcsUrl), "URL of the ACS"),
    name("option_43.provisioning_code", DHCP, Holds::Text, Field::Option43Discovery(Discovered::ProvisioningCode), "ProvisioningCode"),
    name("option_43.retry_minimum_wait_interval", DHCP, Holds::Text, Field::Option43Discovery(Discovered::RetryMinimumWaitInterval), "CWMPRetryMinimumWaitInterval"),
    name("option_43.retry_interval_multiplier", DHCP, Holds::Text, Field::Option43Discovery(Discovered::RetryIntervalMultiplier), "CWMPRetryIntervalMultiplier"),
    name("option_43.raw", DHCP, Holds::Text, Field::Option43Raw, "All of it in hexadecimal digits"),
    name("vendor_class", DHCP, Holds::Text, Field::VendorClass, "Vendor class"),
    name("cipher_suite", TLS, Holds::Text, Field::CipherSuite, "The cipher suite"),
    name("server_name", TLS, Holds::Text, Field::ServerName, "The server's name as asked for"),
    name("decrypted", TLS, Holds::Boolean, Field::Decrypted, "Its data could be read"),
    name("reason", TLS.and(TRANSFER), Holds::Text, Field::TransferReason, "Why TLS was not decrypted, in a word: `no-secret`; of a transfer the words of the reply"),
];

const fn name(
    name: &'static str,
    kinds: RecordKinds,
    holds: Holds,
    field: Field,
    meaning: &'static str,
) -> Name {
    Name {
        name,
        kinds,
        holds,
        meaning,
        field,
    }
}

const SESSION: RecordKinds = RecordKinds::of(RecordKind::Session);
const HTTP: RecordKinds = RecordKinds::of(RecordKind::Http);
const CWMP: RecordKinds = RecordKinds::of(RecordKind::Cwmp);
const TRANSFER: RecordKinds = RecordKinds::of(RecordKind::Transfer);
const REQUEST: RecordKinds = RecordKinds::of(RecordKind::ConnectionRequest);
const DEVICE: RecordKinds = RecordKinds::of(RecordKind::Device);
const STUN: RecordKinds = RecordKinds::of(RecordKind::Stun);
const UDP: RecordKinds = RecordKinds::of(RecordKind::UdpConnectionRequest);
const LWN: RecordKinds = RecordKinds::of(RecordKind::LightweightNotification);
const DHCP: RecordKinds = RecordKinds::of(RecordKind::Dhcp);
const TLS: RecordKinds = RecordKinds::of(RecordKind::Tls);
const FINDING: RecordKinds = RecordKinds::of(RecordKind::Finding);

/// What is part of a Connection Request.
const WAKING: RecordKinds = HTTP.and(UDP).and(REQUEST);
/// Messages that a dissector read.
const DECODED: RecordKinds = HTTP.and(CWMP).and(DATAGRAMS).and(TLS);
const DATAGRAMS: RecordKinds = STUN.and(UDP).and(LWN).and(DHCP);
/// What tells parameters, or holds what does.
const TELLING: RecordKinds = SESSION.and(CWMP).and(LWN);
const MESSAGES: RecordKinds = DECODED.and(TRANSFER).and(REQUEST);
/// What frames carried.
const FRAMED: RecordKinds = MESSAGES.and(SESSION).and(FINDING);
/// What belongs to a session, or is one.
const NUMBERED: RecordKinds = FRAMED;
/// What a finding may concern.
const CHECKED: RecordKinds = SESSION.and(FINDING);
/// What holds the whole of an Inform's device identity.
const DESCRIBED: RecordKinds = SESSION.and(DEVICE);
const ALL: RecordKinds = FRAMED.and(DEVICE);

const RECORDS: &[&str] = &[
    "session",
    "message",
    "finding",
    "device",
    "statistics",
    "replay_step",
    "difference",
];
const PROTOCOLS: &[&str] = &[
    "http",
    "cwmp",
    "transfer",
    "stun",
    "udp_connection_request",
    "lightweight_notification",
    "dhcp",
    "tls",
];
const SIDES: &[&str] = &["cpe", "acs", "other"];
const TRANSPORTS: &[&str] = &["http", "https"];
const OUTCOMES: &[&str] = &["complete", "faulted", "rejected", "aborted", "incomplete"];
const TRIGGERS: &[&str] = &[
    "http_connection_request",
    "udp_connection_request",
    "boot",
    "periodic",
    "value_change",
    "transfer_complete",
    "scheduled",
    "diagnostics",
    "bootstrap",
];
const KINDS: &[&str] = &["request", "response", "fault"];
const ROLES: &[&str] = &["cwmp", "connection_request", "transfer", "other"];
const DIRECTIONS: &[&str] = &["download", "upload"];
const RESULTS: &[&str] = &[
    "complete",
    "failed",
    "cut",
    "unanswered",
    "session",
    "no_session",
    "refused",
    "busy",
    "ignored",
    "never_arrived",
    "undetermined",
];
const REASONS: &[&str] = &[
    "wrong_url",
    "wrong_address",
    "wrong_source",
    "binding_expired",
    "stale_timestamp",
    "repeated_id",
    "bad_signature",
    "wrong_user",
    "bad_credentials",
    "challenge_unanswered",
    "credentials_refused",
    "bent_form",
    "in_session",
    "reset",
    "unreachable",
    "no_answer",
    "status",
    "other_event",
    "capture_ends",
    "gap",
];
/// Ascending.
const SEVERITIES: &[&str] = &["info", "warning", "error"];
const OBLIGATIONS: &[&str] = &["must", "should", "may", "heuristic"];
const BLAMED: &[&str] = &[
    "cpe",
    "acs",
    "gateway",
    "stun_server",
    "dhcp_server",
    "undetermined",
];
const EVIDENCE: &[&str] = &["complete", "gap", "truncated"];
const PARTS: &[&str] = &["head", "body", "datagram"];
const STUN_CLASSES: &[&str] = &["request", "indication", "response", "error_response"];
const OPTION_43_FORMS: &[&str] = &["sub_options", "url", "bars", "opaque"];
const STUN_FORMS: &[&str] = &["rfc3489", "rfc5389"];
const INTEGRITY_FORMS: &[&str] = &["rfc3489", "rfc5389", "other"];
const SCHEMES: &[&str] = &["basic", "digest", "other"];
