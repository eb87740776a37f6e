//! `%` lines of fixtures that stand for datagrams, and for sessions that tell or set parameters. Not what they prove: rules do.
//!
//! `%stun request|response|error|indication|secret WORDS`: attributes in the order of the words `crb[=HEX]`, `bc[=HEX]`,
//! `user=NAME` (padded), `user_raw=TEXT`, `mapped=`, `source=`, `changed=`, `reflected=`, `response_address=`, `xor_mapped=`
//! (addresses), `ok=MAPPED` (all that a good response has), `change_request=port`, `code=401`, `reason=TEXT`,
//! `unknown=c001.c002`, `mi=PASSWORD` (RFC 3489), `mi5389=PASSWORD`, `mi_zero=LENGTH`, `attr=TYPE:HEX`; and `tid=N`, `cookie`,
//! `padding=0`, `from=`, `to=`, `trail=HEX`, `length=N`. A response without `tid` answers the last request.
//!
//! `%dhcp discover|offer|request|ack|nak|release|inform|decline WORDS` and `%dhcp6 solicit|advertise|...`: `client=MAC`,
//! `xid=N`, `address=`, `server=`, `class=TEXT`, `device=OUI/SERIAL/CLASS`, `gateway=...`, `sub=CODE:TEXT`, `block=NUMBER:HEX`,
//! `acs=CODE:TEXT` (option 43), `lease=SECONDS`, `opt=CODE:HEX`.
//!
//! `%ucr WORDS`: a UDP Connection Request as an ACS sends it, signed with `key=` (`secret`) for `un=` (`acs`). `ts=` is absolute, or
//! `+S` or `-S` from the clock; `id=` counts by itself. `method=`, `scheme=` (with `://`), `authority=`, `path=`, `version=`,
//! `host=TEXT|none`, `header=LINE`, `body=TEXT`, `eol=lf`, `un_raw=`, `drop=NAME`, `more=NAME=VALUE`, `sig=`, `sign=raw`, `copies=N`,
//! `again` (the very bytes of the last one), `from=`, `to=`.
//!
//! `%lwn WORDS` with the notification's content in the lines below; `envelope=no`, `signature=none`, `to=`, `from=`.
//! `%udp from= to= text=`: any datagram of text, with `\r`, `\n`, `\0`.
//! `%set_values` and `%read_values values="NAME=type:value|..."` are whole sessions; names without a dot are of
//! Device.ManagementServer. `status=1` goes into the answer; `event=` and the rest are those of `%open`.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

use dhcp::v4::{self, Header, enterprise_blocks};
use dhcp::{Width, v6, write_sub_options};
use stun::{Builder, Form, Padding, kind, padded_text};

use super::{TYPES, Told, Words};

type List = Vec<(String, String)>;

/// The names that this file knows.
pub const NAMES: [&str; 8] = [
    "stun",
    "ucr",
    "dhcp",
    "dhcp6",
    "lwn",
    "udp",
    "set_values",
    "read_values",
];

/// Tells one; `rest` is what stands behind its name.
pub fn tell(told: &mut Told, name: &str, rest: &str, body: &str) -> Result<(), String> {
    let (bare, words) = list(rest)?;
    match name {
        "stun" => stun_message(told, &bare, &words),
        "ucr" => connection_request(told, &bare, &words),
        "dhcp" => dhcp_v4(told, &bare, &words),
        "dhcp6" => dhcp_v6(told, &bare, &words),
        "lwn" => lwn(told, &words, body),
        "udp" => {
            let text = unescaped(value(&words, "text").unwrap_or_default());
            let from = address(told, &words, "from", "stun_server")?;
            let to = address(told, &words, "to", "stun_cpe")?;
            datagram(told, from, to, &text);
            Ok(())
        }
        "set_values" => values_session(told, &words, true),
        _ => values_session(told, &words, false),
    }
}

