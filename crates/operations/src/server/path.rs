//! Paths of requests, and the templates of operations.

/// Whether `path` matches `template`. `found` is told of each label, still encoded.
pub(super) fn matches<'a>(
    mut template: &'static str,
    mut path: &'a str,
    mut found: impl FnMut(&'static str, &'a str),
) -> bool {
    while let Some((fixed, rest)) = cut(template, b'{') {
        let Some(behind) = path.strip_prefix(fixed) else {
            return false;
        };
        let label = cut(behind, b'/').map_or(behind, |(label, _)| label);
        if label.is_empty() {
            return false;
        }
        let (name, rest) = cut(rest, b'}').unwrap_or((rest, ""));
        found(name, label);
        (template, path) = (rest, behind.get(label.len()..).unwrap_or_default());
    }
    template == path
}

/// What `template` ends in, behind its last label.
pub(super) const fn tail(template: &str) -> &str {
    let mut start = template.len();
    while start > 0 {
        let (before, tail) = template.split_at(start);
        if let [.., b'}'] = before.as_bytes() {
            return tail;
        }
        start -= 1;
    }
    template
}

/// `text` before and behind the first `byte`, an ASCII one. As `split_once` does it, and faster for
/// texts as short as these.
fn cut(text: &str, byte: u8) -> Option<(&str, &str)> {
    let place = text.bytes().position(|it| it == byte)?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}
