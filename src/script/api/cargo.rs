//! `cargo`: builds.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rhai::{Dynamic, Map};
use serde::Deserialize;

use super::convert::to_value;
use super::namespace::Namespace;
use crate::cargo::{self, Profile};
use crate::model::{Build as Built, Checkout};
use crate::ops;
use crate::ops::build::build_service;
use crate::ops::build_options::BuildOptions;
use crate::script::describe::service_name;
use crate::script::fault::{Fault, Result, Throw};
use crate::script::flags;
use crate::script::host::Host;
use crate::script::options;
use crate::script::value::{Described, Value};
use crate::sys::disk::{self, Removal};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "`checkout` is taken out before; named for hints")]
struct Options {
    path: PathBuf,
    #[serde(default)]
    checkout: (),
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
pub(crate) fn namespace(host: &Arc<Host>) -> Namespace {
    let mut cargo = Namespace::new("cargo");
    let context = Arc::clone(host);
    cargo.add(
        "build(options: map) -> Build",
        r#"
        Builds the binaries of a checkout with `cargo build`, in a build
        directory that stays, so that the next build is incremental.

        Options: `path` (the checkout), `name` (of the service), `dir` (a folder in the
        checkout), `profile` ("release", the default, "debug", one of the manifest, or "fast", see
        docs/guide.md), `target` (a triple; default: what cargo is configured for),
        `member` (a package of the workspace), `bins` (default: all), `features`, `all_features`, `no_default_features`,
        `locked` (default: when a lockfile is committed), `refresh` ("git" or "all": dependencies
        to resolve anew where no lockfile is committed), `offline`, `jobs`, `nice` (1 to 19),
        `env` (a map), `full_debuginfo` (debug builds have line tables only otherwise),
        `share` (may be built in the build directory of a service that has at least half of
        the crates in the same versions, one after the other; default: true), `rebuild`
        (compile the workspace's own packages again), `checkout` (what `git::fetch` returned, to
        tell why it builds).

        Result: `artifacts` (`name`, `path`, `debug_files`, `package`, `version`, `fresh`), `fresh`,
        `profile`, `features`, `rustc`, `lockfile`, `millis`, `warnings`, `log`.
        Errors: `no_manifest`, `no_such_bin`, `no_such_package`, `ambiguous_bin`, `no_binaries`,
        `no_such_feature`, `no_such_profile`, `bad_target`, `several_targets`, `build_failed`.

            let built = cargo::build(#{path: checkout.path, name: "just", profile: "debug"});
            print(built.artifacts[0].path);
        "#,
        move |map: Map| build(&context, map),
    );
    let context = Arc::clone(host);
    cargo.add(
        "build(service: Service, flags: map, checkout: Checkout) -> Build",
        "",
        move |service: Value<Described>,
              flags: Map,
              checkout: Value<Checkout>|
              -> Result<Value<Built>> {
            let (service, flags) = (&service.get().service, flags::read(&context, &flags)?);
            let built = build_service(&context, service, &flags, checkout.get());
            Value::new(built.map_err(|fault| fault.throw())?)
        },
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

fn build(host: &Host, mut map: Map) -> Result<Value<Built>> {
    let checkout = Value::<Checkout>::take(&mut map, "checkout", "cargo::build")?;
    let options = read(map, "cargo::build")?;
    let built = ops::build::build(host, &options, checkout.as_ref().map(Value::get));
    Value::new(built.map_err(|fault| fault.throw())?)
}

/// The options of a build in a map.
///
/// # Errors
/// Those that cannot be.
pub(super) fn read(map: Map, function: &str) -> Result<BuildOptions> {
    let options: Options = options::read(function, map)?;
    let profile = Profile::parse(options.profile.as_deref().unwrap_or("release"))
        .map_err(|error| Fault::from(error).option("profile").throw())?;
    Ok(BuildOptions {
        name: service_name(&options.name)?,
        path: options.path,
        dir: options.dir,
        profile,
        target: options.target,
        member: options.member,
        bins: options.bins,
        features: options.features,
        all_features: options.all_features,
        no_default_features: options.no_default_features,
        locked: options.locked,
        refresh: options.refresh,
        offline: options.offline,
        jobs: options.jobs,
        nice: options.nice,
        env: options.env,
        full_debuginfo: options.full_debuginfo,
        share: options.share,
        rebuild: options.rebuild,
    })
}
