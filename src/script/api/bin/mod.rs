//! `bin`: what is installed.

mod stored;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rhai::{Array, Dynamic, Map};
use serde::Deserialize;

use super::cargo::with_request;
use super::namespace::Namespace;
use super::to_map;
use crate::cargo::{self, Inputs, Profile};
use crate::script::describe::service_name;
use crate::script::fault::{Fault, Result, Throw};
use crate::script::host::Host;
use crate::script::options;
use crate::store::{Installed, NewGeneration, Policy};
use crate::sys::name::Name;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Install {
    name: String,
    #[serde(default)]
    build: Option<Build>,
    #[serde(default)]
    checkout: Option<Checkout>,
    #[serde(default)]
    files: Vec<PathBuf>,
    #[serde(default)]
    replace: bool,
    #[serde(default)]
    keep: Option<usize>,
    #[serde(default)]
    script: Option<String>,
}

/// What `cargo::build` returned; of its keys only these matter here.
#[derive(Deserialize)]
struct Build {
    artifacts: Vec<Artifact>,
    profile: String,
    #[serde(default)]
    features: Vec<String>,
    #[serde(default)]
    rustc: String,
    #[serde(default)]
    lockfile: Option<String>,
    #[serde(default)]
    inputs: Option<String>,
}

#[derive(Deserialize)]
struct Artifact {
    name: String,
    path: PathBuf,
    #[serde(default)]
    debug_files: Vec<PathBuf>,
}

