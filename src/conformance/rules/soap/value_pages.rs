//! Values of plain types: what their rules say. `shape` finds the breaches, `specific` puts them to the rules.

use crate::conformance::rule::{BOTH, a3, cite};
use crate::conformance::{Rule, Scope};
use crate::session::Severity;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &NUMBER,
    &BOOLEAN,
    &DATE_TIME,
    &NO_ZONE,
    &RELATIVE,
    &UNKNOWN_TIME,
    &NOT_UTC,
    &BASE64,
];

/// A number is one of its type.
pub(in crate::conformance::rules) const NUMBER: Rule = Rule {
    blame: BOTH,
    cites: &[a3("A.2.1")],
    demands: "An int is a number from -2147483648 to 2147483647, an unsignedInt one from 0 to 4294967295, and \
          within the range of its argument where that is narrower.",
    why: "A receiver that parses strictly refuses the message; one that does not stores 0 or the number \
          modulo 2^32, and the provisioned value is wrong without any error.",
    mend_cpe: "Write digits only; a value that is not known has no number, so leave the parameter out or use the \
          value its definition gives.",
    mend_acs: "Validate the number before it is written into the message.",
    bad: "<RetryCount>-1</RetryCount>",
    good: "<RetryCount>0</RetryCount>",
    ..Rule::must("SOAP-028", "number-out-of-bounds", Scope::Message)
};

/// A boolean is 0, 1, true or false.
pub(in crate::conformance::rules) const BOOLEAN: Rule = Rule {
    blame: BOTH,
    cites: &[a3("A.2.1")],
    demands: "A boolean is written 0, 1, true or false, in lower case.",
    why: "`True`, `TRUE`, `yes` and an empty element are no booleans to XML Schema: strict peers answer 9003 \
          or 8003, others read false.",
    mend_cpe: "Write `1` and `0`.",
    mend_acs: "Write `1` and `0`; do not print the language's own spelling (`True`, `TRUE`).",
    bad: "<NextLevel>True</NextLevel>",
    good: "<NextLevel>true</NextLevel>",
    wireshark: "xml.cdata == \"True\" || xml.cdata == \"False\"",
    ..Rule::must("SOAP-029", "boolean-spelled-otherwise", Scope::Message)
};

/// A dateTime has the form of ISO 8601 that SOAP uses.
pub(in crate::conformance::rules) const DATE_TIME: Rule = Rule {
    blame: BOTH,
    cites: &[a3("A.2.1")],
    demands: "A dateTime is written YYYY-MM-DDThh:mm:ss with an optional fraction and zone, and names a day that \
          exists.",
    why: "The peer cannot read the time at all: the ACS shows 1970 or an exception, and what depends on the \
          time (schedules, the age of an event) is wrong.",
    mend_cpe: "Format the time as 2012-02-07T16:59:40Z, every part with its leading zeros.",
    mend_acs: "Format the time as 2012-02-07T16:59:40Z, every part with its leading zeros.",
    bad: "<CurrentTime>2012-2-7 16:59</CurrentTime>",
    good: "<CurrentTime>2012-02-07T16:59:00Z</CurrentTime>",
    related: &["SOAP-031"],
    ..Rule::must("SOAP-030", "date-time-malformed", Scope::Message)
};

/// An absolute time carries its zone.
pub(in crate::conformance::rules) const NO_ZONE: Rule = Rule {
    blame: BOTH,
    versions: "all but Issue 1",
    cites: &[a3("A.2.1")],
    demands: "A dateTime that is not a time since boot carries a zone: Z or an offset.",
    why: "Without a zone nobody knows what hour is meant: ACS and device differ by the offset between them, \
          and logs of both sides cannot be laid side by side.",
    mend_cpe: "Append `Z` after converting to UTC, or the local offset where local time is asked for.",
    mend_acs: "Append `Z` after converting to UTC.",
    bad: "<CurrentTime>2012-02-07T16:59:40</CurrentTime>",
    good: "<CurrentTime>2012-02-07T16:59:40+01:00</CurrentTime>",
    related: &["SOAP-030"],
    ..Rule::must("SOAP-031", "date-time-without-zone", Scope::Message)
};

