//! What looks like an earthwork from above and is none: laid with as much care, and no truth.

use super::site::Site;
use super::work::Work;
use crate::random::Dice;
use geo::Coord;

/// A kind of look-alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LookAlike {
    IrrigationDitch,
    Drains,
    Road,
    Track,
    Trails,
    Pipeline,
    Stream,
    Hedge,
    Trunks,
    DryWall,
    Railway,
    Cutting,
    Embankment,
    Terraces,
    Heaps,
    Bales,
    Pond,
    Quarry,
    Border,
}

impl LookAlike {
    /// In the order in which they are drawn: a new one goes to the end.
    pub(crate) const ALL: [Self; 19] = [
        Self::IrrigationDitch,
        Self::Drains,
        Self::Road,
        Self::Track,
        Self::Trails,
        Self::Pipeline,
        Self::Stream,
        Self::Hedge,
        Self::Trunks,
        Self::DryWall,
        Self::Railway,
        Self::Cutting,
        Self::Embankment,
        Self::Terraces,
        Self::Heaps,
        Self::Bales,
        Self::Pond,
        Self::Quarry,
        Self::Border,
    ];

    /// Whether it never ends in a field.
    pub(crate) fn goes_far(self) -> bool {
        matches!(
            self,
            Self::Road
                | Self::Railway
                | Self::Cutting
                | Self::Embankment
                | Self::Stream
                | Self::Pipeline
        )
    }

    /// Lays one; lines to plant a hedge on come second.
    pub(crate) fn lay(self, site: Site, dice: &mut Dice) -> (Vec<Work>, Vec<Vec<Coord>>) {
        let site = site.turned(dice);
        let works = match self {
            Self::IrrigationDitch => vec![site.ditch(&site.road_line(dice), dice)],
            Self::Drains => site.drains(dice),
            Self::Road => site.road(dice),
            Self::Track => vec![site.track(&site.road_line(dice), dice)],
            Self::Trails => site.trails(dice),
            Self::Pipeline => vec![site.pipeline(dice)],
            Self::Stream => vec![site.stream(dice)],
            Self::Hedge => {
                let (strip, line) = site.hedge(dice);
                return (vec![strip], vec![line]);
            }
            Self::Trunks => site.trunks(dice),
            Self::DryWall => vec![site.dry_wall(dice)],
            Self::Railway => vec![site.railway(dice)],
            Self::Cutting => vec![site.cutting(dice)],
            Self::Embankment => vec![site.embankment(dice)],
            Self::Terraces => site.terraces(dice),
            Self::Heaps => site.heaps(dice),
            Self::Bales => site.bales(dice),
            Self::Pond => vec![site.pond(dice)],
            Self::Quarry => vec![site.quarry(dice)],
            Self::Border => vec![site.border(dice)],
        };
        (works, vec![])
    }
}
