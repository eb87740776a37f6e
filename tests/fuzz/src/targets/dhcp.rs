//! One datagram of DHCP, of either version: options in their places, every question answered, and the same parts once
//! it was written again.

use std::ops::Range;

use dhcp::{Anomaly, AnomalyKind, BroadbandForum, Limits, SubOptions, Width, v4, v6};

use super::tape::Tape;

/// One byte of settings, two of what the capture cut off, then the payload.
pub fn run(data: &[u8]) {
    let mut tape = Tape(data);
    let settings = tape.byte();
    let wire_bytes = usize::from(tape.word());
    let payload = tape.0;
    let limits = if settings & 2 == 0 {
        Limits::default()
    } else {
        TIGHT
    };
    let _ = (
        v4::recognise(payload),
        v6::recognise(payload, payload.len() + wire_bytes),
    );
    let wire_bytes = payload.len() + wire_bytes;
    if settings & 1 == 0 {
        four(payload, wire_bytes, &limits);
    } else {
        six(payload, wire_bytes, &limits);
    }
}

fn four(payload: &[u8], wire_bytes: usize, limits: &Limits) {
    let message = v4::Message::parse(payload, wire_bytes, limits);
    assert!(message.options().len() <= limits.options_max);
    within(message.anomalies(), wire_bytes, limits);
    for option in message.options() {
        lies(&option.value, option.offset, payload);
        let _ = (option.code, option.place.name(), option.partial);
    }
    let pieces: usize = message.values().map(|value| value.pieces).sum();
    assert_eq!(pieces, message.options().len(), "every piece is of a value");
    for value in message.values() {
        assert_eq!(message.value(value.code), Some(value.value));
        for at in [0, value.value.len() / 2, value.value.len()] {
            let offset = message.offset_in_value(value.code, at);
            assert!(offset.is_some_and(|offset| offset <= payload.len()));
            if let Some(byte) = value.value.get(at) {
                assert_eq!(offset.and_then(|offset| payload.get(offset)), Some(byte));
            }
        }
    }
    ask_four(&message);
    let whole = !message.is_cut() && message.unlisted_anomalies() == 0;
    if whole && !message.anomalies().iter().any(cuts) {
        let fields = v4::Fields::from(&message);
        let written = fields.write();
        let again = v4::Message::parse(&written, written.len(), limits);
        assert_eq!(v4::Fields::from(&again), fields, "written and read again");
    }
}

fn ask_four(message: &v4::Message<'_>) {
    let header = message.header();
    let _ = (header.is_request(), header.wants_broadcast());
    assert!(header.hardware_address().len() <= 16);
    let _ = (message.message_type(), message.has_cookie());
    let _ = (message.requested_address(), message.offered_address());
    let _ = (message.server_id(), message.lease_time_s());
    let _ = (message.renewal_time_s(), message.rebinding_time_s());
    let _ = (message.message_size_max_bytes(), message.subnet_mask());
    let _ = (message.routers(), message.domain_name_servers());
    let _ = (message.requested_options(), message.client_id());
    let _ = (message.client_fqdn(), message.user_class());
    let _ = (message.vendor_classes().count(), message.announces_tr069());
    let texts = [
        message.server_host_name(),
        message.boot_file(),
        message.message_text(),
        message.host_name(),
        message.vendor_class_id(),
        message.boot_file_name(),
    ];
    for text in texts.into_iter().flatten() {
        assert!(text.value().len() <= text.raw().len());
        let _ = (text.text(), text.number(), text.binary_number());
        let _ = (text.is_url(), text.is_printable(), text.is_nul_terminated());
    }
    walk(message.relay_agent_information());
    if let Some(vendor) = message.vendor_specific() {
        walk(vendor.sub_options());
    }
    for block in message.vendor_information() {
        walk(block.sub_options());
    }
    let _ = (message.provisioning(), message.sip_servers());
    let _ = (message.tftp_server_name(), message.tftp_server_addresses());
    let _ = (message.private_provisioning(159), message.behind_end());
    said_again(message.broadband_forum().as_ref());
}

