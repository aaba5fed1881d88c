//! From Rhai's error to a report: the innermost fault, the lines of the
//! script, the calls that led there.

use rhai::{AST, ASTNode, Engine, EvalAltResult, Expr, Position};

use super::fault::{ExitRequest, Fault};
use super::hints;
use super::host::{Host, Source};
use crate::error::Exit;
use crate::report::{Frame, Place, Report};

/// Where a run ended that did not reach its last line.
pub(crate) enum Outcome {
    /// The script ended itself with `exit(code)`.
    Exited(i64),
    /// It failed.
    Failed(Box<Report>),
}

/// Everything that is needed to explain an error.
pub(crate) struct Diagnoser<'a> {
    /// For what is registered, and to parse scripts again.
    pub(crate) engine: &'a Engine,
    /// For the texts.
    pub(crate) host: &'a Host,
    /// The label of the script that ran.
    pub(crate) main: &'a str,
}

/// An error taken apart.
struct Innermost<'a> {
    error: &'a EvalAltResult,
    source: String,
    calls: Vec<Call>,
}

struct Call {
    function: String,
    source: String,
    position: Position,
}

impl Diagnoser<'_> {
    /// Explains why a run ended.
    pub(crate) fn outcome(&self, error: &EvalAltResult) -> Outcome {
        let innermost = self.innermost(error);
        if let EvalAltResult::ErrorTerminated(token, _) = innermost.error
            && let Some(ExitRequest(code)) = ExitRequest::from_token(token)
        {
            return Outcome::Exited(code);
        }
        Outcome::Failed(Box::new(self.report(&innermost)))
    }

    /// The chain down to the fault: each call is made in the source of the
    /// one above it, and names the source of what it calls.
    fn innermost<'a>(&self, error: &'a EvalAltResult) -> Innermost<'a> {
        let mut found = Innermost { error, source: self.main.to_owned(), calls: Vec::new() };
        loop {
            let (function, source, inner, position) = match found.error {
                EvalAltResult::ErrorInFunctionCall(function, source, inner, position) => {
                    (function.clone(), source.clone(), inner, *position)
                }
                EvalAltResult::ErrorInModule(name, inner, position) => {
                    (format!("import \"{name}\""), String::new(), inner, *position)
                }
                _ => return found,
            };
            if !position.is_none() {
                let caller = found.source.clone();
                found.calls.push(Call { function, source: caller, position });
            }
            let written = found.calls.last().and_then(|call| {
                let label = if source.is_empty() { &found.source } else { &source };
                self.host.sources.closure(&call.function, Some(label))
            });
            match written {
                Some(closure) => found.source = closure.label,
                None if !source.is_empty() => found.source = source,
                None => {}
            }
            found.error = inner.as_ref();
        }
    }

    fn report(&self, innermost: &Innermost) -> Report {
        let deliberate = matches!(innermost.error, EvalAltResult::ErrorRuntime(..));
        let fault =
            hints::fault(innermost.error, self.engine, self.source(&innermost.source).as_ref());
        let mut report = self.plain(&fault);
        if let Some(exit) = self.host.interrupt().exit() {
            report.exit = exit as u8;
            report.message = "interrupted".into();
            report.kind = "interrupted".into();
            report.hint = None;
            report.details.clear();
            return report;
        }
        let here = (&innermost.source, innermost.error.position());
        let own = self.is_own(&innermost.source);
        let place = if own && !here.1.is_none() {
            Some((here.0.as_str(), here.1))
        } else {
            let call = innermost.calls.iter().rev().find(|call| self.is_own(&call.source));
            call.map(|call| (call.source.as_str(), call.position))
        };
        let lacking = fault.kind == "missing_option";
        let scripts_fault = report.exit == Exit::Script as u8;
        if report.place.is_none() {
            report.place = match (&fault.option, place) {
                // Standard library code that fails for a reason outside any
                // script needs no lines of it.
                _ if !own && deliberate && !lacking && fault.option.is_none() => None,
                (Some(option), Some((source, position))) => self
                    .option_place(source, option, position)
                    .or_else(|| if own { self.place(source, position) } else { None }),
                (None, Some((source, position))) => self.place(source, position),
                (_, None) if deliberate => None,
                (_, None) => self.place(here.0, here.1),
            };
        }
        if !own
            && !deliberate
            && place.is_some()
            && let Some(inside) = self.place(here.0, here.1)
        {
            report.details.push(format!("at {}:{}:{}", inside.file, inside.line, inside.column));
        }
        if report.place.is_some() && (scripts_fault || !deliberate) {
            report.chain = self.chain(innermost);
            if deliberate && !own {
                // How the standard library came to say so is its own affair.
                report.chain.clear();
            }
        }
        report
    }

    /// A report of a fault without a position.
    fn plain(&self, fault: &Fault) -> Report {
        let at = fault.script.as_deref().zip(fault.at).and_then(|(script, (line, column))| {
            let line = u16::try_from(line).ok()?;
            self.place(script, Position::new(line, u16::try_from(column).unwrap_or(1)))
        });
        let place = at.or_else(|| {
            fault
                .script
                .as_deref()
                .zip(fault.option.as_deref())
                .and_then(|(script, option)| self.option_place(script, option, Position::NONE))
        });
        Report {
            kind: fault.kind.clone(),
            message: fault.message.clone(),
            place,
            chain: Vec::new(),
            details: fault.details.clone(),
            hint: fault.hint.clone(),
            exit: fault.exit_code(),
            parts: fault.errors.iter().map(|part| self.plain(part)).collect(),
        }
    }

    fn source(&self, label: &str) -> Option<Source> {
        self.host.sources.get(label)
    }

    fn is_own(&self, label: &str) -> bool {
        self.source(label).is_some_and(|source| !source.builtin)
    }

    fn place(&self, label: &str, position: Position) -> Option<Place> {
        let source = self.source(label)?;
        let line = position.line()?;
        let column = position.position().unwrap_or(1);
        Some(Place { file: source.name, line, column, text: source.text, label: None })
    }

    /// The place of an option's key in a map literal, such as `repo` or `start.env`: the first
    /// at or after the call, else the first of all.
    fn option_place(&self, label: &str, option: &str, call: Position) -> Option<Place> {
        let source = self.source(label)?;
        let ast = self.engine.compile(&source.text).ok()?;
        let keys = keys(&ast, option);
        let after = |position: &&Position| {
            (position.line(), position.position()) >= (call.line(), call.position())
        };
        let position = keys.iter().find(after).or_else(|| keys.first())?;
        self.place(label, *position)
    }

    /// The calls, innermost first. Those made by a script's own lines and by
    /// the standard library are both of interest.
    fn chain(&self, innermost: &Innermost) -> Vec<Frame> {
        let mut frames: Vec<Frame> = innermost
            .calls
            .iter()
            .rev()
            .filter_map(|call| {
                let source = self.source(&call.source)?;
                let function = match call.function.strip_prefix("anon$") {
                    Some(_) => "a closure".to_owned(),
                    None => format!("`{}`", call.function),
                };
                Some(Frame { function, file: source.name, line: call.position.line()? })
            })
            .collect();
        frames.dedup();
        frames
    }
}

