//! `informant replay`: recorded sessions, played back.

mod causes;
mod judging;
mod output;
mod own_words;
mod patient;
pub(super) mod recording;
pub(super) mod scene;
mod seat;
mod strangers;
mod stun;
pub(super) mod veil;

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use super::arguments::{Playing, ReplayCommand};
use super::exit::Trouble;
use super::output::complain;
use super::places::Places;
use crate::replay::audit::{Audit, Entry};
use crate::replay::drive::{self, Clock, Drive, Interrupt};
use crate::replay::guard::Guard;
use crate::replay::plan;
use crate::replay::player::{DeviceIdentity, Player, PlayerError, PlayerSetting, Speed};
use crate::replay::scenario::{Act, Class, Role, Step};
use causes::Causes;
use judging::Judge;
use output::{Played, Report};
use recording::Recording;
use scene::Scene;
use seat::Seating;
use strangers::Strangers;

pub(super) fn run(command: &ReplayCommand) -> Result<u8, Trouble> {
    let (role, playing) = match command {
        ReplayCommand::Acs(arguments) => (Role::Acs, &arguments.playing),
        ReplayCommand::Cpe(arguments) => (Role::Cpe, &arguments.playing),
    };
    let allowed: Vec<Class> = playing.allow.iter().map(|class| class.class()).collect();
    let device = device(playing)?;
    let scenes = scene::read(playing, role)?;
    places(command, playing, &scenes).are_apart()?;
    if playing.dry_run {
        let plans: Vec<_> = scenes
            .iter()
            .map(|scene| {
                (
                    scene.name.as_str(),
                    plan::plan(&scene.scenario, &scene.guard(&allowed, playing)),
                )
            })
            .collect();
        return output::plans(&plans, playing);
    }
    let seating = Seating::of(command)?;
    let report = Report::open(playing, &scenes)?;
    let run = Run {
        playing,
        role,
        allowed,
        device,
        audit: audit(playing)?,
        judge: Judge::new(playing)?,
        recording: Recording::open(playing)?,
        strangers: Strangers::default(),
        report,
        causes: Causes::default(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Trouble::Peer(format!("sockets cannot be had: {error}")))?;
    runtime.block_on(run.all(&scenes, seating))
}

/// Scenarios are read, and are no place for what is written.
fn places(command: &ReplayCommand, playing: &Playing, scenes: &[Scene]) -> Places {
    let mut places = Places::default();
    for scene in scenes {
        places.read("DIR", &scene.files());
    }
    places.judging(&playing.judging, playing.baseline.as_ref());
    places.output(&playing.writing);
    places.written("-w", playing.write.as_ref());
    places.written("--audit", Some(&playing.audit));
    match command {
        ReplayCommand::Acs(arguments) => places.listening(&arguments.tls),
        ReplayCommand::Cpe(arguments) => {
            let tls = &arguments.tls;
            places.read("--tls-ca", &tls.tls_ca);
            places.read("--tls-client-cert", &tls.tls_client_cert);
            places.read("--tls-client-key", &tls.tls_client_key);
            places.written("--keylog-out", tls.both.keylog_out.as_ref());
        }
    }
    places
}

fn device(playing: &Playing) -> Result<Option<DeviceIdentity>, Trouble> {
    let Some(id) = &playing.device else {
        return Ok(None);
    };
    let device = DeviceIdentity::of_id(id).ok_or_else(|| {
        Trouble::Usage(format!(
            "--device {id}: a device is OUI-SerialNumber or OUI-ProductClass-SerialNumber, as `informant list` shows it"
        ))
    })?;
    Ok(Some(device))
}

fn audit(playing: &Playing) -> Result<Audit, Trouble> {
    let log = log_at(&playing.audit, playing.writing.quiet, &complain)?;
    Ok(Audit::new(log))
}

/// The audit log is appended to, and where it cannot be written nothing is sent.
pub(super) fn log_at(
    path: &Path,
    quiet: bool,
    complain: &dyn Fn(&str),
) -> Result<Box<dyn Write + Send>, Trouble> {
    let append: patient::Opening = |path| OpenOptions::new().create(true).append(true).open(path);
    let log = patient::open(path, append, complain).map_err(|source| Trouble::Output {
        path: path.display().to_string(),
        source,
    })?;
    if !quiet {
        complain(&format!("the audit log is {}", path.display()));
    }
    Ok(log)
}

/// All scenarios, as often as they are wanted.
struct Run<'a> {
    playing: &'a Playing,
    role: Role,
    allowed: Vec<Class>,
    device: Option<DeviceIdentity>,
    audit: Audit,
    judge: Judge<'a>,
    recording: Recording,
    strangers: Strangers,
    report: Report<'a>,
    causes: Causes,
}

