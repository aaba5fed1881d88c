//! Copies of whole folders, exact in what matters: kinds, contents, modes,
//! times of files, links, and which files are one.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Makes `to` what `from` is.
pub fn replace(from: &Path, to: &Path) {
    if to.exists() {
        fs::remove_dir_all(to).expect("the folder is removed");
    }
    copy(from, to, &mut HashMap::new());
}

fn copy(from: &Path, to: &Path, seen: &mut HashMap<u64, PathBuf>) {
    let data = fs::symlink_metadata(from).expect("metadata");
    if data.is_symlink() {
        let target = fs::read_link(from).expect("a link");
        std::os::unix::fs::symlink(target, to).expect("the link is made");
    } else if data.is_dir() {
        fs::create_dir(to).expect("the folder is made");
        for entry in fs::read_dir(from).expect("a folder") {
            let entry = entry.expect("an entry");
            copy(&entry.path(), &to.join(entry.file_name()), seen);
        }
        fs::set_permissions(to, data.permissions()).expect("a mode");
    } else if let Some(first) = seen.get(&data.ino()) {
        fs::hard_link(first, to).expect("the second name");
    } else {
        // This keeps the mode.
        fs::copy(from, to).expect("the file is copied");
        let time = data.modified().expect("a time");
        fs::File::open(to).and_then(|it| it.set_modified(time)).expect("the time is set");
        if data.nlink() > 1 {
            seen.insert(data.ino(), to.to_owned());
        }
    }
}

/// Every path below a folder, links not followed; none when it is not there.
pub fn paths(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for path in entries(folder) {
        if fs::symlink_metadata(&path).is_ok_and(|data| data.is_dir()) {
            all.extend(paths(&path));
        }
        all.push(path);
    }
    all
}

/// What lies in a folder, sorted; nothing when it is not there.
pub fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut entries: Vec<_> = entries.map(|it| it.expect("an entry").path()).collect();
    entries.sort();
    entries
}

/// The last part of a path.
pub fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
