//! `READY=1`, as programs say it to systemd: for the supervisors that do not
//! listen for it themselves.

use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};

use crate::sys::fs;

/// The variable that tells a program where to say it.
pub(super) const VARIABLE: &str = "NOTIFY_SOCKET";

/// The longest path that a socket may have everywhere.
const LONGEST: usize = 100;

/// A socket that is listened on while a unit starts.
pub(super) struct Notice {
    socket: UnixDatagram,
    path: PathBuf,
}

impl Notice {
    /// Listens at `path`.
    ///
    /// # Errors
    /// When that cannot be a socket.
    pub(super) fn listen(path: &Path) -> std::io::Result<Self> {
        if path.as_os_str().len() > LONGEST {
            return Err(std::io::Error::other(format!(
                "the path of its socket is longer than {LONGEST} bytes: {}",
                path.display()
            )));
        }
        fs::create_dir_all(fs::parent(path)).map_err(std::io::Error::other)?;
        fs::remove_file(path).map_err(std::io::Error::other)?;
        let socket = UnixDatagram::bind(path)?;
        socket.set_nonblocking(true)?;
        Ok(Self { socket, path: path.to_owned() })
    }

    /// Whether `READY=1` has been said since the last question.
    pub(super) fn is_ready(&self) -> bool {
        let mut buffer = [0; 4096];
        let mut ready = false;
        while let Ok(length) = self.socket.recv(&mut buffer) {
            ready |= buffer[..length].split(|byte| *byte == b'\n').any(|line| line == b"READY=1");
        }
        ready
    }
}

impl Drop for Notice {
    fn drop(&mut self) {
        let _gone = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ready_is_ready() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notify");
        let notice = Notice::listen(&path).unwrap();
        let sender = UnixDatagram::unbound().unwrap();
        sender.send_to(b"STATUS=READY=1 soon", &path).unwrap();
        assert!(!notice.is_ready());
        sender.send_to(b"STATUS=up\nREADY=1\n", &path).unwrap();
        assert!(notice.is_ready());
        drop(notice);
        assert!(!fs::exists(&path));
    }
}
