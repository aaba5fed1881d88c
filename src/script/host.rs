//! What native functions know of the run they serve.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rhai::{AST, ASTFlags, Stmt};

use crate::ops::Context;

/// The context of one run of a script, shared by every native function.
pub(crate) struct Host {
    context: Context,
    /// Whether `--help` is coloured.
    pub(crate) color_stdout: bool,
    /// The arguments after the script's name.
    pub(crate) args: Vec<String>,
    /// Texts of everything loaded, for reports.
    pub(crate) sources: Sources,
    /// The script that runs.
    script: Mutex<Script>,
}

/// The script a run was started with.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    /// As the user typed it, for usage lines.
    pub(crate) name: String,
    /// Its file; `None` for one built in.
    pub(crate) path: Option<PathBuf>,
    /// The label of its source in positions.
    pub(crate) source: String,
    /// Its doc comment.
    pub(crate) doc: String,
}

impl Host {
    /// A host for one run.
    pub(crate) fn new(context: Context, args: Vec<String>, color_stdout: bool) -> Self {
        Self { context, color_stdout, args, sources: Sources::default(), script: Mutex::default() }
    }

    /// The script that runs.
    pub(crate) fn script(&self) -> Script {
        self.script.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes the script that runs.
    pub(super) fn set_script(&self, script: Script) {
        *self.script.lock().unwrap_or_else(PoisonError::into_inner) = script;
    }
}

/// Everything below the script host is reached as if it were the host's own.
impl Deref for Host {
    type Target = Context;

    fn deref(&self) -> &Context {
        &self.context
    }
}

/// Texts by the label that positions carry.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    texts: Mutex<BTreeMap<String, Source>>,
    closures: Mutex<BTreeMap<String, Vec<Closure>>>,
    library: Mutex<Vec<(String, AST)>>,
}

/// Where a closure was written.
#[derive(Debug, Clone)]
pub(crate) struct Closure {
    /// The label of its script.
    pub(crate) label: String,
    /// That script without its effects: what the closure may call and read.
    pub(crate) script: Arc<AST>,
}

/// A script of which only the constants and imports at its top are evaluated
/// (functions see no variables), and nothing else is run; its functions are all there.
pub(crate) fn quiet(ast: &AST) -> AST {
    let top: Vec<Stmt> = ast
        .statements()
        .iter()
        .filter(|statement| match statement {
            Stmt::Var(_, flags, _) => flags.intersects(ASTFlags::CONSTANT),
            other => matches!(other, Stmt::Import(..)),
        })
        .cloned()
        .collect();
    let mut quiet = AST::new(top, ast.shared_lib().clone());
    if let Some(label) = ast.source() {
        quiet.set_source(label);
    }
    quiet
}

/// One script's text.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// What people call it: its path as given, or `stdlib/service.rhai`.
    pub(crate) name: String,
    /// Its text.
    pub(crate) text: String,
    /// Whether it is part of hero, not of its user.
    pub(crate) builtin: bool,
}

impl Sources {
    /// Remembers a text.
    pub(crate) fn insert(&self, label: &str, source: Source) {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).insert(label.into(), source);
    }

    /// Remembers where the closures of a script were written: when another
    /// script calls one, Rhai reports that script instead.
    pub(crate) fn insert_closures(&self, label: &str, ast: &AST) {
        let script = Arc::new(quiet(ast));
        let mut closures = self.closures.lock().unwrap_or_else(PoisonError::into_inner);
        for function in ast.iter_functions().filter(|function| function.name.starts_with("anon$")) {
            let script = Arc::clone(&script);
            let all = closures.entry(function.name.to_owned()).or_default();
            all.retain(|closure| closure.label != label);
            all.push(Closure { label: label.to_owned(), script });
        }
    }

    /// Remembers a module of the standard library.
    pub(crate) fn insert_library(&self, module: &str, ast: &AST) {
        let mut library = self.library.lock().unwrap_or_else(PoisonError::into_inner);
        library.push((module.to_owned(), ast.clone()));
    }

    /// The modules of the standard library.
    pub(crate) fn library(&self) -> Vec<(String, AST)> {
        self.library.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Where a closure was written. Equal text at an equal place has an equal name, so it is
    /// looked for in the script `label` first.
    pub(crate) fn closure(&self, name: &str, label: Option<&str>) -> Option<Closure> {
        let closures = self.closures.lock().unwrap_or_else(PoisonError::into_inner);
        let all = closures.get(name)?;
        let own = all.iter().find(|closure| Some(closure.label.as_str()) == label);
        own.or(all.last()).cloned()
    }

    /// The text of a label.
    pub(crate) fn get(&self, label: &str) -> Option<Source> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).get(label).cloned()
    }
}
