//! TR-111 part I (TR-069 Amendment 3 annex F): a phone and its gateway know of each other by DHCP, and both tell the ACS;
//! and a gateway that tells nothing.

use super::Plot;
use super::actors::{CPE_PORT, Device, GATEWAY, SNOM, YEALINK};
use super::http::arrived;
use super::lease::{discovery, identity, vendor_information};
use super::ring::{Says, Style};
use super::soap::{Parameter, parameter};
use super::telling::{Telling, View};
use Says::{Challenge, Status};

pub const PLOTS: [Plot; 2] = [
    Plot {
        name: "gateway-association",
        day: 30,
        view: View::BesideAcs,
        title: "A phone, its gateway, and a Connection Request through a port mapping",
        text: "Two capture points in one file: DHCP in the gateway's LAN, all else at the ACS. The phone and the gateway tell each\n\
               other by option 125 who they are, and both tell the ACS: the phone as GatewayInfo, the gateway as a row of\n\
               ManageableDevice. The ACS has the gateway map its port 7548 to the phone's 7547, and reaches the phone through it.",
        tell: associated,
    },
    Plot {
        name: "gateway-silent",
        day: 31,
        view: View::BesidePhone,
        title: "A gateway that says nothing of itself",
        text: "The phone names itself in option 125, between other enterprises; the option is longer than 255 bytes and goes as two\n\
               (RFC 3396), cut in the middle of the phone's OUI; Wireshark 4.0 reads each part for itself and calls it malformed.\n\
               The gateway's answer names the enterprise 32473 alone, so the phone's GatewayInfo stays empty.",
        tell: silent,
    },
];

fn associated(told: &mut Telling) -> Vec<Device> {
    let mut gateway = Device::new(&GATEWAY, "00D09E5B7A07", OUTSIDE, "quarry");
    gateway.path = "/acs-calls".to_owned();
    let mut phone =
        Device::new(&SNOM, "0004135E6F41", [192, 168, 1, 20], "quarry").behind(OUTSIDE, None);
    phone.path = "/cr-62f0aa".to_owned();
    leased(told, &phone, &gateway);
    told.scene.look_at(1);
    told.scene.wait_us(4_000_000);
    phone.more = gateway_info([
        gateway.make.oui,
        gateway.serial_number,
        gateway.make.product_class,
    ]);
    let first = told.next();
    told.session(&mut phone, &["0 BOOTSTRAP", "1 BOOT"]);
    told.mark(
        first,
        "the phone's first session; Device.GatewayInfo names the gateway",
    );
    told.scene.wait_us(2_000_000);
    gateway.more = vec![parameter(ENTRIES, "unsignedInt", "1")];
    mapped(told, &mut gateway, &phone);
    told.scene.wait_us(3_000_000);
    let to = told.cpe(&phone, MAPPED_PORT);
    let account = phone.connection_request.clone();
    let says = [Challenge, Status("200 OK")];
    let asked = told.ring(&phone, to, &account, Style::OneLine, &says);
    told.scene.wait_us(1_200_000);
    arrived(told, &mut phone, asked);
    vec![phone, gateway]
}

fn silent(told: &mut Telling) -> Vec<Device> {
    let mut phone = Device::new(&YEALINK, "0015650A1B42", [192, 168, 1, 20], "tundra")
        .behind([203, 0, 113, 52], None);
    let gateway = Device::new(&GATEWAY, "00D09E5B7A42", [203, 0, 113, 52], "tundra");
    let own = identity(1, &phone);
    let note: Vec<u8> = [&[1, 228][..], &[b'.'; 228]].concat();
    // CableLabs' sub-option 1 asks for others by their codes.
    let modem = [1, 1, 2];
    let asks = [vendor_information(&[
        (EXAMPLE, &note),
        (CABLE_LABS, &modem),
        (dhcp::BROADBAND_FORUM, &own),
    ])];
    let version = [&[1, 6][..], b"4.1.17"].concat();
    let grants = [vendor_information(&[(EXAMPLE, &version)])];
    let first = told.next();
    told.lease(&phone, &gateway, &asks, &grants);
    told.mark(
        first,
        "DHCP: the phone's option 125 in two parts, with three enterprises; the gateway's with one, which is not the Broadband Forum",
    );
    told.scene.wait_us(5_000_000);
    phone.more = gateway_info(["", "", ""]);
    let first = told.next();
    told.session(&mut phone, &["1 BOOT"]);
    told.mark(first, "the phone's Inform: Device.GatewayInfo is empty");
    told.pass_s(&phone, 10);
    vec![phone]
}

