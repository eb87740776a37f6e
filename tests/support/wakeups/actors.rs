//! Who takes part: phones of several makers, a gateway, and what they and the ACS know of each other.

use std::cell::Cell;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;

use super::soap::{Dialect, Parameter, parameter};

/// A maker's model, and how it speaks.
pub struct Make {
    pub manufacturer: &'static str,
    pub oui: &'static str,
    pub product_class: &'static str,
    pub hardware: &'static str,
    pub software: &'static str,
    pub user_agent: &'static str,
    pub summary: &'static str,
    /// `Device.` or `InternetGatewayDevice.`.
    pub root: &'static str,
    pub dialect: Dialect,
}

/// A user name and a password.
#[derive(Clone)]
pub struct Account {
    pub user_name: String,
    pub password: String,
}

impl Account {
    pub fn new(user_name: &str, password: &str) -> Self {
        Self {
            user_name: user_name.to_owned(),
            password: password.to_owned(),
        }
    }

    /// The user name, and the password.
    pub fn words(&self) -> [&str; 2] {
        [&self.user_name, &self.password]
    }
}

/// What the ACS challenged with, and how often it was answered.
#[derive(Clone)]
pub struct Nonce {
    pub value: String,
    answered: Rc<Cell<u32>>,
}

impl Nonce {
    pub fn new(value: String) -> Self {
        Self {
            value,
            answered: Rc::default(),
        }
    }

    /// The count of the next answer.
    pub fn count(&self) -> u32 {
        self.answered.set(self.answered.get() + 1);
        self.answered.get()
    }
}

/// A phone or a gateway.
pub struct Device {
    pub make: &'static Make,
    pub serial_number: &'static str,
    pub mac: [u8; 6],
    /// Its own address, behind the NAT if there is one.
    pub address: Ipv4Addr,
    /// The NAT's address outside.
    pub outside: Option<Ipv4Addr>,
    /// The path of its ConnectionRequestURL.
    pub path: String,
    /// Where the NAT lets its UDP port be reached, with TR-111 part II.
    pub binding: Option<SocketAddrV4>,
    pub acs: Account,
    pub connection_request: Account,
    pub stun: Account,
    /// The port of its next TCP connection.
    pub port: u16,
    /// The nonce that the ACS gave it.
    pub nonce: Option<Nonce>,
    /// What its Informs carry besides the usual.
    pub more: Vec<Parameter>,
}

impl Device {
    /// A device with accounts whose passwords hold this word.
    pub fn new(
        make: &'static Make,
        serial_number: &'static str,
        address: [u8; 4],
        word: &str,
    ) -> Self {
        let mut mac = [0; 6];
        for (byte, digits) in mac.iter_mut().zip(serial_number.as_bytes().chunks(2)) {
            let digits = std::str::from_utf8(digits).expect("digits are ASCII");
            *byte = u8::from_str_radix(digits, 16).expect("the serial number is the MAC address");
        }
        let name = id(make, serial_number);
        let tail = &serial_number[6..];
        Self {
            make,
            serial_number,
            mac,
            address: address.into(),
            outside: None,
            path: listening_at(mac),
            binding: None,
            acs: Account::new(&name, &format!("acs-{word}-{tail}")),
            connection_request: Account::new(&format!("cr-{tail}"), &format!("ring-{word}-{tail}")),
            stun: Account::new(&format!("stun-{tail}"), &format!("bind-{word}-{tail}")),
            port: 49_152 + u16::from(mac[5]) * 3,
            nonce: None,
            more: Vec::new(),
        }
    }

    /// Puts a NAT before it, with a binding of its UDP port where it has one.
    pub fn behind(mut self, outside: [u8; 4], udp_port: Option<u16>) -> Self {
        self.outside = Some(outside.into());
        self.binding = udp_port.map(|port| SocketAddrV4::new(outside.into(), port));
        self
    }

    /// As the outputs name it.
    pub fn id(&self) -> String {
        id(self.make, self.serial_number)
    }

    pub fn connection_request_url(&self) -> String {
        format!("http://{}:{CPE_PORT}{}", self.address, self.path)
    }

