//! What the LFS server has; it is a part of `forge.cgi`.

use std::path::Path;

use super::super::scene::write;
use super::repos::Repos;

/// Stores the only object there is.
pub fn store(folder: &Path, repos: &Repos) {
    let (name, content) = &repos.large;
    write(&folder.join(name), content, 0o644);
}
