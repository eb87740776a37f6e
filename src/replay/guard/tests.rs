//! What the guard makes of messages.

mod away;
mod harmless;
mod hidden;
mod writes;

use super::{Guard, classify};
use crate::replay::scenario::Class;

fn response(body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {length}\r\n\r\n{body}")
        .into_bytes()
}

fn envelope(header: &str, body: &str) -> String {
    format!(
        "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:cwmp=\"urn:dslforum-org:cwmp-1-0\"><soap:Header>{header}</soap:Header>\
         <soap:Body>{body}</soap:Body></soap:Envelope>"
    )
}

fn set(name: &str) -> String {
    envelope(
        "<cwmp:ID>1</cwmp:ID>",
        &format!(
            "<cwmp:SetParameterValues><ParameterList><ParameterValueStruct><Name>{name}</Name>\
             <Value>x</Value></ParameterValueStruct></ParameterList><ParameterKey/>\
             </cwmp:SetParameterValues>"
        ),
    )
}

fn class(body: &str) -> Class {
    classify(&response(body)).class
}

#[test]
fn plain_messages_have_the_class_of_their_method() {
    for (method, wanted) in [
        ("GetParameterValues", Class::Read),
        ("InformResponse", Class::Read),
        ("Reboot", Class::Disrupt),
        ("FactoryReset", Class::Destroy),
        ("X_00D09E_Erase", Class::Destroy),
        ("reboot", Class::Destroy),
    ] {
        let body = envelope("", &format!("<cwmp:{method}/>"));
        assert_eq!(class(&body), wanted, "{method}");
    }
    assert_eq!(class(&set("Device.Time.NTPServer1")), Class::Set);
    assert_eq!(class(""), Class::Read);
    assert_eq!(class("Unauthorized"), Class::Read);
}

#[test]
fn what_becomes_a_message_once_it_is_decoded_is_no_page() {
    let reboot = envelope("", "<cwmp:Reboot/>");
    for coded in ["&lt;", "&#60;", "%3C", "\\u003c", "+ADw-"] {
        assert_eq!(
            class(&reboot.replace('<', coded)),
            Class::Destroy,
            "{coded}"
        );
    }
    for overlong in [&[0xC0, 0xBC][..], &[0xE0, 0x80, 0xBC]] {
        let body: Vec<u8> = reboot
            .bytes()
            .flat_map(|byte| {
                if byte == b'<' {
                    overlong.to_vec()
                } else {
                    vec![byte]
                }
            })
            .collect();
        for status in ["200 OK", "500 Error"] {
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            let message = [head.into_bytes(), body.clone()].concat();
            assert_eq!(classify(&message).class, Class::Destroy, "{status}");
        }
    }
    let page = "<html><body>401 &lt;Unauthorized&gt;</body></html>";
    let head = format!(
        "HTTP/1.1 401 Unauthorized\r\nContent-Length: {}\r\n\r\n",
        page.len()
    );
    assert_eq!(
        classify(format!("{head}{page}").as_bytes()).class,
        Class::Read
    );
}

#[test]
fn messages_in_heads_and_below_header_entries_are_the_worst() {
    for head in [
        "HTTP/1.1 200 <cwmp:Reboot/>\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: <</v:Erase>\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: <Envelope><Body><cwmp:Reboot/>\r\nContent-Length: 0\r\n\r\n",
    ] {
        assert_eq!(classify(head.as_bytes()).class, Class::Destroy, "{head}");
    }
    let hidden = envelope(
        "<cwmp:ID><cwmp:X_Erase/></cwmp:ID>",
        "<cwmp:InformResponse/>",
    );
    assert_eq!(class(&hidden), Class::Destroy);
}

#[test]
fn a_peer_that_said_nothing_of_itself_gets_nothing_above_reading() {
    let allowed = [Class::Set, Class::Destroy];
    let mut guard = Guard::new(&allowed, &allowed, Some("0-1"));
    let set = response(&set("Device.Time.NTPServer1"));
    let reset = response(&envelope("", "<cwmp:FactoryReset/>"));
    guard.meets(None);
    assert!(guard.permit(&set).is_err() && guard.permit(&reset).is_err());
    assert!(guard.permit(&response("")).is_ok());
    guard.meets(Some("0-1"));
    assert!(guard.permit(&set).is_ok() && guard.permit(&reset).is_ok());
    guard.meets(Some("0-2"));
    assert!(guard.permit(&set).is_err() && guard.permit(&reset).is_err());
}

