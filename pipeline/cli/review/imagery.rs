//! The imagery of a stored survey -> tiles, chips and profiles for its review.

mod hillshade;
mod pool;
mod resample;

use crate::imagery::Sheet;
use anyhow::Context;
use geo::{BoundingRect, Distance, Euclidean, LineString, Point, Rect};
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};
use pool::Pool;
use rams_domain::{Ground, Orthomosaic, PxBox, RasterSize, ReadAs, Survey};
use rams_review::{Imagery, ImageryError, Layer, LayerKind, TILE_PX, View};
use rams_tile::{Fingerprint, Picture, PictureReader, SurfaceReader, TileError};
use resample::{Rgba, Stretch};
use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    sync::OnceLock,
};

/// Most points of a profile.
const PROFILE_POINTS: usize = 2000;

/// An orthomosaic without overviews that is longer than this, pixels, gets a small copy: the whole
/// of it would be read for a tile of the whole.
const LARGE_PX: u32 = 4096;

/// How many times as wide as its own the pixels of the copy are: its finest levels are read from
/// the file itself, of which a tile then needs 4 x 4 tiles' pixels at most.
const REDUCED: u32 = 4;

/// Longest side of the picture of a whole orthomosaic that a stretch is taken from, pixels.
const STRETCH_PX: u32 = 512;

fn failed(error: impl std::fmt::Display) -> ImageryError {
    ImageryError(error.to_string())
}

/// An orthomosaic of the review.
struct Mosaic {
    layer: Layer,
    orthomosaic: Orthomosaic,
    readers: Pool<PictureReader>,
    /// A small copy with overviews, of a large file that has none.
    reduced: Option<Reduced>,
    stretch: OnceLock<Option<Stretch>>,
}

/// A small copy of an orthomosaic.
struct Reduced {
    readers: Pool<PictureReader>,
    /// Width and height of its pixels, mosaic pixels.
    px: [f64; 2],
}

/// The surface model of the review.
struct Surface {
    layer: Layer,
    readers: Pool<SurfaceReader>,
}

/// The imagery of a survey that is at hand.
pub(crate) struct ReviewImagery {
    ground: Ground,
    /// Of the ground, local metres.
    extent: Rect,
    mosaics: Vec<Mosaic>,
    surface: Option<Surface>,
}

impl ReviewImagery {
    /// Imagery of a survey: its orthomosaics that are at hand, and its surface model if it is.
    /// Also why what is missing is; an error where `dsm`, which was asked for, is no surface model
    /// of this ground. Of large files without overviews it keeps small copies in `dir`, made once;
    /// `progress` hears of which, and the share that is done.
    pub(crate) fn open(
        survey: &Survey,
        sheets: Vec<Sheet>,
        dsm: Option<&Path>,
        dir: &Path,
        progress: &mut dyn FnMut(&str, f64),
    ) -> anyhow::Result<(Self, Vec<String>)> {
        let ground = &survey.ground;
        let extent = bounds(&ground.to_metres(&ground.extent().to_polygon()));
        let mosaics = sheets
            .into_iter()
            .zip(1..)
            .map(|(sheet, number)| Mosaic::new(sheet, number, ground, dir, progress))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let mut missing = vec![];
        let recorded = survey.record.surface_model.as_ref().map(|record| record.path.as_path());
        let mut surface = None;
        if let (Some(path), Some(first)) = (dsm.or(recorded), mosaics.first()) {
            match Surface::open(path, &first.orthomosaic, ground, extent) {
                Ok(opened) => surface = Some(opened),
                Err(error) if dsm.is_some() => return Err(error.into()),
                Err(error) => missing.push(format!(
                    "{error} (`--dsm FILE` names the surface model if it has moved)"
                )),
            }
        }
        Ok((Self { ground: ground.clone(), extent, mosaics, surface }, missing))
    }

    fn orthomosaic_tile(
        &self,
        mosaic: &Mosaic,
        rect: Rect,
        view: &View,
    ) -> Result<Option<Vec<u8>>, ImageryError> {
        let orthomosaic = &mosaic.orthomosaic;
        let places = resample::Places::of(rect, |at| {
            orthomosaic.georef.to_pixel(self.ground.from_metres(&Point(at)).0)
        });
        let Some((window, longest_px)) = places.window(orthomosaic.size) else { return Ok(None) };
        let Some(picture) = mosaic.read(&window, longest_px, 1.0)? else { return Ok(None) };
        let stretch = match view.stretch_percent {
            Some(percent) => mosaic.stretch(percent)?,
            None => None,
        };
        encoded(&places.resample(&picture, orthomosaic.size, stretch.as_ref()))
    }

    fn hillshade_tile(
        &self,
        surface: &Surface,
        rect: Rect,
        view: &View,
    ) -> Result<Option<Vec<u8>>, ImageryError> {
        let px_m = rect.width() / f64::from(TILE_PX);
        // One pixel more on each side: a slope needs its neighbours.
        let side = TILE_PX as usize + 2;
        let corner = (rect.min().x - px_m, rect.max().y + px_m);
        let geotransform = self.geotransform(corner, (px_m, 0.0), (0.0, -px_m));
        let heights = surface.readers.with(|reader| reader.read(geotransform, (side, side)))?;
        encoded(&hillshade::shaded(&heights, px_m, view.sun_deg))
    }

