//! libgit2 as a transport. Each conversation runs in a thread of its own, so
//! that a server which says nothing can neither hold up Ctrl-C nor hang hero:
//! libgit2's own time-outs are process-wide and can only be set by unsafe
//! code. A thread that is given up ends at its next sign of life.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use git2::{
    AutotagOption, Direction, ErrorClass, ErrorCode, FetchOptions, Oid, ProxyOptions,
    RemoteCallbacks, RemoteRedirect, Repository,
};

use super::login::Talk;
use super::{Link, RemoteRefs};
use crate::git::classify::{self, Failure};
use crate::git::error::Error;
use crate::git::url::Scheme;

/// How long a server may take to answer at all, and to say the next thing.
const FIRST: Duration = Duration::from_secs(30);
const IDLE: Duration = Duration::from_mins(1);
/// How long a cancelled conversation may take to notice.
const GRACE: Duration = Duration::from_millis(500);

enum Message {
    Alive,
    Progress(u64, u64, u64),
    Ended,
    Cancelled,
}

/// What the thread tells of itself; its end is told when the last is dropped.
struct Pulse {
    sender: Sender<Message>,
    stop: AtomicBool,
}

impl Pulse {
    /// Says that something happened; whether to go on.
    fn beat(&self, message: Message) -> bool {
        !self.stop.load(Ordering::SeqCst) && self.sender.send(message).is_ok()
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        drop(self.sender.send(Message::Ended));
    }
}

/// What the remote has.
pub(super) fn list(link: &Link, repo: &Path) -> Result<RemoteRefs, Error> {
    let (path, url) = (repo.to_owned(), address(link));
    watch(link, move |pulse, talk| {
        let repo = Repository::open(&path)?;
        let mut remote = repo.remote_anonymous(&url)?;
        let callbacks = callbacks(pulse, talk);
        let connection = remote.connect_auth(Direction::Fetch, Some(callbacks), Some(proxy()))?;
        let mut refs = RemoteRefs::default();
        for head in connection.list()? {
            // libgit2 fills in the null hash for refs the other side broke.
            if head.oid() != Oid::ZERO_SHA1 {
                refs.add(head.name(), head.oid());
            }
            if let Some(target) = head.symref_target().filter(|_| head.name() == "HEAD") {
                refs.set_head_target(target);
            }
        }
        Ok(refs)
    })
}

/// Brings refs into the repository at `repo`.
pub(super) fn fetch(link: &Link, repo: &Path, refspecs: &[String]) -> Result<(), Error> {
    let (path, url, refspecs) = (repo.to_owned(), address(link), refspecs.to_vec());
    watch(link, move |pulse, talk| {
        let repo = Repository::open(&path)?;
        let mut remote = repo.remote_anonymous(&url)?;
        let mut options = FetchOptions::new();
        options
            .remote_callbacks(callbacks(pulse, talk))
            .proxy_options(proxy())
            .download_tags(AutotagOption::None)
            .update_fetchhead(false);
        if talk.has_token() {
            // A redirect must not carry the token to another host.
            options.follow_redirects(RemoteRedirect::None);
        }
        remote.fetch(&refspecs, Some(&mut options), Some("hero: fetch"))
    })
}

/// libgit2 is slow on `file://` and copies cleverly from a plain path.
fn address(link: &Link) -> String {
    match link.url.local_path() {
        Some(path) => path.to_string_lossy().into_owned(),
        None => link.url.as_str().to_owned(),
    }
}

fn proxy() -> ProxyOptions<'static> {
    let mut options = ProxyOptions::new();
    options.auto();
    options
}