/// The time since boot has the year 0001 and no zone.
pub(in crate::conformance::rules) const RELATIVE: Rule = Rule {
    versions: "all but Issue 1",
    cites: &[a3("A.2.1")],
    demands: "A time since boot is written with year 0001 and without a zone; year 0001 with a zone is the \
          Unknown Time alone.",
    why: "With a zone the value is a date two thousand years ago: the ACS shows it as such, or takes it for \
          an unknown time, and the uptime that was meant is lost.",
    mend_cpe: "Leave the zone out of a time since boot.",
    bad: "<CurrentTime>0001-01-03T03:04:05Z</CurrentTime>",
    good: "<CurrentTime>0001-01-03T03:04:05</CurrentTime>",
    related: &["SOAP-033"],
    wireshark: "xml.cdata contains \"0001-01-\"",
    ..Rule::must("SOAP-032", "time-since-boot-with-zone", Scope::Message)
};

/// The Unknown Time has one form.
pub(in crate::conformance::rules) const UNKNOWN_TIME: Rule = Rule {
    blame: BOTH,
    cites: &[a3("A.2.1")],
    demands: "A time that is not known is written 0001-01-01T00:00:00Z.",
    why: "An empty element or zeros are no dateTime, and 1970 is a date like any other: the ACS reports a \
          transfer finished in 1970, or fails to read the message.",
    mend_cpe: "Send 0001-01-01T00:00:00Z where the time is not known.",
    mend_acs: "Send 0001-01-01T00:00:00Z where the time is not known.",
    bad: "<CompleteTime></CompleteTime>",
    good: "<CompleteTime>0001-01-01T00:00:00Z</CompleteTime>",
    related: &["SOAP-032"],
    wireshark: "xml.cdata contains \"1970-01-01T\" || xml.cdata contains \"0000-00-00T\"",
    ..Rule::must("SOAP-033", "unknown-time-in-another-form", Scope::Message)
};

/// Times in parameters are in UTC.
pub(in crate::conformance::rules) const NOT_UTC: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: BOTH,
    cites: &[
        cite("TR-106 Amendment 1", "3.2"),
        cite("TR-069 Amendment 2", "A.2.1"),
    ],
    demands: "The value of a dateTime parameter is in UTC, unless the definition of the parameter asks for local \
          time.",
    why: "An ACS that compares such values as text, or keeps them without the offset, is wrong by the \
          offset; it shows as events an hour in the future.",
    mend_cpe: "Convert to UTC and write `Z`.",
    mend_acs: "Convert to UTC and write `Z`.",
    bad: "<Value xsi:type=\"xsd:dateTime\">2012-02-07T16:59:40+02:00</Value>",
    good: "<Value xsi:type=\"xsd:dateTime\">2012-02-07T14:59:40Z</Value>",
    related: &["SOAP-031"],
    ..Rule::must("SOAP-034", "parameter-time-not-in-utc", Scope::Message)
};

/// A base64 value can be decoded.
pub(in crate::conformance::rules) const BASE64: Rule = Rule {
    blame: BOTH,
    cites: &[a3("A.2.1")],
    demands: "A base64 value consists of groups of four characters of the base64 alphabet, padded at its end; \
          blanks between them do not count.",
    why: "A decoder gives up or returns bytes that nobody sent: a certificate or voucher is refused with \
          9007 or 9003, and the message looks right to the eye.",
    mend_cpe: "Encode with the standard alphabet and with padding, not with that for URLs.",
    mend_acs: "Encode with the standard alphabet and with padding, not with that for URLs.",
    bad: "<Value xsi:type=\"xsd:base64Binary\">YWJjZA</Value>",
    good: "<Value xsi:type=\"xsd:base64Binary\">YWJjZA==</Value>",
    wireshark: "xml.attribute contains \"base64\"",
    ..Rule::must("SOAP-035", "base64-does-not-decode", Scope::Message)
};
