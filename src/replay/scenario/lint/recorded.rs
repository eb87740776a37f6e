//! Expectations that the very message beside them does not meet: the other side would have to say something else than was
//! recorded. What nobody knows before a run (placeholders, masked secrets, heads) is taken to be as wanted.

use std::collections::BTreeMap;

use cwmp::{Document, EnvelopeRef, Hints, Limits};

use super::{Ground, Spot};
use crate::replay::assertion::{Assertion, Place};
use crate::replay::scenario::problem::{shown, told};
use crate::replay::scenario::sample::{known_text, recorded};
use crate::replay::scenario::{Act, Expect, Role};
use crate::session::compare::{self, Said};
use crate::session::{Difference, Side};

/// Looks at every step that is compared with a recorded message.
pub(super) fn look(ground: &Ground<'_>) {
    for (index, step) in ground.scenario.steps.iter().enumerate() {
        let Act::Expect(expect) = &step.act else {
            continue;
        };
        if let Some(document) = document(ground, expect) {
            let held = Held { ground, index };
            let said = said(ground.scenario.role, &document);
            held.assertions(expect, &said);
            held.matchers(expect, &said);
            held.captures(expect, &document);
        }
    }
}

/// The recorded message; none where it is another one than is expected, which is told elsewhere.
fn document(ground: &Ground<'_>, expect: &Expect) -> Option<Document> {
    let template = ground.scenario.files.get(expect.like.as_ref()?)?;
    let known = recorded(&ground.scenario, template);
    let document = cwmp::parse(known, &Hints::default(), &Limits::default());
    let wanted = Some(expect.message.as_str());
    let is_it = |envelope: EnvelopeRef<'_>| envelope.message_name() == wanted;
    let is_there = document.envelope_refs().any(is_it);
    is_there.then_some(document)
}

fn said(role: Role, document: &Document) -> Said<'_> {
    Said {
        http: None,
        status: None,
        soap: Some(document),
        from: match role {
            Role::Acs => Side::Cpe,
            Role::Cpe => Side::Acs,
        },
        at: None,
    }
}

/// A step, held against its recording.
struct Held<'g, 'a> {
    ground: &'g Ground<'a>,
    index: usize,
}

impl Held<'_, '_> {
    fn assertions(&self, expect: &Expect, said: &Said<'_>) {
        for (at, written) in expect.assert.iter().enumerate() {
            let written = known_text(&self.ground.scenario, written);
            let Some(Ok(assertion)) = written.map(|written| Assertion::parse(&written)) else {
                continue;
            };
            let is_known = || !assertion.values(said).iter().any(|value| is_open(value));
            if !assertion.asks_http()
                && let Some(difference) = assertion.difference(said)
                && is_known()
            {
                let key = format!("assert[{at}]");
                self.unlike(&key, &values(&difference, "what it asks for is another"));
            }
        }
    }

    fn matchers(&self, expect: &Expect, said: &Said<'_>) {
        let scenario = &self.ground.scenario;
        let known = |(place, written): (&String, &String)| {
            // A place is to be there, whatever nobody knows of its value.
            let written = known_text(scenario, written).unwrap_or_else(|| "any".to_owned());
            (place.clone(), written)
        };
        let matchers: BTreeMap<String, String> = expect.matchers.iter().map(known).collect();
        let known = Expect {
            matchers,
            ignore: expect.ignore.clone(),
            ..Expect::default()
        };
        let Ok(rules) = known.rules(&scenario.defaults, |written| Ok(written.to_owned())) else {
            return;
        };
        for difference in compare::messages(said, said, &rules).differences {
            let is_meant =
                |place: &&String| compare::is_place(place, &expect.message, &difference.place);
            let place = expect.matchers.keys().find(is_meant);
            let is_known = difference.actual.as_deref().is_none_or(|it| !is_open(it));
            if let Some(place) = place.filter(|_| is_known) {
                let is = values(&difference, "the value there is another");
                let what = format!("`{}`: {is}", shown(place));
                self.unlike(&format!("matchers.{place}"), &what);
            }
        }
    }

    fn captures(&self, expect: &Expect, document: &Document) {
        for (name, written) in &expect.capture {
            if let Ok(place) = Place::parse(written)
                && place.value(document).is_none()
            {
                let what = format!("nothing stands at {}", shown(written));
                self.unlike(&format!("capture.{name}"), &what);
            }
        }
    }

    fn unlike(&self, key: &str, what: &str) {
        let side = match self.ground.scenario.role {
            Role::Acs => "CPE",
            Role::Cpe => "ACS",
        };
        let what = format!(
            "the recorded message does not meet this: {}; right where the {side} is to say something else now",
            told(what)
        );
        let spot = Spot::Step(self.index, key);
        self.ground.warning("unlike-recording", &spot, what);
    }
}

/// What was recorded, unless it is a secret.
fn values(difference: &Difference, hidden: &str) -> String {
    match &difference.actual {
        _ if difference.is_secret => hidden.to_owned(),
        Some(actual) if difference.place == "assert" => actual.clone(),
        Some(actual) => format!("\"{actual}\""),
        None => "nothing stands there".to_owned(),
    }
}

/// Holds what only a run knows, or was masked when it was recorded.
fn is_open(value: &str) -> bool {
    value.contains("{{") || value.contains("masked")
}

#[cfg(test)]
mod tests {
    use crate::replay::scenario::lint::lint;
    use crate::session::Severity;

