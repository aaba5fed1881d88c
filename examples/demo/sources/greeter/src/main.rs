//! An HTTP server that says hello, as JSON.

use std::error::Error;

use lexopt::ValueExt;
use serde_json::json;
use tiny_http::{Header, Response, Server};

const USAGE: &str = "usage: greeter [--port N] [--greeting TEXT] [--version]";

struct Options {
    port: u16,
    greeting: String,
}

fn options() -> Result<Option<Options>, Box<dyn Error>> {
    let mut options = Options { port: 8080, greeting: "hello".into() };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            lexopt::Arg::Long("port") => options.port = parser.value()?.string()?.parse()?,
            lexopt::Arg::Long("greeting") => options.greeting = parser.value()?.string()?,
            lexopt::Arg::Long("version") => {
                println!("greeter {}", env!("CARGO_PKG_VERSION"));
                return Ok(None);
            }
            _ => return Err(USAGE.into()),
        }
    }
    Ok(Some(options))
}

/// The answer to a path: its status and body.
fn answer(path: &str, greeting: &str) -> (u16, serde_json::Value) {
    match path.trim_start_matches('/') {
        "health" => (200, json!({ "status": "ok" })),
        "" => (200, json!({ "message": greeting })),
        name if !name.contains('/') => (200, json!({ "message": format!("{greeting}, {name}") })),
        _ => (404, json!({ "error": "nobody there" })),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let Some(options) = options()? else { return Ok(()) };
    let server = Server::http(("127.0.0.1", options.port)).map_err(|error| error.to_string())?;
    println!("greeter listens on http://{}", server.server_addr());
    for request in server.incoming_requests() {
        let (status, body) = answer(request.url(), &options.greeting);
        let json = Header::from_bytes("content-type", "application/json");
        let mut response = Response::from_string(body.to_string()).with_status_code(status);
        if let Ok(header) = json {
            response.add_header(header);
        }
        if let Err(error) = request.respond(response) {
            eprintln!("greeter: a client went away: {error}");
        }
    }
    Ok(())
}
