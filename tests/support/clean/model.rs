//! What the devices of the stories are made of: parameters of the three standard roots, with their types and access as
//! TR-098, TR-106 and TR-181 have them.

use super::story::Version;

/// A root of a data model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Root {
    /// `Device.` of TR-106.
    Device1,
    /// `Device.` of TR-181 Issue 2.
    Device2,
    /// `InternetGatewayDevice.` of TR-098.
    Gateway,
}

/// What a parameter is at the factory: its name behind the root, type, access and value. `r` is read-only, `w` may be
/// written, `h` may be written and reads as the empty string.
pub type Seed = (&'static str, &'static str, char, &'static str);

/// A table whose instances may be made by AddObject, and what a new one holds.
#[derive(Debug)]
pub struct Table {
    pub path: &'static str,
    pub count: &'static str,
    pub holds: &'static [Seed],
    /// What may be set in a new instance, with a value.
    pub set: &'static [(&'static str, &'static str)],
}

/// What of a device its vendor's document tells, in the place of what its root has.
#[derive(Debug)]
pub struct Described {
    pub model: &'static str,
    pub hardware: &'static str,
    pub seeds: &'static [&'static [Seed]],
    pub table: &'static Table,
    pub methods: &'static [&'static str],
    /// What every Inform carries.
    pub forced: &'static [&'static str],
}

impl Root {
    /// The roots that a device of this version may have.
    pub fn of(version: Version) -> &'static [Self] {
        match version {
            Version::Issue1 => &[Self::Gateway],
            Version::V1_0 => &[Self::Gateway, Self::Device1],
            Version::V1_1 => &[Self::Device1, Self::Gateway, Self::Device2],
            Version::V1_2 | Version::V1_3 => &[Self::Device2, Self::Gateway, Self::Device1],
            Version::V1_4 => &[Self::Device2, Self::Gateway],
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Device1 | Self::Device2 => "Device.",
            Self::Gateway => "InternetGatewayDevice.",
        }
    }

    pub fn seeds(self) -> impl Iterator<Item = Seed> {
        let own: &[&[Seed]] = match self {
            Self::Device1 => &[DEVICE1, PING1, STUN1, GATEWAY_INFO],
            Self::Device2 => &[DEVICE2],
            Self::Gateway => &[GATEWAY],
        };
        own.iter().chain([&SHARED]).copied().flatten().copied()
    }

    /// What every Inform carries (forced Inform parameters).
    pub const fn forced(self) -> &'static [&'static str] {
        match self {
            Self::Device1 => FORCED_DEVICE1,
            Self::Device2 => FORCED_DEVICE2,
            Self::Gateway => FORCED_GATEWAY,
        }
    }

    /// What is reported at once by its definition.
    pub fn active(self) -> &'static [&'static str] {
        match self {
            Self::Device1 => &[],
            Self::Device2 | Self::Gateway => &[
                "DeviceInfo.SoftwareVersion",
                "DeviceInfo.ProvisioningCode",
                "ManagementServer.ConnectionRequestURL",
            ],
        }
    }

    pub fn table(self) -> &'static Table {
        match self {
            Self::Device1 => &DHCP_OPTION,
            Self::Device2 => &NAT_MAPPING,
            Self::Gateway => &WAN_MAPPING,
        }
    }

    /// Where the ping test stands.
    pub fn ping(self) -> &'static str {
        match self {
            Self::Device1 => "LAN.IPPingDiagnostics.",
            Self::Device2 => "IP.Diagnostics.IPPing.",
            Self::Gateway => "IPPingDiagnostics.",
        }
    }
}

pub const FORCED_DEVICE1: &[&str] = &[
    "DeviceSummary",
    "DeviceInfo.HardwareVersion",
    "DeviceInfo.SoftwareVersion",
    "ManagementServer.ConnectionRequestURL",
    "ManagementServer.ParameterKey",
    "LAN.IPAddress",
];
pub const FORCED_DEVICE2: &[&str] = &[
    "RootDataModelVersion",
    "DeviceInfo.HardwareVersion",
    "DeviceInfo.SoftwareVersion",
    "DeviceInfo.ProvisioningCode",
    "ManagementServer.ParameterKey",
    "ManagementServer.ConnectionRequestURL",
    "ManagementServer.AliasBasedAddressing",
];
const FORCED_GATEWAY: &[&str] = &[
    "DeviceSummary",
    "DeviceInfo.SpecVersion",
    "DeviceInfo.HardwareVersion",
    "DeviceInfo.SoftwareVersion",
    "DeviceInfo.ProvisioningCode",
    "ManagementServer.ConnectionRequestURL",
    "ManagementServer.ParameterKey",
    EXTERNAL_ADDRESS,
];
/// The address of the default WAN connection.
pub const EXTERNAL_ADDRESS: &str =
    "WANDevice.1.WANConnectionDevice.1.WANIPConnection.1.ExternalIPAddress";

