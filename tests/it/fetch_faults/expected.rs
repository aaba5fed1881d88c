//! The state that a fetch must lead to.

use super::mine::Mine;
use super::support::{Repo, World};

/// The state of a checkout after a fetch that succeeded.
#[derive(Debug, Default, Clone)]
pub struct Expected {
    /// The commit that is checked out.
    pub commit: String,
    /// The branch; `None` where HEAD is detached.
    pub branch: Option<&'static str>,
    /// Lines of `git status`: the user's edits and nothing else.
    pub status: Vec<&'static str>,
    /// Files of the checkout and their content.
    pub files: Vec<(&'static str, &'static str)>,
    /// The address of the remote.
    pub origin: String,
    /// The paths of submodules.
    pub submodules: Vec<&'static str>,
    /// The user's files and commits.
    pub mine: Vec<Mine>,
}

/// The files of the second commit.
const SECOND: &[(&str, &str)] =
    &[("a.txt", "a two\n"), ("folder/b.txt", "b two\n"), ("new/c.txt", "c two\n")];

impl Expected {
    /// Two files change upstream, one is new, one goes.
    pub fn second_commit(&mut self, up: &Repo) {
        for (path, text) in SECOND {
            up.write(path, text);
        }
        up.git("rm --quiet --force old.txt");
        self.commit = up.commit("two");
        self.files.extend(SECOND);
    }

    /// The user edits a file that no update changes, and makes two of their own.
    pub fn edit(&mut self, world: &World) {
        let checkout = world.checkout("svc");
        for (path, text) in
            [("user.txt", "an edit\n"), ("notes.txt", "some notes\n"), ("ignored.log", "a log\n")]
        {
            checkout.write(path, text);
            self.mine.push(Mine::file(&checkout, path, text));
            self.files.push((path, text));
        }
        self.status = vec![".M user.txt", "? notes.txt"];
    }

    /// The user commits something.
    pub fn commit_of_mine(&mut self, world: &World) {
        let checkout = world.checkout("svc");
        checkout.write("mine.txt", "a commit of mine\n");
        self.mine.push(Mine::Commit(checkout.commit("mine")));
    }

    /// A reset puts what is local under a ref; what is ignored stays.
    pub fn all_kept(&mut self) {
        self.status.clear();
        self.files.clear();
        self.files.extend([("user.txt", "as upstream has it\n"), ("ignored.log", "a log\n")]);
    }

    pub fn with_library(&mut self, library: &Repo, text: &'static str) {
        self.submodules = vec!["library"];
        assert_eq!(library.read("library.txt"), text);
        self.files.retain(|(path, _)| *path != "library/library.txt");
        self.files.push(("library/library.txt", text));
    }
}
