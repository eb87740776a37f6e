//! `informant serve`: a plain ACS for the bench.

mod judging;
mod page;
mod queue;

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use tokio::net::TcpListener;

use super::arguments::ServeArguments;
use super::exit::{self, Trouble};
use super::output::complain;
use super::replay::audit_at;
use super::replay::recording::Written;
use super::replay::scene::secret_file;
use super::tls::{self, Listens};
use crate::replay::audit::{Audit, Entry};
use crate::replay::bench::{Allowed, Bench, BenchAccount, BenchSetting, BenchTold, Order};
use crate::replay::drive::tls::Listening;
use crate::replay::drive::{self, Clock, Serve, ServeEvent, Served};
use crate::replay::player::DeviceIdentity;
use crate::replay::scenario::Class;
use judging::Judge;
use page::Page;
use queue::Lines;

pub(super) fn run(arguments: &ServeArguments) -> Result<u8, Trouble> {
    let allowed = allowed(&arguments.device)?;
    let account = account(arguments)?;
    let wakes_as = connection_request_account(arguments)?;
    let lines = Lines::read(arguments.queue.as_deref(), &allowed)?;
    let judge = Judge::new(arguments)?;
    let page = Page::open(arguments)?;
    let recording = Written::at(arguments.write.as_deref(), arguments.writing.quiet)?;
    let mut audit = audit_at(&arguments.audit, arguments.writing.quiet)?;
    let clock = Clock::start();
    let setting = BenchSetting {
        allowed: allowed.clone(),
        account,
        silence: arguments.timeout,
        random: Box::new(drive::random),
        wall_clock: Box::new(move |now| clock.wall(now)),
    };
    let bench = Bench::new(setting).map_err(|error| Trouble::Usage(error.to_string()))?;
    let Listens {
        tls,
        key_log,
        remark,
    } = tls::listening(
        &arguments.tls,
        arguments.listen.ip(),
        Some(arguments.timeout),
    )?;
    if let Some(remark) = remark {
        complain(&remark);
    }
    let is_https = tls.is_some();
    let bound = Bound {
        arguments,
        bench,
        allowed,
        wakes_as,
        lines,
        tls,
        clock,
    };
    let (tell, told) = sync_channel(EVENTS_MAX);
    std::thread::scope(|scope| {
        // Judging takes its time: devices are not kept waiting for it.
        let telling = scope.spawn(move || tell_all(&told, judge, page, recording, clock, is_https));
        let served = bound.serve(&mut audit, tell);
        let mut codes = telling.join().unwrap_or_else(|_| vec![exit::DEFECT]);
        codes.extend(after(arguments, served?, &mut audit));
        if let Some(trouble) = key_log.trouble() {
            complain(&trouble.to_string());
            codes.push(trouble.code());
        }
        Ok(exit::first_of(&codes))
    })
}

/// What serving needs, before a socket is opened.
struct Bound<'a> {
    arguments: &'a ServeArguments,
    bench: Bench,
    allowed: Allowed,
    wakes_as: Option<(String, String)>,
    lines: Lines,
    tls: Option<Listening>,
    clock: Clock,
}

