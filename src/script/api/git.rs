//! `git`: repositories and their checkouts.

use std::path::Path;
use std::sync::Arc;

use rhai::{Array, Dynamic, FnPtr, Map, NativeCallContext};
use serde::Deserialize;

use super::convert::{interrupted, to_map};
use super::namespace::Namespace;
use crate::git::{self, Mode, RemoteUrl};
use crate::model::{Checkout, Revision, Wanted};
use crate::ops;
use crate::ops::fetch::Fetch;
use crate::script::callback::Callback;
use crate::script::describe::service_name;
use crate::script::fault::{Fault, Result, Throw};
use crate::script::flags;
use crate::script::host::Host;
use crate::script::options;
use crate::script::value::{Described, Value};
use crate::sys::name::Name;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    repo: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    branch: Option<String>,
    #[serde(default)]
    tag: Option<String>,
    #[serde(default)]
    commit: Option<String>,
    #[serde(default, rename = "ref")]
    full_ref: Option<String>,
    #[serde(default)]
    update: bool,
    #[serde(default)]
    reset: bool,
    #[serde(default)]
    submodules: Wanted,
}

/// The namespace `git`.
pub(crate) fn namespace(host: &Arc<Host>) -> Namespace {
    let mut git = Namespace::new("git");
    let context = Arc::clone(host);
    git.add(
        "fetch(options: map) -> Checkout",
        r#"
        Puts the checkout of a service in place: clones it if there is none;
        else leaves it as it is, without network, unless told to move.

        Options: `repo` (https, ssh, git, `user@host:path`, `file://`, an absolute path),
        `name` (default: the last part of `repo`), one of `branch`, `tag`, `commit`, `ref`
        (a full name such as `refs/pull/7/head`; default: the remote's default branch),
        `update` (fetch, fast-forward only; local edits are kept, and stop it where they
        conflict), `reset` (exactly as upstream; a ref that a warning names keeps the local
        work), `submodules` (true, or a list of paths). Files in Git LFS are fetched too.
        A revision other than the one that is checked out is checked out without network if
        it was fetched before.

        Result: `path`, `commit`, `reference`, `changed`, `cloned`, `dirty`, `kept`, `repo`.
        Errors: `bad_url`, `remote_not_found`, `ref_not_found`, `not_here` (needs `update`),
        `auth_required`, `auth_failed`, `forbidden`, `dirty`, `diverged`, `remote_changed`,
        `timeout`, `lfs`, `program_not_found`, …

            let checkout = git::fetch(#{repo: "https://github.com/casey/just", tag: "1.42.0"});
            print(checkout.commit);
        "#,
        move |map: Map| fetch(&context, map),
    );
    let context = Arc::clone(host);
    git.add("fetch(repo: string) -> Checkout", "", move |repo: &str| {
        let mut map = Map::new();
        map.insert("repo".into(), repo.into());
        fetch(&context, map)
    });
    let context = Arc::clone(host);
    git.add(
        "fetch(service: Service, flags: map) -> Checkout",
        "",
        move |service: Value<Described>, flags: Map| -> Result<Value<Checkout>> {
            let (service, flags) = (&service.get().service, flags::read(&context, &flags)?);
            let fetched = ops::fetch::fetch(&context, &Fetch::new(service, &flags));
            Value::new(fetched.map_err(|fault| fault.throw())?)
        },
    );
    git.add(
        "status(path: string) -> map",
        r#"
        What a checkout looks like: `commit`, `branch` (`()` if detached),
        `reference`, `dirty`, `edits` (paths), `ahead` and `behind` (of what was last fetched).

        Errors: `no_checkout`, `not_a_checkout`.

            if git::status(checkout.path).dirty { print("edited"); }
        "#,
        |path: &str| -> Result<Map> { to_map(git::status(Path::new(path)).throw()?) },
    );
    let context = Arc::clone(host);
    git.add(
        "watch(path: string, work: Fn)",
        r#"
        Calls `work([])`, then `work(paths)` each time files of a checkout have been saved,
        with their paths in it: those that git does not ignore. With the name of a service
        before `work`, also for whatever else its current generation was built from: ignored
        files, files outside, configuration. What is saved together comes together,
        and what is saved while `work` works comes next. Ends only when interrupted, or when
        `work` throws.

        Errors: `not_a_checkout`, `cannot_watch`.

            git::watch(git::checkout_path("just"), |paths| print(paths));
        "#,
        move |call: NativeCallContext, path: &str, work: FnPtr| -> Result<()> {
            watch(&context, &call, Path::new(path), None, &work)
        },
    );
    let context = Arc::clone(host);
    git.add(
        "watch(path: string, service: string, work: Fn)",
        "",
        move |call: NativeCallContext, path: &str, service: &str, work: FnPtr| -> Result<()> {
            let service = service_name(service)?;
            watch(&context, &call, Path::new(path), Some(&service), &work)
        },
    );
    let context = Arc::clone(host);
    git.add(
        "checkout_path(name: string) -> string",
        r#"
        Where the checkout of a service lies, whether it is there or not.

            print(git::checkout_path("just"));
        "#,
        move |name: &str| -> Result<String> {
            Ok(context.dirs.checkout(&service_name(name)?).display().to_string())
        },
    );
    git
}

fn watch(
    host: &Host,
    call: &NativeCallContext,
    path: &Path,
    service: Option<&Name>,
    work: &FnPtr,
) -> Result<()> {
    let callback = Callback::new(host, call);
    let ended = ops::watch::on_changes(host, path, service, &mut |paths| {
        let paths: Array = paths.iter().cloned().map(Dynamic::from).collect();
        callback.call::<Dynamic>(work, (paths,)).map(drop)
    });
    callback.finish(ended)?;
    Err(interrupted(host))
}

fn fetch(host: &Host, map: Map) -> Result<Value<Checkout>> {
    let options: Options = options::read("git::fetch", map)?;
    let repo = RemoteUrl::parse(&options.repo)
        .map_err(|error| Fault::from(error).option("repo").throw())?;
    let name = service_name(&options.name.unwrap_or_else(|| repo.name()))?;
    let revision = Revision {
        branch: options.branch,
        tag: options.tag,
        commit: options.commit,
        full_ref: options.full_ref,
    };
    let fetched = revision.reference().and_then(|reference| {
        let mode = match (options.reset, options.update) {
            (true, _) => Mode::Reset,
            (false, true) => Mode::Update,
            (false, false) => Mode::Keep,
        };
        let submodules = options.submodules.into();
        let (name, repo, reference) = (&name, &repo, &reference);
        ops::fetch::fetch(host, &Fetch { name, repo, reference, submodules, mode })
    });
    Value::new(fetched.map_err(|fault| fault.throw())?)
}
