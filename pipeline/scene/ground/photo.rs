//! A photo as the ground.

use super::BARE;
use crate::canvas::Pixel;
use crate::layout::Layout;
use crate::light::Sun;
use crate::random::Dice;
use crate::region::Region;
use crate::terrain::Lattice;
use crate::texture::{Grains, Texture};
use crate::{SceneError, SceneSpec};
use gdal::Dataset;
use gdal::errors::GdalError;
use gdal::raster::ResampleAlg;
use std::path::Path;

/// A window of a photo at the scene's pixel size, turned and mirrored by the seed; it goes on as
/// its mirror image beyond its edges.
#[derive(Debug, Clone)]
pub(crate) struct Photo {
    width: i64,
    height: i64,
    /// Red, green, blue, and the height of the grass in steps of 1/16.
    pixels: Vec<[u8; 3]>,
    blades: Vec<i8>,
    turn: Turn,
    gsd_m: f64,
    /// Texture of what works lay over it.
    earth: Texture,
}

/// One of the eight ways to lay a square.
#[derive(Debug, Clone, Copy)]
struct Turn {
    swap: bool,
    flip_x: bool,
    flip_y: bool,
}

/// Side of a window, pixels: a larger scene mirrors it.
const SIDE_MAX_PX: usize = 8192;
/// Places that are tried for a window without holes.
const TRIES: usize = 12;
/// A mask's edge in a compressed photo is no ground either, pixels.
const FRINGE_PX: usize = 3;
/// Steps of a blade's height.
const BLADE: f32 = 16.0;

impl Photo {
    pub(super) fn new(
        spec: &SceneSpec,
        path: &Path,
        gsd_m: Option<f64>,
        sun: &Sun,
    ) -> Result<Self, SceneError> {
        let cannot = |cause: String| SceneError::Read { path: path.to_path_buf(), cause };
        let failed = |cause: GdalError| cannot(cause.to_string());
        let dataset = Dataset::open(path).map_err(failed)?;
        if dataset.raster_count() < 3 {
            return Err(cannot(format!(
                "it has {} bands, not red, green and blue",
                dataset.raster_count()
            )));
        }
        let own = dataset
            .geo_transform()
            .ok()
            .map(|g| (g[1] * g[1] + g[4] * g[4]).sqrt())
            .filter(|gsd_m| *gsd_m < 1.0);
        let scale = gsd_m.or(own).unwrap_or(spec.gsd_m) / spec.gsd_m;
        if !(0.02..=50.0).contains(&scale) {
            return Err(cannot(format!(
                "its pixels are {scale} times the scene's: give its pixel size in metres"
            )));
        }
        let mut dice = Dice::new(spec.seed, "photo", 0);
        let turn =
            Turn { swap: dice.happens(0.5), flip_x: dice.happens(0.5), flip_y: dice.happens(0.5) };
        let (mut cols, mut rows) = (spec.size.width as usize, spec.size.height as usize);
        if turn.swap {
            (cols, rows) = (rows, cols);
        }
        let whole = dataset.raster_size();
        let side = |scene_px: usize, photo_px: usize| {
            let all = ((photo_px as f64 * scale) as usize).max(1);
            scene_px.min(SIDE_MAX_PX).min(all)
        };
        let size = (side(cols, whole.0), side(rows, whole.1));
        let span =
            |px: usize, photo_px: usize| ((px as f64 / scale).round() as usize).clamp(1, photo_px);
        let window = (span(size.0, whole.0), span(size.1, whole.1));
        let at = place(&dataset, whole, window, &mut dice).map_err(failed)?;
        let read = |band: usize| {
            let raster = dataset.rasterband(band)?;
            raster
                .read_as::<u8>(at, window, size, Some(ResampleAlg::Bilinear))
                .map(|band| band.data().to_vec())
        };
        let bands = [read(1).map_err(failed)?, read(2).map_err(failed)?, read(3).map_err(failed)?];
        let mask = valid(&dataset, at, window, size).map_err(failed)?;
        let mut pixels: Vec<[u8; 3]> =
            (0..size.0 * size.1).map(|i| [bands[0][i], bands[1][i], bands[2][i]]).collect();
        fill(&mut pixels, mask, size.0)
            .ok_or_else(|| cannot("the window has no valid pixel".into()))?;
        let blades = blades(&pixels, size.0);
        let earth = Texture::grains(spec.seed, spec.gsd_m, 256, sun, Grains::EARTH);
        let (width, height) = (size.0 as i64, size.1 as i64);
        Ok(Self { width, height, pixels, blades, turn, gsd_m: spec.gsd_m, earth })
    }

