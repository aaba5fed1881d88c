//! `hero list --sizes`.

use super::measure::{du, folders};
use crate::support::World;

#[test]
fn each_line_and_the_sum_are_those_of_du() {
    let world = World::new();
    for name in ["one", "two"] {
        world.service(name, &world.crate_repo(name, "hello"), "");
        world.succeed(&format!("run {name} --debug"));
        world.succeed(&format!("run {name} --release"));
    }
    world.succeed("uninstall two");
    let output = world.command("list --sizes --json").output().unwrap();
    let sizes: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let [build, store] = folders(&world);
    let mut sum = 0;
    for (index, name) in ["one", "two"].iter().enumerate() {
        let service = &sizes["services"][index];
        let size = |key: &str| service[key].as_u64().unwrap();
        assert_eq!(service["service"], *name);
        assert_eq!(service["installed"], *name == "one");
        let stored = size("binaries") + size("debug_binaries");
        assert_eq!(stored, du(&[store.join(name)]), "{service}");
        let build_of = |profile: &str| service["build"][profile].as_u64().unwrap();
        assert_eq!(build_of("debug"), du(&[build.join(name).join("debug")]));
        assert_eq!(build_of("release"), du(&[build.join(name).join("release")]));
        let all = build_of("debug") + build_of("release") + size("other_build");
        assert_eq!(all, du(&[build.join(name)]), "{service}");
        assert_eq!(size("total"), stored + all);
        sum += size("total");
    }
    assert_eq!(sizes["total"].as_u64().unwrap(), sum);
    // The two folders above them come on top.
    let whole = du(&[build, store]);
    assert!((whole - sum) * 100 <= whole, "{sum}, but {whole} by du");

    let said = world.succeed("list --sizes");
    let lines: Vec<Vec<&str>> = said
        .lines()
        .map(|line| line.split("  ").filter(|it| !it.is_empty()).map(str::trim).collect())
        .collect();
    assert_eq!(
        lines[0],
        [
            "SERVICE",
            "BINARIES",
            "DEBUG BINARIES",
            "DEBUG BUILD",
            "RELEASE BUILD",
            "OTHER BUILD FILES",
            "TOTAL"
        ]
    );
    assert_eq!((lines[1][0], lines[2][0]), ("one", "two (not installed)"));
    assert_eq!(lines[3][0], "total");
    assert_eq!(lines.len(), 4, "{said}");
}

#[test]
fn nothing_is_there() {
    let world = World::new();
    let said = world.succeed("list --sizes");
    assert!(said.contains("nothing is installed"), "{said}");
    assert_eq!(
        world.succeed("list --sizes --json").trim(),
        "{\"services\":[],\"total\":0,\"foreign\":[]}"
    );
}