/// The first word, which has no value, and the others in their order.
fn list(text: &str) -> Result<(String, List), String> {
    let mut words = List::new();
    let mut first = String::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let end = rest.find([' ', '=']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let mut word = String::new();
        if let Some(after) = after.strip_prefix('=') {
            let quote = after.chars().next().filter(|one| matches!(one, '"' | '\''));
            let (found, behind) = match quote {
                Some(quote) => after[1..]
                    .split_once(quote)
                    .ok_or("a quote is not closed")?,
                None => after.split_once(' ').unwrap_or((after, "")),
            };
            word = found.to_owned();
            rest = behind.trim_start();
        } else {
            rest = after.trim_start();
        }
        if first.is_empty() && words.is_empty() && word.is_empty() {
            first = name.to_owned();
        } else {
            words.push((name.to_owned(), word));
        }
    }
    Ok((first, words))
}

fn value<'w>(words: &'w List, name: &str) -> Option<&'w str> {
    let found = words.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}

fn address(told: &Told, words: &List, name: &str, default: &str) -> Result<SocketAddr, String> {
    let text = value(words, name).map(str::to_owned);
    let text = text.or_else(|| told.values.get(default).cloned());
    at(&text.unwrap_or_default())
}

fn at(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| format!("'{text}' is no address with a port"))
}

fn hex(text: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(&String::from_utf8_lossy(pair), 16))
        .collect::<Result<_, _>>()
        .map_err(|_| format!("'{text}' is no hexadecimal"))
}

fn unescaped(text: &str) -> Vec<u8> {
    let text = text.replace("\\r", "\r").replace("\\n", "\n");
    text.replace("\\0", "\0").into_bytes()
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("'{text}' is no number"))
}

fn datagram(told: &mut Told, from: SocketAddr, to: SocketAddr, payload: &[u8]) {
    let _ = writeln!(
        told.out,
        ">> {from} > {to} @{}.{:03} udp",
        told.now_ms / 1000,
        told.now_ms % 1000
    );
    for line in payload.chunks(32) {
        let digits: Vec<String> = line.iter().map(|byte| format!("{byte:02x}")).collect();
        told.out.push_str(&digits.concat());
        told.out.push('\n');
    }
    told.out.push('\n');
}

fn stun_message(told: &mut Told, bare: &str, words: &List) -> Result<(), String> {
    told.now_ms += 20;
    let (message_type, asks) = match bare {
        "request" => (0x0001, true),
        "response" => (0x0101, false),
        "error" => (0x0111, false),
        "indication" => (0x0011, true),
        "secret" => (0x0002, true),
        _ => return Err("request, response, error, indication or secret".into()),
    };
    let last: u32 = told.values.get("tid").map_or(Ok(0), |text| number(text))?;
    let tid = match value(words, "tid") {
        Some(text) => number(text)?,
        None if asks => last + 1,
        None => last,
    };
    told.values.insert("tid".into(), tid.to_string());
    let mut id = *b"\x8a\x13\x5c\x77informant.\0\0";
    id[12..].copy_from_slice(&tid.wrapping_mul(2_654_435_761).to_be_bytes());
    if value(words, "cookie").is_some() {
        id[..4].copy_from_slice(&stun::MAGIC_COOKIE.to_be_bytes());
    }
    let (own, other) = if asks {
        ("stun_cpe", "stun_server")
    } else {
        ("stun_server", "stun_cpe")
    };
    let from = address(told, words, "from", own)?;
    let to = address(told, words, "to", other)?;
    let mut builder = Builder::new(message_type, id);
    if value(words, "padding").is_some() {
        builder = builder.padding(Padding::With(0));
    }
    for (name, text) in words {
        builder = attribute(builder, name, text, words, from)?;
    }
    let mut bytes = builder.finish().map_err(|_| "too long")?;
    if let Some(length) = value(words, "length") {
        let length: u16 = number(length)?;
        bytes[2..4].copy_from_slice(&length.to_be_bytes());
    }
    bytes.extend(hex(value(words, "trail").unwrap_or_default())?);
    datagram(told, from, to, &bytes);
    Ok(())
}

