//! The files of the page, in the program.

/// A file of the page.
pub(crate) struct Asset {
    pub(crate) name: &'static str,
    pub(crate) content_type: &'static str,
    pub(crate) is_gzip: bool,
    pub(crate) bytes: &'static [u8],
}

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

macro_rules! asset {
    ($name:literal, $content_type:ident) => {
        asset!($name, $content_type, $name, false)
    };
    ($name:literal, $content_type:ident, $file:literal, $is_gzip:literal) => {
        Asset {
            name: $name,
            content_type: $content_type,
            is_gzip: $is_gzip,
            bytes: include_bytes!(concat!("page/", $file)),
        }
    };
}

/// All that is served: an address that is not here is none.
pub(crate) const ASSETS: &[Asset] = &[
    asset!("index.html", HTML),
    asset!("style.css", STYLE),
    asset!("ol.js", SCRIPT, "ol.js.gz", true),
    asset!("ol.css", STYLE),
    asset!("ol.LICENSE.md", TEXT),
    asset!("api.js", SCRIPT),
    asset!("decisions.js", SCRIPT),
    asset!("dialogs.js", SCRIPT),
    asset!("edit.js", SCRIPT),
    asset!("element.js", SCRIPT),
    asset!("evidence.js", SCRIPT),
    asset!("frame.js", SCRIPT),
    asset!("items.js", SCRIPT),
    asset!("kept.js", SCRIPT),
    asset!("keys.js", SCRIPT),
    asset!("layers.js", SCRIPT),
    asset!("login.js", SCRIPT),
    asset!("main.js", SCRIPT),
    asset!("map.js", SCRIPT),
    asset!("marks.js", SCRIPT),
    asset!("outbox.js", SCRIPT),
    asset!("profile.js", SCRIPT),
    asset!("queue.js", SCRIPT),
    asset!("review.js", SCRIPT),
    asset!("samples.js", SCRIPT),
    asset!("sketch.js", SCRIPT),
    asset!("state.js", SCRIPT),
    asset!("swipe.js", SCRIPT),
    asset!("words.js", SCRIPT),
    asset!("words_ar.js", SCRIPT),
    asset!("words_az.js", SCRIPT),
    asset!("words_en.js", SCRIPT),
    asset!("words_fr.js", SCRIPT),
    asset!("words_ru.js", SCRIPT),
    asset!("words_uk.js", SCRIPT),
];

#[cfg(test)]
mod tests;
