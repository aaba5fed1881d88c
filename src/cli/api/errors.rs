//! `hero api errors`: the table of errors.

use crate::cli::session::{Ended, Session};
use crate::error::{ErrorKind, Fault, Row, nearest};
use crate::report::table;

/// Shows the table, or one row of it.
///
/// # Errors
/// When there is no such kind.
pub(super) fn run(session: &Session, wanted: Option<&str>) -> Ended {
    let rows: Vec<Row> = match wanted {
        None => ErrorKind::ALL.iter().map(|kind| kind.row()).collect(),
        Some(word) => match ErrorKind::find(word) {
            Some(kind) => vec![kind.row()],
            None => return Err(unknown(word).into()),
        },
    };
    if session.json.is_some() {
        session.data(&rows)?;
        return Ok(0);
    }
    match (rows.as_slice(), wanted) {
        ([row], Some(_)) => session.console.data(&in_full(row)),
        (rows, _) => {
            let columns = ["kind", "exit", "meaning"].map(str::to_owned);
            let rows: Vec<Vec<String>> = rows
                .iter()
                .map(|row| vec![row.kind.to_owned(), exits(row), row.meaning.to_owned()])
                .collect();
            session.console.data(&table(&columns, &rows));
            session.console.message("\nhero api errors KIND shows what to do");
        }
    }
    Ok(0)
}

fn in_full(row: &Row) -> String {
    format!("{} (exit {})\n    {}\n    {}", row.kind, exits(row), row.meaning, row.advice)
}

fn exits(row: &Row) -> String {
    let numbers: Vec<String> = row.exits.iter().map(|exit| (*exit as u8).to_string()).collect();
    numbers.join(" or ")
}

fn unknown(word: &str) -> Fault {
    let words = ErrorKind::ALL.iter().map(|kind| kind.word());
    let hint = match nearest(word, words) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "see all: hero api errors".into(),
    };
    Fault::script("usage", format!("there is no kind of error `{word}`")).hint(hint)
}
