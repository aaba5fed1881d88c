//! Changes that cargo does not see, since it goes by times.

use super::kinds::{Kind, kind};
use super::scene::Scene;

/// A new version upstream that changes a library.
fn release(scene: &mut Scene) -> (&'static str, String) {
    let value = scene.value();
    scene.shell("cd $checkout && git push -q --force origin HEAD:refs/heads/next && cd $repo && git reset -q --hard next");
    let text = std::fs::read_to_string(scene.path("repo/library/src/lib.rs")).unwrap();
    let old = text.split('"').nth(1).unwrap().to_owned();
    scene.replace("repo/library/src/lib.rs", &format!("\"{old}\""), &format!("\"{value}\""));
    scene.release();
    ("library", value)
}

/// A file with a new value and its old times.
fn rewrite_in_secret(scene: &mut Scene, path: &str, key: &'static str) -> (&'static str, String) {
    let value = scene.value();
    let file = scene.path(path);
    let before = std::fs::metadata(&file).unwrap().modified().unwrap();
    scene.write(path, &format!("{value}\n"));
    std::fs::File::options().append(true).open(&file).unwrap().set_modified(before).unwrap();
    (key, value)
}

/// A build as it would be had the clock been ten minutes ahead: with hero's record of it.
fn ahead(scene: &mut Scene) {
    scene.shell("find $build -exec touch -h -d '+10 minutes' {} +");
    let file = scene.path("build/hero-units.json");
    let mut record: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    for unit in record["units"].as_array_mut().unwrap() {
        let notes = scene.path("build").join(unit["notes"].as_str().unwrap());
        let data = std::fs::metadata(notes).unwrap();
        unit["stamp"]["seconds"] = std::os::unix::fs::MetadataExt::mtime(&data).into();
        unit["stamp"]["nanoseconds"] = std::os::unix::fs::MetadataExt::mtime_nsec(&data).into();
    }
    std::fs::write(file, record.to_string()).unwrap();
}

pub fn all() -> Vec<Kind> {
    vec![
        kind("a new commit", release),
        kind("a new commit, the clock was ahead at the build", |s| {
            s.shell("find $build -exec touch -h -d '+10 minutes' {} +");
            release(s)
        }),
        kind("a new commit, the clock was ahead at the build and in hero's record", |s| {
            ahead(s);
            release(s)
        }),
        kind("an edit, the clock was ahead at the build", |s| {
            s.shell("find $build -exec touch -h -d '+10 minutes' {} +");
            let value = s.value();
            let text = std::fs::read_to_string(s.path("checkout/app/src/part.rs")).unwrap();
            let old = text.split('"').nth(1).unwrap().to_owned();
            s.replace("checkout/app/src/part.rs", &old, &value);
            ("part", value)
        }),
        kind("a build directory copied over a newer checkout", |s| {
            s.shell("rm -rf $cache.old && cp -r $cache $cache.old");
            let line = release(s);
            s.install();
            s.shell("sleep 0.01; rm -rf $cache && cp -r $cache.old $cache");
            line
        }),
        kind("a build directory restored with its times", |s| {
            s.shell("rm -f $cache.tar && tar -C $cache -cf $cache.tar .");
            let line = release(s);
            s.install();
            s.shell("rm -rf $cache && mkdir $cache && tar -C $cache -xf $cache.tar");
            line
        }),
        kind("an old build directory copied into a newer one", |s| {
            s.shell("rm -rf $cache.old && cp -a $cache $cache.old");
            let line = release(s);
            s.install();
            s.shell("cp -r $cache.old/. $cache/");
            line
        }),
        kind("an ignored file keeps its time", |s| {
            rewrite_in_secret(s, "checkout/ignored/dist.html", "dist")
        }),
        kind("an ignored file of a library keeps its time", |s| {
            rewrite_in_secret(s, "checkout/ignored/listed.txt", "listed")
        }),
        kind("a file of a build script keeps its time", |s| {
            rewrite_in_secret(s, "checkout/ignored/script.txt", "script_file")
        }),
        kind("a file outside keeps its time", |s| {
            rewrite_in_secret(s, "outside/absolute.txt", "absolute")
        }),
        kind("a tracked file of a script without directives keeps its time", |s| {
            rewrite_in_secret(s, "checkout/whole/notes.txt", "whole")
        }),
        kind("the build directory is deleted", |s| {
            s.shell("rm -rf $build");
            rewrite_in_secret(s, "checkout/ignored/dist.html", "dist")
        }),
        kind("hero's record is deleted", |s| {
            s.shell("rm -f $build/hero-units.json");
            rewrite_in_secret(s, "checkout/ignored/dist.html", "dist")
        }),
        kind("hero's record is broken", |s| {
            s.write("build/hero-units.json", "{");
            rewrite_in_secret(s, "checkout/ignored/dist.html", "dist")
        }),
        kind("--rebuild", |s| {
            s.flag("--rebuild");
            rewrite_in_secret(s, "checkout/ignored/dist.html", "dist")
        }),
    ]
}
