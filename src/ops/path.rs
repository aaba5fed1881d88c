//! Whether what is installed can be called by its name.

use super::Context;
use crate::event::Event;

/// Warns when the folder of the binaries is not on PATH.
pub(crate) fn warn_if_not_on_path(context: &Context) {
    let dir = &context.root().bin;
    let path = std::env::var_os("PATH").unwrap_or_default();
    if context.dry_run()
        || context.is_sandboxed()
        || std::env::split_paths(&path).any(|it| it == *dir)
    {
        return;
    }
    let dir = dir.display();
    context.report(Event::Warning {
        message: format!("`{dir}` is not on your PATH"),
        hint: Some(format!("export PATH=\"{dir}:$PATH\"")),
    });
}
