//! What the flags of a command line mean for the steps of an install.

use serde::Deserialize;

use super::Service;
use crate::cargo::{Profile, Refresh};
use crate::error::Fault;
use crate::git::Mode;

/// The standard flags that steps obey; a script's own flags are beside them and ignored.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Flags {
    /// Fetch first, and fast-forward the checkout.
    pub(crate) update: bool,
    /// Put the checkout exactly at the upstream revision.
    pub(crate) reset: bool,
    profile: Option<String>,
    profile_given: Option<bool>,
    target: Option<String>,
    /// Move files aside that others put where the binaries go.
    pub(crate) replace: bool,
    /// Compile the repository's own packages again.
    pub(crate) rebuild: bool,
    /// Debug builds with types and variables, not line tables only.
    pub(crate) full_debuginfo: bool,
}

impl Flags {
    /// What may happen to a checkout that is there.
    pub(crate) fn mode(&self) -> Mode {
        match (self.reset, self.update) {
            (true, _) => Mode::Reset,
            (false, true) => Mode::Update,
            (false, false) => Mode::Keep,
        }
    }

    /// Which dependencies are resolved anew.
    pub(crate) fn refresh(&self) -> Refresh {
        match self.mode() {
            Mode::Reset => Refresh::All,
            Mode::Update => Refresh::Git,
            Mode::Keep => Refresh::Nothing,
        }
    }

    /// The profile of a build: the one of the flags, else of the description, else release.
    ///
    /// # Errors
    /// When it cannot be the name of a profile.
    pub(crate) fn profile(&self, service: &Service) -> Result<Profile, Fault> {
        let given = self.profile.as_deref().filter(|_| self.profile_given != Some(false));
        match (given, &service.profile) {
            (Some(name), _) => {
                Ok(Profile::parse(name).map_err(|error| Fault::from(error).option("profile"))?)
            }
            (None, Some(profile)) => Ok(profile.clone()),
            // A script may have set it itself.
            (None, None) => {
                match self.profile.as_deref() {
                    Some(name) => Ok(Profile::parse(name)
                        .map_err(|error| Fault::from(error).option("profile"))?),
                    None => Ok(Profile::Release),
                }
            }
        }
    }

    /// The target of a build: the one of the flags, else of the description.
    pub(crate) fn target(&self, service: &Service) -> Option<String> {
        self.target.clone().or_else(|| service.build().target.map(str::to_owned))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_goes_before_the_description() {
        let described = |profile: serde_json::Value| {
            let json = serde_json::json!({ "repo": "/a/b", "profile": profile, "target": "t" });
            Service::new(serde_json::from_value(json).unwrap(), Vec::new(), None).unwrap()
        };
        let flags = |json| serde_json::from_value::<Flags>(json).unwrap();
        for (given, own, wanted) in [
            (serde_json::json!({}), "fast".into(), "fast"),
            (serde_json::json!({}), serde_json::Value::Null, "release"),
            (
                serde_json::json!({ "profile": "debug", "profile_given": false }),
                serde_json::Value::Null,
                "debug",
            ),
            (serde_json::json!({ "profile": "debug" }), "fast".into(), "debug"),
            (
                serde_json::json!({ "profile": "release", "profile_given": false }),
                "fast".into(),
                "fast",
            ),
            (
                serde_json::json!({ "profile": "release", "profile_given": true }),
                "fast".into(),
                "release",
            ),
        ] {
            let profile = flags(given.clone()).profile(&described(own)).unwrap();
            assert_eq!(profile.as_str(), wanted, "{given}");
        }
        let service = described("fast".into());
        assert_eq!(flags(serde_json::json!({})).target(&service).as_deref(), Some("t"));
        let other = flags(serde_json::json!({ "target": "u" }));
        assert_eq!(other.target(&service).as_deref(), Some("u"));
    }
}
