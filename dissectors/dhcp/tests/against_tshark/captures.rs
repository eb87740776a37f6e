//! Real DHCP, read here and by tshark: every option of every message, and each difference with its reason.

use std::path::PathBuf;

use crate::oracle::{Datagram, shared, tshark};
use dhcp::v4::{self, Fields, Message};
use dhcp::{AnomalyKind, Limits, SubOptions, Text, Width, v6};

/// Captures beyond `dhcp/` that hold DHCP behind other link layers.
const ELSEWHERE: [&str; 5] = [
    "linktypes/zeek__pppoe.trace",
    "linktypes/zeek__erspan.trace",
    "linktypes/suricata-verify__decode-dce__input.pcap",
    "linktypes/PcapPlusPlus__Pcap++Test__PcapExamples__sll.pcap",
    "http-torture/andrewf+pcap2har__tests__sajal.pcap",
];

/// Datagrams that are not written back to the byte, by capture and by their number among its DHCP from 1.
const NOT_BYTE_FOR_BYTE: [(&str, usize, &str); 4] = [
    (
        "suricata-verify__dhcp-option-52-overload-both__input.pcap",
        1,
        "a pad stands between two options, and parts have no pads",
    ),
    (
        "tcpdump__tests__bootp_asan.pcap",
        1,
        "the capture cut it inside the fixed fields, which are written whole",
    ),
    (
        "tcpdump__tests__dhcp-rfc4388.pcap",
        29,
        "its fixed fields are two bytes short, so `file` holds more than its text",
    ),
    ("tcpdump__tests__dhcp-rfc4388.pcap", 30, "the same again"),
];

/// Datagrams that the shape does not show.
const NOT_RECOGNISED: [(&str, usize, &str); 3] = [
    (
        "tcpdump__tests__bootp_asan.pcap",
        1,
        "the capture cut it before the cookie",
    ),
    (
        "tcpdump__tests__dhcp-rfc4388.pcap",
        29,
        "its fixed fields are two bytes short, and the cookie with them; tshark goes by the ports",
    ),
    ("tcpdump__tests__dhcp-rfc4388.pcap", 30, "the same again"),
];

/// What is odd about them.
const ANOMALIES: [(&str, usize, AnomalyKind, usize); 9] = [
    (
        "andrewf+pcap2har__tests__sajal.pcap",
        1,
        AnomalyKind::MissingEnd,
        236,
    ),
    (
        "andrewf+pcap2har__tests__sajal.pcap",
        1,
        AnomalyKind::MissingEnd,
        108,
    ),
    (
        "andrewf+pcap2har__tests__sajal.pcap",
        2,
        AnomalyKind::MissingEnd,
        236,
    ),
    (
        "andrewf+pcap2har__tests__sajal.pcap",
        2,
        AnomalyKind::MissingEnd,
        108,
    ),
    (
        "andrewf+pcap2har__tests__sajal.pcap",
        3,
        AnomalyKind::MissingEnd,
        236,
    ),
    (
        "andrewf+pcap2har__tests__sajal.pcap",
        3,
        AnomalyKind::MissingEnd,
        108,
    ),
    (
        "tcpdump__tests__bootp_asan.pcap",
        1,
        AnomalyKind::OddOperation,
        0,
    ),
    (
        "tcpdump__tests__dhcp-rfc4388.pcap",
        29,
        AnomalyKind::MissingCookie,
        236,
    ),
    (
        "tcpdump__tests__dhcp-rfc4388.pcap",
        30,
        AnomalyKind::MissingCookie,
        236,
    ),
];

/// The datagrams with the name of their capture and their number in it.
fn datagrams() -> Vec<(String, usize, Datagram)> {
    let Some(folder) = shared() else {
        return Vec::new();
    };
    let entries = std::fs::read_dir(folder.join("dhcp")).into_iter().flatten();
    let mut captures: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    captures.sort();
    captures.extend(ELSEWHERE.map(|name| folder.join(name)));
    let mut numbered = Vec::new();
    let mut last = (String::new(), 0);
    for datagram in tshark(&captures).unwrap_or_default() {
        let name = captures
            .get(datagram.capture)
            .and_then(|path| path.file_name());
        let name = name.unwrap_or_default().to_string_lossy().into_owned();
        let number = if last.0 == name { last.1 + 1 } else { 1 };
        last = (name.clone(), number);
        numbered.push((name, number, datagram));
    }
    assert!(numbered.is_empty() || numbered.len() > 110, "all were read");
    numbered
}

