//! Settings of the user that change how git works, and must not get in hero's way.

use super::super::case::{Case, case};
use super::super::judge::Check;
use super::super::servers::Need::{self, Nginx};
use super::super::servers::find;
use super::{origin, token_here, web};

const N: &[Need] = &[Nginx];

pub const CASES: &[Case] = &[
    case("habit-1", "clone.defaultRemoteName", N, |s| {
        web(s, "git/plain.git");
        s.config("clone.defaultRemoteName", "upstream");
    }),
    case("habit-2", "init.defaultBranch", N, |s| {
        web(s, "git/plain.git");
        s.config("init.defaultBranch", "trunk");
    }),
    case("habit-3", "a template with a hook that fails", N, |s| {
        web(s, "git/plain.git");
        s.program("template/hooks/reference-transaction", "exit 0");
        s.program("template/hooks/post-checkout", "echo hooked >>~/hooked");
        s.config("init.templateDir", s.world.home("template").display().to_string());
    }),
    case("habit-4", "feature.manyFiles", N, |s| {
        web(s, "git/plain.git");
        s.config("feature.manyFiles", "true");
    }),
    case("habit-5", "feature.experimental", N, |s| {
        web(s, "git/plain.git");
        s.config("feature.experimental", "true");
    }),
    case("habit-6", "transfer.fsckObjects", N, |s| {
        web(s, "git/plain.git");
        s.config("transfer.fsckObjects", "true");
    }),
    case("habit-7", "submodule.recurse and fetch.recurseSubmodules", N, |s| {
        web(s, "git/plain.git");
        s.config("submodule.recurse", "true").config("fetch.recurseSubmodules", "true");
    }),
    case("habit-8", "fetch.writeCommitGraph and fetch.prune", N, |s| {
        web(s, "git/plain.git");
        s.config("fetch.writeCommitGraph", "true").config("fetch.prune", "true");
    }),
    case("habit-9", "GIT_DEFAULT_REF_FORMAT=reftable", N, |s| {
        web(s, "git/plain.git");
        s.env("GIT_DEFAULT_REF_FORMAT", "reftable");
    }),
    case("habit-10", "GIT_DEFAULT_HASH=sha256", N, |s| {
        web(s, "git/plain.git");
        s.env("GIT_DEFAULT_HASH", "sha256");
    }),
    case("habit-11", "GIT_TRACE and GIT_TRACE_CURL", N, |s| {
        web(s, "git/plain.git");
        s.env("GIT_TRACE", "1").env("GIT_TRACE_CURL", "1");
    }),
    case("habit-12", "GIT_TRACE, GIT_TRACE_CURL and a token", N, |s| {
        token_here(s);
        s.env("GIT_TRACE", "1").env("GIT_TRACE_CURL", "1").env("GIT_TRACE_PACKET", "1");
        web(s, "auth/plain.git");
    })
    .only_hero_works(),
    case("habit-13", "a German locale, and no such repository", N, |s| {
        web(s, "git/missing.git");
        s.env("LC_ALL", "de_DE.UTF-8").env("LANGUAGE", "de");
    })
    .fails("remote_not_found", ""),
    case("habit-14", "a French locale, and no such branch", N, |s| {
        web(s, "git/plain.git");
        s.option("branch", "dew").env("LC_ALL", "fr_FR.UTF-8").env("LANGUAGE", "fr");
    })
    .fails("ref_not_found", "dev"),
    case("habit-23", "a git that notes its locale, and a French one", N, |s| {
        // Not every git has translations, so hero asks for the C locale itself.
        let notes = format!(
            "echo \"locale $LC_ALL\" >>\"$HOME/locale\"; exec {} \"$@\"",
            find("git").expect("git is there").display()
        );
        let folder = s.program("bin/git", notes).parent().expect("a folder").display().to_string();
        let path = s.env.iter().rev().find(|(name, _)| name == "PATH");
        let path = path.and_then(|(_, value)| value.clone());
        let path = path.unwrap_or_else(|| std::env::var("PATH").expect("PATH is text"));
        s.env("PATH", format!("{folder}:{path}")).env("LC_ALL", "fr_FR.UTF-8");
        s.check(Check::Written(s.world.home("locale"), "locale C\n".into()));
        web(s, "git/missing.git");
    })
    .fails("remote_not_found", ""),
    case("habit-15", "color.ui=always and advice off", N, |s| {
        web(s, "git/plain.git");
        s.config("color.ui", "always").config("advice.detachedHead", "false");
    }),
    case("habit-16", "core.autocrlf and a filter of the user", N, |s| {
        web(s, "git/plain.git");
        s.config("core.autocrlf", "input").config("core.eol", "lf");
    }),
    case("habit-17", "an alias named as one of git's commands", N, |s| {
        web(s, "git/plain.git");
        s.config("alias.fetch", "!false").config("alias.ls-remote", "!false");
    }),
    case("habit-18", "GIT_CONFIG_SYSTEM with insteadOf", N, |s| {
        let text = format!("[url \"{}/git/\"]\n\tinsteadOf = https://forge.invalid/\n", origin(s));
        let file = s.file("system.config", text);
        s.env.push(("GIT_CONFIG_NOSYSTEM".into(), None));
        s.env("GIT_CONFIG_SYSTEM", file.display().to_string());
        s.repo("https://forge.invalid/plain.git");
    }),
    case("habit-19", "GIT_ALLOW_PROTOCOL without http", N, |s| {
        web(s, "git/plain.git");
        s.env("GIT_ALLOW_PROTOCOL", "https:ssh");
    })
    .fails("*", "http"),
    case("habit-20", "a configuration that git cannot read", N, |s| {
        web(s, "git/plain.git");
        s.file(".gitconfig", "[user\n");
    })
    .fails("*", ".gitconfig"),
    case("habit-21", "commit.gpgSign and gpg.program", N, |s| {
        web(s, "git/plain.git");
        s.config("commit.gpgSign", "true").config("gpg.program", "false");
    }),
    case("habit-22", "GIT_TERMINAL_PROMPT=1, and a login is wanted", N, |s| {
        web(s, "auth/plain.git");
        s.env("GIT_TERMINAL_PROMPT", "1");
    })
    .fails("auth_required", ""),
];
