//! The fetches that are broken: the worlds before them, and what must be true
//! after them.

use super::expected::Expected;
use super::support::{Repo, World};

/// One fetch of the checkout `svc`.
pub struct Operation {
    pub name: &'static str,
    /// Makes the state before it and returns the state to be reached.
    pub setup: fn(&World) -> Expected,
}

pub const CLONE: Operation = Operation {
    name: "first clone, of a path",
    setup: |world| clone(world, |up| up.path.display().to_string()),
};

pub const CLONE_URL: Operation = Operation {
    name: "first clone, of a file URL",
    setup: |world| clone(world, |up| format!("file://{}", up.path.display())),
};

fn clone(world: &World, url: fn(&Repo) -> String) -> Expected {
    let up = upstream(world);
    let mut expected = about(&up);
    expected.second_commit(&up);
    expected.origin = url(&up);
    script(world, &expected.origin, "update: true");
    expected
}

pub const FORWARD: Operation = Operation {
    name: "update",
    setup: |world| {
        let (up, mut expected) = fetched(world, "update: true");
        expected.edit(world);
        expected.second_commit(&up);
        expected
    },
};

/// The user has fetched the branch `rel`, which is now a folder of branches.
pub const RENAMED: Operation = Operation {
    name: "branch in the way of another",
    setup: |world| {
        let up = upstream(world);
        up.git("branch rel");
        let mut expected = fetch(world, &up, "update: true");
        world.checkout("svc").git("fetch --quiet origin +refs/heads/*:refs/remotes/origin/*");
        up.git("branch -D rel");
        up.git("checkout --quiet -b rel/1.x");
        expected.edit(world);
        expected.second_commit(&up);
        up.git("checkout --quiet main");
        expected.branch = Some("rel/1.x");
        script(world, &expected.origin, "update: true, branch: \"rel/1.x\"");
        expected
    },
};

pub const RESET: Operation = Operation {
    name: "reset",
    setup: |world| {
        let (up, mut expected) = fetched(world, "reset: true");
        expected.commit_of_mine(world);
        expected.edit(world);
        expected.all_kept();
        expected.second_commit(&up);
        expected
    },
};

pub const BRANCH: Operation = Operation {
    name: "another branch",
    setup: |world| {
        let (up, mut expected) = fetched(world, "update: true");
        up.git("checkout --quiet -b dev");
        expected.edit(world);
        expected.second_commit(&up);
        up.git("checkout --quiet main");
        expected.branch = Some("dev");
        script(world, &expected.origin, "update: true, branch: \"dev\"");
        expected
    },
};

pub const TAG: Operation = Operation {
    name: "a tag",
    setup: |world| {
        let (up, mut expected) = fetched(world, "update: true");
        expected.edit(world);
        expected.second_commit(&up);
        up.git("tag --annotate --message two v2");
        up.write("later.txt", "later\n");
        up.commit("three");
        expected.branch = None;
        script(world, &expected.origin, "update: true, tag: \"v2\"");
        expected
    },
};

pub const SUBMODULES: Operation = Operation {
    name: "first clone with a submodule",
    setup: |world| {
        let (up, library) = with_submodule(world);
        let mut expected = about(&up);
        expected.with_library(&library, "library one\n");
        script(world, &expected.origin, "update: true, submodules: true");
        expected
    },
};

pub const SUBMODULE_UPDATE: Operation = Operation {
    name: "update with a submodule",
    setup: |world| {
        let (up, library) = with_submodule(world);
        let mut expected = fetch(world, &up, "update: true, submodules: true");
        expected.edit(world);
        library.write("library.txt", "library two\n");
        library.commit("two");
        Repo { path: up.path.join("library") }.git("pull --quiet origin main");
        expected.commit = up.commit("a newer library");
        expected.with_library(&library, "library two\n");
        expected
    },
};

pub const FORCED: Operation = Operation {
    name: "update after a forced push",
    setup: |world| {
        let (up, mut expected) = fetched(world, "update: true");
        expected.edit(world);
        up.git("checkout --quiet --orphan fresh");
        expected.second_commit(&up);
        up.git("branch --move --force fresh main");
        expected
    },
};

pub const MOVED: Operation = Operation {
    name: "reset to another remote",
    setup: |world| {
        let (up, mut expected) = fetched(world, "update: true");
        expected.commit_of_mine(world);
        expected.edit(world);
        expected.all_kept();
        let other = world.root().join("remote/other");
        up.git(&format!("clone --quiet . {}", other.display()));
        let other = Repo { path: other };
        expected.second_commit(&other);
        expected.origin = other.path.display().to_string();
        script(world, &expected.origin, "reset: true");
        expected
    },
};

/// An upstream repository with one commit.
fn upstream(world: &World) -> Repo {
    let up = world.repo("up");
    up.write("a.txt", "a one\n");
    up.write("folder/b.txt", "b one\n");
    up.write("old.txt", "old\n");
    up.write("user.txt", "as upstream has it\n");
    up.write(".gitignore", "*.log\n");
    up.commit("one");
    up
}

/// Makes an upstream repository and a checkout of it.
fn fetched(world: &World, options: &str) -> (Repo, Expected) {
    let up = upstream(world);
    let expected = fetch(world, &up, options);
    (up, expected)
}

fn fetch(world: &World, up: &Repo, options: &str) -> Expected {
    let expected = about(up);
    script(world, &expected.origin, options);
    world.succeed("run svc");
    expected
}

fn about(up: &Repo) -> Expected {
    Expected {
        commit: up.git("rev-parse HEAD"),
        branch: Some("main"),
        origin: up.path.display().to_string(),
        ..Expected::default()
    }
}

fn with_submodule(world: &World) -> (Repo, Repo) {
    let library = world.repo("library");
    library.write("library.txt", "library one\n");
    library.commit("one");
    let up = world.repo("up");
    up.write("user.txt", "as upstream has it\n");
    up.write(".gitignore", "*.log\n");
    let url = library.path.display();
    up.git(&format!("-c protocol.file.allow=always submodule --quiet add {url} library"));
    up.commit("one");
    (up, library)
}

/// Writes the script of the command under test.
fn script(world: &World, repo: &str, options: &str) {
    let text = format!("git::fetch(#{{ name: \"svc\", repo: \"{repo}\", {options} }});\n");
    world.write("svc.rhai", &text);
}
