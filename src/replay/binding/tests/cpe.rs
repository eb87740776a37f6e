//! The device that keeps its binding.

use super::*;

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
