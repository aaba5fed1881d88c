//! What a remote has.

use git2::{ObjectFormat, Oid};

/// Reads a hash of either length.
pub(in crate::git) fn oid(text: &str) -> Option<Oid> {
    let format = match text.len() {
        40 => ObjectFormat::Sha1,
        64 => ObjectFormat::Sha256,
        _ => return None,
    };
    Oid::from_str_ext(text, format).ok()
}

/// One ref of a remote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::git) struct RemoteRef {
    /// Its full name.
    pub(crate) name: String,
    /// What it points at: a commit, or an annotated tag.
    pub(crate) id: Oid,
    /// The commit an annotated tag stands for.
    pub(crate) peeled: Option<Oid>,
}

impl RemoteRef {
    /// The commit, as far as the remote tells.
    pub(crate) fn commit(&self) -> Oid {
        self.peeled.unwrap_or(self.id)
    }
}

/// All refs of a remote.
#[derive(Debug, Default)]
pub(in crate::git) struct RemoteRefs {
    refs: Vec<RemoteRef>,
    head: Option<Oid>,
    head_target: Option<String>,
}

impl RemoteRefs {
    /// Reads what `git ls-remote --symref` prints. A name that is not text stays
    /// recognisable and cannot be asked for.
    pub(crate) fn parse(output: &[u8]) -> Self {
        let mut refs = Self::default();
        for line in String::from_utf8_lossy(output).lines() {
            let Some((id, name)) = line.split_once('\t') else { continue };
            match (id.strip_prefix("ref: "), oid(id)) {
                (Some(target), _) if name == "HEAD" => refs.head_target = Some(target.to_owned()),
                (None, Some(id)) => refs.add(name, id),
                _ => {}
            }
        }
        refs
    }

    /// Takes in one line of the list.
    fn add(&mut self, name: &str, id: Oid) {
        if name == "HEAD" {
            self.head = Some(id);
        } else if let Some(tag) = name.strip_suffix("^{}") {
            if let Some(entry) = self.refs.iter_mut().rfind(|entry| entry.name == tag) {
                entry.peeled = Some(id);
            }
        } else {
            self.refs.push(RemoteRef { name: name.to_owned(), id, peeled: None });
        }
    }

    /// The refs in the remote's order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &RemoteRef> {
        self.refs.iter()
    }

    /// Whether the remote has nothing at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.refs.is_empty() && self.head.is_none()
    }

    /// The commit of HEAD.
    pub(crate) fn head(&self) -> Option<Oid> {
        self.head
    }

    /// The branch that HEAD stands for, if the remote tells.
    pub(crate) fn head_branch(&self) -> Option<&str> {
        self.head_target.as_deref()?.strip_prefix("refs/heads/")
    }

    /// The ref of this full name.
    pub(crate) fn get(&self, name: &str) -> Option<&RemoteRef> {
        self.refs.iter().find(|entry| entry.name == name)
    }

    /// The short names below a prefix such as `refs/heads/`.
    pub(crate) fn names<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        self.refs.iter().filter_map(move |entry| entry.name.strip_prefix(prefix))
    }

    /// The branch that a plain clone checks out. Servers that do not tell get
    /// the branch at the same commit, `main` or `master` before others.
    pub(crate) fn default_branch(&self) -> Option<&str> {
        let told = self.head_target.as_deref().filter(|name| self.get(name).is_some());
        if let Some(name) = told.and_then(|name| name.strip_prefix("refs/heads/")) {
            return Some(name);
        }
        let candidates: Vec<&str> = self
            .refs
            .iter()
            .filter(|entry| self.head.is_none_or(|head| head == entry.id))
            .filter_map(|entry| entry.name.strip_prefix("refs/heads/"))
            .collect();
        ["main", "master"]
            .into_iter()
            .find(|name| candidates.contains(name))
            .or_else(|| candidates.first().copied().filter(|_| self.head.is_some()))
            .or_else(|| candidates.first().copied().filter(|_| candidates.len() == 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refs(names: &[(&str, &str)]) -> RemoteRefs {
        let line = |(name, digit): &(&str, &str)| format!("{}\t{name}\n", digit.repeat(40));
        RemoteRefs::parse(names.iter().map(line).collect::<String>().as_bytes())
    }

    #[test]
    fn the_default_branch_is_what_head_shows() {
        let mut told = refs(&[("HEAD", "1"), ("refs/heads/a", "1"), ("refs/heads/main", "1")]);
        assert_eq!(told.default_branch(), Some("main"));
        told.head_target = Some("refs/heads/a".to_owned());
        assert_eq!(told.default_branch(), Some("a"));
        let unique = refs(&[("HEAD", "2"), ("refs/heads/main", "1"), ("refs/heads/dev", "2")]);
        assert_eq!(unique.default_branch(), Some("dev"));
        let detached = refs(&[("HEAD", "3"), ("refs/heads/main", "1")]);
        assert_eq!(detached.default_branch(), None);
    }

    #[test]
    fn what_git_prints_is_read_with_hashes_of_both_lengths() {
        let long = "a".repeat(64);
        let text = format!("ref: refs/heads/x\tHEAD\n{long}\tHEAD\n{long}\trefs/heads/x\nnoise\n");
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(format!("{}\trefs/heads/\u{e9}", "b".repeat(40)).as_bytes());
        bytes.push(0xff);
        let refs = RemoteRefs::parse(&bytes);
        assert_eq!((refs.head_branch(), refs.iter().count()), (Some("x"), 2));
        assert_eq!(refs.head().unwrap().to_string(), long);
        assert!(RemoteRefs::parse(b"").is_empty());
    }

    #[test]
    fn an_annotated_tag_has_its_commit() {
        let refs = refs(&[("refs/tags/v1", "1"), ("refs/tags/v1^{}", "2")]);
        assert_eq!(refs.get("refs/tags/v1").unwrap().commit().to_string(), "2".repeat(40));
        assert_eq!(refs.iter().count(), 1);
    }
}