impl Bound<'_> {
    fn serve(self, audit: &mut Audit, tell: SyncSender<ServeEvent>) -> Result<Served, Trouble> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Trouble::Peer(format!("sockets cannot be had: {error}")))?;
        runtime.block_on(self.listen(audit, tell))
    }

    async fn listen(
        mut self,
        audit: &mut Audit,
        tell: SyncSender<ServeEvent>,
    ) -> Result<Served, Trouble> {
        let listen = self.arguments.listen;
        let quiet = self.arguments.writing.quiet;
        let listener = TcpListener::bind(listen).await;
        let bound = listener.and_then(|listener| Ok((listener.local_addr()?, listener)));
        let (address, listener) =
            bound.map_err(|error| Trouble::Peer(format!("cannot listen at {listen}: {error}")))?;
        if !quiet {
            let scheme = if self.tls.is_some() { "https" } else { "http" };
            complain(&format!("listening at {scheme}://{address}/"));
        }
        let classes: Vec<Class> = self.arguments.allow.iter().map(|it| it.class()).collect();
        let names: Vec<&'static str> = classes.iter().map(|class| class.name()).collect();
        let devices = self.arguments.device.join(" ");
        let entry = Entry::Begin {
            role: "acs",
            scenario_allows: &[],
            command_line_allows: &names,
            device: Some(devices.as_str()).filter(|devices| !devices.is_empty()),
        };
        audit.note(self.clock.wall(self.clock.now()), "serve", entry);
        let now = self.clock.now();
        for order in std::mem::take(&mut self.lines.orders) {
            self.bench.enqueue(now, order);
        }
        let mut on_event = |event: ServeEvent| match (&event, quiet) {
            (ServeEvent::Told(BenchTold::Said(words)), false) => {
                complain(words);
                ControlFlow::Continue(())
            }
            (ServeEvent::Told(BenchTold::Said(_)), true) => ControlFlow::Continue(()),
            (ServeEvent::Told(BenchTold::Refused { place, why }), _) => {
                complain(&format!("{place}: refused: {why}"));
                ControlFlow::Continue(())
            }
            _ => match tell.send(event) {
                Ok(()) => ControlFlow::Continue(()),
                // Nobody reads on.
                Err(_) => ControlFlow::Break(()),
            },
        };
        let serve = Serve {
            listener,
            tls: self.tls,
            bench: self.bench,
            orders: self.lines.typed(),
            classes,
            allowed: self.allowed,
            account: self.wakes_as,
            audit,
            on_event: &mut on_event,
            sessions_max: self.arguments.count,
            limit: self.arguments.autostop.map(|enough| enough.duration),
            clock: self.clock,
        };
        Ok(drive::serve(serve).await)
    }
}

/// Judges and shows what comes, until nothing more does.
fn tell_all(
    told: &Receiver<ServeEvent>,
    mut judge: Judge<'_>,
    mut page: Page<'_>,
    mut recording: Written,
    clock: Clock,
    is_https: bool,
) -> Vec<u8> {
    let mut codes = BTreeSet::new();
    for event in told {
        let written = match event {
            ServeEvent::Told(BenchTold::Answer {
                device,
                place,
                asked,
                answer,
            }) => page.answer(&device, &place, &asked, &answer),
            ServeEvent::Told(_) => ControlFlow::Continue(()),
            ServeEvent::Loose(recorded) => {
                recording.append(&judge.frames(&recorded, clock));
                ControlFlow::Continue(())
            }
            ServeEvent::Session {
                number,
                device,
                why,
                recorded,
            } => {
                let frames_before = judge.frames_so_far();
                let frames = judge.frames(&recorded, clock);
                recording.append(&frames);
                // A device opened the connection: what it went to is where we are.
                let reached = recorded.events.first().map(|event| event.destination);
                let judged = judge.judge(frames, frames_before, reached.filter(|_| is_https));
                codes.extend(judged.codes(&judge));
                page.session(number, &device, why.as_deref(), recorded.is_cut, &judged)
            }
        };
        if written.is_break() {
            break;
        }
    }
    recording.flush();
    codes.extend(recording.failure().map(|(code, _)| code));
    codes.extend(page.finish());
    codes.into_iter().collect()
}

/// What is told at the end, and the exit codes that it asks for.
fn after(arguments: &ServeArguments, served: Served, audit: &mut Audit) -> Vec<u8> {
    let mut codes = Vec::new();
    if let Some(source) = audit.failure() {
        let path = arguments.audit.display().to_string();
        complain(&Trouble::Output { path, source }.to_string());
        codes.push(exit::FAILURE);
    }
    if let Some(why) = served.failure {
        complain(&why);
        codes.push(exit::FAILURE);
    }
    if served.unasked > 0 && !arguments.writing.quiet {
        let lines = served.unasked;
        complain(&format!("{lines} lines of the queue were not asked"));
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
/// Sessions and answers that wait to be judged and shown; whoever comes then waits too.
const EVENTS_MAX: usize = 16;
/// Lines that wait to be asked, of those that are typed.
const TYPED_MAX: usize = 64;
