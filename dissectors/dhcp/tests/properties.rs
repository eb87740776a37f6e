//! What holds of any bytes and of any parts.

use dhcp::v4::{self, Header, Place};
use dhcp::v6;
use dhcp::{AnomalyKind, Limits};
use proptest::prelude::*;

/// Everything that can be asked of a message, for the sake of not panicking.
fn ask_v4(bytes: &[u8], wire_bytes: usize) -> Result<(), TestCaseError> {
    let limits = Limits::default();
    let message = v4::Message::parse(bytes, wire_bytes, &limits);
    prop_assert!(message.options().len() <= limits.options_max);
    prop_assert!(message.anomalies().len() <= limits.anomalies_max);
    for option in message.options() {
        prop_assert!(option.value.end <= bytes.len());
    }
    for anomaly in message.anomalies() {
        prop_assert!(anomaly.offset <= wire_bytes.max(bytes.len()));
    }
    let pieces: usize = message.values().map(|value| value.pieces).sum();
    prop_assert_eq!(pieces, message.options().len());
    for value in message.values() {
        prop_assert_eq!(message.value(value.code), Some(value.value));
        for offset in [0, value.value.len()] {
            prop_assert!(message.offset_in_value(value.code, offset).is_some());
        }
    }
    let _ = (
        message.message_type(),
        message.client_id(),
        message.client_fqdn(),
    );
    let _ = (message.broadband_forum(), message.vendor_specific());
    let _ = (message.provisioning(), message.announces_tr069());
    let _ = (message.relay_agent_information().count(), message.routers());
    for class in message.vendor_classes() {
        let _ = class.items();
    }
    let _ = (
        message.server_host_name(),
        message.boot_file(),
        message.behind_end(),
    );
    let _ = v4::recognise(bytes);
    let _ = v4::Fields::from(&message).write();
    Ok(())
}

fn ask_v6(bytes: &[u8], wire_bytes: usize) -> Result<(), TestCaseError> {
    let limits = Limits::default();
    let message = v6::Message::parse(bytes, wire_bytes, &limits);
    prop_assert!(message.relays().len() <= limits.relay_depth_max);
    for option in message.options() {
        prop_assert!(option.value.end <= bytes.len());
    }
    for anomaly in message.anomalies() {
        prop_assert!(anomaly.offset <= wire_bytes.max(bytes.len()));
    }
    let _ = (
        message.client_id(),
        message.server_id(),
        message.client_fqdn(),
    );
    let _ = (message.broadband_forum(), message.announces_tr069());
    let _ = (message.user_classes(), message.sip_server_names());
    for association in message.identity_associations() {
        let _ = (
            association.addresses().count(),
            association.prefixes().count(),
        );
        let _ = association.status();
    }
    let _ = v6::recognise(bytes, wire_bytes);
    // A whole datagram is written back to the byte, whatever it holds.
    let bent = message.anomalies().iter().any(|anomaly| {
        matches!(
            anomaly.kind,
            AnomalyKind::ShortHeader
                | AnomalyKind::OptionPastEnd
                | AnomalyKind::OptionWithoutLength
                | AnomalyKind::OptionLimit
                | AnomalyKind::RelayDepthLimit
        )
    });
    if !message.is_cut() && !bent && message.unlisted_anomalies() == 0 {
        prop_assert_eq!(v6::Fields::from(&message).write(), bytes);
    }
    Ok(())
}

fn options_v4() -> impl Strategy<Value = Vec<v4::OptionField>> {
    let option = (
        prop_oneof![1..=254u8, Just(125), Just(43)],
        prop::collection::vec(any::<u8>(), 0..40),
    );
    let options = prop::collection::vec((option, 0..3u8), 0..12);
    options.prop_map(|options| {
        let mut fields = Vec::new();
        let mut room = [0usize, 120, 60];
        let mut used = 0;
        for ((code, value), place) in options {
            let index = usize::from(place);
            let place = [Place::Options, Place::File, Place::ServerName][index];
            let size = value.len() + 2;
            if code == 52 || (place != Place::Options && size > room[index]) {
                continue;
            }
            if place != Place::Options {
                room[index] -= size;
                used |= place as u8;
            }
            fields.push(v4::OptionField { place, code, value });
        }
        if used != 0 {
            let overload = v4::OptionField {
                place: Place::Options,
                code: 52,
                value: vec![used],
            };
            fields.insert(0, overload);
        }
        fields.sort_by_key(|option| option.place);
        fields
    })
}

prop_compose! {
    fn fields_v4()(
        numbers in any::<(u32, u16, u16, u8)>(),
        addresses in any::<[u32; 4]>(),
        client_hardware_address in any::<[u8; 16]>(),
        operation in 1..=2u8,
        options in options_v4(),
        names in ("[a-z]{0,63}", "[a-z/.]{0,127}"),
        padding in 0..60usize,
    ) -> v4::Fields {
        let overloaded = |place| options.iter().any(|option| option.place == place);
        let mut fields = v4::Fields::new(Header {
            operation,
            hardware_length: 6,
            hardware_type: 1,
            hops: numbers.3,
            transaction_id: numbers.0,
            seconds: numbers.1,
            flags: numbers.2,
            client_address: addresses[0].into(),
            your_address: addresses[1].into(),
            next_server_address: addresses[2].into(),
            relay_address: addresses[3].into(),
            client_hardware_address,
        });
        if !overloaded(Place::ServerName) {
            fields.server_host_name = names.0.into_bytes();
        }
        if !overloaded(Place::File) {
            fields.boot_file = names.1.into_bytes();
        }
        fields.options = options;
        fields.behind_end = vec![0; padding];
        fields
    }
}

