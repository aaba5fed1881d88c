//! Talking to zinit: JSON-RPC, a line each way, on its socket.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

/// How long zinit may take to answer.
const LIMIT: Duration = Duration::from_secs(5);
/// How long it may take where it waits for a process to end.
const LONG_LIMIT: Duration = Duration::from_secs(20);
/// The code for a method that a server does not have.
const NO_METHOD: i64 = -32601;
/// zinit's code for a service that it does not know.
const NO_SERVICE: i64 = -32000;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    /// Nobody listens there.
    #[error("nobody answers at {}: {source}", socket.display())]
    Silent {
        /// The socket.
        socket: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The protocol of an earlier zinit.
    #[error("the zinit at {} speaks an older protocol", socket.display())]
    Old {
        /// The socket.
        socket: PathBuf,
    },
    /// It does not know the service.
    #[error("it does not know it")]
    Unknown,
    /// It refused, in its own words.
    #[error("{0}")]
    Refused(String),
}

/// The way to one zinit.
#[derive(Debug, Clone)]
pub(super) struct Client {
    socket: PathBuf,
}

impl Client {
    /// One that listens at `socket`.
    pub(super) fn new(socket: &Path) -> Self {
        Self { socket: socket.to_owned() }
    }

    /// Whether it is there, and of the right kind.
    ///
    /// # Errors
    /// When it is not.
    pub(super) fn ping(&self) -> Result<(), CallError> {
        match self.call("system.ping", &Value::Null) {
            // This server has no such method: those before had other names.
            Err(CallError::Refused(_)) => Err(CallError::Old { socket: self.socket.clone() }),
            other => other.map(drop),
        }
    }

    /// Calls a method with the name of a service.
    ///
    /// # Errors
    /// When there is no answer, or it is an error.
    pub(super) fn call_for(&self, method: &str, name: &str) -> Result<Value, CallError> {
        self.call(method, &json!({ "name": name }))
    }

    /// Calls a method.
    ///
    /// # Errors
    /// When there is no answer, or it is an error.
    pub(super) fn call(&self, method: &str, params: &Value) -> Result<Value, CallError> {
        let limit = if matches!(method, "service.set" | "service.stop" | "service.delete") {
            LONG_LIMIT
        } else {
            LIMIT
        };
        let line = self
            .ask(method, params, limit)
            .map_err(|source| CallError::Silent { socket: self.socket.clone(), source })?;
        let old = || CallError::Old { socket: self.socket.clone() };
        let mut answer: Value = serde_json::from_str(&line).map_err(|_| old())?;
        if answer.get("jsonrpc").is_none() {
            return Err(old());
        }
        let Some(error) = answer.get("error").filter(|error| !error.is_null()) else {
            return Ok(answer["result"].take());
        };
        match error["code"].as_i64() {
            Some(NO_METHOD) => Err(old()),
            Some(NO_SERVICE) => Err(CallError::Unknown),
            _ => {
                let more = error["data"]["errors"].as_array().into_iter().flatten();
                let more: Vec<&str> = more.filter_map(Value::as_str).collect();
                let message = error["message"].as_str().unwrap_or("it does not say why");
                if message.contains("not found") && message.contains("ervice") && more.is_empty() {
                    return Err(CallError::Unknown);
                }
                let all: Vec<&str> = std::iter::once(message).chain(more).collect();
                Err(CallError::Refused(all.join("; ")))
            }
        }
    }

    fn ask(&self, method: &str, params: &Value, limit: Duration) -> std::io::Result<String> {
        let mut stream = UnixStream::connect(&self.socket)?;
        stream.set_read_timeout(Some(limit))?;
        stream.set_write_timeout(Some(LIMIT))?;
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        // Whoever does not wait for the end of the question may have answered.
        let asked = stream.write_all(format!("{request}\n").as_bytes());
        let mut line = Vec::new();
        let read = BufReader::new(stream).read_until(b'\n', &mut line);
        if line.is_empty() {
            asked?;
            read?;
            return Err(std::io::Error::other("it closed the connection"));
        }
        // Logs may hold bytes that are no text.
        Ok(String::from_utf8_lossy(&line).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    /// A server that says one thing to whatever it is asked.
    fn says(words: &'static str) -> (tempfile::TempDir, Client) {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("s");
        let listener = UnixListener::bind(&socket).unwrap();
        std::thread::spawn(move || {
            while let Ok((mut stream, _)) = listener.accept() {
                let mut line = String::new();
                let _asked = BufReader::new(stream.try_clone().unwrap()).read_line(&mut line);
                let _gone = stream.write_all(words.as_bytes());
            }
        });
        (dir, Client::new(&socket))
    }

    #[test]
    fn older_protocols_are_told_from_others() {
        for words in [
            // Raw text, up to 0.2.14.
            "{\"state\":\"error\",\"body\":\"unknown command\"}\n",
            "unknown command\n",
            // JSON-RPC with other names.
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32601,\"message\":\"Method not found\"}}\n",
        ] {
            let (_dir, client) = says(words);
            assert!(matches!(client.ping(), Err(CallError::Old { .. })), "{words}");
        }
        let (_dir, client) =
            says("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"version\":\"0.3.9\"}}\n");
        client.ping().unwrap();
    }

    #[test]
    fn an_error_is_in_its_own_words() {
        let (_dir, client) = says(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32011,\"message\":\"Validation failed\",\"data\":{\"errors\":[\"bad name\"]}}}\n",
        );
        let fault = client.call_for("service.get", "x").unwrap_err();
        assert_eq!(fault.to_string(), "Validation failed; bad name");
        let (_dir, client) = says(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32000,\"message\":\"service not found\"}}\n",
        );
        assert!(matches!(client.call_for("service.get", "x"), Err(CallError::Unknown)));
        let gone = Client::new(Path::new("/no/such/socket"));
        assert!(matches!(gone.ping(), Err(CallError::Silent { .. })));
    }
}
