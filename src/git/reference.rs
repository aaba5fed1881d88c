//! The revision of a repository that is asked for: its default branch, a branch, a
//! tag, a commit, or any other ref.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::error::Error;

/// The revision of a repository that a script asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reference {
    /// The branch the remote shows first.
    #[default]
    Default,
    /// A branch.
    Branch(String),
    /// A tag.
    Tag(String),
    /// A commit by its hash, whole or at least seven digits of it.
    Commit(String),
    /// Any other ref by its full name, such as `refs/pull/7/head`.
    Ref(String),
}

impl Reference {
    /// A checked branch.
    ///
    /// # Errors
    /// When git would not take the name.
    pub(crate) fn branch(name: &str) -> Result<Self, Error> {
        Self::Branch(name.to_owned()).checked()
    }

    /// A checked tag.
    ///
    /// # Errors
    /// When git would not take the name.
    pub(crate) fn tag(name: &str) -> Result<Self, Error> {
        Self::Tag(name.to_owned()).checked()
    }

    /// A checked commit.
    ///
    /// # Errors
    /// When it is not 7 to 64 hexadecimal digits.
    pub(crate) fn commit(hash: &str) -> Result<Self, Error> {
        Self::Commit(hash.to_ascii_lowercase()).checked()
    }

    /// A checked ref by its full name; branches and tags are what they are.
    ///
    /// # Errors
    /// When it does not start with `refs/`, or git would not take the name.
    pub(crate) fn full(name: &str) -> Result<Self, Error> {
        match (name.strip_prefix("refs/heads/"), name.strip_prefix("refs/tags/")) {
            (Some(branch), _) => Self::branch(branch),
            (_, Some(tag)) => Self::tag(tag),
            _ => Self::Ref(name.to_owned()).checked(),
        }
    }

    /// The same, if its name can be one.
    ///
    /// # Errors
    /// For a leading `-`, control characters, spaces, `..` and whatever else
    /// git refuses in a name.
    pub(crate) fn checked(self) -> Result<Self, Error> {
        let reason = match &self {
            Self::Default => None,
            Self::Branch(name) | Self::Tag(name) => fault(name),
            Self::Ref(name) => match name.strip_prefix("refs/") {
                Some(rest) => fault(rest),
                None => Some("it does not start with `refs/`"),
            },
            Self::Commit(hash) => hash_fault(hash),
        };
        match reason {
            None => Ok(self),
            Some(reason) => Err(Error::BadReference {
                option: self.option(),
                name: self.name().to_owned(),
                reason,
            }),
        }
    }

    /// The script option that gave it.
    pub(crate) fn option(&self) -> &'static str {
        match self {
            Self::Default | Self::Branch(_) => "branch",
            Self::Tag(_) => "tag",
            Self::Commit(_) => "commit",
            Self::Ref(_) => "ref",
        }
    }

    /// What people call it: the name of a branch or tag, the first digits of a
    /// commit, a ref without `refs/`.
    pub(crate) fn label(&self) -> String {
        match self {
            Self::Default => "HEAD".to_owned(),
            Self::Branch(name) | Self::Tag(name) => name.clone(),
            Self::Commit(hash) => hash.chars().take(7).collect(),
            Self::Ref(name) => name.trim_start_matches("refs/").to_owned(),
        }
    }

    /// Its name; empty for the default branch.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Default => "",
            Self::Branch(name) | Self::Tag(name) | Self::Commit(name) | Self::Ref(name) => name,
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("the default branch"),
            _ => write!(formatter, "{} `{}`", self.option(), self.name()),
        }
    }
}

fn fault(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("it is empty")
    } else if name.starts_with('-') {
        Some("it starts with `-`")
    } else if name.starts_with("refs/") {
        Some("it starts with `refs/`")
    } else if name.contains("..") {
        Some("it contains `..`")
    } else if name.chars().any(|letter| letter.is_control() || letter.is_whitespace()) {
        Some("it contains a space or a control character")
    } else if name == "HEAD" || !git2::Reference::is_valid_name(&format!("refs/heads/{name}")) {
        Some("git does not allow this name")
    } else {
        None
    }
}

fn hash_fault(hash: &str) -> Option<&'static str> {
    if !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Some("it is not hexadecimal")
    } else if hash.len() < 7 {
        Some("it has fewer than 7 digits")
    } else if hash.len() > 64 {
        Some("it has more than 64 digits")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_git_would_refuse_or_take_for_an_option_are_refused() {
        for good in ["main", "feature/a-b", "v1.0", "über"] {
            assert!(Reference::branch(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "-f",
            "--all",
            "a..b",
            "a b",
            "a\tb",
            "a\nb",
            "a\0b",
            "a~1",
            "a^",
            "a:b",
            "a?",
            "a*",
            "a[",
            "a\\b",
            "/a",
            "a/",
            "a//b",
            ".a",
            "a.lock",
            "@{u}",
            "HEAD",
            "refs/heads/a",
        ] {
            assert!(Reference::branch(bad).is_err(), "{bad:?}");
            assert!(Reference::tag(bad).is_err(), "{bad:?}");
        }
        assert!(Reference::full("refs/pull/7/head").is_ok());
        assert_eq!(Reference::full("refs/heads/a").unwrap(), Reference::Branch("a".into()));
        assert_eq!(Reference::full("refs/tags/v1").unwrap(), Reference::Tag("v1".into()));
        for bad in ["pull/7/head", "refs/", "refs/a..b", "refs/a b", "-refs/a", "refs/heads/"] {
            assert!(Reference::full(bad).is_err(), "{bad}");
        }
        assert!(Reference::commit("ABCDEF0").is_ok_and(|commit| commit.name() == "abcdef0"));
        for bad in ["abcdef", "xyzxyzx", "-abcdef0", &"a".repeat(65)] {
            assert!(Reference::commit(bad).is_err(), "{bad:?}");
        }
    }
}
