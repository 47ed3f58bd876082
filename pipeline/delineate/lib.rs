//! Feature -> HazardArea: from indicators on the ground to suspected hazardous areas, by a
//! doctrine profile that a national authority can edit.
//!
//! This crate never mixes categories of explosive ordnance, never cancels or reduces an area on
//! the absence of evidence, and never outputs a confirmed hazardous area. It holds no distance of
//! its own: every buffer comes from the [`Doctrine`] and is written into the area it drew.

mod area;
mod boundary;
mod context;
mod crowd;
mod delineate;
mod doctrine;
mod earthworks;
mod evidence;
mod footprint;
mod front;
mod grade;
mod link;
mod nearest;
mod outline;
mod overlay;
mod places;
mod row;
mod sentence;
mod shared;
mod site_constraints;
mod tiles;

pub use crowd::crowds;
pub use delineate::{Basis, delineate};
pub use doctrine::{
    AreaRule, Category, ConfidenceRule, Context, ContextRule, Doctrine, DoctrineError,
    ExternalEvidenceRule, FrontRows, FrontRule, Need, Reach, ReliabilityRule, RowRule, ThreatRule,
};

#[cfg(test)]
mod tests;
