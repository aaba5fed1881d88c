//! Whether a script reads its arguments, as its calls say.

use std::collections::BTreeSet;
use std::path::Path;

use rhai::{AST, ASTNode, Engine, Expr, FnCallExpr, FnPtr, Module, Shared, Stmt};

use super::host::Host;
use crate::sys::fs;

/// The functions of the host that read arguments, and the one that may call any.
const READERS: [&str; 3] = ["args", "parse_args", "eval"];

/// Whether a script, a script that it imports, or a function of the standard library that
/// one of them calls reads the arguments.
pub(super) fn reads_arguments(engine: &Engine, host: &Host, ast: &AST) -> bool {
    let mut search = Search { engine, library: host.sources.library(), seen: BTreeSet::new() };
    search.script(ast)
}

struct Search<'a> {
    engine: &'a Engine,
    /// The modules of the standard library.
    library: Vec<(String, AST)>,
    /// Functions and scripts that were looked at.
    seen: BTreeSet<String>,
}

impl Search<'_> {
    fn script(&mut self, ast: &AST) -> bool {
        let Calls { functions, imports } = Calls::of_script(ast);
        if functions.iter().any(|call| self.function(call)) {
            return true;
        }
        let base = ast.source().map(Path::new).and_then(Path::parent);
        imports.into_iter().any(|path| {
            let (Some(path), Some(base)) = (path, base) else { return true };
            let wanted = base.join(&path);
            let file = if wanted.is_file() { wanted } else { base.join(format!("{path}.rhai")) };
            let label = file.display().to_string();
            // One that cannot be read or parsed is reported where it is imported.
            let Ok(text) = fs::read_to_string(&file) else { return false };
            let Ok(mut ast) = self.engine.compile(&text) else { return false };
            ast.set_source(label.as_str());
            self.seen.insert(label) && self.script(&ast)
        })
    }

    /// Whether a function reads, by its qualified name.
    fn function(&mut self, name: &str) -> bool {
        if READERS.contains(&name) {
            return true;
        }
        let Some((space, function)) = name.split_once("::") else { return false };
        if !self.seen.insert(name.to_owned()) {
            return false;
        }
        let module = self.library.iter().find(|(module, _)| module == space);
        let Some(ast) = module.map(|(_, ast)| ast.clone()) else { return false };
        let own = |call: &str| ast.iter_fn_def().any(|it| it.name == call);
        let mut calls = BTreeSet::new();
        for definition in ast.iter_fn_def().filter(|it| it.name == function) {
            let mut alone = Module::new();
            alone.set_script_fn(Shared::clone(definition));
            calls.extend(Calls::of_script(&AST::new([], alone)).functions);
        }
        calls.iter().any(|call| {
            if own(call) { self.function(&format!("{space}::{call}")) } else { self.function(call) }
        })
    }
}

/// What a piece of a script calls and imports.
#[derive(Default)]
struct Calls {
    /// Functions, with their namespaces.
    functions: BTreeSet<String>,
    /// Paths of imports; `None` for one that is computed.
    imports: Vec<Option<String>>,
}

impl Calls {
    /// Those of a whole script.
    fn of_script(ast: &AST) -> Self {
        let mut found = Self::default();
        ast.walk(&mut |nodes: &[ASTNode]| found.see(nodes));
        found
    }

    fn see(&mut self, nodes: &[ASTNode]) -> bool {
        match nodes.last() {
            Some(
                ASTNode::Expr(Expr::FnCall(call, _) | Expr::MethodCall(call, _))
                | ASTNode::Stmt(Stmt::FnCall(call, _)),
            ) => {
                self.functions.insert(qualified(call));
            }
            // A closure is a function of its own, whose name is all that is written here.
            Some(ASTNode::Expr(Expr::DynamicConstant(value, _))) => {
                self.functions.extend(value.read_lock::<FnPtr>().map(|it| it.fn_name().to_owned()));
            }
            Some(ASTNode::Stmt(Stmt::Import(import, _))) => self.imports.push(match &import.0 {
                Expr::StringConstant(path, _) => Some(path.to_string()),
                _ => None,
            }),
            _ => {}
        }
        true
    }
}

fn qualified(call: &FnCallExpr) -> String {
    let spaces = call.namespace.path.iter().map(|part| part.name.as_str());
    spaces.chain([call.name.as_str()]).collect::<Vec<_>>().join("::")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_found_in_functions_closures_and_statements() {
        let text = "// important: args()\nfn f() { a::b::c(1) }\nlet g = || h(2);\nx.m();\nimport \"p\" as q;";
        let ast = Engine::new_raw().compile(text).unwrap();
        let Calls { functions: calls, imports } = Calls::of_script(&ast);
        let named: Vec<_> = calls.iter().filter(|call| !call.starts_with("anon$")).collect();
        assert_eq!(named, ["a::b::c", "h", "m"]);
        assert_eq!(calls.len(), 4, "the closure is named too: {calls:?}");
        assert_eq!(imports, [Some("p".to_owned())]);
    }
}
