//! Inputs of every kind, and how each changes.

use super::scene::Scene;

/// A kind of change: what to do, and the line that the binary prints then.
pub struct Kind {
    pub name: &'static str,
    pub change: fn(&mut Scene) -> (&'static str, String),
}

/// Shorthand for a kind.
pub fn kind(name: &'static str, change: fn(&mut Scene) -> (&'static str, String)) -> Kind {
    Kind { name, change }
}

/// A file with a new value in it.
fn rewrite(scene: &mut Scene, path: &str, key: &'static str) -> (&'static str, String) {
    let value = scene.value();
    scene.write(path, &format!("{value}\n"));
    (key, value)
}

/// A constant with a new value.
fn constant(scene: &mut Scene, path: &str, key: &'static str) -> (&'static str, String) {
    let value = scene.value();
    let text = std::fs::read_to_string(scene.path(path)).unwrap();
    let line = text.lines().find(|line| line.contains("const")).unwrap();
    let (head, _) = line.split_once('"').unwrap();
    let new = format!("{head}\"{value}\";");
    scene.replace(path, line, &new);
    (key, value)
}

fn variable(scene: &mut Scene, name: &str, key: &'static str) -> (&'static str, String) {
    let value = scene.value();
    scene.set(name, &value);
    (key, value)
}

fn cfgs(value: &str) -> (&'static str, String) {
    ("cfgs", value.to_owned())
}

pub fn all() -> Vec<Kind> {
    let mut all = files();
    all.extend(scripts());
    all.extend(variables());
    all.extend(configuration());
    all.extend(toolchains());
    all.extend(sources());
    all.extend(requests());
    all
}

fn files() -> Vec<Kind> {
    vec![
        kind("ignored include_str", |s| rewrite(s, "checkout/ignored/dist.html", "dist")),
        kind("ignored include_bytes", |s| rewrite(s, "checkout/ignored/bytes", "bytes")),
        kind("ignored include", |s| constant(s, "checkout/ignored/included.rs", "included")),
        kind("ignored include_str of a library", |s| {
            rewrite(s, "checkout/ignored/listed.txt", "listed")
        }),
        kind("absolute include_str outside", |s| rewrite(s, "outside/absolute.txt", "absolute")),
        kind("target of an ignored link", |s| rewrite(s, "outside/linked.txt", "link")),
        kind("ignored link points elsewhere", |s| {
            s.shell("ln -sfn $outside/relinked.txt $checkout/link");
            ("link", "relinked".into())
        }),
        kind("ignored link becomes a file", |s| {
            s.remove("checkout/link");
            rewrite(s, "checkout/link", "link")
        }),
        kind("ignored file replaced by rename", |s| {
            let value = s.value();
            s.write("checkout/ignored/new", &format!("{value}\n"));
            s.shell("mv $checkout/ignored/new $checkout/ignored/dist.html");
            ("dist", value)
        }),
    ]
}

fn scripts() -> Vec<Kind> {
    vec![
        kind("rerun-if-changed file", |s| rewrite(s, "checkout/ignored/script.txt", "script_file")),
        kind("rerun-if-changed folder: a file changes", |s| {
            s.write("checkout/ignored/folder/a.txt", "a2\n");
            ("script_folder", "a2,b".into())
        }),
        kind("rerun-if-changed folder: an inner file changes", |s| {
            s.write("checkout/ignored/folder/inner/b.txt", "b2\n");
            ("script_folder", "a2,b2".into())
        }),
        kind("rerun-if-changed folder: a new file", |s| {
            s.write("checkout/ignored/folder/c.txt", "c\n");
            ("script_folder", "a2,b2,c".into())
        }),
        kind("rerun-if-changed folder: a new inner file", |s| {
            s.write("checkout/ignored/folder/inner/deep/d.txt", "d\n");
            ("script_folder", "a2,b2,c,d".into())
        }),
        kind("rerun-if-changed folder: a file goes", |s| {
            s.remove("checkout/ignored/folder/c.txt");
            ("script_folder", "a2,b2,d".into())
        }),
        kind("an indented directive", |s| {
            rewrite(s, "checkout/ignored/indented.txt", "script_indented")
        }),
        kind("rerun-if-changed folder: a link that leads nowhere", |s| {
            s.shell("ln -s nowhere $checkout/ignored/links/a");
            ("script_links", "nowhere".into())
        }),
        kind("rerun-if-changed folder: the link leads elsewhere", |s| {
            s.shell("ln -sfn elsewhere $checkout/ignored/links/a");
            ("script_links", "elsewhere".into())
        }),
        kind("rerun-if-env-changed appears", |s| variable(s, "SCRIPT_VARIABLE", "script_variable")),
        kind("rerun-if-env-changed changes", |s| variable(s, "SCRIPT_VARIABLE", "script_variable")),
        kind("rerun-if-env-changed goes", |s| {
            s.unset("SCRIPT_VARIABLE");
            ("script_variable", String::new())
        }),
        kind("the build script is edited", |s| {
            let value = s.value();
            s.replace(
                "checkout/app/build.rs",
                "SCRIPT_SELF=first",
                &format!("SCRIPT_SELF={value}"),
            );
            ("script_self", value)
        }),
        kind("tracked file of a script without directives", |s| {
            rewrite(s, "checkout/whole/notes.txt", "whole")
        }),
    ]
}

