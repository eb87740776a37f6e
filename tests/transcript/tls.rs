//! Blocks about TLS: what follows on their connection was said inside, on another it was not.

use informant::session::{TlsConnection, Transport};

use crate::support::Analysis;
use crate::{HIDDEN, messages, read, written};

const INSIDE: &str = "# informant transcript 1
# started 2026-03-02T08:00:00.000Z

>> 10.0.0.2:40112 > 10.0.0.1:7548 @0.000 tls
version: TLS 1.2
suite: TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
offers: TLS 1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_RSA_\\
WITH_AES_128_CBC_SHA
server_name: acs.example.com
certificate: CN=acs.example.com, O=An\\x20Example
issuer: CN=Example CA
names: acs.example.com, 10.0.0.1
valid: 2026-01-01T00:00:00Z 2027-01-01T00:00:00Z
key: RSA 2048
signature: sha256WithRSAEncryption
certificate: CN=Example CA
client_certificate: none

>> 10.0.0.2:40112 > 10.0.0.1:7548 @0.010
POST /acs HTTP/1.1
Host: acs.example.com
Content-Type: text/xml
SOAPAction: \"\"
Content-Length: auto

<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:cwmp=\"urn:dslforum-org:cwmp-1-0\"><soap:Body><cwmp:Inform><DeviceId><OUI>001122</OUI><ProductClass>Phone</ProductClass><SerialNumber>1</SerialNumber></DeviceId><Event><EventStruct><EventCode>1 BOOT</EventCode><CommandKey/></EventStruct></Event></cwmp:Inform></soap:Body></soap:Envelope>

<< 10.0.0.1:7548 > 10.0.0.2:40112 @0.020
HTTP/1.1 503 Service Unavailable
Content-Length: 0

>> 10.0.0.2:40112 > 10.0.0.1:7548 @0.030 fin
<< 10.0.0.1:7548 > 10.0.0.2:40112 @0.030 fin
";

/// What was told of the TLS of the only session, but for frames.
fn told(analysis: &Analysis) -> TlsConnection {
    assert_eq!(analysis.problems, [""; 0]);
    let [session] = analysis.sessions.as_slice() else {
        panic!("{} sessions", analysis.sessions.len());
    };
    assert_eq!(session.transport, Transport::Https);
    let url = session.acs.url.as_deref();
    assert_eq!(url, Some("https://acs.example.com/acs"));
    let all = messages(analysis, session);
    let tls = all.iter().map(|message| &message.provenance.tls);
    let tls: Vec<_> = tls.map(|tls| tls.as_deref().expect("TLS")).collect();
    assert_eq!(tls.len(), 2);
    tls[0].clone()
}

#[test]
fn what_follows_is_said_inside() {
    let told = told(&read(INSIDE));
    assert_eq!(told.client.port(), 40112);
    assert_eq!(told.version, Some(tls::Version::TLS12));
    assert_eq!(told.suite, Some(tls::Suite(0xc02f)));
    let offer = told.offer.expect("an offer");
    assert_eq!(offer.suites, [tls::Suite(0xc02f), tls::Suite(0x002f)]);
    let [own, issuer] = told.server_chain.as_slice() else {
        panic!("{:?}", told.server_chain);
    };
    assert_eq!(own.common_names, ["acs.example.com"]);
    assert_eq!(own.subject, "CN=acs.example.com, O=An Example");
    assert_eq!(own.not_before_s, 1_767_225_600);
    assert_eq!((own.key_kind.as_str(), own.key_bits), ("RSA", Some(2048)));
    assert!(issuer.certifies(own) && issuer.is_self_signed && !own.is_self_signed);
    assert_eq!(told.client_chain, Some(Vec::new()));
    assert!(told.complete && told.decrypted && !told.resumed);
}

#[test]
fn what_is_written_is_read_again() {
    let analysis = read(INSIDE);
    let again = read(&written(&analysis, &analysis.sessions[0], HIDDEN));
    let [one, other] = [told(&analysis), told(&again)].map(|told| TlsConnection {
        offer_frame: None,
        answer_frame: None,
        server_chain_frame: None,
        client_chain_frame: None,
        ..told
    });
    assert_eq!(format!("{one:?}"), format!("{other:?}"));
}

#[test]
fn the_next_connection_is_another() {
    let first = INSIDE.find(">> 10.0.0.2:40112 > 10.0.0.1:7548 @0.010");
    let again = &INSIDE[first.expect("a request")..];
    let later = again.replace("@0.0", "@70.0");
    let analysis = read(&format!("{INSIDE}\n{later}"));
    assert_eq!(analysis.problems, [""; 0]);
    let transports: Vec<Transport> = analysis.sessions.iter().map(|one| one.transport).collect();
    assert_eq!(transports, [Transport::Https, Transport::Http]);
}
