//! How pixels become the input of a model.

use rams_domain::TileSpec;

/// How pixels become the input of a model.
#[derive(Debug, Clone)]
pub struct Input {
    /// Ground of one pixel of its images, metres.
    pub gsd_m: f64,
    /// Side of the square that it reads, pixels.
    pub tile_px: u32,
    /// Width of the border of a tile in which finds belong to its neighbours, pixels.
    pub halo_px: u32,
    /// Planes of the tensor, by name.
    pub bands: Vec<String>,
    /// Mean of red, green and blue, of values from 0 to 1.
    pub mean: [f32; 3],
    /// Deviation of the same.
    pub std: [f32; 3],
    /// Coarsest pixels of a surface model that it takes, metres; `None` if it takes none.
    pub height_gsd_max_m: Option<f64>,
}

const COLOURS: [&str; 3] = ["red", "green", "blue"];
const COLOURS_AND_HEIGHTS: [&str; 5] = ["red", "green", "blue", "height", "height_valid"];

/// A tile of 8192 px is 800 MB of numbers.
const TILE_MOST_PX: u32 = 8192;

impl Input {
    /// Planes of the tensor.
    pub fn planes(&self) -> usize {
        self.bands.len()
    }

    /// Whether two planes of heights follow the colours.
    pub fn takes_heights(&self) -> bool {
        self.bands == COLOURS_AND_HEIGHTS
    }

    /// Whether a model can be given such an input; the error names the field and what to give.
    pub(crate) fn check(&self) -> Result<(), String> {
        let Input { gsd_m, tile_px, halo_px, bands, .. } = self;
        if !(gsd_m.is_finite() && *gsd_m > 0.0) {
            return Err(format!("input.gsd_m is {gsd_m}: give metres per pixel, such as 0.004"));
        }
        if *tile_px > TILE_MOST_PX {
            return Err(format!("input.tile_px is {tile_px}: give {TILE_MOST_PX} at most"));
        }
        TileSpec { tile_px: *tile_px, halo_px: *halo_px }
            .check()
            .map_err(|error| error.to_string())?;
        if *bands != COLOURS && !self.takes_heights() {
            return Err(format!(
                "input.bands is {bands:?}: give {COLOURS:?} or {COLOURS_AND_HEIGHTS:?}"
            ));
        }
        self.check_height_gsd()?;
        self.check_normalisation()
    }

    /// A limit on the pixels of a surface model goes with bands of heights, and only with them.
    fn check_height_gsd(&self) -> Result<(), String> {
        match (self.takes_heights(), self.height_gsd_max_m) {
            (false, None) => Ok(()),
            (true, Some(limit_m)) if limit_m > 0.0 && limit_m.is_finite() => Ok(()),
            (true, limit_m) => {
                let found = limit_m.map_or("missing".to_owned(), |limit_m| format!("{limit_m}"));
                Err(format!(
                    "input.height_gsd_max_m is {found}: give metres per pixel of a surface model"
                ))
            }
            (false, Some(_)) => {
                Err("input.height_gsd_max_m goes with a band height: leave it out".into())
            }
        }
    }

    /// A mean of 123.675 is one of values up to 255: with it every picture would look the same.
    fn check_normalisation(&self) -> Result<(), String> {
        let Input { mean, std, .. } = self;
        let (is_mean, is_std) = (0.0..=1.0, 1e-6..=1.0);
        if !std.iter().all(|value| is_std.contains(value))
            || !mean.iter().all(|value| is_mean.contains(value))
        {
            return Err(format!(
                "input.mean is {mean:?}, input.std is {std:?}: give them for values from 0 to 1, \
                 as 0.485 and not 123.675, std above 0"
            ));
        }
        Ok(())
    }
}