fn variables() -> Vec<Kind> {
    vec![
        kind("option_env appears", |s| variable(s, "APP_VARIABLE", "variable")),
        kind("option_env changes", |s| variable(s, "APP_VARIABLE", "variable")),
        kind("option_env goes", |s| {
            s.unset("APP_VARIABLE");
            ("variable", "none".into())
        }),
        kind("option_env of a library appears", |s| {
            variable(s, "LIBRARY_VARIABLE", "library_variable")
        }),
        kind("option_env of a library changes", |s| {
            variable(s, "LIBRARY_VARIABLE", "library_variable")
        }),
        kind("RUSTFLAGS appears", |s| {
            s.set("RUSTFLAGS", "--cfg c1");
            cfgs("c1")
        }),
        kind("RUSTFLAGS changes", |s| {
            s.set("RUSTFLAGS", "--cfg c2");
            cfgs("c2")
        }),
        kind("CARGO_ENCODED_RUSTFLAGS", |s| {
            s.set("CARGO_ENCODED_RUSTFLAGS", "--cfg\u{1f}c3");
            cfgs("c3")
        }),
        kind("RUSTFLAGS goes", |s| {
            s.unset("CARGO_ENCODED_RUSTFLAGS");
            s.unset("RUSTFLAGS");
            cfgs("")
        }),
        kind("CARGO_BUILD_RUSTFLAGS", |s| {
            s.set("CARGO_BUILD_RUSTFLAGS", "--cfg c4");
            cfgs("c4")
        }),
        kind("CARGO_BUILD_RUSTFLAGS goes", |s| {
            s.unset("CARGO_BUILD_RUSTFLAGS");
            cfgs("")
        }),
        kind("CARGO_PROFILE_…_DEBUG_ASSERTIONS", |s| {
            let (now, other) = if s.profile() == "DEV" { ("no", "false") } else { ("yes", "true") };
            s.set(&format!("CARGO_PROFILE_{}_DEBUG_ASSERTIONS", s.profile()), other);
            ("assertions", now.into())
        }),
        kind("CARGO_PROFILE_…_DEBUG_ASSERTIONS goes", |s| {
            s.unset(&format!("CARGO_PROFILE_{}_DEBUG_ASSERTIONS", s.profile()));
            ("assertions", if s.profile() == "DEV" { "yes" } else { "no" }.into())
        }),
    ]
}

