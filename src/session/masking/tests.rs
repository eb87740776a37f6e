//! The table of secrets, both ways: what must be hidden, and what must not.

mod bodies;

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
        "WPAPSK",
        "WpaPsk1",
        "adminpass",
        "userpw",
        "WifiKey",
        "WiFiKey",
        "wifi_key",
        "WiFiPassKey",
        "vpn_key",
        "sigsecret",
        "SNMP.ReadCommunity",
        "rocommunity",
        "CommunityString",
        "SNMP_CommunityName",
        "HA1",
        "DigestHA1",
        "sip_ha1",
        "LoginCredentials",
        "user_hash",
        "user_hash1",
        "X_ACME.Passwort",
        "Device.X.Password.1.Value",
        "Device.X_ACME_Secret.1.2.text",
        "Device.X.Key.1.Value",
        "Device.X.WEPKey.4",
        "Device.WiFi.SSID.1.X_Key1",
        "X_001122_KEY",
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
        "KeepAlive",
        "KeepAliveInterval",
        "KeyPressCount",
        "commandkey",
        "parameterkey",
        "PasswordEnable",
        "bypass",
        "Compass",
        "ALPHA1",
        "FirmwareHash",
        "Monkey",
        "HttpPort",
        "ImageSignature",
        "Device.X.Parameter.1.Value",
        "Device.WEPKey.1.Enable",
        "PreSharedKey.1.AssociatedDeviceMACAddress",
        "Device.X.1",
        "1",
        "X_ACME_Command_Key",
        "X_ACME_CommandKey1",
        "Device.X_ACME_Phone.Key1",
        "X_ACME_PUBLIC_KEY",
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
        ("sip:user@host;transport=udp", "sip:user@host;transport=udp"),
        ("sip:user:word@host", "sip:user:<masked>@host"),
        ("<SIPS:u:wo@rd@h>", "<SIPS:u:<masked>@h>"),
        (
            "http://a/b;jsessionid=x?c=1",
            "http://a/b;jsessionid=<masked>?c=1",
        ),
        (
            "http://a/f?X-Amz-Date=1&X-Amz-Signature=0f",
            "http://a/f?X-Amz-Date=1&X-Amz-Signature=<masked>",
        ),
        (
            "http://a/f?sv=2020&sig=0f%3d",
            "http://a/f?sv=2020&sig=<masked>",
        ),
        ("ftp://h/x y?key=z&b=1", "ftp://h/x y?key=<masked>&b=1"),
    ] {
        assert_eq!(HIDE.text(text), masked);
        assert_eq!(Masking { show_secrets: true }.text(text), text);
    }
    for (target, masked) in [
        ("/cr?user=a&pwd=b", "/cr?user=a&pwd=<masked>"),
        ("/acs;jsessionid=a?b=c", "/acs;jsessionid=<masked>?b=c"),
        ("/cr?ts=1&un=a&cn=b&sig=0f", "/cr?ts=1&un=a&cn=b&sig=0f"),
    ] {
        assert_eq!(
            String::from_utf8_lossy(&HIDE.target(target.as_bytes())),
            masked
        );
    }
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
        (
            "Location",
            "/a;jsessionid=b?c=1",
            "/a;jsessionid=<masked>?c=1",
        ),
        ("Refresh", "0; url=/a?token=b", "0; url=/a?token=<masked>"),
        ("Host", "u:word@h:7547", "u:<masked>@h:7547"),
        ("Host", "h:7547", "h:7547"),
        ("X-Authorization", "Basic abc", "Basic <masked>"),
        ("X-Forwarded-Authorization", "Bearer abc", "Bearer <masked>"),
        ("Auth", "abc", "<masked>"),
        ("X-Session-Id", "abc", "<masked>"),
        ("X-CSRF", "abc", "<masked>"),
        ("X-Cookie", "a=b", "a=<masked>"),
        ("X-Auth", "abc", "<masked>"),
        ("Session", "abc", "<masked>"),
        ("X-Session", "abc", "<masked>"),
        ("X-Session-Timeout", "30", "30"),
        (
            "X-Foo",
            "a\rAuthorization: Basic abc",
            "a\rAuthorization: Basic <masked>",
        ),
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
fn a_line_end_is_no_blank_behind_a_scheme() {
    let head = b"POST / HTTP/1.1\r\nAuthorization: word\r\nHost: h\r\n\r\n";
    let masked = b"POST / HTTP/1.1\r\nAuthorization: <masked>\r\nHost: h\r\n\r\n";
    assert_eq!(HIDE.head(head).as_ref(), masked);
}

