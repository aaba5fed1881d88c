//! nginx with git-http-backend: http, https with all kinds of certificates.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::scene::write;
use super::process::{Process, free_port, listens};
use super::programs::{Programs, installed};
use super::repos::Repos;
use super::{lfs, tls};

/// A running nginx.
pub struct Nginx {
    /// `http://127.0.0.1:PORT`; it listens on 127.0.0.2 too.
    pub http: String,
    /// The same on another port.
    pub other: String,
    /// With a certificate of the authority in `ca`; on 127.0.0.2 too, for
    /// which the certificate does not count.
    pub https: String,
    /// With a certificate that vouches for itself.
    pub self_signed: String,
    /// With a certificate of yesterday.
    pub expired: String,
    /// With a certificate for another name.
    pub wrong_host: String,
    /// Wants a certificate of the client.
    pub client: String,
    /// The folder of certificates: `ca.pem`, `client.pem`, `client.key` and so on.
    pub tls: PathBuf,
    /// Its access log.
    pub log_file: PathBuf,
    root: PathBuf,
    _processes: [Process; 2],
}

impl Nginx {
    /// Starts nginx and fcgiwrap.
    pub fn start(root: &Path, repos: &Repos, programs: &Programs) -> Result<Self, String> {
        let (nginx, fcgiwrap) = (installed("nginx")?, installed("fcgiwrap")?);
        let tls = root.join("tls");
        tls::make(&tls, &installed("openssl")?);
        lfs::store(&root.join("lfs"), repos);
        let ports: [u16; 7] = std::array::from_fn(|_| free_port());
        let user = if programs.user == "root" { "user root;" } else { "" };
        let path = std::env::var("PATH").expect("PATH is text");
        let mut values = vec![
            ("{ROOT}", root.display().to_string()),
            ("{TLS}", tls.display().to_string()),
            ("{REPOS}", repos.root.display().to_string()),
            ("{GIT_EXEC}", programs.git_exec.display().to_string()),
            ("{PATH}", path),
            ("{USER}", user.to_owned()),
        ];
        let names = ["HTTP", "OTHER", "HTTPS", "SELF_SIGNED", "EXPIRED", "WRONG_HOST", "CLIENT"];
        let names = names.map(|name| format!("{{{name}}}"));
        values.extend(names.iter().map(String::as_str).zip(ports.map(|port| port.to_string())));
        let fill = |text: &str| values.iter().fold(text.to_owned(), |t, (n, v)| t.replace(n, v));
        write(&root.join("nginx.conf"), &fill(include_str!("nginx.conf")), 0o644);
        write(&root.join("locations.conf"), &fill(include_str!("locations.conf")), 0o644);
        write(&root.join("forge.cgi"), &fill(include_str!("forge.cgi")), 0o755);

        let socket = root.join("fcgi.socket");
        let mut command = Command::new(fcgiwrap);
        command.args(["-c", "6", "-s", &format!("unix:{}", socket.display())]);
        let fcgi = Process::start(command, || UnixStream::connect(&socket).is_ok())?;
        let mut command = Command::new(nginx);
        command.arg("-p").arg(root).arg("-c").arg(root.join("nginx.conf"));
        command.arg("-e").arg(root.join("error.log"));
        let server = Process::start(command, || ports.iter().all(|port| listens(*port)))?;
        let origin = |scheme: &str, port: u16| format!("{scheme}://127.0.0.1:{port}");
        Ok(Self {
            http: origin("http", ports[0]),
            other: origin("http", ports[1]),
            https: origin("https", ports[2]),
            self_signed: origin("https", ports[3]),
            expired: origin("https", ports[4]),
            wrong_host: origin("https", ports[5]),
            client: origin("https", ports[6]),
            tls,
            log_file: root.join("access.log"),
            root: root.to_owned(),
            _processes: [server, fcgi],
        })
    }

    /// Lets a password open `/auth/` at an origin.
    pub fn accept(&self, origin: &str, password: &str) {
        let (scheme, port) = (origin.split(':').next(), origin.rsplit(':').next());
        let (scheme, port) = (scheme.expect("a scheme"), port.expect("a port"));
        let path = self.root.join(format!("passwords-{scheme}-{port}"));
        let file = OpenOptions::new().create(true).append(true).open(path);
        file.expect("a file").write_all(format!("{password}\n").as_bytes()).expect("written");
    }

    /// Every request so far.
    pub fn log(&self) -> String {
        let bytes = std::fs::read(&self.log_file).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The file of the authority that its certificates are from.
    pub fn ca(&self) -> String {
        self.tls.join("ca.pem").display().to_string()
    }
}