fn parse_v4(datagram: &Datagram) -> Message<'_> {
    Message::parse(&datagram.payload, datagram.wire_bytes, &Limits::default())
}

fn parse_v6(datagram: &Datagram) -> v6::Message<'_> {
    v6::Message::parse(&datagram.payload, datagram.wire_bytes, &Limits::default())
}

/// Everything in one pass, since tshark's part takes longest.
#[test]
fn every_capture_against_tshark() {
    let mut recognised = Vec::new();
    let mut not_recognised = Vec::new();
    let mut not_byte_for_byte = Vec::new();
    let mut anomalies = Vec::new();
    let all = datagrams();
    for (name, number, datagram) in &all {
        let place = format!("{name} {number}");
        let shown;
        let back;
        let odd;
        if datagram.protocol == "dhcp" {
            let message = parse_v4(datagram);
            compare_v4(&place, datagram, &message);
            shown = v4::recognise(&datagram.payload);
            back = Fields::from(&message).write();
            odd = message.anomalies().to_vec();
        } else {
            let message = parse_v6(datagram);
            compare_v6(&place, datagram, &message);
            shown = v6::recognise(&datagram.payload, datagram.wire_bytes);
            back = v6::Fields::from(&message).write();
            odd = message.anomalies().to_vec();
        }
        let at = (name.as_str(), *number);
        if shown {
            recognised.push(at);
        } else {
            not_recognised.push(at);
        }
        if back != datagram.payload {
            not_byte_for_byte.push(at);
        }
        anomalies.extend(odd.iter().map(|odd| (at.0, at.1, odd.kind, odd.offset)));
    }
    if all.is_empty() {
        return;
    }
    let known = NOT_RECOGNISED.map(|(name, number, _)| (name, number));
    assert_eq!(not_recognised, known);
    let known = NOT_BYTE_FOR_BYTE.map(|(name, number, _)| (name, number));
    assert_eq!(not_byte_for_byte, known);
    anomalies.sort_by_key(|odd| (odd.0, odd.1));
    assert_eq!(anomalies, ANOMALIES);
    println!("{} datagrams, {} recognised", all.len(), recognised.len());
}

fn compare_v4(place: &str, datagram: &Datagram, message: &Message<'_>) {
    assert_eq!(own_options(message), their_options(datagram), "{place}");
    let text = |text: Option<Text<'_>>| -> Vec<String> {
        text.map(|text| text.text().into_owned())
            .into_iter()
            .collect()
    };
    let one = |shown: Option<String>| -> Vec<String> { shown.into_iter().collect() };
    let number = |number: Option<u32>| one(number.map(|number| number.to_string()));
    let kind = message.message_type().map(|kind| u32::from(kind.code()));
    let expected = [
        ("dhcp.option.dhcp", number(kind)),
        (
            "dhcp.option.vendor_class_id",
            text(message.vendor_class_id()),
        ),
        ("dhcp.option.hostname", text(message.host_name())),
        ("dhcp.option.message", text(message.message_text())),
        (
            "dhcp.option.ip_address_lease_time",
            number(message.lease_time_s()),
        ),
        (
            "dhcp.option.renewal_time_value",
            number(message.renewal_time_s()),
        ),
        (
            "dhcp.option.rebinding_time_value",
            number(message.rebinding_time_s()),
        ),
        (
            "dhcp.option.requested_ip_address",
            one(message
                .requested_address()
                .map(|address| address.to_string())),
        ),
        (
            "dhcp.option.dhcp_server_id",
            one(message.server_id().map(|address| address.to_string())),
        ),
        ("dhcp.option.router", addresses(&message.routers())),
        (
            "dhcp.option.domain_name_server",
            addresses(&message.domain_name_servers()),
        ),
        (
            "dhcp.fqdn.name",
            one(message.client_fqdn().map(|fqdn| fqdn.name)),
        ),
    ];
    for (field, ours) in expected {
        if field == "dhcp.option.message" && message.values().any(|v| v.code == 56 && v.pieces > 1)
        {
            // tshark shows each piece of an option 56 that is overloaded; here they are joined (RFC 3396 section 7).
            let theirs: String = datagram.shows(field).concat();
            assert_eq!(sorted(&ours.concat()), sorted(&theirs), "{place} {field}");
            continue;
        }
        assert_eq!(ours, datagram.shows(field), "{place} {field}");
    }
    compare_vendors_v4(place, datagram, message);
}