fn connection_request(told: &mut Told, bare: &str, words: &List) -> Result<(), String> {
    let from = address(told, words, "from", "stun_server")?;
    let to = address(told, words, "to", "stun_cpe")?;
    let text = match told.values.get("ucr_last") {
        Some(last) if bare == "again" => last.clone(),
        _ => request_text(told, words)?,
    };
    told.values.insert("ucr_last".into(), text.clone());
    let copies: u32 = number(value(words, "copies").unwrap_or("3"))?;
    for _ in 0..copies {
        told.now_ms += 20;
        datagram(told, from, to, text.as_bytes());
    }
    Ok(())
}

fn request_text(told: &mut Told, words: &List) -> Result<String, String> {
    let own = |name: &str, usual: &str| value(words, name).unwrap_or(usual).to_owned();
    let last: u64 = told
        .values
        .get("ucr_id")
        .map_or(Ok(7), |text| number(text))?;
    let id = own("id", &(last + 1).to_string());
    told.values.insert("ucr_id".into(), (last + 1).to_string());
    let now_s = 1_772_438_400 + told.now_ms / 1000;
    let ts = own("ts", "+0");
    let ts = match (ts.strip_prefix('+'), ts.strip_prefix('-')) {
        (Some(later), _) => (now_s + number::<u64>(later)?).to_string(),
        (_, Some(earlier)) => (now_s - number::<u64>(earlier)?).to_string(),
        _ => ts,
    };
    let un = own("un", "acs");
    let raw = own("un_raw", &un.replace('%', "%25").replace(' ', "%20"));
    let cn = own("cn", &format!("7f3a9c05e1d8{:04x}", last + 1));
    let usual = told.values.get("ucr_authority").cloned();
    let usual = usual.unwrap_or_else(|| "203.0.113.9:40000".to_owned());
    let authority = own("authority", &usual);
    let signed = if value(words, "sign") == Some("raw") {
        &raw
    } else {
        &un
    };
    // The values are signed one behind the other, as if they were one.
    let whole = format!("{ts}{id}{signed}{cn}");
    let sig = match value(words, "sig") {
        Some(sig) => sig.to_owned(),
        None => signature(&own("key", "secret"), &whole),
    };
    let mut query: Vec<String> = [("ts", &ts), ("id", &id), ("un", &raw), ("cn", &cn)]
        .into_iter()
        .filter(|(name, _)| value(words, "drop") != Some(name))
        .map(|(name, text)| format!("{name}={text}"))
        .collect();
    query.extend(value(words, "more").map(str::to_owned));
    if value(words, "drop") != Some("sig") {
        query.push(format!("sig={sig}"));
    }
    let mut text = format!(
        "{} {}{authority}{}?{}{}\r\n",
        own("method", "GET"),
        own("scheme", "http://"),
        own("path", ""),
        query.join("&"),
        own("version", " HTTP/1.1"),
    );
    let host = own("host", &authority);
    if host != "none" {
        let _ = write!(text, "Host: {host}\r\n");
    }
    for (_, line) in words.iter().filter(|(name, _)| name == "header") {
        let _ = write!(text, "{line}\r\n");
    }
    text.push_str("\r\n");
    if value(words, "eol") == Some("lf") {
        text = text.replace("\r\n", "\n");
    }
    text.push_str(&own("body", ""));
    Ok(text)
}

/// HMAC-SHA1 over a text that begins with two digits.
fn signature(key: &str, text: &str) -> String {
    let digit = |at: usize| text.get(at..=at).and_then(|one| one.parse().ok());
    let draft = stun::ucr::Draft {
        authority: "",
        timestamp_s: digit(0).unwrap_or_default(),
        id: digit(1).unwrap_or_default(),
        username: text.get(2..).unwrap_or_default(),
        cnonce: "",
    };
    draft.signature(key.as_bytes())
}

