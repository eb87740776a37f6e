//! `informant serve`: a plain ACS for the bench.

mod judging;
mod outlet;
mod page;
mod queue;
mod secrets;
mod telling;
mod worker;

use std::net::SocketAddr;

use tokio::net::TcpListener;

use super::arguments::ServeArguments;
use super::exit::{self, Trouble};
use super::output::Sink;
use super::places::Places;
use super::replay::log_at;
use super::replay::recording::Written;
use super::replay::scene::secret_file;
use super::tls::{self, Listens};
use crate::replay::audit::{Audit, Entry};
use crate::replay::bench::{Allowed, Bench, BenchAccount, BenchSetting, Order};
use crate::replay::drive::{self, Clock, Interrupt, Serve, Served};
use crate::replay::player::DeviceIdentity;
use crate::replay::scenario::Class;
use crate::report::text;
use judging::Judge;
use outlet::{Complaints, Outlet, Pages};
use page::Page;
use queue::Lines;
use secrets::{Secrets, Veiled};
use telling::{Teller, Telling};

pub(super) fn run(arguments: &ServeArguments) -> Result<u8, Trouble> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Trouble::Peer(format!("sockets cannot be had: {error}")))?;
    Ok(runtime.block_on(async {
        let secrets = Secrets::new(arguments.writing.show_secrets);
        let complaints = Complaints::begin(secrets.clone());
        let said = complaints.outlet();
        let code = all(arguments, &secrets, said)
            .await
            .unwrap_or_else(|trouble| {
                said.complain(&trouble.to_string());
                trouble.code()
            });
        complaints.end().await;
        code
    }))
}

/// What serving needs, before a socket is opened.
struct Needs<'a> {
    arguments: &'a ServeArguments,
    secrets: &'a Secrets,
    complaints: &'a Outlet,
    bench: Bench,
    allowed: Allowed,
    wakes_as: Option<(String, String)>,
    lines: Lines,
    listens: Listens,
    audit: Audit,
    teller: Teller,
    sink: Sink,
    clock: Clock,
}

impl<'a> Needs<'a> {
    fn of(
        arguments: &'a ServeArguments,
        secrets: &'a Secrets,
        complaints: &'a Outlet,
    ) -> Result<Self, Trouble> {
        let quiet = arguments.writing.quiet;
        let say = complaints.clone();
        let complain = move |text: &str| say.complain(text);
        let mut places = places(arguments);
        places.are_apart()?;
        let allowed = allowed(&arguments.device)?;
        let account = account(arguments)?;
        let wakes_as = connection_request_account(arguments)?;
        let passwords = account.iter().map(|account| account.password.clone());
        let of_waking = wakes_as.iter().map(|(_, password)| password.clone());
        secrets.learn(passwords.chain(of_waking).collect());
        let lines = Lines::read(arguments.queue.as_deref(), &allowed, secrets)?;
        places.read("xml", &lines.files);
        places.are_apart()?;
        let judge = Judge::new(arguments)?;
        let sink = Sink::open(&arguments.writing, &[])?;
        let recording = Written::at(
            arguments.write.as_deref(),
            quiet,
            Box::new(complain.clone()),
        )?;
        let log = Veiled {
            out: log_at(&arguments.audit, quiet, &complain)?,
            secrets: secrets.clone(),
        };
        let audit = Audit::new(Box::new(log));
        let clock = Clock::start();
        let setting = BenchSetting {
            allowed: allowed.clone(),
            account,
            silence: arguments.timeout,
            random: Box::new(drive::random),
            wall_clock: Box::new(move |now| clock.wall(now)),
        };
        let bench = Bench::new(setting).map_err(|error| Trouble::Usage(error.to_string()))?;
        let (address, patience) = (arguments.listen.ip(), Some(arguments.timeout));
        let listens = tls::listening(&arguments.tls, address, patience)?;
        if let Some(remark) = &listens.remark {
            complain(remark);
        }
        let teller = Teller {
            judge,
            page: Page::of(arguments),
            recording,
            secrets: secrets.clone(),
            clock,
            is_https: listens.tls.is_some(),
            is_quiet: quiet,
        };
        Ok(Self {
            arguments,
            secrets,
            complaints,
            bench,
            allowed,
            wakes_as,
            lines,
            listens,
            audit,
            teller,
            sink,
            clock,
        })
    }

    /// Serves; the exit codes that it comes to.
    async fn serve(mut self, listener: TcpListener, address: SocketAddr) -> Vec<u8> {
        let (arguments, complaints) = (self.arguments, self.complaints);
        // From the time on that it is known to listen, a signal ends it well.
        let interrupt = Interrupt::listen();
        let pages = Pages::begin(self.sink, self.secrets.clone(), complaints);
        let telling = Telling::begin(self.teller, pages, complaints);
        if !arguments.writing.quiet {
            let scheme = if self.listens.tls.is_some() {
                "https"
            } else {
                "http"
            };
            complaints.complain(&format!("listening at {scheme}://{address}/"));
        }
        let classes: Vec<Class> = arguments.allow.iter().map(|it| it.class()).collect();
        begin_log(&mut self.audit, arguments, &classes, self.clock);
        let now = self.clock.now();
        for order in std::mem::take(&mut self.lines.orders) {
            self.bench.enqueue(now, order);
        }
        let mut on_event = |event| telling.tell(event);
        let serve = Serve {
            listener,
            tls: self.listens.tls,
            bench: self.bench,
            orders: self.lines.typed(complaints),
            classes,
            allowed: self.allowed,
            account: self.wakes_as,
            audit: &mut self.audit,
            on_event: &mut on_event,
            sessions_max: arguments.count,
            limit: arguments.autostop.map(|enough| enough.duration),
            clock: self.clock,
            interrupt,
        };
        let served = drive::serve(serve).await;
        let mut codes = telling.end().await;
        codes.extend(after(arguments, served, &mut self.audit, complaints));
        if let Some(trouble) = self.listens.key_log.trouble() {
            complaints.complain(&trouble.to_string());
            codes.push(trouble.code());
        }
        codes
    }
}

