//! `bin`: going back, removing, clearing.

use std::sync::Arc;

use rhai::{Dynamic, FnPtr, Map, NativeCallContext};
use serde::Deserialize;

use crate::model::Installed;
use crate::ops;
use crate::script::api::convert::to_map;
use crate::script::api::namespace::Namespace;
use crate::script::callback::Callback;
use crate::script::describe::service_name;
use crate::script::fault::{Fault, Result, Throw};
use crate::script::host::Host;
use crate::script::options;
use crate::script::value::Value;
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
        "rollback(name: string) -> Generation",
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
        "rollback(name: string, generation: string) -> Generation",
        "",
        move |name: &str, generation: &str| rollback(&context, name, Some(generation)),
    );
}

fn rollback(host: &Host, name: &str, generation: Option<&str>) -> Result<Value<Installed>> {
    let done = ops::rollback(host, &service_name(name)?, generation);
    Value::new(done.map_err(|fault| fault.throw())?)
}

fn removing(bin: &mut Namespace, host: &Arc<Host>) {
    let context = Arc::clone(host);
    bin.add(
        "remove(name: string) -> map",
        r#"
        Uninstalls a service: stops it, and removes its links and every generation. The checkout
        and the build directory stay. With `after`, that is called with the result before the
        service is unlocked. Result: `service`, `size`, `bins`.

        Errors: `not_installed` (with near names).

            bin::remove("just");
        "#,
        move |name: &str| -> Result<Map> {
            let removed = ops::uninstall(&context, &service_name(name)?, &mut |_| Ok(()));
            to_map(removed.map_err(|fault| fault.throw())?)
        },
    );
    let context = Arc::clone(host);
    bin.add(
        "remove(name: string, after: Fn) -> map",
        "",
        move |call: NativeCallContext, name: &str, after: FnPtr| -> Result<Map> {
            let callback = Callback::new(&context, &call);
            let removed = ops::uninstall(&context, &service_name(name)?, &mut |removed| {
                let removed = to_map(removed)
                    .map_err(|error| Fault::script("internal", error.to_string()))?;
                callback.call::<Dynamic>(&after, (removed,)).map(drop)
            });
            to_map(callback.finish(removed)?)
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
    to_map(ops::verify(host, &names, options.repair).map_err(|fault| fault.throw())?)
}
