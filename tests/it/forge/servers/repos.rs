//! The repositories that the servers have.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::support::{Repo, sha256};

static COMMITS: AtomicUsize = AtomicUsize::new(0);

/// A repository with a working tree, and the bare one that is served.
pub struct Origin {
    /// Where commits are made.
    pub work: Repo,
    /// What servers serve.
    pub bare: PathBuf,
}

impl Origin {
    /// Makes a commit that changes a file, and returns it; no two are the same.
    pub fn commit(&self, message: &str) -> String {
        let number = COMMITS.fetch_add(1, Ordering::Relaxed);
        self.work.write("README.md", &format!("{message}\n"));
        self.work.commit(&format!("{message} ({number})"))
    }

    /// Makes the served repository equal, refs that are gone included.
    pub fn publish(&self) {
        self.work.git(&format!("push --quiet --mirror --force {}", self.bare.display()));
        Repo { path: self.bare.clone() }.git("update-server-info");
    }
}

/// All of them.
pub struct Repos {
    /// The folder that servers serve.
    pub root: PathBuf,
    /// The newest commit of `main` in most of them.
    pub main: String,
    /// The commit of the branch `dev`, of the annotated tag `v1` and of the
    /// plain tag `v2`.
    pub dev: String,
    /// The commit of the annotated tag `v1`.
    pub v1: String,
    /// The commit of `refs/pull/7/head`.
    pub pull: String,
    /// A commit on no branch.
    pub hidden: String,
    /// The commit of `sha256.git`.
    pub sha256: String,
    /// The only object of `lfs.git` that is not in git: its name and content.
    pub large: (String, String),
    /// Whether `foreign.git` belongs to another user.
    pub foreign: bool,
    work: PathBuf,
}

impl Repos {
    /// Makes all repositories below `folder`.
    pub fn make(folder: &Path) -> Self {
        let large = "the content of a large file\n".to_owned();
        let mut repos = Self {
            root: folder.join("served"),
            work: folder.join("work"),
            main: String::new(),
            dev: String::new(),
            v1: String::new(),
            pull: String::new(),
            hidden: String::new(),
            sha256: String::new(),
            large: (sha256(large.as_bytes()), large),
            foreign: false,
        };
        repos.plain();
        repos.copies();
        repos.unusual();
        repos.foreign = repos.give_away("foreign.git");
        repos
    }

    /// Makes an empty repository named `NAME.git`.
    pub fn origin(&self, name: &str) -> Origin {
        let (path, bare) = (self.work.join(name), self.root.join(format!("{name}.git")));
        std::fs::create_dir_all(&path).expect("a folder");
        std::fs::create_dir_all(&bare).expect("a folder");
        let work = Repo { path };
        work.git("init --quiet --initial-branch main");
        let served = Repo { path: bare.clone() };
        served.git("init --quiet --bare --initial-branch main");
        Origin { work, bare }
    }

    /// The path of a served repository.
    pub fn path(&self, name: &str) -> String {
        self.root.join(name).display().to_string()
    }

    fn plain(&mut self) {
        let origin = self.origin("plain");
        self.v1 = origin.commit("the first version");
        origin.work.git("tag -a -m first v1");
        self.main = origin.commit("the second version");
        origin.work.git("switch --quiet -c dev");
        self.dev = origin.commit("work on a branch");
        origin.work.git("tag v2");
        origin.work.git("branch größe/1.x");
        origin.work.git("switch --quiet --detach");
        self.pull = origin.commit("a pull request");
        origin.work.git("update-ref refs/pull/7/head HEAD");
        self.hidden = origin.commit("a commit on no branch");
        origin.work.git("update-ref refs/hidden/1 HEAD");
        origin.work.git("switch --quiet main");
        origin.publish();
        Repo { path: origin.bare }.git("update-ref -d refs/hidden/1");
    }

    /// The same history under other names, and in other forms.
    fn copies(&self) {
        let plain = self.path("plain.git");
        for name in ["odd name.git", "foreign.git"] {
            self.here(&["clone", "--quiet", "--bare", &plain, name]);
        }
        let from = format!("file://{plain}");
        self.here(&["clone", "--quiet", "--bare", "--depth", "1", &from, "shallow.git"]);
        self.here(&["clone", "--quiet", "--bare", &plain, "adrift.git"]);
        self.here(&["-C", "adrift.git", "symbolic-ref", "HEAD", "refs/heads/gone"]);
        self.here(&["-C", "plain.git", "bundle", "create", "--quiet", "../plain.bundle", "--all"]);
        self.here(&["clone", "--quiet", "--bare", &plain, "many.git"]);
        let refs = (0..300).fold(String::new(), |mut text, number| {
            let _fits = writeln!(text, "create refs/heads/topic/{number} {}", self.main);
            text
        });
        std::fs::write(self.root.join("refs"), refs).expect("a file");
        let mut command = Command::new("git");
        command.args(["-C", &self.path("many.git"), "update-ref", "--stdin"]);
        command.stdin(std::fs::File::open(self.root.join("refs")).expect("a file"));
        assert!(command.status().expect("git starts").success());
    }

    fn unusual(&mut self) {
        self.origin("empty");
        self.here(&[
            "init",
            "--quiet",
            "--bare",
            "-b",
            "main",
            "--object-format=sha256",
            "sha256.git",
        ]);
        let other = Repo { path: self.work.join("sha256") };
        std::fs::create_dir_all(&other.path).expect("a folder");
        other.git("init --quiet --initial-branch main --object-format=sha256");
        self.sha256 = other.commit("sha256");
        other.git(&format!("push --quiet --mirror {}", self.path("sha256.git")));

        let big = self.origin("big");
        big.work.write("noise", &noise(400_000));
        big.commit("much that does not compress");
        big.publish();

        let (name, content) = &self.large;
        self.pointer("lfs", name, content.len());
        self.pointer("lfs-lost", &sha256(b"no server has this"), 18);
    }

    /// A repository with a file of git-lfs.
    fn pointer(&self, repo: &str, object: &str, size: usize) {
        let origin = self.origin(repo);
        origin.work.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n");
        let version = "version https://git-lfs.github.com/spec/v1";
        let text = format!("{version}\noid sha256:{object}\nsize {size}\n");
        origin.work.write("large.bin", &text);
        // A filter of the machine must not turn the pointer into another one.
        origin.work.git("-c filter.lfs.process= -c filter.lfs.clean=cat add --all");
        origin.work.git("-c filter.lfs.process= -c filter.lfs.clean=cat commit -qm large");
        origin.publish();
    }

    fn give_away(&self, name: &str) -> bool {
        let mut command = Command::new("chown");
        command.args(["-R", "65534", &self.path(name)]);
        command.output().is_ok_and(|output| output.status.success())
    }

    fn here(&self, arguments: &[&str]) {
        let mut command = Command::new("git");
        command.current_dir(&self.root).args(arguments);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        let output = command.output().expect("git starts");
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "git {arguments:?}: {error}");
    }
}

/// Text that no compression makes much smaller, the same each time.
fn noise(length: usize) -> String {
    let mut state = 88_172_645_463_325_252_u64;
    let mut letter = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(b'0' + u8::try_from(state % 64).unwrap_or_default())
    };
    (0..length).map(|_| letter()).collect()
}
