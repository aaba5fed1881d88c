//! What is asked of a remote: a list of its refs, a fetch, a clone.

use std::ffi::OsString;
use std::path::Path;

use super::connection::Remote;
use super::refs::RemoteRefs;
use super::{call, retry};
use crate::git::error::Error;
use crate::git::url::Scheme;

impl Remote<'_> {
    /// Returns what the remote has: all refs, or those that match the patterns.
    /// `repo` is where they will go, if it is there already.
    pub(crate) fn list(&self, repo: Option<&Path>, patterns: &[&str]) -> Result<RemoteRefs, Error> {
        retry::run(self, &retry::WAITS, || {
            // Over git://, version 2 costs a delayed acknowledgement of TCP: 40 ms.
            let version = match self.url.scheme() {
                Scheme::Git => &["-c", "protocol.version=0"][..],
                _ => &[],
            };
            let args = version.iter().chain(&["ls-remote", "--symref", "--"]);
            let args = args.map(OsString::from).chain([self.address()]);
            let args = args.chain(patterns.iter().map(OsString::from));
            Ok(RemoteRefs::parse(&call::run(self, repo, args.collect())?))
        })
    }

    /// Brings refs into the repository at `repo`.
    pub(crate) fn fetch(&self, repo: &Path, refspecs: &[String]) -> Result<(), Error> {
        self.work.begin()?;
        retry::run(self, &retry::WAITS, || {
            let args = [
                "fetch",
                "--progress",
                "--no-tags",
                "--no-prune",
                "--no-write-fetch-head",
                "--no-recurse-submodules",
                "--no-auto-maintenance",
                // A server whose own history is cut off is as good as another.
                "--update-shallow",
                "--",
            ]
            .map(OsString::from);
            let args = args.into_iter().chain([self.address()]);
            let args = args.chain(refspecs.iter().map(OsString::from));
            call::run(self, Some(repo), args.collect()).map(drop)
        })
    }

    /// Clones and checks out the default branch, or the branch or tag of this name.
    /// Files in LFS are pointers then.
    pub(crate) fn clone(&self, into: &Path, name: Option<&str>) -> Result<(), Error> {
        retry::run(self, &retry::WAITS, || {
            let args = [
                "clone",
                "--progress",
                "--single-branch",
                "--no-recurse-submodules",
                "--no-tags",
                "--origin=origin",
                // The user's template may have hooks and settings for other work.
                "--template=",
            ]
            .map(OsString::from);
            let name = name.map(|name| OsString::from(format!("--branch={name}")));
            let args = args.into_iter().chain(name).chain(["--".into(), self.address()]);
            call::run(self, None, args.chain([into.into()]).collect()).map(drop)
        })
    }

    /// A local repository by its path: then git needs no URL decoding, and copies
    /// it by hard links.
    fn address(&self) -> OsString {
        match self.url.local_path() {
            Some(path) if !self.url.as_str().contains("://") => path.into(),
            _ => self.url.with_username().into(),
        }
    }
}
