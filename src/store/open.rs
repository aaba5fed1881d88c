//! One install root.

use super::layout::Layout;
use crate::sys::dirs::Root;

/// One install root and the services in it.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    pub(super) layout: Layout,
    /// Whether this is the hero that has the rights, or none will.
    pub(super) elevated: bool,
}

impl Store {
    /// The store of an install root. Touches nothing.
    pub(crate) fn open(root: &Root) -> Self {
        Self { layout: Layout::new(root.clone()), elevated: false }
    }
}
