//! Comparing what is installed with its receipts.

use super::Context;
use crate::error::Fault;
use crate::store::Verified;
use crate::sys::name::Name;

/// Compares services with their receipts, byte for byte; all if `names` is empty. With
/// `repair` mends what can be mended without a build.
///
/// # Errors
/// A service that is not installed; with `repair` also what cannot be written.
pub(crate) fn verify(context: &Context, names: &[Name], repair: bool) -> Result<Verified, Fault> {
    let store = context.store();
    Ok(if repair {
        store.repair(names, context.dry_run(), &*context.reporter, &context.cancel())?
    } else {
        store.verify(names)?
    })
}
