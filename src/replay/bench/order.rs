//! What is to be asked of a device, as one line of the queue says it: an RPC in words, hand-written XML, or a call to connect.

use std::fmt;

use cwmp::schema::{Direction, METHODS, Method};
use cwmp::{Element, Hints, Limits, RpcArg};

use super::call;
use super::words::{Word, words};
use crate::session::Masking;

/// One line of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Where it stands, for people: `queue.txt:3`.
    pub place: String,
    /// The device it is for; the first that informs where none is named.
    pub device: Option<String>,
    /// What is wanted.
    pub wanted: Wanted,
}

/// What a line wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// An RPC; its types of CWMP are put into the device's namespace when it goes out.
    Call {
        /// Its name.
        method: &'static str,
        /// Its arguments, all of them.
        arguments: Vec<RpcArg>,
    },
    /// A whole envelope, or the element that a Body is to hold, written by hand.
    Xml(Vec<u8>),
    /// Wake the device; what comes behind it is for the session that this brings.
    ConnectionRequest,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// In characters, counted from 1.
    pub column: usize,
    /// What is wrong, and what would be right.
    pub what: String,
}

impl Order {
    /// Reads a line; nothing where it is empty or a comment. `read` gives the content of the file that `xml` names.
    ///
    /// # Errors
    ///
    /// With the column and what would be right.
    pub fn read(
        line: &str,
        place: &str,
        read: &dyn Fn(&str) -> Result<Vec<u8>, String>,
    ) -> Result<Option<Self>, Problem> {
        let line = line.trim_end_matches(['\r', '\n']);
        let words = words(line)
            .map_err(|column| Problem::at(column, "nothing closes this quote".to_owned()))?;
        let (device, words) = aim(&words)?;
        let Some((first, rest)) = words.split_first() else {
            return match device {
                Some((_, column)) => Err(Problem::at(column, "for whom, but not what".to_owned())),
                None => Ok(None),
            };
        };
        let wanted = match first.text.as_str() {
            "connection-request" => {
                nothing_behind(rest)?;
                Wanted::ConnectionRequest
            }
            "xml" => xml(first, rest, read)?,
            name => {
                let method = method(name, first.column)?;
                let arguments = call::arguments(method, rest).map_err(|problem| Problem {
                    // What concerns the whole stands where the method is named.
                    column: problem.column.max(first.column),
                    ..problem
                })?;
                Wanted::Call {
                    method: method.name,
                    arguments,
                }
            }
        };
        Ok(Some(Self {
            place: place.to_owned(),
            device: device.map(|(device, _)| device),
            wanted,
        }))
    }

    /// The values in it that are secret by their names.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        let mut secrets = Vec::new();
        match &self.wanted {
            Wanted::Call { arguments, .. } => secrets_of_arguments(arguments, &mut secrets),
            Wanted::Xml(bytes) => secrets_of_xml(bytes, &mut secrets),
            Wanted::ConnectionRequest => {}
        }
        secrets.retain(|secret| !secret.is_empty());
        secrets
    }

    /// In one word: the method, or `connection-request`.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.wanted {
            Wanted::Call { method, .. } => (*method).to_owned(),
            Wanted::ConnectionRequest => "connection-request".to_owned(),
            Wanted::Xml(bytes) => {
                let document = cwmp::parse(bytes.clone(), &Hints::default(), &Limits::default());
                let envelope = document.envelope_refs().next();
                let message = envelope.and_then(|envelope| envelope.message_name());
                let element = document.roots().next().map(|root| root.name());
                message.or(element).unwrap_or("xml").to_owned()
            }
        }
    }
}

impl Problem {
    pub(super) fn at(column: usize, what: String) -> Self {
        Self { column, what }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.column, self.what)
    }
}