impl Diagnoser<'_> {
    /// The fault of an error, with the place where it happened: for an error
    /// that is caught and shown later, when its chain of calls is gone.
    pub(crate) fn fault(&self, error: &EvalAltResult) -> Fault {
        let innermost = self.innermost(error);
        let source = self.source(&innermost.source);
        let mut fault = hints::fault(innermost.error, self.engine, source.as_ref());
        let position = innermost.error.position();
        if fault.script.is_none() && self.is_own(&innermost.source) {
            fault.script = Some(innermost.source);
            let numbers = position.line().zip(position.position());
            fault.at = numbers.and_then(|(line, column)| {
                Some((i64::try_from(line).ok()?, i64::try_from(column).ok()?))
            });
        }
        fault
    }
}

/// Every place where a map literal has the key that ends the path `option`, inside the keys
/// before it; those that have only the key itself where no literal has the whole path.
fn keys(ast: &AST, option: &str) -> Vec<Position> {
    let path: Vec<&str> = option.split('.').collect();
    let Some((last, outer)) = path.split_last() else { return Vec::new() };
    let (mut whole, mut partly) = (Vec::new(), Vec::new());
    ast.walk(&mut |nodes: &[ASTNode]| {
        let Some(ASTNode::Expr(Expr::Map(map, _))) = nodes.last() else { return true };
        for (key, _) in map.0.iter().filter(|(key, _)| key.name == *last) {
            partly.push(key.pos);
            if enclosing(nodes, key.pos).ends_with(outer) {
                whole.push(key.pos);
            }
        }
        true
    });
    let mut found = if whole.is_empty() { partly } else { whole };
    found.sort_by_key(|position| (position.line(), position.position()));
    found.dedup();
    found
}

/// The keys of the map literals around the innermost one, in whose values `position` lies.
fn enclosing<'a>(nodes: &[ASTNode<'a>], position: Position) -> Vec<&'a str> {
    let place = |position: Position| (position.line(), position.position());
    let maps = nodes.iter().rev().skip(1).rev().filter_map(|node| match node {
        ASTNode::Expr(Expr::Map(map, _)) => Some(map),
        _ => None,
    });
    maps.filter_map(|map| {
        let before = map.0.iter().filter(|(key, _)| place(key.pos) < place(position));
        before.max_by_key(|(key, _)| place(key.pos)).map(|(key, _)| key.name.as_str())
    })
    .collect()
}
