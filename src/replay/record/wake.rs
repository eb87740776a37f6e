//! The Connection Request that set a session off, as a step of its own.

use std::time::Duration;

use super::plan::Plan;
use crate::replay::scenario::{Act, ActionStep, Role, Step, Via};
use crate::session::{
    ConnectionRequest, ConnectionRequestCarrier, Datagram, Masking, Message, Role as Purpose,
};

/// How a session was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wake {
    /// By HTTP or by UDP.
    pub via: Via,
    /// The URL, or `host:port`, that it went to.
    pub url: String,
    /// The user that it named.
    pub username: Option<String>,
    /// By UDP: how many copies there were, and how long after each other.
    pub copies: Option<(u32, Duration)>,
}

impl Wake {
    /// Of the Connection Request that set a session off, with its HTTP messages or its datagrams.
    #[must_use]
    pub fn of(request: &ConnectionRequest, legs: &[Message], datagrams: &[&Datagram]) -> Self {
        match request.carrier {
            ConnectionRequestCarrier::Http => Self {
                via: Via::Http,
                url: url(request, legs),
                username: legs.iter().find_map(|leg| leg.authorization()?.user_name),
                copies: None,
            },
            ConnectionRequestCarrier::Udp => Self {
                via: Via::Udp,
                url: request.destination.to_string(),
                username: datagrams.iter().find_map(|datagram| {
                    let asked = datagram.connection_request()?;
                    let user = asked.value(stun::ucr::Name::Username)?;
                    Some(String::from_utf8_lossy(&user).into_owned())
                }),
                copies: copies(datagrams),
            },
        }
    }

    /// The step that asks for it, or waits to be asked; `told` is where the device says that it listens.
    pub(super) fn step(
        &self,
        told: Option<&str>,
        plan: &mut Plan<'_>,
        after: Option<Duration>,
    ) -> Step {
        let role = plan.role;
        let (name, what) = match self.via {
            Via::Http => (
                "connection_request_url",
                "the ConnectionRequestURL of the device",
            ),
            Via::Udp => (
                "udp_connection_request_address",
                "the UDPConnectionRequestAddress of the device",
            ),
        };
        let variables = &mut plan.variables;
        let shown = told.unwrap_or(&self.url);
        let shown = Masking::default().target(shown.as_bytes()).into_owned();
        let shown = String::from_utf8_lossy(&shown).into_owned();
        let url = match role {
            Role::Acs => variables.captured(name, "", &shown, what),
            Role::Cpe => variables.value(name, "", &shown, what),
        };
        let user = self.username.as_deref().filter(|user| !user.is_empty());
        let account = user.map(|user| {
            let what = "the user of the Connection Request";
            let user = variables.value("connection_request_username", "", user, what);
            let place = "the password of the Connection Request";
            let password = variables.secret("connection_request_password", "", place);
            (user, password)
        });
        let quoted = |name: String| format!("{{{{{name}}}}}");
        let (username, password) = account.map_or((None, None), |(user, password)| {
            (Some(quoted(user)), Some(quoted(password)))
        });
        Step {
            act: Act::Action(ActionStep::ConnectionRequest {
                url: quoted(url),
                via: self.via,
                username,
                password,
            }),
            after,
        }
    }
}

/// Copies of the first request, and the time between them.
fn copies(datagrams: &[&Datagram]) -> Option<(u32, Duration)> {
    let first = datagrams.first()?;
    let same = |it: &&&Datagram| it.payload == first.payload;
    let times = datagrams.iter().filter(same).map(|it| it.time.nanoseconds);
    let (count, last) = times.fold((0_u32, 0), |(count, _), time| {
        (count.saturating_add(1), time)
    });
    let gaps = i64::from(count.saturating_sub(1)).max(1);
    let between_ns = last.saturating_sub(first.time.nanoseconds) / gaps;
    let between_ms = u64::try_from(between_ns).unwrap_or_default() / 1_000_000;
    let between = Duration::from_millis(between_ms.min(COPY_AFTER_MS_MAX));
    Some((count.clamp(1, COPIES_MAX), between))
}

fn url(request: &ConnectionRequest, legs: &[Message]) -> String {
    let asked = legs
        .iter()
        .find(|leg| leg.role == Purpose::ConnectionRequest && !leg.http.target().is_empty());
    let target = asked.map(|leg| String::from_utf8_lossy(leg.http.target()));
    let target = target.as_deref().unwrap_or("/");
    if target.starts_with('/') {
        format!("http://{}{target}", request.destination)
    } else {
        target.to_owned()
    }
}

/// As many as a scenario takes.
const COPIES_MAX: u32 = 16;
/// Copies that came later than this after each other are no loss to be allowed for.
const COPY_AFTER_MS_MAX: u64 = 5000;
