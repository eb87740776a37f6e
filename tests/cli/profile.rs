//! Vendor profiles: how one is chosen, what the device's own document adds to a finding, and which setting is named.

use serde_json::Value;

use crate::fixture::{Fixture, Variant};
use crate::program::{code, informant, json, scratch, stderr, stdout, written};

/// A session of these blocks.
fn told(blocks: &str) -> String {
    let fixture = Fixture::read(&format!("expect HTTP-004 cpe\n\n---\n{blocks}"));
    match fixture.and_then(|fixture| fixture.transcript(Variant::Breach)) {
        Ok(transcript) => transcript,
        Err(wrong) => panic!("{wrong}"),
    }
}

/// An ACS asks for an Upload by the number of a download, as Grandstream's guide has it, and the device refuses.
fn upload(vendor: &str) -> String {
    told(&format!(
        "{vendor}%open\n%empty\n%acs id=7\n<cwmp:Upload><CommandKey>a</CommandKey><FileType>3 Vendor Configuration File</FileType>\
         <URL>http://10.0.0.9/up</URL><Username></Username><Password></Password><DelaySeconds>0</DelaySeconds></cwmp:Upload>\n\n\
         %cpe id=7\n<soap:Fault><faultcode>Server</faultcode><faultstring>CWMP fault</faultstring><detail><cwmp:Fault>\
         <FaultCode>9002</FaultCode><FaultString>Internal error</FaultString></cwmp:Fault></detail></soap:Fault>\n\n\
         %no_content\n%close\n"
    ))
}

/// The only finding.
fn finding(file: &str, more: &[&str]) -> Value {
    let output =
        informant(&[&["check", file, "-T", "ndjson", "--fail-on", "never"], more].concat());
    let lines = stdout(&output);
    assert_eq!(lines.lines().count(), 1, "{lines}{}", stderr(&output));
    json(&lines)
}

const GUIDE: &str = "Grandstream TR-069 Guide (October 31, 2023)";

#[test]
fn a_breach_that_the_document_asks_for_is_the_device_s() {
    let folder = scratch();
    let own = written(
        &folder,
        "own.transcript",
        upload("%phone vendor=grandstream\n").as_bytes(),
    );
    let other = written(&folder, "other.transcript", upload("").as_bytes());
    let newer = upload("%phone vendor=grandstream product_class=UCM6202\n");
    let newer = written(&folder, "newer.transcript", newer.as_bytes());
    let only: &[&str] = &["--select", "CWMP-UL-002"];
    for (file, profile, blame, foretold_by) in [
        (&own, "auto", "cpe", Some(GUIDE)),
        (&own, "grandstream", "cpe", Some(GUIDE)),
        (&own, "none", "acs", None),
        (&own, "yealink", "acs", None),
        (&other, "auto", "acs", None),
        (&other, "grandstream", "cpe", Some(GUIDE)),
        (&newer, "auto", "acs", None),
    ] {
        let finding = finding(file, &[only, &["--profile", profile]].concat());
        assert_eq!(finding["blame"], blame, "{profile}: {finding}");
        assert_eq!(
            finding["foretold_by"].as_str(),
            foretold_by,
            "{profile}: {finding}"
        );
    }
    let run = |format: &str| {
        let arguments = ["check", &own, "-T", format, "--fail-on", "never"];
        stdout(&informant(&[&arguments, only].concat()))
    };
    let page = run("text");
    assert!(page.contains(&format!("= foretold  {GUIDE}")), "{page}");
    assert!(page.contains("cpe 1 error, acs 0"), "{page}");
    let sarif = json(&run("sarif"));
    let properties = &sarif["runs"][0]["results"][0]["properties"];
    assert_eq!(properties["foretold_by"], GUIDE);
    assert_eq!(properties["blame"], "cpe");
    assert_eq!(json(&run("json"))["findings"][0]["foretold_by"], GUIDE);
}

