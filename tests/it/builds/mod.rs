//! Builds where cargo works: with a wrapper around rustc, an older cargo, in unusual
//! places and repositories.

mod dependencies;
mod edits;
mod old_cargo;
mod places;
mod profiles;
mod sccache;
mod variables;