/// The lease in which both name themselves.
fn leased(told: &mut Telling, phone: &Device, gateway: &Device) {
    let (own, theirs) = (identity(1, phone), identity(4, gateway));
    let asks = [vendor_information(&[(dhcp::BROADBAND_FORUM, &own)])];
    let grants = [
        discovery("http://acs.example.net:7547/cwmp", "home-41"),
        vendor_information(&[(dhcp::BROADBAND_FORUM, &theirs)]),
    ];
    let first = told.next();
    told.lease(phone, gateway, &asks, &grants);
    told.mark(
        first,
        "DHCP in the LAN: option 60 `dslforum.org`; option 125 with sub-options 1 to 3 of the phone, then 4 to 6 of the gateway; option 43 with the ACS's URL",
    );
}

/// The gateway's session: its rows are read, and a port is mapped.
fn mapped(told: &mut Telling, gateway: &mut Device, phone: &Device) {
    let first = told.next();
    let mut session = told.begin(gateway, &["4 VALUE CHANGE"]);
    let dialect = session.dialect();
    told.ask(&mut session, "GetParameterValues", &dialect.paths(&[ROW]));
    let row = |name: &str, value: &str| parameter(&format!("{ROW}{name}"), "string", value);
    let rows = [
        row("ManufacturerOUI", phone.make.oui),
        row("SerialNumber", phone.serial_number),
        row("ProductClass", phone.make.product_class),
    ];
    let rows = dialect.values(&rows);
    told.answer(&mut session, "GetParameterValuesResponse", &rows);
    told.mark(
        first,
        "the gateway's session: a ManageableDevice more, and its row is the phone",
    );
    let first = told.next();
    let object = format!("<ObjectName>{MAPPINGS}</ObjectName><ParameterKey></ParameterKey>");
    told.ask(&mut session, "AddObject", &object);
    told.answer(
        &mut session,
        "AddObjectResponse",
        "<InstanceNumber>1</InstanceNumber><Status>0</Status>",
    );
    let mapping = format!(
        "{}<ParameterKey></ParameterKey>",
        dialect.values(&mapping(phone))
    );
    told.ask(&mut session, "SetParameterValues", &mapping);
    told.answer(
        &mut session,
        "SetParameterValuesResponse",
        "<Status>0</Status>",
    );
    told.end(session);
    told.mark(
        first,
        "the ACS adds a PortMapping: port 7548 outside is the phone's 7547",
    );
}

fn mapping(phone: &Device) -> Vec<Parameter> {
    let own =
        |name: &str, kind, value: &str| parameter(&format!("{MAPPINGS}1.{name}"), kind, value);
    vec![
        own("RemoteHost", "string", ""),
        own("ExternalPort", "unsignedInt", &MAPPED_PORT.to_string()),
        own("InternalPort", "unsignedInt", &CPE_PORT.to_string()),
        own("PortMappingProtocol", "string", "TCP"),
        own("InternalClient", "string", &phone.address.to_string()),
        own("PortMappingDescription", "string", "snom320 management"),
        own("PortMappingLeaseDuration", "unsignedInt", "0"),
        own("PortMappingEnabled", "boolean", "1"),
    ]
}

fn gateway_info(fields: [&str; 3]) -> Vec<Parameter> {
    let names = ["ManufacturerOUI", "SerialNumber", "ProductClass"];
    let fields = names.iter().zip(fields);
    fields
        .map(|(name, value)| parameter(&format!("Device.GatewayInfo.{name}"), "string", value))
        .collect()
}

const OUTSIDE: [u8; 4] = [203, 0, 113, 51];
const MAPPED_PORT: u16 = 7548;
const ENTRIES: &str = "InternetGatewayDevice.ManagementServer.ManageableDeviceNumberOfEntries";
const ROW: &str = "InternetGatewayDevice.ManagementServer.ManageableDevice.1.";
const MAPPINGS: &str =
    "InternetGatewayDevice.WANDevice.1.WANConnectionDevice.1.WANIPConnection.1.PortMapping.";
/// Enterprise numbers: RFC 5612's for examples, and CableLabs'.
const EXAMPLE: u32 = 32_473;
const CABLE_LABS: u32 = 4_491;