fn callbacks(pulse: &Arc<Pulse>, talk: &Arc<Talk>) -> RemoteCallbacks<'static> {
    let mut callbacks = RemoteCallbacks::new();
    let (alive, asked) = (Arc::clone(pulse), Arc::clone(talk));
    callbacks.credentials(move |url, user, allowed| {
        if !alive.beat(Message::Alive) {
            return Err(git2::Error::new(ErrorCode::User, ErrorClass::Callback, "given up"));
        }
        asked.credential(url, user, allowed)
    });
    let (alive, shown) = (Arc::clone(pulse), Arc::clone(talk));
    callbacks.certificate_check(move |certificate, _| {
        alive.beat(Message::Alive);
        shown.note(certificate);
        Ok(git2::CertificateCheckStatus::CertificatePassthrough)
    });
    let alive = Arc::clone(pulse);
    callbacks.sideband_progress(move |_| alive.beat(Message::Alive));
    let alive = Arc::clone(pulse);
    callbacks.transfer_progress(move |progress| {
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        alive.beat(Message::Progress(
            count(progress.received_objects()),
            count(progress.total_objects()),
            count(progress.received_bytes()),
        ))
    });
    callbacks
}

/// Runs `work` in a thread and waits for its end, for a silence that lasts too
/// long, or for the user.
fn watch<T: Send + 'static>(
    link: &Link,
    work: impl FnOnce(&Arc<Pulse>, &Arc<Talk>) -> Result<T, git2::Error> + Send + 'static,
) -> Result<T, Error> {
    if link.cancel.is_cancelled() {
        return Err(link.interrupted());
    }
    let (sender, receiver) = mpsc::channel();
    let wake = sender.clone();
    let _subscription = link.cancel.subscribe(move || drop(wake.send(Message::Cancelled)));
    let pulse = Arc::new(Pulse { sender, stop: AtomicBool::new(false) });
    let talk = Arc::new(Talk::new(link.url, link.login.clone()));
    let (watched, told) = (Arc::downgrade(&pulse), Arc::clone(&talk));
    let thread = std::thread::spawn(move || work(&pulse, &told));

    let local = link.url.is_local();
    let mut deadline = Instant::now() + FIRST;
    let mut stopped = None;
    loop {
        let message = match (local, &stopped) {
            (true, None) => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
            _ => receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())),
        };
        match message {
            Ok(Message::Ended) | Err(RecvTimeoutError::Disconnected) => break,
            Ok(Message::Alive) if stopped.is_none() => deadline = Instant::now() + IDLE,
            Ok(Message::Progress(objects, total, bytes)) if stopped.is_none() => {
                deadline = Instant::now() + IDLE;
                link.progress(objects, total, bytes);
            }
            Ok(Message::Alive | Message::Progress(..)) => {}
            Ok(Message::Cancelled) => {
                stopped.get_or_insert_with(|| link.interrupted());
                deadline = Instant::now() + GRACE;
            }
            Err(RecvTimeoutError::Timeout) if stopped.is_some() => break,
            Err(RecvTimeoutError::Timeout) => {
                stopped = Some(classify::silence(link.url));
                deadline = Instant::now() + GRACE;
            }
        }
        if stopped.is_some()
            && let Some(pulse) = watched.upgrade()
        {
            pulse.stop.store(true, Ordering::SeqCst);
        }
    }
    if let Some(error) = stopped {
        return Err(error);
    }
    match thread.join() {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(explain(link, &talk, error)),
        Err(_) => Err(Error::Git {
            action: "fetch",
            what: link.url.to_string(),
            reason: "libgit2's thread failed".into(),
        }),
    }
}

fn explain(link: &Link, talk: &Talk, error: git2::Error) -> Error {
    if link.cancel.is_cancelled() {
        return link.interrupted();
    }
    let refused = error.code() == ErrorCode::Certificate && link.url.scheme() == Scheme::Ssh;
    let port = link.url.port().unwrap_or(22);
    let host_is_known =
        refused && link.url.host().is_some_and(|host| super::ssh::is_known(host, port));
    let error = git2::Error::new(error.code(), error.class(), link.scrub(error.message()));
    let failure =
        Failure { error, tried: talk.tried(), fingerprint: talk.fingerprint(), host_is_known };
    classify::native(&failure, link.url)
}
