//! What to do about the usual causes of a failed build, told by cargo's words.

/// For a machine without Rust.
pub(super) const INSTALL_RUST: &str =
    "install Rust from https://rustup.rs, or put `~/.cargo/bin` on your PATH";

/// Words that only this cause brings, and what to do.
const CAUSES: &[(&[&str], &str)] = &[
    (
        &["No space left on device", "os error 28"],
        "free some space, for instance: hero run clear_debug_bins.rhai",
    ),
    (
        &["--locked was passed", "needs to be updated but --locked"],
        "set `locked: false` to build all the same, until upstream commits the `Cargo.lock` that `cargo update --workspace` makes",
    ),
    (
        &["linker `", "failed to find tool \"cc\"", "failed to find tool \"c++\""],
        "install a C compiler, for instance: sudo apt install build-essential (macOS: xcode-select --install)",
    ),
    (
        &["rustc -vV` (never executed)"],
        "see whether the compiler and the wrapper that RUSTC_WRAPPER names are there, and whether their file system runs programs (`noexec`): hero doctor",
    ),
    (
        &["(never executed)"],
        "see whether the build directory's file system runs programs (`noexec`): hero doctor",
    ),
    (&["is `cmake` not installed"], "install CMake, for instance: sudo apt install cmake"),
    (
        &["Could not find `protoc`"],
        "install protoc, for instance: sudo apt install protobuf-compiler",
    ),
    (&["Unable to find libclang"], "install libclang, for instance: sudo apt install libclang-dev"),
    (
        &["without `--offline`", "--offline was specified", "--frozen was specified"],
        "unset CARGO_NET_OFFLINE, or run `cargo fetch` in the checkout while there is a network",
    ),
    (
        &[
            "failed to authenticate when downloading",
            "could not read Username",
            "Authentication failed for",
            "no authentication methods succeeded",
        ],
        "give hero a token for that host, in config.toml: [git.tokens] \"HOST\" = \"TOKEN\"",
    ),
    (
        &[
            "Could not resolve host",
            "Couldn't resolve host",
            "failed to download",
            "failed to fetch",
            "spurious network error",
            "network failure seems to have happened",
            "Couldn't connect to server",
            "download of ",
        ],
        "check the network and rerun; what was compiled is kept",
    ),
    (
        &[
            "requires rustc ",
            "is not supported by the following package",
            "requires the Cargo feature called `",
            "this version of Cargo is older than",
            "lock file version ",
            "`resolver` setting `",
        ],
        "this Rust is too old for the service: run `rustup update`, or install Rust from https://rustup.rs and put `~/.cargo/bin` first on your PATH",
    ),
];

/// Where git asks for a login, with the setting that gives hero a token for it: a
/// variable is for the server in the script only.
fn login(text: &str) -> Option<String> {
    let words = ["could not read Username for '", "Authentication failed for '"];
    let address = words.iter().find_map(|words| between(text, words, "'"))?;
    let (scheme, rest) = address.split_once("://")?;
    let place = rest.split('/').next()?.rsplit('@').next()?;
    // Over plain http a token goes only where the whole address says so.
    let server = match scheme {
        "https" => place.trim_end_matches(":443").to_owned(),
        _ => format!("{scheme}://{place}"),
    };
    Some(format!(
        "a dependency needs a token for {place}, in config.toml: [git.tokens] \"{server}\" = \"TOKEN\""
    ))
}

/// A hint for what cargo said, if the cause is a known one.
pub(super) fn find(said: &[String]) -> Option<String> {
    let text = said.join("\n");
    toolchain(&text)
        .or_else(|| target(&text))
        .or_else(|| login(&text))
        .or_else(|| features(&text))
        .or_else(|| library(&text))
        .or_else(|| {
            let mut causes = CAUSES.iter();
            let known = causes.find(|(words, _)| words.iter().any(|word| text.contains(word)));
            known.map(|(_, hint)| (*hint).to_owned())
        })
}

/// rustup has not installed what `rust-toolchain.toml` names.
fn toolchain(text: &str) -> Option<String> {
    let name = between(text, "toolchain '", "' is not installed")?;
    // A host is part of the name only where it is not this machine's.
    let channel = name.split_once("-x86_64").or(name.split_once("-aarch64"));
    let channel = channel.map_or(name, |(channel, _host)| channel);
    Some(format!("install it: rustup toolchain install {channel}"))
}