fn attribute(
    builder: Builder,
    name: &str,
    text: &str,
    words: &List,
    from: SocketAddr,
) -> Result<Builder, String> {
    Ok(match name {
        "crb" if text.is_empty() => builder.connection_request_binding(),
        "crb" => builder.attribute(kind::CONNECTION_REQUEST_BINDING, &hex(text)?),
        "bc" => builder.attribute(kind::BINDING_CHANGE, &hex(text)?),
        "user" => builder.attribute(kind::USERNAME, &padded_text(text.as_bytes())),
        "user_raw" => builder.attribute(kind::USERNAME, &unescaped(text)),
        "mapped" => builder.address(kind::MAPPED_ADDRESS, at(text)?),
        "source" => builder.address(kind::SOURCE_ADDRESS, at(text)?),
        "changed" => builder.address(kind::CHANGED_ADDRESS, at(text)?),
        "reflected" => builder.address(kind::REFLECTED_FROM, at(text)?),
        "response_address" => builder.address(kind::RESPONSE_ADDRESS, at(text)?),
        "xor_mapped" => builder.xor_address(kind::XOR_MAPPED_ADDRESS, at(text)?),
        "ok" => builder
            .address(kind::MAPPED_ADDRESS, at(text)?)
            .address(kind::SOURCE_ADDRESS, from)
            .address(kind::CHANGED_ADDRESS, from),
        "change_request" => builder.change_request(text == "address", text == "port"),
        "code" => builder.error_code(number(text)?, value(words, "reason").unwrap_or("Refused.")),
        "unknown" => {
            let types = text.split('.').map(|one| u16::from_str_radix(one, 16));
            let types: Vec<u16> = types.collect::<Result<_, _>>().map_err(|_| "no types")?;
            builder.unknown_attributes(&types)
        }
        "mi" => builder.integrity(Form::Rfc3489, text.as_bytes()),
        "mi5389" => builder.integrity(Form::Rfc5389, text.as_bytes()),
        "mi_zero" => builder.attribute(kind::MESSAGE_INTEGRITY, &vec![7; number(text)?]),
        "attr" => {
            let (number, bytes) = text.split_once(':').ok_or("attr=TYPE:HEX")?;
            let number = u16::from_str_radix(number, 16).map_err(|_| "attr=TYPE:HEX")?;
            builder.attribute(number, &hex(bytes)?)
        }
        "tid" | "cookie" | "padding" | "from" | "to" | "trail" | "length" | "reason" => builder,
        _ => return Err(format!("'{name}' is no word of %stun")),
    })
}

/// Sub-options 1 to 6 and others of enterprise 3561.
fn sub_options(words: &List, width: Width) -> Result<Option<Vec<u8>>, String> {
    let mut all: Vec<(u16, Vec<u8>)> = Vec::new();
    for (name, text) in words {
        let first = match name.as_str() {
            "device" => 1,
            "gateway" => 4,
            "sub" => {
                let (code, text) = text.split_once(':').ok_or("sub=CODE:TEXT")?;
                all.push((number(code)?, unescaped(text)));
                continue;
            }
            _ => continue,
        };
        let parts = text.split('/').enumerate();
        all.extend(parts.map(|(at, part)| (first + at as u16, unescaped(part))));
    }
    let all: Vec<(u16, &[u8])> = all.iter().map(|(code, text)| (*code, &text[..])).collect();
    Ok((!all.is_empty()).then(|| write_sub_options(width, &all)))
}

