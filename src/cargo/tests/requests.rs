//! Wishes that cannot be met are refused before anything is compiled.

use std::collections::BTreeMap;

use super::super::{Error, Options, Profile, binaries};
use super::support::{MAIN, Project, names, package};
use crate::error::{Diagnostic, Exit};
use crate::sys::cancel::Cancel;
use crate::sys::fs;

/// The error of a wish: kind, option, message, hint.
fn refused(project: &Project, change: impl FnOnce(&mut Options)) -> Error {
    let error = project.fail(change);
    assert_eq!(error.exit(), Exit::Script, "{error:?}");
    assert!(!fs::exists(&project.log_file()), "{error:?}");
    error
}

fn hint(error: &Error) -> String {
    error.hint().unwrap_or_default()
}

#[test]
fn a_folder_without_manifest_names_those_that_have_one() {
    let project = Project::new(&[
        ("README.md", ""),
        ("server/Cargo.toml", &package("server", "")),
        ("crates/a/Cargo.toml", &package("a", "")),
        ("crates/a/b/Cargo.toml", &package("b", "")),
        ("target/x/Cargo.toml", ""),
    ]);
    let error = refused(&project, |_| ());
    assert_eq!((error.kind().word(), error.option()), ("no_manifest", Some("dir")));
    assert_eq!(error.details(), ["folders with one: crates/a, server"]);
    assert!(hint(&error).contains("`dir: \"crates/a\"`"), "{}", hint(&error));
    // A manifest above the folder is not this folder's.
    let inside = project.build_in("server/src", |_| ()).0.unwrap_err();
    assert_eq!(inside.kind(), "no_manifest");
}

#[test]
fn an_unknown_binary_has_near_names() {
    let project = Project::twins();
    let error = refused(&project, |options| options.bins = vec!["tol".into()]);
    assert_eq!((error.kind().word(), error.option()), ("no_such_bin", Some("bins")));
    assert_eq!(error.to_string(), "there is no binary `tol`");
    assert_eq!(hint(&error), "did you mean `tool`?");
    assert_eq!(error.details(), ["binaries: server, tool"]);
    let error =
        project.build_in("left", |options| options.bins = vec!["tool".into()]).0.unwrap_err();
    assert_eq!(hint(&error), "set `member: \"right\"`");
}

#[test]
fn one_binary_in_two_packages_needs_the_package() {
    let project = Project::twins();
    for bins in [vec!["server".to_owned()], Vec::new()] {
        let error = refused(&project, |options| options.bins = bins);
        assert_eq!((error.kind().word(), error.option()), ("ambiguous_bin", Some("member")));
        let text = "the binary `server` is in several packages: `left`, `right`";
        assert_eq!(error.to_string(), text);
        assert!(hint(&error).contains("`member: \"left\"`"));
    }
    // Both packages would be on the command line, and both have `server`.
    let error = refused(&project, |options| {
        options.bins = vec!["server".into(), "tool".into()];
    });
    assert_eq!(error.kind(), "ambiguous_bin");
    let error = refused(&project, |options| options.package = Some("lfet".into()));
    assert_eq!((error.kind().word(), error.option()), ("no_such_package", Some("member")));
    assert_eq!(hint(&error), "did you mean `left`?");
}

#[test]
fn a_library_has_no_binaries() {
    let project = Project::new(&[("Cargo.toml", &package("demo", "")), ("src/lib.rs", "")]);
    let error = refused(&project, |_| ());
    assert_eq!((error.kind().word(), error.option()), ("no_binaries", Some("bins")));
    let error = refused(&project, |options| options.bins = vec!["demo".into()]);
    assert_eq!(error.kind(), "no_binaries");
    // Where another package of the workspace has one, it is named and can be built.
    let workspace = package("demo", "[workspace]\nmembers = [\"cli\"]\n");
    project.write("Cargo.toml", &workspace);
    project.write("cli/Cargo.toml", &package("cli", ""));
    project.write("cli/src/main.rs", MAIN);
    let error = refused(&project, |_| ());
    assert_eq!(hint(&error), "set `bins: [\"cli\"]`, or others");
    let found = binaries(&project.checkout(), &BTreeMap::new(), &Cancel::default()).unwrap();
    assert_eq!((found[0].name.as_str(), found[0].package.as_str()), ("cli", "cli"));
    let dir = fs::canonicalize(&project.checkout().join("cli")).unwrap();
    assert_eq!(found[0].manifest_dir, dir);
    let built = project.build(|options| options.bins = vec!["cli".into()]);
    assert_eq!(built.artifacts[0].package, "cli");
}

