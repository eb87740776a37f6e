//! What a device answered to one RPC: `parameter = value`, line by line.

use std::fmt::Write as _;

use crate::report::arguments::{Argument, Content, arguments};
use crate::report::escape;
use crate::session::Masking;

/// The answer, indented; secrets are masked and nothing of the wire reaches a terminal as it is.
#[must_use]
pub fn answered(answer: &cwmp::Document, masking: Masking) -> String {
    let mut out = String::new();
    let Some(envelope) = answer.envelope(0) else {
        return out;
    };
    if let Some(fault) = envelope.fault() {
        fault_lines(&fault, masking, &mut out);
        return out;
    }
    let places = masking.places(answer.text());
    let tree = arguments(envelope.args(), &places);
    for argument in &tree {
        lines(argument, "", &mut out);
    }
    if tree.is_empty() {
        out.push_str("  done\n");
    }
    out
}

fn fault_lines(fault: &cwmp::Fault, masking: Masking, out: &mut String) {
    let text = |text: &Option<String>| {
        let text = text.as_deref().unwrap_or_default().trim();
        escape::text(&masking.text(text)).into_owned()
    };
    let code = fault.code.as_ref().or(fault.soap_code.as_ref());
    let words = fault.string.as_ref().or(fault.soap_string.as_ref());
    let _ = writeln!(
        out,
        "  Fault {} {}",
        text(&code.cloned()),
        text(&words.cloned())
    );
    for parameter in fault.parameters.iter().take(LINES_MAX) {
        let said = masking.fault_string(&parameter.name, &parameter.string);
        let _ = writeln!(
            out,
            "    {}: {} {}",
            escape::text(parameter.name.trim()),
            escape::text(parameter.code.trim()),
            escape::text(said.trim())
        );
    }
}

/// One argument; a list of what has a name is told by these names.
fn lines(argument: &Argument, within: &str, out: &mut String) {
    let name = escape::text(&argument.name);
    match &argument.content {
        Content::Value(value) => {
            let _ = writeln!(out, "  {within}{name} = {}", escape::text(value));
        }
        Content::Members(members) => {
            let within = format!("{within}{name}.");
            members
                .iter()
                .for_each(|member| lines(member, &within, out));
        }
        Content::Items(items) => {
            for item in items.iter().take(LINES_MAX) {
                line_of_item(item, out);
            }
            let omitted = items.len().saturating_sub(LINES_MAX);
            if omitted > 0 {
                let _ = writeln!(out, "  ... and {omitted} more");
            }
            if items.is_empty() {
                let _ = writeln!(out, "  {within}{name}: none");
            }
        }
    }
}

fn line_of_item(item: &Argument, out: &mut String) {
    let members = match &item.content {
        Content::Value(value) => {
            let _ = writeln!(out, "  {}", escape::text(value));
            return;
        }
        Content::Members(members) | Content::Items(members) => members,
    };
    let [first, rest @ ..] = members.as_slice() else {
        return;
    };
    let named = told(first);
    if let [only] = rest
        && only.name == "Value"
    {
        let _ = writeln!(out, "  {named} = {}", told(only));
        return;
    }
    let rest = rest.iter();
    let rest = rest.map(|member| format!("{} {}", escape::text(&member.name), told(member)));
    let rest: Vec<String> = rest.collect();
    let _ = writeln!(out, "  {named}  {}", rest.join(", "));
}

fn told(argument: &Argument) -> String {
    match &argument.content {
        Content::Value(value) => escape::text(value).into_owned(),
        Content::Members(members) | Content::Items(members) => {
            let members: Vec<String> = members.iter().map(told).collect();
            format!("[{}]", members.join(" "))
        }
    }
}

/// Lines of one list; a whole tree may have more than anybody reads, and `-w` keeps them.
const LINES_MAX: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::answered;
    use crate::session::Masking;

    fn told(body: &str) -> String {
        let envelope = format!(
            "<s:Envelope xmlns:s=\"{}\" xmlns:c=\"urn:dslforum-org:cwmp-1-0\"><s:Body>{body}</s:Body></s:Envelope>",
            cwmp::SOAP
        );
        let hints = cwmp::Hints::default();
        let document = cwmp::parse(envelope.into_bytes(), &hints, &cwmp::Limits::default());
        answered(&document, Masking::default())
    }

    #[test]
    fn values_names_faults_and_nothing_are_told() {
        let value = |name: &str, value: &str| {
            format!(
                "<ParameterValueStruct><Name>{name}</Name><Value>{value}</Value></ParameterValueStruct>"
            )
        };
        let values = format!(
            "<c:GetParameterValuesResponse><ParameterList>{}{}</ParameterList></c:GetParameterValuesResponse>",
            value("Device.A", "x &lt; y\u{9b}"),
            value("Device.ManagementServer.Password", "secret")
        );
        assert_eq!(
            told(&values),
            "  Device.A = x < y\\xc2\\x9b\n  Device.ManagementServer.Password = <masked>\n"
        );
        let names = "<c:GetParameterNamesResponse><ParameterList><ParameterInfoStruct><Name>Device.</Name><Writable>0</Writable>\
                     </ParameterInfoStruct></ParameterList></c:GetParameterNamesResponse>";
        assert_eq!(told(names), "  Device.  Writable 0\n");
        assert_eq!(told("<c:RebootResponse/>"), "  done\n");
        let status = "<c:AddObjectResponse><InstanceNumber>3</InstanceNumber><Status>0</Status></c:AddObjectResponse>";
        assert_eq!(told(status), "  InstanceNumber = 3\n  Status = 0\n");
        let methods = "<c:GetRPCMethodsResponse><MethodList><string>Reboot</string></MethodList></c:GetRPCMethodsResponse>";
        assert_eq!(told(methods), "  Reboot\n");
        let fault = "<s:Fault><faultcode>Client</faultcode><faultstring>CWMP fault</faultstring><detail><c:Fault><FaultCode>9003\
                     </FaultCode><FaultString>Invalid arguments</FaultString><SetParameterValuesFault><ParameterName>Device.A\
                     </ParameterName><FaultCode>9007</FaultCode><FaultString>no</FaultString></SetParameterValuesFault></c:Fault>\
                     </detail></s:Fault>";
        assert_eq!(
            told(fault),
            "  Fault 9003 Invalid arguments\n    Device.A: 9007 no\n"
        );
    }
}
