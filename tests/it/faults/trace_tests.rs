#[test]
fn calls_of_two_threads_are_read() {
    use std::path::Path;

    use super::{Call, parse};

    let calls = parse(concat!(
        "10    mkdir(\"/r/a\", 0777)       = 0\n",
        "11    mkdir(\"/r/b\", 0777 <unfinished ...>\n",
        "10    unlinkat(5</r/a>, \"x\", 0) = -1 EIO (Input/output error) (INJECTED)\n",
        "11    <... mkdir resumed>)        = 0\n",
        "10    openat(AT_FDCWD</r/work>, \"/etc/x\", O_RDONLY|O_CREAT) = 3</etc/x>\n",
        "10    write(4</r/f>, \"a \\\"(/b\\\" = 1\"..., 9) = 9\n",
        "10    symlink(\"/r/to\", \"/r/link\") = ?\n",
        "10    mkdir(\"/r/c\", 0777) = 0\n",
        "10    rename(\"/r/a\", \"/r/b\" <unfinished ...>) = ?\n",
        "10    openat(AT_FDCWD</r/in>, \"x\", O_RDONLY) = 3</r/in/x>\n",
        "10    rename(\"x\", \"y\") = 0\n",
        "10    --- SIGCHLD {si_signo=SIGCHLD} ---\n",
        "11    +++ killed by SIGKILL +++\n",
    ));
    let told: Vec<_> = calls.iter().map(|it| it.describe(Path::new("/r"))).collect();
    let expected = [
        "mkdir#1 a",
        "mkdir#1 b",
        "unlinkat#1 a/x",
        "openat#1 /etc/x",
        "write#1 f",
        "symlink#1 link",
        "mkdir#2 c",
        "rename#1 a → b",
        "openat#2 in/x",
        "rename#2 in/x → in/y",
    ];
    assert_eq!(told, expected);
    let root = Path::new("/r");
    let changes: Vec<_> = calls.iter().map(|it| it.changes(root)).collect();
    assert_eq!(changes, [true, true, true, false, true, true, true, true, false, true]);
    let hit: Vec<_> = calls.iter().map(Call::was_hit).collect();
    assert_eq!(hit, [false, false, true, false, false, true, false, true, false, false]);
    assert_eq!(calls[1].result, "0");
}