prop_compose! {
    fn fields_v6()(
        kind in prop_oneof![1..=11u8, 14..=40u8],
        transaction_id in 0..0x0100_0000u32,
        options in prop::collection::vec((any::<u16>(), prop::collection::vec(any::<u8>(), 0..40)), 0..10),
        relays in prop::collection::vec((12..=13u8, any::<u8>(), any::<u128>(), any::<u128>(), any::<bool>()), 0..5),
    ) -> v6::Fields {
        let relays = relays.into_iter().map(|(kind, hop_count, link, peer, before)| {
            let mut options = vec![v6::OptionField::new(9, []), v6::OptionField::new(18, *b"eth0")];
            if before {
                options.reverse();
            }
            v6::RelayFields {
                message_type: v6::MessageType::new(kind),
                hop_count,
                link_address: link.into(),
                peer_address: peer.into(),
                options,
            }
        });
        let options = options.into_iter().map(|(code, value)| v6::OptionField { code, value });
        v6::Fields {
            relays: relays.collect(),
            ..v6::Fields::new(v6::MessageType::new(kind), transaction_id, options.collect())
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn v4_parts_are_read_again(fields in fields_v4()) {
        let bytes = fields.write();
        let message = v4::Message::parse(&bytes, bytes.len(), &Limits::default());
        prop_assert_eq!(&v4::Fields::from(&message), &fields);
        prop_assert!(v4::recognise(&bytes));
        for cut in 0..bytes.len() {
            let kept = bytes.get(..cut).unwrap_or_default();
            let message = v4::Message::parse(kept, bytes.len(), &Limits::default());
            prop_assert!(message.is_cut());
            let fits = message.anomalies().iter().all(|odd| odd.kind != AnomalyKind::OptionPastEnd);
            prop_assert!(fits, "what the capture cut is not odd");
        }
    }

    #[test]
    fn v6_parts_are_read_again(fields in fields_v6()) {
        let bytes = fields.write();
        let message = v6::Message::parse(&bytes, bytes.len(), &Limits::default());
        prop_assert_eq!(&v6::Fields::from(&message), &fields);
        for cut in 0..bytes.len() {
            ask_v6(bytes.get(..cut).unwrap_or_default(), bytes.len())?;
            ask_v6(bytes.get(..cut).unwrap_or_default(), cut)?;
        }
    }

    #[test]
    fn v4_any_bytes(
        fields in fields_v4(),
        tail in prop::collection::vec(any::<u8>(), 0..300),
        cut in any::<prop::sample::Index>(),
        beyond in 0..20usize,
        flip in any::<(prop::sample::Index, u8)>(),
    ) {
        let mut bytes = fields.write();
        bytes.truncate(240 + cut.index(bytes.len().max(1)));
        bytes.extend(&tail);
        let at = flip.0.index(bytes.len());
        if let Some(byte) = bytes.get_mut(at) {
            *byte = flip.1;
        }
        ask_v4(&bytes, bytes.len() + beyond)?;
        ask_v4(&tail, tail.len())?;
    }

    #[test]
    fn v6_any_bytes(
        fields in fields_v6(),
        tail in prop::collection::vec(any::<u8>(), 0..100),
        beyond in 0..20usize,
        flip in any::<(prop::sample::Index, u8)>(),
    ) {
        let mut bytes = fields.write();
        bytes.extend(&tail);
        let at = flip.0.index(bytes.len());
        if let Some(byte) = bytes.get_mut(at) {
            *byte = flip.1;
        }
        ask_v6(&bytes, bytes.len() + beyond)?;
        ask_v6(&tail, tail.len())?;
    }
}

/// The longest datagrams made of the shortest options, or of relays in relays.
#[test]
fn the_most_that_a_datagram_can_hold_is_bounded() {
    let mut options = v4::Fields::default().write();
    options.truncate(240);
    options.resize(65_000, 1);
    let mut empty = v4::Fields::default().write();
    empty.truncate(240);
    for code in (0..32_000u32).map(|n| (n % 250 + 1) as u8) {
        empty.extend([code, 0]);
    }
    let relays: Vec<u8> = std::iter::repeat_n([12u8, 0].into_iter(), 1)
        .flatten()
        .chain(std::iter::repeat_n(0, 65_000))
        .collect();
    let mut nested = Vec::new();
    for depth in 0..1_700u16 {
        let left = 65_000 - 38 * (depth + 1);
        nested.extend([12, 0]);
        nested.extend([0; 32]);
        nested.extend([0, 9]);
        nested.extend(left.to_be_bytes());
    }
    let limits = Limits::default();
    for bytes in [&options, &empty, &relays, &nested] {
        let message = v4::Message::parse(bytes, bytes.len(), &limits);
        assert!(message.options().len() <= limits.options_max);
        let message = v6::Message::parse(bytes, bytes.len(), &limits);
        assert!(message.relays().len() <= limits.relay_depth_max);
    }
    let message = v6::Message::parse(&nested, 65_000, &limits);
    assert_eq!(message.relays().len(), limits.relay_depth_max);
    let told = message.anomalies().iter();
    assert!(
        told.map(|odd| odd.kind)
            .any(|kind| kind == AnomalyKind::RelayDepthLimit)
    );
}
