//! The envelopes that phones, gateways and the ACS write in these stories.

/// How an agent writes its envelopes.
#[derive(Clone, Copy)]
pub struct Dialect {
    /// Prefixes of SOAP's envelope and encoding.
    pub soap: &'static str,
    pub encoding: &'static str,
    /// The last part of CWMP's namespace.
    pub version: &'static str,
}

/// Path, type and value.
pub type Parameter = (String, &'static str, String);

pub fn parameter(path: &str, kind: &'static str, value: &str) -> Parameter {
    (path.to_owned(), kind, value.to_owned())
}

impl Dialect {
    pub fn envelope(&self, id: &str, name: &str, arguments: &str) -> String {
        let Self {
            soap,
            encoding,
            version,
        } = self;
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<{soap}:Envelope xmlns:{soap}=\"http://schemas.xmlsoap.org/soap/envelope/\" \
             xmlns:{encoding}=\"http://schemas.xmlsoap.org/soap/encoding/\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
             xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:cwmp=\"urn:dslforum-org:cwmp-{version}\">\r\n\
             <{soap}:Header><cwmp:ID {soap}:mustUnderstand=\"1\">{id}</cwmp:ID></{soap}:Header>\r\n\
             <{soap}:Body><cwmp:{name}>{arguments}</cwmp:{name}></{soap}:Body>\r\n</{soap}:Envelope>\r\n"
        )
    }

    /// ParameterList as Inform, SetParameterValues and GetParameterValuesResponse have it.
    pub fn values(&self, parameters: &[Parameter]) -> String {
        let listed = parameters.iter().map(|(path, kind, value)| {
            format!("<ParameterValueStruct><Name>{path}</Name><Value xsi:type=\"xsd:{kind}\">{value}</Value></ParameterValueStruct>\r\n")
        });
        format!(
            "<ParameterList {}:arrayType=\"cwmp:ParameterValueStruct[{}]\">\r\n{}</ParameterList>",
            self.encoding,
            parameters.len(),
            listed.collect::<String>()
        )
    }

    /// The arguments of GetParameterValues.
    pub fn paths(&self, paths: &[&str]) -> String {
        let listed = paths.iter().map(|path| format!("<string>{path}</string>"));
        format!(
            "<ParameterNames {}:arrayType=\"xsd:string[{}]\">{}</ParameterNames>",
            self.encoding,
            paths.len(),
            listed.collect::<String>()
        )
    }

    /// Event of an Inform.
    pub fn events(&self, events: &[&str]) -> String {
        let listed = events.iter().map(|event| {
            format!(
                "<EventStruct><EventCode>{event}</EventCode><CommandKey></CommandKey></EventStruct>"
            )
        });
        format!(
            "<Event {}:arrayType=\"cwmp:EventStruct[{}]\">{}</Event>",
            self.encoding,
            events.len(),
            listed.collect::<String>()
        )
    }
}
