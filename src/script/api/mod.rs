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

pub use namespace::Function;

use super::host::Host;

/// Registers every namespace; returns what there is.
pub fn register(engine: &mut Engine, host: &Arc<Host>) -> Vec<Function> {
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

/// Everything scripts may call: native functions, then the standard library.
///
/// # Errors
/// A report, if the standard library cannot be used.
pub fn catalogue(host: &Arc<Host>) -> std::result::Result<Vec<Function>, crate::report::Report> {
    let engine = super::build_engine(host, None)?;
    let mut functions = register(&mut Engine::new(), host);
    functions.extend(stdlib(&engine));
    // An overload without a text of its own shares that of the first.
    for index in 0..functions.len() {
        if functions[index].doc.is_empty() {
            let name = functions[index].name.clone();
            let shared =
                functions.iter().find(|other| other.name == name).map(|other| other.doc.clone());
            functions[index].doc = shared.unwrap_or_default();
        }
    }
    Ok(functions)
}

/// The public functions of the standard library, with their doc comments.
fn stdlib(engine: &Engine) -> Vec<Function> {
    let mut functions = Vec::new();
    for (path, text) in super::loader::STDLIB {
        let Ok(ast) = engine.compile(text) else { continue };
        let space = path.trim_start_matches("stdlib/").trim_end_matches(".rhai");
        let mut own: Vec<Function> = ast
            .iter_functions()
            .filter(|function| !function.access.is_private() && !function.name.starts_with("anon$"))
            .map(|function| {
                let doc = function.comments.iter().flat_map(|comment| comment.lines());
                let doc: Vec<&str> = doc
                    .map(|line| line.trim_start_matches("///"))
                    .map(|line| line.strip_prefix(' ').unwrap_or(line))
                    .collect();
                Function {
                    name: format!("{space}::{}", function.name),
                    signature: format!(
                        "{space}::{}({})",
                        function.name,
                        function.params.join(", ")
                    ),
                    doc: doc.join("\n").trim_end().to_owned(),
                }
            })
            .collect();
        own.sort_by(|a, b| a.signature.cmp(&b.signature));
        functions.extend(own);
    }
    functions
}