/// All of it: the exit code.
async fn all(
    arguments: &ServeArguments,
    secrets: &Secrets,
    complaints: &Outlet,
) -> Result<u8, Trouble> {
    let needs = Needs::of(arguments, secrets, complaints)?;
    let listen = arguments.listen;
    let listener = TcpListener::bind(listen).await;
    let bound = listener.and_then(|listener| Ok((listener.local_addr()?, listener)));
    let (address, listener) =
        bound.map_err(|error| Trouble::Peer(format!("cannot listen at {listen}: {error}")))?;
    Ok(exit::first_of(&needs.serve(listener, address).await))
}

fn places(arguments: &ServeArguments) -> Places {
    let mut places = Places::default();
    places.read("--queue", &arguments.queue);
    places.read("--password-file", &arguments.password_file);
    places.judging(&arguments.judging, arguments.baseline.as_ref());
    places.output(&arguments.writing);
    places.written("-w", arguments.write.as_ref());
    places.written("--audit", Some(&arguments.audit));
    places.listening(&arguments.tls);
    places
}

/// Says in the log what begins.
fn begin_log(audit: &mut Audit, arguments: &ServeArguments, classes: &[Class], clock: Clock) {
    let names: Vec<&'static str> = classes.iter().map(|class| class.name()).collect();
    let devices = arguments.device.join(" ");
    let entry = Entry::Begin {
        role: "acs",
        scenario_allows: &[],
        command_line_allows: &names,
        device: Some(devices.as_str()).filter(|devices| !devices.is_empty()),
    };
    audit.note(clock.wall(clock.now()), "serve", entry);
}

/// What is told at the end, and the exit codes that it asks for.
fn after(
    arguments: &ServeArguments,
    served: Served,
    audit: &mut Audit,
    complaints: &Outlet,
) -> Vec<u8> {
    let mut codes = Vec::new();
    if let Some(source) = audit.failure() {
        let path = arguments.audit.display().to_string();
        complaints.complain(&Trouble::Output { path, source }.to_string());
        codes.push(exit::FAILURE);
    }
    if let Some(why) = served.failure {
        complaints.complain(&why);
        codes.push(exit::FAILURE);
    }
    if served.unasked > 0 && !arguments.writing.quiet {
        let (one, many) = ("line of the queue was", "lines of the queue were");
        let lines = text::counted(served.unasked as u64, one, many);
        complaints.complain(&format!("{lines} not asked"));
    }
    if served.refused > 0 {
        codes.push(exit::REFUSED);
    }
    codes
}

fn allowed(devices: &[String]) -> Result<Allowed, Trouble> {
    for device in devices {
        let is_pattern = device.contains(['*', '?']);
        if !is_pattern && DeviceIdentity::of_id(device).is_none() {
            return Err(Trouble::Usage(format!(
                "--device {device}: a device is OUI-SerialNumber or OUI-ProductClass-SerialNumber, as `informant list` shows it; \
                 `*` and `?` stand for anything and for one character"
            )));
        }
    }
    Ok(Allowed::new(devices.to_vec()))
}

/// What devices have to show. A password never stands on the command line, where other users of the machine see it.
fn account(arguments: &ServeArguments) -> Result<Option<BenchAccount>, Trouble> {
    let Some(user) = &arguments.user else {
        return Ok(None);
    };
    let variable = &arguments.password_env;
    let password = match &arguments.password_file {
        Some(file) => secret_file(file)?,
        None => std::env::var(variable).map_err(|_| {
            Trouble::Usage(format!(
                "--user {user} needs a password: put it into the environment variable {variable}, or name its file with \
                 --password-file"
            ))
        })?,
    };
    Ok(Some(BenchAccount {
        scheme: arguments.scheme.scheme(),
        user: user.clone(),
        password,
    }))
}

fn connection_request_account(
    arguments: &ServeArguments,
) -> Result<Option<(String, String)>, Trouble> {
    let Some(user) = &arguments.connection_request_user else {
        return Ok(None);
    };
    let password = std::env::var(CONNECTION_REQUEST_PASSWORD).map_err(|_| {
        Trouble::Usage(format!(
            "--connection-request-user {user} needs a password: put it into the environment variable {CONNECTION_REQUEST_PASSWORD}"
        ))
    })?;
    Ok(Some((user.clone(), password)))
}

const CONNECTION_REQUEST_PASSWORD: &str = "INFORMANT_CONNECTION_REQUEST_PASSWORD";
/// Lines that wait to be asked, of those that are typed.
const TYPED_MAX: usize = 64;
