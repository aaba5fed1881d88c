//! Git's progress lines.

/// The numbers in `Receiving objects:  61% (123/200), 4.10 MiB | 1.2 MiB/s`;
/// bytes are rounded by git itself.
pub(in crate::git) fn progress(line: &str) -> Option<(u64, u64, u64)> {
    let rest = line.strip_prefix("Receiving objects:")?;
    let (_, counts) = rest.split_once('(')?;
    let (counts, rest) = counts.split_once(')')?;
    let (objects, total) = counts.split_once('/')?;
    Some((objects.parse().ok()?, total.parse().ok()?, size(rest).unwrap_or(0)))
}

/// The bytes in `, 4.10 MiB | 1.2 MiB/s`.
fn size(text: &str) -> Option<u64> {
    let mut words = text.trim_start_matches(',').split_whitespace();
    let number = words.next()?;
    let unit: u64 = match words.next()? {
        "bytes" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let hundredths: u64 = format!("{part:0<2}").get(..2)?.parse().ok()?;
    Some(whole.parse::<u64>().ok()? * unit + hundredths * unit / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_read_from_git_s_words() {
        let line = "Receiving objects:  61% (123/200), 4.50 MiB | 1.2 MiB/s";
        assert_eq!(progress(line), Some((123, 200, 4_718_592)));
        assert_eq!(progress("Receiving objects: 100% (5/5), done."), Some((5, 5, 0)));
        assert_eq!(progress("remote: Counting objects: 5"), None);
    }
}
