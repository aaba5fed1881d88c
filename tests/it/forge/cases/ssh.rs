//! ssh: keys, agents, aliases, commands, and the texts of forges.

use super::super::case::{Case, Git, case};
use super::super::judge::Check;
use super::super::scene::Scene;
use super::super::servers::Need::{self, Ssh};
use super::super::servers::ssh::agent;

const N: &[Need] = &[Ssh];

/// Makes the host of the main server known.
pub fn known(scene: &mut Scene) {
    let ssh = scene.servers.ssh();
    scene.file(".ssh/known_hosts", ssh.known(&ssh.main, "ed25519"));
}

/// Puts a key where ssh looks for it by itself.
pub fn key(scene: &mut Scene, name: &str) {
    let text = std::fs::read_to_string(scene.servers.ssh().key(name)).expect("a key");
    scene.file(".ssh/id_ed25519", text);
}

/// Takes the address of a repository at the main server.
pub fn main(scene: &mut Scene, repo: &str) {
    let ssh = scene.servers.ssh();
    scene.repo(ssh.url(&ssh.main, repo));
}

/// The usual: a known host, a key in HOME, a repository.
pub fn usual(scene: &mut Scene, repo: &str) {
    known(scene);
    key(scene, "client");
    main(scene, repo);
}

/// Options of the command line that make the main server and the key known.
fn options(scene: &mut Scene) -> String {
    let ssh = scene.servers.ssh();
    let hosts = scene.file("hosts", ssh.known(&ssh.main, "ed25519"));
    format!("-i {} -o UserKnownHostsFile={}", ssh.key("client"), hosts.display())
}

/// An alias for the main server with everything in it.
fn alias(scene: &mut Scene) {
    let ssh = scene.servers.ssh();
    scene.file(
        ".ssh/config",
        format!(
            "Host forge\n  HostName 127.0.0.1\n  Port {}\n  User {}\n  IdentityFile {}\n  \
             IdentitiesOnly yes\n",
            ssh.main.port,
            ssh.user,
            ssh.key("client")
        ),
    );
}

