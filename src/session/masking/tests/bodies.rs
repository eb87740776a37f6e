//! Bodies of other forms than XML, and bodies that nobody can read.

use super::HIDE;
use crate::session::Masking;

#[test]
fn values_of_many_parts_are_hidden_to_their_end() {
    let many = "\"a\",".repeat(3000);
    for (lead, secret, behind) in [
        ("{\"passwords\":", format!("[{many}\"b\"]"), ",\"c\":1}"),
        (
            "{\"passwords\":",
            format!("{{\"a\":[{many}\"]\"]}}"),
            ",\"c\":1}",
        ),
        ("{\"passwords\":", format!("[{many}\"b\""), ""),
        ("{\"passwords\":", format!("[{many}'b]',\"c\"]"), "}"),
        (
            "\"{\\\"pin\\\":",
            "[\\\"a]\\\\\\\"]\\\",\\\"b\\\"]".to_owned(),
            ",\\\"c\\\":1}\"",
        ),
        (
            "{\"a\":\"{\\\"pin\\\":",
            "[\\\"b\\\"".to_owned(),
            "\",\"c\":1}",
        ),
    ] {
        let text = format!("{lead}{secret}{behind}");
        assert_eq!(HIDE.text(&text), format!("{lead}<masked>{behind}"));
    }
}

#[test]
fn forms_in_parts() {
    let part = |field: &str, value: &str| format!("--b\r\n{field}\r\n\r\n{value}\r\n");
    let user = part(
        "Content-Disposition: form-data; name=\"user\"",
        "a\r\n\r\nb",
    );
    for field in [
        "Content-Disposition: form-data; name=\"password\"",
        "content-disposition: form-data; filename=\"c=d; e\"; name=password\r\nContent-Type: text/plain",
        "Content-Type: text/plain\r\nContent-Disposition: form-data;\r\n name=\"pass%77ord\"",
        "Content-Disposition: form-data; name*=UTF-8''password",
        "Content-Disposition: form-data; Name = \"sid\"",
    ] {
        let secret = part(field, "-----BEGIN\r\nhunter2\r\n\r\n-----END");
        let masked = part(field, "<masked>");
        for (body, masked) in [
            (
                format!("{user}{secret}{user}--b--\r\n"),
                format!("{user}{masked}{user}--b--\r\n"),
            ),
            (
                format!("{user}{secret}").replace("\r\n", "\n"),
                format!("{user}{}", masked.trim_end()).replace("\r\n", "\n"),
            ),
        ] {
            assert_eq!(HIDE.text(&body), masked);
        }
        let front = part(field, "hunter2").replacen("--b\r\n", "", 1);
        let is_told = field.to_ascii_lowercase().contains("disposition");
        assert!(is_told && !HIDE.text(&front).contains("hunter2"), "{front}");
    }
    for harmless in [
        user.as_str(),
        "--b\r\nX: name=\"password\"\r\n\r\nc\r\n--b--\r\n",
        "<!--\n-->\n<p name=\"password\"/>\n\nc\n",
        "-- \nname=user\n\nc",
    ] {
        assert_eq!(HIDE.text(harmless), harmless);
    }
}

#[test]
fn what_cannot_be_read_is_hidden_whole() {
    let secret = "<Envelope><Password>hunter2</Password></Envelope>";
    let wide = |size: usize, at: usize| -> Vec<u8> {
        let letter = |byte: u8| (0..size).map(move |place| if place == at { byte } else { 0 });
        secret.bytes().flat_map(letter).collect()
    };
    for body in [
        wide(2, 0),
        wide(2, 1),
        wide(4, 0),
        [b"\xff\xfe\0\0".to_vec(), wide(4, 0)].concat(),
        [b"\0\0\xfe\xff".to_vec(), wide(4, 3)].concat(),
        [b"<a>b</a>".to_vec(), wide(2, 0)].concat(),
        b"\x1f\x8b\x08\0\0\0\0\0\0\x03abc".to_vec(),
        b"x\x9c\xcb\xc8".to_vec(),
        b"x\xda\xcb\xc8".to_vec(),
        b"x^\xcb\xc8".to_vec(),
        b"(\xb5/\xfd abc".to_vec(),
        b"BZh91AY&SYabc".to_vec(),
        b"\xfd7zXZ\0abc".to_vec(),
    ] {
        assert_eq!(HIDE.body(&body).as_ref(), b"<masked>", "{body:?}");
        let all = Masking { show_secrets: true };
        assert!(!all.hides_all(&body) && all.body(&body).as_ref() == body);
    }
    for body in [
        &b""[..],
        b"x^2 = 4",
        b"BZh9 is a name",
        b"plain\r\n\ttext \xe4\xf6",
        b"<a>\x01\0\0\0\0b\0</a>",
        b"\xef\xbb\xbf \r\n<?xml?><a>\x02</a>",
        b"{\"a\":1}",
    ] {
        assert_eq!(HIDE.body(body).as_ref(), body);
    }
    // A value may be odd: its element is known.
    assert_eq!(HIDE.text("a\x01b"), "a\x01b");
}
