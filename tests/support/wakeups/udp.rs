//! UDP Connection Requests (TR-111 part II, TR-069 Amendment 3 annex G): one that works, and each way in which one fails.

use std::net::SocketAddrV4;

use super::Plot;
use super::actors::{AASTRA, Account, Device, GRANDSTREAM, YEALINK};
use super::http::{arrived, nothing};
use super::ring::OTHER_SENDER;
use super::telling::{ROUTER_MAC, Telling, View};
use crate::packet::End;

pub const PLOTS: [Plot; 13] = [
    Plot {
        name: "udp-request-works",
        day: 10,
        view: View::BesidePhone,
        title: "A UDP Connection Request through the NAT that works",
        text: "A phone behind a NAT learns its mapped address by STUN, keeps the binding alive, and reports it. The ACS sends three\n\
               copies of one request through the binding, from the STUN server's port; the phone comes after the first of them.",
        tell: works,
    },
    Plot {
        name: "udp-request-wrong-address",
        day: 11,
        view: View::BesideAcs,
        title: "A UDP Connection Request to a binding that has moved",
        text: "Seen at the ACS. The NAT gives the phone another port; the STUN answers show it, and the phone tells the STUN server\n\
               with BINDING-CHANGE. The ACS goes by the Inform of before, and sends to the old port.",
        tell: wrong_address,
    },
    Plot {
        name: "udp-request-wrong-source",
        day: 12,
        view: View::BesideAcs,
        title: "A UDP Connection Request from another port than the STUN server's",
        text: "Seen at the ACS, which sends the request from its own address and a port of its own. The NAT lets in only what comes\n\
               from where the phone sent to: the STUN server (TR-069 Amendment 3 section G.2.2.3).",
        tell: wrong_source,
    },
    Plot {
        name: "udp-request-stale",
        day: 13,
        view: View::BesidePhone,
        title: "A UDP Connection Request of the past",
        text: "A first request works. The next has a `ts` of an hour before and the `id` of the first: its sender's clock was put\n\
               back and its count began again. The phone ignores it, as it must.",
        tell: stale,
    },
    Plot {
        name: "udp-request-bad-signature",
        day: 14,
        view: View::BesidePhone,
        title: "UDP Connection Requests signed with the wrong key, and for another user",
        text: "The first is signed with the password of before (`ring-outdated`), the second is signed with the right one, but its `un`\n\
               is not the phone's. The phone ignores both.",
        tell: bad_signature,
    },
    Plot {
        name: "udp-request-ignored",
        day: 15,
        view: View::BesidePhone,
        title: "A UDP Connection Request that is right, and ignored",
        text: "Address, source, `ts`, `id`, user and signature are right, the phone is in no session and its keep-alives go on; it does\n\
               nothing for a minute.",
        tell: ignored,
    },
    Plot {
        name: "udp-request-busy",
        day: 16,
        view: View::BesidePhone,
        title: "A UDP Connection Request to a phone that is in a session",
        text: "The request comes while the phone is in a session for another reason. No new session follows it.",
        tell: busy,
    },
    Plot {
        name: "udp-request-unreachable",
        day: 17,
        view: View::BesideAcs,
        title: "UDP Connection Requests that ICMP sends back",
        text: "Seen at the ACS. The gateway has restarted and knows the binding no more: port unreachable. Then it is switched off,\n\
               and the router before it answers: host unreachable.",
        tell: unreachable,
    },
    Plot {
        name: "udp-request-near-miss",
        day: 18,
        view: View::BesidePhone,
        title: "A UDP Connection Request that is almost one",
        text: "As some servers send it: the path is `/`, `ts` is in milliseconds, there is no Host, and the signature is an HMAC of\n\
               SHA-256 with 64 digits, right for the phone's password. The phone ignores it.",
        tell: near_miss,
    },
    Plot {
        name: "udp-request-expired",
        day: 19,
        view: View::BesideAcs,
        title: "A UDP Connection Request to a binding that has gone",
        text: "Seen at the ACS. The phone's keep-alives end; ten minutes later the ACS asks through the binding, which no NAT keeps for\n\
               so long.",
        tell: expired,
    },
    Plot {
        name: "udp-request-cut-short",
        day: 20,
        view: View::BesidePhone,
        title: "A UDP Connection Request two seconds before the capture ends",
        text: "All is right as far as the capture goes. It ends two seconds after the request, so that nobody can say whether the\n\
               phone came.",
        tell: cut_short,
    },
    Plot {
        name: "udp-request-other-event",
        day: 21,
        view: View::BesidePhone,
        title: "A UDP Connection Request, and a session of another reason",
        text: "Five seconds after the request the phone opens a session, but says `2 PERIODIC` alone: it came for its timer.",
        tell: other_event,
    },
    Plot {
        name: "udp-request-port-closed",
        day: 22,
        view: View::BesidePhone,
        title: "A UDP Connection Request to a phone that does not listen",
        text: "The request comes through the binding as far as the phone. Its STUN client has closed the port meanwhile: the phone\n\
               itself says port unreachable.",
        tell: port_closed,
    },
];

