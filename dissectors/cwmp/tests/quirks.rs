//! What devices and servers get wrong, read all the same and named.

use cwmp::{Document, EnvelopeRef, Hints, Kind, Limits, Value, parse};

fn read(body: impl Into<Vec<u8>>) -> Document {
    parse(body.into(), &Hints::default(), &Limits::default())
}

fn envelope(document: &Document) -> EnvelopeRef<'_> {
    let Some(envelope) = document.envelope(0) else {
        panic!("no envelope");
    };
    envelope
}

fn schema_kinds(document: &Document) -> Vec<&'static str> {
    envelope(document)
        .schema_anomalies()
        .iter()
        .map(|anomaly| anomaly.kind.name())
        .collect()
}

fn framed(body: &str) -> String {
    format!(
        "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:enc=\"http://schemas.xmlsoap.org/soap/encoding/\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:cwmp=\"urn:dslforum-org:cwmp-1-0\"><soap:Header><cwmp:ID>1</cwmp:ID></soap:Header><soap:Body>{body}</soap:Body></soap:Envelope>"
    )
}

#[test]
fn a_detail_within_the_faultstring_is_found() {
    let document = read(framed(
        "<soap:Fault><faultcode>Client</faultcode><faultstring>CWMP fault\n<detail><cwmp:Fault><FaultCode>9003</FaultCode><FaultString>Invalid arguments</FaultString><SetParameterValuesFault><ParameterName>A.B</ParameterName><FaultCode>9007</FaultCode><FaultString>no</FaultString></SetParameterValuesFault></cwmp:Fault></detail>\n</faultstring></soap:Fault>",
    ));
    let envelope = envelope(&document);
    let Some(fault) = envelope.fault() else {
        panic!("no fault");
    };
    assert_eq!(envelope.kind(), Kind::Fault);
    assert_eq!(
        (envelope.method(), envelope.message_name()),
        (None, Some("Fault"))
    );
    assert_eq!(
        (fault.soap_code.as_deref(), fault.soap_string.as_deref()),
        (Some("Client"), Some("CWMP fault"))
    );
    assert_eq!(
        (fault.code_number(), fault.string.as_deref()),
        (Some(9003), Some("Invalid arguments"))
    );
    let parameters: Vec<_> = fault
        .parameters
        .iter()
        .map(|one| (one.name.as_str(), one.code.as_str(), one.string.as_str()))
        .collect();
    assert_eq!(parameters, [("A.B", "9007", "no")]);
}

#[test]
fn a_message_in_no_namespace_is_still_its_method() {
    let document = read(framed("<Reboot/>"));
    let view = envelope(&document);
    assert_eq!(
        (view.method(), view.kind()),
        (Some("Reboot"), Kind::Request)
    );
    assert_eq!(view.cwmp_namespace(), Some("urn:dslforum-org:cwmp-1-0"));
    assert_eq!(
        schema_kinds(&document),
        ["message-namespace", "missing-argument"]
    );
}

#[test]
fn undeclared_prefixes_do_no_harm() {
    let document = read(
        "<soap-env:Envelope><soap-env:Header><cwmp:ID>5</cwmp:ID><cwmp:HoldRequests>true</cwmp:HoldRequests></soap-env:Header><soap-env:Body><cwmp:GetParameterValues><ParameterNames soap-enc:arrayType=\"xsd:string[1]\"><string>A.</string></ParameterNames></cwmp:GetParameterValues></soap-env:Body></soap-env:Envelope>",
    );
    let view = envelope(&document);
    assert_eq!(view.id().as_deref(), Some("5"));
    assert_eq!(view.hold_requests(), Some(true));
    assert_eq!(view.method(), Some("GetParameterValues"));
    let Some(Value::Array(items)) = view.args().next().map(|arg| arg.value()) else {
        panic!("no array");
    };
    assert_eq!(
        items.filter_map(|item| item.text()).collect::<Vec<_>>(),
        ["A."]
    );
    assert!(
        document
            .anomalies()
            .iter()
            .any(|anomaly| anomaly.kind.name() == "undeclared-prefix")
    );
}

#[test]
fn wrong_and_padded_counts_are_told_apart() {
    for (count, kinds) in [
        ("[1]", [].as_slice()),
        ("[01]", &["array-count-padded"]),
        ("[2]", &["array-count-mismatch"]),
        ("[02]", &["array-count-mismatch", "array-count-padded"]),
        ("", &["array-count-missing"]),
        ("[x]", &["array-count-mismatch"]),
    ] {
        let body = format!(
            "<cwmp:GetParameterValues><ParameterNames enc:arrayType=\"xsd:string{count}\"><string>A.</string></ParameterNames></cwmp:GetParameterValues>"
        );
        let document = read(framed(&body));
        let mut found = schema_kinds(&document);
        found.sort_unstable();
        assert_eq!(found, kinds, "{count}");
    }
}

