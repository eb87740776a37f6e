//! HTTP Connection Requests (TR-069 Amendment 3 section 3.2.2): one that works, and each way in which one fails.

use super::Plot;
use super::actors::{AASTRA, Account, Device, GRANDSTREAM, SNOM, YEALINK};
use super::ring::{Says, Style};
use super::telling::{ACS, Telling, View};
use Says::{Challenge, Status};

pub const PLOTS: [Plot; 8] = [
    Plot {
        name: "http-request-works",
        day: 0,
        view: View::BesidePhone,
        title: "An HTTP Connection Request that works",
        text: "A phone starts and tells where it listens. Forty seconds later the ACS asks for a session: the phone challenges, in a\n\
               header folded over two lines, accepts the answer with 200, and is there four seconds later.",
        tell: works,
    },
    Plot {
        name: "http-request-busy",
        day: 1,
        view: View::BesidePhone,
        title: "An HTTP Connection Request to a phone that is in a session",
        text: "The ACS wants a session of a phone that is in one already, on a connection of its own: 503, and no session follows\n\
               (TR-069 Amendment 3 section 3.2.2 allows that).",
        tell: busy,
    },
    Plot {
        name: "http-request-refused",
        day: 2,
        view: View::BesidePhone,
        title: "An HTTP Connection Request with the wrong password",
        text: "The ACS answers the phone's challenge with another password than the phone has. It is challenged again and again, and\n\
               gives up. `credentials.toml` has the phone's password; the ACS used `ring-outdated`.",
        tell: refused,
    },
    Plot {
        name: "http-request-wrong-path",
        day: 3,
        view: View::BesidePhone,
        title: "An HTTP Connection Request to a URL that has changed",
        text: "With each start this phone listens at another path, and says so in its Inform. It restarts, and the ACS still asks at\n\
               the path of before: 404.",
        tell: wrong_path,
    },
    Plot {
        name: "http-request-no-session",
        day: 4,
        view: View::BesidePhone,
        title: "An HTTP Connection Request that is accepted, and no session comes",
        text: "The phone accepts with 200 and has 30 seconds to come (TR-069 Amendment 3 section 3.2.2). The capture goes on for a\n\
               minute, with the phone alive in it, and no session comes.",
        tell: no_session,
    },
    Plot {
        name: "http-request-never-arrived",
        day: 5,
        view: View::BesideAcs,
        title: "An HTTP Connection Request that no NAT lets through",
        text: "A phone behind a NAT reports the only address it knows, 192.168.1.20, as its ConnectionRequestURL. Seen at the ACS: its\n\
               SYN, sent again after 1, 3 and 7 seconds, and nothing that comes back.",
        tell: never_arrived,
    },
    Plot {
        name: "http-request-reset",
        day: 6,
        view: View::BesidePhone,
        title: "An HTTP Connection Request that is refused by TCP",
        text: "Nothing listens at the port that the phone reported: each SYN is answered with RST. The ACS tries again ten seconds\n\
               later, and gives up.",
        tell: reset,
    },
    Plot {
        name: "http-request-bare-lf",
        day: 7,
        view: View::BesidePhone,
        title: "An HTTP Connection Request with Basic and bare line feeds",
        text: "This phone ends the lines of its answers with LF alone and challenges with Basic, which TR-069 does not allow. The ACS\n\
               takes it as it is, and the session comes.",
        tell: bare_lf,
    },
];

fn works(told: &mut Telling) -> Vec<Device> {
    let mut phone = Device::new(&YEALINK, "0015650A1B21", [192, 0, 2, 21], "heron");
    started(told, &mut phone);
    told.pass_s(&phone, 40);
    let asked = ring(
        told,
        &phone,
        &phone.connection_request,
        Style::Folded,
        &[Challenge, Status("200 OK")],
    );
    told.scene.wait_us(3_800_000);
    arrived(told, &mut phone, asked);
    vec![phone]
}

fn busy(told: &mut Telling) -> Vec<Device> {
    let mut phone = Device::new(&GRANDSTREAM, "000B82AABBCC", [192, 0, 2, 22], "otter");
    let first = told.next();
    let mut session = told.begin(&mut phone, &["2 PERIODIC"]);
    let paths = session
        .dialect()
        .paths(&["Device.DeviceInfo.SoftwareVersion"]);
    told.ask(&mut session, "GetParameterValues", &paths);
    told.mark(
        first,
        "the periodic session, while the phone looks up what it is asked",
    );
    told.scene.wait_us(300_000);
    let asked = ring(
        told,
        &phone,
        &phone.connection_request,
        Style::OneLine,
        &[Challenge, Status("503 Service Unavailable")],
    );
    told.verdict(asked, "busy", &["in_session"]);
    let first = told.next();
    let version = super::soap::parameter(
        "Device.DeviceInfo.SoftwareVersion",
        "string",
        phone.make.software,
    );
    let values = session.dialect().values(&[version]);
    told.answer(&mut session, "GetParameterValuesResponse", &values);
    told.end(session);
    told.mark(first, "the periodic session goes on to its end");
    nothing(told, &phone, 45);
    vec![phone]
}