impl Run<'_> {
    async fn all(mut self, scenes: &[Scene], seating: Seating) -> Result<u8, Trouble> {
        // From the time on that it is known to listen, a signal ends it well.
        let mut interrupt = Interrupt::listen();
        let mut seating = seating.sit().await?;
        'all: for _ in 0..self.playing.times {
            for scene in scenes {
                let played = self.one(scene, &mut seating, &mut interrupt).await;
                // What the others came to is told all the same.
                let interrupted = played.unwrap_or_else(|trouble| {
                    complain(&trouble.to_string());
                    self.causes.add(trouble.code(), trouble.to_string());
                    false
                });
                if interrupted || self.audit.has_failed() {
                    break 'all;
                }
            }
        }
        if let Some(source) = self.audit.failure() {
            let path = self.playing.audit.display().to_string();
            let trouble = Trouble::Output { path, source };
            complain(&trouble.to_string());
            self.causes.add(trouble.code(), trouble.to_string());
        }
        if let Some(trouble) = seating.trouble() {
            complain(&trouble.to_string());
            self.causes.add(trouble.code(), trouble.to_string());
        }
        if let Some((code, why)) = self.recording.written().failure() {
            self.causes.add(code, why);
        }
        let judged = self
            .judge
            .judge(self.role, self.recording, &self.strangers, seating.opened());
        Ok(self.report.finish(judged, self.causes))
    }

    /// Plays one scenario once; whether it was interrupted.
    async fn one(
        &mut self,
        scene: &Scene,
        seating: &mut seat::Seated,
        interrupt: &mut Interrupt,
    ) -> Result<bool, Trouble> {
        let recorded = || scene.scenario.identity.device.clone();
        let device = self.device.as_ref().map(DeviceIdentity::id);
        seating.serves(device.or_else(recorded).as_deref());
        let told = seating.prepare(scene).await?;
        let waits = |step: &Step| matches!(step.act, Act::Action(_));
        if self.role == Role::Cpe
            && !self.playing.writing.quiet
            && scene.scenario.steps.iter().any(waits)
        {
            let places: Vec<&str> = told.values.values().map(String::as_str).collect();
            complain(&format!(
                "Connection Requests come to {}",
                places.join(", ")
            ));
        }
        let clock = Clock::start();
        let mut values = scene.values.clone();
        values.extend(told.values);
        let setting = PlayerSetting {
            values,
            device: self.device.clone(),
            impersonate_recorded: seating.impersonates(),
            target: seating.target(scene),
            speed: self.playing.speed,
            timeout: self.playing.timeout,
            files: told.files,
            random: Box::new(drive::random),
            wall_clock: Box::new(move |now| clock.wall(now)),
        };
        let player = Player::new(scene.scenario.clone(), &scene.name, setting)
            .map_err(|error| unplayable(scene, &error))?;
        let guard = self.begin(scene, seating, clock);
        let (recording, strangers) = (&mut self.recording, &mut self.strangers);
        let drive = Drive {
            name: &scene.name,
            guard,
            audit: &mut self.audit,
            on_event: &mut |event| {
                recording.note(&clock, &event);
                strangers.note(event.connection, recording.frames());
            },
            limit: limit(&scene.scenario.steps, scene, self.playing)
                .saturating_add(seating.finds_binding()),
            clock,
            interrupt,
        };
        let played = drive::play(player, seating.seat(), drive).await;
        if !self.playing.writing.quiet {
            let notes = played.notes.iter();
            notes.for_each(|note| complain(&format!("{}: {note}", scene.name)));
        }
        seating.remember(played.reachable);
        self.strangers.over(&played.strangers);
        self.recording.written().flush();
        let (began, last_frame) = (clock.wall(Duration::ZERO), self.recording.frames());
        self.report
            .add(Played::new(played.replayed, began, last_frame));
        Ok(played.interrupted)
    }

    /// Says in the log what begins, and sets up the guard.
    fn begin(&mut self, scene: &Scene, seating: &seat::Seated, clock: Clock) -> Guard {
        let mut guard = scene.guard(&self.allowed, self.playing);
        for own in seating.own() {
            guard.own(&own);
        }
        let names =
            |classes: &[Class]| classes.iter().map(|class| class.name()).collect::<Vec<_>>();
        let entry = Entry::Begin {
            role: self.role.name(),
            scenario_allows: &names(&scene.scenario.safety.allow),
            command_line_allows: &names(&self.allowed),
            device: self.playing.device.as_deref(),
        };
        self.audit.note(clock.wall(clock.now()), &scene.name, entry);
        guard
    }
}

/// Why a scenario cannot be played as the command line has it, and what would help.
fn unplayable(scene: &Scene, error: &PlayerError) -> Trouble {
    let remedy = match error {
        PlayerError::Unfilled { name, .. } if name == "connection_request_url" => {
            "; --connection-request URL says where the device is woken"
        }
        PlayerError::Unfilled { name, .. } if name == seat::WAKE_UDP => {
            "; --stun ADDRESS:PORT finds where the device is woken"
        }
        _ => "",
    };
    Trouble::Usage(format!("{}: {error}{remedy}", scene.path.display()))
}

/// The longest that a scenario may take: what its steps may, one after the other, with some time to spare.
fn limit(steps: &[Step], scene: &Scene, playing: &Playing) -> Duration {
    let usual = playing.timeout.unwrap_or(scene.scenario.defaults.timeout);
    let each = steps.iter().map(|step| {
        let own = match &step.act {
            Act::Expect(expect) => expect.within.unwrap_or(usual).max(usual),
            Act::Await(wait) => wait.within.max(usual),
            Act::Send(_) => Duration::ZERO,
            Act::Action(_) => usual.max(ACTION_MAX),
        };
        own.saturating_add(step.after.unwrap_or_default())
    });
    let all = each.fold(SPARE, Duration::saturating_add);
    match playing.speed {
        // Slower than recorded.
        Speed::Times(factor) if factor < 1.0 => {
            Duration::try_from_secs_f64(all.as_secs_f64() / factor).unwrap_or(Duration::MAX)
        }
        _ => all,
    }
}

/// For a Connection Request and its answer.
const ACTION_MAX: Duration = Duration::from_secs(30);
const SPARE: Duration = Duration::from_secs(10);
