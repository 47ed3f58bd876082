//! What the report cannot say, and what its words mean.

use crate::section::Section;
use maud::{Markup, html};
use rams_domain::LIMITS;

/// Words of the report and their meanings.
const WORDS: [(&str, &str); 10] = [
    (
        "Suspected hazardous area (SHA)",
        "Ground for which there is reasonable suspicion of explosive ordnance on indirect \
         evidence: ordnance was seen, or others reported something. All here are candidates for \
         that; none is a confirmed hazardous area.",
    ),
    (
        "Indication",
        "A sign without ordnance, such as a trench or a crater, or a find too doubtful for a \
         suspected hazardous area. It says where to look. The belt before an earthwork is where \
         mines may lie, less likely farther out.",
    ),
    (
        "Evidence points",
        "Cluster munition remnants and unexploded ordnance are recorded as points with a fade-out \
         distance around them, not as areas with a perimeter.",
    ),
    (
        "Confidence",
        "A probability from 0 to 1. Of an area: that it holds an item of its category; of an \
         indication of earthworks, that mines lie in it or in its belt. 0.8 means that of a \
         hundred such statements about eighty are expected to be right. On ground unlike that of \
         the models' tests it may be worse: see their cards. Of a find 0.9 and more is called \
         very likely, from 0.7 likely, from 0.5 more likely than not, from 0.3 possible, below \
         doubtful.",
    ),
    (
        "Reported, likely, possible, weak sign",
        "How far an area is to be believed. Reported: others reported an accident, an incident, a \
         minefield record or what they saw. The others are steps of the confidence, set by the \
         doctrine profile.",
    ),
    (
        "Threat",
        "High, medium or low by the rules of the doctrine profile: from which confidence on, for \
         each category; less is enough where people use the ground. Unassessed is what a person \
         drew without saying.",
    ),
    (
        "Assessed",
        "Ground that a model has seen in pixels fine enough for the thing looked for. It says \
         nothing about hazard.",
    ),
    (
        "Front",
        "The side to which defences face. Mines lie mostly before them; where the front is not \
         known, belts lie on both sides.",
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
