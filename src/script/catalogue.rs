//! Everything that scripts may call, for `hero api`.

use std::sync::Arc;

use rhai::Engine;

use super::api::{self, Function};
use super::host::Host;
use super::loader::STDLIB;
use super::runner::build_engine;
use crate::report::Report;

/// Everything scripts may call: native functions, then the standard library.
///
/// # Errors
/// A report, if the standard library cannot be used.
pub(crate) fn catalogue(host: &Arc<Host>) -> Result<Vec<Function>, Report> {
    let engine = build_engine(host, None)?;
    let mut functions = api::register(&mut Engine::new(), host);
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
    for (path, text) in STDLIB {
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
