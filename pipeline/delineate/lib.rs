//! Feature -> HazardArea: from indicators on the ground to suspected hazardous areas, by a
//! doctrine profile that a national authority can edit.
//!
//! This crate never mixes categories of explosive ordnance, never cancels or reduces an area on
//! the absence of evidence, and never outputs a confirmed hazardous area. It holds no distance of
//! its own: every buffer comes from the [`Doctrine`] and is written into the area it drew.

mod boundary;
mod delineate;
mod doctrine;
mod grade;
mod link;

pub use delineate::delineate;
pub use doctrine::{Category, Doctrine, DoctrineError, Need, Reach, ThreatRule};

#[cfg(test)]
mod tests;
