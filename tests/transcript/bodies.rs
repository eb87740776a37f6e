//! Bodies whose secrets are hard to find, or cannot be found: what is written of them.

use std::io::Write as _;

use super::{
    HIDDEN, LEFT_OUT, SECRET, SHOWN, Wire, empty_post, gzip, post, set, set_answer, there_and_back,
    with_head,
};
use crate::support::Analysis;
use crate::{messages, read, written};

/// The body, its coding, and what its head says of it; none of these can be read, so that none may be written.
fn unreadable() -> Vec<(&'static str, Vec<u8>)> {
    let once = gzip(&set());
    let thrice = gzip(&gzip(&once));
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    zlib.write_all(&set()).expect("memory takes it");
    let zlib = zlib.finish().expect("memory takes it");
    let behind = [gzip(b"<html/>"), zlib.clone()].concat();
    let zstd = zstd::encode_all(set().as_slice(), 3).expect("memory takes it");
    let short = b"x\xda\xcb(\xcd+\xb1".to_vec();
    let corrupt = {
        let mut coded = once.clone();
        coded[9 + 60] ^= 0x55;
        coded
    };
    let odd = "Content-Length: 1x\r\n".repeat(80);
    let odd: &'static str = format!("{odd}Content-Encoding: br\r\n").leak();
    vec![
        ("Content-Encoding: gzip, gzip, gzip\r\n", thrice.clone()),
        ("Content-Encoding: gzip\r\n", thrice),
        ("Content-Encoding: br\r\n", once.clone()),
        ("Content-Encoding: zstd, gzip\r\n", once.clone()),
        ("Content-Encoding: unheard-of\r\n", set()),
        ("Content-Encoding: gzip\r\n", zlib.clone()),
        ("Content-Encoding: gzip, deflate\r\n", behind),
        ("Content-Encoding: x-deflate\r\n", corrupt),
        ("", once.clone()),
        ("", zlib.clone()),
        ("", zstd),
        ("", short),
        ("", b"BZh91AY&SYhunter".to_vec()),
        ("Content-Encoding: deflate\r\n", once.clone()),
        ("Content-Encoding: identity\r\n", once.clone()),
        (odd, once),
    ]
}

#[test]
fn what_cannot_be_decoded_is_left_out_where_secrets_are_hidden() {
    for (fields, body) in unreadable() {
        let sent = with_head("HTTP/1.1 500 Sorry", fields, &body);
        left_out(&sent, fields, &body);
        let chunked = format!(
            "HTTP/1.1 500 Sorry\r\nContent-Type: text/xml\r\n{fields}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n",
            body.len()
        );
        let chunked = [chunked.as_bytes(), &body, b"\r\n0\r\n\r\n"].concat();
        left_out(&chunked, fields, &body);
    }
}

/// No byte of this message's body is written, unless secrets are shown; then it is the same.
fn left_out(sent: &[u8], what: &str, body: &[u8]) {
    let wire = Wire::begun().cpe(&empty_post()).acs(sent);
    let first = read(&wire.cpe(&post(&set_answer())).ended().text);
    let session = &first.sessions[0];
    let hidden = written(&first, session, HIDDEN);
    assert!(hidden.contains(LEFT_OUT), "{what}: {hidden}");
    let again = read(&hidden);
    assert_eq!(again.problems, [""; 0]);
    assert_eq!(again.messages.len(), first.messages.len(), "{hidden}");
    let told = messages(&again, &again.sessions[0]);
    for message in &told {
        let raw = &message.http.raw;
        let shared = raw
            .windows(8)
            .any(|seen| body.windows(8).any(|part| part == seen));
        assert!(
            !shared || !raw.starts_with(b"HTTP/1.1 500"),
            "{what}: {hidden}"
        );
    }
    assert!(told[3].http.status() == 500 && !hidden.contains(SECRET));
    let shown = written(&first, session, SHOWN);
    assert!(!shown.contains(LEFT_OUT));
    let again = read(&shown);
    let body = |analysis: &Analysis| {
        let told = messages(analysis, &analysis.sessions[0]);
        told[3].http.body().to_vec()
    };
    assert_eq!(body(&again), body(&first), "{what}: {shown}");
}

#[test]
fn letters_of_four_bytes_hide_no_secret() {
    for big in [true, false] {
        let text = format!("\u{feff}{}", String::from_utf8_lossy(&set()));
        let bytes = |letter: char| {
            let code = u32::from(letter);
            if big {
                code.to_be_bytes()
            } else {
                code.to_le_bytes()
            }
        };
        let wide: Vec<u8> = text.chars().flat_map(bytes).collect();
        let sent = with_head("HTTP/1.1 500 Sorry", "", &wide);
        left_out(&sent, "UTF-32", &wide);
    }
}

#[test]
fn a_form_hides_no_secret() {
    let form = format!(
        "--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n{SECRET}\r\n--b--\r\n"
    );
    let many = "\"a\",".repeat(2000);
    let json = format!("{{\"passwords\":[{many}\"{SECRET}\"]}}");
    let query = format!("a=b&pass%77ord={SECRET}");
    for body in [form, json, query] {
        let sent = with_head("HTTP/1.1 500 Sorry", "", body.as_bytes());
        let wire = Wire::begun().cpe(&empty_post()).acs(&sent);
        let (_, hidden) = there_and_back(wire.cpe(&post(&set_answer())).ended());
        assert!(hidden.contains("<masked>"), "{hidden}");
    }
}

#[test]
fn a_body_that_looks_like_an_answer_hides_no_secret() {
    let body = format!("HTTP/1.1 200 OK\r\n\r\n<Password>{SECRET}</Password>");
    let sent = with_head("HTTP/1.1 500 Sorry", "", body.as_bytes());
    let wire = Wire::begun().cpe(&empty_post()).acs(&sent);
    let (_, hidden) = there_and_back(wire.cpe(&post(&set_answer())).ended());
    assert!(hidden.contains("<Password>&lt;masked&gt;</Password>") || hidden.contains("<masked>"));
}

#[test]
fn a_coding_that_was_not_applied_hides_no_secret() {
    let named = "Content-Encoding: gzip\r\n";
    let sent = with_head("HTTP/1.1 200 OK", named, &set());
    let wire = Wire::begun().cpe(&empty_post()).acs(&sent);
    let (_, hidden) = there_and_back(wire.cpe(&post(&set_answer())).ended());
    assert!(hidden.contains("&lt;masked&gt;") && !hidden.contains(LEFT_OUT));
}