fn compare_vendors_v4(place: &str, datagram: &Datagram, message: &Message<'_>) {
    let requested: Vec<String> = message
        .requested_options()
        .iter()
        .map(u8::to_string)
        .collect();
    assert_eq!(
        requested,
        datagram.shows("dhcp.option.request_list_item"),
        "{place}"
    );
    let information: Vec<_> = message.vendor_information().collect();
    let enterprises: Vec<String> = information
        .iter()
        .map(|b| b.enterprise.to_string())
        .collect();
    assert_eq!(
        enterprises,
        datagram.shows("dhcp.option.vi.enterprise"),
        "{place}"
    );
    let ours = information
        .iter()
        .filter(|block| block.enterprise == dhcp::BROADBAND_FORUM);
    let codes: Vec<String> = ours
        .flat_map(|block| block.sub_options())
        .map(|sub_option| sub_option.code.to_string())
        .collect();
    assert_eq!(
        codes,
        datagram.shows("dhcp.option.vi.tr111.suboption"),
        "{place}"
    );
    let read = message.broadband_forum().unwrap_or_default();
    for (field, ours) in [
        ("device_serial_number", read.device.serial_number),
        ("device_product_class", read.device.product_class),
        ("gateway_manufacturer_oui", read.gateway.manufacturer_oui),
        ("gateway_serial_number", read.gateway.serial_number),
        ("gateway_product_class", read.gateway.product_class),
    ] {
        let theirs = datagram.shows(&format!("dhcp.option.vi.tr111.{field}"));
        let ours: Vec<String> = ours
            .map(|text| text.text().into_owned())
            .into_iter()
            .collect();
        assert_eq!(ours, theirs, "{place} {field}");
    }
    let classes: Vec<String> = message
        .vendor_classes()
        .map(|c| c.enterprise.to_string())
        .collect();
    assert_eq!(
        classes,
        datagram.shows("dhcp.option.vi_class.enterprise"),
        "{place}"
    );
}

fn compare_v6(place: &str, datagram: &Datagram, message: &v6::Message<'_>) {
    let mut ours: Vec<(usize, u16)> = Vec::new();
    for relay in message.relays() {
        ours.extend(
            relay
                .options
                .iter()
                .map(|option| (option.offset, option.code)),
        );
    }
    for option in message.options() {
        ours.push((option.offset, option.code));
        let value = datagram
            .payload
            .get(option.value.clone())
            .unwrap_or_default();
        nested(option.code, value, option.value.start, &mut ours);
    }
    ours.sort_unstable();
    let named = datagram
        .fields
        .iter()
        .filter(|field| field.name == "dhcpv6.option.type");
    let mut theirs: Vec<(usize, u16)> = named
        .map(|field| (field.position, field.show.parse().unwrap_or_default()))
        .collect();
    theirs.sort_unstable();
    assert_eq!(ours, theirs, "{place}");

    compare_heads(place, datagram, message);
    compare_vendors_v6(place, datagram, message, &ours);
    compare_leases(place, datagram, message);
    compare_parties(place, datagram, message);
}

fn texts(all: impl Iterator<Item = u32>) -> Vec<String> {
    all.map(|number| number.to_string()).collect()
}

