//! Real servers on loopback, in a temporary folder, ended when dropped.

pub mod cache;
mod daemon;
mod lfs;
mod nginx;
pub mod process;
mod programs;
pub mod proxy;
pub mod relay;
pub mod repos;
pub mod socks;
pub mod ssh;
mod sshd;
mod tls;

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::support::skipped;

use daemon::Daemon;
use nginx::Nginx;
use programs::{Programs, installed};
pub use programs::{find, must};
use repos::Repos;
use ssh::Ssh;

/// A server or right that a case cannot do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// nginx, fcgiwrap and openssl.
    Nginx,
    /// sshd and ssh.
    Ssh,
    /// `git daemon`.
    Daemon,
    /// `git daemon` on `::1`.
    Ipv6,
    /// git-lfs.
    Lfs,
    /// tinyproxy.
    Proxy,
    /// Files of another user.
    Root,
}

impl Need {
    /// Its name in the table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Ssh => "sshd",
            Self::Daemon => "git daemon",
            Self::Ipv6 => "IPv6",
            Self::Lfs => "git-lfs",
            Self::Proxy => "tinyproxy",
            Self::Root => "root",
        }
    }
}

/// All servers that the cases share.
pub struct Servers {
    /// The repositories that they serve.
    pub repos: Repos,
    /// Where programs of this machine are.
    pub programs: Programs,
    nginx: Result<Nginx, String>,
    ssh: Result<Ssh, String>,
    daemon: Result<Daemon, String>,
    root: TempDir,
}

/// What is not installed is missing; what is, but does not start, is a fault
/// of the test.
fn started<T>(server: Result<T, String>) -> Result<T, String> {
    if let Err(why) = &server {
        assert!(why.ends_with("is not installed"), "{why}");
    }
    server
}

impl Servers {
    /// Makes the repositories and starts whatever this machine has.
    pub fn start() -> Self {
        let root = tempfile::tempdir().expect("a temporary folder");
        let programs = Programs::find();
        let repos = Repos::make(&root.path().join("repos"));
        let (nginx, ssh, daemon) = std::thread::scope(|scope| {
            let nginx = scope.spawn(|| Nginx::start(&root.path().join("nginx"), &repos, &programs));
            let ssh = scope.spawn(|| Ssh::start(&root.path().join("ssh"), &repos, &programs));
            let daemon = Daemon::start(&repos);
            (nginx.join().expect("no panic"), ssh.join().expect("no panic"), daemon)
        });
        let (nginx, ssh, daemon) = (started(nginx), started(ssh), started(daemon));
        if let (Ok(nginx), Ok(ssh)) = (&nginx, &ssh) {
            ssh.large_files_at(&format!("{}/git/lfs.git/info/lfs", nginx.http));
        }
        Self { repos, programs, nginx, ssh, daemon, root }
    }

    /// The same for a test that cannot do without one of them.
    pub fn with(need: Need) -> Option<Self> {
        let servers = Self::start();
        let lacks = servers.lacks(need);
        if let Some(why) = &lacks {
            skipped(why);
        }
        lacks.is_none().then_some(servers)
    }

    /// Why a need is not met on this machine.
    pub fn lacks(&self, need: Need) -> Option<String> {
        match need {
            Need::Nginx => self.nginx.as_ref().err().cloned(),
            Need::Ssh => self.ssh.as_ref().err().cloned(),
            Need::Daemon => self.daemon.as_ref().err().cloned(),
            Need::Ipv6 => match &self.daemon {
                Ok(daemon) => (!daemon.ipv6).then(|| "there is no `::1`".to_owned()),
                Err(why) => Some(why.clone()),
            },
            Need::Lfs => installed("git-lfs").err(),
            Need::Proxy => installed("tinyproxy").err(),
            Need::Root => (!self.repos.foreign).then(|| "only root can make foreign files".into()),
        }
    }

    /// The web server; the case says that it needs one.
    pub fn nginx(&self) -> &Nginx {
        self.nginx.as_ref().expect("the case needs nginx")
    }

    /// The ssh servers; the case says that it needs them.
    pub fn ssh(&self) -> &Ssh {
        self.ssh.as_ref().expect("the case needs sshd")
    }

    /// `git daemon`; the case says that it needs it.
    pub fn daemon(&self) -> &Daemon {
        self.daemon.as_ref().expect("the case needs git daemon")
    }

    /// Every request that the web server has seen.
    pub fn access_log(&self) -> String {
        self.nginx.as_ref().map(Nginx::log).unwrap_or_default()
    }

    /// A folder for servers of one case.
    pub fn folder(&self) -> PathBuf {
        let folder = tempfile::tempdir_in(self.root.path()).expect("a folder");
        folder.keep()
    }

    /// The environment of git and hero: the user's own configuration below
    /// `home`, none of the system's, and an `ssh` that reads `home`.
    pub fn base_environment(&self, home: &Path) -> Vec<(String, Option<String>)> {
        let path = std::env::var("PATH").expect("PATH is text");
        let mut env: Vec<_> =
            ["GIT_CONFIG_GLOBAL", "SSL_CERT_FILE", "SSL_CERT_DIR", "http_proxy", "https_proxy"]
                .map(|name| (name.to_owned(), None))
                .to_vec();
        if self.ssh.is_ok() {
            let shims = ssh::shim(home);
            env.push(("PATH".into(), Some(format!("{}:{path}", shims.display()))));
        }
        env
    }
}
