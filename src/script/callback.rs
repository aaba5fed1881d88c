//! Closures of a script that an operation calls.

use std::cell::RefCell;

use rhai::{EvalAltResult, FnPtr, FuncArgs, NativeCallContext, Variant};

use super::diagnose::Diagnoser;
use super::fault::{Error, Fault, Result};
use super::host::Host;

/// Calls closures for an operation, which knows faults only, and keeps the error of the script
/// as it was.
pub(super) struct Callback<'a, 'c> {
    host: &'a Host,
    call: &'a NativeCallContext<'c>,
    last: RefCell<Option<(Fault, Error)>>,
}

impl<'a, 'c> Callback<'a, 'c> {
    /// One for the closures that `call` was given.
    pub(super) fn new(host: &'a Host, call: &'a NativeCallContext<'c>) -> Self {
        Self { host, call, last: RefCell::default() }
    }

    /// Calls a closure.
    ///
    /// # Errors
    /// What it throws, with its place in the script.
    pub(super) fn call<T: Variant + Clone>(
        &self,
        work: &FnPtr,
        arguments: impl FuncArgs,
    ) -> std::result::Result<T, Fault> {
        work.call_within_context::<T>(self.call, arguments).map_err(|error| {
            let ended = matches!(error.unwrap_inner(), EvalAltResult::ErrorTerminated(..));
            let fault = if ended {
                Fault::script("interrupted", "the script ended itself")
            } else {
                let main = &self.host.script().source;
                let engine = self.call.engine();
                Diagnoser { engine, host: self.host, main }.fault(&error)
            };
            self.last.replace(Some((fault.clone(), error)));
            fault
        })
    }

    /// The result of the operation for the script: its own error where it is still that.
    ///
    /// # Errors
    /// The error of the operation.
    pub(super) fn finish<T>(self, result: std::result::Result<T, Fault>) -> Result<T> {
        result.map_err(|fault| match self.last.into_inner() {
            Some((last, error)) if last == fault => error,
            _ => fault.throw(),
        })
    }
}
