//! Captures made to measure: sessions whose every field says what the test wants.

/// A session whose every field may be hostile.
pub struct Hostile {
    pub text: Vec<u8>,
    pub serial: Vec<u8>,
    pub vendor: bool,
    /// More calls and answers, as they stand in a SOAP body, and whether the device says them; their ID is a URL with a secret.
    pub calls: Vec<(bool, String)>,
}

pub fn plain_session() -> Hostile {
    Hostile {
        text: b"plain".to_vec(),
        serial: b"000001".to_vec(),
        vendor: false,
        calls: Vec::new(),
    }
}

impl Hostile {
    /// What goes over the connection, and whether the device says it.
    fn messages(&self) -> Vec<(bool, Vec<u8>)> {
        let text = &self.text;
        let informed = b"<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>";
        let mut messages = vec![
            (true, post(text, &self.inform())),
            (false, answer(text, &envelope(text, informed))),
            (true, post(text, b"")),
        ];
        if self.vendor {
            messages.extend([
                (false, answer(text, &self.vendor_call())),
                (true, post(text, &self.fault())),
                (false, answer(text, &self.download())),
                (true, post(text, b"<soap:Envelope not xml at all \x1b")),
            ]);
        }
        messages.extend(self.calls.iter().map(|(from_cpe, body)| {
            let body = envelope(b"http://u:SEKRET@h/", body.as_bytes());
            let message = if *from_cpe { post } else { answer };
            (*from_cpe, message(text, &body))
        }));
        messages.push((
            false,
            b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n".to_vec(),
        ));
        messages
    }

    fn inform(&self) -> Vec<u8> {
        let (text, event) = (
            &self.text,
            if self.vendor {
                self.text.as_slice()
            } else {
                b""
            },
        );
        self.filled(
            "<cwmp:Inform><DeviceId><Manufacturer>*</Manufacturer><OUI>202BC1</OUI><ProductClass>BM632w</ProductClass>\
             <SerialNumber>#</SerialNumber></DeviceId><Event><EventStruct><EventCode>1 BOOT!</EventCode>\
             <CommandKey>*</CommandKey></EventStruct></Event><MaxEnvelopes>1</MaxEnvelopes><CurrentTime>*</CurrentTime>\
             <RetryCount>0</RetryCount><ParameterList><ParameterValueStruct><Name>Device.*</Name>\
             <Value xsi:type=\"*\">*</Value></ParameterValueStruct></ParameterList></cwmp:Inform>",
            &[(b'*', text), (b'#', &self.serial), (b'!', event)],
        )
    }

    fn vendor_call(&self) -> Vec<u8> {
        let body = "<cwmp:X_Vendor><Thing>*</Thing>and <b>mixed</b></cwmp:X_Vendor>";
        self.filled(body, &[(b'*', &self.text)])
    }

    fn fault(&self) -> Vec<u8> {
        self.filled(
            "<soap:Fault><faultcode>*</faultcode><faultstring>*</faultstring><detail><cwmp:Fault>\
             <FaultCode>9003*</FaultCode><FaultString>*</FaultString><SetParameterValuesFault>\
             <ParameterName>*</ParameterName><FaultCode>9005</FaultCode><FaultString>*</FaultString>\
             </SetParameterValuesFault></cwmp:Fault></detail></soap:Fault>",
            &[(b'*', &self.text)],
        )
    }

    fn download(&self) -> Vec<u8> {
        self.filled(
            "<cwmp:Download><CommandKey>*</CommandKey><FileType>1</FileType>\
             <URL>http://a:secretword@h/*</URL><Password>secretword</Password></cwmp:Download>",
            &[(b'*', &self.text)],
        )
    }

    /// An envelope whose body has these texts in the place of these marks.
    fn filled(&self, body: &str, texts: &[(u8, &[u8])]) -> Vec<u8> {
        let text_of = |byte: u8| {
            texts
                .iter()
                .find(|(mark, _)| *mark == byte)
                .map(|(_, text)| text.to_vec())
        };
        let filled: Vec<u8> = body
            .bytes()
            .flat_map(|byte| text_of(byte).unwrap_or_else(|| vec![byte]))
            .collect();
        envelope(&self.text, &filled)
    }
}

