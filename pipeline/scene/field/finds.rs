//! What the models of a survey find in a field, right and wrong.

pub(super) mod earthworks;
mod feature;
pub(super) mod ordnance;
mod scores;
mod texture;

pub(super) use feature::ORTHOMOSAIC;
#[cfg(test)]
pub(super) use scores::Scores;