/// `{...}` stands for what the device fills in.
pub const SHARED: &[Seed] = &[
    ("DeviceInfo.Manufacturer", "string", 'r', "{manufacturer}"),
    ("DeviceInfo.ManufacturerOUI", "string", 'r', "{oui}"),
    ("DeviceInfo.ModelName", "string", 'r', "{model}"),
    ("DeviceInfo.ProductClass", "string", 'r', "{class}"),
    ("DeviceInfo.SerialNumber", "string", 'r', "{serial}"),
    ("DeviceInfo.HardwareVersion", "string", 'r', "{hardware}"),
    ("DeviceInfo.SoftwareVersion", "string", 'r', "{software}"),
    ("DeviceInfo.ProvisioningCode", "string", 'w', ""),
    ("DeviceInfo.UpTime", "unsignedInt", 'r', "{uptime}"),
    ("ManagementServer.URL", "string", 'w', "{acs}"),
    ("ManagementServer.Username", "string", 'w', "{user}"),
    ("ManagementServer.Password", "string", 'h', ""),
    (
        "ManagementServer.PeriodicInformEnable",
        "boolean",
        'w',
        "{false}",
    ),
    (
        "ManagementServer.PeriodicInformInterval",
        "unsignedInt",
        'w',
        "86400",
    ),
    (
        "ManagementServer.PeriodicInformTime",
        "dateTime",
        'w',
        "0001-01-01T00:00:00Z",
    ),
    ("ManagementServer.ParameterKey", "string", 'r', ""),
    (
        "ManagementServer.ConnectionRequestURL",
        "string",
        'r',
        "{door}",
    ),
    (
        "ManagementServer.ConnectionRequestUsername",
        "string",
        'w',
        "{knocker}",
    ),
    (
        "ManagementServer.ConnectionRequestPassword",
        "string",
        'h',
        "",
    ),
    ("ManagementServer.UpgradesManaged", "boolean", 'w', "{true}"),
    ("Time.NTPServer1", "string", 'w', "ntp1.example.net"),
    ("Time.NTPServer2", "string", 'w', "ntp2.example.net"),
];

pub const DEVICE1: &[Seed] = &[
    (
        "DeviceSummary",
        "string",
        'r',
        "Device:1.1[](Baseline:1, LAN:1, Time:1, IPPing:1, UDPConnReq:1)",
    ),
    ("DeviceInfo.DeviceStatus", "string", 'r', "Up"),
    ("Time.LocalTimeZone", "string", 'w', "CET-1"),
    ("LAN.AddressingType", "string", 'w', "DHCP"),
    ("LAN.IPAddress", "string", 'w', "{address}"),
    ("LAN.SubnetMask", "string", 'w', "255.255.255.0"),
    ("LAN.DefaultGateway", "string", 'w', "{router}"),
    ("LAN.DNSServers", "string", 'w', "{router}"),
    ("LAN.MACAddress", "string", 'w', "{mac}"),
    ("LAN.DHCPOptionNumberOfEntries", "unsignedInt", 'r', "0"),
];

/// The ping test of TR-106.
pub const PING1: &[Seed] = &[
    (
        "LAN.IPPingDiagnostics.DiagnosticsState",
        "string",
        'w',
        "None",
    ),
    ("LAN.IPPingDiagnostics.Host", "string", 'w', ""),
    (
        "LAN.IPPingDiagnostics.NumberOfRepetitions",
        "unsignedInt",
        'w',
        "4",
    ),
    ("LAN.IPPingDiagnostics.Timeout", "unsignedInt", 'w', "1000"),
    (
        "LAN.IPPingDiagnostics.DataBlockSize",
        "unsignedInt",
        'w',
        "56",
    ),
    ("LAN.IPPingDiagnostics.DSCP", "unsignedInt", 'w', "0"),
    (
        "LAN.IPPingDiagnostics.SuccessCount",
        "unsignedInt",
        'r',
        "0",
    ),
    (
        "LAN.IPPingDiagnostics.FailureCount",
        "unsignedInt",
        'r',
        "0",
    ),
    (
        "LAN.IPPingDiagnostics.AverageResponseTime",
        "unsignedInt",
        'r',
        "0",
    ),
];

