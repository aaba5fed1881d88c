//! What must be true of an install root.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::operations::OTHER;
use super::support::{World, sha256};
use super::tree::{entries, name, paths};

/// What `bin/` shows: names and what is read through them.
pub type Shown = BTreeMap<String, String>;

/// Everything that `bin/` shows but the other service's.
pub fn shown(world: &World) -> Shown {
    let mut shown = seen(&world.bin(""), |content| String::from_utf8_lossy(content).into_owned());
    shown.remove(OTHER);
    shown
}

/// What a folder shows to those who run programs, each as `say` says its
/// content. Links that lead nowhere and what is hidden show nothing.
pub fn seen(folder: &Path, say: impl Fn(&[u8]) -> String) -> Shown {
    let mut seen = Shown::new();
    for path in entries(folder) {
        let name = name(&path);
        if name.starts_with('.') {
            continue;
        }
        let Ok(content) = std::fs::read(&path) else { continue };
        let mut content = say(&content);
        if std::fs::metadata(&path).is_ok_and(|data| data.permissions().mode() & 0o111 == 0) {
            content.push_str("(may not be run)");
        }
        seen.insert(name, content);
    }
    seen
}

/// A state in one line.
pub fn line(shown: &Shown) -> String {
    let said = |text: &String| text.rsplit("echo ").next().unwrap_or_default().trim().to_owned();
    let all: Vec<_> = shown.values().map(said).collect();
    if all.is_empty() { "nothing".into() } else { all.join(", ") }
}

/// What is not as it must be after any command that succeeded.
pub fn disorder(world: &World) -> Vec<String> {
    let mut faults = Vec::new();
    let home = world.home("");
    for path in paths(&home) {
        let name = name(&path);
        if [".staging-", ".removed-", ".bridge-", ".hero-", ".tmp"]
            .iter()
            .any(|it| name.starts_with(it))
        {
            faults.push(format!("left over: {}", path.strip_prefix(&home).unwrap().display()));
        }
    }
    for folder in [world.bin(""), world.home(".local/share/hero/current")] {
        for link in entries(&folder) {
            if !link.exists() {
                faults.push(format!(
                    "leads nowhere: {}",
                    link.strip_prefix(&home).unwrap().display()
                ));
            }
        }
    }
    for service in entries(&world.home(".local/share/hero/store")) {
        if entries(&service).is_empty() {
            faults.push(format!("left over: an empty store/{}", name(&service)));
        }
        let whole = |path: &PathBuf| !name(path).starts_with(".bridge-");
        for generation in entries(&service).into_iter().filter(whole) {
            if let Err(fault) = receipt_is_true(&generation) {
                faults.push(format!("{}/{}: {fault}", name(&service), name(&generation)));
            }
        }
    }
    match problems(world) {
        Ok(problems) if problems.is_empty() => {}
        Ok(problems) => faults.push(format!("hero list: {}", problems.join("; "))),
        Err(fault) => faults.push(fault),
    }
    faults
}

/// Whether the receipt of a generation says what lies there.
fn receipt_is_true(generation: &Path) -> Result<(), String> {
    let set_aside = |path: &PathBuf| name(path).starts_with("receipt.json.corrupt-");
    let file = generation.join("receipt.json");
    if !file.exists() && entries(generation).iter().any(set_aside) {
        return Ok(());
    }
    let text = std::fs::read(&file).map_err(|error| format!("receipt.json: {error}"))?;
    let receipt: serde_json::Value =
        serde_json::from_slice(&text).map_err(|error| format!("receipt.json: {error}"))?;
    let bins = receipt["bins"].as_array().ok_or("the receipt names no binaries")?;
    for bin in bins {
        let name = bin["name"].as_str().ok_or("a binary without a name")?;
        let content = std::fs::read(generation.join("bin").join(name))
            .map_err(|error| format!("{name}: {error}"))?;
        if bin["size"] != content.len() || bin["sha256"] != sha256(&content) {
            return Err(format!("{name} is not what the receipt says"));
        }
    }
    let there = entries(&generation.join("bin")).len();
    if there != bins.len() {
        return Err(format!("{} binaries in the receipt, {there} there", bins.len()));
    }
    Ok(())
}

/// What `hero list` says.
pub fn listing(world: &World) -> Result<serde_json::Value, String> {
    let output = world.command("list --json").output().expect("hero starts");
    serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("hero list --json: {error}: {}", super::support::both(&output)))
}

/// What `hero list` finds wrong.
fn problems(world: &World) -> Result<Vec<String>, String> {
    let listing = listing(world)?;
    let problems = listing["problems"].as_array().ok_or("hero list --json without problems")?;
    Ok(problems.iter().map(|it| it["message"].as_str().unwrap_or_default().to_owned()).collect())
}

#[test]
fn disorder_is_seen() {
    let world = World::new();
    world.install("svc", &["a", "b"], "one");
    assert_eq!(disorder(&world), [] as [&str; 0]);
    let hero = world.home(".local/share/hero");
    std::fs::create_dir_all(hero.join("store/empty")).unwrap();
    std::fs::create_dir(hero.join("store/.staging-1-x")).unwrap();
    std::fs::write(world.bin(".hero-aside-1"), "").unwrap();
    std::os::unix::fs::symlink("nowhere", world.bin("x")).unwrap();
    let generation = entries(&hero.join("store/svc")).remove(0);
    std::fs::create_dir(hero.join("store/svc/.bridge-1-0")).unwrap();
    std::fs::write(generation.join("bin/a"), "#!/bin/sh\necho a two\n").unwrap();
    std::fs::remove_file(world.bin("b")).unwrap();
    let faults = disorder(&world).join("\n");
    for seen in [
        "left over: .local/bin/.hero-aside-1",
        "left over: .local/share/hero/store/.staging-1-x",
        "left over: .local/share/hero/store/svc/.bridge-1-0",
        "left over: an empty store/empty",
        "leads nowhere: .local/bin/x",
        ": a is not what the receipt says",
        "is not what its receipt says; the link of the binary `b` of `svc` is missing",
    ] {
        assert!(faults.contains(seen), "not seen: {seen}\n{faults}");
    }
}

/// The profiles of the generations of the service under test.
pub fn profiles(world: &World) -> Vec<String> {
    let generations = entries(&world.home(".local/share/hero/store/svc"));
    let profile = |path: &PathBuf| {
        let text = std::fs::read(path.join("receipt.json")).ok()?;
        let receipt: serde_json::Value = serde_json::from_slice(&text).ok()?;
        Some(receipt["profile"].as_str()?.to_owned())
    };
    generations.iter().filter_map(profile).collect()
}
