//! What a remote has.

use git2::Oid;

/// One ref of a remote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::git) struct RemoteRef {
    /// Its full name.
    pub name: String,
    /// What it points at: a commit, or an annotated tag.
    pub id: Oid,
    /// The commit an annotated tag stands for.
    pub peeled: Option<Oid>,
}

impl RemoteRef {
    /// The commit, as far as the remote tells.
    pub fn commit(&self) -> Oid {
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
    /// Takes in one line of the list.
    pub fn add(&mut self, name: &str, id: Oid) {
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

    /// Takes in where the remote's HEAD points.
    pub fn set_head_target(&mut self, name: &str) {
        self.head_target = Some(name.to_owned());
    }

    /// The refs in the remote's order.
    pub fn iter(&self) -> impl Iterator<Item = &RemoteRef> {
        self.refs.iter()
    }

    /// Whether the remote has nothing at all.
    pub fn is_empty(&self) -> bool {
        self.refs.is_empty()
    }

    /// The ref of this full name.
    pub fn get(&self, name: &str) -> Option<&RemoteRef> {
        self.refs.iter().find(|entry| entry.name == name)
    }

    /// The short names below a prefix such as `refs/heads/`.
    pub fn names<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        self.refs.iter().filter_map(move |entry| entry.name.strip_prefix(prefix))
    }

    /// The branch that a plain clone checks out. Servers that do not tell get
    /// the branch at the same commit, `main` or `master` before others.
    pub fn default_branch(&self) -> Option<&str> {
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
        let mut refs = RemoteRefs::default();
        for (name, digit) in names {
            refs.add(name, Oid::from_str(&digit.repeat(40)).unwrap());
        }
        refs
    }

    #[test]
    fn the_default_branch_is_what_head_shows() {
        let mut told = refs(&[("HEAD", "1"), ("refs/heads/a", "1"), ("refs/heads/main", "1")]);
        assert_eq!(told.default_branch(), Some("main"));
        told.set_head_target("refs/heads/a");
        assert_eq!(told.default_branch(), Some("a"));
        let unique = refs(&[("HEAD", "2"), ("refs/heads/main", "1"), ("refs/heads/dev", "2")]);
        assert_eq!(unique.default_branch(), Some("dev"));
        let detached = refs(&[("HEAD", "3"), ("refs/heads/main", "1")]);
        assert_eq!(detached.default_branch(), None);
    }

    #[test]
    fn an_annotated_tag_has_its_commit() {
        let refs = refs(&[("refs/tags/v1", "1"), ("refs/tags/v1^{}", "2")]);
        assert_eq!(refs.get("refs/tags/v1").unwrap().commit().to_string(), "2".repeat(40));
        assert_eq!(refs.iter().count(), 1);
    }
}
