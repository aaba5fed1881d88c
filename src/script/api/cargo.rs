//! `cargo`: builds.

use std::any::Any;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rhai::{Dynamic, Map};
use serde::Deserialize;

use super::namespace::Namespace;
use super::{to_map, to_value};
use crate::cargo::{self, Profile};
use crate::event::{Event, LogLevel};
use crate::git;
use crate::script::account::{self, Source};
use crate::script::describe::{folder, service_name};
use crate::script::fault::{Fault, Result, Throw};
use crate::script::host::Host;
use crate::script::options;
use crate::sys::disk::{self, Removal};
use crate::sys::process::Cmd;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Build {
    path: PathBuf,
    name: String,
    #[serde(default)]
    dir: Option<String>,
    #[serde(default)]
    profile: Option<String>,
    #[serde(default)]
    target: Option<String>,
    #[serde(default)]
    member: Option<String>,
    #[serde(default)]
    bins: Vec<String>,
    #[serde(default)]
    features: Vec<String>,
    #[serde(default)]
    all_features: bool,
    #[serde(default)]
    no_default_features: bool,
    #[serde(default)]
    locked: Option<bool>,
    #[serde(default)]
    refresh: cargo::Refresh,
    #[serde(default)]
    offline: bool,
    #[serde(default)]
    jobs: Option<u32>,
    #[serde(default)]
    nice: Option<i32>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    full_debuginfo: bool,
    #[serde(default)]
    share: Option<bool>,
    #[serde(default)]
    rebuild: bool,
}

/// The namespace `cargo`.
pub fn namespace(host: &Arc<Host>) -> Namespace {
    let mut cargo = Namespace::new("cargo");
    let context = Arc::clone(host);
    cargo.add(
        "build(options: map) -> map",
        r#"
        Builds the binaries of a checkout with `cargo build`, in a build
        directory that stays, so that the next build is incremental.

        Options: `path` (the checkout), `name` (of the service), `dir` (a folder in the
        checkout), `profile` ("release", the default, "debug", one of the manifest, or "fast", see
        the README), `target` (a triple; default: what cargo is configured for),
        `member` (a package of the workspace), `bins` (default: all), `features`, `all_features`, `no_default_features`,
        `locked` (default: when a lockfile is committed), `refresh` ("git" or "all": dependencies
        to resolve anew where no lockfile is committed), `offline`, `jobs`, `nice` (1 to 19),
        `env` (a map), `full_debuginfo` (debug builds have line tables only otherwise),
        `share` (may be built in the build directory of a service that has at least half of
        the crates in the same versions, one after the other; default: true), `rebuild`
        (compile the workspace's own packages again), `checkout` (what `git::fetch` returned, to
        tell why it builds).

        Result: `artifacts` (`name`, `path`, `debug_files`, `package`, `version`, `fresh`), `fresh`,
        `profile`, `features`, `rustc`, `lockfile`, `inputs` (what the build read, as a text), `millis`, `warnings`, `log`.
        Errors: `no_manifest`, `no_such_bin`, `no_such_package`, `ambiguous_bin`, `no_binaries`,
        `no_such_feature`, `no_such_profile`, `bad_target`, `several_targets`, `build_failed`.

            let built = cargo::build(#{path: checkout.path, name: "just", profile: "debug"});
            print(built.artifacts[0].path);
        "#,
        move |map: Map| build(&context, map),
    );
    looking(&mut cargo, host);
    cargo
}

/// Functions that build nothing.
fn looking(cargo: &mut Namespace, host: &Arc<Host>) {
    let context = Arc::clone(host);
    cargo.add(
        "binaries(path: string) -> array",
        r#"
        The binaries of the packages in a folder with a manifest, as `#{name, member}`,
        without building anything. Errors: `no_manifest`, `bad_manifest`.

            for bin in cargo::binaries(checkout.path) { print(bin.name); }
        "#,
        move |path: &str| binaries(&context, path, Map::new()),
    );
    let context = Arc::clone(host);
    cargo.add(
        "binaries(path: string, env: map) -> array",
        r#"
        The same with the variables of a build, which may choose another toolchain.

            let env = #{RUSTUP_TOOLCHAIN: "nightly"};
            for bin in cargo::binaries(checkout.path, env) { print(bin.name); }
        "#,
        move |path: &str, env: Map| binaries(&context, path, env),
    );
    let context = Arc::clone(host);
    cargo.add(
        "clean(name: string, profile: string) -> int",
        r#"
        Removes the build files of one profile of a service ("debug" for
        cargo's dev profile), for all targets; how many bytes of disk space that freed. Needs no toolchain.
        Errors: `not_a_build_dir`.

            print(human::bytes(cargo::clean("just", "debug")));
        "#,
        move |name: &str, profile: &str| -> Result<i64> {
            let name = service_name(name)?;
            let profile = Profile::parse(profile).throw()?;
            let what = cargo::Clean {
                service: &name,
                build: &context.dirs.build,
                locks: &context.dirs.locks,
                part: cargo::Part::Profile(&profile),
                used_before: None,
                wait: true,
                dry_run: context.dry_run(),
            };
            let (mut removed, reporter) = (Removal::default(), &*context.reporter);
            let cleaned = cargo::clean(&what, &mut removed, reporter, &context.cancel()).throw()?;
            match cleaned.error {
                Some(error) => Err(error).throw(),
                None => Ok(i64::try_from(cleaned.freed).unwrap_or(i64::MAX)),
            }
        },
    );
    let context = Arc::clone(host);
    cargo.add(
        "build_dirs() -> array",
        r#"
        The services that have build files, as `#{name, path, size}` with the disk
        space in bytes, as `du` counts it.

            for dir in cargo::build_dirs() { print(`${dir.name} ${human::bytes(dir.size)}`); }
        "#,
        move || -> Result<rhai::Array> {
            let (found, _others) = cargo::build_dirs(&context.dirs.build).throw()?;
            let map = |dir: cargo::BuildDir| -> Result<Dynamic> {
                let mut map = Map::new();
                map.insert("name".into(), dir.service.to_string().into());
                map.insert("path".into(), dir.path.display().to_string().into());
                map.insert("size".into(), to_value(disk::used(&dir.path))?);
                Ok(map.into())
            };
            found.into_iter().map(map).collect()
        },
    );
}

fn binaries(host: &Host, path: &str, env: Map) -> Result<rhai::Array> {
    let env = options::read("cargo::binaries", env)?;
    let binaries = cargo::binaries(Path::new(path), &env, &host.cancel()).throw()?;
    let map = |binary: cargo::Binary| {
        let mut map = Map::new();
        map.insert("name".into(), binary.name.into());
        map.insert("member".into(), binary.package.into());
        Dynamic::from(map)
    };
    Ok(binaries.into_iter().map(map).collect())
}

/// Notes why a service is built.
fn explain(host: &Host, request: &cargo::Options, source: &Source) {
    let reasons = account::reasons(&host.store(), request, source);
    let message = format!("building `{}`: {}", request.service, reasons.join("; "));
    host.report(Event::Log { level: LogLevel::Verbose, message });
    host.accounts.begin(request.service);
    host.accounts.explain(request.service, reasons);
}

fn build(host: &Host, mut map: Map) -> Result<Map> {
    let source = match map.remove("checkout") {
        Some(checkout) => options::read("cargo::build", checkout.cast())?,
        None => Source::default(),
    };
    with_request(host, "cargo::build", map, |request| {
        if !request.dry_run {
            explain(host, request, &source);
        }
        let built = watched(host, request).throw()?;
        let edited = built
            .changed
            .iter()
            .map(|file| account::below(&format!("`{}` changed", file.display()), request.checkout));
        host.accounts.name_edits(request.service, edited.collect());
        for (phase, took) in &built.phases {
            host.accounts.add(request.service, phase, *took);
        }
        let inputs = built.inputs.as_ref().and_then(|inputs| serde_json::to_string(inputs).ok());
        let mut map = to_map(built)?;
        map.insert("inputs".into(), inputs.map_or(Dynamic::UNIT, Dynamic::from));
        Ok(map)
    })
}

/// A build after which git knows what it has changed in the tree, also if it failed.
fn watched(
    host: &Host,
    request: &cargo::Options,
) -> std::result::Result<cargo::Built, cargo::Error> {
    let cancel = host.cancel();
    let before = if request.dry_run { None } else { git::before_build(request.checkout, &cancel) };
    let built = cargo::build(request, &*host.reporter, &cancel);
    let wrote = cargo::Wrote::new(request);
    let recorded = before.map(|before| before.record(&|file| wrote.has(file), &cancel));
    if let Some(Err(error)) = recorded {
        // Then it counts as edited, and that is all.
        tracing::debug!(%error, "what the build has changed is not recorded");
    }
    built
}

/// The tokens of a run, for cargo's dependencies.
struct Logins<'a> {
    host: &'a Host,
    checkout: &'a Path,
}

impl std::fmt::Debug for Logins<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Logins")
    }
}

