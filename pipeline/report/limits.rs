//! What the report cannot say, and what its words mean.

use crate::section::Section;
use maud::{Markup, html};
use rams_domain::LIMITS;

/// Words of the report and their meanings.
const WORDS: [(&str, &str); 8] = [
    (
        "Suspected hazardous area (SHA)",
        "Ground for which there is reasonable suspicion of explosive ordnance on indirect \
         evidence. All areas here are candidates for that; none is a confirmed hazardous area.",
    ),
    (
        "Evidence points",
        "Cluster munition remnants and unexploded ordnance are recorded as points with a fade-out \
         distance around them, not as areas with a perimeter.",
    ),
    (
        "Confidence",
        "A probability from 0 to 1. Of an area: that at least one of its finds is what it seems. \
         0.8 means that of a hundred such statements about eighty are expected to be right; 0.9 \
         and more is called very likely, from 0.7 likely, from 0.5 more likely than not, from 0.3 \
         possible, below doubtful. On ground unlike that of the models' tests it may be worse: \
         see their cards.",
    ),
    (
        "Threat",
        "High, medium, low or unassessed by the rules of the doctrine profile: how many finds of \
         which confidence. It is not the confidence: a single sure find can be a medium threat.",
    ),
    (
        "Assessed",
        "Ground that a model has seen in pixels fine enough for the thing looked for. It says \
         nothing about hazard.",
    ),
    (
        "Front",
        "The side to which defences face. Mines lie mostly before them; where the front is not \
         known, areas reach to both sides.",
    ),
    ("Doctrine profile", "The file of distances and rules by which areas are drawn and graded."),
    (
        "EO category",
        "Category of explosive ordnance: AP anti-personnel mine, AV anti-vehicle mine, CMR cluster \
         munition remnant, UXO other unexploded ordnance. Categories are never mixed in one area.",
    ),
];

/// What this report cannot say, and what its words mean.
pub(crate) fn section() -> Markup {
    html! {
        section #limits {
            (Section::Limits.heading("Limits, and the words used here"))
            p.lead { (LIMITS) }
            dl.words { @for (word, meaning) in WORDS { dt { (word) } dd { (meaning) } } }
        }
    }
}