fn works(told: &mut Telling) -> Vec<Device> {
    let mut phone = Device::new(&YEALINK, "0015650A1B31", HOME, "birch")
        .behind([203, 0, 113, 31], Some(31_002));
    bound(told, &mut phone);
    told.pass_s(&phone, 65);
    told.probe(&phone);
    told.pass_s(&phone, 40);
    let asked = call(told, &phone, 2_001);
    told.scene.wait_us(600_000);
    arrived(told, &mut phone, asked);
    vec![phone]
}

fn wrong_address(told: &mut Telling) -> Vec<Device> {
    let outside = [203, 0, 113, 32];
    let mut phone =
        Device::new(&GRANDSTREAM, "000B82AABB32", HOME, "plover").behind(outside, Some(31_002));
    bound(told, &mut phone);
    told.pass_s(&phone, 50);
    phone.binding = Some(SocketAddrV4::new(outside.into(), 40_517));
    let first = told.next();
    told.pass_s(&phone, 15);
    told.mark(
        first,
        "a keep-alive comes from port 40517: the NAT has moved the mapping",
    );
    told.tell_change(&phone);
    told.pass_s(&phone, 20);
    let before = SocketAddrV4::new(outside.into(), 31_002);
    let now = phone.binding.replace(before);
    let asked = call(told, &phone, 2_002);
    phone.binding = now;
    told.verdict(asked, "never_arrived", &["wrong_address"]);
    nothing(told, &phone, 60);
    vec![phone]
}

fn wrong_source(told: &mut Telling) -> Vec<Device> {
    let mut phone = Device::new(&AASTRA, "00085D3C4D33", HOME, "sorrel")
        .behind([203, 0, 113, 33], Some(31_003));
    bound(told, &mut phone);
    told.pass_s(&phone, 70);
    let time_s = told.scene.now_us() / 1_000_000;
    let request = told.request(&phone, [time_s, 2_003], &phone.connection_request);
    let (from, to) = (
        told.server(OTHER_SENDER.0, OTHER_SENDER.1),
        told.udp_port(&phone),
    );
    let asked = told.send_copies(from, to, &request);
    told.mark(
        asked,
        "the request, from 198.51.100.10:48732; the STUN server is 198.51.100.20:3478",
    );
    told.verdict(asked, "never_arrived", &["wrong_source"]);
    nothing(told, &phone, 60);
    vec![phone]
}

fn stale(told: &mut Telling) -> Vec<Device> {
    let mut phone = Device::new(&YEALINK, "0015650A1B34", HOME, "rowan")
        .behind([203, 0, 113, 34], Some(31_004));
    bound(told, &mut phone);
    told.pass_s(&phone, 40);
    let asked = call(told, &phone, 1_001);
    told.scene.wait_us(900_000);
    arrived(told, &mut phone, asked);
    told.pass_s(&phone, 50);
    let time_s = told.scene.now_us() / 1_000_000;
    let request = told.request(&phone, [time_s - 3_600, 1_001], &phone.connection_request);
    let asked = sent(
        told,
        &phone,
        &request,
        "the request with a `ts` of an hour before and the same `id`",
    );
    told.verdict(asked, "ignored", &["stale_timestamp", "repeated_id"]);
    nothing(told, &phone, 60);
    vec![phone]
}