#[test]
fn text_of_no_known_grammar() {
    for (text, masked) in [
        ("user=a password=b,c;d e=f", "user=a password=<masked> e=f"),
        ("user=a&pwd=b&c=d", "user=a&pwd=<masked>&c=d"),
        ("password = \"a b\" c", "password = \"<masked>\" c"),
        ("YWJjcGFzcw==", "YWJjcGFzcw=="),
        ("pw== 1", "pw== 1"),
        (
            "{\"password\": \"a\\\"b\", \"user\": \"c\"}",
            "{\"password\": \"<masked>\", \"user\": \"c\"}",
        ),
        ("{\"pin\":1234,\"a\":1}", "{\"pin\":<masked>,\"a\":1}"),
        (
            "{\"secret\":{\"v\":[\"]\"]},\"a\":1}",
            "{\"secret\":<masked>,\"a\":1}",
        ),
        (
            "\"{\\\"password\\\":\\\"a\\\"}\"",
            "\"{\\\"password\\\":\\\"<masked>\\\"}\"",
        ),
        ("password: too short", "password: too short"),
        ("a=b&pass%77ord=c&d=e", "a=b&pass%77ord=<masked>&d=e"),
        ("pass%77ord=c&d=e", "pass%77ord=<masked>&d=e"),
        (
            "http://a/?user%5Bpassword%5D=b&50%=c",
            "http://a/?user%5Bpassword%5D=<masked>&50%=c",
        ),
        (
            "{\"pass\\u0077ord\":\"a\",\"b\":1}",
            "{\"pass\\u0077ord\":\"<masked>\",\"b\":1}",
        ),
    ] {
        assert_eq!(HIDE.text(text), masked);
    }
}

#[test]
fn faults_keep_the_words_of_the_standard() {
    for (parameter, text, masked) in [
        (
            "A.Password",
            "Invalid parameter value",
            "Invalid parameter value",
        ),
        ("A.Password", "invalid value.", "invalid value."),
        ("A.Password", "'abc' is too short", "<masked>"),
        ("A.Enable", "'abc' is no boolean", "'abc' is no boolean"),
        (
            "A.URL",
            "http://u:p@h is wrong",
            "http://u:<masked>@h is wrong",
        ),
    ] {
        assert_eq!(HIDE.fault_string(parameter, text), masked);
    }
}

#[test]
fn places_of_a_document() {
    let document = b"<S><Name>A.Password</Name><Value>x</Value></S><C>y</C>";
    let places = HIDE.places(document);
    let at = |part: &[u8]| {
        let start = document
            .windows(part.len())
            .position(|window| window == part)
            .unwrap_or(0);
        start..start + part.len()
    };
    assert!(places.hide(&at(b"x")));
    assert!(!places.hide(&at(b"y")) && !places.hide(&at(b"A.Password")));
    assert_eq!(places.shown(at(b"x"), b"x").as_ref(), b"<masked>");
    assert_eq!(places.shown(at(b"y"), b"y").as_ref(), b"y");
    assert!(
        !Masking { show_secrets: true }
            .places(document)
            .hide(&at(b"x"))
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
            "<Secret xmlns:a='b' attr=\"x\" xsi:type='c'>y</Secret><Pin old='z'/>",
            "<Secret xmlns:a='b' attr=\"<masked>\" xsi:type='c'><masked></Secret><Pin old='<masked>'/>",
        ),
        (
            "<S><Name>A.Password</Name><Value xsi:type='t' text='x'/></S><S><Name>B</Name><Value text='y'/></S>",
            "<S><Name>A.Password</Name><Value xsi:type='t' text='<masked>'/></S><S><Name>B</Name><Value text='y'/></S>",
        ),
        (
            "<S><Name>A.Password.1.Value</Name><Value>x</Value></S>",
            "<S><Name>A.Password.1.Value</Name><Value><masked></Value></S>",
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
        assert_body(body, masked);
    }
}

