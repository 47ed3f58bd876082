//! Kinds of earthworks, as the truth names them.

use rams_domain::Indicator;

/// A class and the indicator it is.
pub(super) type EarthworkKind = (&'static str, Indicator);
pub(super) const FIRE_TRENCH: EarthworkKind = ("trench_fire", Indicator::TrenchFire);
pub(super) const COMMUNICATION_TRENCH: EarthworkKind = ("trench_comm", Indicator::TrenchComm);
pub(super) const AT_DITCH: EarthworkKind = ("at_ditch", Indicator::AtDitch);
pub(super) const BERM: EarthworkKind = ("berm", Indicator::Berm);
pub(super) const REVETMENT: EarthworkKind = ("vehicle_revetment", Indicator::VehicleRevetment);
pub(super) const FOXHOLE: EarthworkKind = ("foxhole", Indicator::Foxhole);
pub(super) const CRATER: EarthworkKind = ("crater", Indicator::Crater);
