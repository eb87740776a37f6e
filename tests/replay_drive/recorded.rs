//! What phones and servers really say is judged for what it is: tolerance where it does no harm.

use informant::pipeline::Options;
use informant::replay::guard::classify;
use informant::replay::scenario::Class;
use informant::session::{Role, Side};

use super::recordings::every_capture;
use super::support::analyse_files;

/// What a method is by its name, for those that stand in captures.
fn expected(method: &str) -> Class {
    match method {
        "SetParameterValues" | "AddObject" | "SetParameterAttributes" => Class::Set,
        "Reboot" | "DeleteObject" | "Upload" | "ScheduleInform" => Class::Disrupt,
        "Download" | "FactoryReset" => Class::Destroy,
        _ => Class::Read,
    }
}

#[test]
fn recorded_messages_have_the_class_of_their_method() {
    let mut seen = 0;
    let mut odd = Vec::new();
    for path in every_capture() {
        let options = Options {
            messages: true,
            raw_bodies: true,
            ..Options::default()
        };
        for message in analyse_files(&[&path], &options).messages {
            if message.role != Role::Cwmp || !message.http.body_complete {
                continue;
            }
            let mut methods = Vec::new();
            for envelope in message.soap.iter().flat_map(cwmp::Document::envelope_refs) {
                methods.extend(envelope.message_name());
            }
            let wanted = methods
                .iter()
                .map(|it| expected(it))
                .max()
                .unwrap_or(Class::Read);
            let writes_management = wanted > Class::Read
                && message
                    .http
                    .body()
                    .windows(17)
                    .any(|at| at == b"ManagementServer.");
            let wanted = if writes_management {
                Class::Destroy
            } else {
                wanted
            };
            let got = classify(&message.http.raw);
            seen += 1;
            if got.class != wanted {
                let from = if message.from == Side::Cpe {
                    "cpe"
                } else {
                    "acs"
                };
                odd.push(format!("{} {from} {methods:?}: {got:?}", path.display()));
            }
        }
    }
    eprintln!("{seen} messages");
    assert!(
        odd.is_empty(),
        "{} of {seen}:\n{}",
        odd.len(),
        odd.join("\n")
    );
}
