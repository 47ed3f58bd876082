//! Numbers, nouns and directions in words.

use geo::Point;

/// A number in words up to twelve.
pub(super) fn number(count: usize) -> String {
    const WORDS: [&str; 13] = [
        "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve",
    ];
    WORDS.get(count).map_or_else(|| count.to_string(), |word| (*word).into())
}

/// Some of what is called `label`: "one fire trench", "two fire trenches", "12 PFM-1".
pub(super) fn some(count: usize, label: &str) -> String {
    if count == 1 { format!("one {label}") } else { format!("{} {}", number(count), plural(label)) }
}

/// "a fire trench", "an anti-tank ditch".
pub(super) fn a(label: &str) -> String {
    let is_vowel = label.starts_with(['a', 'e', 'i', 'o', 'u']) || label.starts_with("AP ");
    format!("{} {label}", if is_vowel { "an" } else { "a" })
}

/// The plural of a name; of a designation such as `PMN-2` itself. Of "foxhole or dugout" both.
pub(super) fn plural(label: &str) -> String {
    if let Some((one, other)) = label.split_once(" or ") {
        return format!("{} or {}", plural(one), plural(other));
    }
    let ends = |ends: &[&str]| ends.iter().any(|end| label.ends_with(end));
    let last = label.chars().next_back();
    if !last.is_some_and(|letter| letter.is_ascii_lowercase()) {
        label.to_owned()
    } else if ends(&["ch", "sh", "s", "x"]) {
        format!("{label}es")
    } else {
        format!("{label}s")
    }
}

/// "a, b and c".
pub(super) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A word of the vocabulary as people write it.
pub(super) fn spaced(word: &str) -> String {
    word.replace('_', " ")
}

/// Some words with a capital at their beginning.
pub(super) fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Metres as people say them: tenths only of what is near.
pub(super) fn metres(metres: f64) -> String {
    if metres < 2.0 { format!("{metres:.1} m") } else { format!("{metres:.0} m") }
}

/// The name of a direction, degrees from north.
pub(super) fn compass(deg: f64) -> &'static str {
    const NAMES: [&str; 8] =
        ["north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"];
    NAMES[((deg.rem_euclid(360.0) / 45.0).round() as usize) % 8]
}

/// Direction from one place to another, degrees from north.
pub(super) fn bearing_deg(from: Point, to: Point) -> f64 {
    (to.x() - from.x()).atan2(to.y() - from.y()).to_degrees()
}