    pub(super) fn paint(&self, layout: &Layout, region: Region, pixels: &mut [Pixel]) {
        for (index, pixel) in pixels.iter_mut().enumerate() {
            let (col, row) = ((index % region.width) as i64, (index / region.width) as i64);
            *pixel = self.pixel(region.x + col, region.y + row);
        }
        let grid = super::grid(self.gsd_m, region);
        let lattice = Lattice::new(&layout.terrain, grid, &layout.sun);
        if lattice.is_flat() {
            return;
        }
        // The photo holds the light of its own relief: only the works are lit.
        let lights = lattice.light(&layout.sun, &vec![0.0; grid.cols * grid.rows]);
        let nodes: Vec<[f32; 7]> = lights
            .iter()
            .enumerate()
            .map(|(index, light)| {
                let coat = lattice.coat(index % grid.cols, index / grid.cols);
                let [red, green, blue] = coat.colour;
                [light.sun, light.sky, red, green, blue, coat.share, coat.grain]
            })
            .collect();
        super::between(
            super::pitch_px(self.gsd_m),
            grid,
            &nodes,
            region,
            |index, x, y, node, _| {
                let [sun, sky, red, green, blue, share, grain] = *node;
                let pixel = &mut pixels[index];
                if share > 0.0 {
                    // As uneven as a photo is.
                    let grain = 1.0 + 2.0 * grain / share * self.earth.at(x, y).light;
                    for (band, coat) in pixel.colour.iter_mut().zip([red, green, blue]) {
                        *band = *band * (1.0 - share) + coat * grain;
                    }
                    pixel.blade = if share > 0.5 { BARE } else { pixel.blade };
                }
                (pixel.sun, pixel.sky, pixel.open) = (sun, sky, [sun, sky]);
            },
        );
    }

    fn pixel(&self, x: i64, y: i64) -> Pixel {
        let (x, y) = if self.turn.swap { (y, x) } else { (x, y) };
        let col = mirrored(if self.turn.flip_x { -1 - x } else { x }, self.width);
        let row = mirrored(if self.turn.flip_y { -1 - y } else { y }, self.height);
        let here = row * self.width as usize + col;
        let blade = f32::from(self.blades[here]) / BLADE;
        Pixel {
            colour: self.pixels[here].map(f32::from),
            sun: 1.0,
            sky: 1.0,
            open: [1.0; 2],
            blade,
        }
    }
}

/// A position on an endless line of mirror images of `count` pixels.
fn mirrored(at: i64, count: i64) -> usize {
    let at = at.rem_euclid(2 * count);
    if at < count { at as usize } else { (2 * count - 1 - at) as usize }
}

/// Upper left corner of the window with the fewest holes among some.
fn place(
    dataset: &Dataset,
    whole: (usize, usize),
    window: (usize, usize),
    dice: &mut Dice,
) -> Result<(isize, isize), GdalError> {
    let mut best = (-1.0, (0, 0));
    for _ in 0..TRIES {
        let at = (
            dice.below(whole.0 - window.0 + 1) as isize,
            dice.below(whole.1 - window.1 + 1) as isize,
        );
        let thumb = (window.0.min(48), window.1.min(48));
        let mask = valid(dataset, at, window, thumb)?;
        let share = mask.iter().filter(|valid| **valid).count() as f64 / mask.len() as f64;
        if share > best.0 {
            best = (share, at);
        }
        if share > 0.98 {
            break;
        }
    }
    Ok(best.1)
}

/// Which pixels of a window hold a photo.
fn valid(
    dataset: &Dataset,
    at: (isize, isize),
    window: (usize, usize),
    size: (usize, usize),
) -> Result<Vec<bool>, GdalError> {
    let band = dataset.rasterband(1)?;
    let mask = band.open_mask_band()?.read_as::<u8>(at, window, size, None)?;
    Ok(mask.data().iter().map(|level| *level > 127).collect())
}

