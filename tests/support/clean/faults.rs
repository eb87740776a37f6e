//! SOAP faults in the form of TR-069 section 3.5.

use super::xml::{Node, leaf, node};

/// A fault; whose it is follows from the code.
pub fn fault(code: u32, text: &str) -> Node {
    with_parameters(code, text, &[])
}

/// A fault of SetParameterValues with what was wrong about each parameter.
pub fn with_parameters(code: u32, text: &str, parameters: &[(&str, u32, &str)]) -> Node {
    let mut members = vec![leaf("FaultCode", code), leaf("FaultString", text)];
    members.extend(parameters.iter().map(|(name, code, text)| {
        let members = vec![
            leaf("ParameterName", name),
            leaf("FaultCode", code),
            leaf("FaultString", text),
        ];
        node("SetParameterValuesFault", members)
    }));
    let detail = vec![node("cwmp:Fault", members)];
    let parts = vec![
        leaf("faultcode", format!("soap:{}", guilty(code))),
        leaf("faultstring", "CWMP fault"),
        node("detail", detail),
    ];
    node("soap:Fault", parts)
}

/// The type of a code (TR-069 Amendment 3 tables 84 and 85).
fn guilty(code: u32) -> &'static str {
    match code {
        9003 | 9005..=9008 | 9020 | 9021 | 8003 => "Client",
        _ => "Server",
    }
}
