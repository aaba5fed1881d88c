//! The mode of a run, fixed by the command line before a script's first line.

use crate::supervise::Kind;

/// What a command line fixes for the whole run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Run {
    /// Only say what would be done.
    #[expect(clippy::struct_field_names, reason = "the name of the flag, `--dry-run`")]
    pub(crate) dry_run: bool,
    /// Use the system's install root.
    pub(crate) root: bool,
    /// Compilers side by side; `None` for what the configuration says.
    pub(crate) jobs: Option<u32>,
    /// Fetches side by side; `None` for the default.
    pub(crate) fetch_jobs: Option<u32>,
    /// The supervisor that was named.
    pub(crate) supervisor: Option<Kind>,
    /// Install and start in a sandbox that is gone with the run.
    pub(crate) smoke: bool,
}

/// The value of a flag that belongs to the mode, as scripts have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ModeValue {
    /// On or off.
    Switch(bool),
    /// A number, if one was given.
    Number(Option<u32>),
    /// A word, if one was given.
    Word(Option<&'static str>),
}

impl Run {
    /// The flags that make up the mode, as scripts have them.
    pub(crate) const FLAGS: [&'static str; 6] =
        ["dry_run", "root", "jobs", "fetch_jobs", "supervisor", "smoke"];

    /// Reads the mode out of a script's arguments. Everything else in them is left to the
    /// script, and so is a value that cannot be one: the parser of the script's flags reports it.
    ///
    /// Short flags count where they stand alone or with hero's other short flags (`-ur`).
    pub(crate) fn from_args(args: &[String]) -> Self {
        let mut run = Self::default();
        let mut args = args.iter().map(String::as_str).take_while(|arg| *arg != "--").peekable();
        while let Some(arg) = args.next() {
            let (name, attached) = match arg.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (arg, None),
            };
            match name {
                "--dry-run" if attached.is_none() => run.dry_run = true,
                "--root" if attached.is_none() => run.root = true,
                "--smoke" if attached.is_none() => run.smoke = true,
                "--jobs" | "-j" => run.jobs = number(attached.or_else(|| args.peek().copied())),
                "--fetch-jobs" => {
                    run.fetch_jobs = number(attached.or_else(|| args.peek().copied()));
                }
                "--supervisor" => {
                    let word = attached.or_else(|| args.peek().copied());
                    run.supervisor = word.and_then(|word| word.parse().ok());
                }
                _ => run.cluster(arg, args.peek().copied()),
            }
        }
        run
    }

    /// Reads short flags such as `-ur`, `-urj4` or `-j4`.
    fn cluster(&mut self, arg: &str, next: Option<&str>) {
        let Some(letters) = arg.strip_prefix('-') else { return };
        let switches = letters.trim_start_matches(['u', 'r', 'f']);
        let roots = letters[..letters.len() - switches.len()].contains('r');
        match switches.strip_prefix('j') {
            Some(rest) => {
                let rest = rest.strip_prefix('=').unwrap_or(rest);
                self.jobs = number(if rest.is_empty() { next } else { Some(rest) });
            }
            // The number of lines is all that may follow.
            None if !switches.is_empty() && !switches.starts_with('n') => return,
            None => {}
        }
        self.root |= roots;
    }

    /// The value of one of [`Run::FLAGS`].
    pub(crate) fn value(&self, flag: &str) -> Option<ModeValue> {
        Some(match flag {
            "dry_run" => ModeValue::Switch(self.dry_run),
            "root" => ModeValue::Switch(self.root),
            "smoke" => ModeValue::Switch(self.smoke),
            "jobs" => ModeValue::Number(self.jobs),
            "fetch_jobs" => ModeValue::Number(self.fetch_jobs),
            "supervisor" => ModeValue::Word(self.supervisor.map(Kind::name)),
            _ => return None,
        })
    }
}

/// A number of jobs: at least one.
fn number(text: Option<&str>) -> Option<u32> {
    text?.parse().ok().filter(|number| *number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(line: &str) -> Run {
        let args: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Run::from_args(&args)
    }

    #[test]
    fn the_mode_is_read_from_any_place_of_the_line() {
        let all = run("status --dry-run --root x --jobs 4 --fetch-jobs=2 --supervisor direct");
        assert_eq!(
            all,
            Run {
                dry_run: true,
                root: true,
                jobs: Some(4),
                fetch_jobs: Some(2),
                supervisor: Some(Kind::Direct),
                smoke: false,
            }
        );
        assert!(run("complete --smoke").smoke);
        assert_eq!(run(""), Run::default());
    }

    #[test]
    fn short_flags_may_stand_together() {
        for line in ["-r", "-ur", "-ru", "-fr", "-rf", "-rn5", "-rn"] {
            assert!(run(line).root, "{line}");
        }
        for line in ["-j4", "-j 4", "-j=4", "-uj4", "-urj 4"] {
            assert_eq!(run(line).jobs, Some(4), "{line}");
        }
        assert!(run("-urj4").root);
    }

    #[test]
    fn what_belongs_to_the_script_is_no_mode() {
        for line in
            ["-- --root", "-oroot", "-n20", "root", "--rooted", "--note=--root", "-u", "-", ""]
        {
            assert_eq!(run(line), Run::default(), "{line}");
        }
        assert_eq!(run("--jobs 0").jobs, None);
        assert_eq!(run("--jobs many").jobs, None);
        assert_eq!(run("--supervisor s6").supervisor, None);
    }
}
