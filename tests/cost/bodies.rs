//! Bodies that somebody wrote to cost a checker as much as they can: lists of everything that a list can hold.

use crate::support::wire;
use crate::traffic::{Traffic, acs, connection, cpe};

/// Who says what is written here; `|` stands where the entries go.
#[derive(Debug, Clone, Copy)]
enum Said {
    /// The Inform's parts behind DeviceId.
    Inform(&'static str),
    /// What the ACS asks, and what the device answers: one of them has the entries.
    Acs(&'static str, &'static str),
    /// What the device asks, and what the ACS answers.
    Cpe(&'static str, &'static str),
}

/// A session with one long list.
#[derive(Debug, Clone, Copy)]
pub struct Body {
    pub name: &'static str,
    said: Said,
    /// One entry; `#` stands for its number.
    entry: &'static str,
}

impl Body {
    const fn new(name: &'static str, said: Said, entry: &'static str) -> Self {
        Self { name, said, entry }
    }

    /// A capture of this session, with as many entries as come to so many bytes.
    pub fn write(&self, size: usize) -> Vec<u8> {
        let entries = entries(self.entry, size);
        let fill = |text: &str| envelope(&text.replace('|', &entries));
        let mut traffic = Traffic::of_size(size);
        let inform = match self.said {
            Said::Inform(rest) => fill(&informs(rest)),
            _ => envelope(&informs(EVENT)),
        };
        let mut steps = vec![wire::post(&inform), wire::reply(&envelope(INFORM_RESPONSE))];
        match self.said {
            Said::Inform(_) => steps.extend([wire::post(""), wire::reply("")]),
            Said::Acs(asked, answered) => steps.extend([
                wire::post(""),
                wire::reply(&fill(asked)),
                wire::post(&fill(answered)),
                wire::reply(""),
            ]),
            Said::Cpe(asked, answered) => steps.extend([
                wire::post(&fill(asked)),
                wire::reply(&fill(answered)),
                wire::post(""),
                wire::reply(""),
            ]),
        }
        let mut connection = connection(1);
        traffic.frames(connection.open());
        for (at, message) in steps.iter().enumerate() {
            traffic.frames(connection.send(at % 2, message, 1448));
        }
        traffic.frames(connection.close());
        // One who comes behind it, so that nothing of the first is left for the end of the capture.
        traffic.frames(wire::session(cpe(2), acs(), "BEHIND", 1448));
        traffic.bytes
    }
}

/// The same entry until so many bytes are full.
fn entries(entry: &str, size: usize) -> String {
    if !entry.contains('#') {
        return entry.repeat(size / entry.len());
    }
    let mut entries = String::with_capacity(size + entry.len());
    for number in 1.. {
        if entries.len() >= size {
            break;
        }
        entries += &entry.replace('#', &format!("{number}"));
    }
    entries
}

/// An envelope of the version that knows all methods.
pub fn envelope(body: &str) -> String {
    let envelope = wire::envelope("1", body);
    if NEWER.iter().any(|method| body.contains(method)) {
        return envelope.replace("cwmp-1-0", "cwmp-1-2");
    }
    envelope
}

fn informs(rest: &str) -> String {
    format!(
        "<cwmp:Inform><DeviceId><Manufacturer>ACME</Manufacturer><OUI>00D09E</OUI><ProductClass>X3</ProductClass>\
         <SerialNumber>S1</SerialNumber></DeviceId>{rest}</cwmp:Inform>"
    )
}

const INFORM_RESPONSE: &str =
    "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>";
const EVENT: &str = "<Event><EventStruct><EventCode>2 PERIODIC</EventCode><CommandKey></CommandKey></EventStruct></Event>\
    <MaxEnvelopes>1</MaxEnvelopes><CurrentTime>2026-03-14T09:26:53Z</CurrentTime><RetryCount>0</RetryCount><ParameterList/>";
/// Methods of CWMP 1.1 and 1.2.
const NEWER: [&str; 5] = [
    "ScheduleDownload",
    "DUState",
    "QueuedTransfers",
    "AutonomousTransfer",
    "CancelTransfer",
];

const EVENTS: Said = Said::Inform(
    "<Event>|</Event><MaxEnvelopes>1</MaxEnvelopes><CurrentTime>2026-03-14T09:26:53Z</CurrentTime><RetryCount>0</RetryCount><ParameterList/>",
);
const INFORMED: Said = Said::Inform(
    "<Event><EventStruct><EventCode>4 VALUE CHANGE</EventCode><CommandKey/></EventStruct></Event><MaxEnvelopes>1</MaxEnvelopes>\
     <CurrentTime>2026-03-14T09:26:53Z</CurrentTime><RetryCount>0</RetryCount><ParameterList>|</ParameterList>",
);
const ASKED_VALUES: Said = Said::Acs(
    "<cwmp:GetParameterValues><ParameterNames>|</ParameterNames></cwmp:GetParameterValues>",
    "<cwmp:GetParameterValuesResponse><ParameterList/></cwmp:GetParameterValuesResponse>",
);
const VALUES: Said = Said::Acs(
    "<cwmp:GetParameterValues><ParameterNames><string>Device.</string></ParameterNames></cwmp:GetParameterValues>",
    "<cwmp:GetParameterValuesResponse><ParameterList>|</ParameterList></cwmp:GetParameterValuesResponse>",
);
/// Each name asked for is answered.
const BOTH_VALUES: Said = Said::Acs(
    "<cwmp:GetParameterValues><ParameterNames>|</ParameterNames></cwmp:GetParameterValues>",
    "<cwmp:GetParameterValuesResponse><ParameterList>|</ParameterList></cwmp:GetParameterValuesResponse>",
);
const SET: Said = Said::Acs(
    "<cwmp:SetParameterValues><ParameterList>|</ParameterList><ParameterKey>k</ParameterKey></cwmp:SetParameterValues>",
    "<cwmp:SetParameterValuesResponse><Status>0</Status></cwmp:SetParameterValuesResponse>",
);
const NAMES: Said = Said::Acs(
    "<cwmp:GetParameterNames><ParameterPath>Device.</ParameterPath><NextLevel>0</NextLevel></cwmp:GetParameterNames>",
    "<cwmp:GetParameterNamesResponse><ParameterList>|</ParameterList></cwmp:GetParameterNamesResponse>",
);
const NEXT_NAMES: Said = Said::Acs(
    "<cwmp:GetParameterNames><ParameterPath>Device.</ParameterPath><NextLevel>1</NextLevel></cwmp:GetParameterNames>",
    "<cwmp:GetParameterNamesResponse><ParameterList>|</ParameterList></cwmp:GetParameterNamesResponse>",
);
const ASKED_ATTRIBUTES: Said = Said::Acs(
    "<cwmp:GetParameterAttributes><ParameterNames>|</ParameterNames></cwmp:GetParameterAttributes>",
    "<cwmp:GetParameterAttributesResponse><ParameterList/></cwmp:GetParameterAttributesResponse>",
);
const ATTRIBUTES: Said = Said::Acs(
    "<cwmp:GetParameterAttributes><ParameterNames><string>Device.</string></ParameterNames></cwmp:GetParameterAttributes>",
    "<cwmp:GetParameterAttributesResponse><ParameterList>|</ParameterList></cwmp:GetParameterAttributesResponse>",
);
const SET_ATTRIBUTES: Said = Said::Acs(
    "<cwmp:SetParameterAttributes><ParameterList>|</ParameterList></cwmp:SetParameterAttributes>",
    "<cwmp:SetParameterAttributesResponse/>",
);
const ACCESS_LIST: Said = Said::Acs(
    "<cwmp:SetParameterAttributes><ParameterList><SetParameterAttributesStruct><Name>Device.</Name><NotificationChange>0</NotificationChange>\
     <Notification>0</Notification><AccessListChange>1</AccessListChange><AccessList>|</AccessList></SetParameterAttributesStruct></ParameterList>\
     </cwmp:SetParameterAttributes>",
    "<cwmp:SetParameterAttributesResponse/>",
);
const METHODS: Said = Said::Acs(
    "<cwmp:GetRPCMethods/>",
    "<cwmp:GetRPCMethodsResponse><MethodList>|</MethodList></cwmp:GetRPCMethodsResponse>",
);
const ACS_METHODS: Said = Said::Cpe(
    "<cwmp:GetRPCMethods/>",
    "<cwmp:GetRPCMethodsResponse><MethodList>|</MethodList></cwmp:GetRPCMethodsResponse>",
);
const SET_FAULTS: Said = Said::Acs(
    "<cwmp:SetParameterValues><ParameterList><ParameterValueStruct><Name>Device.A</Name><Value>1</Value></ParameterValueStruct></ParameterList>\
     <ParameterKey/></cwmp:SetParameterValues>",
    "<soap:Fault><faultcode>Client</faultcode><faultstring>CWMP fault</faultstring><detail><cwmp:Fault><FaultCode>9003</FaultCode>\
     <FaultString>Invalid arguments</FaultString>|</cwmp:Fault></detail></soap:Fault>",
);
/// As many parameters are set as are refused.
const BOTH_FAULTS: Said = Said::Acs(
    "<cwmp:SetParameterValues><ParameterList>|</ParameterList><ParameterKey/></cwmp:SetParameterValues>",
    "<soap:Fault><faultcode>Client</faultcode><faultstring>CWMP fault</faultstring><detail><cwmp:Fault><FaultCode>9003</FaultCode>\
     <FaultString>Invalid arguments</FaultString>|</cwmp:Fault></detail></soap:Fault>",
);
const DETAILS: Said = Said::Acs(
    "<cwmp:Reboot><CommandKey/></cwmp:Reboot>",
    "<soap:Fault><faultcode>Client</faultcode><faultstring>CWMP fault</faultstring><detail>|</detail></soap:Fault>",
);
const WINDOWS: Said = Said::Acs(
    "<cwmp:ScheduleDownload><CommandKey>k</CommandKey><FileType>1 Firmware Upgrade Image</FileType><URL>http://192.0.2.1/f</URL><Username/>\
     <Password/><FileSize>0</FileSize><TargetFileName/><TimeWindowList>|</TimeWindowList></cwmp:ScheduleDownload>",
    "<cwmp:ScheduleDownloadResponse/>",
);
const OPERATIONS: Said = Said::Acs(
    "<cwmp:ChangeDUState><Operations>|</Operations><CommandKey>k</CommandKey></cwmp:ChangeDUState>",
    "<cwmp:ChangeDUStateResponse/>",
);
const RESULTS: Said = Said::Cpe(
    "<cwmp:DUStateChangeComplete><Results>|</Results><CommandKey>k</CommandKey></cwmp:DUStateChangeComplete>",
    "<cwmp:DUStateChangeCompleteResponse/>",
);
const OWN_RESULTS: Said = Said::Cpe(
    "<cwmp:AutonomousDUStateChangeComplete><Results>|</Results></cwmp:AutonomousDUStateChangeComplete>",
    "<cwmp:AutonomousDUStateChangeCompleteResponse/>",
);
const TRANSFERS: Said = Said::Acs(
    "<cwmp:GetAllQueuedTransfers/>",
    "<cwmp:GetAllQueuedTransfersResponse><TransferList>|</TransferList></cwmp:GetAllQueuedTransfersResponse>",
);
const VOUCHERS: Said = Said::Acs(
    "<cwmp:SetVouchers><VoucherList>|</VoucherList></cwmp:SetVouchers>",
    "<cwmp:SetVouchersResponse/>",
);
const OPTIONS: Said = Said::Acs(
    "<cwmp:GetOptions><OptionName/></cwmp:GetOptions>",
    "<cwmp:GetOptionsResponse><OptionList>|</OptionList></cwmp:GetOptionsResponse>",
);
const FILE_ARGUMENTS: Said = Said::Cpe(
    "<cwmp:RequestDownload><FileType>1 Firmware Upgrade Image</FileType><FileTypeArg>|</FileTypeArg></cwmp:RequestDownload>",
    "<cwmp:RequestDownloadResponse/>",
);
/// One argument where another method has none.
const NO_LIST: Said = Said::Acs(
    "<cwmp:Reboot><CommandKey/>|</cwmp:Reboot>",
    "<cwmp:RebootResponse>|</cwmp:RebootResponse>",
);
const DEVICE_ID: Said = Said::Inform("|");
/// A method that nobody knows.
const UNKNOWN: Said = Said::Acs(
    "<cwmp:X_00D09E_Do>|</cwmp:X_00D09E_Do>",
    "<cwmp:X_00D09E_DoResponse>|</cwmp:X_00D09E_DoResponse>",
);
const ONE_ENTRY: Said = Said::Acs(
    "<cwmp:SetParameterValues><ParameterList><ParameterValueStruct><Name>Device.A</Name>|</ParameterValueStruct></ParameterList><ParameterKey/>\
     </cwmp:SetParameterValues>",
    "<cwmp:SetParameterValuesResponse><Status>0</Status></cwmp:SetParameterValuesResponse>",
);
const ONE_ANSWER: Said = Said::Acs(
    "<cwmp:GetParameterValues><ParameterNames><string>Device.A</string></ParameterNames></cwmp:GetParameterValues>",
    "<cwmp:GetParameterValuesResponse><ParameterList><ParameterValueStruct>|</ParameterValueStruct></ParameterList></cwmp:GetParameterValuesResponse>",
);
const LISTS: Said = Said::Acs(
    "<cwmp:GetParameterValues>|</cwmp:GetParameterValues>",
    "<cwmp:GetParameterValuesResponse>|</cwmp:GetParameterValuesResponse>",
);

macro_rules! value {
    ($name:expr, $value:expr) => {
        concat!(
            "<ParameterValueStruct><Name>",
            $name,
            "</Name>",
            $value,
            "</ParameterValueStruct>"
        )
    };
}

macro_rules! info {
    ($name:expr) => {
        concat!(
            "<ParameterInfoStruct><Name>",
            $name,
            "</Name><Writable>1</Writable></ParameterInfoStruct>"
        )
    };
}

const EMPTY: &str = "<a/>";

/// Each by what it is.
pub const BODIES: &[Body] = &[
    Body::new("empty events", EVENTS, EMPTY),
    Body::new("empty parameters of an Inform", INFORMED, EMPTY),
    Body::new("empty names asked for", ASKED_VALUES, EMPTY),
    Body::new("empty values", VALUES, EMPTY),
    Body::new("empty values set", SET, EMPTY),
    Body::new("empty parameter names", NAMES, EMPTY),
    Body::new("empty names of attributes", ASKED_ATTRIBUTES, EMPTY),
    Body::new("empty attributes", ATTRIBUTES, EMPTY),
    Body::new("empty attributes set", SET_ATTRIBUTES, EMPTY),
    Body::new("an access list of empty entries", ACCESS_LIST, EMPTY),
    Body::new("empty methods", METHODS, EMPTY),
    Body::new("empty faults", SET_FAULTS, EMPTY),
    Body::new("empty details", DETAILS, EMPTY),
    Body::new("empty time windows", WINDOWS, EMPTY),
    Body::new("empty operations", OPERATIONS, EMPTY),
    Body::new("empty results", RESULTS, EMPTY),
    Body::new("empty results of its own", OWN_RESULTS, EMPTY),
    Body::new("empty transfers", TRANSFERS, EMPTY),
    Body::new("empty vouchers", VOUCHERS, EMPTY),
    Body::new("empty options", OPTIONS, EMPTY),
    Body::new("empty arguments of a file", FILE_ARGUMENTS, EMPTY),
    Body::new("arguments that nobody asked for", NO_LIST, EMPTY),
    Body::new("arguments of an unknown method", UNKNOWN, "<b#/>"),
    Body::new("elements in an Inform", DEVICE_ID, EMPTY),
    Body::new(
        "structures without members",
        VALUES,
        "<ParameterValueStruct/>",
    ),
    Body::new(
        "structures set without members",
        SET,
        "<ParameterValueStruct/>",
    ),
    Body::new("events without members", EVENTS, "<EventStruct/>"),
    Body::new(
        "attributes without members",
        SET_ATTRIBUTES,
        "<SetParameterAttributesStruct/>",
    ),
    Body::new(
        "attributes told without members",
        ATTRIBUTES,
        "<ParameterAttributeStruct/>",
    ),
    Body::new("names without members", NAMES, "<ParameterInfoStruct/>"),
    Body::new(
        "time windows without members",
        WINDOWS,
        "<TimeWindowStruct/>",
    ),
    Body::new(
        "operations without members",
        OPERATIONS,
        "<InstallOpStruct/>",
    ),
    Body::new("results without members", RESULTS, "<OpResultStruct/>"),
    Body::new(
        "transfers without members",
        TRANSFERS,
        "<AllQueuedTransferStruct/>",
    ),
    Body::new("options without members", OPTIONS, "<OptionStruct/>"),
    Body::new(
        "faults without members",
        SET_FAULTS,
        "<SetParameterValuesFault/>",
    ),
    Body::new("many values of one parameter", ONE_ENTRY, "<Value/>"),
    Body::new(
        "many names of one parameter",
        ONE_ENTRY,
        "<Name>Device.#</Name>",
    ),
    Body::new("many values in one answer", ONE_ANSWER, "<Value/>"),
    Body::new("many names in one answer", ONE_ANSWER, "<Name/>"),
    Body::new("members that no structure has", ONE_ANSWER, "<b#/>"),
    Body::new("many lists", LISTS, "<ParameterList/>"),
    Body::new("many lists of names", LISTS, "<ParameterNames/>"),
    Body::new("names without a value", VALUES, value!("Device.A.#.B", "")),
    Body::new("names set without a value", SET, value!("Device.A.#.B", "")),
    Body::new(
        "values without a name",
        VALUES,
        value!("", "<Value>#</Value>"),
    ),
    Body::new(
        "values that are wrong",
        VALUES,
        value!(
            "InternetGatewayDevice.LANDevice.#.Hosts.HostNumberOfEntries",
            "<Value xsi:type=\"xsd:unsignedInt\">x#</Value>"
        ),
    ),
    Body::new(
        "values set that are wrong",
        SET,
        value!(
            "InternetGatewayDevice.LANDevice.#.Hosts.HostNumberOfEntries",
            "<Value xsi:type=\"xsd:unsignedInt\">x#</Value>"
        ),
    ),
    Body::new(
        "values of types that nobody knows",
        VALUES,
        value!("Device.A.#.B", "<Value xsi:type=\"t#:u#\">1</Value>"),
    ),
    Body::new(
        "names that nobody knows",
        VALUES,
        value!("Device.A#.B", "<Value xsi:type=\"xsd:string\">1</Value>"),
    ),
    Body::new(
        "names of a model that are all wrong",
        SET,
        value!(
            "InternetGatewayDevice.A#.B",
            "<Value xsi:type=\"xsd:string\">1</Value>"
        ),
    ),
    Body::new(
        "roots that nobody knows",
        VALUES,
        value!("A#.B", "<Value xsi:type=\"xsd:string\">1</Value>"),
    ),
    Body::new(
        "the same name set again and again",
        SET,
        value!("Device.A", "<Value xsi:type=\"xsd:string\">#</Value>"),
    ),
    Body::new(
        "the same name told again and again",
        VALUES,
        value!("Device.A", "<Value xsi:type=\"xsd:string\">#</Value>"),
    ),
    Body::new(
        "parameters of an Inform",
        INFORMED,
        value!("Device.A.#.B", "<Value xsi:type=\"xsd:string\">1</Value>"),
    ),
    Body::new(
        "passwords",
        SET,
        value!(
            "Device.Users.User.#.Password",
            "<Value xsi:type=\"xsd:string\">#</Value>"
        ),
    ),
    Body::new(
        "passwords that are told",
        VALUES,
        value!(
            "Device.Users.User.#.Password",
            "<Value xsi:type=\"xsd:string\">#</Value>"
        ),
    ),
    Body::new(
        "addresses of management",
        INFORMED,
        value!(
            "Device.ManagementServer.ConnectionRequestURL",
            "<Value xsi:type=\"xsd:string\">http://10.0.0.1:#/</Value>"
        ),
    ),
    Body::new(
        "manageable devices",
        VALUES,
        value!(
            "InternetGatewayDevice.ManagementServer.ManageableDevice.#.SerialNumber",
            "<Value xsi:type=\"xsd:string\">#</Value>"
        ),
    ),
    Body::new(
        "states of tests",
        VALUES,
        value!(
            "InternetGatewayDevice.WANDevice.#.WANDSLDiagnostics.LoopDiagnosticsState",
            "<Value xsi:type=\"xsd:string\">Requested</Value>"
        ),
    ),
    Body::new(
        "tests that are set off",
        SET,
        value!(
            "InternetGatewayDevice.WANDevice.#.WANDSLDiagnostics.LoopDiagnosticsState",
            "<Value xsi:type=\"xsd:string\">Requested</Value>"
        ),
    ),
    Body::new(
        "numbers of entries",
        VALUES,
        value!(
            "InternetGatewayDevice.LANDevice.#.HostNumberOfEntries",
            "<Value xsi:type=\"xsd:unsignedInt\">#</Value>"
        ),
    ),
    Body::new(
        "enabled instances",
        SET,
        value!(
            "InternetGatewayDevice.Layer3Forwarding.Forwarding.#.Enable",
            "<Value xsi:type=\"xsd:boolean\">1</Value>"
        ),
    ),
    Body::new(
        "aliases",
        SET,
        value!(
            "Device.A.[a#].Alias",
            "<Value xsi:type=\"xsd:string\">a#</Value>"
        ),
    ),
    Body::new(
        "keys of a table",
        SET,
        value!(
            "Device.Users.User.#.Username",
            "<Value xsi:type=\"xsd:string\">u</Value>"
        ),
    ),
    Body::new(
        "names asked for",
        ASKED_VALUES,
        "<string>Device.A.#.B</string>",
    ),
    Body::new(
        "partial paths asked for",
        ASKED_VALUES,
        "<string>Device.A.#.</string>",
    ),
    Body::new(
        "the same name asked for",
        ASKED_VALUES,
        "<string>Device.A.</string>",
    ),
    Body::new(
        "names asked for that are answered",
        BOTH_VALUES,
        "<string>Device.A.#.B</string><ParameterValueStruct><Name>Device.A.#.B</Name><Value xsi:type=\"xsd:string\">1</Value></ParameterValueStruct>",
    ),
    Body::new("names of other instances", NAMES, info!("Device.A.#.B")),
    Body::new("objects of other instances", NAMES, info!("Device.A.#.")),
    Body::new("names of another level", NEXT_NAMES, info!("Device.A.#.B")),
    Body::new(
        "deep names",
        NAMES,
        info!(
            "Device.A.#.B.#.C.#.D.#.E.#.F.#.G.#.H.#.I.#.J.#.K.#.L.#.M.#.N.#.O.#.P.#.Q.#.R.#.S.#.T"
        ),
    ),
    Body::new(
        "names of nothing but dots",
        NAMES,
        info!(
            "Device.#........................................................................................................................"
        ),
    ),
    Body::new(
        "names of a model, other instances",
        NAMES,
        info!("InternetGatewayDevice.LANDevice.#.LANHostConfigManagement.IPInterface.#.Enable"),
    ),
    Body::new("the same name again and again", NAMES, info!("Device.A.")),
    Body::new(
        "names of attributes",
        ASKED_ATTRIBUTES,
        "<string>Device.A.#.B</string>",
    ),
    Body::new(
        "attributes",
        ATTRIBUTES,
        "<ParameterAttributeStruct><Name>Device.A.#.B</Name><Notification>7</Notification><AccessList><string>s#</string></AccessList></ParameterAttributeStruct>",
    ),
    Body::new(
        "attributes of model parameters",
        ATTRIBUTES,
        "<ParameterAttributeStruct><Name>InternetGatewayDevice.LANDevice.#.Hosts.HostNumberOfEntries</Name><Notification>2</Notification><AccessList/></ParameterAttributeStruct>",
    ),
    Body::new(
        "attributes set",
        SET_ATTRIBUTES,
        "<SetParameterAttributesStruct><Name>Device.A.#.B</Name><NotificationChange>1</NotificationChange><Notification>2</Notification><AccessListChange>1</AccessListChange><AccessList><string>s#</string></AccessList></SetParameterAttributesStruct>",
    ),
    Body::new("an access list", ACCESS_LIST, "<string>s#</string>"),
    Body::new(
        "an access list of one name",
        ACCESS_LIST,
        "<string>Subscriber</string>",
    ),
    Body::new("methods", METHODS, "<string>M#</string>"),
    Body::new(
        "one method again and again",
        METHODS,
        "<string>Reboot</string>",
    ),
    Body::new("methods of an ACS", ACS_METHODS, "<string>M#</string>"),
    Body::new(
        "faults of parameters",
        SET_FAULTS,
        "<SetParameterValuesFault><ParameterName>Device.#</ParameterName><FaultCode>9007</FaultCode><FaultString>Invalid</FaultString></SetParameterValuesFault>",
    ),
    Body::new(
        "faults of parameters that were set",
        BOTH_FAULTS,
        "<ParameterValueStruct><Name>Device.#</Name><Value>1</Value></ParameterValueStruct><SetParameterValuesFault><ParameterName>Device.#</ParameterName><FaultCode>9007</FaultCode><FaultString>x</FaultString></SetParameterValuesFault>",
    ),
    Body::new(
        "faults within faults",
        DETAILS,
        "<cwmp:Fault><FaultCode>90#</FaultCode><FaultString>x</FaultString></cwmp:Fault>",
    ),
    Body::new(
        "time windows",
        WINDOWS,
        "<TimeWindowStruct><WindowStart>#</WindowStart><WindowEnd>1#</WindowEnd><WindowMode>x#</WindowMode><UserMessage/><MaxRetries>0</MaxRetries></TimeWindowStruct>",
    ),
    Body::new(
        "operations",
        OPERATIONS,
        "<InstallOpStruct><URL>http://192.0.2.1/#</URL><UUID>#</UUID><Username/><Password/><ExecutionEnvRef/></InstallOpStruct>",
    ),
    Body::new(
        "operations of one unit",
        OPERATIONS,
        "<UpdateOpStruct><UUID>8c7ac8a6-1b4e-5f0c-9d3b-000000000000</UUID><Version>1</Version><URL/><Username/><Password/></UpdateOpStruct>",
    ),
    Body::new(
        "results",
        RESULTS,
        "<OpResultStruct><UUID>#</UUID><DeploymentUnitRef>Device.SoftwareModules.DeploymentUnit.#</DeploymentUnitRef><Version>#</Version><CurrentState>Installed</CurrentState><Resolved>1</Resolved><ExecutionUnitRefList>a,b</ExecutionUnitRefList><StartTime>2026-03-14T09:26:53Z</StartTime><CompleteTime>2026-03-14T09:26:53Z</CompleteTime><Fault><FaultCode>0</FaultCode><FaultString/></Fault></OpResultStruct>",
    ),
    Body::new(
        "transfers",
        TRANSFERS,
        "<AllQueuedTransferStruct><CommandKey>#</CommandKey><State>1</State><IsDownload>1</IsDownload><FileType>1 Firmware Upgrade Image</FileType><FileSize>0</FileSize><TargetFileName/></AllQueuedTransferStruct>",
    ),
    Body::new(
        "options",
        OPTIONS,
        "<OptionStruct><OptionName>#</OptionName><VoucherSN>#</VoucherSN><State>0</State><Mode>0</Mode><StartDate>2026-03-14T09:26:53Z</StartDate><ExpirationDate>2026-03-14T09:26:53Z</ExpirationDate><IsTransferable>0</IsTransferable></OptionStruct>",
    ),
    Body::new(
        "arguments of a file",
        FILE_ARGUMENTS,
        "<ArgStruct><Name>Version#</Name><Value>#</Value></ArgStruct>",
    ),
    Body::new(
        "events",
        EVENTS,
        "<EventStruct><EventCode>X 00D09E #</EventCode><CommandKey>#</CommandKey></EventStruct>",
    ),
    Body::new(
        "one event again and again",
        EVENTS,
        "<EventStruct><EventCode>2 PERIODIC</EventCode><CommandKey/></EventStruct>",
    ),
    Body::new(
        "transfers that are over",
        EVENTS,
        "<EventStruct><EventCode>M Download</EventCode><CommandKey>#</CommandKey></EventStruct>",
    ),
    Body::new(
        "attributes of a value",
        VALUES,
        "<ParameterValueStruct a=\"\" b=\"\" c=\"\" d=\"\"><Name e=\"\" f=\"\" g=\"\">A.#</Name><Value xsi:type=\"xsd:int\" xsi:nil=\"x\" h=\"\">x</Value></ParameterValueStruct>",
    ),
    Body::new("processing instructions", VALUES, "<?a b?>"),
    Body::new(
        "comments between values",
        VALUES,
        "<ParameterValueStruct><!-- a --><Name><!-- b -->A.#</Name><Value><!-- c -->1</Value></ParameterValueStruct>",
    ),
    Body::new(
        "text between values",
        VALUES,
        "x<ParameterValueStruct>y<Name>A.#</Name>z<Value>1</Value></ParameterValueStruct>",
    ),
    Body::new(
        "entries that are empty text",
        VALUES,
        " <b xsi:type=\"q#:r\"> </b>",
    ),
];
