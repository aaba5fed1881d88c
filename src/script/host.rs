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
    pub color_stdout: bool,
    /// The arguments after the script's name.
    pub args: Vec<String>,
    /// Texts of everything loaded, for reports.
    pub sources: Sources,
    /// The script that runs.
    script: Mutex<Script>,
}

/// The script a run was started with.
#[derive(Debug, Clone, Default)]
pub struct Script {
    /// As the user typed it, for usage lines.
    pub name: String,
    /// Its file; `None` for one built in.
    pub path: Option<PathBuf>,
    /// The label of its source in positions.
    pub source: String,
    /// Its doc comment.
    pub doc: String,
}

impl Host {
    /// A host for one run.
    pub(crate) fn new(context: Context, args: Vec<String>, color_stdout: bool) -> Self {
        Self { context, color_stdout, args, sources: Sources::default(), script: Mutex::default() }
    }

    /// The script that runs.
    pub fn script(&self) -> Script {
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
pub struct Sources {
    texts: Mutex<BTreeMap<String, Source>>,
    closures: Mutex<BTreeMap<String, Closure>>,
    library: Mutex<Vec<(String, AST)>>,
}

/// Where a closure was written.
#[derive(Debug, Clone)]
pub struct Closure {
    /// The label of its script.
    pub label: String,
    /// That script without its effects: what the closure may call and read.
    pub script: Arc<AST>,
}

/// A script of which only the constants and imports at its top are evaluated
/// (functions see no variables), and nothing else is run; its functions are all there.
pub fn quiet(ast: &AST) -> AST {
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
pub struct Source {
    /// What people call it: its path as given, or `stdlib/service.rhai`.
    pub name: String,
    /// Its text.
    pub text: String,
    /// Whether it is part of hero, not of its user.
    pub builtin: bool,
}

impl Sources {
    /// Remembers a text.
    pub fn insert(&self, label: &str, source: Source) {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).insert(label.into(), source);
    }

    /// Remembers where the closures of a script were written: when another
    /// script calls one, Rhai reports that script instead.
    pub fn insert_closures(&self, label: &str, ast: &AST) {
        let script = Arc::new(quiet(ast));
        let mut closures = self.closures.lock().unwrap_or_else(PoisonError::into_inner);
        for function in ast.iter_functions().filter(|function| function.name.starts_with("anon$")) {
            let script = Arc::clone(&script);
            closures.insert(function.name.to_owned(), Closure { label: label.to_owned(), script });
        }
    }

    /// Remembers a module of the standard library.
    pub fn insert_library(&self, module: &str, ast: &AST) {
        let mut library = self.library.lock().unwrap_or_else(PoisonError::into_inner);
        library.push((module.to_owned(), ast.clone()));
    }

    /// The modules of the standard library.
    pub fn library(&self) -> Vec<(String, AST)> {
        self.library.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Where a closure was written.
    pub fn closure(&self, name: &str) -> Option<Closure> {
        self.closures.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// The text of a label.
    pub fn get(&self, label: &str) -> Option<Source> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).get(label).cloned()
    }
}
