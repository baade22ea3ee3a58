//! What was probably meant by a word that nobody knows.

/// The candidate that takes the fewest letters to correct, if few enough; case and `-` or `_` make no difference.
///
/// ```
/// use rota_policy::near::nearest;
/// assert_eq!(nearest("max-wiat", ["slice", "max_wait"]), Some("max_wait"));
/// assert_eq!(nearest("colour", ["slice", "max_wait"]), None);
/// ```
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let wanted = plain(word);
    let most = (wanted.len() / 3).clamp(1, 2);
    let near = candidates.into_iter().map(|c| {
        let known = plain(c);
        (distance(&wanted, &known), known.len().abs_diff(wanted.len()), c)
    });
    near.filter(|(far, ..)| *far <= most).min().map(|(.., candidate)| candidate)
}

fn plain(word: &str) -> Vec<char> {
    // Longer words are no names of anything, and comparing them takes time.
    word.chars()
        .take(64)
        .flat_map(char::to_lowercase)
        .map(|c| if c == '-' { '_' } else { c })
        .collect()
}

/// Letters to put in, take out, replace, or swap with their neighbour.
pub fn distance(a: &[char], b: &[char]) -> usize {
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let replaced = rows[i][j] + usize::from(x != y);
            let mut least = replaced.min(row[j] + 1).min(rows[i][j + 1] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows.last().and_then(|row| row.last()).copied().unwrap_or(0)
}
