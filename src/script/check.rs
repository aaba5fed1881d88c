//! Faults that can be found without running a script: calls of functions that
//! do not exist, wrong numbers of arguments, unknown namespaces.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rhai::{AST, ASTNode, Engine, Expr, FnCallExpr, Position, Stmt};

use super::describe;
use super::diagnose::{Diagnoser, Outcome};
use super::host::Host;
use super::loader::{self, Loaded};
use crate::error::nearest;
use crate::report::{Place, Report};

/// Names of functions with the numbers of parameters they take.
type Known = BTreeMap<String, BTreeSet<usize>>;

/// Everything wrong with a script that can be seen without running it.
pub(crate) fn check(engine: &Engine, host: &Arc<Host>, loaded: &Loaded) -> Vec<Report> {
    let diagnoser = Diagnoser { engine, host, main: &loaded.script.source };
    let failed = |error| match diagnoser.outcome(&error) {
        Outcome::Failed(report) => vec![*report],
        Outcome::Exited(_) => Vec::new(),
    };
    let ast = match loader::compile(engine, host, loaded) {
        Ok(ast) => ast,
        Err(error) => return failed(*error),
    };
    let mut reports = calls(engine, host, loaded, &ast);
    if reports.is_empty()
        && describe::defines_service(&ast)
        && let Err(error) = describe::load(engine, host, loaded)
    {
        reports.extend(failed(*error));
    }
    reports
}

fn calls(engine: &Engine, host: &Arc<Host>, loaded: &Loaded, ast: &AST) -> Vec<Report> {
    let mut known = registered(engine);
    for function in ast.iter_functions() {
        known.entry(function.name.to_owned()).or_default().insert(function.params.len());
    }
    let (imports, variables) = names(ast);
    let mut reports = Vec::new();
    ast.walk(&mut |path: &[ASTNode]| {
        let (call, position, method) = match path.last() {
            Some(
                ASTNode::Expr(Expr::FnCall(call, position))
                | ASTNode::Stmt(Stmt::FnCall(call, position)),
            ) => (call, *position, false),
            Some(ASTNode::Expr(Expr::MethodCall(call, position))) => (call, *position, true),
            _ => return true,
        };
        let space = call
            .namespace
            .path
            .iter()
            .map(|part| part.name.as_str())
            .collect::<Vec<_>>()
            .join("::");
        let imported = space.split("::").next().is_some_and(|first| imports.contains(first));
        // A variable may hold a closure, and a map may have one as a method.
        if imported || method || call.op_token.is_some() || variables.contains(call.name.as_str()) {
            return true;
        }
        if let Some((message, hint)) = problem(&known, &space, call) {
            reports.push(report(host, loaded, position, message, hint));
        }
        true
    });
    reports.sort_by_key(|report| report.place.as_ref().map(|place| (place.line, place.column)));
    reports.dedup();
    reports
}

fn problem(known: &Known, space: &str, call: &FnCallExpr) -> Option<(String, Option<String>)> {
    let name =
        if space.is_empty() { call.name.to_string() } else { format!("{space}::{}", call.name) };
    let near = |name: &str| {
        nearest(name, known.keys().map(String::as_str))
            .map(|near| format!("did you mean `{near}`?"))
    };
    match known.get(&name) {
        None => Some((format!("there is no function `{name}`"), near(&name))),
        Some(counts) if counts.contains(&call.args.len()) => None,
        Some(counts) => {
            let wanted = counts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ");
            let given = call.args.len();
            let arguments = if wanted == "1" { "argument" } else { "arguments" };
            Some((
                format!("`{name}` takes {wanted} {arguments}, not {given}"),
                Some(format!("hero api {name}")),
            ))
        }
    }
}

/// Functions by name, from their signatures.
fn registered(engine: &Engine) -> Known {
    let mut known = Known::new();
    for signature in engine.gen_fn_signatures(true) {
        let Some((name, rest)) = signature.split_once('(') else { continue };
        let parameters = rest.rsplit_once(')').map_or(rest, |(parameters, _)| parameters);
        let count = if parameters.trim().is_empty() { 0 } else { top_level_commas(parameters) + 1 };
        known.entry(name.trim().to_owned()).or_default().insert(count);
    }
    // Keywords that look like functions.
    for (name, counts) in [
        ("print", &[1][..]),
        ("debug", &[1]),
        ("eval", &[1]),
        ("Fn", &[1]),
        ("type_of", &[1]),
        ("is_shared", &[1]),
        ("is_def_var", &[1]),
        ("is_def_fn", &[2]),
        ("call", &[1, 2, 3, 4, 5, 6, 7, 8]),
        ("curry", &[2, 3, 4, 5, 6, 7, 8]),
    ] {
        known.entry(name.into()).or_default().extend(counts);
    }
    known
}

fn top_level_commas(text: &str) -> usize {
    let mut depth = 0_i32;
    let mut count = 0;
    for character in text.chars() {
        match character {
            '(' | '<' | '[' => depth += 1,
            ')' | '>' | ']' => depth -= 1,
            ',' if depth == 0 => count += 1,
            _ => {}
        }
    }
    count
}

/// What imports are called, and every variable and parameter.
fn names(ast: &AST) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut imports, mut variables) = (BTreeSet::new(), BTreeSet::new());
    for function in ast.iter_functions() {
        variables.extend(function.params.iter().map(ToString::to_string));
    }
    ast.walk(&mut |path: &[ASTNode]| {
        match path.last() {
            Some(ASTNode::Stmt(Stmt::Import(import, _))) => {
                imports.insert(import.1.name.to_string());
            }
            Some(ASTNode::Stmt(Stmt::Var(variable, ..))) => {
                variables.insert(variable.0.name.to_string());
            }
            _ => {}
        }
        true
    });
    (imports, variables)
}

fn report(
    host: &Host,
    loaded: &Loaded,
    position: Position,
    message: String,
    hint: Option<String>,
) -> Report {
    let source = host.sources.get(&loaded.script.source);
    let place = source.zip(position.line()).map(|(source, line)| Place {
        file: source.name,
        line,
        column: position.position().unwrap_or(1),
        text: source.text,
        label: None,
    });
    Report { kind: "check".into(), message, place, hint, exit: 1, ..Report::default() }
}
