//! A workspace whose program prints everything that its build read.

/// Path and content; `ROOT` stands for the folder of the test.
pub const FILES: &[(&str, &str)] = &[
    (".gitignore", "/ignored\n/.cargo\n/link\n/rust-toolchain.toml\n"),
    (
        "Cargo.toml",
        "[workspace]\nmembers = [\"app\", \"library\", \"derive\", \"whole\", \"listed\"]\nexclude = [\"vendor\"]\nresolver = \"2\"\n",
    ),
    (
        "app/Cargo.toml",
        "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\ndescription = \"first\"\n\
         [features]\nextra = []\n\
         [lints.rust]\nunexpected_cfgs = \"allow\"\n\
         [dependencies]\nlibrary = { path = \"../library\" }\nderive = { path = \"../derive\" }\n\
         whole = { path = \"../whole\" }\nlisted = { path = \"../listed\" }\n\
         outside = { path = \"ROOT/outside/member\" }\nremote = { path = \"ROOT/outside/remote\" }\n",
    ),
    (
        "app/build.rs",
        "fn main() {\n    let root = std::path::Path::new(\"..\");\n\
         let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap_or_default().trim().to_owned();\n\
         let mut names: Vec<String> = walk(&root.join(\"ignored/folder\"));\n    names.sort();\n\
         println!(\"cargo::rerun-if-changed=../ignored/script.txt\");\n\
         println!(\"cargo::rerun-if-changed=../ignored/folder\");\n\
         println!(\"cargo::rerun-if-changed=build.rs\");\n\
         println!(\"cargo::rerun-if-env-changed=SCRIPT_VARIABLE\");\n\
         println!(\"cargo::rustc-env=SCRIPT_FILE={}\", read(\"ignored/script.txt\"));\n\
         println!(\"cargo::rustc-env=SCRIPT_FOLDER={}\", names.join(\",\"));\n\
         println!(\"cargo::rustc-env=SCRIPT_VARIABLE_SEEN={}\", std::env::var(\"SCRIPT_VARIABLE\").unwrap_or_default());\n\
         println!(\"cargo::rustc-env=SCRIPT_SELF=first\");\n\
         println!(\"   cargo:rerun-if-changed=../ignored/indented.txt\");\n\
         println!(\"cargo::rerun-if-changed=../ignored/links\");\n\
         println!(\"cargo::rustc-env=SCRIPT_INDENTED={}\", read(\"ignored/indented.txt\"));\n\
         let links = std::fs::read_dir(root.join(\"ignored/links\")).into_iter().flatten().flatten();\n\
         let mut links: Vec<String> = links.filter_map(|it| std::fs::read_link(it.path()).ok()).map(|it| it.display().to_string()).collect();\n    links.sort();\n\
         println!(\"cargo::rustc-env=SCRIPT_LINKS={}\", links.join(\",\"));\n\
         let out = std::env::var(\"OUT_DIR\").unwrap();\n\
         std::fs::write(std::path::Path::new(&out).join(\"made.rs\"), \"const MADE: &str = \\\"made\\\";\").unwrap();\n}\n\
         fn walk(folder: &std::path::Path) -> Vec<String> {\n    let mut found = Vec::new();\n\
         for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {\n\
         let path = entry.path();\n        if path.is_dir() { found.extend(walk(&path)); continue; }\n\
         found.push(std::fs::read_to_string(&path).unwrap().trim().to_owned());\n    }\n    found\n}\n",
    ),
    (
        "app/src/main.rs",
        "mod part;\ninclude!(concat!(env!(\"OUT_DIR\"), \"/made.rs\"));\ninclude!(\"../../ignored/included.rs\");\n\
         fn main() {\n    let show = |key: &str, value: &str| println!(\"{key}={}\", value.trim());\n\
         show(\"main\", \"first\");\n    show(\"part\", part::VALUE);\n    show(\"made\", MADE);\n\
         show(\"included\", INCLUDED);\n\
         show(\"dist\", include_str!(\"../../ignored/dist.html\"));\n\
         show(\"bytes\", std::str::from_utf8(include_bytes!(\"../../ignored/bytes\")).unwrap());\n\
         show(\"absolute\", include_str!(\"ROOT/outside/absolute.txt\"));\n\
         show(\"link\", include_str!(\"../../link\"));\n\
         show(\"variable\", option_env!(\"APP_VARIABLE\").unwrap_or(\"none\"));\n\
         show(\"configured\", option_env!(\"CONFIGURED\").unwrap_or(\"none\"));\n\
         show(\"script_file\", env!(\"SCRIPT_FILE\"));\n    show(\"script_folder\", env!(\"SCRIPT_FOLDER\"));\n\
         show(\"script_variable\", env!(\"SCRIPT_VARIABLE_SEEN\"));\n    show(\"script_self\", env!(\"SCRIPT_SELF\"));\n\
         show(\"description\", env!(\"CARGO_PKG_DESCRIPTION\"));\n\
         show(\"extra\", if cfg!(feature = \"extra\") { \"yes\" } else { \"no\" });\n\
         show(\"assertions\", if cfg!(debug_assertions) { \"yes\" } else { \"no\" });\n\
         let mut cfgs = Vec::new();\n\
         if cfg!(c1) { cfgs.push(\"c1\"); } if cfg!(c2) { cfgs.push(\"c2\"); } if cfg!(c3) { cfgs.push(\"c3\"); }\n\
         if cfg!(c4) { cfgs.push(\"c4\"); } if cfg!(c5) { cfgs.push(\"c5\"); } if cfg!(c6) { cfgs.push(\"c6\"); }\n\
         if cfg!(c7) { cfgs.push(\"c7\"); } if cfg!(c8) { cfgs.push(\"c8\"); } if cfg!(c9) { cfgs.push(\"c9\"); }\n\
         show(\"cfgs\", &cfgs.join(\",\"));\n\
         show(\"library\", library::VALUE);\n    show(\"library_variable\", library::VARIABLE);\n\
         show(\"derive\", derive::value!());\n    show(\"whole\", whole::VALUE);\n    show(\"listed\", listed::VALUE);\n\
         show(\"outside\", outside::VALUE);\n    show(\"outside_package\", outside::PACKAGE);\n\
         show(\"remote\", remote::VALUE);\n    show(\"remote_package\", remote::PACKAGE);\n\
         show(\"script_indented\", env!(\"SCRIPT_INDENTED\"));\n    show(\"script_links\", env!(\"SCRIPT_LINKS\"));\n}\n",
    ),
    ("app/src/part.rs", "pub const VALUE: &str = \"first\";\n"),
    (
        "library/Cargo.toml",
        "[package]\nname = \"library\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
    ),
    (
        "library/src/lib.rs",
        "pub const VALUE: &str = \"first\";\npub const VARIABLE: &str = match option_env!(\"LIBRARY_VARIABLE\") { Some(value) => value, None => \"none\" };\n",
    ),
    (
        "derive/Cargo.toml",
        "[package]\nname = \"derive\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[lib]\nproc-macro = true\n",
    ),
    (
        "derive/src/lib.rs",
        "#[proc_macro]\npub fn value(_: proc_macro::TokenStream) -> proc_macro::TokenStream {\n    \"\\\"first\\\"\".parse().unwrap()\n}\n",
    ),
    ("whole/Cargo.toml", "[package]\nname = \"whole\"\nversion = \"0.1.0\"\nedition = \"2021\"\n"),
    ("whole/notes.txt", "first\n"),
    (
        "whole/build.rs",
        "fn main() { println!(\"cargo::rustc-env=NOTES={}\", std::fs::read_to_string(\"notes.txt\").unwrap().trim()); }\n",
    ),
    ("whole/src/lib.rs", "pub const VALUE: &str = env!(\"NOTES\");\n"),
    (
        "listed/Cargo.toml",
        "[package]\nname = \"listed\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
    ),
    ("listed/src/lib.rs", "pub const VALUE: &str = include_str!(\"../../ignored/listed.txt\");\n"),
];