    /// Of a raster whose corner and steps are given in local metres, in the survey's CRS.
    fn geotransform(&self, corner: (f64, f64), right: (f64, f64), down: (f64, f64)) -> [f64; 6] {
        let place = |x: f64, y: f64| self.ground.from_metres(&Point::new(x, y)).0;
        let origin = place(corner.0, corner.1);
        let across = place(corner.0 + right.0, corner.1 + right.1) - origin;
        let down = place(corner.0 + down.0, corner.1 + down.1) - origin;
        [origin.x, across.x, down.x, origin.y, across.y, down.y]
    }
}

impl Mosaic {
    fn new(
        sheet: Sheet,
        number: usize,
        ground: &Ground,
        dir: &Path,
        progress: &mut dyn FnMut(&str, f64),
    ) -> anyhow::Result<Self> {
        let Sheet { orthomosaic, reader, .. } = sheet;
        let RasterSize { width, height } = orthomosaic.size;
        let whole = PxBox { x0: 0.0, y0: 0.0, x1: width.into(), y1: height.into() };
        let [x_m, y_m] = orthomosaic.gsd_m();
        let layer = Layer {
            id: format!("o{number}"),
            title: orthomosaic.name.clone(),
            kind: LayerKind::Orthomosaic,
            finest_gsd_m: x_m.min(y_m),
            extent: bounds(&ground.to_metres(&orthomosaic.georef.place_box(&whole))),
            digest: digest(&orthomosaic.path)?,
        };
        let to_open = orthomosaic.clone();
        let readers = Pool::new(move || PictureReader::open(&to_open));
        let is_slow = !reader.has_overviews() && width.max(height) > LARGE_PX;
        readers.put(reader);
        let reduced = match is_slow {
            true => Some(Reduced::of(&orthomosaic, &layer.digest, dir, progress)?),
            false => None,
        };
        Ok(Self { layer, orthomosaic, readers, reduced, stretch: OnceLock::new() })
    }

    /// A window of it as [`PictureReader::read`] has it, from the small copy where that is sharp
    /// enough.
    fn read(
        &self,
        window: &PxBox,
        longest_px: u32,
        px_aspect: f64,
    ) -> Result<Option<Picture>, ImageryError> {
        let longest = (window.x1 - window.x0).max(window.y1 - window.y0);
        let enough = |reduced: &&Reduced| longest / f64::from(longest_px) >= reduced.px[0];
        let Some(Reduced { readers, px: [width, height] }) = self.reduced.as_ref().filter(enough)
        else {
            return self.readers.with(|reader| reader.read(window, longest_px, px_aspect));
        };
        let in_copy = PxBox {
            x0: window.x0 / width,
            y0: window.y0 / height,
            x1: window.x1 / width,
            y1: window.y1 / height,
        };
        let read = readers.with(|reader| reader.read(&in_copy, longest_px, px_aspect))?;
        let back = |of: PxBox| PxBox {
            x0: of.x0 * width,
            y0: of.y0 * height,
            x1: of.x1 * width,
            y1: of.y1 * height,
        };
        Ok(read.map(|picture| Picture { window: back(picture.window), ..picture }))
    }

    /// What brings all but some percent of the darkest and of the brightest values of the whole
    /// orthomosaic to full contrast: the same for all tiles, or they would not fit together.
    fn stretch(&self, percent: f64) -> Result<Option<Stretch>, ImageryError> {
        if let Some(stretch) = self.stretch.get() {
            return Ok(*stretch);
        }
        let RasterSize { width, height } = self.orthomosaic.size;
        let whole = PxBox { x0: 0.0, y0: 0.0, x1: width.into(), y1: height.into() };
        let picture = self.read(&whole, STRETCH_PX, 1.0)?;
        let stretch = picture.and_then(|picture| Stretch::of(&picture, percent));
        Ok(*self.stretch.get_or_init(|| stretch))
    }
}

impl Reduced {
    /// The copy of a file with this digest in a folder, made if it is not there.
    fn of(
        orthomosaic: &Orthomosaic,
        digest: &str,
        dir: &Path,
        progress: &mut dyn FnMut(&str, f64),
    ) -> anyhow::Result<Self> {
        let path = dir.join(format!("overview-{digest}.tif"));
        if !path.exists() {
            fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
            let draft = path.with_extension("partial.tif");
            rams_tile::write_reduced(orthomosaic, &draft, REDUCED, &mut |share| {
                progress(&orthomosaic.name, share);
            })?;
            fs::rename(&draft, &path)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        let copy = rams_tile::open(&path, &ReadAs::default())?;
        let px = [
            f64::from(orthomosaic.size.width) / f64::from(copy.size.width),
            f64::from(orthomosaic.size.height) / f64::from(copy.size.height),
        ];
        Ok(Self { readers: Pool::new(move || PictureReader::open(&copy)), px })
    }
}

impl Surface {
    fn open(
        path: &Path,
        under: &Orthomosaic,
        ground: &Ground,
        extent: Rect,
    ) -> Result<Self, TileError> {
        let surface = rams_tile::surface_under(path, under)?;
        let layer = Layer {
            id: "h1".into(),
            title: surface.name,
            kind: LayerKind::Hillshade,
            finest_gsd_m: surface.gsd_m,
            extent,
            digest: digest(path)?,
        };
        let (path, under, crs) = (PathBuf::from(path), under.clone(), ground.crs().clone());
        let readers = Pool::new(move || SurfaceReader::open(&path, &under, &crs));
        Ok(Self { layer, readers })
    }
}

impl Imagery for ReviewImagery {
    fn layers(&self) -> Vec<Layer> {
        let mosaics = self.mosaics.iter().map(|mosaic| &mosaic.layer);
        mosaics.chain(self.surface.iter().map(|surface| &surface.layer)).cloned().collect()
    }

