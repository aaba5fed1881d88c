//! Services as one team has them: the same crates, the same versions.

use std::path::PathBuf;
use std::process::Command;

use super::support::{Repo, World, both, manifest};

/// What a small web service is made of.
const MORE: &str = r#"
[dependencies]
axum = "0.8"
clap = { version = "4", features = ["derive"] }
serde = { version = "1", features = ["derive"] }
serde_json = "1"
tokio = { version = "1", features = ["full"] }
tracing-subscriber = { version = "0.3", features = ["env-filter"] }
"#;

/// So many repositories, by name.
pub fn make(world: &World, count: usize) -> Vec<(String, PathBuf)> {
    let mut made: Vec<(String, PathBuf)> = Vec::new();
    for index in 0..count {
        let name = format!("sibling{index}");
        let repo = world.repo(&name);
        repo.write("Cargo.toml", &manifest(&name, MORE));
        repo.write("src/main.rs", &program(&name));
        repo.write(".gitignore", "/target\n");
        match made.first() {
            None => lock(world, &repo),
            Some((first, path)) => {
                let lock = Repo { path: path.clone() }.read("Cargo.lock");
                let (own, others) = (format!("name = \"{name}\""), format!("name = \"{first}\""));
                repo.write("Cargo.lock", &lock.replace(&others, &own));
            }
        }
        repo.commit(&name);
        made.push((name, repo.path));
    }
    made
}

fn lock(world: &World, repo: &Repo) {
    let mut cargo = Command::new("cargo");
    world.environment(&mut cargo);
    let output = cargo.arg("generate-lockfile").current_dir(&repo.path).output();
    let output = output.expect("cargo starts");
    assert!(output.status.success(), "{}", both(&output));
}

fn program(name: &str) -> String {
    format!(
        r#"use axum::extract::{{Path, Query, State}};
use axum::routing::{{get, post}};
use axum::{{Json, Router}};
use clap::Parser;
use serde::{{Deserialize, Serialize}};
use std::sync::{{Arc, Mutex}};

/// {name}: keeps notes.
#[derive(Parser)]
#[command(version)]
struct Options {{
    #[arg(long, default_value_t = 8080)]
    port: u16,
}}

#[derive(Clone, Serialize, Deserialize)]
struct Note {{ title: String, tags: Vec<String>, text: String }}

#[derive(Deserialize)]
struct Search {{ tag: Option<String>, limit: Option<usize> }}

type Notes = Arc<Mutex<Vec<Note>>>;

async fn list(State(notes): State<Notes>, Query(search): Query<Search>) -> Json<Vec<Note>> {{
    let notes = notes.lock().unwrap();
    let wanted = |note: &&Note| search.tag.as_ref().is_none_or(|tag| note.tags.contains(tag));
    Json(notes.iter().filter(wanted).take(search.limit.unwrap_or(10)).cloned().collect())
}}

async fn add(State(notes): State<Notes>, Json(note): Json<Note>) -> Json<usize> {{
    let mut notes = notes.lock().unwrap();
    notes.push(note);
    Json(notes.len())
}}

async fn one(State(notes): State<Notes>, Path(index): Path<usize>) -> Json<Option<Note>> {{
    Json(notes.lock().unwrap().get(index).cloned())
}}

#[tokio::main]
async fn main() {{
    tracing_subscriber::fmt().with_env_filter("info").init();
    let options = Options::parse();
    let app = Router::new()
        .route("/notes", get(list))
        .route("/notes", post(add))
        .route("/notes/{{index}}", get(one))
        .route("/name", get(|| async {{ serde_json::json!({{ "name": "{name}" }}).to_string() }}))
        .with_state(Notes::default());
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", options.port)).await.unwrap();
    axum::serve(listener, app).await.unwrap();
}}
"#
    )
}
