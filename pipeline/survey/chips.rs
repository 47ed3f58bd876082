//! Features of areas -> pictures of them, for a map that shows what was found.

use crate::{Progress, inputs::Inputs};
use rams_domain::{Chip, Feature, FeatureId, Orthomosaic, PxBox, Survey};
use rams_tile::{PictureReader, TileError};
use std::collections::BTreeSet;

/// Pictures in a survey: some 6 KB each, and nobody looks through more.
const MOST: usize = 1000;

/// Longest side of a picture, pixels.
const LONGEST_PX: u32 = 240;

/// Ground that a picture shows at least, metres: a mine of 12 cm with the ground that it lies on.
const LEAST_M: f64 = 0.8;

/// Longest side of a window, mosaic pixels: more of a file without overviews takes long to read.
const WINDOW_PX: f64 = 4096.0;

/// Pictures of the surest features that areas stand on. A file that cannot be read has none, and
/// the progress is told why.
pub(crate) fn chips(survey: &Survey, inputs: &Inputs, progress: &dyn Progress) -> Vec<Chip> {
    let standing: BTreeSet<FeatureId> =
        survey.hazard_areas.iter().flat_map(|area| area.features.iter().copied()).collect();
    let mut surest: Vec<&Feature> =
        survey.features.iter().filter(|feature| standing.contains(&feature.id)).collect();
    surest.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then(a.id.cmp(&b.id)));
    surest.truncate(MOST);
    let mut chips = vec![];
    for orthomosaic in inputs.orthomosaics() {
        let of_file: Vec<&Feature> = surest
            .iter()
            .copied()
            .filter(|feature| feature.orthomosaic == orthomosaic.name)
            .collect();
        match of(orthomosaic, &of_file) {
            Ok(found) => chips.extend(found),
            Err(error) => progress.notice(&format!("no pictures of finds: {error}")),
        }
    }
    chips.sort_by_key(|chip| surest.iter().position(|feature| feature.id == chip.feature));
    chips
}

fn of(orthomosaic: &Orthomosaic, features: &[&Feature]) -> Result<Vec<Chip>, TileError> {
    if features.is_empty() {
        return Ok(vec![]);
    }
    let mut reader = PictureReader::open(orthomosaic)?;
    let [wide_m, high_m] = orthomosaic.gsd_m();
    let mut chips = vec![];
    for feature in features {
        let window = surroundings(&feature.px, [wide_m, high_m]);
        if feature.px.area() <= 0.0 || window.x1 - window.x0 > WINDOW_PX {
            continue;
        }
        if let Some(mut picture) = reader.read(&window, LONGEST_PX, high_m / wide_m)? {
            picture.frame(&feature.px);
            chips.push(Chip { feature: feature.id, jpeg: picture.jpeg()?.into() });
        }
    }
    Ok(chips)
}

/// The find in the middle of a square of ground, with as much again around it.
fn surroundings(px: &PxBox, [wide_m, high_m]: [f64; 2]) -> PxBox {
    let longest_m = ((px.x1 - px.x0) * wide_m).max((px.y1 - px.y0) * high_m);
    let half_m = longest_m.max(LEAST_M / 2.0);
    let [x, y] = [(px.x0 + px.x1) / 2.0, (px.y0 + px.y1) / 2.0];
    let [half_x, half_y] = [half_m / wide_m, half_m / high_m];
    PxBox { x0: x - half_x, y0: y - half_y, x1: x + half_x, y1: y + half_y }
}

#[cfg(test)]
mod tests {
    use super::surroundings;
    use rams_domain::PxBox;

    #[test]
    fn a_find_is_shown_with_the_ground_around_it() {
        // 12 x 6 px of 1 cm: 0.8 m, which is 80 px, about the middle. 200 px: 4 m.
        let small = PxBox { x0: 100.0, y0: 200.0, x1: 112.0, y1: 206.0 };
        let shown = surroundings(&small, [0.01, 0.01]);
        assert_eq!(shown, PxBox { x0: 66.0, y0: 163.0, x1: 146.0, y1: 243.0 });
        let large = PxBox { x0: 0.0, y0: 0.0, x1: 200.0, y1: 20.0 };
        let shown = surroundings(&large, [0.01, 0.02]);
        assert_eq!(shown, PxBox { x0: -100.0, y0: -90.0, x1: 300.0, y1: 110.0 });
    }
}
