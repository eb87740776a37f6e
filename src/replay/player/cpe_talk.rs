//! Role cpe: how requests go out, with what the live ACS wants to see in them.

use super::cpe::{Cpe, Line, Outstanding};
use super::progress::CameOf;
use super::run::{Run, difference};
use super::speech::{OfHttp, Speech};
use crate::replay::action::{Action, ConnectionId};
use crate::session::DifferenceClass;

impl Cpe {
    /// Posts something; `challenges` have refused it before.
    pub(super) fn utter(&mut self, run: &mut Run, speech: Speech, challenges: u32) {
        let posted = Outstanding {
            speech,
            challenges,
            repeated: false,
        };
        self.post(run, posted);
    }

    /// Posts something, on a new connection where there is none.
    pub(super) fn post(&mut self, run: &mut Run, posted: Outstanding) {
        let Some(connection) = self.standing() else {
            if self.line.is_none() {
                self.connect(run);
            }
            self.unsaid = Some(posted);
            return;
        };
        match self.written(run, &posted.speech, posted.challenges > 0) {
            Ok(bytes) => {
                let step = posted.speech.step;
                run.actions.push_back(Action::Send {
                    connection,
                    bytes,
                    step,
                });
                self.outstanding = Some(posted);
                if step == Some(run.cursor) {
                    run.step_done(CameOf::passed());
                }
            }
            Err(why) => {
                let class = DifferenceClass::Transport;
                run.fail(None, difference(class, "", None, Some(why)));
            }
        }
    }

    fn standing(&self) -> Option<ConnectionId> {
        let line = self.line.as_ref().filter(|line| line.stands);
        line.map(|line| line.id)
    }

    fn connect(&mut self, run: &mut Run) {
        self.last = self.last.saturating_add(1);
        let id = ConnectionId(self.last);
        self.line = Some(Line::asked(id));
        run.actions.push_back(Action::Connect(id));
    }

    /// The bytes of a request. Where the live ACS set a cookie or asked for credentials and the recorded one did not, their
    /// lines stand at the end of the head.
    fn written(
        &mut self,
        run: &mut Run,
        speech: &Speech,
        is_challenged: bool,
    ) -> Result<Vec<u8>, String> {
        let target = self.path.clone().into_bytes();
        let shows = is_challenged || speech.has("http.authorization");
        let credentials = match shows.then(|| self.credentials.field(&target, &speech.body)) {
            Some(Some(field)) => Some(field?),
            _ => None,
        };
        let cookie = self.jar.field(&target, run.target.https);
        let mut further = Vec::new();
        if let Some((name, value)) = &credentials
            && (*name != "Authorization" || !speech.has("http.authorization"))
        {
            further.push((*name, value.clone()));
        }
        if let Some(cookie) = &cookie
            && !speech.has("http.cookie")
        {
            further.push(("Cookie", cookie.clone()));
        }
        let wall = run.wall();
        let of_http = OfHttp::of(&run.target, wall);
        let authorization = credentials.filter(|(name, _)| *name == "Authorization");
        let written = speech.write(
            |name| run.values.named(name, wall),
            |name, _| match name {
                "http.target" => Some(target.clone()),
                "http.cookie" => cookie.clone(),
                "http.authorization" => authorization.as_ref().map(|(_, value)| value.clone()),
                name => of_http.named(name),
            },
            &further,
        );
        written.map_err(|why| why.to_string())
    }

    /// Ends the connection.
    pub(super) fn hang_up(&mut self, run: &mut Run) {
        self.unsaid = None;
        if let Some(line) = self.line.take() {
            run.actions.push_back(Action::Close(line.id));
        }
    }

    /// Ends all there is.
    pub(super) fn drop_all(&mut self, run: &mut Run) {
        self.outstanding = None;
        self.hang_up(run);
    }
}
