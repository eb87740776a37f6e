//! What was judged before is not judged again: that may spare work, and never a finding.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;

use informant::conformance::CheckLimits;

use super::check_path;

/// An Inform with these entries, in a session and on a connection of its own.
fn inform(transcript: &mut String, at: u32, version: &str, entries: &str) {
    let (port, second) = (40_000 + at, 4_000 * at);
    write!(
        transcript,
        ">> 10.0.0.2:{port} > 10.0.0.1:7547 @{second}.020\n\
         POST /acs HTTP/1.1\n\
         Host: 10.0.0.1\n\
         Content-Type: text/xml; charset=utf-8\n\
         SOAPAction: \"\"\n\
         Content-Length: auto\n\n\
         <soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:enc=\"http://schemas.xmlsoap.org/soap/encoding/\" \
         xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xmlns:cwmp=\"urn:dslforum-org:cwmp-{version}\">\
         <soap:Header><cwmp:ID soap:mustUnderstand=\"1\">1</cwmp:ID></soap:Header><soap:Body><cwmp:Inform>\
         <DeviceId><Manufacturer>M</Manufacturer><OUI>001122</OUI><ProductClass>P</ProductClass><SerialNumber>1</SerialNumber></DeviceId>\
         <Event enc:arrayType=\"cwmp:EventStruct[1]\"><EventStruct><EventCode>2 PERIODIC</EventCode><CommandKey></CommandKey></EventStruct></Event>\
         <MaxEnvelopes>1</MaxEnvelopes><CurrentTime>2026-11-20T21:14:05Z</CurrentTime><RetryCount>0</RetryCount>\
         {entries}</cwmp:Inform></soap:Body></soap:Envelope>\n\n"
    )
    .expect("a text");
}

fn list(entries: &[(&str, Option<&str>, &str)]) -> String {
    let mut list = format!(
        "<ParameterList enc:arrayType=\"cwmp:ParameterValueStruct[{}]\">",
        entries.len()
    );
    for (name, kind, value) in entries {
        let kind = kind.map_or_else(String::new, |kind| format!(" xsi:type=\"xsd:{kind}\""));
        write!(
            list,
            "<ParameterValueStruct><Name>{name}</Name><Value{kind}>{value}</Value></ParameterValueStruct>"
        )
        .expect("a text");
    }
    list + "</ParameterList>"
}

/// What is found in the entries of the last of these Informs.
fn found(informs: &[(&str, &str)]) -> BTreeSet<&'static str> {
    let mut transcript =
        "# informant transcript 1\n# started 2026-11-20T21:14:05.000Z\n\n".to_owned();
    for (at, (version, entries)) in (0..).zip(informs) {
        inform(&mut transcript, at, version, entries);
    }
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(transcript.as_bytes()).expect("room");
    let checked = check_path(file.path(), CheckLimits::default(), 1);
    let last = u32::try_from(informs.len()).ok();
    let findings = checked.findings.iter().filter(|finding| {
        let is_of_entries = ["SOAP-014", "SOAP-015", "SOAP-028", "CWMP-GPV-009"];
        let is_of_entries =
            is_of_entries.contains(&finding.code) || finding.code.starts_with("DM-");
        is_of_entries && finding.occurrences.iter().any(|one| one.session == last)
    });
    findings.map(|finding| finding.code).collect()
}

#[test]
fn what_was_right_in_another_session_hides_nothing() {
    let names = [
        "Device.Ethernet.Interface.1.Status",
        "Device.DeviceInfo.UpTime",
    ];
    let kinds = [
        None,
        Some("string"),
        Some("int"),
        Some("unsignedInt"),
        Some("long"),
        Some("unsignedLong"),
        Some("boolean"),
        Some("dateTime"),
        Some("base64"),
        Some("hexBinary"),
        Some("decimal"),
    ];
    let mut told = 0;
    for (name, value) in names.into_iter().zip(["Down", "1"]) {
        let written = kinds.map(|kind| list(&[(name, kind, value)]));
        for version in ["1-0", "1-2"] {
            for second in &written {
                let alone = found(&[(version, second)]);
                for first in &written {
                    for before in ["1-0", "1-2"] {
                        let behind = found(&[(before, first), (version, second)]);
                        assert_eq!(behind, alone, "{version} {second} behind {before} {first}");
                    }
                }
                told += alone.len();
            }
        }
    }
    assert!(told > 20, "{told}");
}

/// So many names that no model has are not looked for among those it has: the next message may have room for one of them.
#[test]
fn a_name_that_was_not_looked_for_is_not_right() {
    let slip = ("Device.DeviceInfo.UpTim", Some("unsignedInt"), "1");
    // A version that is newer than all that are known has names of its own.
    let claim = ("Device.RootDataModelVersion", Some("string"), "2.99");
    let names: Vec<String> = (0..600)
        .map(|at| format!("Device.DeviceInfo.Zqxj{at}Wvk"))
        .collect();
    let mut many = vec![claim];
    many.extend(
        names
            .iter()
            .map(|name| (name.as_str(), Some("string"), "x")),
    );
    many.push(slip);
    let (many, few) = (list(&many), list(&[claim, slip]));
    assert!(found(&[("1-4", &few)]).contains("DM-012"));
    assert!(
        !found(&[("1-4", &many)]).contains("DM-012"),
        "nothing was left out"
    );
    assert!(found(&[("1-4", &many), ("1-4", &few)]).contains("DM-012"));
}

/// A prefix means what it was declared to mean where it stands.
#[test]
fn a_list_that_declares_a_prefix_of_its_own_is_judged_by_it() {
    let plain = list(&[("Device.DeviceInfo.UpTime", Some("unsignedInt"), "1")]);
    let other = plain.replace("<ParameterList ", "<ParameterList xmlns:xsd=\"urn:other\" ");
    assert!(!found(&[("1-0", &plain)]).contains("SOAP-015"));
    assert!(found(&[("1-0", &other)]).contains("SOAP-015"));
    assert!(found(&[("1-0", &format!("{plain}{other}"))]).contains("SOAP-015"));
    assert!(found(&[("1-0", &format!("{other}{plain}"))]).contains("SOAP-015"));
}
