//! Counts the words of what is posted to it.

use std::error::Error;

use lexopt::ValueExt;
use tiny_http::{Response, Server};

fn main() -> Result<(), Box<dyn Error>> {
    let mut port = 8083;
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            lexopt::Arg::Long("port") => port = parser.value()?.parse()?,
            other => return Err(other.unexpected().into()),
        }
    }
    let server = Server::http(("127.0.0.1", port)).map_err(|error| error.to_string())?;
    println!("words-server listens on http://{}", server.server_addr());
    for mut request in server.incoming_requests() {
        let mut text = String::new();
        let read = request.as_reader().read_to_string(&mut text);
        let answer = match read {
            Ok(_) => Response::from_string(format!("{}\n", words::count(&text))),
            Err(error) => Response::from_string(format!("{error}\n")).with_status_code(400),
        };
        if let Err(error) = request.respond(answer) {
            eprintln!("words-server: a client went away: {error}");
        }
    }
    Ok(())
}
