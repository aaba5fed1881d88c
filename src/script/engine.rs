//! The Rhai engine: limits, namespaces, the standard library.

use std::path::Path;
use std::sync::Arc;

use rhai::{Engine, OptimizationLevel};

use super::api;
use super::fault::Result;
use super::host::Host;
use super::loader::{self, Resolver};
use super::value;

/// How deep calls may nest; stated, since Rhai's default differs between its
/// debug and release builds.
const CALL_LEVELS: usize = 64;
/// Nesting of expressions, likewise.
const EXPRESSION_DEPTH: usize = 128;

/// An engine for one run.
///
/// # Errors
/// When the standard library in `stdlib` cannot be used.
pub(crate) fn build(host: &Arc<Host>, stdlib: Option<&Path>) -> Result<Engine> {
    let mut engine = Engine::new();
    // The default optimizer evaluates assignments to constants while parsing
    // and can panic there.
    engine.set_optimization_level(OptimizationLevel::None);
    engine.set_max_call_levels(CALL_LEVELS);
    engine.set_max_expr_depths(EXPRESSION_DEPTH, EXPRESSION_DEPTH);
    engine.set_fail_on_invalid_map_property(true);
    engine.set_module_resolver(Resolver(Arc::clone(host)));

    let progress = Arc::clone(host);
    engine.on_progress(move |_| progress.must_stop().then(|| "interrupted".into()));
    let printer = Arc::clone(host);
    engine.on_print(move |text| printer.report(crate::event::Event::Print { text: text.into() }));
    let debugger = Arc::clone(host);
    engine.on_debug(move |text, source, position| {
        let name = source.and_then(|label| debugger.sources.get(label)).map(|source| source.name);
        let place = name.map_or_else(|| position.to_string(), |name| format!("{name}:{position}"));
        let message = format!("{place}: {text}");
        debugger.report(crate::event::Event::Log { level: crate::event::LogLevel::Info, message });
    });

    value::register(&mut engine);
    drop(api::register(&mut engine, host));
    loader::stdlib(&mut engine, host, stdlib)?;
    Ok(engine)
}
