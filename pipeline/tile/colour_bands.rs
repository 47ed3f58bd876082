//! Which bands of a file hold its colours, as the file itself says.

use crate::TileError;
use gdal::{Dataset, raster::ColorInterpretation};
use rams_domain::ReadAs;
use std::path::Path;

/// Red, green and blue by their colour interpretation, else the three bands that are not alpha, or
/// the only one three times. Which of more are colours is not guessed: satellites begin with blue.
pub(crate) fn declared(
    path: &Path,
    dataset: &Dataset,
    read_as: &ReadAs,
) -> Result<[usize; 3], TileError> {
    use ColorInterpretation::{
        AlphaBand, BlueBand, GrayIndex, GreenBand, PaletteIndex, RedBand, Undefined,
    };
    let bands: Vec<_> = dataset.rasterbands().flatten().collect();
    let interpretation = |number: usize| bands[number - 1].color_interpretation();
    let is_alpha =
        |number: usize| interpretation(number) == AlphaBand || read_as.alpha == Some(number);
    let numbers = || (1..=bands.len()).filter(|number| !is_alpha(*number));
    let all = |found: [Option<usize>; 3]| Some([found[0]?, found[1]?, found[2]?]);
    let of_colour = [RedBand, GreenBand, BlueBand]
        .map(|colour| numbers().find(|n| interpretation(*n) == colour));
    if let Some(found) = all(of_colour) {
        return Ok(found);
    }
    let found = match numbers().collect::<Vec<_>>()[..] {
        [only] => [only; 3],
        [red, green, blue] => [red, green, blue],
        ref others => {
            return Err(TileError::ColourBands { path: path.to_owned(), count: others.len() });
        }
    };
    let is_known = |band: &usize| match interpretation(*band) {
        PaletteIndex => found[1] == found[0],
        other => [GrayIndex, Undefined, RedBand, GreenBand, BlueBand].contains(&other),
    };
    match found.iter().find(|band| !is_known(band)) {
        Some(band) => {
            let found = interpretation(*band).name();
            Err(TileError::ColourSpace { path: path.to_owned(), band: *band, found })
        }
        None => Ok(found),
    }
}
