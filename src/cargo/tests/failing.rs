//! Builds that fail, and what is said about it.

use super::super::Error;
use super::support::{MAIN, Project, TracksLockfile, package, run};
use crate::error::{Diagnostic, Exit};
use crate::event::{Event, MessageLevel};
use crate::sys::fs;

#[test]
fn a_compile_error_is_shown_as_the_compiler_renders_it() {
    let project = Project::simple();
    let before = project.build(|_| ());
    project.write("src/main.rs", "fn main() { let x: u8 = \"text\"; }\n");
    let (result, events) = project.build_in("", |_| ());
    let error = result.unwrap_err();
    assert_eq!(error.to_string(), "building `demo` failed (cargo exited with 101)");
    assert_eq!((error.kind().word(), error.exit()), ("build_failed", Exit::Failed));
    // The diagnostic was an event; it is not said twice.
    assert_eq!(error.details(), [format!("full log: {}", project.log_file().display())]);
    let errors: Vec<&String> = events
        .iter()
        .filter_map(|event| match event {
            Event::BuildMessage { level: MessageLevel::Error, rendered, .. } => Some(rendered),
            _ => None,
        })
        .collect();
    assert_eq!(errors.len(), 1);
    assert!(errors[0].starts_with("error[E0308]: mismatched types"), "{}", errors[0]);
    assert!(!events.iter().any(|event| matches!(event, Event::Built { .. })));
    assert!(project.log().contains("error[E0308]: mismatched types"));
    assert_eq!(run(&before.artifacts[0].path), "hello\n");
}

#[test]
fn a_missing_linker_is_named_with_the_way_out() {
    let project = Project::simple();
    let error = project.fail(|options| {
        options.env.insert("RUSTFLAGS".into(), "-Clinker=no-such-linker".into());
    });
    assert_eq!(error.details()[0], "cargo said: linker `no-such-linker` not found");
    assert!(error.hint().unwrap().contains("C compiler"), "{error:?}");
}

#[test]
fn a_failed_build_script_is_quoted() {
    let project = Project::simple();
    project.write("build.rs", "fn main() { panic!(\"the sky is falling\") }\n");
    let error = project.fail(|_| ());
    let details = error.details();
    assert!(
        details[0].starts_with("cargo said: failed to run custom build command"),
        "{details:?}"
    );
    assert!(details.iter().any(|line| line.contains("the sky is falling")), "{details:?}");
}

#[test]
fn a_committed_lock_file_is_binding_and_another_is_not() {
    let project = Project::simple();
    project.build(|_| ());
    assert!(!project.log().contains("--locked"));
    project.build(|options| options.git = Some(&TracksLockfile));
    assert!(project.log().contains("--locked"));
    // A version that the lock file does not know yet.
    project.write("Cargo.toml", &package("demo", "").replace("0.1.0", "0.2.0"));
    let error = project.fail(|options| options.git = Some(&TracksLockfile));
    assert!(error.hint().unwrap().contains("`locked: false`"), "{error:?}");
    project.build(|options| {
        options.git = Some(&TracksLockfile);
        options.locked = Some(false);
    });
}

#[test]
fn a_manifest_that_cannot_be_read_is_told_in_cargos_words() {
    let project = Project::simple();
    project.write("Cargo.toml", "[package\n");
    let error = project.fail(|_| ());
    assert_eq!((error.kind().word(), error.exit()), ("bad_manifest", Exit::Failed));
    assert!(error.details()[0].starts_with("cargo said: "), "{error:?}");
    assert!(error.details().len() > 1, "{error:?}");
}

#[test]
fn a_toolchain_that_is_not_installed_is_told_apart_from_a_bad_manifest() {
    let project = Project::new(&[("Cargo.toml", &package("demo", "")), ("src/main.rs", MAIN)]);
    project.write(
        "bin/cargo",
        "#!/bin/sh\necho \"error: toolchain '1.2.3' is not installed\" >&2; exit 1\n",
    );
    let bin = project.checkout().join("bin");
    make_executable(&bin.join("cargo"));
    let error = project.fail(|options| {
        options.env.insert("PATH".into(), bin.display().to_string());
    });
    assert!(matches!(error, Error::Toolchain { .. }), "{error:?}");
    assert_eq!(error.hint().as_deref(), Some("install it: rustup toolchain install 1.2.3"));
}

