//! Addresses of submodules.

use super::address::RemoteUrl;
use super::error::UrlError;
use super::redact::redact;

impl RemoteUrl {
    /// The address of a submodule, which may be relative to this one. Its host
    /// gets the credentials that stood in this address only if it is the same.
    pub(in crate::git) fn join(&self, text: &str) -> Result<Self, UrlError> {
        let mut url = if text.starts_with("./") || text.starts_with("../") {
            let bad =
                || UrlError::Malformed { url: redact(text), reason: "it leads above the host" };
            let mut base = self.text.trim_end_matches('/').to_owned();
            let root = self.root();
            let mut rest = text;
            loop {
                if let Some(same) = rest.strip_prefix("./") {
                    rest = same;
                } else if let Some(up) = rest.strip_prefix("../") {
                    let cut = base[root..].rfind('/').map_or(root, |slash| root + slash);
                    if cut >= base.len() {
                        return Err(bad());
                    }
                    base.truncate(cut);
                    rest = up;
                } else {
                    break;
                }
            }
            let separator = if base.ends_with(':') || base.ends_with('/') { "" } else { "/" };
            Self::parse(&format!("{base}{separator}{rest}"))?
        } else {
            Self::parse(text)?
        };
        let same_place = (url.scheme, &url.host, url.port) == (self.scheme, &self.host, self.port);
        if url.login.is_none() && same_place {
            url.login.clone_from(&self.login);
        }
        Ok(url)
    }
}
