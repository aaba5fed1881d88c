//! Trying again: after faults of the network only, a few times, a little later
//! each time, and never longer than the user wants to wait.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use super::Link;
use crate::git::error::Error;

/// How long to wait before each further try.
pub(super) const WAITS: [Duration; 3] =
    [Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];

/// Runs until it succeeds, fails for good, or there is nothing left to wait.
pub(super) fn run<T>(
    link: &Link,
    waits: &[Duration],
    mut attempt: impl FnMut() -> Result<T, Error>,
) -> Result<T, Error> {
    let mut tries = 1;
    for wait in waits {
        match attempt() {
            Err(error) if error.is_transient() => {
                link.verbose(format!("{error}; trying again"));
                pause(link, *wait)?;
                tries += 1;
            }
            result => return result,
        }
    }
    attempt().map_err(|error| match error {
        Error::Network { url, host, fault, reason, .. } => {
            Error::Network { url, host, fault, reason, tries }
        }
        error => error,
    })
}

fn pause(link: &Link, wait: Duration) -> Result<(), Error> {
    let (sender, receiver) = mpsc::channel();
    let _subscription = link.cancel.subscribe(move || _ = sender.send(()));
    match receiver.recv_timeout(wait) {
        Err(RecvTimeoutError::Timeout) => Ok(()),
        Ok(()) | Err(RecvTimeoutError::Disconnected) => Err(link.interrupted()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Diagnostic;
    use crate::event::Recorder;
    use crate::git::error::Fault;
    use crate::git::{Backend, Credentials, RemoteUrl};
    use crate::sys::cancel::Cancel;

    fn fault() -> Error {
        let (url, host, reason) = ("git://h/a".into(), "h".into(), String::new());
        Error::Network { url, host, fault: Fault::Disconnected, reason, tries: 1 }
    }

    /// Runs `attempt` with short waits; how often it was called, and the kind
    /// of error it ended with.
    fn count(
        cancel: &Cancel,
        waits: &[Duration],
        result: fn(u32) -> Result<(), Error>,
    ) -> (u32, String) {
        let (url, credentials) = (RemoteUrl::parse("git://h/a").unwrap(), Credentials::default());
        let recorder = Recorder::default();
        let link = Link::new("s", &url, &credentials, Backend::Libgit2, &recorder, cancel);
        let mut calls = 0;
        let end = run(&link, waits, || {
            calls += 1;
            result(calls)
        });
        (
            calls,
            end.err()
                .map(|error| format!("{} {:?}", error.kind(), error.details()))
                .unwrap_or_default(),
        )
    }

    #[test]
    fn only_network_faults_are_tried_again() {
        let waits = [Duration::from_millis(1); 3];
        let cancel = Cancel::default();
        let lost = count(&cancel, &waits, |_| Err(fault()));
        assert_eq!(lost, (4, "disconnected [\"tried 4 times\"]".into()));
        assert_eq!(
            count(&cancel, &waits, |call| if call < 3 { Err(fault()) } else { Ok(()) }).0,
            3
        );
        let denied =
            |_| Err(Error::AuthRequired { url: String::new(), host: String::new(), ssh: false });
        assert_eq!(count(&cancel, &waits, denied).0, 1);
    }

    #[test]
    fn an_interrupt_ends_the_wait() {
        let cancel = Cancel::default();
        cancel.cancel(2);
        let (calls, end) = count(&cancel, &[Duration::from_hours(1)], |_| Err(fault()));
        assert_eq!((calls, end.as_str()), (1, "interrupted []"));
    }
}