#[test]
fn what_is_under_management_server_is_out_of_bounds() {
    for name in [
        "Device.ManagementServer.URL",
        " InternetGatewayDevice.managementserver.Password\n",
        "Device.Manage&#109;entServer.URL",
        "Device.Manage<!-- -->mentServer.URL",
        "<![CDATA[Device.ManagementServer.URL]]>",
        "Device.",
        "",
        "Device.*.URL",
    ] {
        assert_eq!(class(&set(name)), Class::Destroy, "{name}");
    }
    let twice = "Device.A.B</Name><Name>Device.C.D";
    assert_eq!(class(&set(twice)), Class::Destroy);
}

#[test]
fn what_cannot_be_read_in_one_way_is_the_worst() {
    let get = envelope("", "<cwmp:GetRPCMethods/>");
    let utf16: Vec<u8> = get.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut wide = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n\xFF\xFE".to_vec();
    wide.extend(utf16);
    assert_eq!(classify(&wide).class, Class::Destroy);
    let declared = format!("<?xml version=\"1.0\" encoding=\"utf-7\"?>{get}");
    for body in [
        declared.as_str(),
        &format!("<!DOCTYPE a [<!ENTITY r '<Reboot/>'>]>{get}"),
        &format!("{get}<X_Erase/>"),
        &envelope("<X_Erase/>", "<cwmp:GetRPCMethods/>"),
        &envelope("", "<cwmp:GetRPCMethods/><cwmp:X_Erase/>"),
        &envelope("", "<cwmp:GetRPCMethods></cwmp:InformResponse>"),
        "<html><Reboot/></html>",
    ] {
        assert_eq!(class(body), Class::Destroy, "{body}");
    }
    let hidden = envelope("", "<cwmp:GetRPCMethods/><!--<cwmp:Reboot/>-->");
    assert_eq!(class(&hidden), Class::Destroy);
    let several = envelope("", "<cwmp:InformResponse/><cwmp:Reboot/>");
    assert_eq!(class(&several), Class::Disrupt);
    assert_eq!(class(&format!("{get}{several}")), Class::Disrupt);
}

#[test]
fn framing_that_hides_bytes_is_the_worst() {
    let reboot = envelope("", "<cwmp:Reboot/>");
    for head in [
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 400\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding : chunked\r\n\r\n",
        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n0\n\n",
    ] {
        let message = format!("{head}{reboot}");
        assert!(
            classify(message.as_bytes()).class >= Class::Disrupt,
            "{head}"
        );
    }
    let second = [
        b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
        response(&reboot),
    ]
    .concat();
    assert_eq!(classify(&second).class, Class::Disrupt);
}

#[test]
fn both_sides_have_to_allow_and_destroy_needs_the_device() {
    let reboot = response(&envelope("", "<cwmp:Reboot/>"));
    let reset = response(&envelope("", "<cwmp:FactoryReset/>"));
    let all = [Class::Set, Class::Disrupt, Class::Destroy];
    assert!(Guard::new(&[], &all, None).permit(&reboot).is_err());
    assert!(Guard::new(&all, &[], None).permit(&reboot).is_err());
    assert!(
        Guard::new(&[Class::Destroy], &all, None)
            .permit(&reboot)
            .is_err()
    );
    assert!(Guard::new(&all, &all, None).permit(&reboot).is_ok());
    assert!(Guard::new(&all, &all, None).permit(&reset).is_err());
    let mut named = Guard::new(&all, &all, Some("001565-1"));
    assert!(named.permit(&reset).is_ok());
    named.meets(Some("001565-2"));
    assert!(named.permit(&reset).is_err() && named.permit(&reboot).is_err());
    assert!(named.permit(&response("")).is_ok());
}

#[test]
fn a_redirect_stays_here() {
    let mut guard = Guard::new(&[], &[], None);
    guard.own("127.0.0.1:7547");
    let redirect =
        |to: &str| format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
    for own in ["http://127.0.0.1:7547/b", "/b"] {
        assert!(guard.permit(redirect(own).as_bytes()).is_ok(), "{own}");
    }
    for away in [
        "http://acs.example/",
        "//acs.example/",
        "http://127.0.0.1:7547@acs.example/",
        "http://127.0.0.1:80/",
        "\\\\acs.example",
        "ftp://127.0.0.1:7547/",
        "b",
    ] {
        assert!(guard.permit(redirect(away).as_bytes()).is_err(), "{away}");
    }
}
