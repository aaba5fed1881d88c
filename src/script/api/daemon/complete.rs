//! `daemon`: the two halves of `complete`, and `watch`.

use std::sync::Arc;

use rhai::{Dynamic, FnPtr, Map, NativeCallContext};

use crate::error::Fault;
use crate::model::Installed;
use crate::ops;
use crate::ops::complete::Prepared;
use crate::ops::watch::Steps;
use crate::script::api::convert::{interrupted, to_map};
use crate::script::api::namespace::Namespace;
use crate::script::callback::Callback;
use crate::script::fault::Result;
use crate::script::flags;
use crate::script::host::Host;
use crate::script::value::{Described, Kind, Value};

impl Kind for Prepared {
    const NAME: &'static str = "Prepared";
    const MAKER: &'static str = "daemon::prepare";

    fn view(&self) -> Result<Map> {
        let mut view = Map::new();
        view.insert("installed".into(), Dynamic::from(Value::new(self.installed.clone())?));
        let before = self.before.clone().map_or(Dynamic::UNIT, Dynamic::from);
        view.insert("before".into(), before);
        Ok(view)
    }
}

/// Adds what installs and starts in one.
pub(super) fn add(daemon: &mut Namespace, host: &Arc<Host>) {
    completing(daemon, host);
    watching(daemon, host);
}

fn completing(daemon: &mut Namespace, host: &Arc<Host>) {
    let context = Arc::clone(host);
    daemon.add(
        "prepare(service: Service, install: Fn) -> Prepared",
        r#"
        The first half of `complete`: sees whether the service could start, and calls `install`,
        which returns what `bin::install` does. Result: `installed`, `before` (the generation
        that was current, or `()`). Errors: `port_taken`, and what
        the closure throws.

            let prepared = daemon::prepare(service, || service::install(service, flags));
        "#,
        move |call: NativeCallContext,
              service: Value<Described>,
              install: FnPtr|
              -> Result<Value<Prepared>> {
            let callback = Callback::new(&context, &call);
            let prepared = ops::complete::prepare(&context, &service.get().service, &mut || {
                let installed: Value<Installed> = callback.call(&install, ())?;
                Ok(installed.get().clone())
            });
            Value::new(callback.finish(prepared)?)
        },
    );
    let context = Arc::clone(host);
    daemon.add(
        "come_up(service: Service, prepared: Prepared) -> map",
        r#"
        The second half of `complete`: runs the `check` of the description, starts what it names,
        and verifies it. If it does not boot, the generation that ran before runs again, and the
        error says so. Result as of `daemon::start`; `()` where there is nothing to start.
        Errors: `no_boot`, `check_failed` (exit 4), `port_taken`.

            let up = daemon::come_up(service, prepared);
        "#,
        move |service: Value<Described>, prepared: Value<Prepared>| -> Result<Dynamic> {
            let service = &service.get().service;
            let up = ops::complete::come_up(&context, service, prepared.get());
            match up.map_err(|fault| fault.throw())? {
                Some(up) => to_map(up).map(Dynamic::from),
                None => Ok(Dynamic::UNIT),
            }
        },
    );
}

/// A script's own way to fetch and to install.
struct Own<'a, 'c> {
    callback: &'a Callback<'a, 'c>,
    fetch: &'a FnPtr,
    install: &'a FnPtr,
}

impl Steps for Own<'_, '_> {
    fn fetch(&mut self) -> std::result::Result<(), Fault> {
        self.callback.call::<Dynamic>(self.fetch, ()).map(drop)
    }

    fn install(&mut self) -> std::result::Result<(), Fault> {
        self.callback.call::<Dynamic>(self.install, ()).map(drop)
    }
}

fn watching(daemon: &mut Namespace, host: &Arc<Host>) {
    let context = Arc::clone(host);
    daemon.add(
        "watch(service: Service, flags: map, fetch: Fn, install: Fn)",
        r#"
        Calls `fetch`, then `install`, and `install` again whenever a file is saved that the
        service is built from; restarts it if it is meant to run. A build that fails is shown, and
        waits for the next change. Ends only when interrupted.

        Errors: `not_a_checkout`, `cannot_watch`, and at first whatever no edit of the checkout
        mends.

            daemon::watch(service, flags, || service::fetch(service, flags), || service::install(service, flags));
        "#,
        move |call: NativeCallContext,
              service: Value<Described>,
              flags: Map,
              fetch: FnPtr,
              install: FnPtr|
              -> Result<()> {
            let flags = flags::read(&context, &flags)?;
            let callback = Callback::new(&context, &call);
            let mut steps = Own { callback: &callback, fetch: &fetch, install: &install };
            let ended =
                ops::watch::watch(&context, &service.get().service, &flags, &mut steps);
            callback.finish(ended)?;
            if context.dry_run() { Ok(()) } else { Err(interrupted(&context)) }
        },
    );
}