#[test]
fn an_unknown_feature_has_near_names_and_optional_dependencies_count() {
    let manifest = "[features]\nmetrics = []\n[dependencies]\n\
                    extra = { path = \"extra\", optional = true }\n";
    let project = Project::new(&[
        ("Cargo.toml", &package("demo", manifest)),
        ("src/main.rs", MAIN),
        ("extra/Cargo.toml", &package("extra", "[features]\nmore = []\n")),
        ("extra/src/lib.rs", ""),
    ]);
    for (feature, near) in [("metrcis", "metrics"), ("demo/metric", "metrics")] {
        let error = refused(&project, |options| options.features = vec![feature.into()]);
        assert_eq!((error.kind().word(), error.option()), ("no_such_feature", Some("features")));
        assert_eq!(hint(&error), format!("did you mean `{near}`?"));
        assert_eq!(error.details(), ["features: extra, metrics"]);
    }
    let built = project.build(|options| {
        options.features = vec!["extra,metrics".into(), "demo/metrics".into(), "extra/more".into()];
        options.no_default_features = true;
    });
    assert_eq!(built.features, ["-default", "demo/metrics", "extra", "extra/more", "metrics"]);
}

#[test]
fn an_unknown_profile_has_near_names() {
    let project = Project::simple();
    project.write("Cargo.toml", &package("demo", "[profile.dist]\ninherits = \"release\"\n"));
    let error = refused(&project, |options| options.profile = Profile::parse("dits").unwrap());
    assert_eq!((error.kind().word(), error.option()), ("no_such_profile", Some("profile")));
    assert_eq!(hint(&error), "did you mean `dist`?");
    assert_eq!(error.details(), ["profiles: bench, dev, dist, fast, release, test"]);
}

#[test]
fn helpers_of_a_workspace_are_built_only_when_named() {
    let members = |more: &str| {
        format!(
            "[workspace]\nmembers = [\"crates/*\", \"xtask\", \"examples/*\"]\nresolver = \"2\"\n{more}"
        )
    };
    let project = Project::new(&[
        ("Cargo.toml", &members("")),
        ("crates/server/Cargo.toml", &package("server", "")),
        ("crates/server/src/main.rs", MAIN),
        ("xtask/Cargo.toml", &package("xtask", "")),
        ("xtask/src/main.rs", MAIN),
        ("examples/hello/Cargo.toml", &package("hello", "")),
        ("examples/hello/src/main.rs", MAIN),
    ]);
    let listed = || {
        let all = binaries(&project.checkout(), &BTreeMap::new(), &Cancel::default()).unwrap();
        all.into_iter().map(|binary| binary.name).collect::<Vec<_>>()
    };
    assert_eq!(names(&project.build(|_| ())), ["server"]);
    assert_eq!(listed(), ["server"]);
    assert_eq!(names(&project.build(|options| options.bins = vec!["xtask".into()])), ["xtask"]);
    // In its own folder it is meant.
    assert_eq!(names(&project.build_in("xtask", |_| ()).0.unwrap()), ["xtask"]);
    // The workspace's own word counts.
    project.write("Cargo.toml", &members("default-members = [\"crates/*\", \"xtask\"]\n"));
    assert_eq!(listed(), ["server", "xtask"]);
    assert_eq!(names(&project.build(|_| ())), ["server", "xtask"]);
    // So does a workspace of nothing else.
    project.write("Cargo.toml", &members(""));
    fs::remove_dir_all(&project.checkout().join("crates/server/src")).unwrap();
    project.write("crates/server/src/lib.rs", "");
    assert_eq!(names(&project.build(|_| ())), ["hello", "xtask"]);
}
