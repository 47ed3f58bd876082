//! What a review shows of the ground, whoever reads it.

use geo::{LineString, Rect};
use rams_domain::PxBox;

/// What a layer shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LayerKind {
    /// An orthomosaic.
    Orthomosaic,
    /// A surface model, lit by a sun.
    Hillshade,
}

/// A layer of imagery.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// Its name in addresses: letters, digits, `-` and `_`. Of an orthomosaic it tells the file
    /// apart from others, whatever these are called.
    pub id: String,
    /// Its name for people; of an orthomosaic that of the survey's record.
    pub title: String,
    /// What it shows.
    pub kind: LayerKind,
    /// Its finest ground sampling distance, metres per pixel: that of its tiles at
    /// [`Layer::max_z`].
    pub finest_gsd_m: f64,
    /// Where it has pixels, local metres of the survey's ground.
    pub extent: Rect,
    /// Tells its pixels from those of another file: a part of the tiles' addresses, which browsers
    /// keep for a year.
    pub digest: String,
}

/// Side of a tile, pixels.
pub const TILE_PX: u32 = 512;

impl Layer {
    /// The zoom level of its finest pixels: at 0 one tile shows the whole `ground`, which is the
    /// extent of the survey's ground in local metres.
    pub fn max_z(&self, ground: Rect) -> u32 {
        let tiles = ground.width().max(ground.height()) / (self.finest_gsd_m * f64::from(TILE_PX));
        tiles.max(1.0).log2().ceil() as u32
    }

    /// Where a tile lies, local metres. The grid begins at the upper left corner of `ground`, x to
    /// the right and y down; a pixel has `finest_gsd_m * 2^(max_z - z)` metres.
    pub fn tile_rect(&self, ground: Rect, z: u32, x: u32, y: u32) -> Rect {
        let side = self.finest_gsd_m
            * f64::from(TILE_PX)
            * 2f64.powi(self.max_z(ground) as i32 - z as i32);
        let (left, top) =
            (ground.min().x + f64::from(x) * side, ground.max().y - f64::from(y) * side);
        Rect::new((left, top - side), (left + side, top))
    }
}

/// How pixels are shown.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct View {
    /// Share of the darkest and of the brightest pixels, percent each, that a stretch lets go;
    /// `None` for values as they are.
    pub stretch_percent: Option<f64>,
    /// Of a hillshade, where the sun stands, degrees clockwise from north; `None` for north-west.
    pub sun_deg: Option<f64>,
}

/// Pixels that cannot be had, with the file and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ImageryError(pub String);

/// The pixels of a survey for its review. Calls come from several threads at once.
pub trait Imagery: Send + Sync {
    /// The layers, in the order in which people are offered them; orthomosaics first.
    fn layers(&self) -> Vec<Layer>;

    /// A tile of [`TILE_PX`] as JPEG, or as PNG where part of it shows nothing; `None` where there
    /// is nothing to show or no such layer.
    fn tile(
        &self,
        layer: &str,
        z: u32,
        x: u32,
        y: u32,
        view: &View,
    ) -> Result<Option<Vec<u8>>, ImageryError>;

    /// What an orthomosaic of the survey, named as in its record, shows of a box and as much ground
    /// again on each side, at native pixels: shrunk only where these are more than `side_px` a
    /// side. As JPEG; `None` where the file is not at hand.
    fn chip(
        &self,
        orthomosaic: &str,
        px: PxBox,
        side_px: u32,
    ) -> Result<Option<Vec<u8>>, ImageryError>;

    /// Metres along a line in local metres, and the height there; `None` without a surface model.
    fn profile(&self, line: &LineString) -> Result<Option<Vec<(f64, f64)>>, ImageryError>;
}

/// A review without imagery.
pub struct NoImagery;

impl Imagery for NoImagery {
    fn layers(&self) -> Vec<Layer> {
        vec![]
    }

    fn tile(
        &self,
        _: &str,
        _: u32,
        _: u32,
        _: u32,
        _: &View,
    ) -> Result<Option<Vec<u8>>, ImageryError> {
        Ok(None)
    }

    fn chip(&self, _: &str, _: PxBox, _: u32) -> Result<Option<Vec<u8>>, ImageryError> {
        Ok(None)
    }

    fn profile(&self, _: &LineString) -> Result<Option<Vec<(f64, f64)>>, ImageryError> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_tile_shows_the_whole_and_the_last_level_the_finest_pixels() {
        // 100 m x 60 m at 1 cm: 10,000 px are 19.5 tiles, so 2^5 = 32.
        let ground = Rect::new((-50.0, -30.0), (50.0, 30.0));
        let layer = Layer {
            id: "o1".into(),
            title: String::new(),
            kind: LayerKind::Orthomosaic,
            finest_gsd_m: 0.01,
            extent: ground,
            digest: String::new(),
        };
        assert_eq!(layer.max_z(ground), 5);
        let whole = layer.tile_rect(ground, 0, 0, 0);
        assert_eq!((whole.min().x, whole.max().y), (-50.0, 30.0));
        assert!((whole.width() - 163.84).abs() < 1e-9, "{whole:?}");
        let fine = layer.tile_rect(ground, 5, 1, 2);
        assert!((fine.min().x - -44.88).abs() < 1e-9 && (fine.max().y - 19.76).abs() < 1e-9);
    }
}