fn six(payload: &[u8], wire_bytes: usize, limits: &Limits) {
    let message = v6::Message::parse(payload, wire_bytes, limits);
    assert!(message.relays().len() <= limits.relay_depth_max);
    within(message.anomalies(), wire_bytes, limits);
    assert!(message.offset() <= payload.len() && message.transaction_id() < 1 << 24);
    let relayed = message.relays().iter().flat_map(|relay| &relay.options);
    let options: Vec<&v6::Opt> = relayed.chain(message.options()).collect();
    assert!(options.len() <= limits.options_max);
    for option in options {
        lies(&option.value, option.offset, payload);
        assert_eq!(option.is_partial(), option.value.len() < option.length);
    }
    ask_six(&message);
    let whole = !message.is_cut() && message.unlisted_anomalies() == 0;
    if whole && !message.anomalies().iter().any(cuts) {
        let fields = v6::Fields::from(&message);
        let written = fields.write();
        assert_eq!(written, payload, "written again it is other bytes");
        let again = v6::Message::parse(&written, written.len(), limits);
        assert_eq!(v6::Fields::from(&again), fields, "written and read again");
    }
}

fn ask_six(message: &v6::Message<'_>) {
    for duid in [message.client_id(), message.server_id()]
        .into_iter()
        .flatten()
    {
        let _ = duid.link_layer_address();
    }
    let _ = (message.message_type(), message.requested_options());
    let _ = (message.preference(), message.elapsed_time_cs());
    let _ = (message.user_classes(), message.announces_tr069());
    let _ = message.status().map(|status| (status.name(), status.text));
    for class in message.vendor_classes() {
        let _ = class.items();
    }
    for block in message.vendor_information() {
        walk(block.sub_options());
    }
    let _ = (
        message.sip_server_names(),
        message.sip_server_addresses(),
        message.domain_name_servers(),
        message.client_fqdn(),
        message.boot_file_url(),
    );
    for association in message.identity_associations() {
        walk(association.options);
        for address in association.addresses() {
            walk(address.options);
        }
        for prefix in association.prefixes() {
            walk(prefix.options);
        }
        let _ = association.status();
    }
    if let Some(inside) = message.dhcpv4_message() {
        ask_four(&v4::Message::parse(inside, inside.len(), &TIGHT));
    }
    said_again(message.broadband_forum().as_ref());
}

/// Written as sub-options and read again, it says the same.
fn said_again(said: Option<&BroadbandForum<'_>>) {
    let Some(said) = said else {
        return;
    };
    let fits = |(_, value): &(u16, &[u8])| value.len() <= 255;
    let sub_options = said.sub_options();
    if !sub_options.iter().all(fits) {
        return;
    }
    for width in [Width::One, Width::Two] {
        let written = dhcp::write_sub_options(width, &sub_options);
        let read = BroadbandForum::read(SubOptions::new(&written, width));
        assert_eq!(read, *said, "written and read again");
    }
}

fn walk(sub_options: SubOptions<'_>) {
    let mut before = None;
    for sub_option in sub_options {
        assert!(before < Some(sub_option.offset), "they ascend");
        before = Some(sub_option.offset);
    }
    assert!(
        sub_options
            .misfit()
            .is_none_or(|at| before.is_none_or(|before| before < at))
    );
}

fn lies(value: &Range<usize>, offset: usize, payload: &[u8]) {
    assert!(offset < value.start && value.start <= value.end && value.end <= payload.len());
}

fn within(anomalies: &[Anomaly], wire_bytes: usize, limits: &Limits) {
    assert!(anomalies.len() <= limits.anomalies_max);
    assert!(
        anomalies
            .iter()
            .all(|anomaly| anomaly.offset <= wire_bytes.max(240))
    );
}

/// Something of the datagram was not read.
fn cuts(anomaly: &Anomaly) -> bool {
    matches!(
        anomaly.kind,
        AnomalyKind::ShortHeader
            | AnomalyKind::OptionWithoutLength
            | AnomalyKind::OptionPastEnd
            | AnomalyKind::OptionLimit
            | AnomalyKind::RelayDepthLimit
    )
}

/// Bounds that a short datagram reaches.
const TIGHT: Limits = Limits {
    options_max: 12,
    relay_depth_max: 2,
    anomalies_max: 4,
};
