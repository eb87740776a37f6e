//! Breaches in Connection Requests, STUN, DHCP, and in Issue 1.

use super::{Kind, acs, cpe, kind};
use crate::bases;
use crate::clean::model::Root;
use crate::clean::story::Version::{Issue1, V1_0, V1_1};
use crate::clean::story::{By, Content, Story};

/// The bytes of a STUN attribute become others.
fn attribute(story: &mut Story, what: &str, from: &[u8], to: &[u8]) -> bool {
    story.bytes(what, |bytes| {
        let Some(at) = bytes.windows(from.len()).position(|window| window == from) else {
            return false;
        };
        bytes.splice(at..at + from.len(), to.iter().copied());
        let length = (bytes.len() - 20) as u16;
        bytes[2..4].copy_from_slice(&length.to_be_bytes());
        true
    })
}

const BINDING: &[u8] = b"\xc0\x01\x00\x14dslforum.org/TR-111 ";

pub const KINDS: &[Kind] = &[
    acs("CR-001", "POST at the door", bases::knock, |story| {
        story.start(0, "knock", "GET ", "POST ") && story.reprove_knocks(|_| ())
    })
    .also(&[
        ("CR-003", "it is no request"),
        ("CR-019", "nobody knocked"),
        ("CR-009", "nobody knocked"),
        ("EVT-016", "nobody knocked"),
    ]),
    acs("CR-001", "HTTP/1.0 at the door", bases::knock, |story| {
        story.start(0, "knock", "HTTP/1.1", "HTTP/1.0")
    }),
    cpe(
        "CR-004",
        "the door opens without proof",
        bases::knock,
        |story| {
            let first = story.place("knock");
            let Some(first) = first else { return false };
            // The challenge and the second request are gone; what is left is answered with success.
            let count = story.blocks[first + 1..]
                .iter()
                .take_while(|block| block.what != "door")
                .count();
            story.blocks.drain(first + 1..first + 1 + count);
            let door = story.blocks[first].source;
            let at = first + 1;
            story.blocks[at].destination = door;
            for block in &mut story.blocks[at + 1..at + 3] {
                if block.by == By::Cpe {
                    block.destination = door;
                } else {
                    block.source = door;
                }
            }
            true
        },
    ),
    cpe("CR-004", "Basic at the door", bases::knock, |story| {
        story.each(0, "door 401", |message| {
            message.set("WWW-Authenticate", "Basic realm=\"device\"")
        }) && story.each(0, "knock", |message| {
            message.field("Authorization").is_some() && message.set("Authorization", "Basic YTpi")
        })
    })
    .also(&[("AUTH-002", "Basic in clear")]),
    cpe("CR-005", "202 at the door", bases::knock, |story| {
        story.set(0, "door", "Content-Length", "0");
        story.start(0, "door", "204 No Content", "202 Accepted")
            || story.start(0, "door", "200 OK", "202 Accepted")
    })
    .also(&[
        ("CR-010", "nor is it a refusal"),
        ("CR-009", "it is no success"),
        ("CR-019", "it is no success"),
    ]),
    cpe("CR-006", "a page at the door", bases::knock, |story| {
        story.each(0, "door", |message| {
            message.start = "HTTP/1.1 200 OK".to_owned();
            message.body = "<html><body>OK</body></html>".to_owned();
            message.set("Content-Type", "text/html");
            message.set("Content-Length", "auto")
        })
    }),
    cpe(
        "CR-008",
        "a Connection Request that leads to nothing",
        bases::knock,
        |story| {
            story.blocks.retain(|block| block.session != 2);
            story.go_on(60)
        },
    ),
    cpe(
        "CR-010",
        "403 for a rightful request",
        bases::busy_door,
        |story| story.start(0, "door", "503 Service Unavailable", "403 Forbidden"),
    ),
    cpe(
        "CR-011",
        "Retry-After at the door",
        bases::busy_door,
        |story| {
            story.each(0, "door", |message| {
                message.start.contains("503") && message.set("Retry-After", "30")
            })
        },
    ),
    cpe("CR-012", "a session after 503", bases::knock, |story| {
        story.each(0, "door", |message| {
            message.start = "HTTP/1.1 503 Service Unavailable".to_owned();
            message.set("Content-Length", "0");
            true
        })
    })
    .also(&[
        ("CR-009", "no request was accepted"),
        ("CR-019", "no request was accepted"),
    ]),
    acs("CR-018", "a body at the door", bases::knock, |story| {
        story.each(0, "knock", |message| {
            message.body = "wake up".to_owned();
            message.set("Content-Length", "auto")
        })
    }),
    cpe("CR-017", "no qop at the door", bases::knock, |story| {
        story.each(0, "door 401", |message| {
            let value = message
                .field("WWW-Authenticate")
                .unwrap_or_default()
                .replace(", qop=\"auth\"", "");
            message.set("WWW-Authenticate", &value)
        })
    })
    .also(&[
        ("AUTH-005", "the ACS answers with one"),
        ("AUTH-010", "the ACS answers with one"),
    ]),
    cpe("CR-022", "the door is slow", bases::knock, |story| {
        let at = story.place("door");
        let Some(at) = at else { return false };
        story.blocks[at..]
            .iter_mut()
            .for_each(|block| block.time_us += 9_000_000);
        true
    })
    .also(&[("SESS-030", "all that follows is late")]),
    cpe(
        "CR-021",
        "the door moves, and nobody is told",
        bases::plain,
        |story| {
            story.swap(
                -1,
                "Inform",
                "http://203.0.113.20:7547/",
                "http://203.0.113.20:7548/",
            )
        },
    )
    .also(&[
        ("INF-020", "the same"),
        ("INF-032", "the same"),
        ("INF-033", "the same"),
        ("CWMP-SPA-007", "it is active"),
    ]),
    cpe("STUN-006", "19 bytes in place of 20", bases::nat, |story| {
        attribute(
            story,
            "stun change",
            BINDING,
            b"\xc0\x01\x00\x13dslforum.org/TR-111",
        )
    })
    .on(Root::Device1)
    .also(&[
        ("STUN-004", "the next attribute is out of place"),
        ("STUN-005", "as if it were padded"),
        ("STUN-002", "the length does not fit"),
    ]),
    cpe(
        "STUN-004",
        "an attribute of three bytes before another",
        bases::nat,
        |story| {
            let with = [b"\x80\x22\x00\x03ABC", BINDING].concat();
            attribute(story, "stun change", BINDING, &with)
        },
    )
    .on(Root::Device1),
    cpe("STUN-006", "no blank behind TR-111", bases::nat, |story| {
        attribute(
            story,
            "stun",
            BINDING,
            b"\xc0\x01\x00\x14dslforum.org/TR-111\0",
        )
    })
    .on(Root::Device1)
    .also(&[("STUN-009", "so there is none")]),
    cpe(
        "STUN-007",
        "BINDING-CHANGE with a value",
        bases::nat,
        |story| {
            attribute(
                story,
                "stun change",
                b"\xc0\x02\x00\x00",
                b"\xc0\x02\x00\x04\0\0\0\0",
            )
        },
    )
    .on(Root::Device1),
    cpe("STUN-008", "BINDING-CHANGE alone", bases::nat, |story| {
        attribute(story, "stun change", BINDING, b"")
    })
    .on(Root::Device1)
    .also(&[("STUN-009", "the other is missing")]),
    cpe(
        "STUN-009",
        "a keep-alive without the attribute",
        bases::nat,
        |story| attribute(story, "stun", BINDING, b""),
    )
    .on(Root::Device1),
    cpe(
        "STUN-012",
        "zeros behind the user name",
        bases::nat,
        |story| {
            let mut done = false;
            for what in ["stun", "stun change"] {
                done |= story.bytes(what, |bytes| {
                    let Some(at) = bytes.windows(2).position(|window| window == b"  ") else {
                        return false;
                    };
                    bytes[at] = 0;
                    bytes[at + 1] = 0;
                    true
                });
            }
            done
        },
    )
    .on(Root::Device1),
    cpe(
        "STUN-013",
        "proof before anybody wants it",
        bases::nat,
        Story::seal_keep_alives,
    )
    .on(Root::Device1)
    .also(&[("STUN-019", "the answers have none")]),
    cpe(
        "STUN-017",
        "a proof with another password",
        bases::nat,
        |story| {
            story.bytes("stun proof", |bytes| {
                let last = bytes.len() - 1;
                bytes[last] ^= 0x55;
                true
            })
        },
    )
    .on(Root::Device1)
    .also(&[("STUN-046", "the server takes it")]),
    kind(
        "STUN-031",
        "stun_server",
        "no SOURCE-ADDRESS",
        bases::nat,
        |story| {
            story.bytes("stun answer", |bytes| {
                let Some(at) = bytes
                    .windows(4)
                    .position(|window| window == b"\x00\x04\x00\x08")
                else {
                    return false;
                };
                bytes.drain(at..at + 12);
                let length = (bytes.len() - 20) as u16;
                bytes[2..4].copy_from_slice(&length.to_be_bytes());
                true
            })
        },
    )
    .on(Root::Device1),
    kind(
        "STUN-019",
        "stun_server",
        "no proof in answer to a proof",
        bases::nat,
        |story| {
            story.bytes("stun accepted", |bytes| {
                bytes.truncate(bytes.len() - 24);
                let length = (bytes.len() - 20) as u16;
                bytes[2..4].copy_from_slice(&length.to_be_bytes());
                true
            })
        },
    )
    .on(Root::Device1),
    cpe("STUN-021", "keep-alives too seldom", bases::nat, |story| {
        let places = story.places("stun");
        let (Some(first), Some(second)) = (places.get(6).copied(), places.get(8).copied()) else {
            return false;
        };
        story.blocks.drain(second..second + 2);
        story.blocks.drain(first..first + 2);
        true
    })
    .on(Root::Device1),
    cpe("STUN-020", "keep-alives too often", bases::nat, |story| {
        let Some(Content::Datagram(mut bytes)) = story
            .places("stun")
            .last()
            .map(|at| story.blocks[*at].content.clone())
        else {
            return false;
        };
        let Some(at) = story.places("stun").last().copied() else {
            return false;
        };
        let mut more = [story.blocks[at].clone(), story.blocks[at + 1].clone()];
        bytes[9] ^= 0x55;
        more[0].content = Content::Datagram(bytes);
        if let Content::Datagram(bytes) = &mut more[1].content {
            bytes[9] ^= 0x55;
        }
        for block in &mut more {
            block.time_us += 5_000_000;
        }
        story.blocks.extend(more);
        story.blocks.sort_by_key(|block| block.time_us);
        true
    })
    .on(Root::Device1),
    cpe("STUN-048", "a URL for an address", bases::nat, |story| {
        let values = ["Inform", "GetParameterValuesResponse"].map(|what| {
            story.swap(
                0,
                what,
                "<Value xsi:type=\"xsd:string\">192.0.2.20:40020<",
                "<Value xsi:type=\"xsd:string\">http://192.0.2.20:40020<",
            )
        });
        values[0] && values[1]
    })
    .on(Root::Device1)
    .also(&[("STUN-039", "it is not what the server said")]),
    cpe(
        "STUN-039",
        "another address than the server's",
        bases::nat,
        |story| {
            let values = ["Inform", "GetParameterValuesResponse"].map(|what| {
                story.swap(
                    0,
                    what,
                    "<Value xsi:type=\"xsd:string\">192.0.2.20:40020<",
                    "<Value xsi:type=\"xsd:string\">192.0.2.20:40021<",
                )
            });
            values[0] && values[1]
        },
    )
    .on(Root::Device1)
    .also(&[("UCR-005", "the request goes to the right one")]),
    cpe(
        "STUN-038",
        "no NAT, though there is one",
        bases::nat,
        |story| {
            ["Inform", "GetParameterValuesResponse"]
                .into_iter()
                .all(|what| {
                    story.swap(
                        0,
                        what,
                        "NATDetected</Name><Value xsi:type=\"xsd:boolean\">true<",
                        "NATDetected</Name><Value xsi:type=\"xsd:boolean\">false<",
                    )
                })
        },
    )
    .on(Root::Device1)
    .also(&[("INF-021", "the same value again")]),
    acs("UCR-001", "bare line feeds", bases::nat, |story| {
        story.swap_bytes("udp knock", "\r\n", "\n")
    })
    .on(Root::Device1)
    .also(&[
        ("UCR-019", "it is no valid request"),
        ("UCR-021", "no head is seen"),
    ]),
    acs("UCR-002", "POST over UDP", bases::nat, |story| {
        story.swap_bytes("udp knock", "GET ", "POST ")
    })
    .on(Root::Device1)
    .also(&[
        ("UCR-019", "the device takes it"),
        ("CR-019", "nobody knocked"),
    ]),
    acs("UCR-004", "a path", bases::nat, |story| {
        story.swap_bytes("udp knock", "?ts=", "/?ts=")
    })
    .on(Root::Device1),
    acs("UCR-005", "another authority", bases::nat, |story| {
        story.swap_bytes(
            "udp knock",
            "http://192.0.2.20:40020?",
            "http://192.0.2.99:1?",
        )
    })
    .on(Root::Device1),
    acs("UCR-006", "no cn", bases::nat, |story| {
        story.bytes("udp knock", |bytes| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let Some(start) = text.find("&cn=") else {
                return false;
            };
            let Some(end) = text[start + 1..].find('&').map(|at| start + 1 + at) else {
                return false;
            };
            *bytes = format!("{}{}", &text[..start], &text[end..]).into_bytes();
            true
        })
    })
    .on(Root::Device1)
    .also(&[
        ("UCR-011", "so the signature does not fit"),
        ("UCR-019", "the device takes it"),
    ]),
    acs("UCR-008", "milliseconds", bases::nat, |story| {
        story.bytes("udp knock", |bytes| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let Some(at) = text.find("ts=").map(|at| at + 13) else {
                return false;
            };
            *bytes = format!("{}000{}", &text[..at], &text[at..]).into_bytes();
            true
        })
    })
    .on(Root::Device1)
    .also(&[
        ("UCR-011", "so the signature does not fit"),
        ("UCR-019", "the device takes it"),
        ("UCR-023", "so it is far off"),
    ]),
    acs("UCR-010", "another user name", bases::nat, |story| {
        story.swap_bytes("udp knock", "&un=acs", "&un=xcs")
    })
    .on(Root::Device1)
    .also(&[
        ("UCR-011", "so the signature does not fit"),
        ("UCR-019", "the device takes it"),
    ]),
    acs("UCR-011", "a signature of zeros", bases::nat, |story| {
        story.bytes("udp knock", |bytes| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let Some(at) = text.find("sig=").map(|at| at + 4) else {
                return false;
            };
            *bytes = format!("{}{}{}", &text[..at], "0".repeat(40), &text[at + 40..]).into_bytes();
            true
        })
    })
    .on(Root::Device1)
    .also(&[("UCR-019", "the device takes it")]),
    acs("UCR-016", "from another port", bases::nat, |story| {
        let mut any = false;
        for block in story
            .blocks
            .iter_mut()
            .filter(|block| block.what == "udp knock")
        {
            block.source.set_port(50_123);
            any = true;
        }
        any
    })
    .on(Root::Device1)
    .also(&[("FIELD", "the same")]),
    cpe("UCR-017", "an answer over UDP", bases::nat, |story| {
        let at = story.places("udp knock").last().copied();
        let Some(at) = at else { return false };
        let mut answer = story.blocks[at].clone();
        std::mem::swap(&mut answer.source, &mut answer.destination);
        answer.by = By::Cpe;
        answer.time_us += 1_000;
        answer.what = "udp answer".to_owned();
        let said = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        answer.content = Content::Datagram(said.to_vec());
        story.blocks.insert(at + 1, answer);
        true
    })
    .on(Root::Device1),
    acs("UCR-021", "no Host", bases::nat, |story| {
        story.bytes("udp knock", |bytes| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let Some(at) = text.find("Host:") else {
                return false;
            };
            *bytes = format!("{}\r\n", &text[..at]).into_bytes();
            true
        })
    })
    .on(Root::Device1),
    acs("UCR-012", "copies that differ", bases::nat, |story| {
        let Some(at) = story.places("udp knock").last().copied() else {
            return false;
        };
        let Content::Datagram(bytes) = &mut story.blocks[at].content else {
            return false;
        };
        let text = String::from_utf8_lossy(bytes).into_owned();
        *bytes = text
            .replace("\r\n\r\n", "\r\nX-Copy: 3\r\n\r\n")
            .into_bytes();
        true
    })
    .on(Root::Device1),
    acs("UCR-015", "one copy", bases::nat, |story| {
        let mut seen = 0;
        story.blocks.retain(|block| {
            seen += usize::from(block.what == "udp knock");
            block.what != "udp knock" || seen == 1
        });
        true
    })
    .on(Root::Device1),
    kind(
        "DHCP-001",
        "cpe",
        "identity in DISCOVER alone",
        bases::lease,
        |story| {
            story.bytes("request", |bytes| {
                let at = bytes
                    .windows(2)
                    .rposition(|window| window[0] == 125 && window[1] > 20);
                let Some(at) = at else { return false };
                let end = at + 2 + usize::from(bytes[at + 1]);
                bytes.drain(at..end);
                true
            })
        },
    )
    .on(Root::Device1),
    kind(
        "DHCP-005",
        "cpe",
        "a zero behind the serial number",
        bases::lease,
        |story| {
            let mut done = false;
            for what in ["discover", "request"] {
                done |= story.bytes(what, |bytes| {
                    let at = bytes.windows(2).rposition(|window| window == b"X3");
                    let Some(at) = at else { return false };
                    bytes[at + 1] = 0;
                    true
                });
            }
            done
        },
    )
    .on(Root::Device1)
    .also(&[("DHCP-010", "so it is another")]),
    kind(
        "DHCP-008",
        "cpe",
        "an OUI in small letters",
        bases::lease,
        |story| story.bytes("discover", lower) && story.bytes("request", lower),
    )
    .on(Root::Device1)
    .also(&[("DHCP-010", "so it is another")]),
    kind(
        "DHCP-010",
        "cpe",
        "another serial number in the lease",
        bases::lease,
        |story| {
            let serial = story.text(1, "Inform", "SerialNumber");
            let other = format!("{}Z", &serial[..serial.len() - 1]);
            ["discover", "request"].into_iter().all(|what| {
                story.bytes(what, |bytes| {
                    let Some(at) = bytes
                        .windows(serial.len())
                        .position(|window| window == serial.as_bytes())
                    else {
                        return false;
                    };
                    bytes[at..at + serial.len()].copy_from_slice(other.as_bytes());
                    true
                })
            })
        },
    )
    .on(Root::Device1),
    kind(
        "DHCP-003",
        "gateway",
        "no identity in OFFER",
        bases::lease,
        |story| {
            story.bytes("offer", |bytes| {
                let at = bytes
                    .windows(6)
                    .rposition(|window| window[0] == 125 && window[2..6] == [0, 0, 0x0d, 0xe9]);
                let Some(at) = at else { return false };
                let end = at + 2 + usize::from(bytes[at + 1]);
                bytes.drain(at..end);
                true
            })
        },
    )
    .on(Root::Device1),
    cpe(
        "DHCP-012",
        "another gateway in the parameters",
        bases::lease,
        |story| {
            story.revalue(
                0,
                "GetParameterValuesResponse",
                "GatewayInfo.SerialNumber",
                "OTHER",
            )
        },
    )
    .on(Root::Device1),
    kind("DHCP-020", "cpe", "DSLForum.org", bases::lease, |story| {
        story.swap_raw("discover", b"dslforum.org", b"DSLForum.org")
            && story.swap_raw("request", b"dslforum.org", b"DSLForum.org")
    })
    .on(Root::Device1),
    cpe(
        "I1-004",
        "a request after NoMoreRequests",
        bases::issue_1,
        |story| {
            story.add_header(
                -1,
                "Inform",
                "<cwmp:NoMoreRequests soap:mustUnderstand=\"0\">\
                 1</cwmp:NoMoreRequests>",
            ) && {
                let body = story.body(-1, "Inform");
                let start = body.find("<soap:Body>").map_or(0, |at| at + 11);
                let end = body.find("</soap:Body>").unwrap_or(body.len());
                let request = format!(
                    "{}<cwmp:GetRPCMethods></cwmp:GetRPCMethods>{}",
                    &body[..start],
                    &body[end..]
                );
                let request = request.replace("mustUnderstand=\"1\">", "mustUnderstand=\"1\">7");
                let response = request.replace(
                    "<cwmp:GetRPCMethods></cwmp:GetRPCMethods>",
                    "<cwmp:GetRPCMethodsResponse>\
                 <MethodList soapenc:arrayType=\"xsd:string[2]\"><string>\
                 Inform</string><string>GetRPCMethods</string>\
                 </MethodList></cwmp:GetRPCMethodsResponse>",
                );
                story.each(-1, "empty", |message| {
                    message.body.clone_from(&request);
                    message.set("SOAPAction", "");
                    message.set("Content-Type", "text/xml")
                }) && story.fill(-1, "204", &response)
            }
        },
    )
    .from(Issue1)
    .to(Issue1),
    cpe("EVT-002", "14 HEARTBEAT in 1.1", bases::plain, |story| {
        story.add_event(-1, "14 HEARTBEAT", "")
    })
    .from(V1_1)
    .to(V1_1)
    .also(&[
        ("VER-014", "it is too young"),
        ("EVT-001", "the table of 1.1 has it not"),
        ("EVT-024", "it comes alone"),
    ]),
    cpe(
        "EVT-002",
        "11 DU STATE CHANGE COMPLETE in 1.0",
        bases::plain,
        |story| story.add_event(-1, "11 DU STATE CHANGE COMPLETE", ""),
    )
    .to(V1_0)
    .also(&[
        ("VER-006", "it is too young"),
        ("EVT-010", "M ChangeDUState is missing"),
        ("EVT-015", "its call is missing"),
        ("SESS-012", "its call is missing"),
        ("EVT-001", "the table of 1.0 has it not"),
    ]),
];

#[expect(clippy::ptr_arg, reason = "what is done to bytes may make them longer")]
fn lower(bytes: &mut Vec<u8>) -> bool {
    let Some(at) = bytes.windows(6).position(|window| window == b"00D09E") else {
        return false;
    };
    bytes[at..at + 6].copy_from_slice(b"00d09e");
    true
}