fn secrets_of_arguments(arguments: &[RpcArg], secrets: &mut Vec<String>) {
    let hides = |name: Option<&str>| name.is_some_and(|name| Masking::default().hides(name));
    let named = |name: &str| arguments.iter().find(|it| it.name == name)?.text();
    if hides(named("Name")) {
        secrets.extend(named("Value").map(str::to_owned));
    }
    for argument in arguments {
        match argument.text() {
            Some(text) if hides(Some(&argument.name)) => secrets.push(text.to_owned()),
            Some(_) => {}
            None => secrets_of_arguments(argument.members(), secrets),
        }
    }
}

fn secrets_of_xml(bytes: &[u8], secrets: &mut Vec<String>) {
    let document = cwmp::parse(bytes.to_vec(), &Hints::default(), &Limits::default());
    for element in document.elements().filter(Element::is_leaf) {
        let beside = element.parent().and_then(|parent| parent.child("Name"));
        let parameter = beside.map(|name| name.text().trim().to_owned());
        let of_parameter = parameter.filter(|_| element.is_named("Value"));
        let name = of_parameter.as_deref().unwrap_or(element.name());
        if Masking::default().hides(name) {
            secrets.push(element.text().into_owned());
        }
    }
}

/// A device, and the column of its name.
type Aim = (String, usize);

/// `for DEVICE:` at the beginning, and the words behind it.
fn aim(words: &[Word]) -> Result<(Option<Aim>, &[Word]), Problem> {
    let [first, rest @ ..] = words else {
        return Ok((None, words));
    };
    if first.text != "for" {
        return Ok((None, words));
    }
    let wrong = |column| Problem::at(column, "write `for DEVICE: ...`".to_owned());
    let [device, rest @ ..] = rest else {
        return Err(wrong(first.column));
    };
    match device.text.strip_suffix(':') {
        Some(id) if super::DeviceIdentity::of_id(id).is_some() => {
            Ok((Some((id.to_owned(), device.column)), rest))
        }
        Some(id) => Err(Problem::at(
            device.column,
            format!("`{id}` is no device: write OUI-SerialNumber or OUI-ProductClass-SerialNumber"),
        )),
        None => Err(wrong(device.column)),
    }
}

fn nothing_behind(rest: &[Word]) -> Result<(), Problem> {
    rest.first().map_or(Ok(()), |word| {
        let what = "nothing comes behind connection-request".to_owned();
        Err(Problem::at(word.column, what))
    })
}

fn xml(
    first: &Word,
    rest: &[Word],
    read: &dyn Fn(&str) -> Result<Vec<u8>, String>,
) -> Result<Wanted, Problem> {
    let [file] = rest else {
        return Err(Problem::at(first.column, "write `xml FILE`".to_owned()));
    };
    let bytes = read(&file.text).map_err(|why| {
        let what = format!("{} cannot be read: {why}", file.text);
        Problem::at(file.column, what)
    })?;
    let document = cwmp::parse(bytes.clone(), &Hints::default(), &Limits::default());
    if document.roots().next().is_none() {
        return Err(Problem::at(
            file.column,
            format!("{} holds no XML", file.text),
        ));
    }
    Ok(Wanted::Xml(bytes))
}

fn method(name: &str, column: usize) -> Result<&'static Method, Problem> {
    match cwmp::schema::method(name) {
        Some(method) if method.direction == Direction::ToAcs => Err(Problem::at(
            column,
            format!("{name} is what a device asks of an ACS, not the other way"),
        )),
        Some(method) => Ok(method),
        None => Err(Problem::at(column, unknown(name))),
    }
}

