//! Paths and names in texts for people.

use std::path::Path;

/// A path as people write it, in one line that is safe to show.
pub(crate) fn path(path: &Path) -> String {
    text(&path.to_string_lossy())
}

/// A text as it is, but for what moves a terminal's cursor or colours it. Unlike `escape_debug`
/// this leaves the backslashes of Windows alone.
pub(super) fn text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter.is_control() {
            true => shown.extend(letter.escape_default()),
            false => shown.push(letter),
        }
    }
    shown
}