    fn tile(
        &self,
        layer: &str,
        z: u32,
        x: u32,
        y: u32,
        view: &View,
    ) -> Result<Option<Vec<u8>>, ImageryError> {
        let rect = |layer: &Layer| layer.tile_rect(self.extent, z, x, y);
        if let Some(mosaic) = self.mosaics.iter().find(|mosaic| mosaic.layer.id == layer) {
            return self.orthomosaic_tile(mosaic, rect(&mosaic.layer), view);
        }
        match self.surface.as_ref().filter(|surface| surface.layer.id == layer) {
            Some(surface) => self.hillshade_tile(surface, rect(&surface.layer), view),
            None => Ok(None),
        }
    }

    fn chip(
        &self,
        orthomosaic: &str,
        px: PxBox,
        side_px: u32,
    ) -> Result<Option<Vec<u8>>, ImageryError> {
        let found = self.mosaics.iter().find(|mosaic| mosaic.layer.title == orthomosaic);
        let Some(mosaic) = found else { return Ok(None) };
        let around = (px.x1 - px.x0).max(px.y1 - px.y0);
        let window = PxBox {
            x0: (px.x0 - around).floor(),
            y0: (px.y0 - around).floor(),
            x1: (px.x1 + around).ceil(),
            y1: (px.y1 + around).ceil(),
        };
        let [wide_m, high_m] = mosaic.orthomosaic.gsd_m();
        let read = mosaic.read(&window, side_px, high_m / wide_m)?;
        read.map(|picture| picture.jpeg().map_err(failed)).transpose()
    }

    fn profile(&self, line: &LineString) -> Result<Option<Vec<(f64, f64)>>, ImageryError> {
        let Some(surface) = &self.surface else { return Ok(None) };
        let length_m: f64 = line.lines().map(|part| Euclidean.distance(part.start, part.end)).sum();
        let step_m = surface.layer.finest_gsd_m.max(length_m / PROFILE_POINTS as f64);
        let (mut profile, mut from_m) = (vec![], 0.0);
        for part in line.lines() {
            let part_m = Euclidean.distance(part.start, part.end);
            let count = (part_m / step_m).ceil() as usize;
            if count == 0 {
                continue;
            }
            // A raster of one row that lies along the line, its pixels as high as they are wide.
            let (dx, dy) = (part.dx() / count as f64, part.dy() / count as f64);
            let corner = (part.start.x - dy / 2.0, part.start.y + dx / 2.0);
            let geotransform = self.geotransform(corner, (dx, dy), (dy, -dx));
            let heights = surface.readers.with(|reader| reader.read(geotransform, (count, 1)))?;
            let along = |at: usize| from_m + (at as f64 + 0.5) * part_m / count as f64;
            profile.extend(heights.iter().zip(0..).map(|(h, at)| (along(at), f64::from(*h))));
            from_m += part_m;
        }
        Ok(Some(profile))
    }
}

/// JPEG where all of it shows something, PNG where a part does, nothing where none does.
fn encoded(tile: &[Rgba]) -> Result<Option<Vec<u8>>, ImageryError> {
    let size = RasterSize { width: TILE_PX, height: TILE_PX };
    let shown = tile.iter().filter(|pixel| pixel[3] > 0).count();
    if shown == 0 {
        return Ok(None);
    }
    if shown == tile.len() {
        let rgb: Vec<u8> = tile.iter().flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
        return rams_tile::jpeg(&rgb, size).map(Some).map_err(failed);
    }
    let mut png = vec![];
    PngEncoder::new(&mut png)
        .write_image(tile.as_flattened(), size.width, size.height, ExtendedColorType::Rgba8)
        .map_err(failed)?;
    Ok(Some(png))
}

fn bounds(polygon: &geo::Polygon) -> Rect {
    polygon.bounding_rect().unwrap_or_else(|| Rect::new((0.0, 0.0), (1.0, 1.0)))
}

/// Tells a file from one that lay in its place before, and costs no reading of it from end to end.
fn digest(path: &Path) -> Result<String, TileError> {
    let Fingerprint { files } = rams_tile::fingerprint(path)?;
    let mut hasher = DefaultHasher::new();
    for print in files {
        (print.bytes, print.modified_ns, print.samples).hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

#[cfg(test)]
mod tests;
