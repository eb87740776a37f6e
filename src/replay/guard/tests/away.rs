//! Whatever sends a device to another place than this program.

use super::{Guard, response};

fn guard() -> Guard {
    let mut guard = Guard::new(&[], &[], None);
    guard.own("127.0.0.1:7547");
    guard
}

#[test]
fn a_field_that_leads_away_is_never_sent() {
    let with = |field: &str| format!("HTTP/1.1 200 OK\r\n{field}\r\nContent-Length: 0\r\n\r\n");
    for away in [
        "Refresh: 0;url=http://acs.example/",
        "Refresh: 0, URL = \"http://acs.example/\"",
        "Refresh: 1; http://acs.example/",
        "Refresh: 1; //acs.example/",
        "Refresh: 1.5 http://acs.example/",
        "URI: <http://acs.example/>",
        "Location: http://acs.example/",
        "Link: </a>; rel=preload, <http://acs.example/>; rel=preload",
        "Alt-Svc: h2=\"acs.example:443\"; ma=60",
        "Alt-Svc: h2=\":443\", h2=\"acs.example:443\"",
    ] {
        assert!(guard().permit(with(away).as_bytes()).is_err(), "{away}");
    }
    for own in [
        "Refresh: 30",
        "Refresh: 0;url=/b",
        "Refresh: 0; url='http://127.0.0.1:7547/b'",
        "Link: </a>; rel=next",
        "Alt-Svc: clear",
        "Alt-Svc: h2=\":443\"; ma=60",
        "Alt-Svc: h2=\"127.0.0.1:7547\"",
        "Set-Cookie: a=b; Domain=acs.example",
        "X: http://acs.example/",
    ] {
        assert!(guard().permit(with(own).as_bytes()).is_ok(), "{own}");
    }
}

#[test]
fn a_page_that_leads_away_is_never_sent() {
    let page = |meta: &str| {
        let page = format!("<html><head>{meta}</head></html>");
        let length = page.len();
        format!("HTTP/1.1 503 Busy\r\nContent-Length: {length}\r\n\r\n{page}")
    };
    for away in [
        "<meta http-equiv=\"refresh\" content=\"0; url=http://acs.example/\">",
        "<META CONTENT='0;URL=//acs.example/' HTTP-EQUIV=Refresh>",
        "<meta http-equiv=refresh content=\"0; &#104;ttp://acs.example/\">",
        "<meta http-equiv=refresh content=\"0; /&#47;acs.example/\">",
    ] {
        assert!(guard().permit(page(away).as_bytes()).is_err(), "{away}");
    }
    for own in [
        "<meta http-equiv=\"refresh\" content=\"5\">",
        "<meta http-equiv=\"refresh\" content=\"0; url=/b\">",
        "<meta charset=\"utf-8\">",
        "<a href=\"http://acs.example/\">there</a>",
    ] {
        assert!(guard().permit(page(own).as_bytes()).is_ok(), "{own}");
    }
    assert!(guard().permit(&response("Unauthorized")).is_ok());
}