fn configuration() -> Vec<Kind> {
    vec![
        kind("ignored .cargo/config.toml appears", |s| {
            s.write("checkout/.cargo/config.toml", "[build]\nrustflags = [\"--cfg\", \"c5\"]\n");
            cfgs("c5")
        }),
        kind("ignored .cargo/config.toml changes", |s| {
            s.write("checkout/.cargo/config.toml", "[build]\nrustflags = [\"--cfg\", \"c6\"]\n");
            cfgs("c6")
        }),
        kind("[env] of a configuration", |s| {
            let value = s.value();
            s.write("checkout/.cargo/config.toml", &format!("[env]\nCONFIGURED = \"{value}\"\n"));
            ("configured", value)
        }),
        kind("[profile] of a configuration", |s| {
            let (name, now, other) = if s.profile() == "DEV" {
                ("dev", "no", "false")
            } else {
                ("release", "yes", "true")
            };
            s.write(
                "checkout/.cargo/config.toml",
                &format!("[profile.{name}]\ndebug-assertions = {other}\n"),
            );
            ("assertions", now.into())
        }),
        kind("an old .cargo/config goes before", |s| {
            s.write("checkout/.cargo/config", "[build]\nrustflags = [\"--cfg\", \"c7\"]\n");
            cfgs("c7")
        }),
        kind("ignored .cargo/config goes", |s| {
            s.remove("checkout/.cargo/config");
            cfgs("")
        }),
        kind("ignored .cargo/config.toml goes", |s| {
            s.remove("checkout/.cargo/config.toml");
            ("assertions", if s.profile() == "DEV" { "yes" } else { "no" }.into())
        }),
        kind("a configuration above the checkout", |s| {
            s.write("home/.cargo/config.toml", "[build]\nrustflags = [\"--cfg\", \"c8\"]\n");
            cfgs("c8")
        }),
        kind("a configuration above the checkout goes", |s| {
            s.remove("home/.cargo/config.toml");
            cfgs("")
        }),
        kind("another CARGO_HOME", |s| {
            s.shell("mkdir -p $outside/cargo");
            s.write("outside/cargo/config.toml", "[build]\nrustflags = [\"--cfg\", \"c9\"]\n");
            s.set("CARGO_HOME", &s.path("outside/cargo").display().to_string());
            cfgs("c9")
        }),
        kind("a configuration behind ten includes", |s| {
            for number in 0..10 {
                s.write(
                    &format!("outside/cargo/{number}.toml"),
                    &format!("include = [\"{}.toml\"]\n", number + 1),
                );
            }
            s.write("outside/cargo/10.toml", "[build]\nrustflags = [\"--cfg\", \"c6\"]\n");
            s.write("outside/cargo/config.toml", "include = [\"0.toml\"]\n");
            cfgs("c6")
        }),
        kind("the last of ten includes", |s| {
            s.write("outside/cargo/10.toml", "[build]\nrustflags = [\"--cfg\", \"c7\"]\n");
            cfgs("c7")
        }),
        kind("the configuration in CARGO_HOME", |s| {
            s.write("outside/cargo/config.toml", "[build]\nrustflags = [\"--cfg\", \"c1\"]\n");
            cfgs("c1")
        }),
    ]
}

/// A toolchain whose compiler is a script.
fn compiler(scene: &mut Scene, cfg: &str) {
    let sysroot = scene.sysroot();
    scene.shell("mkdir -p $outside/toolchain/bin");
    scene.write(
        "outside/toolchain/bin/rustc",
        &format!(
            "#!/bin/sh\nif [ \"$*\" = -vV ]; then {sysroot}/bin/rustc -vV | sed 's/^commit-hash: .*/commit-hash: {cfg}/'; exit; fi\n\
             exec {sysroot}/bin/rustc --cfg {cfg} \"$@\"\n"
        ),
    );
    scene.shell(&format!(
        "cd $outside/toolchain && chmod +x bin/rustc && ln -sfn {sysroot}/lib lib && ln -sfn {sysroot}/bin/cargo bin/cargo && touch -d '2020-01-01' bin/rustc"
    ));
}

fn toolchains() -> Vec<Kind> {
    vec![
        kind("rust-toolchain.toml with a path appears", |s| {
            compiler(s, "c2");
            let path = s.path("outside/toolchain").display().to_string();
            s.write("checkout/rust-toolchain.toml", &format!("[toolchain]\npath = \"{path}\"\n"));
            cfgs("c1,c2")
        }),
        kind("the compiler is replaced in place, with the same size and time", |s| {
            compiler(s, "c3");
            cfgs("c1,c3")
        }),
        kind("rust-toolchain.toml goes", |s| {
            s.remove("checkout/rust-toolchain.toml");
            cfgs("c1")
        }),
        kind("RUSTC", |s| {
            s.set("RUSTC", &s.path("outside/toolchain/bin/rustc").display().to_string());
            cfgs("c1,c3")
        }),
        kind("the compiler of RUSTC is replaced in place", |s| {
            compiler(s, "c4");
            cfgs("c1,c4")
        }),
        kind("RUSTC goes", |s| {
            s.unset("RUSTC");
            cfgs("c1")
        }),
        kind("a configured compiler", |s| {
            let path = s.path("outside/toolchain/bin/rustc").display().to_string();
            s.write("checkout/.cargo/config.toml", &format!("[build]\nrustc = \"{path}\"\n"));
            cfgs("c1,c4")
        }),
        kind("the configured compiler is replaced in place", |s| {
            compiler(s, "c3");
            cfgs("c1,c3")
        }),
        kind("the configured compiler goes", |s| {
            s.remove("checkout/.cargo/config.toml");
            cfgs("c1")
        }),
        kind("CARGO_BUILD_RUSTC", |s| {
            s.set(
                "CARGO_BUILD_RUSTC",
                &s.path("outside/toolchain/bin/rustc").display().to_string(),
            );
            cfgs("c1,c3")
        }),
        kind("the compiler of CARGO_BUILD_RUSTC is replaced in place", |s| {
            compiler(s, "c4");
            cfgs("c1,c4")
        }),
        kind("CARGO_BUILD_RUSTC goes", |s| {
            s.unset("CARGO_BUILD_RUSTC");
            cfgs("c1")
        }),
    ]
}

