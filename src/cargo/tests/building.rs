//! Builds that go well.

use super::super::Profile;
use super::support::{MAIN, Project, names, package, run};
use crate::event::{Event, MessageLevel};
use crate::sys::fs;

#[test]
fn a_build_tells_what_it_made_and_the_next_one_is_fresh() {
    let project = Project::simple();
    let (built, events) = project.build_in("", |_| ());
    let built = built.unwrap();
    assert_eq!(names(&built), ["demo"]);
    let artifact = &built.artifacts[0];
    assert_eq!((artifact.package.as_str(), artifact.version.as_str()), ("demo", "0.1.0"));
    assert_eq!(run(&artifact.path), "hello\n");
    assert!(artifact.path.starts_with(project.build_dir()));
    assert!(!fs::exists(&project.checkout().join("target")));
    assert!(!built.fresh && !artifact.fresh);
    assert!(built.rustc.starts_with("rustc 1."), "{}", built.rustc);
    assert_eq!(built.lockfile.as_ref().map(String::len), Some(64));
    assert_eq!(built.lockfile, super::super::lockfile::hash(&project.checkout()));
    let service = || "demo".to_owned();
    let profile = || "debug".to_owned();
    assert_eq!(events[0], Event::BuildStarted { service: service(), profile: profile() });
    let millis = built.millis;
    let last = Event::Built { service: service(), profile: profile(), fresh: false, millis };
    assert_eq!(events.last(), Some(&last));
    let progress = Event::BuildProgress {
        service: service(),
        profile: profile(),
        done: 0,
        total: 1,
        current: "demo".into(),
    };
    assert!(events.contains(&progress), "{events:?}");

    // Neither colour nor the time makes cargo compile again; an edit does.
    assert!(project.build(|_| ()).fresh);
    assert!(project.build(|options| options.color = true).fresh);
    project.write("src/main.rs", "fn main() { println!(\"edited\"); }\n");
    let edited = project.build(|_| ());
    assert!(!edited.fresh);
    assert_eq!(run(&edited.artifacts[0].path), "edited\n");
}

#[test]
fn only_wanted_binaries_are_built() {
    let project = Project::new(&[
        ("Cargo.toml", &package("demo", "")),
        ("src/bin/one.rs", MAIN),
        ("src/bin/two.rs", "fn main() { this does not compile }"),
    ]);
    let built = project.build(|options| options.bins = vec!["one".into()]);
    assert_eq!(names(&built), ["one"]);
    project.write("src/bin/two.rs", MAIN);
    let built = project.build(|_| ());
    assert_eq!(names(&built), ["one", "two"]);
    assert!(built.artifacts[0].fresh && !built.artifacts[1].fresh && !built.fresh);
}

#[test]
fn a_binary_that_needs_a_feature_is_left_out_of_all_and_told_when_named() {
    let needs =
        "[features]\nextra = []\n[[bin]]\nname = \"more\"\nrequired-features = [\"extra\"]\n";
    let project = Project::new(&[
        ("Cargo.toml", &package("demo", needs)),
        ("src/main.rs", MAIN),
        ("src/bin/more.rs", MAIN),
    ]);
    assert_eq!(names(&project.build(|_| ())), ["demo"]);
    let more = |options: &mut super::super::Options| options.bins = vec!["more".into()];
    let error = project.fail(more);
    let hint = crate::error::Diagnostic::hint(&error);
    assert_eq!(hint.as_deref(), Some("set `features: [\"extra\"]`"), "{error:?}");
    let built = project.build(|options| {
        more(options);
        options.features = vec!["extra".into()];
    });
    assert_eq!(names(&built), ["more"]);
    assert_eq!(built.features, ["extra"]);
}

#[test]
fn packages_of_a_workspace_are_told_apart() {
    let project = Project::twins();
    let server = |package: &str| {
        let built = project.build(|options| {
            options.bins = vec!["server".into()];
            options.package = Some(package.to_owned());
        });
        assert_eq!(built.artifacts[0].package, package);
        run(&built.artifacts[0].path)
    };
    assert_eq!(server("left"), "left\n");
    assert_eq!(server("right"), "right\n");
    // In the folder of a package only that package counts.
    let built = project.build_in("left", |_| ()).0.unwrap();
    assert_eq!(run(&built.artifacts[0].path), "left\n");
}

#[test]
fn warnings_are_told_and_counted_with_and_without_colour() {
    let project = Project::simple();
    project.write("src/main.rs", "fn main() { let unused = 1; }\n");
    for color in [false, true] {
        let (built, events) = project.build_in("", |options| options.color = color);
        assert_eq!(built.unwrap().warnings, 1);
        let rendered = events.iter().find_map(|event| match event {
            Event::BuildMessage { level: MessageLevel::Warning, rendered, .. } => Some(rendered),
            _ => None,
        });
        let rendered = rendered.unwrap();
        assert!(rendered.contains("unused variable: `unused`"), "{rendered}");
        assert_eq!(rendered.contains('\u{1b}'), color);
        assert!(!project.log().contains('\u{1b}'));
    }
}

