//! ssh: which hosts are known, and how they are reached.

use super::super::case::{Case, case};
use super::super::servers::Need::{self, Ssh};
use super::ssh::{key, known, main, usual};

const N: &[Need] = &[Ssh];

pub const CASES: &[Case] = &[
    case("host-1", "a host that is not known", N, |s| {
        key(s, "client");
        main(s, "plain.git");
    })
    .fails("host_key_unknown", "fingerprint|ssh -p|127.0.0.1"),
    case("host-2", "a host whose key has changed", N, |s| {
        usual(s, "plain.git");
        let ssh = s.servers.ssh();
        let line = format!("[127.0.0.1]:{} {}", ssh.main.port, ssh.public("certified_host"));
        s.file(".ssh/known_hosts", line);
    })
    .fails("host_key_changed", "127.0.0.1"),
    case("G10a", "the host is known to the machine only", N, |s| {
        key(s, "client");
        main(s, "plain.git");
        let ssh = s.servers.ssh();
        s.file("etc/ssh_known_hosts", ssh.known(&ssh.main, "ed25519"));
    }),
    case("G10b", "GlobalKnownHostsFile in ~/.ssh/config", N, |s| {
        key(s, "client");
        main(s, "plain.git");
        let ssh = s.servers.ssh();
        let hosts = s.file("machine", ssh.known(&ssh.main, "ed25519"));
        s.file(".ssh/config", format!("GlobalKnownHostsFile {}\n", hosts.display()));
    }),
    case("host-3", "a hashed known_hosts", N, |s| {
        usual(s, "plain.git");
        let hosts = s.world.home(".ssh/known_hosts").display().to_string();
        super::super::servers::must("ssh-keygen", &["-H", "-f", &hosts]);
        let plain = std::fs::read_to_string(&hosts).expect("the file is there");
        assert!(plain.starts_with("|1|"), "known_hosts is not hashed");
    }),
    case("host-4", "a server with an ecdsa key only", N, |s| {
        key(s, "client");
        let ssh = s.servers.ssh();
        s.file(".ssh/known_hosts", ssh.known(&ssh.ecdsa, "ecdsa"));
        s.repo(ssh.url(&ssh.ecdsa, "plain.git"));
    }),
    case("host-5", "of several keys of the server, the rsa key is known", N, |s| {
        usual(s, "plain.git");
        let ssh = s.servers.ssh();
        s.file(".ssh/known_hosts", ssh.known(&ssh.main, "rsa"));
    }),
    case("G12a", "a server with post-quantum key exchange only", N, |s| {
        key(s, "client");
        let ssh = s.servers.ssh();
        s.file(".ssh/known_hosts", ssh.known(&ssh.quantum, "ed25519"));
        s.repo(ssh.url(&ssh.quantum, "plain.git"));
    }),
    case("host-6", "@cert-authority in known_hosts", N, |s| {
        key(s, "client");
        let ssh = s.servers.ssh();
        let authority = ssh.public("authority");
        let line = format!("@cert-authority [127.0.0.1]:{} {authority}", ssh.certified.port);
        s.file(".ssh/known_hosts", line);
        s.repo(ssh.url(&ssh.certified, "plain.git"));
    }),
    case("host-7", "@revoked in known_hosts", N, |s| {
        usual(s, "plain.git");
        let ssh = s.servers.ssh();
        let line = ssh.known(&ssh.main, "ed25519");
        s.file(".ssh/known_hosts", format!("@revoked {line}{line}"));
    })
    .fails("host_key_changed|host_key_unknown", ""),
    case("host-8", "StrictHostKeyChecking accept-new", N, |s| {
        key(s, "client");
        main(s, "plain.git");
        let lines = "StrictHostKeyChecking accept-new\nUserKnownHostsFile /dev/null\n";
        s.file(".ssh/config", lines);
    }),
    case("host-9", "StrictHostKeyChecking no", N, |s| {
        key(s, "client");
        main(s, "plain.git");
        let lines = "StrictHostKeyChecking no\nUserKnownHostsFile /dev/null\n";
        s.file(".ssh/config", lines);
    }),
    case("G42b", "an alias for a host that is not known", N, |s| {
        key(s, "client");
        let ssh = s.servers.ssh();
        let (port, user) = (ssh.main.port, &ssh.user);
        let lines = format!("Host forge\n  HostName 127.0.0.1\n  Port {port}\n  User {user}\n");
        s.file(".ssh/config", lines);
        s.repo("forge:plain.git");
    })
    .fails("host_key_unknown", "fingerprint|ssh forge"),
    case("host-10", "HostKeyAlias", N, |s| {
        key(s, "client");
        main(s, "plain.git");
        s.file(".ssh/config", "HostKeyAlias forge.example\n");
        let line = format!("forge.example {}", s.servers.ssh().public("ed25519_host"));
        s.file(".ssh/known_hosts", line);
    }),
    case("host-11", "ProxyJump", N, |s| {
        usual(s, "plain.git");
        let ssh = s.servers.ssh();
        let (main, jump) = (&ssh.main, &ssh.jump);
        let lines = format!(
            "Host forge\n  HostName 127.0.0.1\n  Port {}\n  User {user}\n  ProxyJump jump\n\
             Host jump\n  HostName 127.0.0.1\n  Port {}\n  User {user}\n",
            main.port,
            jump.port,
            user = ssh.user
        );
        s.file(".ssh/config", lines);
        let hosts = ssh.known(main, "ed25519") + &ssh.known(jump, "ed25519");
        s.file(".ssh/known_hosts", hosts);
        s.repo("forge:plain.git");
    }),
    case("host-12", "ProxyCommand", N, |s| {
        usual(s, "plain.git");
        let ssh = s.servers.ssh();
        let (main, jump) = (&ssh.main, &ssh.jump);
        let lines = format!(
            "Host forge\n  HostName forge.invalid\n  Port 22\n  User {user}\n  \
             HostKeyAlias main\n  ProxyCommand ssh -p {} -W 127.0.0.1:{} {user}@127.0.0.1\n",
            jump.port,
            main.port,
            user = ssh.user
        );
        s.file(".ssh/config", lines);
        let host = format!("main {}", ssh.public("ed25519_host"));
        s.file(".ssh/known_hosts", host + &ssh.known(jump, "ed25519"));
        s.repo("forge:plain.git");
    }),
    case("host-13", "Include and Match in ~/.ssh/config", N, |s| {
        known(s);
        let ssh = s.servers.ssh();
        let more = format!("Match host 127.0.0.1\n  IdentityFile {}\n", ssh.key("client"));
        let more = s.file(".ssh/more", more);
        s.file(".ssh/config", format!("Include {}\n", more.display()));
        main(s, "plain.git");
    }),
];
