//! A planned window -> [`Tile`], or the [`Gap`] it leaves.

use crate::{
    TileError, open,
    window::{self, Resampling, Source},
};
use gdal::Dataset;
use ndarray::{Array2, Array3, s};
use rams_domain::{Gap, GapReason, Grid, GridRect, Orthomosaic, PlannedTile, Tile, Validity};

/// Reads the tiles of one orthomosaic at one scale. One per thread: GDAL's datasets cannot be
/// shared.
pub struct Reader {
    dataset: Dataset,
    colour_bands: [usize; 3],
    masks: Vec<Mask>,
    declared: Validity,
    grid: Grid,
}

/// A band's mask, or a band that is one.
#[derive(Clone, Copy)]
enum Mask {
    Of(usize),
    Band(usize),
}

impl Reader {
    /// A reader of its own for the calling thread.
    pub fn open(orthomosaic: &Orthomosaic, grid: Grid) -> Result<Self, TileError> {
        let dataset = open::dataset(&orthomosaic.path)?;
        let declared = orthomosaic.validity;
        let mut masks = vec![];
        if declared.mask {
            masks.push(Mask::Of(orthomosaic.colour_bands[0]));
        }
        masks.extend(declared.alpha_band.map(Mask::Band));
        Ok(Self { dataset, colour_bands: orthomosaic.colour_bands, masks, declared, grid })
    }

    /// Pixels and validity of a window. A window whose core holds no image, or that cannot be
    /// read, comes back as the gap that its core leaves; the colours of a core that a mask or
    /// alpha band declares empty are not even read.
    pub fn read(&mut self, planned: PlannedTile) -> Result<Tile, Gap> {
        let gap = |reason, detail| Gap { reason, detail, region: vec![self.grid.rect_to_mosaic(&planned.core)] };
        let unreadable = |cause: String| gap(GapReason::Unreadable, format!("cannot read the file here: {cause}"));
        let nodata = || gap(GapReason::Nodata, String::new());

        let inside = planned.read.clip(&self.grid.bounds());
        let mut valid = Array2::from_elem((inside.height(), inside.width()), true);
        for mask in &self.masks {
            let covered = self.mask(*mask, &inside).map_err(unreadable)?;
            valid.zip_mut_with(&covered, |valid, covered| *valid &= *covered >= 128);
        }
        let core = core_within(&planned.core, &inside);
        if !valid.slice(core).iter().any(|valid| *valid) {
            return Err(nodata());
        }
        let pixels = self.colours(&inside).map_err(unreadable)?;
        if let Some(empty) = self.empty_value() {
            for (valid, colour) in valid.iter_mut().zip(pixels.rows()) {
                *valid &= colour.iter().any(|value| *value != empty);
            }
            if !valid.slice(core).iter().any(|valid| *valid) {
                return Err(nodata());
            }
        }
        Ok(pad(planned, &inside, pixels, valid))
    }

    /// The value that marks a pixel without image when all three colours have it: nodata where
    /// declared; black where the file declares nothing at all.
    fn empty_value(&self) -> Option<u8> {
        match self.declared.nodata {
            Some(value) if (0.0..=255.0).contains(&value) && value.fract() == 0.0 => Some(value as u8),
            Some(_) => None,
            None => self.declared.is_undeclared().then_some(0),
        }
    }

    fn colours(&self, rect: &GridRect) -> Result<Array3<u8>, String> {
        let [x, y] = self.grid.scale();
        let resampling = match x.max(y) {
            1.0 => Resampling::Nearest,
            finer if finer > 1.0 => Resampling::Average,
            _ => Resampling::Bilinear,
        };
        let mut pixels = Array3::zeros((rect.height(), rect.width(), 3));
        self.window(Source::Bands(&self.colour_bands), rect, resampling, pixels.as_slice_mut())?;
        Ok(pixels)
    }

    fn mask(&self, mask: Mask, rect: &GridRect) -> Result<Array2<u8>, String> {
        let mut covered = Array2::zeros((rect.height(), rect.width()));
        let [x, y] = self.grid.scale();
        let resampling = if x.max(y) > 1.0 { Resampling::Average } else { Resampling::Nearest };
        let source = match &mask {
            Mask::Of(band) => Source::MaskOf(*band),
            Mask::Band(band) => Source::Bands(std::slice::from_ref(band)),
        };
        self.window(source, rect, resampling, covered.as_slice_mut())?;
        Ok(covered)
    }

    fn window(
        &self,
        source: Source<'_>,
        rect: &GridRect,
        resampling: Resampling,
        buffer: Option<&mut [u8]>,
    ) -> Result<(), String> {
        let buffer = buffer.expect("a new array is contiguous");
        let window = self.grid.rect_to_mosaic(rect);
        window::read(&self.dataset, source, &window, (rect.width(), rect.height()), resampling, buffer)
    }
}

type Window2 = ndarray::SliceInfo<[ndarray::SliceInfoElem; 2], ndarray::Ix2, ndarray::Ix2>;

fn core_within(core: &GridRect, inside: &GridRect) -> Window2 {
    let rows = (core.y0 - inside.y0) as usize..(core.y1 - inside.y0) as usize;
    let cols = (core.x0 - inside.x0) as usize..(core.x1 - inside.x0) as usize;
    s![rows, cols]
}

/// Fills up to the planned square what lies beyond the raster, as invalid.
fn pad(planned: PlannedTile, inside: &GridRect, pixels: Array3<u8>, valid: Array2<bool>) -> Tile {
    if *inside == planned.read {
        return Tile { planned, pixels, valid };
    }
    let (rows, cols) = (planned.read.height(), planned.read.width());
    let top = (inside.y0 - planned.read.y0) as usize;
    let left = (inside.x0 - planned.read.x0) as usize;
    let mut tile =
        Tile { planned, pixels: Array3::zeros((rows, cols, 3)), valid: Array2::from_elem((rows, cols), false) };
    let window = (top..top + inside.height(), left..left + inside.width());
    tile.pixels.slice_mut(s![window.0.clone(), window.1.clone(), ..]).assign(&pixels);
    tile.valid.slice_mut(s![window.0, window.1]).assign(&valid);
    tile
}
