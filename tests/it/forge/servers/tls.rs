//! Certificates: an authority of our own, and what it signs.

use std::path::Path;

use super::super::scene::write;
use super::programs::must;

/// Makes all certificates below `folder` with the `openssl` command.
pub fn make(folder: &Path, openssl: &Path) {
    std::fs::create_dir_all(folder).expect("a folder");
    let path = |name: &str| folder.join(name).display().to_string();
    let run = |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        must(openssl, &words);
    };
    let key = |name: &str| {
        let key = path(&format!("{name}.key"));
        run(&format!("ecparam -name prime256v1 -genkey -noout -out {key}"));
        key
    };
    let self_signed = |name: &str, subject: &str, more: &str| {
        let key = key(name);
        let certificate = path(&format!("{name}.pem"));
        run(&format!(
            "req -x509 -new -key {key} -subj {subject} -days 2 {more} -out {certificate}"
        ));
    };
    let signed = |name: &str, alternative: &str, days: &str| {
        let key = key(name);
        let (request, certificate) = (path(&format!("{name}.csr")), path(&format!("{name}.pem")));
        let extensions = write(&folder.join(format!("{name}.ext")), alternative, 0o644);
        let (ca, ca_key) = (path("ca.pem"), path("ca.key"));
        run(&format!("req -new -key {key} -subj /CN={name} -out {request}"));
        run(&format!(
            "x509 -req -in {request} -CA {ca} -CAkey {ca_key} -CAcreateserial -days {days} \
             -extfile {} -out {certificate}",
            extensions.display()
        ));
    };
    let here = "subjectAltName=IP:127.0.0.1,DNS:localhost";
    self_signed("ca", "/CN=forge-test-authority", "");
    self_signed("self-signed", "/CN=localhost", &format!("-addext {here}"));
    signed("good", here, "2");
    signed("expired", here, "-1");
    signed("wrong-host", "subjectAltName=DNS:other.example", "2");
    signed("client", "extendedKeyUsage=clientAuth", "2");
}