fn envelope(id: &[u8], body: &[u8]) -> Vec<u8> {
    [
        &b"<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:cwmp=\"urn:dslforum-org:cwmp-1-0\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soap:Header><cwmp:ID soap:mustUnderstand=\"1\">"[..],
        id,
        b"</cwmp:ID></soap:Header><soap:Body>",
        body,
        b"</soap:Body></soap:Envelope>",
    ]
    .concat()
}

/// A head cannot hold line ends; everything else of the text goes into it.
fn post(text: &[u8], body: &[u8]) -> Vec<u8> {
    let text: Vec<u8> = text
        .iter()
        .copied()
        .filter(|byte| !b"\r\n".contains(byte))
        .collect();
    let path: Vec<u8> = text
        .iter()
        .copied()
        .filter(|byte| !b" \t".contains(byte))
        .collect();
    let length = format!(
        "\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [
        &b"POST /acs"[..],
        &path,
        b" HTTP/1.1\r\nHost: 10.0.0.1\r\nUser-Agent: ",
        &text,
        length.as_bytes(),
        body,
    ]
    .concat()
}

fn answer(text: &[u8], body: &[u8]) -> Vec<u8> {
    let text: Vec<u8> = text
        .iter()
        .copied()
        .filter(|byte| !b"\r\n".contains(byte))
        .collect();
    let length = format!(
        "\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [
        &b"HTTP/1.1 200 OK"[..],
        &text,
        b"\r\nServer: ",
        &text,
        length.as_bytes(),
        body,
    ]
    .concat()
}

pub fn session_capture(session: &Hostile) -> Vec<u8> {
    sessions_capture(std::slice::from_ref(session))
}

/// A pcap of sessions one after the other, each on its own connection.
pub fn sessions_capture(sessions: &[Hostile]) -> Vec<u8> {
    let mut capture = Vec::new();
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 0x0004_0000, 1] {
        capture.extend_from_slice(&word.to_le_bytes());
    }
    let mut time_us = 1_700_000_000_000_000_u64;
    for (session, port) in sessions.iter().zip(20_000_u16..) {
        let mut sent = [1_u32, 1];
        let mut segment = |from_cpe: bool, flags: u8, payload: &[u8]| {
            let (own, other) = if from_cpe { (0, 1) } else { (1, 0) };
            let frame = frame(from_cpe, port, sent[own], sent[other], flags, payload);
            time_us += 1000;
            for word in [
                (time_us / 1_000_000) as u32,
                (time_us % 1_000_000) as u32,
                frame.len() as u32,
                frame.len() as u32,
            ] {
                capture.extend_from_slice(&word.to_le_bytes());
            }
            capture.extend_from_slice(&frame);
            let syn_or_fin = u32::from(flags & 3 != 0);
            sent[own] = sent[own].wrapping_add(payload.len() as u32 + syn_or_fin);
        };
        segment(true, 2, b"");
        segment(false, 0x12, b"");
        segment(true, 0x10, b"");
        for (from_cpe, message) in session.messages() {
            for part in message.chunks(1400) {
                segment(from_cpe, 0x18, part);
            }
        }
        segment(true, 0x11, b"");
        segment(false, 0x11, b"");
    }
    capture
}

/// Ethernet, IPv4, TCP; checksums are left out, as offload leaves them out.
fn frame(
    from_cpe: bool,
    port: u16,
    sequence: u32,
    acknowledgment: u32,
    flags: u8,
    payload: &[u8],
) -> Vec<u8> {
    let (cpe, acs) = ([10, 0, 0, 2], [10, 0, 0, 1]);
    let (source, destination) = if from_cpe { (cpe, acs) } else { (acs, cpe) };
    let (source_port, destination_port) = if from_cpe { (port, 7547) } else { (7547, port) };
    let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0];
    frame.extend_from_slice(&((40 + payload.len()) as u16).to_be_bytes());
    frame.extend_from_slice(&[0, 0, 0x40, 0, 64, 6, 0, 0]);
    frame.extend_from_slice(&source);
    frame.extend_from_slice(&destination);
    frame.extend_from_slice(&u16::to_be_bytes(source_port));
    frame.extend_from_slice(&u16::to_be_bytes(destination_port));
    frame.extend_from_slice(&sequence.to_be_bytes());
    frame.extend_from_slice(&acknowledgment.to_be_bytes());
    frame.extend_from_slice(&[0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    frame.extend_from_slice(payload);
    frame
}
