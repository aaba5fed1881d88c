//! Files and folders: every error says what was tried and on which path, and
//! what must survive a crash is written durably.
#![allow(clippy::disallowed_methods, reason = "the home of raw file calls")]

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::{Diagnostic, ErrorKind};

/// A file operation that failed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} `{}`: {}", path.display(), reason(source))]
pub(crate) struct Error {
    /// What was tried, as in "cannot … `path`".
    pub(crate) action: &'static str,
    /// On what.
    pub(crate) path: PathBuf,
    /// Why it failed.
    pub(crate) source: io::Error,
}

/// The system's reason without its number.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    text[..1].to_lowercase() + &text[1..]
}

impl Diagnostic for Error {
    fn kind(&self) -> ErrorKind {
        match self.source.kind() {
            io::ErrorKind::NotFound => ErrorKind::NotFound,
            io::ErrorKind::PermissionDenied => ErrorKind::PermissionDenied,
            io::ErrorKind::AlreadyExists => ErrorKind::AlreadyExists,
            io::ErrorKind::StorageFull => ErrorKind::DiskFull,
            _ => ErrorKind::Io,
        }
    }

    fn hint(&self) -> Option<String> {
        match self.source.kind() {
            io::ErrorKind::PermissionDenied => {
                Some(format!("check who owns it: ls -ld {}", self.path.display()))
            }
            io::ErrorKind::ReadOnlyFilesystem => Some(format!(
                "mount it writable, or choose another place: findmnt --target {}",
                self.path.display()
            )),
            io::ErrorKind::StorageFull => {
                Some("free some space, for instance: hero run clear_debug_bins.rhai".into())
            }
            _ => None,
        }
    }
}

/// The result of a file operation.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Puts the path and the action into the error of a raw call.
pub(crate) trait Context<T> {
    /// `action` completes "cannot … `path`".
    ///
    /// # Errors
    /// The error that was there before, with its context.
    fn at(self, action: &'static str, path: &Path) -> Result<T>;
}

impl<T> Context<T> for io::Result<T> {
    fn at(self, action: &'static str, path: &Path) -> Result<T> {
        self.map_err(|source| Error { action, path: path.to_owned(), source })
    }
}

/// Reads a whole file.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).at("read", path)
}

/// Reads a whole text file.
///
/// # Errors
/// When it cannot be read or is not UTF-8.
pub(crate) fn read_to_string(path: &Path) -> Result<String> {
    fs::read_to_string(path).at("read", path)
}

/// Writes a file so that a crash leaves the old or the new content: aside,
/// synced, renamed, folder synced. Makes missing folders.
///
/// # Errors
/// When any step fails; the old file is then still there.
pub(crate) fn write(path: &Path, content: &[u8]) -> Result<()> {
    put(path, content, For::Everybody, Until::Always)
}

/// The same for what only its owner may read.
///
/// # Errors
/// As of [`write`].
pub(crate) fn write_secret(path: &Path, content: &[u8]) -> Result<()> {
    put(path, content, For::Owner, Until::Always)
}

/// Writes a file so that whoever reads it sees the old or the new content; after a power
/// cut it may be either, or empty. For what is worth nothing then.
///
/// # Errors
/// When any step fails; the old file is then still there.
pub(crate) fn write_lightly(path: &Path, content: &[u8]) -> Result<()> {
    put(path, content, For::Everybody, Until::PowerCut)
}

/// Writes a file in place: a kill may leave a part of it, and nothing beside it. For notes
/// that are worth nothing then.
///
/// # Errors
/// When any step fails.
pub(crate) fn write_in_place(path: &Path, content: &[u8]) -> Result<()> {
    create(path)?.write_all(content).at("write", path)
}

/// Who may read a file.
#[derive(PartialEq)]
enum For {
    Everybody,
    Owner,
}

/// What a file must outlive.
#[derive(PartialEq)]
enum Until {
    PowerCut,
    Always,
}

