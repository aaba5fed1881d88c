//! The flags of scripts: what they mean, and what a mistake says.

use crate::support::World;
use snapbox::str;

fn script(world: &World) {
    world.write(
        "own.rhai",
        "//! own: shows what it was given.
let flags = flags::parse(#{
    flags: [
        #{ name: \"port\", short: \"p\", value: \"N\", kind: \"int\", fallback: 8080, help: \"Where to listen\" },
        #{ name: \"mode\", values: [\"fast\", \"safe\"], help: \"How to work\" },
        #{ name: \"tag\", value: \"TAG\", repeated: true, help: \"May be given more than once\" },
    ],
    positionals: [#{ name: \"file\", repeated: true, help: \"What to read\" }],
});
print(`${flags.profile} ${flags.port} ${flags.mode} ${flags.tag} ${flags.file} ${flags.update} ${flags.root}`);
",
    );
}

/// Runs the script and compares its one line of output.
fn prints(arguments: &str, expected: &str) {
    let world = World::new();
    script(&world);
    world
        .hero(&format!("run own {arguments}"))
        .assert()
        .success()
        .stdout_eq(format!("{expected}\n"));
}

/// Runs the script and compares its complaint.
fn complains(arguments: &str, expected: impl snapbox::IntoData) {
    let world = World::new();
    script(&world);
    world.hero(&format!("run own {arguments}")).assert().code(2).stdout_eq("").stderr_eq(expected);
}

#[test]
fn release_is_the_default() {
    prints("", "release 8080  [] [] false false");
}

#[test]
fn debug_and_dev_are_one() {
    prints("--debug", "debug 8080  [] [] false false");
    prints("--dev", "debug 8080  [] [] false false");
}

#[test]
fn short_flags_combine_and_values_may_follow_an_equals_sign() {
    prints(
        "-ur --port=1 --tag a --tag=b one two --mode fast",
        "release 1 fast [\"a\", \"b\"] [\"one\", \"two\"] true true",
    );
}

#[test]
fn everything_after_two_dashes_is_no_flag() {
    prints("-- --debug", "release 8080  [] [\"--debug\"] false false");
}