/// The standard library of another target is missing, or there is no such target.
fn target(text: &str) -> Option<String> {
    if let Some(name) = between(text, "the `", "` target may not be installed") {
        return Some(format!("install it: rustup target add {name}"));
    }
    let unknown = ["could not find specification for target", "error loading target specification"];
    unknown
        .iter()
        .any(|words| text.contains(words))
        .then(|| "see which targets there are: rustc --print target-list".to_owned())
}

/// A wanted binary needs features that the description does not switch on.
fn features(text: &str) -> Option<String> {
    let names = between(text, "requires the features: `", "\n")?;
    let names: Vec<String> =
        names.split(", ").map(|name| format!("{:?}", name.trim().trim_matches('`'))).collect();
    Some(format!("set `features: [{}]`", names.join(", ")))
}

/// A system library that pkg-config does not find.
fn library(text: &str) -> Option<String> {
    if let Some(name) = between(text, "The system library `", "`") {
        return Some(format!(
            "install the development files of `{name}`, for instance: sudo apt install lib{name}-dev"
        ));
    }
    for words in ["unable to find library -l", "cannot find -l"] {
        if let Some(name) = between(text, words, "\n") {
            let name = name.split([':', ' ']).next().unwrap_or(name);
            return Some(format!(
                "install the library `{name}`, for instance: sudo apt install lib{name}-dev"
            ));
        }
    }
    let asked = text.contains("pkg-config") || text.contains("PKG_CONFIG");
    let missing = ["could not be found", "No such file or directory", "not installed"];
    (asked && missing.iter().any(|word| text.contains(word)))
        .then(|| "install pkg-config, for instance: sudo apt install pkg-config".to_owned())
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let start = text.find(before)? + before.len();
    let rest = &text[start..];
    let end = rest.find(after).or_else(|| (after == "\n").then_some(rest.len()))?;
    Some(&rest[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_causes_have_a_way_out() {
        for (said, expected) in [
            ("error: linker `cc` not found", "install a C compiler"),
            (
                "error: cannot update the lock file /x/Cargo.lock because --locked was passed to prevent this",
                "`locked: false`",
            ),
            ("error: failed to download from `https://static.crates.io`", "check the network"),
            (
                "As a reminder, you're using offline mode (--offline) which can sometimes cause \
              surprising resolution failures, if this error is too confusing you may wish to \
              retry without `--offline`.",
                "CARGO_NET_OFFLINE",
            ),
            ("  No space left on device (os error 28)", "clear_debug_bins"),
            ("error: rustc 1.95.0 is not supported by the following package:", "rustup update"),
            ("error: lock file version 4 requires `-Znext-lockfile-bump`", "too old"),
            ("  The package requires the Cargo feature called `edition2024`, but", "too old"),
            ("  could not execute process `/x/build-script-build` (never executed)", "`noexec`"),
            (
                "error: toolchain '1.70.0-x86_64-unknown-linux-gnu' is not installed",
                "rustup toolchain install 1.70.0",
            ),
            (
                "  The system library `alsa` required by crate `alsa-sys` was not found.",
                "libalsa-dev",
            ),
            ("  /usr/bin/ld: cannot find -lssl: No such file or directory", "libssl-dev"),
            ("  The pkg-config command could not be found.", "apt install pkg-config"),
            (
                "error: the `x86_64-unknown-linux-musl` target may not be installed",
                "rustup target add x86_64-unknown-linux-musl",
            ),
            (
                "error: target `x` in package `p` requires the features: `tls`, `cli`",
                r#"set `features: ["tls", "cli"]`"#,
            ),
        ] {
            let hint = find(&[said.to_owned()]).unwrap_or_default();
            assert!(hint.contains(expected), "{said}: {hint}");
        }
        let said = "fatal: could not read Username for 'https://h.example:8443': terminal prompts";
        let hint = find(&[said.to_owned()]).unwrap();
        assert!(hint.ends_with("[git.tokens] \"h.example:8443\" = \"TOKEN\""), "{hint}");
        assert_eq!(find(&["error: something new".to_owned()]), None);
    }
}
