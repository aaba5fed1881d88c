//! The order in which things that wait for each other are started.

use super::Error;

/// Groups items, given as their names and those they come after, so that each comes
/// after all it waits for; those of one group wait for none of each other. Names of
/// nobody here are not waited for. Within a group the order stays.
///
/// # Errors
/// [`Error::Cycle`] with the names in the circle.
pub(crate) fn levels(items: &[(String, Vec<String>)]) -> Result<Vec<Vec<usize>>, Error> {
    let index = |name: &String| items.iter().position(|(other, _)| other == name);
    let mut left: Vec<usize> = (0..items.len()).collect();
    let mut levels: Vec<Vec<usize>> = Vec::new();
    while !left.is_empty() {
        let waits = |item: &usize| {
            items[*item].1.iter().filter_map(index).any(|other| left.contains(&other))
        };
        let (later, now): (Vec<usize>, Vec<usize>) = left.iter().partition(|item| waits(item));
        if now.is_empty() {
            return Err(Error::Cycle(circle(items, &left)));
        }
        levels.push(now);
        left = later;
    }
    Ok(levels)
}

/// Follows one that waits until a name comes again.
fn circle(items: &[(String, Vec<String>)], left: &[usize]) -> Vec<String> {
    let mut path = vec![left[0]];
    loop {
        let last = path[path.len() - 1];
        let next = left.iter().copied().find(|item| items[last].1.contains(&items[*item].0));
        // Each of those that are left waits for another one of them.
        let Some(next) = next else { break };
        if let Some(start) = path.iter().position(|item| *item == next) {
            path.drain(..start);
            path.push(next);
            break;
        }
        path.push(next);
    }
    path.into_iter().map(|item| items[item].0.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(list: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
        let words = |words: &[&str]| words.iter().map(ToString::to_string).collect();
        list.iter().map(|(name, after)| (name.to_string(), words(after))).collect()
    }

    #[test]
    fn each_comes_after_what_it_waits_for() {
        let list = items(&[
            ("web", &["db", "cache"]),
            ("db", &[]),
            ("cache", &["db"]),
            ("x", &["nobody"]),
        ]);
        assert_eq!(levels(&list).unwrap(), [vec![1, 3], vec![2], vec![0]]);
    }

    #[test]
    fn a_circle_is_shown() {
        let list = items(&[("start", &["a"]), ("a", &["b"]), ("b", &["c"]), ("c", &["a"])]);
        let error = levels(&list).unwrap_err().to_string();
        assert_eq!(error, "services start after each other in a circle: a → b → c → a");
        let own = levels(&items(&[("a", &["a"])])).unwrap_err().to_string();
        assert!(own.ends_with(": a → a"), "{own}");
    }
}