/// TR-111 part II.
pub const STUN1: &[Seed] = &[
    (
        "ManagementServer.UDPConnectionRequestAddress",
        "string",
        'r',
        "{socket}",
    ),
    (
        "ManagementServer.UDPConnectionRequestAddressNotificationLimit",
        "unsignedInt",
        'w',
        "60",
    ),
    ("ManagementServer.STUNEnable", "boolean", 'w', "{false}"),
    ("ManagementServer.STUNServerAddress", "string", 'w', ""),
    (
        "ManagementServer.STUNServerPort",
        "unsignedInt",
        'w',
        "3478",
    ),
    ("ManagementServer.STUNUsername", "string", 'w', "{stun}"),
    ("ManagementServer.STUNPassword", "string", 'h', ""),
    (
        "ManagementServer.STUNMaximumKeepAlivePeriod",
        "int",
        'w',
        "60",
    ),
    (
        "ManagementServer.STUNMinimumKeepAlivePeriod",
        "unsignedInt",
        'w',
        "60",
    ),
    ("ManagementServer.NATDetected", "boolean", 'r', "{false}"),
];

/// TR-111 part I.
pub const GATEWAY_INFO: &[Seed] = &[
    ("GatewayInfo.ManufacturerOUI", "string", 'r', ""),
    ("GatewayInfo.ProductClass", "string", 'r', ""),
    ("GatewayInfo.SerialNumber", "string", 'r', ""),
];

pub const DEVICE2: &[Seed] = &[
    ("RootDataModelVersion", "string", 'r', "2.11"),
    (
        "ManagementServer.AliasBasedAddressing",
        "boolean",
        'r',
        "{false}",
    ),
    ("Time.Enable", "boolean", 'w', "{true}"),
    ("Time.Status", "string", 'r', "Synchronized"),
    ("Time.LocalTimeZone", "string", 'w', "CET-1"),
    ("IP.IPv4Enable", "boolean", 'w', "{true}"),
    ("IP.IPv4Status", "string", 'r', "Enabled"),
    ("IP.InterfaceNumberOfEntries", "unsignedInt", 'r', "1"),
    ("IP.Interface.1.Enable", "boolean", 'w', "{true}"),
    ("IP.Interface.1.Status", "string", 'r', "Up"),
    ("IP.Interface.1.Name", "string", 'r', "eth0"),
    ("IP.Interface.1.LowerLayers", "string", 'w', ""),
    ("IP.Interface.1.Type", "string", 'r', "Normal"),
    (
        "IP.Interface.1.IPv4AddressNumberOfEntries",
        "unsignedInt",
        'r',
        "1",
    ),
    (
        "IP.Interface.1.IPv4Address.1.Enable",
        "boolean",
        'w',
        "{true}",
    ),
    (
        "IP.Interface.1.IPv4Address.1.Status",
        "string",
        'r',
        "Enabled",
    ),
    (
        "IP.Interface.1.IPv4Address.1.IPAddress",
        "string",
        'w',
        "{address}",
    ),
    (
        "IP.Interface.1.IPv4Address.1.SubnetMask",
        "string",
        'w',
        "255.255.255.0",
    ),
    (
        "IP.Interface.1.IPv4Address.1.AddressingType",
        "string",
        'r',
        "DHCP",
    ),
    ("NAT.PortMappingNumberOfEntries", "unsignedInt", 'r', "0"),
    (
        "IP.Diagnostics.IPPing.DiagnosticsState",
        "string",
        'w',
        "None",
    ),
    ("IP.Diagnostics.IPPing.Interface", "string", 'w', ""),
    ("IP.Diagnostics.IPPing.Host", "string", 'w', ""),
    (
        "IP.Diagnostics.IPPing.NumberOfRepetitions",
        "unsignedInt",
        'w',
        "4",
    ),
    ("IP.Diagnostics.IPPing.Timeout", "unsignedInt", 'w', "1000"),
    (
        "IP.Diagnostics.IPPing.DataBlockSize",
        "unsignedInt",
        'w',
        "56",
    ),
    ("IP.Diagnostics.IPPing.DSCP", "unsignedInt", 'w', "0"),
    (
        "IP.Diagnostics.IPPing.SuccessCount",
        "unsignedInt",
        'r',
        "0",
    ),
    (
        "IP.Diagnostics.IPPing.FailureCount",
        "unsignedInt",
        'r',
        "0",
    ),
    (
        "IP.Diagnostics.IPPing.AverageResponseTime",
        "unsignedInt",
        'r',
        "0",
    ),
];

