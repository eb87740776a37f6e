//! The table of secrets, both ways: what must be hidden, and what must not.

use super::Masking;
use super::names::is_secret_name;

const HIDE: Masking = Masking {
    show_secrets: false,
};

#[test]
fn names_that_hide() {
    for name in [
        "Password",
        "InternetGatewayDevice.ManagementServer.Password",
        "Device.ManagementServer.ConnectionRequestPassword",
        "Device.ManagementServer.STUNPassword",
        "Device.Services.VoiceService.1.VoiceProfile.1.Line.1.SIP.AuthPassword",
        "Device.WiFi.AccessPoint.1.Security.KeyPassphrase",
        "InternetGatewayDevice.LANDevice.1.WLANConfiguration.1.PreSharedKey.1.PreSharedKey",
        "InternetGatewayDevice.LANDevice.1.WLANConfiguration.1.WEPKey.1.WEPKey",
        "InternetGatewayDevice.LANDevice.1.WLANConfiguration.1.WPS.PinPhrase",
        "Device.WiFi.AccessPoint.1.WPS.PIN",
        "Device.WiFi.AccessPoint.1.WPS.DevicePassword",
        "X_00D09E_Password",
        "Device.X_VENDOR_Admin_Passwd",
        "user_pass1",
        "http_pass",
        "admin_mode_password",
        "WEPKey2",
        "RadiusSecret",
        "Device.IPsec.Profile.1.SharedSecret",
        "Device.Users.User.1.Password",
        "AuthenticationKey",
        "X_Foo_WPAKey",
        "PasswordHash",
        "AccessToken",
        "cwmp:Password",
    ] {
        assert!(is_secret_name(name), "{name}");
    }
}

#[test]
fn names_that_do_not_hide() {
    for name in [
        "",
        ".",
        "Device.",
        "CommandKey",
        "ParameterKey",
        "Device.ManagementServer.Username",
        "Device.ManagementServer.URL",
        "InternetGatewayDevice.LANDevice.1.WLANConfiguration.1.WEPKeyIndex",
        "InternetGatewayDevice.LANDevice.1.WLANConfiguration.1.WEPKey.",
        "PasswordRequired",
        "Passthrough",
        "Mapping",
        "SpinCount",
        "Bypass",
        "AuthUserName",
        "KeyboardLayout",
        "AvailableInterfaceKey",
        "PinLength",
        "SessionTimeout",
    ] {
        assert!(!is_secret_name(name), "{name}");
    }
}

#[test]
fn urls() {
    for (text, masked) in [
        ("http://10.0.0.1:7547/acs", "http://10.0.0.1:7547/acs"),
        ("http://user:word@host/x", "http://user:<masked>@host/x"),
        ("ftp://tok@host/", "ftp://<masked>@host/"),
        (
            "see http://a/?password=x&b=1 and https://c:d@e",
            "see http://a/?password=<masked>&b=1 and https://c:<masked>@e",
        ),
        (
            "http://10.0.0.1/?ts=1&id=2&un=a&cn=b&sig=0f",
            "http://10.0.0.1/?ts=1&id=2&un=a&cn=b&sig=0f",
        ),
        (
            "http://a/?x=1&amp;token=abc&amp;y=2",
            "http://a/?x=1&amp;token=<masked>&amp;y=2",
        ),
        ("user@example.org", "user@example.org"),
    ] {
        assert_eq!(HIDE.text(text), masked);
        assert_eq!(Masking { show_secrets: true }.text(text), text);
    }
    assert_eq!(
        HIDE.target(b"/cr?user=a&pwd=b").as_ref(),
        b"/cr?user=a&pwd=<masked>"
    );
}

#[test]
fn headers() {
    for (name, value, masked) in [
        ("Cookie", "session=abc; b=c", "session=<masked>; b=<masked>"),
        ("cookie", "bare", "<masked>"),
        (
            "Set-Cookie",
            "session=abc; Path=/; HttpOnly",
            "session=<masked>; Path=/; HttpOnly",
        ),
        ("Authorization", "Basic Zm9vOmJhcg==", "Basic <masked>"),
        ("Authorization", "Zm9vOmJhcg==", "<masked>"),
        ("Proxy-Authorization", "Bearer abc", "Bearer <masked>"),
        (
            "Authorization",
            "Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"/\", response=\"0a1b\", cnonce=\"c\"",
            "Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"/\", response=\"<masked>\", cnonce=\"c\"",
        ),
        (
            "Authorization",
            "Digest username=\"a=\\\"b\",response = 0a1b,nc=1",
            "Digest username=\"a=\\\"b\",response = <masked>,nc=1",
        ),
        (
            "WWW-Authenticate",
            "Digest realm=\"r\", nonce=\"n\", qop=\"auth\"",
            "Digest realm=\"r\", nonce=\"n\", qop=\"auth\"",
        ),
        (
            "Authentication-Info",
            "rspauth=\"0a\", nc=1",
            "rspauth=\"<masked>\", nc=1",
        ),
        ("X-Api-Key", "abc", "<masked>"),
        ("Location", "http://a:b@c/", "http://a:<masked>@c/"),
        ("SOAPAction", "\"\"", "\"\""),
        (
            "Content-Type",
            "text/xml; charset=utf-8",
            "text/xml; charset=utf-8",
        ),
    ] {
        assert_eq!(
            String::from_utf8_lossy(&HIDE.header(name.as_bytes(), value.as_bytes())),
            masked
        );
    }
}