pub const CASES: &[Case] = &[
    case("ssh-1", "a key in ~/.ssh, a host in known_hosts", N, |s| usual(s, "plain.git")),
    case("ssh-2", "a key in the agent", N, |s| {
        known(s);
        main(s, "plain.git");
        agent(s, &s.servers.ssh().key("client"));
    }),
    case("ssh-3", "an alias with Port, User and IdentityFile, as `forge:x.git`", N, |s| {
        alias(s);
        known(s);
        s.repo("forge:plain.git");
    }),
    case("ssh-4", "the same alias as `ssh://forge/x.git`", N, |s| {
        alias(s);
        known(s);
        s.repo("ssh://forge/plain.git");
    }),
    case("ssh-5", "protocol 0 over ssh", N, |s| {
        usual(s, "plain.git");
        s.config("protocol.version", "0");
    }),
    case("ssh-6", "IdentitiesOnly with an agent full of other keys", N, |s| {
        alias(s);
        known(s);
        agent(s, &s.servers.ssh().key("stranger"));
        s.repo("forge:plain.git");
    }),
    case("ssh-7", "a key that the server does not know", N, |s| {
        known(s);
        key(s, "stranger");
        main(s, "plain.git");
    })
    .fails("auth_failed|auth_required", ""),
    case("ssh-8", "no key at all", N, |s| {
        known(s);
        main(s, "plain.git");
    })
    .fails("auth_required|auth_failed", ""),
    case("G42a", "a key with a passphrase, no agent", N, |s| {
        usual(s, "plain.git");
        key(s, "locked");
    })
    .fails("auth_required|auth_failed", "ssh-add"),
    case("ssh-9", "a key with a passphrase in the agent", N, |s| {
        known(s);
        main(s, "plain.git");
        agent(s, &s.servers.ssh().key("locked"));
    }),
    case("ssh-10", "a key with a passphrase, SSH_ASKPASS knows it", N, |s| {
        known(s);
        key(s, "locked");
        main(s, "plain.git");
        let tells = s.program("tells", "echo opens");
        s.env("SSH_ASKPASS", tells.display().to_string()).env("SSH_ASKPASS_REQUIRE", "force");
    }),
    case("G11a", "GIT_SSH_COMMAND with a key and known hosts", N, |s| {
        main(s, "plain.git");
        let options = options(s);
        s.env("GIT_SSH_COMMAND", format!("ssh {options}"));
    }),
    case("G11b", "core.sshCommand with a key and known hosts", N, |s| {
        main(s, "plain.git");
        let options = options(s);
        s.config("core.sshCommand", format!("ssh {options}"));
    }),
    case("G11c", "GIT_SSH names a wrapper", N, |s| {
        main(s, "plain.git");
        let options = options(s);
        let used = s.world.home("used");
        let wrapper =
            s.program("wrapper", format!("echo used >>~/used; exec ssh {options} \"$@\""));
        s.env("GIT_SSH", wrapper.display().to_string());
        s.check(Check::Written(used, "used".into()));
    }),
    case("G11d", "GIT_SSH_COMMAND comes before core.sshCommand", N, |s| {
        main(s, "plain.git");
        let options = options(s);
        s.config("core.sshCommand", "false");
        s.env("GIT_SSH_COMMAND", format!("ssh {options}"));
    }),
    case("G13a", "url.<ssh>.insteadOf for an https address", N, |s| {
        usual(s, "plain.git");
        let base = s.address.replace("plain.git", "");
        s.config(&format!("url.{base}.insteadOf"), "https://forge.invalid/");
        s.repo("https://forge.invalid/plain.git");
    }),
    case("G40a", "a missing repository, as GitLab says it", N, |s| usual(s, "gitlab/missing.git"))
        .fails("remote_not_found", ""),
    case("G40b", "a missing repository, as Forgejo says it", N, |s| {
        usual(s, "forgejo/missing.git");
    })
    .fails("remote_not_found", ""),
    case("G40c", "a missing repository, as Gitea says it", N, |s| usual(s, "gitea/missing.git"))
        .fails("remote_not_found", ""),
    case("G40d", "a missing repository, as gitolite says it", N, |s| {
        usual(s, "gitolite/missing.git");
    })
    .fails("remote_not_found", ""),
    case("G40e", "a missing repository, as GitHub says it", N, |s| usual(s, "github/missing.git"))
        .fails("remote_not_found", ""),
    case("G40f", "a missing repository on a plain ssh server", N, |s| usual(s, "missing.git"))
        .fails("remote_not_found", ""),
    case("ssh-11", "a commit on no branch over ssh", N, |s| {
        usual(s, "plain.git");
        let hidden = s.servers.repos.hidden.clone();
        s.option("commit", &hidden).expect(hidden);
    }),
    case("ssh-12", "the port refuses", N, |s| {
        let user = s.servers.ssh().user.clone();
        s.repo(format!("ssh://{user}@127.0.0.1:1/plain.git"));
    })
    .fails("refused", ""),
    case("ssh-13", "a host that does not exist", N, |s| {
        s.repo("git@forge.invalid:plain.git");
    })
    .fails("dns", "forge.invalid"),
    case("ssh-14", "the server is silent", N, |s| {
        let port = s.servers.ssh().main.port;
        let relay = super::faults::start(s, port, super::super::servers::relay::Fault::Silent);
        let user = s.servers.ssh().user.clone();
        s.repo(format!("ssh://{user}@127.0.0.1:{relay}/plain.git"));
        s.impatient();
    })
    .hero_fails(Git::Hangs, "timeout", ""),
    case("ssh-15", "the server hangs up", N, |s| {
        let port = s.servers.ssh().main.port;
        let relay = super::faults::start(s, port, super::super::servers::relay::Fault::CutAfter(0));
        let user = s.servers.ssh().user.clone();
        s.repo(format!("ssh://{user}@127.0.0.1:{relay}/plain.git"));
    })
    .fails("disconnected", ""),
];
