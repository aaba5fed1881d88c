//! Finding scripts: by path or bare name, imports beside the importing file,
//! and what is built into the binary.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rhai::{AST, Engine, EvalAltResult, Module, ModuleResolver, Position, Scope, Shared};

use super::fault::{Error, Fault, Result, Throw, within};
use super::host::{Host, Script, Source};
use crate::error::nearest;
use crate::sys::fs;

macro_rules! embed {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../", $path)))),*]
    };
}

/// The standard library: a module each, replaced by `--stdlib DIR`.
pub(crate) const STDLIB: &[(&str, &str)] = embed![
    "stdlib/flags.rhai",
    "stdlib/verbs.rhai",
    "stdlib/service.rhai",
    "stdlib/outcome.rhai",
    "stdlib/stack.rhai",
    "stdlib/cleanup.rhai"
];

/// The scripts that come with hero.
pub(crate) const SCRIPTS: &[(&str, &str)] = embed![
    "scripts/install.rhai",
    "scripts/install_all.rhai",
    "scripts/complete.rhai",
    "scripts/clear_debug_bins.rhai",
    "scripts/services/hero.rhai",
];

/// A script that was found.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    /// What is known of it.
    pub(crate) script: Script,
    /// Its text.
    pub(crate) text: String,
}

/// Finds the script that `name` means: a path; a file of that name, with or
/// without `.rhai`, in the working directory or in `scripts/`; one built in.
///
/// # Errors
/// When there is none (with near names), or it cannot be read.
pub(crate) fn find(name: &str) -> std::result::Result<Loaded, Fault> {
    for candidate in candidates(name) {
        if candidate.is_file() {
            return load_file(&candidate, name).map_err(|error| Fault::from_error(&error));
        }
    }
    if let Some((path, text)) = builtin(name) {
        let source = format!("builtin:{path}");
        let script = Script { name: name.into(), path: None, source, doc: String::new() };
        return Ok(Loaded { script, text: (*text).into() });
    }
    Err(missing(name))
}

fn candidates(name: &str) -> Vec<PathBuf> {
    let with_suffix = format!("{name}.rhai");
    // A bare name means the script before some other file of that name.
    let names =
        if Path::new(name).extension().is_some_and(|end| end == "rhai") || name.contains('/') {
            [name, with_suffix.as_str()]
        } else {
            [with_suffix.as_str(), name]
        };
    let mut paths: Vec<PathBuf> = names.iter().map(PathBuf::from).collect();
    if !name.contains('/') {
        paths.extend(names.iter().map(|name| Path::new("scripts").join(name)));
    }
    paths
}

fn builtin(name: &str) -> Option<&'static (&'static str, &'static str)> {
    let name = name.trim_end_matches(".rhai");
    SCRIPTS.iter().find(|(path, _)| {
        let path = path.trim_end_matches(".rhai");
        path == name || path.trim_start_matches("scripts/") == name
    })
}

fn missing(name: &str) -> Fault {
    let builtin: Vec<&str> =
        SCRIPTS.iter().map(|(path, _)| path.trim_start_matches("scripts/")).collect();
    let here: Vec<String> = [".", "scripts"]
        .iter()
        .flat_map(|dir| fs::list(Path::new(dir)).unwrap_or_default())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rhai"))
        .map(|path| path.strip_prefix("./").unwrap_or(&path).display().to_string())
        .collect();
    let known = builtin.iter().copied().chain(here.iter().map(String::as_str));
    let hint = match nearest(name, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("built in are {}", builtin.join(", ")),
    };
    let message = if Path::new(name).is_dir() {
        format!("`{name}` is a folder, not a script")
    } else {
        format!("there is no script `{name}`")
    };
    let hint = if Path::new(name).is_dir() {
        format!("to install the services in it: hero run install_all.rhai {name}")
    } else {
        hint
    };
    Fault::script("script_not_found", message).hint(hint)
}

/// Reads a script file; `name` is what people call it.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn load_file(path: &Path, name: &str) -> fs::Result<Loaded> {
    let path = fs::canonicalize(path)?;
    let text = fs::read_to_string(&path)?;
    let source = path.display().to_string();
    Ok(Loaded {
        script: Script { name: name.into(), path: Some(path), source, doc: String::new() },
        text,
    })
}

/// Compiles a script and remembers its text for reports.
///
/// # Errors
/// When it does not parse.
pub(crate) fn compile(engine: &Engine, host: &Host, loaded: &Loaded) -> Result<AST> {
    tracing::debug!(script = %loaded.script.source, "compile");
    let builtin = loaded.script.path.is_none();
    let name = match &loaded.script.path {
        Some(path) => fs::relative(path),
        None => loaded.script.source.trim_start_matches("builtin:").to_owned(),
    };
    let label = &loaded.script.source;
    host.sources.insert(label, Source { name, text: loaded.text.clone(), builtin });
    let mut ast = engine
        .compile_with_scope(&Scope::new(), &loaded.text)
        .map_err(|error| parse_error(&error, label))?;
    ast.set_source(label.as_str());
    host.sources.insert_closures(label, &ast);
    Ok(ast)
}