#[test]
fn several_envelopes_of_issue_1_are_all_read() {
    let one = framed("<cwmp:GetRPCMethods/>");
    let two = framed("<cwmp:Reboot><CommandKey>k</CommandKey></cwmp:Reboot>").replace(
        "</soap:Header>",
        "<cwmp:NoMoreRequests>1</cwmp:NoMoreRequests></soap:Header>",
    );
    let document = read(format!("{one}\n{two}"));
    let methods: Vec<_> = document
        .envelope_refs()
        .filter_map(|envelope| envelope.method())
        .collect();
    assert_eq!(methods, ["GetRPCMethods", "Reboot"]);
    assert_eq!(
        document
            .envelope(1)
            .and_then(|envelope| envelope.no_more_requests()),
        Some(true)
    );
}

#[test]
fn vendor_methods_are_kept_as_trees() {
    let document = read(framed(
        "<cwmp:X-snom-Minibrowser><SnomIPPhoneText><Title>T</Title>Hello <b>you</b></SnomIPPhoneText></cwmp:X-snom-Minibrowser>",
    ));
    let view = envelope(&document);
    assert_eq!(
        (view.method(), view.kind(), view.schema()),
        (Some("X-snom-Minibrowser"), Kind::Request, None)
    );
    let Some(Value::Mixed(element)) = view.args().next().map(|arg| arg.value()) else {
        panic!("no mixed content");
    };
    assert_eq!(element.content(), b"<Title>T</Title>Hello <b>you</b>");
    assert_eq!(element.text(), "Hello ");
    let document = read(framed(
        "<cwmp:X_00D09E_BeepResponse><Status>1</Status></cwmp:X_00D09E_BeepResponse>",
    ));
    assert_eq!(
        (envelope(&document).method(), envelope(&document).kind()),
        (Some("X_00D09E_Beep"), Kind::Response)
    );
}

#[test]
fn an_inform_is_read_in_its_parts() {
    let document = read(framed(
        "<cwmp:Inform><DeviceId><Manufacturer>M &amp; N</Manufacturer><OUI>00D09E</OUI><ProductClass/><SerialNumber>1</SerialNumber></DeviceId><Event enc:arrayType=\"cwmp:EventStruct[02]\"><EventStruct><EventCode>0 BOOTSTRAP</EventCode><CommandKey/></EventStruct><EventStruct><EventCode>M Reboot</EventCode><CommandKey>k</CommandKey></EventStruct></Event><MaxEnvelopes>1</MaxEnvelopes><CurrentTime>2009-01-01T00:00:00</CurrentTime><RetryCount>3</RetryCount><ParameterList enc:arrayType=\"cwmp:ParameterValueStruct[2]\"><ParameterValueStruct><Name> Device.ManagementServer.ParameterKey\n</Name><Value xsi:type=\"xsd:string\"><![CDATA[a<b]]></Value></ParameterValueStruct><ParameterValueStruct><Name>Device.X</Name></ParameterValueStruct></ParameterList></cwmp:Inform>",
    ));
    let Some(inform) = envelope(&document).inform() else {
        panic!("no inform");
    };
    let device = inform.device_id();
    assert_eq!(
        (
            device.manufacturer.as_ref(),
            device.oui.as_ref(),
            device.product_class.as_ref()
        ),
        ("M & N", "00D09E", "")
    );
    let events = inform.events();
    let events: Vec<_> = events
        .iter()
        .map(|event| (event.code.as_ref(), event.command_key.as_ref()))
        .collect();
    assert_eq!(events, [("0 BOOTSTRAP", ""), ("M Reboot", "k")]);
    assert_eq!(
        (inform.retry_count(), inform.max_envelopes().as_deref()),
        (Some(3), Some("1"))
    );
    let key = inform.parameter("ManagementServer.ParameterKey");
    assert_eq!(key.and_then(|key| key.value()).as_deref(), Some("a<b"));
    assert_eq!(
        key.and_then(|key| key.xsi_type()).as_deref(),
        Some("xsd:string")
    );
    assert_eq!(
        inform.parameter("X").map(|parameter| parameter.value()),
        Some(None)
    );
    assert!(inform.parameter("ParameterKey").is_none());
    assert_eq!(
        schema_kinds(&document),
        [
            "array-count-padded",
            "date-time-without-zone",
            "missing-argument"
        ]
    );
}

