//! What a script's author reads when something is wrong.

use crate::support::World;
use snapbox::str;

/// Runs a script of one text and compares the whole report.
fn report(text: &str, exit: i32, expected: impl snapbox::IntoData) {
    let world = World::new();
    world.write("a.rhai", text);
    world.hero("run a").assert().code(exit).stdout_eq("").stderr_eq(expected);
}

#[test]
fn unknown_function_with_the_chain_of_calls() {
    report(
        "fn inner() { git::ftech(\"a\") }\nfn outer() { inner() }\nouter();\n",
        1,
        str![[r#"
error: there is no function `git::ftech`
 --> a.rhai:1:19
  |
1 | fn inner() { git::ftech("a") }
  |                   ^^^^^
  in `inner` called at a.rhai:2
  in `outer` called at a.rhai:3

hint: did you mean `git::fetch`?

"#]],
    );
}

#[test]
fn unknown_option() {
    report(
        "let a = 1;\ngit::fetch(#{ repo: \"https://a.example/b\", brnach: \"main\" });\n",
        1,
        str![[r#"
error: `git::fetch` has no option `brnach`
 --> a.rhai:2:44
  |
2 | git::fetch(#{ repo: "https://a.example/b", brnach: "main" });
  |                                            ^^^^^^^

hint: did you mean `branch`?

"#]],
    );
}

#[test]
fn wrong_type_of_an_option() {
    report(
        "process::run(#{\n    cmd: \"ls\",\n});\n",
        1,
        str![[r#"
error: the option `cmd` of `process::run` is wrong: expected an array, found string "ls"
 --> a.rhai:2:5
  |
2 |     cmd: "ls",
  |     ^^^^

"#]],
    );
}

#[test]
fn wrong_type_of_an_argument() {
    report(
        "process::run(5);\n",
        1,
        str![[r#"
error: `process::run` cannot be called with an integer
 --> a.rhai:1:10
  |
1 | process::run(5);
  |          ^^^
  it is `process::run(cmd: array) -> map`
  it is `process::run(options: map) -> map`

"#]],
    );
}

#[test]
fn missing_option() {
    report(
        "cargo::build(#{ name: \"a\" });\n",
        1,
        str![[r#"
error: `cargo::build` needs the option `path`
 --> a.rhai:1:8
  |
1 | cargo::build(#{ name: "a" });
  |        ^^^^^

hint: add `path: …` to its map; `hero api cargo::build` shows an example

"#]],
    );
}

#[test]
fn unknown_key_of_a_description() {
    report(
        "fn service() {\n    #{\n        repo: \"https://a.example/b\",\n        fetaures: [\"tls\"],\n    }\n}\nservice::main(service());\n",
        1,
        str![[r#"
error: a description of a service has no key `fetaures`
 --> a.rhai:4:9
  |
4 |         fetaures: ["tls"],
  |         ^^^^^^^^^

hint: did you mean `features`?

"#]],
    );
}

#[test]
fn a_hook_that_is_no_closure() {
    report(
        "service::main(#{ repo: \"https://a.example/b\", after_install: \"echo\" });\n",
        1,
        str![[r#"
error: the hook `after_install` must be a closure, found a string
 --> a.rhai:1:47
  |
1 | service::main(#{ repo: "https://a.example/b", after_install: "echo" });
  |                                               ^^^^^^^^^^^^^^

hint: after_install: |ctx| { … }

"#]],
    );
}

#[test]
fn unknown_variable() {
    report(
        "let profile = 1;\nprint(profle);\n",
        1,
        str![[r#"
error: there is no variable `profle`
 --> a.rhai:2:7
  |
2 | print(profle);
  |       ^^^^^^

hint: did you mean `profile`?

"#]],
    );
}

#[test]
fn unknown_key_of_a_result() {
    report(
        "let flags = flags::parse();\nprint(flags.profle);\n",
        1,
        str![[r#"
error: the map has no key `profle`
 --> a.rhai:2:13
  |
2 | print(flags.profle);
  |             ^^^^^^

hint: did you mean `profile`?

"#]],
    );
}

#[test]
fn unknown_namespace() {
    report(
        "gti::fetch(\"a\");\n",
        1,
        str![[r#"
error: there is no namespace `gti`
 --> a.rhai:1:1
  |
1 | gti::fetch("a");
  | ^^^^^^^^^^

hint: did you mean `git`?

"#]],
    );
}

#[test]
fn a_script_throws_a_map() {
    report(
        "throw #{ message: \"the disk is tired\", hint: \"let it rest\", exit: 7 };\n",
        7,
        str![[r#"
error: the disk is tired
 --> a.rhai:1:1
  |
1 | throw #{ message: "the disk is tired", hint: "let it rest", exit: 7 };
  | ^^^^^

hint: let it rest

"#]],
    );
}

#[test]
fn a_script_throws_text() {
    report(
        "fn work() { throw \"no\" }\nwork();\n",
        1,
        str![[r#"
error: no
 --> a.rhai:1:13
  |
1 | fn work() { throw "no" }
  |             ^^^^^
  in `work` called at a.rhai:2

"#]],
    );
}

#[test]
fn reserved_word() {
    report(
        "let debug = true;\n",
        1,
        str![[r#"
error: `debug` is a reserved keyword
 --> a.rhai:1:5
  |
1 | let debug = true;
  |     ^^^^^

hint: `debug` is a reserved word of Rhai; compare `flags.profile == "debug"`, or write `map["debug"]`

"#]],
    );
}

#[test]
fn missing_semicolon() {
    report(
        "let a = 1\nlet b = 2;\n",
        1,
        str![[r#"
error: expecting `;` to terminate this statement
 --> a.rhai:2:1
  |
2 | let b = 2;
  | ^^^

hint: the line above it may lack a `;`

"#]],
    );
}

#[test]
fn parse_error_in_an_imported_script() {
    let world = World::new();
    world.write("lib/tools.rhai", "fn good() { 1 }\nfn bad( { 2 }\n");
    world.write("a.rhai", "import \"lib/tools\" as tools;\ntools::good();\n");
    world.hero("run a").assert().code(1).stderr_eq(str![[r#"
error: expecting `)` to close the parameters list of function `bad`
 --> lib/tools.rhai:2:9
  |
2 | fn bad( { 2 }
  |         ^

"#]]);
}

#[test]
fn fault_in_a_nested_import() {
    let world = World::new();
    world.write("lib/inner.rhai", "fn fail() { throw \"from inner\" }\n");
    world.write("lib/outer.rhai", "import \"inner\" as inner;\nfn work() { inner::fail() }\n");
    world.write("a.rhai", "import \"lib/outer\" as outer;\nouter::work();\n");
    world.hero("run a").assert().code(1).stderr_eq(str![[r#"
error: from inner
 --> lib/inner.rhai:1:13
  |
1 | fn fail() { throw "from inner" }
  |             ^^^^^
  in `fail` called at lib/outer.rhai:2
  in `work` called at a.rhai:2

"#]]);
}

#[test]
fn import_that_does_not_exist() {
    let world = World::new();
    world.write("tools.rhai", "");
    world.write("a.rhai", "import \"tolos\" as tools;\n");
    world.hero("run a").assert().code(1).stderr_eq(str![[r#"
error: there is no script `tolos` to import
 --> a.rhai:1:8
  |
1 | import "tolos" as tools;
  |        ^
  looked for tolos.rhai

hint: did you mean `tools`?

"#]]);
}

#[test]
fn script_that_does_not_exist() {
    let world = World::new();
    world.hero("run instal").assert().code(1).stderr_eq(str![[r#"
error: there is no script `instal`

hint: did you mean `install.rhai`?

"#]]);
}

#[test]
fn a_fault_in_a_closure_called_by_the_standard_library() {
    let world = World::new();
    let repo = world.crate_repo("app", "hello");
    world.service("app", &repo, "before_fetch: |ctx| ctx.servcie");
    world.hero("run app").assert().code(1).stderr_eq(str![[r#"
error: the map has no key `servcie`
 --> app.rhai:4:32
  |
4 |        before_fetch: |ctx| ctx.servcie }
  |                                ^^^^^^^
  in `service` called at stdlib/service.rhai:[LINE]
  in `fetch` called at stdlib/service.rhai:[LINE]
  in a closure called at stdlib/service.rhai:[LINE]
  in `install` called at stdlib/verbs.rhai:[LINE]
  in `run` called at stdlib/service.rhai:[LINE]
  in `main` called at app.rhai:6

hint: did you mean `service`?

"#]]);
}

#[test]
fn scripts_that_need_each_other() {
    let world = World::new();
    world.write("a.rhai", "import \"b\" as b;\n");
    world.write("b.rhai", "import \"a\" as a;\n");
    let said = world.fail(1, "run a");
    assert!(said.contains("scripts need each other in a circle"), "{said}");
    world.write(
        "self.rhai",
        "fn service() { load_service(\"self.rhai\") }\nload_service(\"self.rhai\");\n",
    );
    let said = world.fail(1, "run self");
    assert!(said.contains("in a circle"), "{said}");
}

#[test]
fn fault_at_the_top_of_an_imported_script() {
    let world = World::new();
    world.write("mod.rhai", "let a = 1;\n\nnosuch(3);\n");
    world.write("a.rhai", "import \"mod\" as m;\n");
    let said = world.fail(1, "run a");
    assert!(said.contains("mod.rhai:3:1"), "{said}");
}

#[test]
fn an_error_never_ends_with_0() {
    report(
        "throw #{ message: \"bad\", exit: 0 };\n",
        1,
        str![[r#"
error: bad
 --> a.rhai:1:1
  |
1 | throw #{ message: "bad", exit: 0 };
  | ^^^^^

"#]],
    );
}

#[test]
fn a_script_without_arguments_takes_none() {
    let world = World::new();
    world.write("a.rhai", "//! a: does one thing.\nfs::write(\"made\", \"x\");\n");
    let said = world.fail(2, "run a --bogus");
    assert!(said.contains("takes no arguments"), "{said}");
    assert!(world.succeed("run a --help").contains("a: does one thing."));
    assert!(world.succeed("run a --dry-run").contains("Would write"));
    assert!(!world.work("made").exists());
}

/// What once made Rhai panic, or could exhaust the host.
#[test]
fn no_script_makes_the_host_panic() {
    let deep = format!("let a = {}1{};", "(".repeat(4000), ")".repeat(4000));
    let scripts = [
        "const A = #{x: 1}; A.x = 2;",
        "fn f(x) { f(x + 1) } f(1);",
        "let a = []; a[5] = 1;",
        "let a = 9223372036854775807 + 1;",
        "let a = 1 / 0;",
        "let a = \"é\"; a[7];",
        "parse_args(#{ flags: [#{ name: \"a\" }, #{ name: \"a\" }] });",
        "parse_args(#{ flags: [#{ name: \"a\", short: \"long\" }] });",
        "parse_args(#{ flags: [#{ name: \"\" }] });",
        "parse_args(#{ flags: [#{ name: \"a\", conflicts: [\"b\"] }] });",
        "parse_args(#{ flags: [#{ name: \"help\" }] });",
        "parse_args(#{ positionals: [#{ name: \"a\", repeated: true }, #{ name: \"b\" }] });",
        "parse_args(#{ positionals: [#{ name: \"a\" }, #{ name: \"b\", required: true }] });",
        "parse_args(#{ flags: [#{ name: \"a\" }], positionals: [#{ name: \"a\" }] });",
        "parse_args(#{ verbs: [#{ name: \"a\" }], flags: [#{ name: \"verb\" }] });",
        "retry(0, || 1);",
        "exit(999);",
        "human::bytes(-1); human::duration(-1.0); human::duration(0.0/0.0); throw \"end\";",
        "env::get(\"\"); env::get(\"a=b\"); throw \"end\";",
        "process::run(#{ cmd: [] });",
        "process::run(#{ cmd: [\"true\"], timeout: -1.0 });",
        "process::run(#{ cmd: [\"a\\0b\"] });",
        "process::run(#{ cmd: [\"true\"], env: #{ \"a=b\": \"c\" } });",
        "fs::read(\"a\\0b\");",
        "fs::remove(\"/\");",
        "fs::remove(\".\");",
        "parse_args(#{ flags: [#{ name: \"a\", aliases: [\"b\"] }, #{ name: \"c\", conflicts: [\"b\"] }] });",
        "parse_args(#{ flags: [#{ name: \"a\", conflicts: [\"verb\"] }] });",
        "flags::parse(#{ flags: [#{ name: \"profile\", value: \"P\" }] });",
        "process::run(#{ cmd: [\"true\"], timeout: 1e19 }); throw \"end\";",
        "process::run(#{ cmd: [\"true\"], nice: 99 });",
        "parallel([1, 2], |x| throw x);",
        "parallel([1], |a, b| a);",
        "ui::table([\"a\"], [5]);",
        "call_hook(|a, b| a, #{});",
        "service::main(5);",
        "service::main(#{});",
        "stack::install([#{}], #{});",
        "cleanup::clear_debug_bins([\"..\"], false);",
        deep.as_str(),
        "let a = `${`",
        "\u{0}",
        "#{",
    ];
    for script in scripts {
        let world = World::new();
        world.write("a.rhai", script);
        let text = world.fail(1, "run a");
        assert!(text.starts_with("error: "), "{script}: {text}");
        assert!(!text.contains("panicked"), "{script}: {text}");
    }
}
