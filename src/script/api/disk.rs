//! `disk`: what services take, and having it back.

use std::sync::Arc;

use rhai::{Array, Dynamic, Map};
use serde::Deserialize;

use super::convert::to_map;
use super::namespace::Namespace;
use crate::cargo::Profile;
use crate::disk::{self, Clear, Cleared, Collect, Failure};
use crate::script::describe::service_name;
use crate::script::fault::{Fault, Result, Throw};
use crate::script::host::Host;
use crate::script::options;
use crate::sys::name::Name;
use crate::sys::quantity::{Age, Size};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClearOptions {
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    profile: Option<String>,
    #[serde(default)]
    force: bool,
    #[serde(default)]
    older_than: Option<Age>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CollectOptions {
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    max_size: Option<Size>,
    #[serde(default)]
    older_than: Option<Age>,
    #[serde(default)]
    leftovers: bool,
}

/// The namespace `disk`.
pub(crate) fn namespace(host: &Arc<Host>) -> Namespace {
    let mut disk = Namespace::new("disk");
    let context = Arc::clone(host);
    disk.add(
        "clear(options: map) -> map",
        r#"
        Removes the generations and build files of one profile, for all targets. What is current
        or running stays, unless forced. Needs no toolchain, and goes on after a failure.

        Options: `names` (of services; default: all), `profile` ("debug" by default), `force`,
        `older_than` (such as "14d": only what was not used for so long).
        Result: `services` (an array with `service`, `binaries_before`, `binaries_after`,
        `build_before`, `build_after`, `freed`), `freed`, `kept` (generations, with a
        `reason`), `failures` (errors as `fault` gives them, with a `service`). Sizes are disk
        space in bytes, as `du` counts it.

            let cleared = disk::clear(#{profile: "debug", older_than: "14d"});
            print(human::bytes(cleared.freed));
        "#,
        move |map: Map| clear(&context, options::read("disk::clear", map)?),
    );
    let context = Arc::clone(host);
    disk.add(
        "collect(options: map) -> map",
        r#"
        Removes build files, and generations that are neither current nor running, the least
        recently used first. Checkouts are not touched.

        Options: `names` (of services; default: all), `max_size` (such as "20GB": until no more is
        left), `older_than` (such as "14d": what was not used for so long), `leftovers` (build
        files of services that are not installed).
        Result: `freed`, `left`, `failures`, as of `disk::clear`.

            let collected = disk::collect(#{max_size: "20GB"});
            print(human::bytes(collected.left));
        "#,
        move |map: Map| collect(&context, options::read("disk::collect", map)?),
    );
    let context = Arc::clone(host);
    disk.add(
        "sizes() -> map",
        r#"
        What services take: `services` (an array with `service`, `installed`, `guest_of`,
        `binaries`, `debug_binaries`, `build` (by profile), `other_build`, `total`) and `total`.
        Disk space in bytes, as `du` counts it.

            print(human::bytes(disk::sizes().total));
        "#,
        move || -> Result<Map> {
            let store = context.store();
            to_map(disk::sizes(&context.disk(&store)).throw()?)
        },
    );
    disk
}

fn clear(host: &Host, options: ClearOptions) -> Result<Map> {
    let what = Clear {
        names: names(&options.names)?,
        profile: Profile::parse(options.profile.as_deref().unwrap_or("debug")).throw()?,
        force: options.force,
        older_than: options.older_than,
        dry_run: host.dry_run(),
    };
    let store = host.store();
    let Cleared { services, freed, kept, failures } =
        disk::clear(&host.disk(&store), &what).throw()?;
    let mut map =
        to_map(serde_json::json!({ "freed": freed, "kept": kept, "services": services }))?;
    map.insert("failures".into(), faults(&failures).into());
    Ok(map)
}

fn collect(host: &Host, options: CollectOptions) -> Result<Map> {
    let what = Collect {
        names: names(&options.names)?,
        max_size: options.max_size,
        older_than: options.older_than,
        leftovers: options.leftovers,
        wait: true,
        dry_run: host.dry_run(),
    };
    let store = host.store();
    let collected = disk::collect(&host.disk(&store), &what).throw()?;
    let mut map = to_map(serde_json::json!({ "freed": collected.freed, "left": collected.left }))?;
    map.insert("failures".into(), faults(&collected.failures).into());
    Ok(map)
}

fn names(names: &[String]) -> Result<Vec<Name>> {
    names.iter().map(|name| service_name(name)).collect()
}

fn faults(failures: &[Failure]) -> Array {
    let map = |failure: &Failure| {
        let mut map = Fault::from_error(&failure.error).to_map();
        map.insert("service".into(), failure.service.to_string().into());
        Dynamic::from(map)
    };
    failures.iter().map(map).collect()
}
