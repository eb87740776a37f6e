//! Bindings by numbers: no sockets, no clock.

use std::net::SocketAddr;
use std::time::Duration;

use proptest::prelude::*;
use stun::ucr::Draft;
use stun::{Builder, Class, Credentials, Form, Integrity, Message, kind, padded_text};

use super::{
    Account, Acs, Admission, Answer, Binding, Bound, Cpe, Entrance, Heard, Port, Progress, Setting,
};

const ID: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const PASSWORD: &str = "stunpass";

fn at(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

fn here() -> [SocketAddr; 2] {
    [at("192.0.2.1:3478"), at("192.0.2.1:3479")]
}

fn device() -> SocketAddr {
    at("203.0.113.9:40000")
}

fn account() -> Account {
    Account {
        username: "stunuser".to_owned(),
        password: Some(PASSWORD.to_owned()),
    }
}

fn acs() -> Acs {
    let [primary, secondary] = here();
    Acs::new(primary, secondary)
}

fn acs_that_asks() -> Acs {
    let mut acs = acs();
    acs.knows(Some(account()), true);
    acs
}

fn request() -> Builder {
    Builder::new(0x0001, ID)
}

fn binding_request() -> Builder {
    let named = request().attribute(kind::USERNAME, b"stunuser");
    named.connection_request_binding()
}

fn written(builder: Builder) -> Vec<u8> {
    builder.finish().expect("short")
}

fn answer(heard: Heard) -> Answer {
    match heard {
        Heard::Answered(answer) | Heard::Bound(answer, _) => answer,
        Heard::PassedOver(why) => panic!("passed over: {why}"),
    }
}

/// The message of an answer, which has nothing odd.
fn read(bytes: &[u8]) -> Message {
    let message = stun::parse(bytes, bytes.len()).expect("STUN");
    assert_eq!(message.anomalies, []);
    assert_eq!(message.write().expect("short"), bytes);
    message
}

fn asked(acs: &mut Acs, bytes: Vec<u8>) -> (Answer, Message) {
    let answer = answer(acs.hear(Port::Primary, device(), &bytes));
    let message = read(&answer.bytes);
    (answer, message)
}

fn error_of(message: &Message) -> Option<u16> {
    assert_eq!(message.class(), Class::ErrorResponse);
    message.error_code().map(|error| error.code())
}

fn is_sealed_with(message: &Message, password: &str) -> bool {
    let credentials = Credentials {
        password,
        ..Credentials::default()
    };
    let Integrity::Match(found) = message.verify_integrity(&credentials) else {
        return false;
    };
    found.computation() == Some(message.form)
}

#[test]
fn an_old_phone_is_answered_as_it_asks() {
    let mut acs = acs();
    let (answer, message) = asked(&mut acs, written(binding_request()));
    assert_eq!((answer.from, answer.to), (Port::Primary, device()));
    assert_eq!(message.form, Form::Rfc3489);
    let addresses = [
        (kind::MAPPED_ADDRESS, Some(device())),
        (kind::SOURCE_ADDRESS, Some(here()[0])),
        (kind::CHANGED_ADDRESS, Some(here()[1])),
        (kind::XOR_MAPPED_ADDRESS, None),
    ];
    for (kind, address) in addresses {
        assert_eq!(message.address(kind), address, "{kind:#06x}");
    }
    let bound = Binding {
        address: device(),
        username: Some("stunuser".to_owned()),
        is_proven: false,
        is_change: false,
    };
    assert_eq!(acs.bindings().collect::<Vec<_>>(), [&bound]);
}

#[test]
fn the_magic_cookie_is_answered_with_a_masked_address() {
    let mut id = ID;
    id[..4].copy_from_slice(&stun::MAGIC_COOKIE.to_be_bytes());
    let request = written(Builder::new(0x0001, id).fingerprint());
    let (_, message) = asked(&mut acs(), request);
    assert_eq!(message.form, Form::Rfc5389);
    assert_eq!(message.address(kind::XOR_MAPPED_ADDRESS), Some(device()));
    assert_eq!(message.mapped_address(), Some(device()));
    // What has to be understood there and is not of RFC 5389 would have the answer thrown away (section 7.3.3).
    let known = [
        kind::XOR_MAPPED_ADDRESS,
        kind::MAPPED_ADDRESS,
        kind::FINGERPRINT,
    ];
    let kinds = message.attributes.iter().map(|it| it.kind);
    let needed: Vec<u16> = kinds.filter(|kind| *kind < 0x8000).collect();
    assert!(needed.iter().all(|kind| known.contains(kind)), "{needed:?}");
    assert!(message.verify_fingerprint() == stun::Fingerprint::Match);
}

#[test]
fn a_change_is_to_be_proven_where_the_scenario_asks() {
    let mut acs = acs_that_asks();
    let (_, message) = asked(&mut acs, written(binding_request()));
    assert_eq!(message.class(), Class::Response, "no change is told");
    assert_eq!(acs.bindings().count(), 0, "and nothing is proven");
    let change = || binding_request().binding_change();
    let (_, message) = asked(&mut acs, written(change()));
    assert_eq!(error_of(&message), Some(401));
    for form in [Form::Rfc3489, Form::Rfc5389] {
        let sealed = written(change().integrity(form, b"wrong"));
        let (_, message) = asked(&mut acs, sealed);
        assert_eq!(error_of(&message), Some(431));
    }
    let stranger = request().attribute(kind::USERNAME, &padded_text(b"other"));
    let stranger = stranger.connection_request_binding().binding_change();
    let stranger = stranger.integrity(Form::Rfc3489, PASSWORD.as_bytes());
    let (_, message) = asked(&mut acs, written(stranger));
    assert_eq!(error_of(&message), Some(430));
    assert_eq!(acs.bindings().count(), 0);
    let sealed = written(change().integrity(Form::Rfc3489, PASSWORD.as_bytes()));
    let (_, message) = asked(&mut acs, sealed);
    assert!(is_sealed_with(&message, PASSWORD));
    let bound = acs.bindings().next().expect("it is bound");
    assert!(bound.is_proven && bound.is_change);
}

#[test]
fn a_proven_binding_is_not_stolen() {
    let mut acs = acs();
    acs.knows(Some(account()), false);
    let sealed = |id: [u8; 16]| {
        let named = Builder::new(0x0001, id).attribute(kind::USERNAME, b"stunuser");
        let change = named.connection_request_binding().binding_change();
        written(change.integrity(Form::Rfc3489, PASSWORD.as_bytes()))
    };
    let first = sealed(ID);
    for _ in 0..2 {
        let heard = acs.hear(Port::Primary, device(), &first);
        assert!(
            matches!(heard, Heard::Bound(_, it) if it.is_proven),
            "also again"
        );
    }
    // Who is behind the same NAT says the same, or says nothing that proves it.
    let thief = at("203.0.113.9:50000");
    for stolen in [&first, &written(binding_request().binding_change())] {
        let heard = acs.hear(Port::Primary, thief, stolen);
        assert!(matches!(heard, Heard::Answered(_)), "{heard:?}");
        let known: Vec<_> = acs
            .bindings()
            .map(|it| (it.address, it.is_proven))
            .collect();
        assert_eq!(known, [(device(), true)]);
    }
    // A copy from another host proves nothing there.
    acs.hear(Port::Primary, at("198.51.100.7:50000"), &first);
    assert_eq!(acs.bindings().filter(|it| it.is_proven).count(), 1);
    acs.knows(Some(account()), true);
    let heard = acs.hear(Port::Primary, at("198.51.100.8:50000"), &first);
    assert!(matches!(heard, Heard::Answered(_)), "{heard:?}");
    // The device moves.
    let mut id = ID;
    id[15] += 1;
    acs.hear(Port::Primary, thief, &sealed(id));
    assert_eq!(acs.bindings().next().map(|it| it.address), Some(thief));
}

#[test]
fn a_device_that_never_seals_is_where_it_was_last() {
    for challenged in [None, Some(account())] {
        let mut acs = acs();
        acs.knows(challenged, false);
        for port in [40_000, 50_000, 40_000, 60_000] {
            let mut from = device();
            from.set_port(port);
            let heard = acs.hear(Port::Primary, from, &written(binding_request()));
            assert!(matches!(heard, Heard::Bound(_, it) if it.address == from));
            let known: Vec<_> = acs.bindings().map(|it| it.address).collect();
            assert_eq!(known, [from]);
        }
    }
}

#[test]
fn unknown_attributes_are_told_and_those_of_tr_111_are_not() {
    let odd = binding_request().attribute(kind::EVEN_PORT, &[0; 4]);
    let (_, message) = asked(&mut acs(), written(odd));
    assert_eq!(error_of(&message), Some(420));
    let told = message
        .attribute(kind::UNKNOWN_ATTRIBUTES)
        .expect("they are told");
    let types = stun::Value::UnknownAttributes(vec![kind::EVEN_PORT; 2]);
    assert_eq!(message.value(told), types);
}

#[test]
fn a_binding_is_probed_at_another_port_of_the_same_host_alone() {
    let mut acs = acs();
    let probe = |to: &str| written(request().address(kind::RESPONSE_ADDRESS, at(to)));
    let secondary = at("203.0.113.9:50001");
    let heard = acs.hear(Port::Primary, secondary, &probe("203.0.113.9:40000"));
    let answer = answer(heard);
    assert_eq!((answer.from, answer.to), (Port::Primary, device()));
    let message = read(&answer.bytes);
    assert_eq!(message.address(kind::REFLECTED_FROM), Some(secondary));
    assert_eq!(message.address(kind::MAPPED_ADDRESS), Some(secondary));
    for elsewhere in [
        "203.0.113.10:40000",
        "192.0.2.1:3478",
        "255.255.255.255:9",
        "203.0.113.9:0",
        "[2001:db8::9]:40000",
    ] {
        let heard = acs.hear(Port::Primary, secondary, &probe(elsewhere));
        assert!(matches!(heard, Heard::PassedOver(_)), "{elsewhere}");
    }
    assert_eq!(acs.bindings().count(), 0, "a probe binds nothing");
    // One who sits beside it does not have it answer itself.
    let heard = acs.hear(
        Port::Primary,
        at("192.0.2.1:5000"),
        &probe("192.0.2.1:3479"),
    );
    assert!(matches!(heard, Heard::PassedOver(_)));
}

#[test]
fn the_other_port_answers_where_that_is_wanted() {
    let mut acs = acs();
    let (answer, message) = asked(&mut acs, written(request().change_request(false, true)));
    assert_eq!(answer.from, Port::Secondary);
    assert_eq!(message.address(kind::SOURCE_ADDRESS), Some(here()[1]));
    let other_address = written(request().change_request(true, true));
    let heard = acs.hear(Port::Primary, device(), &other_address);
    assert!(matches!(heard, Heard::PassedOver(_)));
}

#[test]
fn bindings_of_other_devices_are_not_taken() {
    let mut acs = acs();
    acs.knows(Some(account()), false);
    let other = request().attribute(kind::USERNAME, &padded_text(b"other"));
    asked(&mut acs, written(other.connection_request_binding()));
    assert_eq!(acs.bindings().count(), 0);
    asked(&mut acs, written(request().connection_request_binding()));
    assert_eq!(acs.bindings().count(), 1, "it names nobody");
    for host in 1..=200_u8 {
        let from = SocketAddr::from(([198, 51, 100, host], 5000));
        acs.hear(Port::Primary, from, &written(binding_request()));
    }
    assert_eq!(acs.bindings().count(), 64);
}

fn setting(form: Form, account: Option<Account>) -> Setting {
    Setting {
        stun_server: here()[0],
        form,
        account,
        keep_alive: Duration::from_secs(30),
    }
}

fn cpe(form: Form, account: Option<Account>) -> Cpe {
    let mut seed = 1_u64;
    let random = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(7);
        seed
    };
    Cpe::new(setting(form, account), Box::new(random))
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// What the device asks, as a message.
fn asks(progress: &Progress) -> Message {
    read(progress.send.as_deref().expect("it asks"))
}

/// Lets the two talk until the device has nothing to say; all that it said.
fn talk(cpe: &mut Cpe, acs: &mut Acs, now: Duration, from: SocketAddr) -> Vec<Message> {
    let mut said = Vec::new();
    let mut progress = cpe.handle_timeout(now);
    while let Some(bytes) = progress.send.take() {
        said.push(read(&bytes));
        let answer = answer(acs.hear(Port::Primary, from, &bytes));
        progress = cpe.hear(now, here()[0], &answer.bytes);
        assert_eq!(progress.trouble, None);
        assert!(said.len() < 10);
    }
    said
}

#[test]
fn a_device_finds_its_binding_keeps_it_and_tells_of_changes() {
    for form in [Form::Rfc3489, Form::Rfc5389] {
        for challenges in [false, true] {
            let mut acs = acs();
            acs.knows(Some(account()), challenges);
            let mut cpe = cpe(form, Some(account()));
            let said = talk(&mut cpe, &mut acs, ms(0), device());
            assert_eq!(cpe.mapped(), Some(device()));
            let changes: Vec<bool> = said.iter().map(Message::has_binding_change).collect();
            let sealed: Vec<bool> = said
                .iter()
                .map(|it| it.has(kind::MESSAGE_INTEGRITY))
                .collect();
            if challenges {
                assert_eq!(changes, [false, true, true]);
                assert_eq!(sealed, [false, false, true]);
            } else {
                assert_eq!(changes, [false, true]);
                assert_eq!(sealed, [false, false]);
            }
            for message in &said {
                assert!(message.has_connection_request_binding());
                assert_eq!(message.username(), Some(&b"stunuser"[..]));
                assert_eq!(message.form, form);
            }
            assert_eq!(cpe.due(), ms(30_000));
            let said = talk(&mut cpe, &mut acs, ms(30_000), device());
            assert_eq!(said.len(), 1, "it is still there");
            let moved = at("203.0.113.9:41111");
            let said = talk(&mut cpe, &mut acs, ms(60_000), moved);
            assert!(said.last().is_some_and(Message::has_binding_change));
            assert_eq!(cpe.mapped(), Some(moved));
            assert_eq!(acs.bindings().next().map(|it| it.address), Some(moved));
        }
    }
}

#[test]
fn the_requests_of_a_device_are_those_of_the_rule_book() {
    // Computed with Python's hmac: spec/test_vectors.json, binding_change_mi_rfc3489.
    let hex = "00010040000102030405060708090a0b0c0d0e0f000600087374756e75736572c001001464736c666f72756d2e6f7267\
               2f54522d31313120c00200000008001423970fb1a9f7bd833d985d70f3485da4be8bca8b";
    let expected: Vec<u8> = hex
        .as_bytes()
        .chunks(2)
        .map(|two| u8::from_str_radix(std::str::from_utf8(two).expect("digits"), 16).expect("hex"))
        .collect();
    let mut halves = [u64::from_be_bytes(ID[..8].try_into().expect("8")), 0];
    halves[1] = u64::from_be_bytes(ID[8..].try_into().expect("8"));
    let mut number = 0;
    let random = move || {
        number += 1;
        halves[(number + 1) % 2]
    };
    let mut cpe = Cpe::new(setting(Form::Rfc3489, Some(account())), Box::new(random));
    let mut acs = acs_that_asks();
    // The ids are all the same here, which no real one has.
    let mut progress = cpe.handle_timeout(ms(0));
    for _ in 0..2 {
        let bytes = progress.send.take().expect("it asks");
        let answer = answer(acs.hear(Port::Primary, device(), &bytes));
        progress = cpe.hear(ms(0), here()[0], &answer.bytes);
    }
    assert_eq!(progress.send, Some(expected));
}

#[test]
fn a_silent_stun_server_is_asked_nine_times() {
    let mut cpe = cpe(Form::Rfc3489, None);
    let mut sent = Vec::new();
    let mut now = ms(0);
    let trouble = loop {
        let progress = cpe.handle_timeout(now);
        if let Some(trouble) = progress.trouble {
            break trouble;
        }
        sent.push((now, asks(&progress).transaction_id().to_vec()));
        now = cpe.due();
        assert!(sent.len() < 20);
    };
    let times: Vec<u128> = sent.iter().map(|(at, _)| at.as_millis()).collect();
    assert_eq!(times, [0, 100, 300, 700, 1500, 3100, 4700, 6300, 7900]);
    sent.dedup_by(|one, other| one.1 == other.1);
    assert_eq!(sent.len(), 1, "copies have one id");
    assert_eq!(now, ms(9500));
    assert!(trouble.contains("did not answer"));
    assert_eq!(cpe.due(), ms(39_500));
}

#[test]
fn what_is_no_answer_is_passed_over() {
    let mut acs = acs_that_asks();
    let mut cpe = cpe(Form::Rfc3489, Some(account()));
    let first = cpe.handle_timeout(ms(0)).send.expect("it asks");
    let told = answer(acs.hear(Port::Primary, device(), &first)).bytes;
    let nothing = Progress::default();
    assert_eq!(cpe.hear(ms(1), at("192.0.2.7:3478"), &told), nothing);
    assert_eq!(cpe.hear(ms(1), here()[1], &told), nothing);
    let mut other = told.clone();
    other[19] ^= 1;
    assert_eq!(
        cpe.hear(ms(1), here()[0], &other),
        nothing,
        "another transaction"
    );
    let change = cpe.hear(ms(1), here()[0], &told).send.expect("it tells");
    let refused = answer(acs.hear(Port::Primary, device(), &change)).bytes;
    let sealed = cpe
        .hear(ms(2), here()[0], &refused)
        .send
        .expect("it proves");
    let proven = answer(acs.hear(Port::Primary, device(), &sealed)).bytes;
    // An answer to a sealed request without a valid seal is discarded (TR-111 section 2.2.1.1).
    let id = read(&proven).transaction_id().try_into().expect("16 bytes");
    let forged = Builder::new(0x0101, id).address(kind::MAPPED_ADDRESS, at("203.0.113.66:1"));
    for forged in [forged.clone(), forged.integrity(Form::Rfc3489, b"guess")] {
        assert_eq!(cpe.hear(ms(3), here()[0], &written(forged)), nothing);
    }
    assert_eq!(cpe.mapped(), Some(device()));
    assert_eq!(cpe.due(), ms(102), "and it asks again");
    assert_eq!(cpe.hear(ms(3), here()[0], &proven), nothing);
    assert_eq!(cpe.due(), ms(30_003));
}

#[test]
fn a_refusal_is_told_and_does_not_go_round() {
    for (account, word) in [
        (None, "no STUNPassword"),
        (
            Some(Account {
                username: "stunuser".to_owned(),
                password: Some("wrong".to_owned()),
            }),
            "with credentials",
        ),
    ] {
        let mut acs = acs_that_asks();
        let mut cpe = cpe(Form::Rfc3489, account);
        let mut progress = cpe.handle_timeout(ms(0));
        let mut asked = 0;
        while let Some(bytes) = progress.send.take() {
            asked += 1;
            assert!(asked < 10);
            let answer = answer(acs.hear(Port::Primary, device(), &bytes));
            progress = cpe.hear(ms(0), here()[0], &answer.bytes);
        }
        let trouble = progress.trouble.expect("it is told");
        assert!(trouble.contains(word), "{trouble}");
        assert_eq!(cpe.due(), ms(30_000));
    }
}

#[test]
fn a_nat_that_changes_its_mind_is_not_followed_for_ever() {
    let mut acs = acs();
    let mut cpe = cpe(Form::Rfc3489, None);
    let mut progress = cpe.handle_timeout(ms(0));
    let mut port = 1000;
    while let Some(bytes) = progress.send.take() {
        port += 1;
        assert!(port < 1020);
        let from = SocketAddr::from(([203, 0, 113, 9], port));
        let answer = answer(acs.hear(Port::Primary, from, &bytes));
        progress = cpe.hear(ms(0), here()[0], &answer.bytes);
    }
    assert_eq!(cpe.due(), ms(30_000));
}

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

/// Requests as they might be bent.
fn any_datagram() -> impl Strategy<Value = Vec<u8>> {
    let attribute = (any::<u16>(), prop::collection::vec(any::<u8>(), 0..40));
    let known = prop::sample::select(vec![
        kind::RESPONSE_ADDRESS,
        kind::CHANGE_REQUEST,
        kind::USERNAME,
        kind::MESSAGE_INTEGRITY,
        kind::CONNECTION_REQUEST_BINDING,
        kind::BINDING_CHANGE,
        kind::FINGERPRINT,
        kind::REALM,
    ]);
    let known = (known, prop::collection::vec(any::<u8>(), 0..28));
    let attributes = prop::collection::vec(prop_oneof![attribute, known], 0..6);
    let built = (
        prop_oneof![Just(1_u16), any::<u16>()],
        any::<[u8; 16]>(),
        attributes,
    );
    let built = built.prop_map(|(message_type, id, attributes)| {
        let start = Builder::new(message_type, id);
        let all = attributes.iter();
        written(all.fold(start, |it, (kind, value)| it.attribute(*kind, value)))
    });
    prop_oneof![prop::collection::vec(any::<u8>(), 0..2000), built]
}

proptest! {
    #[test]
    fn an_answer_goes_to_who_asked_and_is_well_formed(
        datagram in any_datagram(), cut in 0_usize..2000, ip in any::<[u8; 4]>(), port in 1_u16..
    ) {
        let from = SocketAddr::from((ip, port));
        let mut acs = acs_that_asks();
        for bytes in [&datagram[..], &datagram[..cut.min(datagram.len())]] {
            let heard = acs.hear(Port::Primary, from, bytes);
            if let Heard::Answered(answer) | Heard::Bound(answer, _) = heard {
                prop_assert_eq!(answer.to.ip(), from.ip());
                prop_assert!(answer.bytes.len() <= bytes.len() + 100);
                let message = read(&answer.bytes);
                prop_assert!(matches!(message.class(), Class::Response | Class::ErrorResponse));
            }
        }
    }

    #[test]
    fn a_device_believes_nothing_that_it_did_not_ask_for(datagram in any_datagram()) {
        let mut cpe = cpe(Form::Rfc3489, Some(account()));
        let _ = cpe.handle_timeout(ms(0));
        let before = cpe.due();
        let progress = cpe.hear(ms(5), here()[0], &datagram);
        prop_assert_eq!(progress, Progress::default());
        prop_assert_eq!((cpe.mapped(), cpe.due()), (None, before));
        let _ = Admission::new(None).look(&datagram);
    }
}

#[test]
fn a_name_that_no_message_has_room_for_is_not_tried_without_end() {
    let long = Account {
        username: "u".repeat(70_000),
        password: None,
    };
    let mut cpe = cpe(Form::Rfc3489, Some(long));
    assert_eq!(cpe.handle_timeout(ms(0)), Progress::default());
    assert_eq!(cpe.due(), ms(30_000));
}
