//! When a UDP Connection Request is taken, and how many datagrams are listened to.

use super::*;

fn wake(timestamp_s: u64, id: u64, user: &str, password: &[u8]) -> Vec<u8> {
    let draft = Draft {
        authority: "203.0.113.9:40000",
        timestamp_s,
        id,
        username: user,
        cnonce: "c",
    };
    draft.write(password)
}

#[test]
fn a_connection_request_is_taken_once_and_only_if_it_is_valid() {
    let mut door = Admission::new(Some(("user".to_owned(), "secret".to_owned())));
    let is_turned = |entrance| matches!(entrance, Entrance::Turned(_));
    // What is turned away leaves no trace, though its ts is far ahead (TR-069 Amendment 3 section G.2.1.4).
    assert!(is_turned(door.look(&wake(9_000, 1, "user", b"guess"))));
    assert!(is_turned(door.look(&wake(9_000, 1, "other", b"secret"))));
    let first = wake(1_000, 1, "user", b"secret");
    let posted = String::from_utf8(first.clone())
        .expect("text")
        .replace("GET", "POST");
    assert!(is_turned(door.look(posted.as_bytes())));
    assert_eq!(door.look(&first), Entrance::Admitted);
    assert_eq!(door.look(&first), Entrance::Copy);
    assert!(
        is_turned(door.look(&wake(1_000, 2, "user", b"secret"))),
        "no later"
    );
    assert!(
        is_turned(door.look(&wake(999, 3, "user", b"secret"))),
        "stale"
    );
    assert!(
        is_turned(door.look(&wake(1_001, 1, "user", b"secret"))),
        "the same id"
    );
    assert_eq!(
        door.look(&wake(1_001, 2, "user", b"secret")),
        Entrance::Admitted
    );
    let mut open = Admission::new(None);
    assert_eq!(open.look(&wake(1, 1, "", b"")), Entrance::Admitted);
    assert!(is_turned(open.look(b"GET / HTTP/1.1\r\n\r\n")));
}

#[test]
fn a_flood_is_listened_to_within_bounds() {
    let mut bound = Bound::default();
    let phone = device().ip();
    let mut heard = 0;
    for number in 0..1_000_000_u32 {
        let from = SocketAddr::from((number.to_be_bytes(), 1)).ip();
        heard += u32::from(bound.admits(ms(0), from, false));
    }
    assert_eq!(heard, 4_096);
    assert!(
        bound.admits(ms(0), phone, true),
        "the device is heard all the same"
    );
    let of_one = (0..1000).filter(|_| bound.admits(ms(0), phone, true));
    assert_eq!(of_one.count(), 63);
    assert!(!bound.admits(ms(10), phone, true));
    assert!(
        bound.admits(ms(1000), phone, true),
        "and again, when it is quiet"
    );
    assert_eq!(bound.passed_over(), 1_000_000 - 4_096 + 1000 - 63 + 1);
}