#[test]
fn the_log_has_the_command_and_no_progress() {
    let project = Project::simple();
    project.write("src/main.rs", "fn main() { let unused = 1; }\n");
    project.build(|_| ());
    let log = project.log();
    let mut lines = log.lines();
    assert_eq!(lines.next(), Some(&*format!("$ cd {}", project.checkout().join("").display())));
    assert_eq!(
        lines.next(),
        Some("$ cargo build --profile dev --message-format json --package demo --bins --offline")
    );
    assert!(log.contains("Compiling demo v0.1.0"), "{log}");
    assert!(log.contains("warning: unused variable"), "{log}");
    assert!(log.contains("Finished `dev` profile"), "{log}");
    assert!(log.ends_with("cargo exited with 0\n"), "{log}");
    assert!(!log.contains("Building [") && !log.contains('\r'), "{log}");
}

#[test]
fn variables_reach_the_compiler_but_never_move_the_build_directory() {
    let project = Project::simple();
    project.write("src/main.rs", "fn main() { println!(\"{}\", env!(\"GREETING\")); }\n");
    let elsewhere = project.checkout().join("elsewhere").display().to_string();
    let built = project.build(|options| {
        for (name, value) in [
            ("GREETING", "good day"),
            ("CARGO_TARGET_DIR", &elsewhere),
            ("CARGO_BUILD_BUILD_DIR", &elsewhere),
        ] {
            options.env.insert(name.into(), value.into());
        }
    });
    assert_eq!(run(&built.artifacts[0].path), "good day\n");
    assert!(!fs::exists(elsewhere.as_ref()));
    assert!(!project.log().contains("good day"));
}

#[test]
fn a_profile_of_the_manifest_can_be_used() {
    let project = Project::simple();
    let table = "[profile.dist]\ninherits = \"release\"\ndebug-assertions = true\n";
    project.write("Cargo.toml", &package("demo", table));
    project.write("src/main.rs", "fn main() { println!(\"{}\", cfg!(debug_assertions)); }\n");
    for (name, assertions) in [("dist", "true\n"), ("release", "false\n")] {
        let built = project.build(|options| options.profile = Profile::parse(name).unwrap());
        assert_eq!(built.profile.as_str(), name);
        assert_eq!(run(&built.artifacts[0].path), assertions);
    }
}

#[test]
fn debug_builds_have_line_tables_unless_all_is_wanted_or_chosen() {
    // The build script hands on what cargo was told.
    let script = "fn main() { println!(\"cargo:rustc-env=DEBUG_IS={}\", \
                  std::env::var(\"CARGO_PROFILE_DEV_DEBUG\").unwrap_or_default());\n\
                  println!(\"cargo:rerun-if-env-changed=CARGO_PROFILE_DEV_DEBUG\"); }\n";
    let project = Project::simple();
    project.write("build.rs", script);
    project.write("src/main.rs", "fn main() { println!(\"{}\", env!(\"DEBUG_IS\")); }\n");
    let printed =
        |change: fn(&mut super::super::Options)| run(&project.build(change).artifacts[0].path);
    assert_eq!(printed(|_| ()), "line-tables-only\n");
    assert_eq!(printed(|options| options.full_debuginfo = true), "\n");
    project.write("Cargo.toml", &package("demo", "[profile.dev]\ndebug = 1\n"));
    assert_eq!(printed(|_| ()), "\n");
}

#[test]
fn a_dry_run_plans_and_builds_nothing() {
    let project = Project::simple();
    let (built, events) = project.build_in("", |options| options.dry_run = true);
    let built = built.unwrap();
    assert_eq!(names(&built), ["demo"]);
    assert_eq!(built.artifacts[0].path.as_os_str(), "");
    let [Event::Plan { action, detail }] = &events[..] else { panic!("{events:?}") };
    assert_eq!(action, "run");
    assert!(detail.starts_with("cargo build --profile dev"), "{detail}");
    assert!(detail.ends_with(&format!("(in {})", project.checkout().join("").display())));
    // What is not fetched yet can be planned too.
    let (built, _) = project.build_in("later", |options| {
        options.dry_run = true;
        options.bins = vec!["x".into()];
    });
    assert_eq!(names(&built.unwrap()), ["x"]);
    assert!(!fs::exists(&project.build_dir()) && !fs::exists(&project.log_file()));
}