fn compare_heads(place: &str, datagram: &Datagram, message: &v6::Message<'_>) {
    let mut kinds: Vec<u32> = message
        .relays()
        .iter()
        .map(|r| u32::from(r.message_type.code()))
        .collect();
    kinds.extend(message.message_type().map(|kind| u32::from(kind.code())));
    assert_eq!(
        texts(kinds.into_iter()),
        datagram.shows("dhcpv6.msgtype"),
        "{place}"
    );
    if message.message_type().is_some() {
        let id = format!("0x{:06x}", message.transaction_id());
        assert_eq!(vec![id], datagram.shows("dhcpv6.xid"), "{place}");
    }
    let requested = message.requested_options().into_iter().map(u32::from);
    assert_eq!(
        texts(requested),
        datagram.shows("dhcpv6.requested_option_code"),
        "{place}"
    );
}

fn compare_vendors_v6(
    place: &str,
    datagram: &Datagram,
    message: &v6::Message<'_>,
    listed: &[(usize, u16)],
) {
    let classes = message.vendor_classes().map(|class| class.enterprise);
    assert_eq!(
        texts(classes),
        datagram.shows("dhcpv6.vendorclass.enterprise"),
        "{place}"
    );
    let data: Vec<Vec<u8>> = message
        .vendor_classes()
        .flat_map(dhcp::VendorClass::items)
        .map(<[u8]>::to_vec)
        .collect();
    assert_eq!(data, datagram.values("dhcpv6.vendorclass.data"), "{place}");
    // A relay has an option 17 of its own, and an identity association can hold one: tshark shows them all.
    let everywhere = listed.iter().filter(|(_, code)| *code == 17);
    let enterprises: Vec<String> = everywhere
        .filter_map(|(offset, _)| {
            let value = datagram.payload.get(offset + 4..)?;
            let block = dhcp::VendorInformations::v6(value).next()?;
            Some(block.enterprise.to_string())
        })
        .collect();
    assert_eq!(
        enterprises,
        datagram.shows("dhcpv6.vendoropts.enterprise"),
        "{place}"
    );
    let information: Vec<_> = message.vendor_information().collect();
    if message.relays().is_empty() {
        assert_eq!(information.len(), enterprises.len(), "{place}");
    }
    // tshark has fields of their own for what CableLabs (4491) says.
    let others = information.iter().filter(|block| block.enterprise != 4491);
    let codes = others
        .flat_map(|block| block.sub_options())
        .map(|s| u32::from(s.code));
    assert_eq!(
        texts(codes),
        datagram.shows("dhcpv6.vendoropts.enterprise.option_code"),
        "{place}"
    );
}

fn compare_leases(place: &str, datagram: &Datagram, message: &v6::Message<'_>) {
    let associations: Vec<_> = message.identity_associations().collect();
    let leased: Vec<_> = associations
        .iter()
        .flat_map(v6::IdentityAssociation::addresses)
        .collect();
    let shown: Vec<String> = leased
        .iter()
        .map(|leased| leased.address.to_string())
        .collect();
    assert_eq!(shown, datagram.shows("dhcpv6.iaaddr.ip"), "{place}");
    let shown: Vec<String> = leased
        .iter()
        .map(|leased| leased.valid_s.to_string())
        .collect();
    assert_eq!(
        shown,
        datagram.shows("dhcpv6.iaaddr.valid_lifetime"),
        "{place}"
    );
    let delegated: Vec<_> = associations
        .iter()
        .flat_map(v6::IdentityAssociation::prefixes)
        .collect();
    let shown: Vec<String> = delegated
        .iter()
        .map(|leased| leased.prefix.to_string())
        .collect();
    assert_eq!(
        shown,
        datagram.shows("dhcpv6.iaprefix.pref_addr"),
        "{place}"
    );
    let shown: Vec<String> = delegated
        .iter()
        .map(|leased| leased.length.to_string())
        .collect();
    assert_eq!(shown, datagram.shows("dhcpv6.iaprefix.pref_len"), "{place}");
}