    /// The ParameterList of its Informs.
    pub fn informed(&self) -> Vec<Parameter> {
        let make = self.make;
        let own =
            |path: &str, kind, value: &str| parameter(&format!("{}{path}", make.root), kind, value);
        let mut list = vec![
            own("DeviceSummary", "string", make.summary),
            own("DeviceInfo.HardwareVersion", "string", make.hardware),
            own("DeviceInfo.SoftwareVersion", "string", make.software),
            own(
                "ManagementServer.ConnectionRequestURL",
                "string",
                &self.connection_request_url(),
            ),
            own("ManagementServer.ParameterKey", "string", ""),
        ];
        let address = self.address.to_string();
        if make.root == "Device." {
            list.push(own("LAN.IPAddress", "string", &address));
        } else {
            list.push(own("DeviceInfo.SpecVersion", "string", "1.0"));
            list.push(own("DeviceInfo.ProvisioningCode", "string", "home-41"));
            list.push(own(WAN_ADDRESS, "string", &address));
        }
        if let Some(binding) = self.binding {
            list.push(own(
                "ManagementServer.UDPConnectionRequestAddress",
                "string",
                &binding.to_string(),
            ));
            list.push(own("ManagementServer.NATDetected", "boolean", "1"));
        }
        list.extend(self.more.iter().cloned());
        list
    }
}

/// The path of a device's ConnectionRequestURL, drawn once (TR-069 Amendment 3 section 3.2.2).
fn listening_at(mac: [u8; 6]) -> String {
    let drawn = mac.iter().fold(0x9e37_79b9_u32, |drawn, byte| {
        (drawn ^ u32::from(*byte)).wrapping_mul(0x85eb_ca6b)
    });
    format!("/cr-{drawn:08x}")
}

/// TR-069 Amendment 3 section 3.4.4: what is not alphanumeric or an underscore is percent-encoded.
fn id(make: &Make, serial_number: &str) -> String {
    let product_class = make.product_class.replace('-', "%2D");
    format!("{}-{product_class}-{serial_number}", make.oui)
}

pub const GRANDSTREAM: Make = Make {
    manufacturer: "Grandstream",
    oui: "000B82",
    product_class: "GXP2160",
    hardware: "V1.4A",
    software: "1.0.11.64",
    user_agent: "Grandstream GXP2160 1.0.11.64",
    summary: "Device:1.2[](Baseline:1, UDPConnReq:1, LAN:1, Time:1), VoiceService:1.0[1](Endpoint:1, SIPEndpoint:1)",
    root: "Device.",
    dialect: Dialect {
        soap: "SOAP-ENV",
        encoding: "SOAP-ENC",
        version: "1-1",
    },
};
pub const YEALINK: Make = Make {
    manufacturer: "Yealink",
    oui: "001565",
    product_class: "SIP-T46G",
    hardware: "28.1.0.128.0.0.0",
    software: "28.71.0.181",
    user_agent: "Yealink SIP-T46G 28.71.0.181",
    summary: "Device:1.3[](Baseline:1, UDPConnReq:1, GatewayInfo:1, LAN:1, Time:1), VoiceService:1.0[1](Endpoint:1, SIPEndpoint:1)",
    root: "Device.",
    dialect: Dialect {
        soap: "SOAP-ENV",
        encoding: "SOAP-ENC",
        version: "1-2",
    },
};
pub const AASTRA: Make = Make {
    manufacturer: "Aastra",
    oui: "00085D",
    product_class: "6731i",
    hardware: "0",
    software: "3.3.1.4365",
    user_agent: "Aastra 6731i/3.3.1.4365",
    summary: "Device:1.1[](Baseline:1, UDPConnReq:1, LAN:1), VoiceService:1.0[1](Endpoint:1, SIPEndpoint:1)",
    root: "Device.",
    dialect: Dialect {
        soap: "soapenv",
        encoding: "soapenc",
        version: "1-0",
    },
};
pub const SNOM: Make = Make {
    manufacturer: "snom",
    oui: "000413",
    product_class: "snom320",
    hardware: "snom320",
    software: "8.4.35",
    user_agent: "snom320/8.4.35",
    summary: "Device:1.1[](Baseline:1, GatewayInfo:1, LAN:1), VoiceService:1.0[1](Endpoint:1, SIPEndpoint:1)",
    root: "Device.",
    dialect: Dialect {
        soap: "soap",
        encoding: "enc",
        version: "1-1",
    },
};
/// A gateway of nobody in particular.
pub const GATEWAY: Make = Make {
    manufacturer: "Example Gateways",
    oui: "00D09E",
    product_class: "HomeGate",
    hardware: "2.0",
    software: "4.1.17",
    user_agent: "HomeGate/4.1.17",
    summary: "InternetGatewayDevice:1.1[](Baseline:1, EthernetLAN:1, DeviceAssociation:1)",
    root: "InternetGatewayDevice.",
    dialect: Dialect {
        soap: "SOAP-ENV",
        encoding: "SOAP-ENC",
        version: "1-0",
    },
};

/// The address of a gateway's default WAN connection.
const WAN_ADDRESS: &str = "WANDevice.1.WANConnectionDevice.1.WANIPConnection.1.ExternalIPAddress";

/// The port of Connection Requests that most devices take (the Internet registry's for CWMP).
pub const CPE_PORT: u16 = 7547;
