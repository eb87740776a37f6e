//! What servers and phones really say, and what does no harm.

use super::{class, classify, envelope};
use crate::replay::scenario::Class;

fn typed(kind: &str, body: &str) -> Class {
    let length = body.len();
    let message = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    classify(message.as_bytes()).class
}

#[test]
fn labels_that_read_the_same_bytes_alike_are_no_conflict() {
    let plain = envelope("", "<cwmp:GetRPCMethods/>");
    for (charset, declared) in [
        ("us-ascii", "UTF-8"),
        ("utf-8", "US-ASCII"),
        ("utf-8", "ascii"),
        ("iso-8859-1", "utf-8"),
        ("gb2312", "gb2312"),
        ("Shift_JIS", "utf-8"),
        ("utf-8", "utf-16"),
    ] {
        let body = format!("<?xml version=\"1.0\" encoding=\"{declared}\"?>{plain}");
        let kind = format!("text/xml; charset={charset}");
        assert_eq!(typed(&kind, &body), Class::Read, "{charset} {declared}");
    }
    let umlaut = envelope(
        "",
        "<cwmp:GetRPCMethods><!-- \u{fc} --></cwmp:GetRPCMethods>",
    );
    let body = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>{umlaut}");
    assert_eq!(typed("text/xml; charset=iso-8859-1", &body), Class::Read);
}

#[test]
fn labels_that_may_read_other_tags_stay_the_worst() {
    let plain = envelope("", "<cwmp:GetRPCMethods/>");
    let shifted = envelope("", "<cwmp:GetRPCMethods/>\u{1b}(B");
    for (charset, declared, body) in [
        ("utf-7", "utf-8", &plain),
        ("utf-8", "utf-7", &plain),
        ("utf-8", "cp037", &plain),
        ("iso-2022-jp", "utf-8", &plain),
        ("utf-8", "iso-2022-jp", &shifted),
    ] {
        let body = format!("<?xml version=\"1.0\" encoding=\"{declared}\"?>{body}");
        let kind = format!("text/xml; charset={charset}");
        assert_eq!(typed(&kind, &body), Class::Destroy, "{charset} {declared}");
    }
}

#[test]
fn faults_of_soap_1_2_and_headers_of_other_standards_are_read() {
    let fault = "<soap:Fault><soap:Code><soap:Value>soap:Receiver</soap:Value><soap:Subcode>\
                 <soap:Value>cwmp:a</soap:Value></soap:Subcode></soap:Code><soap:Reason>\
                 <soap:Text>no</soap:Text></soap:Reason><soap:Node/><soap:Role/><soap:Detail>\
                 <cwmp:Fault><FaultCode>8001</FaultCode><FaultString/></cwmp:Fault></soap:Detail>\
                 </soap:Fault>";
    assert_eq!(class(&envelope("", fault)), Class::Read);
    let security = "<w:Security xmlns:w=\"urn:w\"><w:UsernameToken><w:Username>a</w:Username>\
                    <w:Password>b</w:Password><w:Nonce/><u:Created/></w:UsernameToken>\
                    <u:Timestamp><u:Expires/></u:Timestamp></w:Security>";
    let addressed = "<a:Action>urn:b</a:Action><a:To>c</a:To><a:MessageID>d</a:MessageID>";
    for header in [security, addressed] {
        let get = envelope(header, "<cwmp:GetRPCMethods/>");
        assert_eq!(class(&get), Class::Read, "{header}");
    }
    for header in ["<w:Security><w:Erase/></w:Security>", "<w:Erase/>"] {
        let get = envelope(header, "<cwmp:GetRPCMethods/>");
        assert_eq!(class(&get), Class::Destroy, "{header}");
    }
}

#[test]
fn items_of_arrays_have_many_names() {
    for item in ["item", "string", "xsd:string", "ParameterName", "anyType"] {
        let body = format!(
            "<cwmp:GetParameterValues><ParameterNames><{item}>Device.</{item}></ParameterNames>\
             </cwmp:GetParameterValues>"
        );
        assert_eq!(class(&envelope("", &body)), Class::Read, "{item}");
    }
    let erase = "<cwmp:GetParameterValues><ParameterNames><x:Erase>Device.</x:Erase></ParameterNames>\
                 </cwmp:GetParameterValues>";
    assert_eq!(class(&envelope("", erase)), Class::Destroy);
}

#[test]
fn an_acs_may_get_whatever_a_vendor_puts_into_a_header() {
    let body = envelope(
        "<v:Session>1</v:Session>",
        "<cwmp:GetParameterValuesResponse/>",
    );
    let length = body.len();
    let message = format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{body}");
    assert_eq!(classify(message.as_bytes()).class, Class::Read);
}