#[test]
fn heads_with_folded_lines_keep_their_form() {
    let head = b"GET /cr?password=q HTTP/1.1\r\nAuthorization: Basic\r\n abc=\r\nCookie:a=b\r\nHost: h\r\n\r\n";
    let masked = b"GET /cr?password=<masked> HTTP/1.1\r\nAuthorization: Basic\r\n <masked>\r\nCookie:a=<masked>\r\nHost: h\r\n\r\n";
    assert_eq!(
        String::from_utf8_lossy(&HIDE.head(head)),
        String::from_utf8_lossy(masked)
    );
}

#[test]
fn bodies() {
    for (body, masked) in [
        (
            "<a><Password>x</Password><B>y</B></a>",
            "<a><Password><masked></Password><B>y</B></a>",
        ),
        (
            "<S><Name>Device.A.Password</Name><Value xsi:type=\"xsd:string\">x</Value></S><S><Name>Device.B</Name><Value>y</Value></S>",
            "<S><Name>Device.A.Password</Name><Value xsi:type=\"xsd:string\"><masked></Value></S><S><Name>Device.B</Name><Value>y</Value></S>",
        ),
        (
            "<S><Value>x</Value><Name>A.Password</Name></S>",
            "<S><Value><masked></Value><Name>A.Password</Name></S>",
        ),
        (
            "<S><Name>A.Pass&#119;ord</Name><Value>x",
            "<S><Name>A.Pass&#119;ord</Name><Value><masked>",
        ),
        (
            "<n:Password><![CDATA[x</y]]></n:Password>",
            "<n:Password><masked></n:Password>",
        ),
        (
            "<Password>x<Password>y</Password>z</Password>!",
            "<Password><masked></Password>!",
        ),
        ("<Password/><B>y</B>", "<Password/><B>y</B>"),
        (
            "<user_pass idx=\"1\">x</user_pass>",
            "<user_pass idx=\"1\"><masked></user_pass>",
        ),
        (
            "<p name=\"user_pass\" value='x'/><q>1</q>",
            "<p name=\"user_pass\" value='<masked>'/><q>1</q>",
        ),
        (
            "<p name=\"user_pass\">x</p>",
            "<p name=\"user_pass\"><masked></p>",
        ),
        ("<URL>ftp://u:p@h/</URL>", "<URL>ftp://u:<masked>@h/</URL>"),
        (
            "<!-- <Password>x</Password> -->",
            "<!-- <Password><masked></Password> -->",
        ),
        (
            "<C><![CDATA[<Password>x</Password>]]></C>",
            "<C><![CDATA[<Password><masked></Password>]]></C>",
        ),
        (
            "<Name>A.Password<Value>x",
            "<Name>A.Password<Value><masked>",
        ),
        (
            "<Value>x<Name>A.Password</Name><Value>y</Value>",
            "<Value><masked><Name>A.Password</Name><Value><masked></Value>",
        ),
        (
            "<Name>A.Password</Name><B>1</B><Value>x</Value><Name>C</Name><Value>y</Value>",
            "<Name>A.Password</Name><B>1</B><Value><masked></Value><Name>C</Name><Value>y</Value>",
        ),
        ("no markup at all", "no markup at all"),
    ] {
        assert_eq!(String::from_utf8_lossy(&HIDE.body(body.as_bytes())), masked);
        assert_eq!(
            Masking { show_secrets: true }
                .body(body.as_bytes())
                .as_ref(),
            body.as_bytes()
        );
    }
}

#[test]
fn every_prefix_of_a_body_and_a_head_is_survived() {
    let body =
        b"<a b=\"c\" d='e><Name>A.Password</Name><Value t=\"u\">x</Value><Password>y<![CDATA[z";
    let head = b"GET http://a:b@c/?pass=d HTTP/1.1\r\nAuthorization: Digest response=\"\\\"\r\nCookie: ;=;a=\r\n b\r\n";
    for end in 0..=body.len() {
        assert!(end == 0 || !HIDE.body(&body[..end]).is_empty());
    }
    for end in 0..=head.len() {
        assert!(end == 0 || !HIDE.head(&head[..end]).is_empty());
        assert!(end == 0 || !HIDE.header(b"Authorization", &head[..end]).is_empty());
    }
}

#[test]
fn many_open_secrets_take_linear_time() {
    let body = b"<Password>".repeat(100_000);
    assert_eq!(HIDE.body(&body).as_ref(), b"<Password><masked>");
}
