//! A user name and a password or token.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::percent::decode;
use crate::sys::redact;

/// The user of a token that names none.
const ANYBODY: &str = "x-access-token";

/// Words at least this long are taken for tokens.
const TOKEN_LENGTH: usize = 16;

/// Longer names that forges give: GitLab's deploy tokens have a user of their own.
const NAMES: &str = "gitlab+deploy-token-";

/// A text that does not show itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

/// What a server is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Login {
    /// The user.
    pub(crate) user: String,
    /// The password or token.
    pub(crate) secret: Secret,
    /// Whether the address had one word before the `@`: a token, or a name.
    #[serde(default)]
    pub(crate) lone: bool,
}

impl Login {
    /// Reads what stands before the `@` of an http address: `user:password`, or
    /// one word. Returns `None` when it is empty.
    pub(super) fn from_user_info(text: &str) -> Option<Self> {
        let plain = |text: &str| decode(text).unwrap_or_else(|| text.to_owned());
        let login = match text.split_once(':') {
            Some((_, "")) | None => {
                let word = plain(text.trim_end_matches(':'));
                if word.is_empty() {
                    return None;
                }
                Self { lone: true, ..Self::from_token(&word) }
            }
            Some((user, secret)) => {
                // As it is written, in the script.
                redact::hide(secret);
                Self { user: plain(user), secret: Secret::new(plain(secret)), lone: false }
            }
        };
        // A lone word may be a user name, which is part of many texts.
        if !login.is_name() {
            redact::hide_login(&login.user, login.secret.reveal());
        }
        Some(login)
    }

    /// This name with a token, unless the token names a user of its own.
    pub(super) fn with_token(&self, token: Self) -> Self {
        if token.user == ANYBODY {
            return Self { user: self.secret.reveal().to_owned(), ..token };
        }
        token
    }

    /// Whether the address has one word before the `@` that is a name, not a token.
    /// Tokens are long, and have no `@`, as an e-mail address does.
    pub(super) fn is_name(&self) -> bool {
        let word = self.secret.reveal();
        self.lone && (word.len() < TOKEN_LENGTH || word.contains('@') || word.starts_with(NAMES))
    }

    /// A token as forges take it; `user:token` names the user for those that
    /// insist on one.
    pub(super) fn from_token(token: &str) -> Self {
        let (user, secret) = token.split_once(':').unwrap_or((ANYBODY, token));
        Self { user: user.to_owned(), secret: Secret::new(secret), lone: false }
    }

    /// The answer to git's question. A text with a line break cannot be one.
    pub(super) fn for_git(&self) -> String {
        let (user, secret) = (&self.user, self.secret.reveal());
        if [user.as_str(), secret].iter().any(|text| text.contains(['\n', '\r', '\0'])) {
            return String::new();
        }
        format!("username={user}\npassword={secret}\n")
    }
}