#[test]
fn without_cargo_rust_is_to_be_installed() {
    let project = Project::simple();
    let error = project.fail(|options| {
        options.env.insert("PATH".into(), project.checkout().display().to_string());
    });
    assert_eq!(error.kind(), "program_not_found");
    assert!(error.hint().unwrap().contains("rustup.rs"));
}

#[test]
fn a_build_directory_serves_one_checkout() {
    let (one, two) = (Project::simple(), Project::simple());
    one.build(|_| ());
    let build_dir = one.build_dir();
    let (checkout, log) = (two.checkout(), two.log_file());
    let options = super::super::Options::new(two.service(), &checkout, &checkout, &build_dir, &log);
    let reporter = crate::event::Recorder::default();
    let error = super::super::build(&options, &reporter, &crate::sys::cancel::Cancel::default());
    let error = error.unwrap_err();
    assert_eq!((error.kind().word(), error.exit()), ("build_dir_taken", Exit::Script));
    assert!(reporter.events().is_empty() && !fs::exists(&log));
}

#[test]
fn an_interrupted_build_ends_as_interrupted() {
    use crate::event::Reporter;
    use crate::sys::cancel::Cancel;

    /// Interrupts when the compiler has started.
    struct Interrupt(Cancel);
    impl Reporter for Interrupt {
        fn report(&self, event: Event) {
            if matches!(event, Event::BuildProgress { .. }) {
                self.0.cancel(signal_hook::consts::SIGINT);
            }
        }
    }

    let project = Project::simple();
    project.write("build.rs", "fn main() { loop { std::thread::park() } }\n");
    let (checkout, build_dir, log) = (project.checkout(), project.build_dir(), project.log_file());
    let options =
        super::super::Options::new(project.service(), &checkout, &checkout, &build_dir, &log);
    let cancel = Cancel::default();
    let error = super::super::build(&options, &Interrupt(cancel.clone()), &cancel).unwrap_err();
    assert_eq!((error.kind().word(), error.exit()), ("interrupted", Exit::Interrupted));
    assert!(project.log().contains("interrupted while"), "{}", project.log());
}

fn make_executable(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn credentials_in_addresses_are_neither_logged_nor_told() {
    let project = Project::simple();
    let script = "fn main() { panic!(\"cannot reach https://me:s3cret@host/x\") }\n";
    project.write("build.rs", script);
    let error = project.fail(|_| ());
    let all = format!("{error:?} {error} {:?} {}", error.details(), project.log());
    assert!(all.contains("https://***@host/x") && !all.contains("s3cret"), "{all}");
}

#[test]
fn a_binary_that_needs_a_library_of_its_workspace_is_refused() {
    let project = Project::new(&[
        (
            "Cargo.toml",
            &package(
                "demo",
                "[workspace]\nmembers = [\"part\"]\n[dependencies]\npart = { path = \"part\" }\n",
            ),
        ),
        ("src/main.rs", "fn main() { println!(\"{}\", part::it()); }\n"),
        ("part/Cargo.toml", &package("part", "[lib]\ncrate-type = [\"dylib\"]\n")),
        ("part/src/lib.rs", "#[inline(never)]\npub fn it() -> u8 { 7 }\n"),
    ]);
    for _ in ["built", "fresh"] {
        let error = project.fail(|_| ());
        assert_eq!((error.kind().word(), error.exit()), ("needs_library", Exit::Failed));
        assert!(error.to_string().contains("`libpart.so`"), "{error}");
        assert!(error.hint().unwrap().contains("the manifest of `part`"), "{error:?}");
    }
    // One that the loader is told to find.
    project.build(|options| {
        let flags = "-Clink-arg=-Wl,-rpath,/opt/lib".to_owned();
        options.env.insert("RUSTFLAGS".into(), flags);
    });
    let both = "[lib]\ncrate-type = [\"dylib\", \"rlib\"]\n";
    project.write("part/Cargo.toml", &package("part", both));
    assert_eq!(run(&project.build(|_| ()).artifacts[0].path), "7\n");
    // Of which the program uses nothing that is called.
    project.write("part/Cargo.toml", &package("part", "[lib]\ncrate-type = [\"dylib\"]\n"));
    project.write("part/src/lib.rs", "#[inline]\npub const fn it() -> u8 { 7 }\n");
    assert!(project.fail(|_| ()).hint().unwrap().contains("the manifest of `part`"));
    project.write("part/Cargo.toml", &package("part", ""));
    // Rust's own library.
    let error = project.fail(|options| {
        options.env.insert("RUSTFLAGS".into(), "-Cprefer-dynamic".into());
    });
    assert_eq!(error.kind(), "needs_library");
}