#[test]
fn a_document_is_selected_by_the_filter() {
    let folder = scratch();
    let own = written(
        &folder,
        "own.transcript",
        upload("%phone vendor=grandstream\n").as_bytes(),
    );
    for (filter, wanted) in [
        ("foretold_by ~ /Grandstream/", 1),
        ("foretold_by ~ /Aastra/", 0),
    ] {
        let output = informant(&["check", &own, "-Y", filter, "--select", "CWMP-UL-002"]);
        assert_eq!(code(&output), wanted, "{filter}: {}", stderr(&output));
    }
}

#[test]
fn a_reset_that_keeps_the_acs_is_foretold() {
    let folder = scratch();
    for (vendor, foretold_by) in [("grandstream", Some(GUIDE)), ("yealink", None)] {
        let story = told(&format!(
            "%phone vendor={vendor}\n%open\n%empty\n%acs id=7\n<cwmp:FactoryReset></cwmp:FactoryReset>\n\n\
             %cpe id=7\n<cwmp:FactoryResetResponse></cwmp:FactoryResetResponse>\n\n%no_content\n%close\n\
             %wait s=60\n%set port=40268\n%open event=\"1 BOOT\"\n%end\n"
        ));
        let file = written(&folder, "reset.transcript", story.as_bytes());
        let found = finding(&file, &["--select", "CWMP-FR-001"]);
        assert_eq!(found["foretold_by"].as_str(), foretold_by, "{vendor}");
        assert_eq!(found["blame"], "cpe");
    }
}

/// A phone that informs every minute though the ACS has set an hour.
fn hasty(vendor: &str) -> String {
    let mut blocks = format!(
        "{vendor}%open event=\"0 BOOTSTRAP|1 BOOT\"\n%empty\n%acs id=7\n<cwmp:SetParameterValues>\
         <ParameterList soapenc:arrayType=\"cwmp:ParameterValueStruct[2]\"><ParameterValueStruct>\
         <Name>Device.ManagementServer.PeriodicInformEnable</Name><Value xsi:type=\"xsd:boolean\">1</Value>\
         </ParameterValueStruct><ParameterValueStruct><Name>Device.ManagementServer.PeriodicInformInterval</Name><Value xsi:type=\"xsd:unsignedInt\">3600</Value>\
         </ParameterValueStruct></ParameterList><ParameterKey></ParameterKey></cwmp:SetParameterValues>\n\n\
         %cpe id=7\n<cwmp:SetParameterValuesResponse><Status>0</Status></cwmp:SetParameterValuesResponse>\n\n%no_content\n%close\n"
    );
    for port in 40201..40206 {
        blocks.push_str(&format!("%wait s=60\n%set port={port}\n%open\n%end\n"));
    }
    told(&blocks)
}

#[test]
fn a_setting_that_would_mend_it_is_named() {
    let folder = scratch();
    for (vendor, setting) in [
        (
            "%phone vendor=yealink\n",
            Some(
                "on a Yealink: managementserver.periodic_inform_interval (60 unless set), \
                 managementserver.periodic_inform_enable (1 unless set)",
            ),
        ),
        // Another model has the settings of its vendor.
        (
            "%phone vendor=aastra product_class=Opus\n",
            Some("on an Aastra: tr69 periodic inform interval"),
        ),
        ("", None),
    ] {
        let file = written(&folder, "hasty.transcript", hasty(vendor).as_bytes());
        let found = finding(&file, &["--select", "SESS-030"]);
        assert_eq!(found["setting"].as_str(), setting, "{vendor}");
        let page = stdout(&informant(&["check", &file, "--select", "SESS-030"]));
        assert_eq!(page.contains("= set "), setting.is_some(), "{page}");
        if let Some(name) = setting.and_then(|setting| setting.split(", ").next()) {
            let page: String = page.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(page.contains(name), "{page}");
        }
    }
}

#[test]
fn unknown_profiles_are_refused_with_the_names() {
    let folder = scratch();
    let file = written(&folder, "own.transcript", upload("").as_bytes());
    let output = informant(&["check", &file, "--profile", "polycom"]);
    assert_eq!(code(&output), 2);
    let said = stderr(&output);
    for name in [
        "auto",
        "none",
        "yealink",
        "grandstream",
        "snom",
        "access-point",
        "aastra",
    ] {
        assert!(said.contains(name), "{said}");
    }
}