fn compare_parties(place: &str, datagram: &Datagram, message: &v6::Message<'_>) {
    let associations: Vec<_> = message.identity_associations().collect();
    let fqdn: Vec<String> = message
        .client_fqdn()
        .map(|(_, name)| name)
        .into_iter()
        .collect();
    // tshark writes a dot behind a name whose root label is missing.
    let shown = datagram.shows("dhcpv6.client_domain");
    let shown: Vec<_> = shown
        .iter()
        .map(|name| name.trim_end_matches('.'))
        .collect();
    assert_eq!(fqdn, shown, "{place}");
    let statuses = associations
        .iter()
        .filter_map(v6::IdentityAssociation::status);
    let statuses = statuses.chain(message.status());
    let statuses: Vec<String> = statuses.map(|status| status.code.to_string()).collect();
    assert_eq!(statuses, datagram.shows("dhcpv6.status_code"), "{place}");
    let relays = message.relays().iter();
    let peers: Vec<String> = relays.map(|relay| relay.peer_address.to_string()).collect();
    assert_eq!(peers, datagram.shows("dhcpv6.peeraddr"), "{place}");
    for (duid, code) in [(message.client_id(), 1), (message.server_id(), 2)] {
        let value = message.value(code).map(<[u8]>::to_vec);
        let shown = datagram.values("dhcpv6.duid.bytes");
        assert!(value.is_none_or(|value| shown.contains(&value)), "{place}");
        let address = duid
            .and_then(v6::Duid::link_layer_address)
            .map(<[u8]>::to_vec);
        let mut shown = datagram.values("dhcpv6.duidllt.link_layer_addr");
        shown.extend(datagram.values("dhcpv6.duidll.link_layer_addr"));
        assert!(
            address.is_none_or(|address| shown.contains(&address)),
            "{place}"
        );
    }
}

/// The options inside those of identity associations.
fn nested(code: u16, value: &[u8], start: usize, found: &mut Vec<(usize, u16)>) {
    let head = match code {
        3 | 25 => 12,
        4 => 4,
        5 => 24,
        26 => 25,
        _ => return,
    };
    let inside = value.get(head..).unwrap_or_default();
    for option in SubOptions::new(inside, Width::Two) {
        let at = start + head + option.offset;
        found.push((at, option.code));
        nested(option.code, option.value, at + 4, found);
    }
}

fn own_options(message: &Message<'_>) -> Vec<(usize, Vec<u8>)> {
    let bytes = message.bytes();
    let options = message.options().iter();
    let mut listed: Vec<_> = options
        .map(|option| {
            let whole = bytes.get(option.offset..option.value.end);
            (option.offset, whole.unwrap_or_default().to_vec())
        })
        .collect();
    listed.sort();
    listed
}

/// tshark lists what is overloaded where option 52 stands; pads and END are no options here.
fn their_options(datagram: &Datagram) -> Vec<(usize, Vec<u8>)> {
    let named = datagram.fields.iter();
    let mut listed: Vec<_> = named
        .filter(|field| field.name == "dhcp.option.type")
        .filter(|field| !matches!(field.value.first(), None | Some(0 | 255)))
        .map(|field| (field.position, field.value.clone()))
        .collect();
    listed.sort();
    listed
}

fn addresses(all: &[std::net::Ipv4Addr]) -> Vec<String> {
    all.iter().map(ToString::to_string).collect()
}

fn sorted(text: &str) -> Vec<char> {
    let mut characters: Vec<char> = text.chars().collect();
    characters.sort_unstable();
    characters
}

/// A gateway that tells a device who it is, from the field.
#[test]
fn a_real_gateway_with_part_i_of_tr_111() {
    let Some(folder) = shared() else {
        return;
    };
    let dhcp4 = folder.join("dhcp/PcapPlusPlus__Packet++Test__PacketExamples__Dhcp4.pcap");
    let Some(all) = tshark(&[dhcp4]) else {
        return;
    };
    let Some(datagram) = all.first() else {
        panic!("it holds one message");
    };
    let message = parse_v4(datagram);
    let Some(read) = message.broadband_forum() else {
        panic!("it holds option 125 of enterprise 3561");
    };
    assert!(read.device.is_empty());
    let gateway = read.gateway;
    let text = |text: Option<Text<'_>>| text.unwrap_or(Text::new(b"")).text().into_owned();
    assert_eq!(text(gateway.manufacturer_oui), "002682");
    assert_eq!(text(gateway.serial_number), "WECO10KH05005695");
    assert_eq!(text(gateway.product_class), "VDSL2CPE");
}