#[test]
fn transfers_are_read_in_their_parts() {
    let document = read(framed(
        "<cwmp:Download><CommandKey>k</CommandKey><FileType>1 Firmware Upgrade Image</FileType><URL>http://a/?b=1&amp;c=2</URL><Username>u</Username><Password>p</Password><FileSize>0</FileSize><TargetFileName>f</TargetFileName><DelaySeconds>0</DelaySeconds><SuccessURL/><FailureURL/></cwmp:Download>",
    ));
    let Some(request) = envelope(&document).transfer_request() else {
        panic!("no transfer");
    };
    assert_eq!(
        (
            request.method,
            request.command_key.as_ref(),
            request.url.as_ref()
        ),
        ("Download", "k", "http://a/?b=1&c=2")
    );
    assert_eq!(
        (request.username.as_ref(), request.target_file_name.as_ref()),
        ("u", "f")
    );
    assert_eq!(schema_kinds(&document), [""; 0]);
    let document = read(framed(
        "<cwmp:TransferComplete><CommandKey>k</CommandKey><FaultStruct><FaultCode>9010</FaultCode><FaultString>no</FaultString></FaultStruct><StartTime>0001-01-01T00:00:00Z</StartTime><CompleteTime>0001-01-01T00:00:00Z</CompleteTime></cwmp:TransferComplete>",
    ));
    let Some(report) = envelope(&document).transfer_complete() else {
        panic!("no report");
    };
    assert_eq!(
        (
            report.command_key.as_ref(),
            report.fault_code.as_ref(),
            report.fault_string.as_ref()
        ),
        ("k", "9010", "no")
    );
    assert!(envelope(&document).transfer_request().is_none());
}

#[test]
fn operations_are_shaped_by_their_type() {
    let document = read(framed(
        "<cwmp:ChangeDUState><Operations xsi:type=\"cwmp:UninstallOpStruct\"><UUID>u</UUID><Colour>red</Colour></Operations><Operations><UUID>v</UUID></Operations><CommandKey>k</CommandKey></cwmp:ChangeDUState>",
    ));
    let operations = envelope(&document)
        .args()
        .filter(|arg| arg.name() == "Operations");
    let fields: Vec<_> = operations
        .map(|operation| match operation.value() {
            Value::Struct(members) => members.map(|member| member.field().is_some()).collect(),
            _ => Vec::new(),
        })
        .collect();
    assert_eq!(fields, [vec![true, false], vec![false]]);
    assert_eq!(
        schema_kinds(&document),
        ["unknown-argument", "missing-xsi-type"]
    );
}

#[test]
fn headers_of_later_versions_are_read() {
    let body = framed("<cwmp:GetRPCMethods/>").replace(
        "</soap:Header>",
        "<cwmp:SessionTimeout>40</cwmp:SessionTimeout><cwmp:SupportedCWMPVersions>1.0,1.4</cwmp:SupportedCWMPVersions><cwmp:UseCWMPVersion>1.2</cwmp:UseCWMPVersion></soap:Header>",
    );
    let document = read(body);
    let view = envelope(&document);
    assert_eq!(view.session_timeout(), Some(40));
    assert_eq!(view.supported_versions().as_deref(), Some("1.0,1.4"));
    assert_eq!(view.use_version().as_deref(), Some("1.2"));
    assert_eq!(
        (view.hold_requests(), view.no_more_requests()),
        (None, None)
    );
}

#[test]
fn what_is_spelt_in_another_way_may_be_held() {
    for spelt in [
        "A.Wanted",
        "A.&#87;anted",
        "A.<![CDATA[Wan]]>ted",
        "A.Wan<!-- -->ted",
    ] {
        let body = framed(&format!(
            "<cwmp:GetParameterValues><ParameterNames><string>{spelt}</string></ParameterNames></cwmp:GetParameterValues>"
        ));
        for body in [body.clone(), format!("<?xml version=\"1.0\"?>{body}")] {
            assert!(read(body).may_hold(b"Wanted"), "{spelt}");
        }
    }
    let body = framed("<cwmp:GetRPCMethods/><!-- -->");
    assert!(!read(framed("<cwmp:GetRPCMethods>&amp;</cwmp:GetRPCMethods>")).may_hold(b"Wanted"));
    assert!(!read(format!("<?xml version=\"1.0\"?>{}", framed(""))).may_hold(b"Wanted"));
    assert!(read(body).may_hold(b"Wanted"));
}
