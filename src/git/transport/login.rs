//! Logging in by libgit2: each way once, in order, and never to another host.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use git2::cert::Cert;
use git2::{Cred, CredentialType, ErrorClass, ErrorCode};

use super::{base64, ssh};
use crate::git::credentials::Login;
use crate::git::url::RemoteUrl;
use crate::sys::fs;

/// What happens at the beginning of one conversation.
pub(super) struct Talk {
    url: RemoteUrl,
    login: Option<Login>,
    tried: Mutex<Vec<String>>,
    fingerprint: Mutex<Option<String>>,
}

impl Talk {
    pub fn new(url: &RemoteUrl, login: Option<Login>) -> Self {
        Self { url: url.clone(), login, tried: Mutex::default(), fingerprint: Mutex::default() }
    }

    /// Whether there is a token that must not go elsewhere.
    pub fn has_token(&self) -> bool {
        self.login.is_some()
    }

    /// The ways that were tried.
    pub fn tried(&self) -> Vec<String> {
        self.tried.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The fingerprint of the ssh host key that was shown.
    pub fn fingerprint(&self) -> Option<String> {
        self.fingerprint.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps the fingerprint for the error message.
    pub fn note(&self, certificate: &Cert) {
        let hash = certificate.as_hostkey().and_then(|key| key.hash_sha256());
        if let Some(hash) = hash {
            let text = format!("SHA256:{}", base64::encode(hash).trim_end_matches('='));
            *self.fingerprint.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
        }
    }

    /// The next way to log in that was not tried yet.
    pub fn credential(
        &self,
        url: &str,
        user: Option<&str>,
        allowed: CredentialType,
    ) -> Result<Cred, git2::Error> {
        let user = user.unwrap_or("git");
        if allowed.contains(CredentialType::USERNAME) {
            return Cred::username(user);
        }
        if allowed.contains(CredentialType::SSH_KEY) {
            if std::env::var_os("SSH_AUTH_SOCK").is_some() && self.first_time("ssh agent") {
                return Cred::ssh_key_from_agent(user);
            }
            for key in keys() {
                if self.first_time(&format!("ssh key {}", key.display())) {
                    return Cred::ssh_key(user, None, &key, None);
                }
            }
        }
        if allowed.contains(CredentialType::USER_PASS_PLAINTEXT) {
            let login = self.login.as_ref().filter(|_| self.is_same_server(url));
            if let Some(login) = login.filter(|_| self.first_time("token")) {
                return Cred::userpass_plaintext(&login.user, login.secret.reveal());
            }
            let config = git2::Config::open_default()?;
            let helped = Cred::credential_helper(&config, url, None);
            if let Some(cred) = helped.ok().filter(|_| self.first_time("credential helper")) {
                return Ok(cred);
            }
        }
        Err(git2::Error::new(ErrorCode::Auth, ErrorClass::Callback, "no login left to try"))
    }

    fn first_time(&self, method: &str) -> bool {
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        let first = !tried.iter().any(|known| known == method);
        if first {
            tried.push(method.to_owned());
        }
        first
    }

    /// libgit2 asks with the address it was redirected to.
    fn is_same_server(&self, url: &str) -> bool {
        RemoteUrl::parse(url).is_ok_and(|asked| {
            (asked.scheme(), asked.host(), asked.port())
                == (self.url.scheme(), self.url.host(), self.url.port())
        })
    }
}

/// The keys ssh itself would offer.
fn keys() -> Vec<PathBuf> {
    let Some(folder) = ssh::folder() else { return Vec::new() };
    let names = ["id_ed25519", "id_ecdsa", "id_rsa"];
    names.map(|name| folder.join(name)).into_iter().filter(|path| fs::exists(path)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::Credentials;

    #[test]
    fn a_token_goes_to_its_server_once_and_to_no_other() {
        let url = RemoteUrl::parse("https://me:s3cret@host/a").unwrap();
        let talk = Talk::new(&url, Credentials::default().login(&url));
        for other in ["https://other/a", "http://host/a", "https://host:81/a", "https://me@evil/a"]
        {
            assert!(!talk.is_same_server(other), "{other}");
        }
        let ask = || talk.credential("https://host/b", None, CredentialType::USER_PASS_PLAINTEXT);
        assert!(ask().is_ok());
        assert_eq!(talk.tried(), ["token"]);
        assert!(!talk.first_time("token"));
    }
}
