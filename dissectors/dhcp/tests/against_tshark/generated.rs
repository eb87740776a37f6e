//! Exchanges of TR-111 part I and of discovery, written here and read by tshark and here.

use crate::oracle::Datagram;
use crate::pcap::Sent;
use dhcp::v4::{self, Header, Place};
use dhcp::{BROADBAND_FORUM, BroadbandForum, Discovery, Identity, Limits, Text, Width};
use dhcp::{v6, write_sub_options};

const DEVICE: Identity<'static> = Identity {
    manufacturer_oui: None,
    serial_number: None,
    product_class: None,
};

fn device() -> Identity<'static> {
    Identity {
        manufacturer_oui: Some(Text::new(b"000413")),
        serial_number: Some(Text::new(b"00041326ABCD")),
        product_class: Some(Text::new(b"snom320")),
    }
}

fn gateway() -> Identity<'static> {
    Identity {
        manufacturer_oui: Some(Text::new(b"001122")),
        serial_number: Some(Text::new(b"GW-0000042")),
        ..DEVICE
    }
}

fn discovery() -> Discovery<'static> {
    Discovery {
        acs_url: Some(Text::new(b"http://acs.example.org:7547/cwmp")),
        provisioning_code: Some(Text::new(b"TLCO.GRP2")),
        retry_minimum_wait_interval: Some(Text::new(b"5")),
        retry_interval_multiplier: Some(Text::new(b"2000")),
    }
}

fn said(device: Identity<'static>, gateway: Identity<'static>) -> BroadbandForum<'static> {
    BroadbandForum {
        device,
        gateway,
        discovery: Discovery::default(),
    }
}

fn option_125(said: &BroadbandForum<'_>) -> Vec<u8> {
    let data = write_sub_options(Width::One, &said.sub_options());
    v4::enterprise_blocks(&[(BROADBAND_FORUM, &data)])
}