fn put(path: &Path, content: &[u8], readers: For, until: Until) -> Result<()> {
    let parent = parent(path);
    create_dir_all(parent)?;
    let mut file =
        tempfile::Builder::new().prefix(".hero-").tempfile_in(parent).at("write", path)?;
    file.write_all(content).at("write", path)?;
    // It was made for its owner alone.
    if readers == For::Everybody {
        keep_mode(&file, path)?;
    }
    if until == Until::Always {
        file.as_file().sync_all().at("write", path)?;
    }
    file.persist(path).map_err(|error| error.error).at("write", path)?;
    if until == Until::Always { sync_dir(parent) } else { Ok(()) }
}

/// A replaced file keeps its mode; a new one gets the usual 0644.
fn keep_mode(file: &tempfile::NamedTempFile, path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).map_or(0o644, |data| data.permissions().mode());
    file.as_file().set_permissions(fs::Permissions::from_mode(mode)).at("write", path)
}

/// The folder a path lies in; the working directory for a bare name.
pub(crate) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes what was renamed in a folder durable.
///
/// # Errors
/// When the folder cannot be synced.
pub(crate) fn sync_dir(path: &Path) -> Result<()> {
    let dir = fs::File::open(path).at("sync", path)?;
    dir.sync_all().at("sync", path)
}

/// Opens a file for reading.
///
/// # Errors
/// When it cannot be opened.
pub(crate) fn open(path: &Path) -> Result<fs::File> {
    fs::File::open(path).at("open", path)
}

/// Makes a new or truncates an old file, with its folders.
///
/// # Errors
/// When it cannot be made.
pub(crate) fn create(path: &Path) -> Result<fs::File> {
    create_dir_all(parent(path))?;
    fs::File::create(path).at("create", path)
}

/// An empty file without a name, in memory where the system has such files.
///
/// # Errors
/// When there is no room for it.
pub(crate) fn anonymous_file() -> Result<fs::File> {
    #[cfg(target_os = "linux")]
    let file = rustix::fs::memfd_create("hero", rustix::fs::MemfdFlags::CLOEXEC)
        .map(fs::File::from)
        .map_err(io::Error::from);
    #[cfg(not(target_os = "linux"))]
    let file = tempfile::tempfile();
    file.at("create a temporary file in", &std::env::temp_dir())
}

/// Opens a file to write at its end, or makes it, with its folders. Others may not
/// read what it holds.
///
/// # Errors
/// When it cannot be opened.
pub(crate) fn append(path: &Path) -> Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    create_dir_all(parent(path))?;
    let mut options = fs::OpenOptions::new();
    options.create(true).append(true).mode(0o600).open(path).at("open", path)
}

/// Makes a folder and those above it.
///
/// # Errors
/// When one of them cannot be made.
pub(crate) fn create_dir_all(path: &Path) -> Result<()> {
    fs::create_dir_all(path).at("create the folder", path)
}

/// Makes a folder and those above it, each of them durable; `mode`, where
/// given, is set on those made, whatever the umask says.
///
/// # Errors
/// When one of them cannot be made, or the folder above it not be synced.
pub(crate) fn create_dir_all_durably(path: &Path, mode: Option<u32>) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let above = parent(path);
    create_dir_all_durably(above, mode)?;
    match fs::create_dir(path) {
        // Somebody else was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {}
        result => result.at("create the folder", path)?,
    }
    if let Some(mode) = mode {
        set_mode(path, mode)?;
    }
    sync_dir(above)
}

/// Sets the permissions of a file or folder.
///
/// # Errors
/// When the system refuses.
pub(crate) fn set_mode(path: &Path, mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).at("set the mode of", path)
}

/// Gives a file a second name on the same file system.
///
/// # Errors
/// When something is there already or the system refuses.
pub(crate) fn hard_link(from: &Path, to: &Path) -> Result<()> {
    fs::hard_link(from, to).at("link", from)
}

/// Removes a folder if it is there and empty; whether it did.
///
/// # Errors
/// When it is there, empty, and cannot be removed.
pub(crate) fn remove_empty_dir(path: &Path) -> Result<bool> {
    match fs::remove_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(false),
        result => absent_is_fine(result).at("remove", path),
    }
}