#[test]
fn both_profiles_at_once() {
    complains(
        "--debug --release",
        str![[r#"
error: the argument `--debug` cannot be used with `--release`

hint: hero run own --help lists the flags

"#]],
    );
}

#[test]
fn both_profiles_by_alias() {
    complains(
        "--release --dev",
        str![[r#"
error: the argument `--release` cannot be used with `--debug`

hint: hero run own --help lists the flags

"#]],
    );
}

#[test]
fn unknown_flag_has_a_near_name() {
    complains(
        "--relaese",
        str![[r#"
error: unexpected argument `--relaese` found

hint: a similar argument exists: `--release`; hero run own --help lists the flags

"#]],
    );
}

#[test]
fn wrong_value() {
    complains(
        "--port many",
        str![[r#"
error: invalid value `many` for `--port <N>`: invalid digit found in string

hint: hero run own --help lists the flags

"#]],
    );
}

#[test]
fn value_that_is_not_among_the_possible_ones() {
    complains(
        "--mode fsat",
        str![[r#"
error: invalid value `fsat` for `--mode <MODE>`
  [possible values: fast, safe]

hint: a similar value exists: `fast`; hero run own --help lists the flags

"#]],
    );
}

#[test]
fn missing_value() {
    complains(
        "--port",
        str![[r#"
error: a value is required for `--port <N>` but none was supplied

hint: hero run own --help lists the flags

"#]],
    );
}

#[test]
fn jobs_must_be_positive() {
    complains(
        "--jobs 0",
        str![[r#"
error: --jobs is at least 1, not 0

"#]],
    );
}

#[test]
fn help_shows_the_doc_comment_and_all_flags() {
    let world = World::new();
    script(&world);
    world.hero("run own --help").assert().success().stderr_eq("").stdout_eq(str![[r#"
own: shows what it was given.

Usage: hero run own [OPTIONS] [FILE]...

Arguments:
  [FILE]...  What to read

Options:
  -p, --port <N>     Where to listen
      --mode <MODE>  How to work [possible values: fast, safe]
      --tag <TAG>    May be given more than once
  -h, --help         Print this help

Build:
      --release           Build the release profile (the default)
      --debug             Build cargo's dev profile: many times faster after an edit [alias: --dev]
      --profile <NAME>    Build this profile: one of the manifest, or `fast`: release without LTO,
                          quick after an edit
      --target <TRIPLE>   Build for this target, such as x86_64-unknown-linux-musl
  -u, --update            Fetch first, and fast-forward the checkout
      --reset             Put the checkout exactly at the upstream revision; what that discards is
                          kept under a ref
      --rebuild           Compile the repository's own packages again, even if nothing changed
      --replace           Move files aside that others put where the binaries go
      --full-debuginfo    With --debug: everything a debugger wants, not line tables only
      --clear-debug-bins  Afterwards remove debug builds that are not in use

Machine:
  -r, --root            Use the system's install root, /usr/local/bin
  -j, --jobs <N>        Compilers at once, of all builds together [default: all processors]
      --fetch-jobs <N>  Fetches at once [default: 8]
      --dry-run         Print what would be done, and change nothing

"#]]);
}

#[test]
fn help_of_a_service_shows_its_verbs() {
    let world = World::new();
    let repo = world.repo("app");
    world.service("app", &repo, "");
    world.hero("run app --help").assert().success().stderr_eq("").stdout_eq(str![[r#"
app: a test service.

Usage: hero run app [VERB] [OPTIONS]

Options:
  -h, --help  Print this help

Build:
      --release           Build the release profile (the default)
      --debug             Build cargo's dev profile: many times faster after an edit [alias: --dev]
      --profile <NAME>    Build this profile: one of the manifest, or `fast`: release without LTO,
                          quick after an edit
      --target <TRIPLE>   Build for this target, such as x86_64-unknown-linux-musl
  -u, --update            Fetch first, and fast-forward the checkout
      --reset             Put the checkout exactly at the upstream revision; what that discards is
                          kept under a ref
      --rebuild           Compile the repository's own packages again, even if nothing changed
      --replace           Move files aside that others put where the binaries go
      --full-debuginfo    With --debug: everything a debugger wants, not line tables only
      --clear-debug-bins  Afterwards remove debug builds that are not in use

Machine:
  -r, --root            Use the system's install root, /usr/local/bin
  -j, --jobs <N>        Compilers at once, of all builds together [default: all processors]
      --fetch-jobs <N>  Fetches at once [default: 8]
      --dry-run         Print what would be done, and change nothing

Verbs:
  install    Fetch, build and install (the default)
  complete   Install, start, and verify that it boots; go back if it does not
  start      Start what is installed
  stop       Stop it
  restart    Stop it and start what is installed now
  status     Show what runs, what is installed, and how the checkout stands
  logs       Show what it printed last
  watch      Install, and again whenever a file of the checkout is saved; restart what runs
  rollback   Go back to the generation before; builds nothing
  uninstall  Stop it and remove the binaries; the checkout stays

Each has flags of its own: hero run app VERB --help

"#]]);
}

#[test]
fn unknown_verb_has_a_near_name() {
    let world = World::new();
    let repo = world.repo("app");
    world.service("app", &repo, "");
    world.hero("run app instal").assert().code(2).stderr_eq(str![[r#"
error: there is no verb `instal`

hint: did you mean `install`?

"#]]);
}

#[test]
fn flags_of_hero_itself_come_before_the_script() {
    let world = World::new();
    world.hero("run --nonsense install").assert().code(2).stderr_eq(str![[r#"
error: unexpected argument `--nonsense` before the name of the script

hint: hero run --help lists the flags of hero; a script's own follow its name

"#]]);
}

#[test]
fn the_programs_own_help() {
    let world = World::new();
    world.hero("--help").assert().success().stdout_eq(str![[r#"
Installs stacks of Rust services from their git repositories, by script

Usage: hero [OPTIONS] <COMMAND>

Commands:
  run          Run a script; everything after its name is the script's own
  check        Find faults in scripts without running them
  new          Write a service script to start from
  list         List what is installed
  gc           Remove build files and old generations that were not used for long
  rollback     Go back to an earlier generation of a service; builds nothing
  uninstall    Stop and remove services: their binaries and every generation
  verify       Compare what is installed with its receipts, byte for byte
  why          Show why a service was built, and what the next install would do
  doctor       Show what hero will use on this machine, and what is wrong with it
  api          Show the functions that scripts may call, and the errors they may throw
  completions  Print a completion script for a shell
  help         Print this message or the help of the given subcommand(s)

Options:
  -v, --verbose       Say more: why, and every warning of the compiler
  -q, --quiet         Say only warnings, errors and what was asked for
      --json          Print events as JSON, one a line, on standard output
      --color <WHEN>  When to use colour: auto, always, never [default: auto]
  -h, --help          Print help
  -V, --version       Print version

"#]]);
    world.hero("run --help").assert().success().stdout_eq(str![[r#"
Run a script; everything after its name is the script's own

Usage: hero run [OPTIONS] SCRIPT [ARGS]...

Arguments:
  <SCRIPT>...  The script, then its own arguments

Options:
      --stdlib <DIR>  Use the standard library in this folder instead of the one built in
  -v, --verbose       Say more: why, and every warning of the compiler
      --dry-run       Print what the script would do, and touch nothing
  -q, --quiet         Say only warnings, errors and what was asked for
      --json          Print events as JSON, one a line, on standard output
      --color <WHEN>  When to use colour: auto, always, never [default: auto]
  -h, --help          Print help
  -V, --version       Print version

SCRIPT is a path, or a name that is looked for in the working directory, then in
scripts/, then among those built in: install, install_all, complete, clear_debug_bins,
services/hero. Its own flags: hero run SCRIPT --help

"#]]);
}

#[test]
fn completions_name_the_subcommands() {
    let world = World::new();
    for shell in ["bash", "zsh", "fish"] {
        let text = world.succeed(&format!("completions {shell}"));
        assert!(text.contains("completions") && text.contains("dry-run"), "{shell}: {text}");
    }
}

/// What belongs to the run is known before a script's first line, and no script changes it.
#[test]
fn a_script_cannot_change_the_mode_of_a_run() {
    let world = World::new();
    let repo = world.repo("app");
    let describe = format!("describe(#{{ repo: \"{}\", name: \"app\" }})", repo.path.display());
    for (flags, option) in [
        ("#{ dry_run: true }", "dry_run"),
        ("#{ profile: \"debug\", root: true }", "root"),
        ("#{ jobs: 2 }", "jobs"),
        ("#{ smoke: true }", "smoke"),
        ("#{ supervisor: \"direct\" }", "supervisor"),
    ] {
        world.write("own.rhai", &format!("service::fetch({describe}, {flags});\n"));
        let text = world.fail(1, "run own");
        assert!(text.contains(&format!("`{option}` is ")), "{flags}: {text}");
        assert!(text.contains("own.rhai:1:"), "{flags}: {text}");
        assert!(!world.home(".local/share/hero/src/app").exists(), "{flags}: nothing is fetched");
    }
    world.write("own.rhai", &format!("service::fetch({describe}, #{{ dry_run: true }});\n"));
    let text = world.succeed("run --dry-run own");
    assert!(text.contains("Would"), "{text}");
    world.write("own.rhai", "parse_args(#{ flags: [#{ name: \"own\", short: \"o\" }, #{ name: \"root\", short: \"r\" }] });\n");
    world.succeed("run own -r -o");
    let text = world.fail(2, "run own -or");
    assert!(text.contains("write it on its own: --root"), "{text}");
}

#[test]
fn a_verb_has_its_own_flags() {
    let world = World::new();
    let repo = world.repo("app");
    world.service("app", &repo, "flags: [#{ name: \"region\", value: \"R\", help: \"Where\" }]");
    for (line, message, hint) in [
        ("stop --smoke", "`stop` has no flag `--smoke`", "`--smoke` goes with `complete`"),
        ("stop -f", "`stop` has no flag `-f`", "`-f` goes with `logs`"),
        ("--reset status", "`status` has no flag `--reset`", "`install`, `complete` and `watch`"),
        ("--lines 5 install", "`install` has no flag `--lines`", "`--lines` goes with `logs`"),
        ("logs --region x", "`logs` has no flag `--region`", "`install`, `complete` and `watch`"),
        ("stop --none", "unexpected argument `--none`", "hero run app stop --help"),
    ] {
        let text = world.fail(2, &format!("run app {line}"));
        assert!(text.contains(message) && text.contains(hint), "{line}: {text}");
    }
    // Flags may stand before the verb, and the word after one with a value is no verb.
    world.succeed("run app --json status");
    assert!(world.fail(1, "run app --lines 7 logs").contains("was never started"));
    assert!(world.succeed("run app --region stop --dry-run").contains("Would"));
    assert!(world.succeed("run app stop --help").contains("Usage: hero run app stop [OPTIONS]"));
}

#[test]
fn words_in_comments_and_texts_read_no_arguments() {
    let world = World::new();
    world.write("plain.rhai", "// important: args() and flags::parse()\nprint(\"parse_args\");\n");
    assert!(world.fail(2, "run plain --nonsense").contains("takes no arguments"));
    world.write("lib.rhai", "fn all() { args() }\n");
    world.write("importing.rhai", "import \"lib\" as lib;\nprint(lib::all().len());\n");
    assert!(world.succeed("run importing a b").contains('2'));
    world.write("lib.rhai", "fn all() { [] }\n");
    assert!(world.fail(2, "run importing a b").contains("takes no arguments"));
    world.write("stack.rhai", "stack::install([], #{});\n");
    assert!(world.fail(2, "run stack --debug").contains("takes no arguments"));
}
