//! Says a number of seconds in words, once or over HTTP.

use std::error::Error;

use tiny_http::{Response, Server};

const USAGE: &str = "usage: clock SECONDS | clock --port N";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [seconds] => println!("{}", emphasis(&timefmt::words(seconds.parse()?))),
        [flag, port] if flag == "--port" => serve(port.parse()?)?,
        _ => return Err(USAGE.into()),
    }
    Ok(())
}

/// Answers `/90` with `1m 30s`, and `/` with the time it has been up.
fn serve(port: u16) -> Result<(), Box<dyn Error>> {
    let server = Server::http(("127.0.0.1", port)).map_err(|error| error.to_string())?;
    let started = std::time::Instant::now();
    println!("clock listens on http://{}", server.server_addr());
    for request in server.incoming_requests() {
        let seconds = request.url().trim_start_matches('/').parse();
        let words = timefmt::words(seconds.unwrap_or(started.elapsed().as_secs()));
        if let Err(error) = request.respond(Response::from_string(format!("{words}\n"))) {
            eprintln!("clock: a client went away: {error}");
        }
    }
    Ok(())
}

#[cfg(feature = "colour")]
fn emphasis(text: &str) -> String {
    let bold = anstyle::Style::new().bold();
    format!("{bold}{text}{bold:#}")
}

#[cfg(not(feature = "colour"))]
fn emphasis(text: &str) -> String {
    text.to_owned()
}