fn dhcp_v4(told: &mut Told, bare: &str, words: &List) -> Result<(), String> {
    told.now_ms += 20;
    let types = [
        "discover", "offer", "request", "decline", "ack", "nak", "release", "inform",
    ];
    let code = types
        .iter()
        .position(|one| *one == bare)
        .ok_or("no type of DHCP")? as u8
        + 1;
    let answers = matches!(code, 2 | 5 | 6);
    let client = hex(value(words, "client").unwrap_or("020000000001"))?;
    let mut hardware = [0; 16];
    hardware[..client.len()].copy_from_slice(&client);
    let own = |name: &str, default: &str| -> Result<std::net::Ipv4Addr, String> {
        let text = value(words, name).unwrap_or(default);
        text.parse().map_err(|_| format!("'{text}' is no address"))
    };
    let given = own(
        "address",
        if answers && code != 6 {
            "10.0.0.2"
        } else {
            "0.0.0.0"
        },
    )?;
    let mut header = Header {
        operation: if answers { 2 } else { 1 },
        transaction_id: number(value(words, "xid").unwrap_or("7"))?,
        client_hardware_address: hardware,
        ..Header::default()
    };
    if answers {
        header.your_address = given;
    } else {
        header.client_address = given;
    }
    let server = own("server", "10.0.0.254")?;
    let mut fields = v4::Fields::new(header);
    fields.push(53, &[code]);
    if answers {
        fields.push(54, &server.octets());
    }
    if let Some(lease) = value(words, "lease") {
        fields.push(51, &number::<u32>(lease)?.to_be_bytes());
    }
    if let Some(class) = value(words, "class") {
        fields.push(60, class.as_bytes());
    }
    let mut blocks: Vec<(u32, Vec<u8>)> = Vec::new();
    blocks.extend(sub_options(words, Width::One)?.map(|own| (3561, own)));
    let mut discovery: Vec<(u16, Vec<u8>)> = Vec::new();
    for (name, text) in words
        .iter()
        .filter(|(name, _)| ["block", "acs", "opt"].contains(&&name[..]))
    {
        let (code, text) = text.split_once(':').ok_or("NUMBER:VALUE")?;
        match name.as_str() {
            "block" => blocks.push((number(code)?, hex(text)?)),
            "acs" => discovery.push((number(code)?, unescaped(text))),
            _ => {
                fields.push(number(code)?, &hex(text)?);
            }
        }
    }
    if !blocks.is_empty() {
        let blocks: Vec<(u32, &[u8])> =
            blocks.iter().map(|(own, data)| (*own, &data[..])).collect();
        fields.push(125, &enterprise_blocks(&blocks));
    }
    if !discovery.is_empty() {
        let own: Vec<(u16, &[u8])> = discovery
            .iter()
            .map(|(code, text)| (*code, &text[..]))
            .collect();
        fields.push(43, &write_sub_options(Width::One, &own));
    }
    let (mut from, mut to) = (at("0.0.0.0:68")?, at("255.255.255.255:67")?);
    if answers {
        (from, to) = (
            SocketAddr::new(IpAddr::V4(server), 67),
            at("255.255.255.255:68")?,
        );
    }
    datagram(told, from, to, &fields.write());
    Ok(())
}

fn dhcp_v6(told: &mut Told, bare: &str, words: &List) -> Result<(), String> {
    told.now_ms += 20;
    let types = [
        "solicit",
        "advertise",
        "request",
        "confirm",
        "renew",
        "rebind",
        "reply",
        "release",
        "decline",
        "reconfigure",
        "information-request",
    ];
    let code = types
        .iter()
        .position(|one| *one == bare)
        .ok_or("no type of DHCPv6")? as u8
        + 1;
    let answers = matches!(code, 2 | 7);
    let client = hex(value(words, "client").unwrap_or("00030001020000000001"))?;
    let mut options = vec![v6::OptionField::new(1, client)];
    if answers {
        options.push(v6::OptionField::new(2, hex("000300010200000000fe")?));
    }
    if let Some(class) = value(words, "class") {
        options.push(v6::OptionField::new(
            16,
            v6::vendor_class(3561, &[class.as_bytes()]),
        ));
    }
    if let Some(own) = sub_options(words, Width::Two)? {
        options.push(v6::OptionField::new(17, v6::vendor_information(3561, &own)));
    }
    for (_, text) in words.iter().filter(|(name, _)| name == "opt") {
        let (code, text) = text.split_once(':').ok_or("CODE:HEX")?;
        options.push(v6::OptionField::new(number(code)?, hex(text)?));
    }
    let xid = number(value(words, "xid").unwrap_or("7"))?;
    let fields = v6::Fields::new(v6::MessageType::new(code), xid, options);
    let (from, to) = if answers {
        (at("[fe80::fe]:547")?, at("[fe80::1]:546")?)
    } else {
        (at("[fe80::1]:546")?, at("[ff02::1:2]:547")?)
    };
    datagram(told, from, to, &fields.write());
    Ok(())
}