fn refused(told: &mut Telling) -> Vec<Device> {
    let mut phone = Device::new(&AASTRA, "00085D3C4D23", [192, 0, 2, 23], "raven");
    started(told, &mut phone);
    told.pass_s(&phone, 15);
    let wrong = Account::new(&phone.connection_request.user_name, "ring-outdated");
    told.truth.secrets.push(wrong.password.clone());
    let asked = ring(
        told,
        &phone,
        &wrong,
        Style::OneLine,
        &[Challenge, Challenge, Challenge],
    );
    told.verdict(
        asked,
        "refused",
        &["bad_credentials", "credentials_refused"],
    );
    nothing(told, &phone, 45);
    vec![phone]
}

fn wrong_path(told: &mut Telling) -> Vec<Device> {
    let mut phone = Device::new(&SNOM, "0004135E6F24", [192, 0, 2, 24], "maple");
    phone.path = "/cr-5d21e0".to_owned();
    started(told, &mut phone);
    told.pass_s(&phone, 50);
    let before = std::mem::replace(&mut phone.path, "/cr-b94f37".to_owned());
    phone.nonce = None;
    let first = told.next();
    told.session(&mut phone, &["1 BOOT"]);
    told.mark(
        first,
        "it has restarted: its ConnectionRequestURL now ends with /cr-b94f37",
    );
    told.pass_s(&phone, 20);
    let now = std::mem::replace(&mut phone.path, before);
    let asked = ring(
        told,
        &phone,
        &phone.connection_request,
        Style::OneLine,
        &[Status("404 Not Found")],
    );
    told.verdict(asked, "refused", &["wrong_url", "status"]);
    phone.path = now;
    nothing(told, &phone, 45);
    vec![phone]
}

fn no_session(told: &mut Telling) -> Vec<Device> {
    let mut phone = Device::new(&GRANDSTREAM, "000B82AABB25", [192, 0, 2, 25], "cedar");
    started(told, &mut phone);
    told.pass_s(&phone, 25);
    let asked = ring(
        told,
        &phone,
        &phone.connection_request,
        Style::OneLine,
        &[Challenge, Status("200 OK")],
    );
    told.verdict(asked, "no_session", &[]);
    nothing(told, &phone, 65);
    vec![phone]
}

fn never_arrived(told: &mut Telling) -> Vec<Device> {
    let mut phone = Device::new(&SNOM, "0004135E6F26", [192, 168, 1, 20], "linnet")
        .behind([203, 0, 113, 26], None);
    started(told, &mut phone);
    told.pass_s(&phone, 30);
    let first = told.next();
    let port = told.acs_port();
    let (from, to) = (told.server(ACS, port), told.http_port(&phone));
    told.truth.connections += 1;
    told.scene.knock(from, to);
    told.mark(first, "the SYN to 192.168.1.20:7547, four times; no answer");
    told.verdict(first, "never_arrived", &["no_answer"]);
    nothing(told, &phone, 45);
    vec![phone]
}

fn reset(told: &mut Telling) -> Vec<Device> {
    let mut phone = Device::new(&YEALINK, "0015650A1B27", [192, 0, 2, 27], "finch");
    started(told, &mut phone);
    told.pass_s(&phone, 30);
    for again in [false, true] {
        if again {
            told.pass_s(&phone, 10);
        }
        let first = told.next();
        let port = told.acs_port();
        let (from, to) = (told.server(ACS, port), told.http_port(&phone));
        told.truth.connections += 1;
        told.scene.refuse(from, to);
        told.mark(first, "SYN, and RST of the phone");
        // A server that tries again so soon asks for the same thing.
        if !again {
            told.verdict(first, "refused", &["reset"]);
        }
    }
    nothing(told, &phone, 40);
    vec![phone]
}

fn bare_lf(told: &mut Telling) -> Vec<Device> {
    let mut phone = Device::new(&AASTRA, "00085D3C4D28", [192, 0, 2, 28], "tawny");
    started(told, &mut phone);
    told.pass_s(&phone, 20);
    let asked = ring(
        told,
        &phone,
        &phone.connection_request,
        Style::BareLf,
        &[Challenge, Status("200 OK")],
    );
    told.scene.wait_us(1_500_000);
    arrived(told, &mut phone, asked);
    vec![phone]
}

fn ring(told: &mut Telling, phone: &Device, account: &Account, style: Style, says: &[Says]) -> u64 {
    let to = told.http_port(phone);
    told.ring(phone, to, account, style, says)
}

/// The session after a start, in which the phone says where it listens.
fn started(told: &mut Telling, phone: &mut Device) {
    let first = told.next();
    told.session(phone, &["1 BOOT"]);
    let text = format!(
        "the phone starts; its ConnectionRequestURL is {}",
        phone.connection_request_url()
    );
    told.mark(first, &text);
}

/// The session that the request in this frame asked for.
pub fn arrived(told: &mut Telling, phone: &mut Device, asked: u64) {
    let first = told.next();
    told.session_about_the_line(phone, &["6 CONNECTION REQUEST"]);
    told.verdict(asked, "session", &[]);
    told.mark(
        first,
        "the session that it brings, with `6 CONNECTION REQUEST`",
    );
}

/// Time in which a session could come and none does.
pub fn nothing(told: &mut Telling, phone: &Device, seconds: u64) {
    let first = told.next();
    told.pass_and_show_s(phone, seconds);
    told.mark(first, &format!("{seconds} seconds more without a session"));
}
