//! What scripts may call: one file a namespace, each turning Rhai's values
//! into those of the layers below and back, and nothing else.

mod bin;
mod cargo;
mod convert;
mod core;
mod daemon;
mod disk;
mod env;
mod fs;
mod git;
mod human;
mod log;
mod namespace;
mod process;
mod service;
mod smoke;
mod ui;

use std::sync::Arc;

use rhai::Engine;

pub(crate) use namespace::Function;

use super::host::Host;

/// Registers every namespace; returns what there is.
pub(crate) fn register(engine: &mut Engine, host: &Arc<Host>) -> Vec<Function> {
    let namespaces = [
        core::namespace(host),
        git::namespace(host),
        cargo::namespace(host),
        bin::namespace(host),
        disk::namespace(host),
        process::namespace(host),
        daemon::namespace(host),
        smoke::namespace(host),
        fs::namespace(host),
        env::namespace(host),
        log::namespace(host),
        ui::namespace(host),
        human::namespace(),
    ];
    namespaces.into_iter().flat_map(|namespace| namespace.register(engine)).collect()
}