fn lwn(told: &mut Told, words: &List, body: &str) -> Result<(), String> {
    told.now_ms += 20;
    let from = address(told, words, "from", "stun_cpe")?;
    let to = address(told, words, "to", "lwn_server")?;
    let namespaces = "xmlns:lwn=\"urn:broadband-forum-org:cwmp:lwnotif-1-0\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\"";
    let body = body.trim();
    let xml = if value(words, "envelope") == Some("no") {
        format!("<lwn:Notification {namespaces}>{body}</lwn:Notification>")
    } else {
        format!(
            "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" {namespaces}><soap:Body><lwn:Notification>{body}</lwn:Notification></soap:Body></soap:Envelope>"
        )
    };
    let mut head = format!(
        "POST /lwn HTTP/1.1\r\nHost: {to}\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n",
        xml.len()
    );
    let signature = value(words, "signature").unwrap_or("9414CBB1D9F6D34A50812699DAF0B1FE8F8827CC");
    if signature != "none" {
        let _ = write!(head, "Signature: {signature}\r\n");
    }
    datagram(told, from, to, format!("{head}\r\n{xml}").as_bytes());
    Ok(())
}

fn values_session(told: &mut Told, words: &List, sets: bool) -> Result<(), String> {
    let open: Words = words.iter().cloned().collect();
    told.directive("open", open.clone(), "")?;
    told.directive("empty", open.clone(), "")?;
    let values = value(words, "values").unwrap_or_default();
    let values: Vec<(String, &str, &str)> = values.split('|').map(one_value).collect();
    let count = values.len();
    let structs: Vec<String> = values
        .iter()
        .map(|(name, kind, text)| {
            format!("<ParameterValueStruct><Name>{name}</Name><Value xsi:type=\"xsd:{kind}\">{text}</Value></ParameterValueStruct>")
        })
        .collect();
    let list = format!(
        "<ParameterList soapenc:arrayType=\"cwmp:ParameterValueStruct[{count}]\">{}</ParameterList>",
        structs.concat()
    );
    if sets {
        let status = value(words, "status").unwrap_or("0");
        let key = "<ParameterKey></ParameterKey>";
        told.directive(
            "acs",
            open.clone(),
            &format!("<cwmp:SetParameterValues>{list}{key}</cwmp:SetParameterValues>\n"),
        )?;
        told.directive("cpe", open.clone(), &format!("<cwmp:SetParameterValuesResponse><Status>{status}</Status></cwmp:SetParameterValuesResponse>\n"))?;
    } else {
        let asked: Vec<String> = match value(words, "names") {
            Some(names) => names
                .split('|')
                .map(|name| format!("<string>{}</string>", full(name)))
                .collect(),
            None => values
                .iter()
                .map(|(name, ..)| format!("<string>{name}</string>"))
                .collect(),
        };
        let names = format!(
            "<ParameterNames soapenc:arrayType=\"xsd:string[{}]\">{}</ParameterNames>",
            asked.len(),
            asked.concat()
        );
        told.directive(
            "acs",
            open.clone(),
            &format!("<cwmp:GetParameterValues>{names}</cwmp:GetParameterValues>\n"),
        )?;
        told.directive(
            "cpe",
            open.clone(),
            &format!("<cwmp:GetParameterValuesResponse>{list}</cwmp:GetParameterValuesResponse>\n"),
        )?;
    }
    told.directive("no_content", open.clone(), "")?;
    told.directive("close", open, "")
}

fn one_value(text: &str) -> (String, &str, &str) {
    let (name, text) = text.split_once('=').unwrap_or((text, ""));
    let typed = text
        .split_once(':')
        .filter(|(kind, _)| TYPES.contains(kind));
    let (kind, text) = typed.unwrap_or(("string", text));
    (full(name), kind, text)
}

fn full(name: &str) -> String {
    if name.contains('.') {
        name.to_owned()
    } else {
        format!("Device.ManagementServer.{name}")
    }
}