fn unknown(name: &str) -> String {
    let to_cpe = METHODS.iter().filter(|it| it.direction != Direction::ToAcs);
    let written = name.to_lowercase();
    let far = |method: &Method| strsim::damerau_levenshtein(&written, &method.name.to_lowercase());
    let nearest = to_cpe
        .filter(|_| name.len() <= GUESSED_BYTES_MAX)
        .map(|method| (far(method), method.name))
        .min_by_key(|(far, _)| *far);
    let near = nearest.filter(|(far, _)| *far <= name.len() / 3);
    let near = near.map(|(_, near)| near);
    match near {
        Some(near) => format!("`{name}` is no method of TR-069: did you mean {near}?"),
        // It may be a value that slipped out of its line.
        None => "this is neither a method of TR-069 nor xml, connection-request or for; a vendor's method goes by `xml FILE`"
            .to_owned(),
    }
}

/// Words that are longer are no misspelt method.
const GUESSED_BYTES_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Option<Order>, Problem> {
        Order::read(line, "q:1", &|name| match name {
            "reboot.xml" => Ok(b"<cwmp:Reboot><CommandKey/></cwmp:Reboot>".to_vec()),
            _ => Err("no such file".to_owned()),
        })
    }

    fn values(line: &str) -> Vec<(String, String)> {
        match read(line).expect("right").expect("an order").wanted {
            Wanted::Call { arguments, .. } => arguments
                .iter()
                .map(|it| (it.name.clone(), it.text().unwrap_or("[]").to_owned()))
                .collect(),
            other => panic!("{other:?}"),
        }
    }

    fn problem(line: &str) -> (usize, String) {
        let problem = read(line).expect_err("wrong");
        (problem.column, problem.what)
    }

    #[test]
    fn arguments_stand_in_the_order_of_the_schema_with_empty_forms_for_the_rest() {
        let download = values("Download URL=http://h/a FileType=\"1 Firmware Upgrade Image\"");
        let names: Vec<&str> = download.iter().map(|(name, _)| name.as_str()).collect();
        let schema = cwmp::schema::method("Download")
            .expect("known")
            .request
            .fields;
        let expected: Vec<&str> = schema.iter().map(|field| field.name).collect();
        assert_eq!(names, expected);
        let of = |name: &str| {
            download
                .iter()
                .find(|it| it.0 == name)
                .expect("there")
                .1
                .clone()
        };
        assert_eq!(of("FileType"), "1 Firmware Upgrade Image");
        assert_eq!(
            (of("FileSize"), of("CommandKey")),
            ("0".into(), String::new())
        );
        let names = values("GetParameterNames Device. NextLevel=true");
        assert_eq!(names[0].1, "Device.");
        assert_eq!(names[1].1, "true");
        assert_eq!(values("GetParameterNames")[1].1, "false");
        assert_eq!(
            values("AddObject Device.X.")[1],
            ("ParameterKey".into(), String::new())
        );
        assert_eq!(values("FactoryReset"), []);
        assert_eq!(values("Reboot now")[0].1, "now");
    }

    #[test]
    fn values_have_types_and_parameter_keys() {
        let order =
            read("SetParameterValues Device.A.B='x = y' Device.A.C:unsignedInt=5 ParameterKey=k");
        let Wanted::Call { arguments, .. } = order.expect("right").expect("an order").wanted else {
            panic!("a call");
        };
        let list = arguments[0].members();
        assert_eq!(list[0].members()[1].text(), Some("x = y"));
        assert_eq!(
            list[0].members()[1].xsi_type,
            Some(cwmp::TypeName::schema("string"))
        );
        assert_eq!(list[1].members()[0].text(), Some("Device.A.C"));
        assert_eq!(
            list[1].members()[1].xsi_type,
            Some(cwmp::TypeName::schema("unsignedInt"))
        );
        assert_eq!(arguments[1].text(), Some("k"));
    }

    #[test]
    fn lines_may_be_aimed_empty_or_xml() {
        assert_eq!(read("   # nothing"), Ok(None));
        let aimed = read("for 001565-T46-1: Reboot")
            .expect("right")
            .expect("an order");
        assert_eq!(aimed.device.as_deref(), Some("001565-T46-1"));
        let xml = read("xml reboot.xml").expect("right").expect("an order");
        assert_eq!(xml.name(), "Reboot");
        let wake = read("connection-request")
            .expect("right")
            .expect("an order");
        assert_eq!(wake.wanted, Wanted::ConnectionRequest);
    }

    #[test]
    fn problems_do_not_say_values_which_may_be_secrets() {
        for line in [
            "SetParameterValues Device.X.Password hush",
            "SetParameterValues Device.X.Password:int=hush",
            "SetParameterValues Device.X.Password:hush=1",
            "SetParameterAttributes Device.X.Password hush",
            "SetParameterAttributes Device.X.Password=hush",
            "Download URL=http://h/ FileSize=hush FileType=\"1 Firmware Upgrade Image\"",
            "Download Passwort=hush",
            "Download http://u:hush@h/?a=b",
            "AddObject hush",
            "Reboot k hush",
            "connection-request hush",
            "Device.X.Password=hush",
            "hush",
        ] {
            let (_, what) = problem(line);
            assert!(!what.contains("hush"), "{line}: {what}");
        }
        let (_, what) = problem("Download Passwort=hush");
        assert!(what.contains("`Passwort` is no argument"), "{what}");
    }

    #[test]
    fn an_order_knows_its_secrets() {
        for (line, expected) in [
            (
                "SetParameterValues Device.X.Password=hush-1 Device.X.Name=a",
                &["hush-1"][..],
            ),
            (
                "Download FileType=\"1 Firmware Upgrade Image\" URL=http://h/ Password=hush-2",
                &["hush-2"],
            ),
            ("Reboot", &[]),
            ("xml set.xml", &["hush & 3"]),
        ] {
            let order = Order::read(line, "q:1", &|_| {
                Ok(b"<SetParameterValues><ParameterList><ParameterValueStruct><Name>Device.X.Password</Name>\
                     <Value>hush &amp; 3</Value></ParameterValueStruct></ParameterList></SetParameterValues>"
                    .to_vec())
            });
            let order = order.expect("right").expect("an order");
            let secrets = order.secrets();
            let known: Vec<&str> = secrets.iter().map(String::as_str).collect();
            assert_eq!(known, expected, "{line}");
        }
    }

    #[test]
    fn problems_have_a_column_and_say_what_would_be_right() {
        for (line, column, says) in [
            (
                "GetParameterValue Device.",
                1,
                "did you mean GetParameterValues?",
            ),
            ("  reboot", 3, "did you mean Reboot?"),
            ("Inform", 1, "a device asks"),
            ("GetParameterValues", 1, "such as Device.DeviceInfo."),
            ("SetParameterValues Device.A", 20, "NAME=VALUE"),
            ("SetParameterValues Device.A:unsigned=1", 29, "unsignedInt"),
            (
                "SetParameterValues Device.A:int=x",
                33,
                "this value is no int",
            ),
            ("SetParameterAttributes Device.A=9", 33, "one of 0, 1, 2"),
            (
                "GetParameterNames Device. NextLevel=maybe",
                37,
                "is no boolean",
            ),
            ("AddObject Device.X", 11, "ends with a dot"),
            ("Download URL=http://h/", 1, "needs FileType"),
            ("Download File=x", 10, "FileType"),
            ("Reboot a b", 10, "is no argument"),
            ("FactoryReset now", 14, "no arguments"),
            ("Reboot \"a", 8, "closes"),
            ("for x: Reboot", 5, "is no device"),
            ("for 001565-1 Reboot", 5, "for DEVICE:"),
            ("for 001565-1:", 5, "not what"),
            ("xml nobody.xml", 5, "no such file"),
            ("connection-request now", 20, "nothing comes behind"),
            ("ScheduleDownload URL=x", 1, "xml FILE"),
            ("X_Vendor", 1, "xml FILE"),
        ] {
            let (at, what) = problem(line);
            assert!(at == column && what.contains(says), "{line}: {at}: {what}");
        }
    }
}