fn bad_signature(told: &mut Telling) -> Vec<Device> {
    let mut phone = Device::new(&GRANDSTREAM, "000B82AABB35", HOME, "dunlin")
        .behind([203, 0, 113, 35], Some(31_005));
    bound(told, &mut phone);
    told.pass_s(&phone, 40);
    let right = phone.connection_request.clone();
    let wrong_key = Account::new(&right.user_name, "ring-outdated");
    let wrong_user = Account::new("cr-000000", &right.password);
    told.truth.secrets.push(wrong_key.password.clone());
    let all: [(&Account, &'static str, &'static [&'static str]); 2] = [
        (
            &wrong_key,
            "the request signed with the wrong key",
            &["bad_signature"],
        ),
        (
            &wrong_user,
            "the request with the user name of another phone",
            &["wrong_user"],
        ),
    ];
    for (id, (account, text, reasons)) in (2_005..).zip(all) {
        let time_s = told.scene.now_us() / 1_000_000;
        let request = told.request(&phone, [time_s, id], account);
        let asked = sent(told, &phone, &request, text);
        told.verdict(asked, "ignored", reasons);
        nothing(told, &phone, 45);
    }
    vec![phone]
}

fn ignored(told: &mut Telling) -> Vec<Device> {
    let mut phone = Device::new(&AASTRA, "00085D3C4D36", HOME, "bramble")
        .behind([203, 0, 113, 36], Some(31_006));
    bound(told, &mut phone);
    told.pass_s(&phone, 40);
    let asked = call(told, &phone, 2_007);
    told.verdict(asked, "ignored", &[]);
    nothing(told, &phone, 60);
    vec![phone]
}

fn busy(told: &mut Telling) -> Vec<Device> {
    let mut phone =
        Device::new(&YEALINK, "0015650A1B37", HOME, "teal").behind([203, 0, 113, 37], Some(31_007));
    bound(told, &mut phone);
    told.pass_s(&phone, 50);
    let first = told.next();
    let session = told.begin(&mut phone, &["2 PERIODIC"]);
    told.mark(first, "the periodic session, as far as the empty POST");
    told.scene.wait_us(400_000);
    let asked = call(told, &phone, 2_008);
    told.verdict(asked, "ignored", &["in_session"]);
    told.scene.wait_us(200_000);
    let first = told.next();
    told.end(session);
    told.mark(first, "the periodic session ends");
    nothing(told, &phone, 60);
    vec![phone]
}

fn unreachable(told: &mut Telling) -> Vec<Device> {
    let mut phone = Device::new(&GRANDSTREAM, "000B82AABB38", HOME, "merlin")
        .behind([203, 0, 113, 38], Some(31_008));
    bound(told, &mut phone);
    told.pass_s(&phone, 48);
    let router = End {
        mac: ROUTER_MAC,
        address: [203, 0, 113, 1].into(),
        ..told.udp_port(&phone)
    };
    let gateway = told.udp_port(&phone);
    let all: [(End, u8, u64, &'static str); 2] = [
        (
            gateway,
            3,
            12_000,
            "three copies, and for each the gateway's word: port unreachable",
        ),
        (
            router,
            1,
            3_050_000,
            "three copies, and the router's word: host unreachable",
        ),
    ];
    for (id, (reporter, code, after_us, text)) in (2_009..).zip(all) {
        let time_s = told.scene.now_us() / 1_000_000;
        let request = told.request(&phone, [time_s, id], &phone.connection_request);
        let first = told.next();
        let (from, to) = (told.stun_server(), told.udp_port(&phone));
        told.asked = "udp_connection_request";
        told.truth.udp_connection_requests += 3;
        let mut undelivered = Vec::new();
        for _ in 0..3 {
            undelivered.push(told.scene.datagram(from, to, &request));
            told.scene.wait_us(30_000);
        }
        told.scene.wait_us(after_us);
        for packet in &undelivered {
            told.scene.unreachable(reporter, from, code, packet);
            told.scene.wait_us(400);
        }
        told.mark(first, text);
        told.verdict(first, "never_arrived", &["unreachable"]);
        told.due_us = NEVER_US;
        nothing(told, &phone, 40);
    }
    vec![phone]
}

fn port_closed(told: &mut Telling) -> Vec<Device> {
    let mut phone = Device::new(&GRANDSTREAM, "000B82AABB3D", HOME, "heron")
        .behind([203, 0, 113, 43], Some(31_013));
    bound(told, &mut phone);
    told.pass_s(&phone, 40);
    let time_s = told.scene.now_us() / 1_000_000;
    let request = told.request(&phone, [time_s, 2_014], &phone.connection_request);
    let first = told.next();
    let (from, to) = (told.stun_server(), told.udp_port(&phone));
    told.asked = "udp_connection_request";
    told.truth.udp_connection_requests += 3;
    for _ in 0..3 {
        let packet = told.scene.datagram(from, to, &request);
        told.scene.wait_us(400);
        told.scene.unreachable(to, from, 3, &packet);
        told.scene.wait_us(30_000);
    }
    told.mark(
        first,
        "three copies, and for each the phone's word: port unreachable",
    );
    told.verdict(first, "never_arrived", &["unreachable"]);
    told.due_us = NEVER_US;
    nothing(told, &phone, 40);
    vec![phone]
}

fn near_miss(told: &mut Telling) -> Vec<Device> {
    let mut phone =
        Device::new(&AASTRA, "00085D3C4D39", HOME, "alder").behind([203, 0, 113, 39], Some(31_009));
    bound(told, &mut phone);
    told.pass_s(&phone, 40);
    let asked = sent(told, &phone, NEAR_MISS, "the request that is almost one");
    told.verdict(asked, "ignored", &["bent_form"]);
    nothing(told, &phone, 60);
    vec![phone]
}

fn expired(told: &mut Telling) -> Vec<Device> {
    let mut phone = Device::new(&GRANDSTREAM, "000B82AABB3A", HOME, "curlew")
        .behind([203, 0, 113, 40], Some(31_010));
    bound(told, &mut phone);
    let first = told.next();
    told.pass_s(&phone, 65);
    told.mark(first, "its last keep-alives");
    told.due_us = NEVER_US;
    told.pass_s(&phone, 600);
    let asked = call(told, &phone, 2_011);
    told.verdict(asked, "never_arrived", &["binding_expired"]);
    nothing(told, &phone, 45);
    vec![phone]
}

fn cut_short(told: &mut Telling) -> Vec<Device> {
    let mut phone = Device::new(&YEALINK, "0015650A1B3B", HOME, "fennel")
        .behind([203, 0, 113, 41], Some(31_011));
    bound(told, &mut phone);
    told.pass_s(&phone, 56);
    let asked = call(told, &phone, 2_012);
    told.verdict(asked, "undetermined", &["capture_ends"]);
    let first = told.next();
    told.pass_s(&phone, 2);
    told.mark(first, "a keep-alive, and the end of the capture");
    vec![phone]
}

fn other_event(told: &mut Telling) -> Vec<Device> {
    let mut phone = Device::new(&AASTRA, "00085D3C4D3C", HOME, "willet")
        .behind([203, 0, 113, 42], Some(31_012));
    bound(told, &mut phone);
    told.pass_s(&phone, 40);
    let asked = call(told, &phone, 2_013);
    told.verdict(asked, "ignored", &["other_event"]);
    told.pass_s(&phone, 5);
    let first = told.next();
    told.session(&mut phone, &["2 PERIODIC"]);
    told.mark(first, "a session, but with `2 PERIODIC` alone");
    nothing(told, &phone, 45);
    vec![phone]
}

/// A phone that starts, learns its binding, and reports it.
fn bound(told: &mut Telling, phone: &mut Device) {
    told.discover(phone);
    told.scene.wait_us(2_000_000);
    let first = told.next();
    told.session(phone, &["1 BOOT"]);
    let binding = phone.binding.expect("a phone with STUN has a binding");
    told.mark(
        first,
        &format!("the phone's Inform: NATDetected, UDPConnectionRequestAddress {binding}"),
    );
}

fn call(told: &mut Telling, phone: &Device, id: u64) -> u64 {
    let asked = told.call(phone, id);
    told.mark(asked, "the UDP Connection Request, in three copies");
    asked
}

fn sent(told: &mut Telling, phone: &Device, request: &[u8], text: &str) -> u64 {
    let (from, to) = (told.stun_server(), told.udp_port(phone));
    let asked = told.send_copies(from, to, request);
    told.mark(asked, text);
    asked
}

/// No keep-alive is due any more.
const NEVER_US: u64 = u64::MAX - 1;
/// Where the phones are, each in a LAN of its own.
const HOME: [u8; 4] = [192, 168, 1, 20];
/// Signed with `ring-alder-3C4D39` over `ts`, `id`, `un` and `cn`.
pub const NEAR_MISS: &[u8] = b"GET http://203.0.113.39:31009/?ts=1775377843117&id=2010&un=cr-3C4D39&cn=7f3a9c05e1d84b26&sig=767f55f766d757666c29942f5a156b64212ab2222da52b09a663d49276c5e16a HTTP/1.1\r\n\r\n";
