//! https: certificates, and the settings of git that decide about them.

use super::super::case::{Case, Git, case};
use super::super::scene::Scene;
use super::super::servers::Need::{self, Nginx};

const N: &[Need] = &[Nginx];

/// Takes the address of a repository over https.
fn https(scene: &mut Scene) {
    let address = format!("{}/git/plain.git", scene.servers.nginx().https);
    scene.repo(address);
}

pub const CASES: &[Case] = &[
    case("G14d", "http.sslCAInfo", N, |s| {
        https(s);
        s.config("http.sslCAInfo", s.servers.nginx().ca());
    }),
    case("G14e", "GIT_SSL_CAINFO", N, |s| {
        https(s);
        s.env("GIT_SSL_CAINFO", s.servers.nginx().ca());
    }),
    case("G14f", "http.<address>.sslCAInfo", N, |s| {
        https(s);
        let nginx = s.servers.nginx();
        s.config(&format!("http.{}.sslCAInfo", nginx.https), nginx.ca());
    }),
    case("G14g", "http.sslVerify=false", N, |s| {
        https(s);
        s.config("http.sslVerify", "false");
    }),
    case("G14h", "GIT_SSL_NO_VERIFY", N, |s| {
        https(s);
        s.env("GIT_SSL_NO_VERIFY", "1");
    }),
    case("G14i", "http.<address>.sslVerify=false for this address", N, |s| {
        https(s);
        s.config(&format!("http.{}.sslVerify", s.servers.nginx().https), "false");
    }),
    case("G14j", "http.<address>.sslVerify=false for another port", N, |s| {
        https(s);
        s.config(&format!("http.{}.sslVerify", s.servers.nginx().expired), "false");
    })
    .fails("tls_invalid", ""),
    case("tls-1", "an authority that is not known", N, https).fails("tls_invalid", "sslCAInfo"),
    case("tls-2", "a certificate that vouches for itself", N, |s| {
        s.repo(format!("{}/git/plain.git", s.servers.nginx().self_signed));
    })
    .fails("tls_invalid", "sslCAInfo"),
    case("tls-3", "the same, known by http.sslCAInfo", N, |s| {
        let nginx = s.servers.nginx();
        s.repo(format!("{}/git/plain.git", nginx.self_signed));
        s.config("http.sslCAInfo", nginx.tls.join("self-signed.pem").display().to_string());
    }),
    case("G52a", "an expired certificate", N, |s| {
        let nginx = s.servers.nginx();
        s.repo(format!("{}/git/plain.git", nginx.expired));
        s.config("http.sslCAInfo", nginx.ca());
    })
    .fails("tls_invalid", "expired"),
    case("G52b", "a certificate for another name", N, |s| {
        let nginx = s.servers.nginx();
        s.repo(format!("{}/git/plain.git", nginx.wrong_host));
        s.config("http.sslCAInfo", nginx.ca());
    })
    .fails("tls_invalid", "127.0.0.1"),
    case("G14k", "a certificate of the client", N, |s| {
        let nginx = s.servers.nginx();
        s.repo(format!("{}/git/plain.git", nginx.client));
        s.config("http.sslCAInfo", nginx.ca());
        s.config("http.sslCert", nginx.tls.join("client.pem").display().to_string());
        s.config("http.sslKey", nginx.tls.join("client.key").display().to_string());
    }),
    case("G14l", "a certificate of the client, by variables", N, |s| {
        let nginx = s.servers.nginx();
        s.repo(format!("{}/git/plain.git", nginx.client));
        s.env("GIT_SSL_CAINFO", nginx.ca());
        s.env("GIT_SSL_CERT", nginx.tls.join("client.pem").display().to_string());
        s.env("GIT_SSL_KEY", nginx.tls.join("client.key").display().to_string());
    }),
    case("tls-4", "the server wants a certificate of the client, there is none", N, |s| {
        let nginx = s.servers.nginx();
        s.repo(format!("{}/git/plain.git", nginx.client));
        s.config("http.sslCAInfo", nginx.ca());
    })
    .fails("*", ""),
    case("tls-5", "http.sslCAInfo names a file that is not there", N, |s| {
        https(s);
        s.config("http.sslCAInfo", s.world.home("none.pem").display().to_string());
    })
    .fails("tls_invalid", "certificate file|config"),
    case("tls-6", "https to a port that speaks http", N, |s| {
        s.repo(s.servers.nginx().http.replace("http:", "https:") + "/git/plain.git");
    })
    .fails("tls_invalid|disconnected", ""),
    case("tls-7", "http to a port that speaks https", N, |s| {
        s.repo(s.servers.nginx().https.replace("https:", "http:") + "/git/plain.git");
    })
    .fails("*", ""),
    case("tls-8", "http.sslCAInfo is not what SSL_CERT_FILE says", N, |s| {
        https(s);
        s.config("http.sslCAInfo", s.servers.nginx().ca());
        let other = s.servers.nginx().tls.join("self-signed.pem");
        s.env("SSL_CERT_FILE", other.display().to_string());
    }),
    case("tls-9", "a login over https, from the store", N, |s| {
        let nginx = s.servers.nginx();
        let password = s.password(&nginx.https);
        super::store(s, &[super::with_login(&nginx.https, "alice", &password)]);
        s.config("http.sslCAInfo", nginx.ca());
        s.repo(format!("{}/auth/plain.git", nginx.https));
    }),
    case("tls-10", "https is silent", N, |s| {
        let relay = super::faults::relay(
            s,
            &s.servers.nginx().https.clone(),
            super::super::servers::relay::Fault::Silent,
        );
        s.repo(format!("{relay}/git/plain.git"));
        s.impatient();
    })
    .hero_fails(Git::Hangs, "timeout", "HERO_GIT_TIMEOUT"),
];