/// What `git::fetch` returned, likewise.
#[derive(Deserialize)]
struct Checkout {
    #[serde(default)]
    repo: String,
    #[serde(default)]
    commit: Option<String>,
    #[serde(default)]
    reference: Option<String>,
    #[serde(default)]
    dirty: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Check {
    name: String,
    #[serde(default)]
    bins: Vec<String>,
    #[serde(default)]
    replace: bool,
}

/// The namespace `bin`.
pub fn namespace(host: &Arc<Host>) -> Namespace {
    let mut bin = Namespace::new("bin");
    installing(&mut bin, host);
    looking(&mut bin, host);
    stored::add(&mut bin, host);
    bin
}

fn installing(bin: &mut Namespace, host: &Arc<Host>) {
    let context = Arc::clone(host);
    bin.add(
        "install(options: map) -> map",
        r#"
        Installs the binaries of a service as one unit: all of them change in
        one step, and running ones are not disturbed.

        Options: `name` (of the service), `build` (what `cargo::build` returned) or `files`
        (paths of binaries made otherwise), `checkout` (what `git::fetch` returned, for the
        receipt), `replace` (move a stranger's file of the same name aside), `keep` (how many
        generations per profile beside the current one; else what `[store] keep` in
        `config.toml` says, else 3), `script`.

        Result: `service`, `generation`, `bins` (links), `size`, `changed`, `profile`, `commit`.
        Errors: `foreign_file`, `taken`, `root_not_writable`, `disk_full`, …

            let done = bin::install(#{name: "just", build: built, checkout: checkout});
            print(done.bins[0]);
        "#,
        move |map: Map| install(&context, map),
    );
    let context = Arc::clone(host);
    bin.add(
        "reuse(commit: string, build: map) -> map",
        r#"
        Makes a generation current that was built before from this commit, without local
        edits, if everything that its build read is unchanged; `()` if there is none. Starts
        no program. `build`: the options of `cargo::build`. Result: as of `bin::install`.

            let done = bin::reuse(checkout.commit, #{name: "just", path: checkout.path});
        "#,
        move |commit: &str, build: Map| reuse(&context, commit, build),
    );
    let context = Arc::clone(host);
    bin.add(
        "check(options: map)",
        r#"
        Finds out before a long build what would stop the install: a root
        that cannot be written, a name that is taken.

        Options: `name`, `bins`, `replace`. Errors: as for `bin::install`.

            bin::check(#{name: "just", bins: ["just"]});
        "#,
        move |map: Map| -> Result<()> {
            let options: Check = options::read("bin::check", map)?;
            let bins: Vec<Name> = options
                .bins
                .iter()
                .map(|bin| Name::new("binary", bin))
                .collect::<std::result::Result<_, _>>()
                .throw()?;
            let policy = policy(&context, options.replace, None);
            let name = service_name(&options.name)?;
            let (reporter, cancel) = (&*context.reporter, context.cancel());
            context.store().check(&name, &bins, &policy, reporter, &cancel).throw()
        },
    );
}

/// Functions that change nothing.
fn looking(bin: &mut Namespace, host: &Arc<Host>) {
    let context = Arc::clone(host);
    bin.add(
        "list() -> array",
        r#"
        The installed services: `name`, `current` (its receipt: `commit`, `profile`,
        `dirty`, `features`, `rustc`, `bins`, `installed_at`, …; `()` if none is current),
        `generations` (all receipts), `size`, `bins` (links).

            for service in bin::list() { print(service.name); }
        "#,
        move || -> Result<Array> {
            let listing = context.store().list().throw()?;
            listing.services.iter().map(|service| to_map(service).map(Dynamic::from)).collect()
        },
    );
    let context = Arc::clone(host);
    bin.add(
        "get(name: string) -> map",
        r#"
        One installed service, as in `bin::list`; `()` if it is not installed.

            if bin::get("just") == () { print("not installed"); }
        "#,
        move |name: &str| -> Result<Dynamic> {
            match context.store().service(&service_name(name)?).throw()? {
                Some(service) => to_map(service).map(Dynamic::from),
                None => Ok(Dynamic::UNIT),
            }
        },
    );
    let context = Arc::clone(host);
    bin.add(
        "dir() -> string",
        r"
        The folder of the links: `~/.local/bin`, or that of the system root.

            print(bin::dir());
        ",
        move || context.root().bin.display().to_string(),
    );
}

/// What the call says goes before what the user's configuration says.
fn policy(host: &Host, replace: bool, keep: Option<usize>) -> Policy {
    let policy = Policy { replace, dry_run: host.dry_run(), ..Policy::default() };
    let keep = keep.or(host.config.store.keep).unwrap_or(policy.keep);
    Policy { keep, ..policy }
}

fn reuse(host: &Host, commit: &str, build: Map) -> Result<Dynamic> {
    with_request(host, "bin::reuse", build, |request| {
        let unchanged = |inputs: &serde_json::Value| {
            let inputs = Inputs::deserialize(inputs);
            inputs.is_ok_and(|inputs| inputs.is_unchanged(request))
        };
        let (dry_run, store) = (host.dry_run(), host.store());
        let (reporter, cancel) = (&*host.reporter, host.cancel());
        let reused = store.reuse(request.service, commit, &unchanged, dry_run, reporter, &cancel);
        match reused.throw()? {
            Some(installed) => {
                close(host, request.service, &installed);
                used(host, &installed)?;
                to_map(installed).map(Dynamic::from)
            }
            None => Ok(Dynamic::UNIT),
        }
    })
}

/// Writes down what the install of a service did.
fn close(host: &Host, service: &Name, installed: &Installed) {
    if host.dry_run() {
        return;
    }
    // The install is complete without it.
    if let Err(error) = host.accounts.close(&host.dirs.account(service), service, installed) {
        tracing::debug!(%error, "`hero why` will not know this install");
    }
}

fn install(host: &Host, map: Map) -> Result<Map> {
    let options: Install = options::read("bin::install", map)?;
    let name = service_name(&options.name)?;
    let build = options.build.unwrap_or(Build {
        artifacts: Vec::new(),
        profile: "release".into(),
        features: Vec::new(),
        rustc: String::new(),
        lockfile: None,
        inputs: None,
    });
    let (mut bins, mut debug_files) = (Vec::new(), Vec::new());
    for artifact in build.artifacts {
        debug_files.extend(artifact.debug_files);
        bins.push((Name::new("binary", &artifact.name).throw()?, artifact.path));
    }
    for file in options.files {
        let base = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        bins.push((Name::new("binary", &base).throw()?, file));
    }
    if bins.is_empty() && host.dry_run() {
        // Not cloned yet, and the script names no binaries.
        host.plans(
            "install",
            format!("{name}: every binary it has → {}", host.root().bin.display()),
        );
        return planned(&name, &build.profile);
    }
    if bins.is_empty() {
        return Err(Fault::script("missing_option", "`bin::install` has nothing to install")
            .hint("give it `build` (what cargo::build returned) or `files`")
            .throw());
    }
    let checkout = options.checkout;
    let new = NewGeneration {
        service: name,
        bins,
        debug_files,
        repo: checkout.as_ref().map(|checkout| checkout.repo.clone()).unwrap_or_default(),
        // Empty in a dry run, before there is a checkout.
        commit: checkout
            .as_ref()
            .and_then(|checkout| checkout.commit.clone())
            .filter(|commit| !commit.is_empty()),
        reference: checkout.as_ref().and_then(|checkout| checkout.reference.clone()),
        dirty: checkout.as_ref().is_some_and(|checkout| checkout.dirty),
        profile: build.profile,
        features: build.features,
        rustc: build.rustc,
        lockfile: build.lockfile,
        script: options.script,
        inputs: build.inputs.and_then(|inputs| serde_json::from_str(&inputs).ok()),
    };
    let policy = policy(host, options.replace, options.keep);
    let (started, store) = (Instant::now(), host.store());
    let installed = store.install(&new, &policy, &*host.reporter, &host.cancel()).throw()?;
    let copied = Duration::from_millis(installed.copy_millis);
    host.accounts.add(&new.service, "copy", copied);
    host.accounts.add(&new.service, "commit", started.elapsed().saturating_sub(copied));
    close(host, &new.service, &installed);
    used(host, &installed)?;
    to_map(installed)
}

/// Notes that a service was installed, and that its build files were of use.
fn used(host: &Host, installed: &Installed) -> Result<()> {
    if host.dry_run() {
        return Ok(());
    }
    if installed.changed {
        host.note_installed();
    }
    let profile = Profile::parse(&installed.profile).throw()?;
    cargo::note_use(&host.dirs.build_dir(&installed.service), &profile);
    Ok(())
}

/// The result of an installation of which nothing is known yet.
fn planned(name: &Name, profile: &str) -> Result<Map> {
    to_map(Installed {
        service: name.clone(),
        generation: String::new(),
        bins: Vec::new(),
        size: 0,
        changed: true,
        profile: profile.to_owned(),
        commit: None,
        moved_aside: Vec::new(),
        copy_millis: 0,
    })
}