/// Gives what is no photo the mirror image of what is, row by row, else the mean colour; `None` if
/// there is no photo at all.
fn fill(pixels: &mut [[u8; 3]], mut valid: Vec<bool>, width: usize) -> Option<()> {
    for (valid, pixel) in valid.iter_mut().zip(&*pixels) {
        // Holes that no mask tells of are black.
        *valid &= pixel.iter().any(|level| *level > 4);
    }
    if valid.iter().all(|valid| *valid) {
        return Some(());
    }
    let valid = shrink(&valid, width);
    let mut sum = [0u64; 3];
    let mut count = 0;
    for (pixel, _) in pixels.iter().zip(&valid).filter(|(_, valid)| **valid) {
        count += 1;
        sum.iter_mut().zip(pixel).for_each(|(sum, level)| *sum += u64::from(*level));
    }
    let mean = (count > 0).then(|| sum.map(|sum| (sum / count) as u8))?;
    for (line, valid) in pixels.chunks_exact_mut(width).zip(valid.chunks_exact(width)) {
        let source = line.to_vec();
        // The last valid pixel before and the next one after each.
        let mut after: Vec<Option<usize>> = vec![None; width];
        let mut next = None;
        for col in (0..width).rev() {
            next = if valid[col] { Some(col) } else { next };
            after[col] = next;
        }
        let mut before = None;
        for col in 0..width {
            if valid[col] {
                before = Some(col);
                continue;
            }
            let mirror =
                |edge: usize| (2 * edge).checked_sub(col).filter(|at| *at < width && valid[*at]);
            let near = [before, after[col]]
                .into_iter()
                .flatten()
                .filter_map(|edge| Some((edge.abs_diff(col), mirror(edge)?)));
            line[col] = near.min().map_or(mean, |(_, at)| source[at]);
        }
    }
    Some(())
}

/// Takes the fringe off what is valid.
fn shrink(valid: &[bool], width: usize) -> Vec<bool> {
    let height = valid.len() / width;
    let along: Vec<bool> = valid
        .chunks_exact(width)
        .flat_map(|line| {
            (0..width).map(|col| {
                line[col.saturating_sub(FRINGE_PX)..width.min(col + FRINGE_PX + 1)]
                    .iter()
                    .all(|v| *v)
            })
        })
        .collect();
    (0..valid.len())
        .map(|index| {
            let (row, col) = (index / width, index % width);
            (row.saturating_sub(FRINGE_PX)..height.min(row + FRINGE_PX + 1))
                .all(|row| along[row * width + col])
        })
        .collect()
}

/// Height of grass, told by contrast and colour: bright blades among dark ones stand up; what is
/// smooth, blue or grey is bare.
fn blades(pixels: &[[u8; 3]], width: usize) -> Vec<i8> {
    const CELL_PX: usize = 16;
    let height = pixels.len() / width;
    let light = |pixel: &[u8; 3]| {
        f32::from(pixel[0]) * 0.3 + f32::from(pixel[1]) * 0.6 + f32::from(pixel[2]) * 0.1
    };
    let (cols, rows) = (width.div_ceil(CELL_PX), height.div_ceil(CELL_PX));
    let mut cells = vec![[0.0f32; 4]; cols * rows];
    for (index, pixel) in pixels.iter().enumerate() {
        let cell = &mut cells[index / width / CELL_PX * cols + index % width / CELL_PX];
        let level = light(pixel);
        let green = f32::from(pixel[1]) - f32::from(pixel[2]);
        for (sum, value) in cell.iter_mut().zip([1.0, level, level * level, green]) {
            *sum += value;
        }
    }
    // Mean, deviation and whether anything grows there.
    let cells: Vec<[f32; 3]> = cells
        .iter()
        .map(|[count, sum, square, green]| {
            let mean = sum / count;
            let deviation = (square / count - mean * mean).max(0.0).sqrt();
            let grown = if deviation > 9.0 && green / count > 3.0 { 1.0 } else { 0.0 };
            [mean, deviation.max(1.0), grown]
        })
        .collect();
    pixels
        .iter()
        .enumerate()
        .map(|(index, pixel)| {
            let [mean, deviation, grown] =
                cells[index / width / CELL_PX * cols + index % width / CELL_PX];
            let blade = if grown > 0.0 { (light(pixel) - mean) / deviation } else { BARE };
            (blade * BLADE).clamp(-127.0, 127.0) as i8
        })
        .collect()
}