#[test]
fn odd_structs_and_markup_in_text() {
    for (body, masked) in [
        (
            "<S><Name>A</Name><Name>B.Password</Name><Value>x</Value></S><S><Value>y</Value><Name>C</Name></S>",
            "<S><Name>A</Name><Name>B.Password</Name><Value><masked></Value></S><S><Value>y</Value><Name>C</Name></S>",
        ),
        (
            "<S><Name>A.Password</Name><Value>x</Value><Value>y</Value>z</S><S>t</S>",
            "<S><Name>A.Password</Name><Value><masked></Value><Value><masked></Value><masked></S><S>t</S>",
        ),
        (
            "<S><Name>A.Password</Name><!-- x --><Value>y</Value></S>",
            "<S><Name>A.Password</Name><masked><Value><masked></Value></S>",
        ),
        (
            "<s><NAME><b>A.</b>Pass<c/>word</NAME><value>x</value></s>",
            "<s><NAME><b>A.</b>Pass<c/>word</NAME><value><masked></value></s>",
        ),
        (
            "<S><Name>A.x</Name><Value>y</Value><Name>A.Password</Name></S>",
            "<S><Name>A.x</Name><Value><masked></Value><Name>A.Password</Name></S>",
        ),
        (
            "<S><Name>A.Password</Name><Notification>2</Notification><L><string>s</string></L></S>",
            "<S><Name>A.Password</Name><Notification>2</Notification><L><string>s</string></L></S>",
        ),
        (
            "<P><key>password</key><val>x</val></P>",
            "<P><key>password</key><val><masked></val></P>",
        ),
        (
            "<F><ParameterName>A.Password</ParameterName><FaultCode>9007</FaultCode><FaultString>x is wrong</FaultString></F>",
            "<F><ParameterName>A.Password</ParameterName><FaultCode>9007</FaultCode><FaultString><masked></FaultString></F>",
        ),
        (
            "<F><ParameterName>A.Password</ParameterName><FaultString>Invalid parameter value</FaultString></F>",
            "<F><ParameterName>A.Password</ParameterName><FaultString>Invalid parameter value</FaultString></F>",
        ),
        (
            "<V>&lt;Password&gt;x&lt;/Password>&lt;B>y</V>",
            "<V>&lt;Password&gt;<masked>&lt;/Password>&lt;B>y</V>",
        ),
        (
            "<V>&amp;lt;Password&amp;gt;x&amp;lt;/Password&amp;gt;</V>",
            "<V>&amp;lt;Password&amp;gt;<masked>&amp;lt;/Password&amp;gt;</V>",
        ),
        (
            "<V>{&quot;pin&quot;:&quot;x&#34;}</V>",
            "<V>{&quot;pin&quot;:&quot;<masked>&#34;}</V>",
        ),
    ] {
        assert_body(body, masked);
    }
}

fn assert_body(body: &str, masked: &str) {
    assert_eq!(String::from_utf8_lossy(&HIDE.body(body.as_bytes())), masked);
    let all = Masking { show_secrets: true };
    assert_eq!(all.body(body.as_bytes()).as_ref(), body.as_bytes());
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
    for part in [
        "<Name>",
        "<Value>",
        "<Name>A.Password</Name>",
        "<Value>x<Name>y",
        "</x>",
        "<![CDATA[<Name>",
        "<!--",
        "pw=",
        "\"pw\":",
        "\"pw\":\"",
        "\"pw\":[\"",
        "\"pw\":[]",
        "\\\"pw\\\":[\\\"",
        "\"pw\":{'",
        "Content-Disposition: form-data; name=pw\n\n",
        "--\nContent-Disposition: form-data; name=pw\n",
        "name=%70w;",
        "Password.1.",
        "<Password a='",
        "<Password a='b'/>",
        "\"pw\":'",
        "pw='",
        "&lt;",
        "&amp;lt;",
        "&lt;Password&gt;",
        "sip:@",
        "http://a:b@c?pin=d ",
        "a;b?",
        "\r:",
    ] {
        let text = part.repeat(400_000 / part.len());
        assert!(!HIDE.body(text.as_bytes()).is_empty(), "{part}");
        assert!(!HIDE.header(b"X", text.as_bytes()).is_empty(), "{part}");
        assert!(!HIDE.target(text.as_bytes()).is_empty(), "{part}");
    }
}
