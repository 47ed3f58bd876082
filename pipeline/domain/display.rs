//! One word for a value everywhere.

/// Displays an enum by its serde name, so that a file, a message and a layer say the same word.
macro_rules! display_as_serialised {
    ($($kind:ty),+) => {$(
        impl std::fmt::Display for $kind {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                serde::Serialize::serialize(self, f)
            }
        }
    )+};
}
pub(crate) use display_as_serialised;

/// A noun for so many: "area" for one, "areas" for none or several.
///
/// ```
/// let tiles = |count| rams_domain::plural(count, "tile");
/// assert_eq!([0, 1, 2].map(tiles), ["tiles", "tile", "tiles"]);
/// ```
pub fn plural(count: usize, noun: &str) -> String {
    format!("{noun}{}", if count == 1 { "" } else { "s" })
}
