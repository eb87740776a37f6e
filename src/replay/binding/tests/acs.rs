//! The STUN server beside an ACS.

use super::*;

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
