//! `bin`: going back, removing, clearing.

use std::sync::Arc;

use rhai::Map;
use serde::Deserialize;

use crate::script::api::namespace::Namespace;
use crate::script::api::to_map;
use crate::script::describe::service_name;
use crate::script::fault::{Result, Throw};
use crate::script::host::Host;
use crate::script::options;
use crate::store::Clear;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClearOptions {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    profile: Option<String>,
    #[serde(default)]
    force: bool,
}

/// Adds what works on generations that are there already.
pub(super) fn add(bin: &mut Namespace, host: &Arc<Host>) {
    going_back(bin, host);
    removing(bin, host);
    verifying(bin, host);
}

fn going_back(bin: &mut Namespace, host: &Arc<Host>) {
    let context = Arc::clone(host);
    bin.add(
        "rollback(name: string) -> map",
        r#"
        Makes the generation current that was installed last before the one
        that is current now; with a second argument, the generation of that name. All
        binaries of the service change in one step, and nothing is built.

        Result: as of `bin::install`. Errors: `not_installed`, `no_previous`,
        `no_such_generation` (with near names), `damaged`, `bad_receipt`, `taken`.

            let back = bin::rollback("just");
            let oldest = bin::get("just").generations[-1];
            bin::rollback("just", oldest.generation);
        "#,
        move |name: &str| rollback(&context, name, None),
    );
    let context = Arc::clone(host);
    bin.add(
        "rollback(name: string, generation: string) -> map",
        "",
        move |name: &str, generation: &str| rollback(&context, name, Some(generation)),
    );
}

fn rollback(host: &Host, name: &str, generation: Option<&str>) -> Result<Map> {
    let name = service_name(name)?;
    let (dry_run, cancel) = (host.dry_run(), host.cancel());
    let store = host.store();
    let done = match generation {
        Some(generation) => store.activate(&name, generation, dry_run, &*host.reporter, &cancel),
        None => store.rollback(&name, dry_run, &*host.reporter, &cancel),
    };
    to_map(done.throw()?)
}

fn removing(bin: &mut Namespace, host: &Arc<Host>) {
    let context = Arc::clone(host);
    bin.add(
        "remove(name: string) -> map",
        r#"
        Uninstalls a service: its links and every generation. The checkout and
        the build directory stay. Result: `service`, `size`, `bins`.

        Errors: `not_installed` (with near names).

            bin::remove("just");
        "#,
        move |name: &str| -> Result<Map> {
            let name = service_name(name)?;
            let removed = context.store().remove(
                &name,
                context.dry_run(),
                &*context.reporter,
                &context.cancel(),
            );
            to_map(removed.throw()?)
        },
    );
    let context = Arc::clone(host);
    bin.add(
        "clear(options: map) -> map",
        r#"
        Removes the generations of one profile. What is current or running
        stays, unless forced.

        Options: `name` (default: every service), `profile` ("debug" by default), `force`.
        Result: `removed` and `kept` (arrays with `service`, `generation`, `size`; kept ones with a
        `reason`), `freed`, `size_before`, `size_after`.

            let cleared = bin::clear(#{profile: "debug"});
            print(human::bytes(cleared.freed));
        "#,
        move |map: Map| -> Result<Map> {
            let options: ClearOptions = options::read("bin::clear", map)?;
            let what = Clear {
                service: options.name.as_deref().map(service_name).transpose()?,
                profile: options.profile.unwrap_or_else(|| "debug".into()),
                force: options.force,
                used_before: None,
                dry_run: context.dry_run(),
            };
            to_map(context.store().clear(&what, &*context.reporter, &context.cancel()).throw()?)
        },
    );
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VerifyOptions {
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    repair: bool,
}

fn verifying(bin: &mut Namespace, host: &Arc<Host>) {
    let context = Arc::clone(host);
    bin.add(
        "verify(options: map) -> map",
        r#"
        Compares what is installed with its receipts, byte for byte: what is
        missing, changed, foreign, dangling, left over, corrupt.

        Options: `names` (of services; default: all), `repair` (mend links, sweep what was left,
        remove damaged generations; a damaged current one gives way to the newest whole one).
        Result: `services`, `generations`, `size` (how much was looked at), `problems` and
        `repaired` (arrays with `kind`, `service`, `generation`, `path`, `message`, `hint`).
        Errors: `not_installed`, `root_not_writable` (with `repair`).

            let found = bin::verify(#{repair: true});
            for problem in found.problems { log::warn(problem.message, problem.hint); }
        "#,
        move |map: Map| verify(&context, options::read("bin::verify", map)?),
    );
    let context = Arc::clone(host);
    bin.add("verify() -> map", "", move || {
        verify(&context, VerifyOptions { names: Vec::new(), repair: false })
    });
}

fn verify(host: &Host, options: VerifyOptions) -> Result<Map> {
    let names = options.names.iter().map(|name| service_name(name));
    let names = names.collect::<Result<Vec<_>>>()?;
    let store = host.store();
    let found = if options.repair {
        store.repair(&names, host.dry_run(), &*host.reporter, &host.cancel())
    } else {
        store.verify(&names)
    };
    to_map(found.throw()?)
}
