//! The elevated hero's side of the protocol in `sys::elevated`; the asking side's has unit tests.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::World;

/// Gives `hero elevated` a request; its exit code and its lines.
fn ask(request: &str) -> (Option<i32>, Vec<Value>) {
    let world = World::new();
    let mut command = world.command("elevated");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(request.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.code(), text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// A harmless order: to verify the services of an empty install root.
fn request(version: &Value, prefix: &World) -> String {
    let order = json!({ "prefix": prefix.root(), "change": { "repair": { "services": [] } } });
    json!({ "version": version, "domain": "store", "order": order }).to_string()
}

fn own() -> Value {
    let (_, lines) = ask("{}");
    lines[0]["version"].clone()
}

#[test]
fn a_request_of_the_same_hero_is_served() {
    let root = World::new();
    let version = own();
    assert_eq!(version["hero"], env!("CARGO_PKG_VERSION"));
    let (code, lines) = ask(&request(&version, &root));
    assert_eq!(code, Some(0), "{lines:?}");
    assert_eq!(lines.first().unwrap()["version"], version);
    assert_eq!(lines.last().unwrap()["done"]["problems"], json!([]), "{lines:?}");
}

#[test]
fn a_request_of_another_hero_is_refused_before_its_order_is_read() {
    let own = own();
    let newer = json!({ "protocol": 99, "hero": own["hero"] });
    let older = json!({ "protocol": own["protocol"], "hero": "0.0.1" });
    for version in [newer, older] {
        for domain in ["store", "unheard of"] {
            let request = json!({ "version": version, "domain": domain, "order": 5 });
            let (code, lines) = ask(&request.to_string());
            assert_eq!((code, lines.len()), (Some(3), 2), "{lines:?}");
            let refusal = &lines[1]["failed"];
            assert_eq!(refusal["kind"], "version_mismatch", "{lines:?}");
            let message = refusal["message"].as_str().unwrap();
            let asking = format!(
                "is hero {} (protocol {})",
                version["hero"].as_str().unwrap(),
                version["protocol"]
            );
            assert!(message.contains("/hero`, which sudo started") && message.ends_with(&asking));
        }
    }
}

#[test]
fn what_is_no_request_is_refused() {
    let version = own();
    let unknown = json!({ "version": version, "domain": "unheard of", "order": 5 }).to_string();
    let wrong = json!({ "version": version, "domain": "supervise", "order": 5 }).to_string();
    for request in ["", "text", "{\"store\":{}}", &unknown, &wrong] {
        let (code, lines) = ask(request);
        assert_eq!(code, Some(70), "{request}: {lines:?}");
        assert_eq!(lines[1]["failed"]["kind"], "internal", "{request}: {lines:?}");
    }
}