fn sources() -> Vec<Kind> {
    vec![
        kind("the program is edited", |s| {
            let value = s.value();
            s.replace(
                "checkout/app/src/main.rs",
                "show(\"main\", \"first\")",
                &format!("show(\"main\", \"{value}\")"),
            );
            ("main", value)
        }),
        kind("a module is edited", |s| constant(s, "checkout/app/src/part.rs", "part")),
        kind("a library is edited", |s| constant(s, "checkout/library/src/lib.rs", "library")),
        kind("a macro is edited", |s| {
            let value = s.value();
            s.replace("checkout/derive/src/lib.rs", "first", &value);
            ("derive", value)
        }),
        kind("the manifest is edited", |s| {
            let value = s.value();
            s.replace("checkout/app/Cargo.toml", "\"first\"", &format!("\"{value}\""));
            ("description", value)
        }),
        kind("a feature becomes a default", |s| {
            s.replace("checkout/app/Cargo.toml", "extra = []", "extra = []\ndefault = [\"extra\"]");
            ("extra", "yes".into())
        }),
        kind("a dependency outside", |s| constant(s, "outside/member/src/lib.rs", "outside")),
        kind("the manifest of the workspace of a dependency outside", |s| {
            let value = s.value();
            s.replace("outside/Cargo.toml", "\"first\"", &format!("\"{value}\""));
            ("outside_package", value)
        }),
        kind("the manifest of a dependency outside", |s| {
            let value = s.value();
            s.replace(
                "outside/member/Cargo.toml",
                "description.workspace = true",
                &format!("description = \"{value}\""),
            );
            ("outside_package", value)
        }),
        kind("a new module of a dependency outside", |s| {
            let value = s.value();
            s.replace(
                "outside/member/src/lib.rs",
                "pub const PACKAGE",
                "mod more;\npub const PACKAGE",
            );
            s.replace("outside/member/src/lib.rs", "env!(\"CARGO_PKG_DESCRIPTION\")", "more::MORE");
            s.write(
                "outside/member/src/more.rs",
                &format!("pub const MORE: &str = \"{value}\";\n"),
            );
            ("outside_package", value)
        }),
        kind("a dependency outside gets a build script", |s| {
            s.write(
                "outside/remote/build.rs",
                "fn main() { println!(\"cargo::rustc-env=MADE_BY_SCRIPT=yes\"); println!(\"cargo::rerun-if-changed=build.rs\"); }\n",
            );
            ("remote", "yes".into())
        }),
        kind("the workspace elsewhere of a dependency outside", |s| {
            let value = s.value();
            s.replace("outside/elsewhere/Cargo.toml", "\"first\"", &format!("\"{value}\""));
            ("remote_package", value)
        }),
        kind("that module again", |s| constant(s, "outside/member/src/more.rs", "outside_package")),
    ]
}

fn requests() -> Vec<Kind> {
    vec![
        kind("no default features", |s| {
            s.describe("no_default_features: true");
            ("extra", "no".into())
        }),
        kind("features", |s| {
            s.describe("no_default_features: true, features: [\"extra\"]");
            ("extra", "yes".into())
        }),
        kind("env of the description", |s| {
            s.describe("env: #{ APP_VARIABLE: \"described\" }");
            ("variable", "described".into())
        }),
        kind("env of the description changes", |s| {
            s.describe("env: #{ APP_VARIABLE: \"again\" }");
            ("variable", "again".into())
        }),
        kind("env of the description goes", |s| {
            s.describe("");
            ("variable", "none".into())
        }),
    ]
}
