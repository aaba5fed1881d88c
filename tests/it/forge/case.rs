//! One row of the table: a setup, and what git and hero make of it.

use super::scene::Scene;
use super::servers::Need;

/// What git does, which is the control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Git {
    /// It ends with 0 and has the commit.
    Works,
    /// It ends with 0, but there is no commit.
    Nothing,
    /// It ends with an error.
    Fails,
    /// It does not end by itself.
    Hangs,
}

/// What hero must do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hero {
    /// It ends with 0 and has the commit.
    Works,
    /// It fails with one of the kinds (separated by `|`), and each of the texts
    /// (separated by `|`) stands in its message, details or hint.
    Fails(&'static str, &'static str),
}

/// A case of the table.
pub struct Case {
    /// Unique; starts with the `G…` of the known fault it belongs to, if any.
    pub id: &'static str,
    /// The case in a few words.
    pub name: &'static str,
    /// The servers and rights it cannot do without.
    pub needs: &'static [Need],
    /// Prepares the HOME, the address and the options.
    pub set_up: fn(&mut Scene),
    /// The expected result of git.
    pub git: Git,
    /// The expected result of hero.
    pub hero: Hero,
}

/// Starts a row; git and hero both work unless the row says otherwise.
pub const fn case(
    id: &'static str,
    name: &'static str,
    needs: &'static [Need],
    set_up: fn(&mut Scene),
) -> Case {
    Case { id, name, needs, set_up, git: Git::Works, hero: Hero::Works }
}

impl Case {
    /// Whether most of its time is spent waiting: for silence to end, or
    /// before trying again.
    pub fn waits(&self) -> bool {
        let slow = ["timeout", "refused", "dns", "disconnected", "server_error", "proxy"];
        let kind = match self.hero {
            Hero::Works => "",
            Hero::Fails(kind, _) => kind,
        };
        slow.iter().any(|slow| kind.contains(slow))
            || ["fault", "G46"].iter().any(|start| self.id.starts_with(start))
    }

    /// Both fail; hero with this kind and hint.
    pub const fn fails(mut self, kind: &'static str, hint: &'static str) -> Self {
        self.git = Git::Fails;
        self.hero = Hero::Fails(kind, hint);
        self
    }

    /// hero fails with this kind and hint, git does something else.
    pub const fn hero_fails(mut self, git: Git, kind: &'static str, hint: &'static str) -> Self {
        self.git = git;
        self.hero = Hero::Fails(kind, hint);
        self
    }

    /// hero works, git does something else.
    pub const fn git(mut self, git: Git) -> Self {
        self.git = git;
        self
    }

    /// hero works where git has no way to, for example with hero's own tokens.
    pub const fn only_hero_works(mut self) -> Self {
        self.git = Git::Fails;
        self
    }
}
