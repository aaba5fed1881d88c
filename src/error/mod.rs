//! What every typed error of hero can say about itself.
//!
//! Each module below the script host owns its error enum; this trait is how
//! the layers above turn any of them into a thrown map, a report and an exit
//! code without knowing the enum.

mod exit;
mod fault;
mod kind;
mod kinds;
mod table;

pub(crate) use exit::Exit;
pub(crate) use fault::Fault;
pub(crate) use kinds::ErrorKind;
pub(crate) use table::Row;

/// A typed error that can be reported to a person.
///
/// `Display` is one line, lower case, without a full stop, with the value that
/// was wrong. It never contains credentials.
pub(crate) trait Diagnostic: std::error::Error {
    /// Returns the row of the table of errors that this error belongs to.
    fn kind(&self) -> ErrorKind;

    /// What to type or do next.
    fn hint(&self) -> Option<String> {
        None
    }

    /// Further lines that help: conflicting paths, what the remote has, the
    /// last lines a tool said.
    fn details(&self) -> Vec<String> {
        Vec::new()
    }

    /// The option of the call that was wrong, so that a report can point at it.
    fn option(&self) -> Option<&str> {
        None
    }

    /// Returns the exit code when no script catches this error: that of its kind. No error has
    /// one of its own.
    fn exit(&self) -> Exit {
        self.kind().exit()
    }
}

/// The causes below `error`, outermost first, without repeating text that the
/// level above already quotes.
pub(crate) fn causes(error: &dyn std::error::Error) -> Vec<String> {
    let mut lines = Vec::new();
    let mut above = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !above.contains(&text) {
            lines.push(text.clone());
        }
        above = text;
        next = cause.source();
    }
    lines
}

/// The candidate nearest to `word`, if any is near enough to suggest.
pub(crate) fn nearest<'a, I>(word: &str, candidates: I) -> Option<&'a str>
where
    I: IntoIterator<Item = &'a str>,
{
    near(word, candidates).into_iter().next()
}

/// All candidates near `word`, the nearest first. Two measures, since each
/// misses what the other finds: Jaro-Winkler (above 0.8) for common beginnings,
/// Damerau-Levenshtein (at least 0.6 of the length) for transpositions.
pub(crate) fn near<'a, I>(word: &str, candidates: I) -> Vec<&'a str>
where
    I: IntoIterator<Item = &'a str>,
{
    let score = |candidate: &str| {
        let beginnings = strsim::jaro_winkler(word, candidate);
        let edits = strsim::normalized_damerau_levenshtein(word, candidate);
        (beginnings > 0.8 || edits >= 0.6).then_some(beginnings + edits)
    };
    let mut scored: Vec<(f64, &str)> = candidates
        .into_iter()
        .filter(|candidate| *candidate != word)
        .filter_map(|candidate| score(candidate).map(|score| (score, candidate)))
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored.into_iter().map(|(_, candidate)| candidate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_finds_transposed_letters() {
        assert_eq!(nearest("brnach", ["tag", "branch", "commit"]), Some("branch"));
        assert_eq!(nearest("gti", ["env", "git", "fs"]), Some("git"));
        assert_eq!(nearest("zzz", ["tag", "branch", "commit"]), None);
    }
}
