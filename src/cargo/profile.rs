//! Profiles: hero's words for them and cargo's.

use serde::{Deserialize, Serialize};

use super::Error;

/// hero's own profile.
pub(super) const FAST: &str = "fast";

/// How a service is compiled.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) enum Profile {
    /// cargo's `release`.
    #[default]
    Release,
    /// cargo's `dev`.
    Debug,
    /// One that the workspace or the configuration defines, or `fast`.
    Other(String),
}

impl Profile {
    /// Reads a profile's name; `dev` is another word for `debug`.
    ///
    /// # Errors
    /// When it cannot be the name of a profile. Whether a workspace defines it
    /// is found out at the build.
    pub(crate) fn parse(name: &str) -> Result<Self, Error> {
        let valid = !name.is_empty()
            && !name.starts_with('-')
            && name.len() <= 100
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        match name {
            "release" => Ok(Self::Release),
            "debug" | "dev" => Ok(Self::Debug),
            _ if valid => Ok(Self::Other(name.to_owned())),
            _ => Err(Error::BadProfile { name: name.to_owned() }),
        }
    }

    /// The settings of `fast`, hero's own profile where the repository has none of that
    /// name: a release build that is compiled again quickly after an edit.
    pub(super) fn fast() -> [(&'static str, toml::Value); 4] {
        [
            ("profile.fast.inherits", "release".into()),
            ("profile.fast.lto", "off".into()),
            ("profile.fast.codegen-units", 256.into()),
            ("profile.fast.incremental", true.into()),
        ]
    }

    /// The name for people, receipts and scripts.
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Release => "release",
            Self::Debug => "debug",
            Self::Other(name) => name,
        }
    }

    /// The name for `cargo --profile`.
    pub(crate) fn cargo_name(&self) -> &str {
        match self {
            Self::Debug => "dev",
            other => other.as_str(),
        }
    }
}

impl std::fmt::Display for Profile {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl TryFrom<String> for Profile {
    type Error = Error;

    fn try_from(name: String) -> Result<Self, Error> {
        Self::parse(&name)
    }
}

impl From<Profile> for String {
    fn from(profile: Profile) -> Self {
        profile.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_for_people_and_for_cargo() {
        for (given, shown, cargo) in [
            ("release", "release", "release"),
            ("debug", "debug", "dev"),
            ("dev", "debug", "dev"),
            ("dist-2", "dist-2", "dist-2"),
        ] {
            let profile = Profile::parse(given).unwrap();
            assert_eq!((profile.as_str(), profile.cargo_name()), (shown, cargo));
        }
        for bad in ["", "-x", "a b", "a.b", "../x", "ä"] {
            assert!(matches!(Profile::parse(bad), Err(Error::BadProfile { .. })), "{bad:?}");
        }
    }

    #[test]
    fn a_profile_is_stored_as_its_name() {
        let json = serde_json::to_string(&Profile::Debug).unwrap();
        assert_eq!(json, "\"debug\"");
        assert_eq!(serde_json::from_str::<Profile>("\"dev\"").unwrap(), Profile::Debug);
        assert!(serde_json::from_str::<Profile>("\"a/b\"").is_err());
    }
}
