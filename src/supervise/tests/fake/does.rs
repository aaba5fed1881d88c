//! What programs do that run on a machine that is made up.

use std::time::Duration;

/// What a program does once it is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Does {
    /// It is ready at once.
    Ready,
    /// It is ready after three seconds.
    Slow,
    /// It never listens.
    Hangs,
    /// It listens, and answers with 503.
    Unwell,
    /// It exits with 3 before it is ready.
    DiesEarly,
    /// It is ready, and exits with 7 within `stable`.
    DiesSoon,
    /// It crashes before it is ready, and is started again, without end.
    CrashLoop,
    /// It is ready, crashes within `stable`, and is started again, without end.
    Flaps,
    /// Its supervisor cannot start it.
    Refused,
    /// The process runs another file.
    OtherProgram,
    /// Another process listens on its port when it comes to that.
    Stranger,
    /// It does its work in a second and exits with 0.
    Ends,
}

impl Does {
    const ALL: [(&'static str, Self); 12] = [
        ("ok", Self::Ready),
        ("sl", Self::Slow),
        ("ha", Self::Hangs),
        ("un", Self::Unwell),
        ("de", Self::DiesEarly),
        ("ds", Self::DiesSoon),
        ("cl", Self::CrashLoop),
        ("fl", Self::Flaps),
        ("re", Self::Refused),
        ("op", Self::OtherProgram),
        ("st", Self::Stranger),
        ("en", Self::Ends),
    ];

    /// Returns what a program does that begins with these two bytes.
    pub(super) fn of(text: &str) -> Self {
        Self::ALL.iter().find(|row| text.starts_with(row.0)).unwrap().1
    }

    /// Returns the two bytes that a program begins with to do this.
    pub(crate) fn code(self) -> &'static str {
        Self::ALL.iter().find(|row| row.1 == self).unwrap().0
    }

    /// From one crash to the next, of what is started again.
    pub(super) fn life(self) -> Option<Duration> {
        match self {
            Self::CrashLoop => Some(Duration::from_millis(100)),
            Self::Flaps => Some(Duration::from_millis(400)),
            _ => None,
        }
    }

    /// When it ends for good, and its exit code.
    pub(super) fn end(self) -> Option<(Duration, i32)> {
        match self {
            Self::DiesEarly => Some((Duration::from_millis(20), 3)),
            Self::Ends => Some((Duration::from_secs(1), 0)),
            Self::DiesSoon => Some((Duration::from_millis(400), 7)),
            _ => None,
        }
    }

    /// How long it takes to listen.
    pub(super) fn listens_after(self) -> Option<Duration> {
        match self {
            Self::Slow => Some(Duration::from_secs(3)),
            Self::Hangs | Self::DiesEarly | Self::CrashLoop | Self::Stranger => None,
            _ => Some(Duration::ZERO),
        }
    }
}
