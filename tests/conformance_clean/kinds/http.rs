//! Breaches of HTTP and of its authentication.

use super::{Kind, acs, as_told, cpe};
use crate::bases;
use crate::clean::plots_transfers::base64;
use crate::clean::story::Version::{V1_1, V1_2};

pub const KINDS: &[Kind] = &[
    cpe(
        "HTTP-001",
        "an empty POST in HTTP/1.0",
        bases::plain,
        |story| story.start(-1, "empty", "HTTP/1.1", "HTTP/1.0"),
    ),
    acs("HTTP-001", "an answer in HTTP/1.0", bases::plain, |story| {
        story.start(-1, "GetParameterValues", "HTTP/1.1", "HTTP/1.0")
    }),
    cpe("HTTP-002", "PUT in place of POST", bases::plain, |story| {
        story.start(-1, "GetParameterValuesResponse", "POST", "PUT")
            && story.reprove(-1, "GetParameterValuesResponse", |_| ())
    }),
    cpe("HTTP-003", "application/soap+xml", bases::plain, |story| {
        story.set(
            -1,
            "GetParameterValuesResponse",
            "Content-Type",
            "application/soap+xml",
        )
    }),
    acs("HTTP-003", "application/xml", bases::plain, |story| {
        story.set(-1, "GetParameterValues", "Content-Type", "application/xml")
    }),
    cpe(
        "HTTP-004",
        "a quoted SOAPAction on a response",
        bases::plain,
        |story| story.set(-1, "GetParameterValuesResponse", "SOAPAction", "\"\""),
    ),
    cpe(
        "HTTP-004",
        "no SOAPAction on a response",
        bases::plain,
        |story| story.unset(-1, "GetParameterValuesResponse", "SOAPAction"),
    ),
    cpe(
        "HTTP-004",
        "a quoted SOAPAction on a fault",
        bases::unknown_name,
        |story| story.set(0, "Fault", "SOAPAction", "\"\""),
    ),
    cpe(
        "HTTP-005",
        "no SOAPAction on an Inform",
        bases::plain,
        |story| story.unset(-1, "Inform", "SOAPAction"),
    ),
    cpe(
        "HTTP-005",
        "no SOAPAction on a TransferComplete",
        bases::configuration,
        |story| story.unset(0, "TransferComplete", "SOAPAction"),
    ),
    cpe(
        "HTTP-006",
        "a SOAPAction on an empty POST",
        bases::plain,
        |story| story.set(-1, "empty", "SOAPAction", ""),
    ),
    cpe(
        "HTTP-007",
        "a Content-Type on an empty POST",
        bases::plain,
        |story| story.set(-1, "empty", "Content-Type", "text/xml"),
    ),
    acs(
        "HTTP-008",
        "a request of the ACS with status 202",
        bases::plain,
        |story| story.start(-1, "GetParameterValues", "200 OK", "202 Accepted"),
    ),
    acs(
        "HTTP-008",
        "a fault with status 500",
        bases::refused_report,
        |story| story.start(0, "Fault", "200 OK", "500 Internal Server Error"),
    )
    .also(&[("HTTP-038", "the device goes on after it")]),
    acs("HTTP-009", "an empty 200", bases::plain, |story| {
        story.start(-1, "204", "204 No Content", "200 OK")
            && story.set(-1, "204", "Content-Length", "0")
    }),
    cpe(
        "HTTP-010",
        "an empty POST of two bytes",
        bases::plain,
        |story| {
            story.each(-1, "empty", |message| {
                message.body = "\r\n".to_owned();
                true
            })
        },
    ),
    cpe(
        "HTTP-011",
        "the next POST before the answer",
        bases::configuration,
        |story| {
            let Some(at) = story.place("TransferCompleteResponse") else {
                return false;
            };
            let time_us = story.blocks[at].time_us;
            story.blocks[at + 1].time_us = time_us - 500;
            story.blocks.swap(at, at + 1);
            true
        },
    ),
    cpe("HTTP-012", "no Host", bases::plain, |story| {
        story.unset(-1, "empty", "Host")
    }),
    cpe("HTTP-012", "two Hosts", bases::plain, |story| {
        story.add(-1, "empty", "Host", "other.example.net")
    }),
    acs(
        "HTTP-013",
        "Content-Length beside chunks",
        bases::plain,
        |story| {
            story.each(-1, "GetParameterValues", |message| {
                message.chunked = true;
                message.set("Transfer-Encoding", "chunked")
            })
        },
    ),
    cpe(
        "HTTP-015",
        "chunks from the device",
        bases::plain,
        |story| {
            story.each(-1, "GetParameterValuesResponse", |message| {
                message.chunked = true;
                message.drop("Content-Length");
                message.set("Transfer-Encoding", "chunked")
            })
        },
    ),
    cpe(
        "HTTP-016",
        "another connection within the session",
        bases::plain,
        |story| story.other_port(-1, "empty", 0) && story.go_on(5),
    )
    .also(&[(
        "AUTH-013",
        "the nonce of the first connection is used on the second",
    )]),
    cpe(
        "HTTP-017",
        "a new Inform where the session should go on",
        bases::begins_anew,
        as_told,
    ),
    cpe(
        "HTTP-018",
        "the next session on the same connection",
        bases::plain,
        |story| {
            let mut blocks = story.blocks.iter();
            let first = blocks.find(|block| block.session == 2);
            let port = first.map(|block| block.source.port());
            story.remove(2, "fin") && port.is_some_and(|port| story.move_to_port(3, port))
        },
    )
    .also(&[
        ("AUTH-012", "the first POST has no Authorization"),
        ("AUTH-013", "two nonces for one connection"),
    ]),
    cpe(
        "HTTP-019",
        "the answer to a challenge on another connection",
        bases::plain,
        |story| story.other_port(-1, "Inform", 1) && story.go_on(5),
    )
    .also(&[("HTTP-016", "that is a second connection")]),
    cpe(
        "HTTP-020",
        "the answer to a closing challenge on the same connection",
        bases::plain,
        |story| story.set(-1, "401", "Connection", "close"),
    ),
    cpe(
        "HTTP-021",
        "ten seconds are too long to wait",
        bases::impatient,
        as_told,
    ),
    cpe(
        "HTTP-022",
        "a request again in the same session",
        bases::says_again,
        as_told,
    )
    .also(&[
        ("HTTP-055", "the session was dead"),
        ("SESS-001", "it begins with no Inform"),
    ]),
    cpe("HTTP-023", "no cookie", bases::plain, |story| {
        story.unset(-1, "GetParameterValuesResponse", "Cookie")
    }),
    cpe(
        "HTTP-023",
        "no cookie on the next connection",
        bases::moved,
        |story| story.unset(-1, "GetParameterValuesResponse", "Cookie"),
    ),
    cpe("HTTP-024", "one cookie of two", bases::cookies, |story| {
        story.each(-1, "GetParameterValuesResponse", |message| {
            message.set("Cookie", "route=n1")
        })
    }),
    cpe(
        "HTTP-025",
        "the old value of a cookie",
        bases::plain,
        |story| {
            story.add(
                -1,
                "GetParameterValues",
                "Set-Cookie",
                "JSESSIONID=new; Path=/",
            )
        },
    ),
    cpe(
        "HTTP-026",
        "the cookie of the session before",
        bases::plain,
        |story| {
            let mut cookie = String::new();
            story.each(-2, "empty", |message| {
                message
                    .field("Cookie")
                    .unwrap_or_default()
                    .clone_into(&mut cookie);
                true
            });
            story.set(-1, "Inform", "Cookie", &cookie)
        },
    ),
    acs("HTTP-027", "a cookie for a day", bases::plain, |story| {
        story.each(-1, "InformResponse", |message| {
            let value = message.field("Set-Cookie").unwrap_or_default().to_owned();
            message.set("Set-Cookie", &format!("{value}; Max-Age=86400"))
        })
    }),
    cpe(
        "HTTP-028",
        "no cookie behind a redirect",
        bases::redirect,
        |story| story.add(0, "302", "Set-Cookie", "first=1; Path=/"),
    ),
    acs(
        "HTTP-029",
        "a path that is not the ACS's",
        bases::plain,
        |story| {
            story.each(-1, "InformResponse", |message| {
                message.set("Set-Cookie", "other=1; Path=/elsewhere")
            }) && story.unset(-1, "empty", "Cookie")
                && story.unset(-1, "GetParameterValuesResponse", "Cookie")
        },
    ),
    cpe(
        "HTTP-030",
        "GET where a redirect leads",
        bases::redirect,
        |story| {
            story.start(0, "Inform", "POST /second", "GET /second")
                && story.reprove(0, "Inform", |_| ())
        },
    )
    .also(&[("HTTP-002", "a GET with an envelope")]),
    cpe(
        "HTTP-030",
        "another Inform where a redirect leads",
        bases::redirect,
        |story| {
            let redirected = |message: &mut crate::clean::story::Message| {
                message.start.contains("/second")
                    && message.replace("<RetryCount>0<", "<RetryCount>1<")
            };
            story.each(0, "Inform", redirected)
        },
    )
    .also(&[("SESS-028", "a replay keeps the count")]),
    cpe(
        "HTTP-034",
        "no step behind a redirect",
        bases::stops_at_redirect,
        as_told,
    ),
    acs(
        "HTTP-032",
        "a redirect with a page",
        bases::redirect,
        |story| {
            story.each(0, "302", |message| {
                message.body = "<html><body>Moved</body></html>".to_owned();
                message.set("Content-Type", "text/html");
                message.set("Content-Length", "auto")
            })
        },
    ),
    cpe(
        "HTTP-033",
        "the next session goes to where the last was sent",
        bases::keeps_redirect,
        as_told,
    ),
    acs(
        "HTTP-035",
        "a redirect to nowhere",
        bases::redirect,
        |story| story.unset(0, "302", "Location"),
    ),
    acs(
        "HTTP-036",
        "broken XML is answered with 204",
        bases::plain,
        |story| story.swap(-1, "GetParameterValuesResponse", "</soap:Envelope>", ""),
    )
    .also(&[("SOAP-001", "the device's XML is broken")]),
    acs(
        "HTTP-037",
        "a fault with status 400",
        bases::refusing_acs,
        |story| story.start(0, "Fault", "200 OK", "400 Bad Request"),
    )
    .also(&[("HTTP-008", "an envelope that is not in a 200")]),
    cpe(
        "HTTP-038",
        "a POST after 500",
        bases::goes_on_after_500,
        as_told,
    ),
    cpe(
        "HTTP-044",
        "the same port after a reboot",
        bases::reboot,
        |story| {
            let mut blocks = story.blocks.iter();
            let first = blocks.find(|block| block.session == 1);
            let port = first.map(|block| block.source.port());
            port.is_some_and(|port| story.move_to_port(3, port))
        },
    )
    .from(V1_2),
    cpe("HTTP-045", "Latin 1 that is UTF-8", bases::plain, |story| {
        story.set(
            -1,
            "GetParameterValuesResponse",
            "Content-Type",
            "text/xml; charset=iso-8859-1",
        ) && story.swap(
            -1,
            "GetParameterValuesResponse",
            "</Value>",
            "\u{e9}</Value>",
        ) && story.swap(
            -1,
            "GetParameterValuesResponse",
            "<soap:Envelope ",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soap:Envelope ",
        )
    })
    .to(V1_1),
    cpe(
        "HTTP-047",
        "back to the first URL behind a redirect",
        bases::turns_back,
        as_told,
    ),
    cpe(
        "HTTP-055",
        "an answer after the connection broke",
        bases::goes_on_after_reset,
        as_told,
    ),
    acs("AUTH-001", "no challenge", bases::plain, |story| {
        let at = story
            .blocks
            .iter()
            .position(|block| block.session == 2 && block.what == "Inform");
        let Some(at) = at else { return false };
        story.blocks.remove(at);
        story.remove(2, "401") && story.unset(2, "*", "Authorization")
    }),
    acs("AUTH-002", "Basic alone", bases::plain, |story| {
        story.set(
            -1,
            "401",
            "WWW-Authenticate",
            "Basic realm=\"acs.example.net\"",
        );
        let (user, password) = &story.accounts[0].acs;
        let basic = format!("Basic {}", base64(format!("{user}:{password}").as_bytes()));
        story.each(-1, "*", |message| {
            message.field("Authorization").is_some() && message.set("Authorization", &basic)
        })
    }),
    acs("AUTH-003", "a bare 401", bases::plain, |story| {
        story.unset(-1, "401", "WWW-Authenticate")
    }),
    acs(
        "AUTH-004",
        "a challenge without nonce",
        bases::plain,
        |story| {
            story.each(-1, "401", |message| {
                message.set(
                    "WWW-Authenticate",
                    "Digest realm=\"acs.example.net\", qop=\"auth\"",
                )
            })
        },
    )
    .also(&[("AUTH-009", "the device answers with one")]),
    acs(
        "AUTH-004",
        "a challenge without realm",
        bases::plain,
        |story| story.rechallenge(-1, "realm=\"acs.example.net\", ", ""),
    )
    .also(&[("AUTH-009", "the device answers with one")]),
    cpe(
        "AUTH-005",
        "no qop, though it is offered",
        bases::plain,
        |story| {
            story.reprove(-1, "*", |proof| {
                proof.qop.clear();
                proof.nc.clear();
                proof.cnonce.clear();
            })
        },
    ),
    cpe(
        "AUTH-005",
        "a count of seven digits",
        bases::plain,
        |story| {
            story.reprove(-1, "*", |proof| {
                proof.nc.remove(0);
            })
        },
    ),
    cpe("AUTH-006", "the same count twice", bases::plain, |story| {
        story.reprove(-1, "*", |proof| "00000001".clone_into(&mut proof.nc))
    }),
    acs(
        "AUTH-007",
        "an algorithm that nobody has to know",
        bases::plain,
        |story| {
            story.rechallenge(-1, "nonce=", "algorithm=SHA-256, nonce=")
                && story.reprove(-1, "*", |proof| "SHA-256".clone_into(&mut proof.algorithm))
        },
    ),
    cpe(
        "AUTH-008",
        "the uri of another place",
        bases::plain,
        |story| story.reprove(-1, "*", |proof| "/other".clone_into(&mut proof.uri)),
    ),
    cpe("AUTH-009", "no opaque", bases::opaque, |story| {
        story.reprove(-1, "*", |proof| proof.opaque.clear())
    }),
    cpe("AUTH-009", "another realm", bases::plain, |story| {
        story.reprove(-1, "*", |proof| "other".clone_into(&mut proof.realm))
    }),
    cpe("AUTH-010", "a wrong response", bases::plain, |story| {
        story.each(-1, "*", |message| {
            let Some(value) = message.field("Authorization").map(str::to_owned) else {
                return false;
            };
            let Some(at) = value.find("response=\"").map(|at| at + 10) else {
                return false;
            };
            let mut value = value;
            value.replace_range(at..at + 8, "00000000");
            message.set("Authorization", &value)
        })
    }),
    cpe(
        "AUTH-011",
        "the same credentials again and again",
        bases::loops_on_401,
        as_told,
    ),
    cpe(
        "AUTH-012",
        "a POST without Authorization",
        bases::plain,
        |story| story.unset(-1, "empty", "Authorization"),
    ),
    acs(
        "AUTH-013",
        "one nonce for two connections",
        bases::plain,
        |story| {
            let (old, new) = (story.nonce(-2), story.nonce(-1));
            story.rechallenge(-1, &new, &old)
                && story.reprove(-1, "*", |proof| proof.nonce.clone_from(&old))
        },
    )
    .also(&[
        ("SEC-003", "the same, seen as a danger"),
        ("AUTH-006", "the counts begin anew"),
    ]),
    cpe(
        "AUTH-013",
        "one cnonce for two connections",
        bases::plain,
        |story| {
            let mut cnonce = String::new();
            story.reprove(-2, "*", |proof| cnonce.clone_from(&proof.cnonce));
            story.reprove(-1, "*", |proof| proof.cnonce.clone_from(&cnonce))
        },
    ),
    cpe("AUTH-014", "a user called admin", bases::plain, |story| {
        story.rename_user(|_| "admin".to_owned())
    }),
    cpe(
        "AUTH-015",
        "the serial number of another",
        bases::plain,
        |story| story.rename_user(|user| format!("{user}9")),
    )
    .also(&[("AUTH-014", "the format is not kept")]),
    cpe(
        "AUTH-016",
        "two fields, though there is a product class",
        bases::plain,
        |story| story.rename_user(|user| user.replace("-X3-", "-")),
    )
    .also(&[("AUTH-014", "the format is not kept")]),
    cpe(
        "AUTH-018",
        "another RetryCount in the copy",
        bases::plain,
        |story| {
            story.each(-1, "Inform", |message| {
                message.field("Authorization").is_some()
                    && message.replace("<RetryCount>0<", "<RetryCount>1<")
            })
        },
    )
    .also(&[("SESS-028", "a replay keeps the count")]),
    cpe(
        "AUTH-021",
        "MD5-sess is not answered",
        bases::gives_up_on_sess,
        as_told,
    )
    .also(&[("FIELD", "a challenge that is not answered")]),
];