fn fields(kind: u8) -> v4::Fields {
    let mut fields = v4::Fields::new(Header {
        operation: if matches!(kind, 2 | 5 | 6) { 2 } else { 1 },
        transaction_id: 0x0004_1300 + u32::from(kind),
        client_hardware_address: [0, 4, 0x13, 0x26, 0xab, 0xcd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ..Header::default()
    });
    fields.push(53, &[kind]);
    fields
}

/// What a datagram is meant to say.
struct Meant {
    payload: Vec<u8>,
    said: Option<BroadbandForum<'static>>,
    enterprises: Vec<u32>,
}

/// DISCOVER, OFFER, REQUEST, ACK and INFORM of a device behind a gateway, and the ways in which they differ.
fn exchanges() -> Vec<Meant> {
    let mut meant = Vec::new();
    for (kind, said) in [
        (1, said(device(), DEVICE)),
        (2, said(DEVICE, gateway())),
        (3, said(device(), DEVICE)),
        (5, said(DEVICE, gateway())),
        (8, said(device(), DEVICE)),
        // Some gateways send both back.
        (5, said(device(), gateway())),
    ] {
        let mut fields = fields(kind);
        fields
            .push(60, b"dslforum.org")
            .push(125, &option_125(&said));
        meant.push(Meant {
            payload: fields.write(),
            said: Some(said),
            enterprises: vec![BROADBAND_FORUM],
        });
    }
    meant.push(several_enterprises());
    meant.push(split());
    meant.push(overloaded());
    meant.push(discovered());
    meant
}

/// CableLabs before, another behind.
fn several_enterprises() -> Meant {
    let said = said(device(), DEVICE);
    let ours = write_sub_options(Width::One, &said.sub_options());
    let cable = write_sub_options(Width::One, &[(1, b"\x01\x02".as_slice())]);
    let blocks = [(4491, cable.as_slice()), (BROADBAND_FORUM, &ours), (9, b"")];
    let mut fields = fields(1);
    fields.push(125, &v4::enterprise_blocks(&blocks));
    Meant {
        payload: fields.write(),
        said: Some(said),
        enterprises: vec![4491, BROADBAND_FORUM, 9],
    }
}

/// Option 125 in two pieces, the cut inside a serial number.
fn split() -> Meant {
    let said = said(device(), DEVICE);
    let value = option_125(&said);
    let (front, rest) = value.split_at_checked(20).unwrap_or_default();
    let mut fields = fields(3);
    fields
        .push(125, front)
        .push(61, b"\x01\x00\x04\x13\x26\xab\xcd")
        .push(125, rest);
    Meant {
        payload: fields.write(),
        said: Some(said),
        enterprises: vec![BROADBAND_FORUM],
    }
}

/// Option 125 begins in `options` and goes on in `file` and `sname`.
fn overloaded() -> Meant {
    let said = said(DEVICE, gateway());
    let value = option_125(&said);
    let (front, rest) = value.split_at_checked(9).unwrap_or_default();
    let (middle, last) = rest.split_at_checked(10).unwrap_or_default();
    let mut fields = fields(5);
    fields.push(52, &[3]).push(125, front);
    fields.push_in(Place::File, 125, middle);
    fields.push_in(Place::ServerName, 125, last);
    Meant {
        payload: fields.write(),
        said: Some(said),
        enterprises: vec![BROADBAND_FORUM],
    }
}

/// The ACS in option 125, beside the gateway.
fn discovered() -> Meant {
    let said = BroadbandForum {
        discovery: discovery(),
        ..said(DEVICE, gateway())
    };
    let mut fields = fields(5);
    fields.push(125, &option_125(&said));
    Meant {
        payload: fields.write(),
        said: Some(said),
        enterprises: vec![BROADBAND_FORUM],
    }
}

fn by_tshark(sent: &[Sent]) -> Option<Vec<Datagram>> {
    let folder = tempfile::tempdir().ok()?;
    let capture = folder.path().join("generated.pcap");
    crate::pcap::write(&capture, sent).ok()?;
    crate::oracle::tshark(&[capture])
}

#[test]
fn part_i_is_read_as_it_was_meant() {
    for (number, meant) in exchanges().iter().enumerate() {
        let bytes = &meant.payload;
        assert!(v4::recognise(bytes), "{number}");
        let message = v4::Message::parse(bytes, bytes.len(), &Limits::default());
        assert_eq!(message.anomalies(), [], "{number}");
        assert_eq!(message.broadband_forum(), meant.said, "{number}");
        let enterprises: Vec<u32> = message.vendor_information().map(|b| b.enterprise).collect();
        assert_eq!(enterprises, meant.enterprises, "{number}");
        assert_eq!(&v4::Fields::from(&message).write(), bytes, "{number}");
    }
}

/// tshark 4.0 joins no pieces: it reads the front of a split value and calls the rest malformed, so those two are left out.
#[test]
fn part_i_is_read_by_tshark_as_it_was_meant() {
    let whole = |meant: &Meant| {
        let message = v4::Message::parse(&meant.payload, meant.payload.len(), &Limits::default());
        message.values().all(|value| value.pieces == 1)
    };
    let meant: Vec<Meant> = exchanges().into_iter().filter(whole).collect();
    assert_eq!(meant.len(), 8);
    let sent: Vec<Sent> = meant
        .iter()
        .map(|meant| Sent {
            ipv6: false,
            ports: (68, 67),
            payload: meant.payload.clone(),
        })
        .collect();
    let Some(theirs) = by_tshark(&sent) else {
        return;
    };
    assert_eq!(theirs.len(), meant.len());
    for (number, (meant, theirs)) in meant.iter().zip(&theirs).enumerate() {
        let said = meant.said.unwrap_or_default();
        let enterprises: Vec<String> = meant.enterprises.iter().map(u32::to_string).collect();
        assert_eq!(
            theirs.shows("dhcp.option.vi.enterprise"),
            enterprises,
            "{number}"
        );
        for (field, text) in [
            ("device_serial_number", said.device.serial_number),
            ("device_product_class", said.device.product_class),
            ("gateway_manufacturer_oui", said.gateway.manufacturer_oui),
            ("gateway_serial_number", said.gateway.serial_number),
            ("gateway_product_class", said.gateway.product_class),
        ] {
            let text: Vec<String> = text
                .map(|text| text.text().into_owned())
                .into_iter()
                .collect();
            let shown = theirs.shows(&format!("dhcp.option.vi.tr111.{field}"));
            assert_eq!(shown, text, "{number} {field}");
        }
        // tshark takes the device's OUI for a number of three bytes, so its value is compared, not what it shows.
        let ouis = theirs.fields.iter();
        let ouis =
            ouis.filter(|field| field.name == "dhcp.option.vi.tr111.device_manufacturer_oui");
        assert_eq!(
            ouis.count(),
            usize::from(said.device.manufacturer_oui.is_some()),
            "{number}"
        );
    }
}

#[test]
fn discovery_in_option_43_in_every_form() {
    let discovery = discovery();
    let said = BroadbandForum {
        discovery,
        ..BroadbandForum::default()
    };
    let codes: Vec<(u16, &[u8])> = said
        .sub_options()
        .into_iter()
        .map(|(code, value)| (code - 10, value))
        .collect();
    let mut fields = fields(5);
    fields.push(43, &write_sub_options(Width::One, &codes));
    let bytes = fields.write();
    let message = v4::Message::parse(&bytes, bytes.len(), &Limits::default());
    let Some(vendor) = message.vendor_specific() else {
        panic!("option 43 stands there");
    };
    assert_eq!(vendor.form, v4::VendorForm::SubOptions);
    assert_eq!(vendor.discovery, discovery);
    let named = message.provisioning();
    assert!(matches!(
        named.as_slice(),
        [v4::Provisioning { code: 43, server: v4::ServerName::Url(url) }] if Some(*url) == discovery.acs_url
    ));
}

#[test]
fn servers_of_provisioning_as_telephones_read_them() {
    let mut fields = fields(2);
    fields.header.next_server_address = [192, 0, 2, 9].into();
    fields
        .push(43, b"https://prov.example.org/")
        .push(66, b"tftp://192.0.2.7/\0")
        .push(67, b"phone.cfg")
        .push(120, &[1, 192, 0, 2, 1])
        .push(150, &[192, 0, 2, 1, 192, 0, 2, 2])
        .push(159, b"prov.example.org")
        .push(160, b"http://prov.example.org/cfg");
    let bytes = fields.write();
    let message = v4::Message::parse(&bytes, bytes.len(), &Limits::default());
    let codes: Vec<u8> = message
        .provisioning()
        .iter()
        .map(|named| named.code)
        .collect();
    assert_eq!(codes, [43, 66, 67, 120, 150, 159, 160, 0]);
    let Some(theirs) = by_tshark(&[Sent {
        ipv6: false,
        ports: (67, 68),
        payload: bytes.clone(),
    }]) else {
        return;
    };
    let Some(theirs) = theirs.first() else {
        panic!("tshark read it");
    };
    assert_eq!(
        theirs.shows("dhcp.option.tftp_server_name"),
        ["tftp://192.0.2.7/"]
    );
    assert_eq!(theirs.shows("dhcp.option.bootfile_name"), ["phone.cfg"]);
    assert_eq!(
        theirs.shows("dhcp.option.sip_server.address"),
        ["192.0.2.1"]
    );
    assert_eq!(
        theirs.shows("dhcp.option.tftp_server_address"),
        ["192.0.2.1", "192.0.2.2"]
    );
}

fn option_17(said: &BroadbandForum<'_>) -> v6::OptionField {
    let data = write_sub_options(Width::Two, &said.sub_options());
    v6::OptionField::new(17, v6::vendor_information(BROADBAND_FORUM, &data))
}

fn solicit() -> v6::Fields {
    let duid = [0, 3, 0, 1, 0, 4, 0x13, 0x26, 0xab, 0xcd];
    let class = v6::vendor_class(BROADBAND_FORUM, &[b"dslforum.org"]);
    v6::Fields::new(
        v6::MessageType::Solicit,
        0x0a_0b0c,
        vec![
            v6::OptionField::new(1, duid),
            v6::OptionField::new(16, class),
            option_17(&said(device(), DEVICE)),
            v6::OptionField::new(17, v6::vendor_information(4491, &[0, 1, 0, 1, 7])),
        ],
    )
}

fn relayed(inner: v6::Fields, depth: u8) -> v6::Fields {
    let relays = (0..depth).rev().map(|hop_count| v6::RelayFields {
        message_type: v6::MessageType::RelayForward,
        hop_count,
        link_address: [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1].into(),
        peer_address: [0xfe80, 0, 0, 0, 0, 0, 0, u16::from(hop_count)].into(),
        options: vec![
            v6::OptionField::new(18, *b"eth0"),
            v6::OptionField::new(9, []),
        ],
    });
    v6::Fields {
        relays: relays.collect(),
        ..inner
    }
}

#[test]
fn dhcpv6_alone_and_relayed() {
    let all = [solicit(), relayed(solicit(), 1), relayed(solicit(), 3)];
    let mut sent = Vec::new();
    for fields in &all {
        let bytes = fields.write();
        assert!(v6::recognise(&bytes, bytes.len()));
        let message = v6::Message::parse(&bytes, bytes.len(), &Limits::default());
        assert_eq!(message.anomalies(), []);
        assert_eq!(message.broadband_forum(), Some(said(device(), DEVICE)));
        assert!(message.announces_tr069());
        assert_eq!(&v6::Fields::from(&message), fields);
        sent.push(Sent {
            ipv6: true,
            ports: (546, 547),
            payload: bytes,
        });
    }
    let Some(theirs) = by_tshark(&sent) else {
        return;
    };
    assert_eq!(theirs.len(), all.len());
    for (theirs, fields) in theirs.iter().zip(&all) {
        assert_eq!(
            theirs.shows("dhcpv6.msgtype").len(),
            fields.relays.len() + 1
        );
        assert_eq!(
            theirs.shows("dhcpv6.vendoropts.enterprise"),
            ["3561", "4491"]
        );
        assert_eq!(
            theirs.shows("dhcpv6.vendoropts.enterprise.option_code"),
            ["1", "2", "3"]
        );
        assert_eq!(theirs.values("dhcpv6.vendorclass.data"), [b"dslforum.org"]);
        let data = theirs.values("dhcpv6.vendoropts.enterprise.option_data");
        assert_eq!(data.get(1).map(Vec::as_slice), Some(&b"00041326ABCD"[..]));
    }
}

#[test]
fn dhcpv6_discovery_by_either_codes() {
    let late = BroadbandForum {
        discovery: discovery(),
        ..BroadbandForum::default()
    };
    let early: Vec<(u16, &[u8])> = late
        .sub_options()
        .into_iter()
        .map(|(code, value)| (code - 10, value))
        .collect();
    let early = write_sub_options(Width::Two, &early);
    let early = v6::OptionField::new(17, v6::vendor_information(BROADBAND_FORUM, &early));
    for option in [option_17(&late), early] {
        let fields = v6::Fields::new(v6::MessageType::Reply, 1, vec![option]);
        let bytes = fields.write();
        let message = v6::Message::parse(&bytes, bytes.len(), &Limits::default());
        assert_eq!(message.broadband_forum(), Some(late));
    }
}
