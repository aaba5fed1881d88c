//! What is new at the remote, and what the script says now.

use super::super::case::{Case, case};
use super::super::judge::Check;
use super::super::scene::Scene;
use super::super::servers::Need::{self, Nginx};
use super::super::support::Repo;
use super::web;

const N: &[Need] = &[Nginx];

/// A repository of this case, served over http.
fn own(scene: &mut Scene) {
    let name = scene.own_repo();
    web(scene, &format!("git/{name}"));
}

/// Lets the script ask for an update.
fn update(scene: &mut Scene) {
    scene.raw_option("update", "true");
}

/// Runs git in the upstream repository and publishes.
fn upstream(scene: &Scene, commands: &[&str]) {
    for command in commands {
        scene.origin().work.git(command);
    }
    scene.origin().publish();
}

/// The checkouts of git and hero, as far as they are there.
fn checkouts(scene: &Scene) -> Vec<Repo> {
    let folders = [scene.world.work("control"), scene.world.home(".local/share/hero/src/x")];
    folders.into_iter().filter(|path| path.exists()).map(|path| Repo { path }).collect()
}

pub const CASES: &[Case] = &[
    case("update-1", "a new commit", N, |s| {
        own(s);
        s.then = Some(|s| {
            s.new_commit();
            update(s);
        });
    }),
    case("update-2", "nothing new", N, |s| {
        own(s);
        s.then = Some(update);
    }),
    case("update-3", "a new commit, and no update is asked for", N, |s| {
        own(s);
        s.then = Some(|s| {
            let old = s.expected.clone();
            s.new_commit();
            s.expected = old;
            s.control(&[]);
        });
    }),
    case("update-4", "a new commit over dumb http", N, |s| {
        let name = s.own_repo();
        web(s, &format!("dumb/{name}"));
        s.then = Some(|s| {
            s.new_commit();
            update(s);
        });
    }),
    case("update-5", "a new commit in a shallow repository", N, |s| {
        own(s);
        let bare = s.origin().bare.clone();
        std::fs::write(bare.join("shallow"), s.expected.clone().expect("a commit") + "\n")
            .expect("a file");
        s.then = Some(|s| {
            s.new_commit();
            update(s);
        });
    }),
    case("G33a", "a tag that was moved", N, |s| {
        own(s);
        upstream(s, &["tag v1"]);
        s.option("tag", "v1");
        s.then = Some(|s| {
            s.new_commit();
            upstream(s, &["tag --force v1"]);
            s.control(&[
                "-C control fetch --quiet --force origin tag v1",
                "-C control checkout --quiet v1",
            ]);
            s.check(Check::Printed("moved upstream"));
            update(s);
        });
    }),
    case("G32a", "the branch was force-pushed, the checkout is as it was", N, |s| {
        own(s);
        s.new_commit();
        s.then = Some(|s| {
            upstream(s, &["reset --quiet --hard HEAD~1"]);
            s.new_commit();
            update(s);
        });
    })
    .only_hero_works(),
    case("G32c", "the branch was force-pushed, the checkout has a commit of its own", N, |s| {
        own(s);
        s.new_commit();
        s.then = Some(|s| {
            upstream(s, &["reset --quiet --hard HEAD~1"]);
            s.new_commit();
            for repo in checkouts(s) {
                repo.write("mine", "my own work");
                repo.commit("my own work");
            }
            update(s);
        });
    })
    .fails("diverged", "reset"),
    case("G32b", "the branch was force-pushed, with `reset: true`", N, |s| {
        own(s);
        s.new_commit();
        s.then = Some(|s| {
            upstream(s, &["reset --quiet --hard HEAD~1"]);
            s.new_commit();
            update(s);
            s.raw_option("reset", "true");
            s.control(&[
                "-C control fetch --quiet --prune",
                "-C control reset --quiet --hard @{upstream}",
            ]);
        });
    }),
    case("G30a", "`rel` gave way to `rel/1.x` at the remote", N, |s| {
        own(s);
        upstream(s, &["branch rel"]);
        s.option("branch", "rel");
        s.then = Some(|s| {
            upstream(s, &["branch --delete rel", "branch rel/1.x"]);
            s.option("branch", "rel/1.x");
            update(s);
            s.control(&[
                "-C control fetch --quiet --prune",
                "-C control checkout --quiet --detach origin/rel/1.x",
            ]);
        });
    }),
    case("G30b", "a local branch `rel` is in the way of `rel/1.x`", N, |s| {
        own(s);
        upstream(s, &["switch --quiet --create rel/1.x"]);
        s.new_commit();
        upstream(s, &["switch --quiet main"]);
        let main = s.origin().work.git("rev-parse main");
        s.expect(main);
        s.then = Some(|s| {
            let rel = s.origin().work.git("rev-parse rel/1.x");
            s.expect(rel);
            for repo in checkouts(s) {
                repo.git("branch rel");
            }
            s.option("branch", "rel/1.x");
            update(s);
            s.control(&[
                "-C control fetch --quiet",
                "-C control checkout --quiet -b rel/1.x origin/rel/1.x",
            ]);
            s.check(Check::Clean);
        });
    })
    .only_hero_works(),
    case("G34a", "the script's tag goes back from v2 to v1, without network", N, |s| {
        own(s);
        upstream(s, &["tag v1"]);
        s.option("tag", "v1");
        s.then = Some(|s| {
            s.new_commit();
            upstream(s, &["tag v2"]);
            s.option("tag", "v2");
            update(s);
            s.control(&["-C control fetch --quiet --tags", "-C control checkout --quiet v2"]);
            s.then = Some(|s| {
                let old = s.origin().work.git("rev-parse v1");
                std::fs::remove_dir_all(&s.origin().bare).expect("the remote goes");
                s.option("tag", "v1").raw_option("update", "false").expect(old);
                s.control(&["-C control checkout --quiet v1"]);
            });
        });
    }),
    case("G34b", "the script's commit changed to one that is not in the clone", N, |s| {
        own(s);
        let old = s.expected.clone().expect("a commit");
        s.option("commit", &old);
        s.then = Some(|s| {
            s.new_commit();
            let new = s.expected.clone().expect("a commit");
            s.option("commit", &new);
            s.control = Some(vec![
                ["-C", "control", "checkout", "--quiet", &new].map(str::to_owned).to_vec(),
            ]);
        });
    })
    .fails("not_here", "--update"),
    case("G34c", "the same, with an update", N, |s| {
        own(s);
        let old = s.expected.clone().expect("a commit");
        s.option("commit", &old);
        s.then = Some(|s| {
            s.new_commit();
            let new = s.expected.clone().expect("a commit");
            s.option("commit", &new);
            update(s);
            let fetch = ["-C", "control", "fetch", "--quiet", &s.address, &new];
            let checkout = ["-C", "control", "checkout", "--quiet", &new];
            s.control =
                Some(vec![fetch.map(str::to_owned).to_vec(), checkout.map(str::to_owned).to_vec()]);
        });
    }),
    case("update-7", "no branch is named any more, and the default was never asked for", N, |s| {
        own(s);
        s.option("branch", "main");
        s.then = Some(|s| {
            s.options.clear();
            s.control(&["-C control rev-parse --verify nowhere"]);
        });
    })
    .fails("not_here", "--update"),
    case("update-8", "the same, with an update", N, |s| {
        own(s);
        s.option("branch", "main");
        s.then = Some(|s| {
            s.options.clear();
            update(s);
        });
    }),
    case("update-9", "the default branch by its name and back, without network", N, |s| {
        own(s);
        s.then = Some(|s| {
            s.option("branch", "main");
            s.control(&[]);
            std::fs::remove_dir_all(&s.origin().bare).expect("the remote goes");
            s.then = Some(|s| s.options.clear());
        });
    }),
    case("update-6", "the branch of the script is gone at the remote", N, |s| {
        own(s);
        upstream(s, &["branch old"]);
        s.option("branch", "old");
        s.then = Some(|s| {
            upstream(s, &["branch --delete old"]);
            update(s);
            s.control(&["-C control fetch --quiet origin old"]);
        });
    })
    .fails("ref_not_found", "old"),
];