/// The same in the folder of the test, outside the checkout.
pub const OUTSIDE: &[(&str, &str)] = &[
    ("outside/absolute.txt", "first\n"),
    ("outside/linked.txt", "first\n"),
    ("outside/relinked.txt", "relinked\n"),
    (
        "outside/Cargo.toml",
        "[workspace]\nmembers = [\"member\"]\nresolver = \"2\"\n[workspace.package]\ndescription = \"first\"\n",
    ),
    (
        "outside/elsewhere/Cargo.toml",
        "[workspace]\nmembers = [\"../remote\"]\nresolver = \"2\"\n[workspace.package]\ndescription = \"first\"\n",
    ),
    (
        "outside/remote/Cargo.toml",
        "[package]\nname = \"remote\"\nversion = \"0.1.0\"\nedition = \"2021\"\nworkspace = \"../elsewhere\"\ndescription.workspace = true\n",
    ),
    (
        "outside/remote/src/lib.rs",
        "pub const VALUE: &str = match option_env!(\"MADE_BY_SCRIPT\") { Some(value) => value, None => \"none\" };\npub const PACKAGE: &str = env!(\"CARGO_PKG_DESCRIPTION\");\n",
    ),
    (
        "outside/member/Cargo.toml",
        "[package]\nname = \"outside\"\nversion = \"0.1.0\"\nedition = \"2021\"\ndescription.workspace = true\n",
    ),
    (
        "outside/member/src/lib.rs",
        "pub const VALUE: &str = \"first\";\npub const PACKAGE: &str = env!(\"CARGO_PKG_DESCRIPTION\");\n",
    ),
];

/// What git ignores in the checkout.
pub const IGNORED: &[(&str, &str)] = &[
    ("ignored/dist.html", "first\n"),
    ("ignored/bytes", "first\n"),
    ("ignored/included.rs", "const INCLUDED: &str = \"first\";\n"),
    ("ignored/script.txt", "first\n"),
    ("ignored/folder/a.txt", "a\n"),
    ("ignored/folder/inner/b.txt", "b\n"),
    ("ignored/listed.txt", "first\n"),
    ("ignored/indented.txt", "first\n"),
    ("ignored/links/.keep", ""),
];
