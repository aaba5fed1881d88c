//! cargo's progress line.

use crate::sys::text::plain;

/// How far a build is: `Building [==>  ] 12/143: serde, tokio(bin)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Progress {
    /// Units that are done.
    pub(super) done: u64,
    /// Units in all.
    pub(super) total: u64,
    /// What is compiled now, in no order, perhaps not all of it.
    names: Vec<String>,
}

impl Progress {
    /// Reads a line; `None` if it is none about compiling.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let line = plain(line);
        let rest = line.trim().strip_prefix("Building")?.trim_start();
        let rest = rest.strip_prefix('[')?;
        let (_bar, rest) = rest.split_once(']')?;
        let (count, names) = rest.split_once(':').unwrap_or((rest, ""));
        let (done, total) = count.trim().split_once('/')?;
        let names = names.split(',').map(crate_name).filter(|name| !name.is_empty());
        Some(Self {
            done: done.parse().ok()?,
            total: total.parse().ok()?,
            names: names.map(str::to_owned).collect(),
        })
    }
}

/// The name without `(bin)`, `(build.rs)` or the dots of a cut line.
fn crate_name(word: &str) -> &str {
    let word = word.trim();
    let word = word.split_once('(').map_or(word, |(name, _kind)| name);
    word.trim_end_matches('.').trim_end()
}

/// Notices changes, and keeps naming one crate for as long as it is compiled:
/// cargo lists them in another order each time.
#[derive(Debug, Default)]
pub(super) struct Tracker {
    last: (u64, u64, String),
}

impl Tracker {
    /// `(done, total, current)` if that is news.
    pub(super) fn update(&mut self, progress: Progress) -> Option<(u64, u64, String)> {
        let (_, _, before) = &self.last;
        let current = if progress.names.is_empty() || progress.names.contains(before) {
            before.clone()
        } else {
            progress.names.into_iter().next().unwrap_or_default()
        };
        let now = (progress.done, progress.total, current);
        (now != self.last).then(|| {
            self.last = now.clone();
            now
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Option<(u64, u64, Vec<String>)> {
        Progress::parse(line).map(|progress| (progress.done, progress.total, progress.names))
    }

    #[test]
    fn lines_of_cargo_are_read() {
        let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        for (line, expected) in [
            (
                "    Building [                             ] 0/3: a(build.rs)            ",
                Some((0, 3, names(&["a"]))),
            ),
            (
                "\u{1b}[1m\u{1b}[96m    Building\u{1b}[0m [=====>    ] 12/143: serde, tokio(bin)   ",
                Some((12, 143, names(&["serde", "tokio"]))),
            ),
            (
                "\u{1b}[K\u{1b}[1m\u{1b}[96m    Building\u{1b}[0m [=>  ] 1/9: proc-macro2(build), un...",
                Some((1, 9, names(&["proc-macro2", "un"]))),
            ),
            ("    Building [=======================>     ] 340/341", Some((340, 341, vec![]))),
            ("   Compiling serde v1.0.2", None),
            (" Downloading [==>        ] 3/10: serde", None),
            ("    Building [oops", None),
            ("", None),
        ] {
            assert_eq!(parsed(line), expected, "{line:?}");
        }
    }

    #[test]
    fn only_news_is_told_and_the_name_does_not_flicker() {
        let mut tracker = Tracker::default();
        let mut update = |line: &str| tracker.update(Progress::parse(line).unwrap());
        assert_eq!(update("Building [> ] 1/9: b, a"), Some((1, 9, "b".into())));
        assert_eq!(update("Building [> ] 1/9: a, b"), None);
        assert_eq!(update("Building [> ] 2/9: a, b"), Some((2, 9, "b".into())));
        assert_eq!(update("Building [> ] 3/9: a"), Some((3, 9, "a".into())));
        assert_eq!(update("Building [> ] 4/9"), Some((4, 9, "a".into())));
    }
}