/// Makes a folder `<prefix>XXXXXX` in `parent` that is removed on drop, with
/// the mode that a plain `mkdir` gives.
///
/// # Errors
/// When it cannot be made.
pub(crate) fn temporary_dir(parent: &Path, prefix: &str) -> Result<tempfile::TempDir> {
    use std::os::unix::fs::PermissionsExt;
    tempfile::Builder::new()
        .prefix(prefix)
        .permissions(fs::Permissions::from_mode(0o777))
        .tempdir_in(parent)
        .at("create a folder in", parent)
}

/// Renames, which replaces a file at `to`.
///
/// # Errors
/// When the system refuses.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).at("rename", from)
}

/// Copies one file with its mode; the number of bytes.
///
/// # Errors
/// When reading or writing fails.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<u64> {
    create_dir_all(parent(to))?;
    fs::copy(from, to).map_err(|source| match source.kind() {
        // Which disk is full is what one wants to know.
        io::ErrorKind::StorageFull => Error { action: "write", path: to.to_owned(), source },
        _ => Error { action: "copy", path: from.to_owned(), source },
    })
}

/// Copies the content of an open file into a new one that only its owner may
/// read and that nobody runs; the system shares or copies the blocks where it
/// can. Mode and owner are the caller's to set.
///
/// # Errors
/// When something is at `to`, or reading or writing fails.
pub(crate) fn copy_content(from: &fs::File, to: &Path) -> Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = fs::OpenOptions::new();
    let mut file =
        options.read(true).write(true).create_new(true).mode(0o600).open(to).at("create", to)?;
    io::copy(&mut &*from, &mut file).at("write", to)?;
    Ok(file)
}

/// Makes an empty file, or gives one that is there the time of now.
///
/// # Errors
/// When the system refuses.
pub(crate) fn touch(path: &Path) -> Result<()> {
    let mut options = fs::OpenOptions::new();
    let file = options.create(true).append(true).open(path).at("touch", path)?;
    file.set_modified(std::time::SystemTime::now()).at("touch", path)
}

/// When the content of a file or folder was last changed; `None` where that is not
/// known.
pub(crate) fn modified(path: &Path) -> Option<std::time::SystemTime> {
    fs::symlink_metadata(path).ok()?.modified().ok()
}

/// Removes a file, a link, or a folder with everything in it, if it is there.
///
/// # Errors
/// When it is there and cannot be removed.
pub(crate) fn remove(path: &Path) -> Result<bool> {
    match kind(path)? {
        Some(kind) if kind.is_dir() => remove_dir_all(path),
        _ => remove_file(path),
    }
}

/// Removes a file or link if it is there; whether it was.
///
/// # Errors
/// When it is there and cannot be removed.
pub(crate) fn remove_file(path: &Path) -> Result<bool> {
    absent_is_fine(fs::remove_file(path)).at("remove", path)
}

/// Removes a folder with everything in it if it is there; whether it was.
///
/// # Errors
/// When it is there and cannot be removed.
pub(crate) fn remove_dir_all(path: &Path) -> Result<bool> {
    let mut result = fs::remove_dir_all(path);
    for _ in 0..PATIENCE {
        match &result {
            // A program that a killed hero had started may be writing there still.
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {
                std::thread::sleep(MOMENT);
                result = fs::remove_dir_all(path);
            }
            _ => break,
        }
    }
    absent_is_fine(result).at("remove", path)
}

/// How often a folder that somebody writes into is tried again.
const PATIENCE: u32 = 100;
/// The time between two tries.
const MOMENT: std::time::Duration = std::time::Duration::from_millis(20);