/// A parse error with the label of its file, which Rhai does not keep.
fn parse_error(error: &rhai::ParseError, label: &str) -> Error {
    let position = error.position();
    let inner: Error = EvalAltResult::ErrorParsing(error.err_type().clone(), position).into();
    EvalAltResult::ErrorInFunctionCall("(parsing)".into(), label.into(), inner, Position::NONE)
        .into()
}

/// The modules of the standard library, from `dir` or built in.
///
/// # Errors
/// When one cannot be read or does not parse.
pub(crate) fn stdlib(engine: &mut Engine, host: &Host, dir: Option<&Path>) -> Result<()> {
    for (path, builtin) in STDLIB {
        let file = path.trim_start_matches("stdlib/");
        let replaced = dir.map(|dir| dir.join(file));
        let (text, name, builtin) = match &replaced {
            Some(path) => (fs::read_to_string(path).throw()?, path.display().to_string(), false),
            None => ((*builtin).to_owned(), (*path).to_owned(), true),
        };
        let label = format!("builtin:{path}");
        host.sources.insert(&label, Source { name, text: text.clone(), builtin });
        let mut ast = engine.compile(&text).map_err(|error| parse_error(&error, &label))?;
        ast.set_source(label.as_str());
        host.sources.insert_closures(&label, &ast);
        host.sources.insert_library(file.trim_end_matches(".rhai"), &ast);
        let mut module = Module::eval_ast_as_new(Scope::new(), &ast, engine)?;
        module.set_id(label);
        module.build_index();
        engine.register_static_module(file.trim_end_matches(".rhai"), Shared::new(module));
    }
    Ok(())
}

thread_local! {
    /// The scripts that are being loaded on this thread.
    static LOADING: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Loads a script unless it is being loaded already: one that needs itself
/// would do so for ever.
///
/// # Errors
/// For such a cycle, and those of `load`.
pub(crate) fn once<T>(label: &str, load: impl FnOnce() -> Result<T>) -> Result<T> {
    let cycle = LOADING.with_borrow_mut(|loading| {
        let start = loading.iter().position(|other| other == label);
        if start.is_none() {
            loading.push(label.to_owned());
        }
        start.map(|start| loading[start..].to_vec())
    });
    if let Some(cycle) = cycle {
        let names = cycle.iter().map(String::as_str).chain([label]);
        let names: Vec<String> = names.map(|name| fs::relative(Path::new(name))).collect();
        return Err(Fault::script("import_cycle", "scripts need each other in a circle")
            .detail(names.join(" → "))
            .hint("move what both need into a script of its own")
            .throw());
    }
    let result = load();
    LOADING.with_borrow_mut(Vec::pop);
    result
}

/// Resolves `import "x"` beside the importing file; the real path becomes the
/// source, so that nested imports and error reports are right.
pub(crate) struct Resolver(pub(crate) Arc<Host>);

impl ModuleResolver for Resolver {
    fn resolve(
        &self,
        engine: &Engine,
        source: Option<&str>,
        path: &str,
        position: Position,
    ) -> Result<Shared<Module>> {
        let base = source.map(Path::new).and_then(Path::parent).unwrap_or(Path::new("."));
        let wanted = base.join(path);
        let file = if wanted.is_file() { wanted } else { base.join(format!("{path}.rhai")) };
        if !file.is_file() {
            let siblings: Vec<String> = fs::list(fs::parent(&file))
                .unwrap_or_default()
                .iter()
                .filter(|path| path.extension().is_some_and(|extension| extension == "rhai"))
                .filter_map(|path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()))
                .collect();
            let mut fault =
                Fault::script("import_not_found", format!("there is no script `{path}` to import"))
                    .detail(format!("looked for {}", fs::relative(&file)));
            if let Some(near) = nearest(path, siblings.iter().map(String::as_str)) {
                fault = fault.hint(format!("did you mean `{near}`?"));
            }
            return Err(EvalAltResult::ErrorRuntime(fault.to_map().into(), position).into());
        }
        let loaded = load_file(&file, path).throw()?;
        let label = loaded.script.source.clone();
        once(&label, || {
            let ast = compile(engine, &self.0, &loaded)?;
            let mut module = Module::eval_ast_as_new(Scope::new(), &ast, engine)
                .map_err(|error| within(error, &label))?;
            module.set_id(label.as_str());
            Ok(module.into())
        })
    }
}