    const INFORM: &str = r#"<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:cwmp="urn:dslforum-org:cwmp-1-0"><soap:Header><cwmp:ID soap:mustUnderstand="1">{{cwmp.id}}</cwmp:ID></soap:Header><soap:Body><cwmp:Inform>
<DeviceId><Manufacturer>M</Manufacturer><OUI>001565</OUI><ProductClass>P</ProductClass><SerialNumber>{{serial}}</SerialNumber></DeviceId>
<Event><EventStruct><EventCode>1 BOOT</EventCode><CommandKey></CommandKey></EventStruct></Event>
<MaxEnvelopes>1</MaxEnvelopes><CurrentTime>2026-01-01T00:00:00Z</CurrentTime><RetryCount>0</RetryCount><ParameterList>
<ParameterValueStruct><Name>Device.X</Name><Value>b</Value></ParameterValueStruct>
<ParameterValueStruct><Name>Device.Key</Name><Value>{{key}}</Value></ParameterValueStruct>
<ParameterValueStruct><Name>Device.Fresh</Name><Value>{{fresh}}</Value></ParameterValueStruct>
<ParameterValueStruct><Name>Device.Password</Name><Value>hush</Value></ParameterValueStruct>
<ParameterValueStruct><Name>Device.Other</Name><Value>masked</Value></ParameterValueStruct>
</ParameterList></cwmp:Inform></soap:Body></soap:Envelope>"#;

    /// What is said of the first step with these keys: the key's line in the step, and the words.
    fn said(keys: &str) -> Vec<String> {
        let toml = format!(
            "format = 1\nrole = \"acs\"\n[vars]\nkey = {{ captured = \"k1\" }}\nserial = \"s1\"\nfresh = {{ fresh = \"hex\" }}\n\
             [[step]]\nexpect = \"Inform\"\nlike = \"01.xml\"\n{keys}\n"
        );
        let names = ["01.xml".to_owned()];
        let remarks = lint(&toml, &names, |_| Ok(Some(INFORM.as_bytes().to_vec())));
        let unlike = remarks
            .into_iter()
            .filter(|it| it.name == "unlike-recording");
        unlike
            .map(|remark| {
                assert_eq!(
                    (remark.severity, remark.step),
                    (Severity::Warning, Some(1)),
                    "{remark:?}"
                );
                assert_eq!(remark.place.map(|(line, _)| line), Some(10), "{remark:?}");
                let words = remark
                    .what
                    .strip_prefix("the recorded message does not meet this: ");
                let words = words.and_then(|it| it.split_once("; right where the CPE "));
                words.expect("its words").0.to_owned()
            })
            .collect()
    }

    #[test]
    fn what_the_recording_does_not_meet_is_remarked() {
        for (keys, told) in [
            (
                r#"assert = ['param "Device.X" == "a"']"#,
                r#"param "Device.X" is "b""#,
            ),
            (
                r#"assert = ['param "Device.Key" == "k2"']"#,
                r#"param "Device.Key" is "k1""#,
            ),
            (
                r#"assert = ['event == "2 PERIODIC"']"#,
                r#"event is "1 BOOT""#,
            ),
            (
                r#"assert = ['retry_count > 0 && from == cpe']"#,
                r#"retry_count is "0", from is "cpe""#,
            ),
            (
                r#"assert = ['serial_number == "{{key}}"']"#,
                r#"serial_number is "s1""#,
            ),
            (
                r#"assert = ['param "Device.None"']"#,
                r#"param "Device.None" is absent"#,
            ),
            (
                r#"assert = ['param "Device.Password" == "x"']"#,
                "what it asks for is another",
            ),
            (
                r#"matchers = { "ParameterList/Device.X" = "exact:a" }"#,
                r#"`ParameterList/Device.X`: "b""#,
            ),
            (
                r#"matchers = { "Inform.RetryCount" = "range:1..5" }"#,
                r#"`Inform.RetryCount`: "0""#,
            ),
            (
                r#"matchers = { "ParameterList/Device.X" = "absent" }"#,
                r#"`ParameterList/Device.X`: "Value: b""#,
            ),
            (
                r#"matchers = { "ParameterList/Device.No" = "any" }"#,
                "`ParameterList/Device.No`: nothing stands there",
            ),
            (
                r#"matchers = { "ParameterList/*word" = "exact:x" }"#,
                "`ParameterList/*word`: the value there is another",
            ),
            (
                r#"capture = { fresh_one = 'param "Device.No"' }"#,
                r#"nothing stands at param "Device.No""#,
            ),
        ] {
            assert_eq!(said(keys), [told], "{keys}");
        }
    }

    #[test]
    fn what_it_meets_or_nobody_knows_is_not() {
        for keys in [
            r#"assert = ['param "Device.X" == "b" && event contains "BOOT"']"#,
            r#"assert = ['param "Device.X" == "{{fresh}}"']"#,
            r#"assert = ['param "Device.Fresh" == "a" && param "Device.X" == "a"']"#,
            r#"assert = ['param "Device.Other" == "a"']"#,
            r#"assert = ['id == 7']"#,
            r#"assert = ['headers.SOAPAction == "x" || param "Device.X" == "a"']"#,
            r#"matchers = { "ParameterList/Device.X" = "one_of:a|b", "ParameterList/Device.Fresh" = "exact:1" }"#,
            r#"matchers = { "ParameterList/Device.Key" = "exact:k1", "ParameterList/Device.X" = "exact:{{fresh}}" }"#,
            r#"matchers = { "ParameterList/Device.No" = "absent", ParameterList = "subset", "header SOAPAction" = "exact:x" }"#,
            "matchers = { \"ParameterList/Device.X\" = \"exact:a\" }\nignore = [\"ParameterList/*.X\"]",
            r#"capture = { key = 'param "Device.Key"', serial = "DeviceId.SerialNumber" }"#,
        ] {
            assert_eq!(said(keys), [""; 0], "{keys}");
        }
    }
}
