//! Trying again: after faults of the network only, a few times, a little later
//! each time, and never longer than the user wants to wait.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use super::connection::Remote;
use crate::git::error::Error;
use crate::git::refusal::Refusal;

/// How long to wait before each further try.
pub(super) const WAITS: [Duration; 3] =
    [Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];

/// A server may ask for longer pauses, up to this in all.
const LONGEST: Duration = Duration::from_mins(1);

/// Runs until it succeeds, fails for good, or there is nothing left to wait.
pub(super) fn run<T>(
    remote: &Remote,
    waits: &[Duration],
    mut attempt: impl FnMut() -> Result<T, Error>,
) -> Result<T, Error> {
    let mut tries = 0;
    let mut paused = Duration::ZERO;
    loop {
        let error = match attempt() {
            Ok(value) => return Ok(value),
            Err(Error::Remote(refusal)) => refusal,
            Err(error) => return Err(error),
        };
        let wait = waits.get(tries).filter(|_| tries < error.retries());
        tries += 1;
        let wait = match (wait, error.retry_after) {
            (Some(_), Some(asked)) if paused.saturating_add(asked) > LONGEST => None,
            (Some(wait), Some(asked)) => Some(asked.max(*wait)),
            (wait, None) => wait.copied(),
            (None, _) => None,
        };
        let Some(wait) = wait else {
            return Err(Error::Remote(Box::new(Refusal { tries, ..*error })));
        };
        remote.verbose(format!("{error}; trying again in {} s", wait.as_secs_f32()));
        if wait >= Duration::from_secs(5) {
            remote.pausing(wait);
        }
        pause(remote, wait)?;
        paused += wait;
    }
}

fn pause(remote: &Remote, wait: Duration) -> Result<(), Error> {
    let (sender, receiver) = mpsc::channel();
    let _subscription = remote.cancel.subscribe(move || _ = sender.send(()));
    match receiver.recv_timeout(wait) {
        Err(RecvTimeoutError::Timeout) => Ok(()),
        Ok(()) | Err(RecvTimeoutError::Disconnected) => Err(remote.interrupted()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Diagnostic;
    use crate::event::Recorder;
    use crate::git::program::Prompt;
    use crate::git::recovery::Work;
    use crate::git::refusal::{Heard, Token};
    use crate::git::{Credentials, RemoteUrl};
    use crate::sys::cancel::Cancel;

    fn refused(stderr: &str) -> Error {
        let url = RemoteUrl::parse("https://h/a").unwrap();
        let heard = Heard { stderr: stderr.to_owned(), ..Heard::default() };
        Refusal::new(&url, Token::None, &heard).into()
    }

    /// Runs `attempt` with short waits; how often it was called, and the kind
    /// of error it ended with.
    fn count(
        cancel: &Cancel,
        waits: &[Duration],
        result: fn(u32) -> Result<(), Error>,
    ) -> (u32, String) {
        let (url, credentials) = (RemoteUrl::parse("git://h/a").unwrap(), Credentials::default());
        let (recorder, work) = (Recorder::default(), Work::none());
        let told = (&recorder as &dyn crate::event::Reporter, cancel);
        let remote = Remote::new("s", &url, &credentials, Prompt::Never, &work, told);
        let mut calls = 0;
        let end = run(&remote, waits, || {
            calls += 1;
            result(calls)
        });
        (calls, end.err().map(|error| error.kind().to_string()).unwrap_or_default())
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let waits = [Duration::from_millis(1); 3];
        let cancel = Cancel::default();
        let lost = count(&cancel, &waits, |_| Err(refused("fatal: early EOF")));
        assert_eq!(lost, (4, "disconnected".into()));
        let passing = |call| if call < 3 { Err(refused("fatal: early EOF")) } else { Ok(()) };
        assert_eq!(count(&cancel, &waits, passing).0, 3);
        let denied = |_| Err(refused("fatal: Authentication failed for 'https://h/a'"));
        assert_eq!(count(&cancel, &waits, denied).0, 1);
    }

    #[test]
    fn an_interrupt_ends_the_wait() {
        let cancel = Cancel::default();
        cancel.cancel(2);
        let (calls, end) =
            count(&cancel, &[Duration::from_hours(1)], |_| Err(refused("fatal: early EOF")));
        assert_eq!((calls, end.as_str()), (1, "interrupted"));
    }
}
