//! A TCP relay with one fault.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What is wrong with the line, seen from the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Accepts, and then nothing.
    Silent,
    /// Nothing more after so many bytes of the server.
    SilentAfter(usize),
    /// Closed after so many bytes of the server.
    CutAfter(usize),
    /// Reset as soon as the client has said something.
    Reset,
    /// No more than so many bytes of the server per second.
    Slow(usize),
    /// The first answer of each connection comes so much later.
    Late(Duration),
}

/// A running relay; stops when dropped.
pub struct Relay {
    /// Its port on 127.0.0.1.
    pub port: u16,
    done: Arc<AtomicBool>,
}

impl Relay {
    /// Relays to a port of 127.0.0.1.
    pub fn start(target: u16, fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let done = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&done);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                std::thread::spawn(move || drop(connection(client, target, fault)));
            }
        });
        Self { port, done }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        let _woken = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn connection(mut client: TcpStream, target: u16, fault: Fault) -> std::io::Result<()> {
    if fault == Fault::Silent {
        return wait_for_end(&mut client);
    }
    if fault == Fault::Reset {
        // To close with unread bytes makes the kernel send a reset.
        return client.peek(&mut [0]).map(drop);
    }
    let mut server = TcpStream::connect(("127.0.0.1", target))?;
    let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
    std::thread::spawn(move || {
        let _ended = std::io::copy(&mut from, &mut to);
        let _closed = to.shutdown(Shutdown::Write);
    });
    let mut sent = 0;
    let mut buffer = [0; 16 * 1024];
    if let Fault::Late(pause) = fault {
        server.peek(&mut [0])?;
        std::thread::park_timeout(pause);
    }
    loop {
        let wanted = match fault {
            Fault::Slow(rate) => (rate / 10).clamp(1, buffer.len()),
            Fault::SilentAfter(limit) | Fault::CutAfter(limit) => {
                (limit - sent).clamp(1, buffer.len())
            }
            _ => buffer.len(),
        };
        let count = server.read(&mut buffer[..wanted])?;
        if count == 0 {
            return client.shutdown(Shutdown::Both);
        }
        client.write_all(&buffer[..count])?;
        sent += count;
        match fault {
            // The pace of a slow line is not an event that could be awaited.
            Fault::Slow(_) => std::thread::park_timeout(Duration::from_millis(100)),
            Fault::SilentAfter(limit) if sent >= limit => return wait_for_end(&mut client),
            Fault::CutAfter(limit) if sent >= limit => return client.shutdown(Shutdown::Both),
            _ => {}
        }
    }
}

/// Reads until the client gives up.
fn wait_for_end(client: &mut TcpStream) -> std::io::Result<()> {
    std::io::copy(client, &mut std::io::sink()).map(drop)
}
