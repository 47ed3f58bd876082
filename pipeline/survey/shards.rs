//! Passes cut into shards: squares of tiles, so that little is decoded twice.

use crate::{SurveyError, inputs::Inputs, pass::Pass};
use rams_domain::{TileId, TilePlan};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::fmt;

/// A part of a pass.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Shard {
    /// Its number, from 0.
    pub(crate) shard: u32,
    /// The place of its pass among those of the survey.
    pub(crate) pass: u32,
    /// Name of the orthomosaic.
    pub(crate) orthomosaic: String,
    /// Name of the model.
    pub(crate) model: String,
    tiles: Runs,
    /// Size of the tiles' cores at the scale of the model.
    pub(crate) megapixels: f64,
}

impl Shard {
    /// Its tiles, in the order of the plan.
    pub(crate) fn tiles(&self) -> impl Iterator<Item = TileId> + '_ {
        self.tiles.iter().map(TileId)
    }

    /// How many.
    pub(crate) fn len(&self) -> u32 {
        self.tiles.len()
    }
}

/// Numbers that rise, as runs of them: `0-23 160-183`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Runs(Vec<[u32; 2]>);

impl Runs {
    /// Of numbers that rise.
    pub(crate) fn of(numbers: impl IntoIterator<Item = u32>) -> Self {
        let mut runs: Vec<[u32; 2]> = vec![];
        for number in numbers {
            match runs.last_mut() {
                Some([_, last]) if *last + 1 == number => *last = number,
                _ => runs.push([number, number]),
            }
        }
        Self(runs)
    }

    /// How many.
    pub(crate) fn len(&self) -> u32 {
        self.0.iter().map(|[first, last]| last - first + 1).sum()
    }

    /// One after the other.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().flat_map(|[first, last]| *first..=*last)
    }
}

impl fmt::Display for Runs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let run = |[first, last]: &[u32; 2]| match first == last {
            true => first.to_string(),
            false => format!("{first}-{last}"),
        };
        f.write_str(&self.0.iter().map(run).collect::<Vec<_>>().join(" "))
    }
}

impl Serialize for Runs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Runs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let run = |run: &str| {
            let (first, last) = run.split_once('-').unwrap_or((run, run));
            Some([first.parse().ok()?, last.parse().ok()?]).filter(|[first, last]| first <= last)
        };
        let runs = text.split_whitespace().map(run).collect::<Option<_>>();
        runs.map(Self).ok_or_else(|| D::Error::custom("tiles: give runs such as 0-23 160-183"))
    }
}

/// Cuts the passes of a survey into squares of about so many megapixels each. Tiles beyond the
/// survey's limit are in none.
pub(crate) fn cut(inputs: &Inputs, shard_mp: f64) -> Result<Vec<Shard>, SurveyError> {
    let (mut shards, mut numbers) = (vec![], 0..);
    for input in &inputs.list {
        for (_, pass) in inputs.passes(input, &mut numbers)? {
            pass.iter().for_each(|pass| squares(pass, shard_mp, &mut shards));
        }
    }
    Ok(shards)
}

fn squares(pass: &Pass<'_>, shard_mp: f64, shards: &mut Vec<Shard>) {
    let [columns, rows] = columns_and_rows(&pass.plan);
    let core_px = pass.plan.tile(TileId(0)).core.width().max(1) as f64;
    let side = ((shard_mp * 1e6).sqrt() / core_px).floor().max(1.0) as u32;
    for row in (0..rows).step_by(side as usize) {
        for column in (0..columns).step_by(side as usize) {
            let ends = [(column + side).min(columns), (row + side).min(rows)];
            let square = (row..ends[1])
                .flat_map(|row| (column..ends[0]).map(move |column| row * columns + column));
            let tiles = Runs::of(square.filter(|number| pass.looks_at(TileId(*number))));
            if tiles.len() == 0 {
                continue;
            }
            let core_px = |id| {
                let core = pass.plan.tile(id).core;
                core.width() as f64 * core.height() as f64
            };
            let megapixels = tiles.iter().map(TileId).map(core_px).sum::<f64>() / 1e6;
            shards.push(Shard {
                shard: shards.len() as u32,
                pass: pass.number,
                orthomosaic: pass.orthomosaic.name.clone(),
                model: pass.manifest.model.name.clone(),
                tiles,
                megapixels,
            });
        }
    }
}

/// How many tiles of a plan lie side by side, and how many one below the other.
fn columns_and_rows(plan: &TilePlan) -> [u32; 2] {
    let columns = plan.tiles().take_while(|tile| tile.core.y0 == 0).count() as u32;
    [columns, plan.len() / columns.max(1)]
}

/// The file of shards.
pub(crate) fn lines(shards: &[Shard]) -> String {
    let line = |shard: &Shard| serde_json::to_string(shard).expect("it has names for keys") + "\n";
    shards.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_tiles_read_back() {
        let tiles = Runs::of([3, 4, 5, 9, 11, 12]);
        let text = serde_json::to_string(&tiles).expect("text");
        assert_eq!(text, "\"3-5 9 11-12\"");
        assert_eq!(serde_json::from_str::<Runs>(&text).expect("runs"), tiles);
        assert_eq!(tiles.len(), 6);
        assert_eq!(tiles.iter().collect::<Vec<_>>(), [3, 4, 5, 9, 11, 12]);
        assert!(serde_json::from_str::<Runs>("\"5-3\"").is_err());
    }
}