impl cargo::Logins for Logins<'_> {
    fn lend(&self, cmd: Cmd, urls: &[String]) -> std::result::Result<(Cmd, Box<dyn Any>), String> {
        let (cmd, lent) = git::lend(cmd, urls, &self.host.credentials, self.checkout)
            .map_err(|error| error.to_string())?;
        Ok((cmd, Box::new(lent)))
    }
}

/// Hands the options of a map to `work`, as the layer below wants them.
pub(super) fn with_request<T>(
    host: &Host,
    function: &str,
    map: Map,
    work: impl FnOnce(&cargo::Options) -> Result<T>,
) -> Result<T> {
    let options: Build = options::read(function, map)?;
    let name = service_name(&options.name)?;
    let profile = Profile::parse(options.profile.as_deref().unwrap_or("release"))
        .map_err(|error| Fault::from_error(&error).option("profile").throw())?;
    let source = match &options.dir {
        Some(dir) => {
            folder(dir).map_err(|fault| fault.throw())?;
            options.path.join(dir)
        }
        None => options.path.clone(),
    };
    if let Some(nice) = options.nice.filter(|nice| !(1..=19).contains(nice)) {
        let message = format!("`nice` is 1 to 19, not {nice}");
        return Err(Fault::script("wrong_option", message).option("nice").throw());
    }
    if options.jobs == Some(0) {
        return Err(Fault::script("wrong_option", "`jobs` is at least 1").option("jobs").throw());
    }
    let share = options.share.or(host.config.build.share).unwrap_or(true);
    let logins = Logins { host, checkout: &options.path };
    let log = host.dirs.logs.join(format!("{name}-build.log"));
    let request = cargo::Options {
        service: &name,
        source: &source,
        checkout: Path::new(&options.path),
        build_dir: &host.dirs.build_dir(&name),
        share: share.then_some(&host.dirs.locks),
        log: &log,
        profile,
        target: options.target,
        bins: options.bins,
        package: options.member,
        features: options.features,
        all_features: options.all_features,
        no_default_features: options.no_default_features,
        locked: options.locked,
        refresh: options.refresh,
        offline: options.offline,
        jobs: options.jobs,
        slots: host.builds().ok().cloned(),
        nice: options.nice.or(host.config.build.nice),
        logins: Some(&logins),
        env: options.env,
        full_debuginfo: options.full_debuginfo,
        color: host.color,
        rebuild: options.rebuild,
        dry_run: host.dry_run(),
    };
    work(&request)
}
