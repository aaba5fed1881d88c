//! ssh: servers of several kinds, keys, and a client that reads the test's HOME.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::scene::{Scene, write};
use super::process::Process;
use super::programs::{Programs, installed, must};
use super::repos::Repos;
use super::sshd::Sshd;

/// The running servers and their keys.
pub struct Ssh {
    /// The usual one.
    pub main: Sshd,
    /// The one that others are reached through.
    pub jump: Sshd,
    /// Has an ecdsa key only.
    pub ecdsa: Sshd,
    /// Has a key exchange that withstands quantum computers, and no other.
    pub quantum: Sshd,
    /// Has a certificate for its host key.
    pub certified: Sshd,
    /// The folder of all keys: `client`, `locked` (its passphrase is `opens`),
    /// `stranger` (no server knows it), `authority.pub`, `KIND_host.pub`.
    pub keys: PathBuf,
    /// The user of the servers.
    pub user: String,
}

impl Ssh {
    /// Makes keys and starts the servers.
    pub fn start(root: &Path, repos: &Repos, programs: &Programs) -> Result<Self, String> {
        let keygen = installed("ssh-keygen")?;
        installed("sshd")?;
        std::fs::create_dir_all(root).expect("a folder");
        if programs.user == "root" {
            let _there = std::fs::create_dir_all("/run/sshd");
        }
        let key = |name: &str, kind: &str, passphrase: &str| {
            let path = root.join(name).display().to_string();
            must(&keygen, &["-q", "-t", kind, "-N", passphrase, "-C", name, "-f", &path]);
        };
        for (name, kind) in
            [("client", "ed25519"), ("stranger", "ed25519"), ("authority", "ed25519")]
        {
            key(name, kind, "");
        }
        key("locked", "ed25519", "opens");
        for kind in ["ed25519", "ecdsa", "rsa"] {
            key(&format!("{kind}_host"), kind, "");
        }
        key("certified_host", "ed25519", "");
        let path = |name: &str| root.join(name).display().to_string();
        let (authority, certified) = (path("authority"), path("certified_host.pub"));
        must(&keygen, &["-q", "-s", &authority, "-I", "id", "-h", "-n", "127.0.0.1", &certified]);
        let read = |name: &str| std::fs::read_to_string(root.join(name)).expect("a key");
        let known = read("client.pub") + &read("locked.pub");
        write(&root.join("authorized_keys"), &known, 0o600);
        let shell = include_str!("forge-shell")
            .replace("{PATH}", &std::env::var("PATH").expect("PATH is text"))
            .replace("{ROOT}", &root.display().to_string())
            .replace("{REPOS}", &repos.root.display().to_string());
        write(&root.join("forge-shell"), &shell, 0o755);

        let all = ["ed25519_host", "ecdsa_host", "rsa_host"];
        let start = |name: &str, keys: &[&str], more: &str| Sshd::start(root, name, keys, more);
        let certificate = format!("HostCertificate {}\n", path("certified_host-cert.pub"));
        let quantum = "KexAlgorithms sntrup761x25519-sha512@openssh.com\n";
        Ok(Self {
            main: start("main", &all, "")?,
            jump: start("jump", &all, "")?,
            ecdsa: start("ecdsa", &["ecdsa_host"], "")?,
            quantum: start("quantum", &all, quantum)?,
            certified: start("certified", &["certified_host"], &certificate)?,
            keys: root.to_owned(),
            user: programs.user.clone(),
        })
    }

    /// The address of a repository at one of the servers.
    pub fn url(&self, server: &Sshd, repo: &str) -> String {
        format!("ssh://{}@127.0.0.1:{}/{repo}", self.user, server.port)
    }

    /// Tells git-lfs where the large files of `lfs.git` are.
    pub fn large_files_at(&self, address: &str) {
        write(&self.keys.join("lfs-address"), address, 0o644);
    }

    /// The path of a key.
    pub fn key(&self, name: &str) -> String {
        self.keys.join(name).display().to_string()
    }

    /// A line of known_hosts: `KIND_host` of a server.
    pub fn known(&self, server: &Sshd, kind: &str) -> String {
        format!("[127.0.0.1]:{} {}", server.port, self.public(&format!("{kind}_host")))
    }

    /// The public half of a key.
    pub fn public(&self, name: &str) -> String {
        std::fs::read_to_string(self.keys.join(format!("{name}.pub"))).expect("a key")
    }
}

/// Makes `ssh` of a folder that comes first on PATH. ssh takes the home of the
/// user from the user database, not from HOME, so that a test would read the
/// keys and hosts of whoever runs it. The `ssh` here is the real one with a
/// configuration that includes the one in HOME and comes after it: each setting
/// that HOME has, wins, and the defaults are those of HOME.
pub fn shim(home: &Path) -> PathBuf {
    let folder = home.with_file_name("shims");
    let home = home.display().to_string();
    let home = home.trim_end_matches('/');
    let config = format!(
        "Include {home}/.ssh/config\nMatch all\n  UserKnownHostsFile {home}/.ssh/known_hosts\n  \
         GlobalKnownHostsFile {home}/etc/ssh_known_hosts\n  IdentityFile {home}/.ssh/id_ed25519\n"
    );
    let config = write(&folder.join("config"), &config, 0o600);
    let ssh = installed("ssh").expect("the server is there, so is the client");
    let script = format!("#!/bin/sh\nexec {} -F {} \"$@\"\n", ssh.display(), config.display());
    write(&folder.join("ssh"), &script, 0o755);
    folder
}

/// Starts an agent that has a key, for one case.
pub fn agent(scene: &mut Scene, key: &str) {
    let socket = scene.servers.folder().join("agent");
    let mut command = Command::new("ssh-agent");
    command.arg("-D").arg("-a").arg(&socket);
    let agent = Process::start(command, || socket.exists()).expect("an agent");
    let mut add = Command::new("ssh-add");
    add.arg("-q").arg(key).env("SSH_AUTH_SOCK", &socket);
    // The passphrase of a locked key; no terminal is asked.
    let tells = scene.servers.folder().join("tells");
    let tells = write(&tells, "#!/bin/sh\necho opens\n", 0o755);
    add.env("SSH_ASKPASS", tells).env("SSH_ASKPASS_REQUIRE", "force");
    assert!(add.status().expect("ssh-add starts").success());
    scene.env("SSH_AUTH_SOCK", socket.display().to_string());
    scene.keep(agent);
}