fn absent_is_fine(result: io::Result<()>) -> io::Result<bool> {
    match result {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Makes a symbolic link at `link` to `target`.
///
/// # Errors
/// When something is there already or the folder cannot be written.
pub(crate) fn symlink(target: &Path, link: &Path) -> Result<()> {
    std::os::unix::fs::symlink(target, link).at("link", link)
}

/// Where a symbolic link points; `None` when there is no link.
pub(crate) fn read_link(path: &Path) -> Option<PathBuf> {
    fs::read_link(path).ok()
}

/// Where a symbolic link points; `None` only when there certainly is no link.
///
/// # Errors
/// When the path cannot be looked at.
pub(crate) fn link_target(path: &Path) -> Result<Option<PathBuf>> {
    match fs::read_link(path) {
        Ok(target) => Ok(Some(target)),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::InvalidInput => Ok(None),
            _ => Err(error).at("look at", path),
        },
    }
}

/// What is at this path, links not followed; `None` only when there certainly
/// is nothing.
///
/// # Errors
/// When the path cannot be looked at.
pub(crate) fn kind(path: &Path) -> Result<Option<fs::FileType>> {
    match fs::symlink_metadata(path) {
        Ok(data) => Ok(Some(data.file_type())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).at("look at", path),
    }
}

/// Whether anything, even a dangling link, is at this path.
pub(crate) fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Owner, mode and kind of a file or link, links not followed.
///
/// # Errors
/// When there is none.
pub(crate) fn link_metadata(path: &Path) -> Result<fs::Metadata> {
    fs::symlink_metadata(path).at("look at", path)
}

/// Size, mode and kind of a file, links followed.
///
/// # Errors
/// When there is none.
pub(crate) fn metadata(path: &Path) -> Result<fs::Metadata> {
    fs::metadata(path).at("look at", path)
}

/// Whether two paths are names of one file or of one link; links are not followed.
///
/// # Errors
/// When one of them cannot be looked at.
pub(crate) fn same_file(one: &Path, other: &Path) -> Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let id = |path: &Path| {
        fs::symlink_metadata(path).map(|data| (data.dev(), data.ino())).at("look at", path)
    };
    Ok(id(one)? == id(other)?)
}

/// The absolute path without links.
///
/// # Errors
/// When something of it does not exist.
pub(crate) fn canonicalize(path: &Path) -> Result<PathBuf> {
    fs::canonicalize(path).at("find", path)
}

/// The entries of a folder, sorted; empty when there is no such folder.
///
/// # Errors
/// When the folder is there and cannot be read.
pub(crate) fn list(path: &Path) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).at("list", path),
    };
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.at("list", path)?.path());
    }
    paths.sort();
    Ok(paths)
}

/// Bytes in a file or below a folder, links not followed; what cannot be read
/// counts nothing.
pub(crate) fn size(path: &Path) -> u64 {
    walkdir::WalkDir::new(path)
        .into_iter()
        .filter_map(std::result::Result::ok)
        .filter_map(|entry| entry.metadata().ok())
        .filter(fs::Metadata::is_file)
        .map(|data| data.len())
        .sum()
}

/// Whether this process may create files in `dir`, or in the nearest folder
/// above it that exists. Asked of the system by making a file and dropping it.
///
/// # Errors
/// The reason it may not.
pub(crate) fn check_writable(dir: &Path) -> Result<()> {
    let existing = dir.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new("/"));
    tempfile::tempfile_in(existing).map(drop).at("write to", dir)
}

/// A path as people type it: relative to the working directory where it is below it.
pub(crate) fn relative(path: &Path) -> String {
    std::env::current_dir()
        .ok()
        .and_then(|cwd| path.strip_prefix(cwd).ok().map(|path| path.display().to_string()))
        .filter(|text| !text.is_empty())
        .unwrap_or_else(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_action_path_and_reason() {
        let error = read(Path::new("/no/such/file")).unwrap_err();
        assert_eq!(error.to_string(), "cannot read `/no/such/file`: no such file or directory");
        assert_eq!(error.kind(), "not_found");
    }

    #[test]
    fn a_folder_that_somebody_writes_into_is_removed_when_they_are_done() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("busy");
        fs::create_dir(&path).unwrap();
        let folder = path.clone();
        let writer = std::thread::spawn(move || {
            let begun = std::time::Instant::now();
            for number in 0.. {
                if begun.elapsed() > std::time::Duration::from_millis(200) {
                    break;
                }
                let _gone = fs::create_dir_all(&folder);
                let _gone = fs::write(folder.join(format!("{number}")), b"x");
            }
        });
        while !writer.is_finished() {
            remove_dir_all(&path).unwrap();
        }
        writer.join().unwrap();
        remove_dir_all(&path).unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn write_replaces_whole_and_keeps_the_mode() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b");
        write(&path, b"one").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(read(&path).unwrap(), b"two");
        assert_eq!(metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(list(&dir.path().join("a")).unwrap(), [path]);
    }
}