pub const GATEWAY: &[Seed] = &[
    (
        "DeviceSummary",
        "string",
        'r',
        "InternetGatewayDevice:1.1[](Baseline:1, Time:1, IPPing:1)",
    ),
    ("DeviceInfo.SpecVersion", "string", 'r', "1.0"),
    ("Time.LocalTimeZone", "string", 'w', "+01:00"),
    ("WANDeviceNumberOfEntries", "unsignedInt", 'r', "1"),
    (
        "Layer3Forwarding.DefaultConnectionService",
        "string",
        'w',
        "InternetGatewayDevice.WANDevice.1.WANConnectionDevice.1.WANIPConnection.1",
    ),
    (
        "WANDevice.1.WANConnectionNumberOfEntries",
        "unsignedInt",
        'r',
        "1",
    ),
    (
        "WANDevice.1.WANConnectionDevice.1.WANIPConnectionNumberOfEntries",
        "unsignedInt",
        'r',
        "1",
    ),
    (
        "WANDevice.1.WANConnectionDevice.1.WANIPConnection.1.Enable",
        "boolean",
        'w',
        "{true}",
    ),
    (
        "WANDevice.1.WANConnectionDevice.1.WANIPConnection.1.ConnectionStatus",
        "string",
        'r',
        "Connected",
    ),
    (
        "WANDevice.1.WANConnectionDevice.1.WANIPConnection.1.ConnectionType",
        "string",
        'w',
        "IP_Routed",
    ),
    (
        "WANDevice.1.WANConnectionDevice.1.WANIPConnection.1.Name",
        "string",
        'w',
        "Internet",
    ),
    (EXTERNAL_ADDRESS, "string", 'w', "{address}"),
    (
        "WANDevice.1.WANConnectionDevice.1.WANIPConnection.1.MACAddress",
        "string",
        'w',
        "{mac}",
    ),
    (
        "WANDevice.1.WANConnectionDevice.1.WANIPConnection.1.PortMappingNumberOfEntries",
        "unsignedInt",
        'r',
        "0",
    ),
    ("IPPingDiagnostics.DiagnosticsState", "string", 'w', "None"),
    ("IPPingDiagnostics.Interface", "string", 'w', ""),
    ("IPPingDiagnostics.Host", "string", 'w', ""),
    (
        "IPPingDiagnostics.NumberOfRepetitions",
        "unsignedInt",
        'w',
        "4",
    ),
    ("IPPingDiagnostics.Timeout", "unsignedInt", 'w', "1000"),
    ("IPPingDiagnostics.DataBlockSize", "unsignedInt", 'w', "56"),
    ("IPPingDiagnostics.DSCP", "unsignedInt", 'w', "0"),
    ("IPPingDiagnostics.SuccessCount", "unsignedInt", 'r', "0"),
    ("IPPingDiagnostics.FailureCount", "unsignedInt", 'r', "0"),
    (
        "IPPingDiagnostics.AverageResponseTime",
        "unsignedInt",
        'r',
        "0",
    ),
];

const DHCP_OPTION: Table = Table {
    path: "LAN.DHCPOption.",
    count: "LAN.DHCPOptionNumberOfEntries",
    holds: &[
        ("Request", "boolean", 'w', "{false}"),
        ("Tag", "unsignedInt", 'w', "60"),
        ("Value", "base64", 'w', ""),
    ],
    set: &[("Tag", "61"), ("Value", "QUNNRQ==")],
};
const NAT_MAPPING: Table = Table {
    path: "NAT.PortMapping.",
    count: "NAT.PortMappingNumberOfEntries",
    holds: &[
        ("Enable", "boolean", 'w', "{false}"),
        ("Status", "string", 'r', "Disabled"),
        ("Interface", "string", 'w', ""),
        ("AllInterfaces", "boolean", 'w', "{false}"),
        ("RemoteHost", "string", 'w', ""),
        ("ExternalPort", "unsignedInt", 'w', "0"),
        ("ExternalPortEndRange", "unsignedInt", 'w', "0"),
        ("InternalPort", "unsignedInt", 'w', "0"),
        ("Protocol", "string", 'w', "TCP"),
        ("InternalClient", "string", 'w', ""),
        ("Description", "string", 'w', ""),
    ],
    set: &[
        ("Interface", "Device.IP.Interface.1"),
        ("ExternalPort", "8080"),
        ("InternalPort", "80"),
        ("Protocol", "UDP"),
        ("InternalClient", "192.168.1.20"),
        ("Description", "T\u{fc}r & Tor <1>"),
    ],
};
pub const WAN_MAPPING: Table = Table {
    path: "WANDevice.1.WANConnectionDevice.1.WANIPConnection.1.PortMapping.",
    count: "WANDevice.1.WANConnectionDevice.1.WANIPConnection.1.PortMappingNumberOfEntries",
    holds: &[
        ("PortMappingEnabled", "boolean", 'w', "{false}"),
        ("PortMappingLeaseDuration", "unsignedInt", 'w', "0"),
        ("RemoteHost", "string", 'w', ""),
        ("ExternalPort", "unsignedInt", 'w', "0"),
        ("InternalPort", "unsignedInt", 'w', "0"),
        ("PortMappingProtocol", "string", 'w', "TCP"),
        ("InternalClient", "string", 'w', ""),
        ("PortMappingDescription", "string", 'w', ""),
    ],
    set: &[
        ("ExternalPort", "8443"),
        ("InternalPort", "443"),
        ("PortMappingProtocol", "UDP"),
        ("InternalClient", "192.168.1.21"),
        ("PortMappingDescription", "caf\u{e9} \"door\""),
    ],
};
