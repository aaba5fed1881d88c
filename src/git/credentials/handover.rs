//! The tokens that one git may ask for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Credentials, Server};
use crate::git::login::{Login, Secret};
use crate::git::url::RemoteUrl;

/// What hero's credential helper may answer during one call of git.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct HandOver {
    /// The server of the address in the script.
    named: Option<Server>,
    /// The login that stood in the address.
    login: Option<(Server, Login)>,
    /// The user name that stood there alone, for which git finds the password.
    #[serde(default)]
    username: Option<(Server, String)>,
    configured: BTreeMap<String, Secret>,
    variables: BTreeMap<String, Secret>,
    forges: Vec<(Server, Secret)>,
}

impl HandOver {
    /// What a fetch of `url` may need: the login in the address for its own server,
    /// and tokens for servers to which it may lead. `named` is the server that the
    /// script names. Returns `None` when there is nothing.
    pub(in crate::git) fn new(
        credentials: &Credentials,
        url: &RemoteUrl,
        named: Option<&Server>,
    ) -> Option<Self> {
        let is_named = named.is_some() && named == Server::for_url(url).as_ref();
        let login = url.login().and_then(|_| credentials.login(url, is_named));
        let login = Server::for_url(url).zip(login);
        let name = url.username().filter(|_| login.is_none());
        let username = Server::for_url(url).zip(name.map(str::to_owned));
        let nothing = credentials.is_empty() && login.is_none() && username.is_none();
        if url.is_local() || nothing {
            return None;
        }
        let Credentials { configured, variables, forges, .. } = credentials.clone();
        Some(Self { named: named.cloned(), login, username, configured, variables, forges })
    }

    /// Only the tokens for these servers, which a repository has named, and of which one
    /// may be the server that the script `named`. Returns `None` when there are none.
    pub(in crate::git) fn only(
        credentials: &Credentials,
        servers: &[Server],
        named: Option<&Server>,
    ) -> Option<Self> {
        let tokens = servers.iter().filter_map(|server| {
            let token = credentials.token(server, named == Some(server))?;
            Some((server.to_string(), token.clone()))
        });
        let configured: BTreeMap<String, Secret> = tokens.collect();
        (!configured.is_empty()).then(|| Self { configured, ..Self::default() })
    }

    /// The login for the server that git asks about.
    pub(in crate::git) fn login(&self, server: &Server) -> Option<Login> {
        if let Some((own, login)) = &self.login
            && own == server
        {
            return Some(login.clone());
        }
        let named = self.named.as_ref() == Some(server);
        self.credentials().token(server, named).map(|token| Login::from_token(token.reveal()))
    }

    /// The servers for which there is an answer.
    pub(in crate::git) fn servers(&self) -> Vec<Server> {
        let mut servers = self.credentials().servers();
        servers.extend(self.named.clone());
        servers.extend(self.login.as_ref().map(|(server, _)| server.clone()));
        servers.retain(|server| self.login(server).is_some());
        servers.sort_by_key(ToString::to_string);
        servers.dedup();
        servers
    }

    fn credentials(&self) -> Credentials {
        Credentials {
            configured: self.configured.clone(),
            variables: self.variables.clone(),
            forges: self.forges.clone(),
            ..Credentials::default()
        }
    }

    /// The user name in the address for which hero has no token, with its server.
    pub(in crate::git) fn username(&self) -> Option<&(Server, String)> {
        self.username.as_ref()
    }
}
