//! [`Feature`](rams_domain::Feature) -> [`HazardArea`](rams_domain::HazardArea): from indicators on
//! the ground to suspected hazardous areas and indications, by a doctrine profile that a national
//! authority can edit.
//!
//! * [`delineate()`] draws and grades the areas of a [`Basis`]: the features of a survey, evidence
//!   from elsewhere, and what was assessed.
//! * [`Doctrine`] holds every distance, probability and weight: this crate has none of its own, and
//!   each is written into the area that it drew.
//! * [`crowds`] tells where a model finds more than can lie there.
//!
//! This crate never mixes categories of explosive ordnance, never cancels or reduces an area on the
//! absence of evidence, and never outputs a confirmed hazardous area.

mod area;
mod basis;
mod belt;
mod boundary;
mod constrained_area;
mod context;
mod coverage;
mod crowd;
mod delineate;
mod doctrine;
mod earthworks;
mod evidence;
mod evidence_tree;
mod find_rows;
mod footprint;
mod front;
mod grade;
mod hazard_area;
mod held_ground;
mod link;
mod mine_row;
mod outline;
mod overlay;
mod point_grid;
mod rationale;
mod shared_area;
mod site_constraints;
mod tiles;

pub use basis::Basis;
pub use crowd::crowds;
pub use delineate::{Delineation, delineate};
pub use doctrine::{
    AreaRule, BeltRule, CategoryContext, CategoryRule, ConfidenceRule, ContextRule, Doctrine,
    DoctrineError, FrontRows, FrontRule, IndicatorRule, LandUseRule, ReliabilityRule, ReportRule,
    RowRule, ScatteredRule, ShaRule, ThreatRule,
};
pub use site_constraints::unknown_land_uses;

#[cfg(test)]
mod tests;
