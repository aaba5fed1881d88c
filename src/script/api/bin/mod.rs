//! `bin`: what is installed.

mod stored;

use std::path::PathBuf;
use std::sync::Arc;

use rhai::{Array, Dynamic, Map};
use serde::Deserialize;

use super::cargo;
use super::convert::to_map;
use super::namespace::Namespace;
use crate::cargo::Profile;
use crate::model::{Build, Checkout, Installed};
use crate::ops::install::{self, Install};
use crate::script::describe::service_name;
use crate::script::fault::{Fault, Result, Throw};
use crate::script::flags;
use crate::script::host::Host;
use crate::script::options;
use crate::script::value::{Described, Value};
use crate::sys::name::Name;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "`build` and `checkout` are taken out before; named for hints")]
struct Options {
    name: String,
    #[serde(default)]
    build: (),
    #[serde(default)]
    checkout: (),
    #[serde(default)]
    files: Vec<PathBuf>,
    #[serde(default)]
    profile: Option<String>,
    #[serde(default)]
    replace: bool,
    #[serde(default)]
    keep: Option<usize>,
    #[serde(default)]
    script: Option<String>,
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
pub(crate) fn namespace(host: &Arc<Host>) -> Namespace {
    let mut bin = Namespace::new("bin");
    installing(&mut bin, host);
    looking(&mut bin, host);
    stored::add(&mut bin, host);
    bin
}

fn installing(bin: &mut Namespace, host: &Arc<Host>) {
    let context = Arc::clone(host);
    bin.add(
        "install(options: map) -> Generation",
        r#"
        Installs the binaries of a service as one unit: all of them change in
        one step, and running ones are not disturbed.

        Options: `name` (of the service), `build` (what `cargo::build` returned) or `files`
        (paths of binaries made otherwise, with a
        `profile` if it is not release), `checkout` (what `git::fetch` returned, for the
        receipt), `replace` (move a foreign file of the same name aside), `keep` (how many
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
        "install(service: Service, flags: map, checkout: Checkout, build: Build) -> Generation",
        "",
        move |service: Value<Described>,
              flags: Map,
              checkout: Value<Checkout>,
              build: Value<Build>|
              -> Result<Value<Installed>> {
            let (service, flags) = (&service.get().service, flags::read(&context, &flags)?);
            let what = Install {
                name: &service.name,
                profile: None,
                build: Some(build.get()),
                checkout: Some(checkout.get()),
                files: Vec::new(),
                replace: flags.replace,
                keep: None,
                script: service.script.clone(),
            };
            generation(install::install(&context, what))
        },
    );
    let context = Arc::clone(host);
    bin.add(
        "reuse(commit: string, build: map) -> Generation",
        r#"
        Makes a generation current that was built before from this commit, without local
        edits, if everything that its build read is unchanged; `()` if there is none. Starts
        no program. `build`: the options of `cargo::build`. Result: as of `bin::install`.

            let done = bin::reuse(checkout.commit, #{name: "just", path: checkout.path});
        "#,
        move |commit: &str, build: Map| -> Result<Dynamic> {
            let options = cargo::read(build, "bin::reuse")?;
            optional(install::reuse(&context, &options, commit))
        },
    );
    let context = Arc::clone(host);
    bin.add(
        "reuse(service: Service, flags: map, checkout: Checkout) -> Generation",
        "",
        move |service: Value<Described>,
              flags: Map,
              checkout: Value<Checkout>|
              -> Result<Dynamic> {
            let (service, flags) = (&service.get().service, flags::read(&context, &flags)?);
            optional(install::reuse_service(&context, service, &flags, checkout.get()))
        },
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
            let name = service_name(&options.name)?;
            install::check(&context, &name, &bins, options.replace).map_err(|fault| fault.throw())
        },
    );
    let context = Arc::clone(host);
    bin.add(
        "check(service: Service, flags: map)",
        "",
        move |service: Value<Described>, flags: Map| -> Result<()> {
            let (service, flags) = (&service.get().service, flags::read(&context, &flags)?);
            let checked = install::check(&context, &service.name, &service.bins, flags.replace);
            checked.map_err(|fault| fault.throw())
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

fn install(host: &Host, mut map: Map) -> Result<Value<Installed>> {
    let build = Value::<Build>::take(&mut map, "build", "bin::install")?;
    let checkout = Value::<Checkout>::take(&mut map, "checkout", "bin::install")?;
    let options: Options = options::read("bin::install", map)?;
    let profile = options.profile.as_deref().map(Profile::parse).transpose();
    let what = Install {
        name: &service_name(&options.name)?,
        profile: profile.map_err(|error| Fault::from(error).option("profile").throw())?,
        build: build.as_ref().map(Value::get),
        checkout: checkout.as_ref().map(Value::get),
        files: options.files,
        replace: options.replace,
        keep: options.keep,
        script: options.script,
    };
    generation(install::install(host, what))
}

fn generation(installed: std::result::Result<Installed, Fault>) -> Result<Value<Installed>> {
    Value::new(installed.map_err(|fault| fault.throw())?)
}

fn optional(installed: std::result::Result<Option<Installed>, Fault>) -> Result<Dynamic> {
    match installed.map_err(|fault| fault.throw())? {
        Some(installed) => Value::new(installed).map(Dynamic::from),
        None => Ok(Dynamic::UNIT),
    }
}
