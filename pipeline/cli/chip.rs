//! An annotated orthomosaic -> chips for those who train elsewhere.

mod labels;
mod reviewed;

use crate::{
    args::{ChipArgs, ChipConfig},
    output::{create_folder, print},
    terminal::notice,
    truth,
};
use anyhow::{Context, bail, ensure};
use image::{ExtendedColorType, ImageEncoder, codecs, save_buffer};
use labels::{Category, Chip, Label, Object};
use ndarray::Array3;
use rams_domain::{Gap, GapReason, Grid, GridRect, Orthomosaic, PlannedTile, PxBox, Tile, TileId};
use rams_tile::Reader;
use std::{
    collections::BTreeSet,
    fmt, fs,
    io::{BufWriter, Write as _},
    path::Path,
    process::ExitCode,
};

/// Share of an object's box that a chip must hold for the object to count as in it.
const WHOLE_ENOUGH: f64 = 0.5;

/// Runs the command.
pub(crate) fn run(args: ChipArgs) -> anyhow::Result<ExitCode> {
    print(&chip(&args.resolve()?)?.to_string())?;
    Ok(ExitCode::SUCCESS)
}

/// What was written and what was not.
struct Chips {
    chips: Vec<Chip>,
    empty_left_out: usize,
    cut_left_out: usize,
    without_image: usize,
}

/// What is known of an orthomosaic.
struct Annotations {
    labels: Vec<Label>,
    categories: Vec<Category>,
    /// What people did not see where a model did, mosaic pixels: with it, ground of which nothing
    /// is said is not known to be without objects.
    not_seen: Option<Vec<PxBox>>,
}

/// Cuts the chips and writes them with their labels.
fn chip(config: &ChipConfig) -> anyhow::Result<Chips> {
    let orthomosaic = rams_tile::open(&config.orthomosaic, &config.read_as)?;
    orthomosaic.notices.iter().for_each(|text| notice(&format!("{}: {text}", orthomosaic.name)));
    let Annotations { labels, categories, not_seen } = match &config.reviewed {
        None => annotated(config, &orthomosaic)?,
        Some(dir) => reviewed::read(dir, &orthomosaic)?,
    };
    let images = config.out.join(labels::IMAGES);
    ensure!(
        !images.exists(),
        "{} is there already: give another -o, or remove it",
        images.display()
    );
    create_folder(&images)?;

    let grid = match config.gsd_m {
        Some(gsd_m) => Grid::new(orthomosaic.size, orthomosaic.gsd_m(), gsd_m),
        None => Grid::new(orthomosaic.size, [1.0, 1.0], 1.0),
    };
    let mut reader = Reader::open(&orthomosaic, grid)?;
    let mut done = Chips { chips: vec![], empty_left_out: 0, cut_left_out: 0, without_image: 0 };
    for planned in plan(&grid, config.tile_px, config.overlap_px) {
        let objects = within(&planned.read, &labels, &grid);
        if !objects.iter().any(|object| object.counts) {
            // A chip of pieces alone would teach that a piece of a mine is ground.
            if !objects.is_empty() {
                done.cut_left_out += 1;
                continue;
            }
            let is_kept = not_seen
                .as_ref()
                .map(|not_seen| not_seen.iter().any(|px| is_within(&planned.read, px, &grid)));
            if !is_kept.unwrap_or_else(|| draw(planned.id) < config.empty) {
                done.empty_left_out += 1;
                continue;
            }
        }
        let tile = match reader.read(planned) {
            Ok(tile) => tile,
            Err(Gap { reason: GapReason::Nodata, .. }) => {
                done.without_image += 1;
                continue;
            }
            Err(gap) => bail!("cannot cut {}: {}", config.orthomosaic.display(), gap.detail),
        };
        done.chips.push(written(&tile, objects, (&orthomosaic, &grid), config)?);
    }
    ensure!(
        !done.chips.is_empty(),
        "cannot cut {}: it holds no object, and --empty is {}",
        orthomosaic.name,
        config.empty
    );
    labels::write(&done.chips, &categories, config)?;
    Ok(done)
}

/// Writes a chip, and says what it shows.
fn written(
    tile: &Tile,
    objects: Vec<Object>,
    (orthomosaic, grid): (&Orthomosaic, &Grid),
    config: &ChipConfig,
) -> anyhow::Result<Chip> {
    let ending = if config.jpeg.is_some() { "jpg" } else { "png" };
    let GridRect { x0, y0, .. } = tile.planned.read;
    let file = format!("{}_{x0}_{y0}.{ending}", orthomosaic.name);
    save(&config.out.join(labels::IMAGES).join(&file), tile, config)?;
    let [x_m, y_m] = orthomosaic.gsd_m();
    let [x, y] = grid.scale();
    let valid_px = tile.valid.iter().filter(|valid| **valid).count();
    let gsd_m = [x_m * x, y_m * y];
    let valid_m2 = valid_px as f64 * gsd_m[0] * gsd_m[1];
    Ok(Chip { file, valid_m2, gsd_m: gsd_m[0], objects })
}

/// Objects of the truth that is about this orthomosaic, and all classes.
fn annotated(config: &ChipConfig, orthomosaic: &Orthomosaic) -> anyhow::Result<Annotations> {
    let truth = config.truth.as_ref().context("give --truth or --reviewed")?;
    let files = truth::read(std::slice::from_ref(truth))?;
    let images =
        files.iter().flat_map(|file| file.truth.images.iter().map(|image| (image, &file.path)));
    let (meant, others): (Vec<_>, Vec<_>) =
        images.partition(|(image, _)| image.name == orthomosaic.name);
    let [(image, path)] = meant[..] else {
        let others: Vec<_> = others.iter().map(|(image, _)| image.name.as_str()).collect();
        bail!(
            "cannot find one truth of {} in {}: it holds {} of it, and of {}",
            orthomosaic.name,
            truth.display(),
            meant.len(),
            if others.is_empty() { "no other".into() } else { others.join(", ") }
        );
    };
    truth::check_size(
        image,
        path,
        [orthomosaic.size.width.into(), orthomosaic.size.height.into()],
    )?;
    let listed = files
        .iter()
        .flat_map(|file| &file.truth.categories)
        .map(|(_, name, parent)| (name, parent.as_ref()));
    let unlisted: BTreeSet<&String> = image.objects.iter().map(|(class, ..)| class).collect();
    let mut categories: Vec<Category> = vec![];
    for (name, parent) in listed.chain(unlisted.into_iter().map(|name| (name, None))) {
        if !categories.iter().any(|known| known.name == *name) {
            categories.push(Category { name: name.clone(), parent: parent.cloned() });
        }
    }
    let label = |(class, px, ignored): &(String, PxBox, bool)| Label {
        class: categories
            .iter()
            .position(|known| known.name == *class)
            .expect("each class was listed above"),
        px: *px,
        ignored: *ignored,
    };
    let labels = image.objects.iter().map(label).collect();
    Ok(Annotations { labels, categories, not_seen: None })
}

/// Squares that cover the grid with at least the overlap, the last of a row and of a column moved
/// inwards: a chip reaches beyond the grid only where the grid is smaller than a chip.
fn plan(grid: &Grid, tile_px: u32, overlap_px: u32) -> impl Iterator<Item = PlannedTile> {
    let bounds = grid.bounds();
    let (side, step) = (i64::from(tile_px), i64::from(tile_px - overlap_px));
    let starts = move |length: i64| {
        let last = (length - side).max(0);
        (0..)
            .map(move |at| (at * step).min(last))
            .take((last as u64).div_ceil(step as u64) as usize + 1)
    };
    let corners = starts(bounds.y1).flat_map(move |y0| starts(bounds.x1).map(move |x0| (x0, y0)));
    corners.zip(0..).map(move |((x0, y0), id)| {
        let read = GridRect { x0, y0, x1: x0 + side, y1: y0 + side };
        PlannedTile { id: TileId(id), core: read.clip(&bounds), read }
    })
}

/// The objects of a chip, in its own pixels, cut at its border.
fn within(chip: &GridRect, labels: &[Label], grid: &Grid) -> Vec<Object> {
    let [x, y] = grid.scale();
    let (left, top) = (chip.x0 as f64, chip.y0 as f64);
    let (width, height) = (chip.width() as f64, chip.height() as f64);
    let object = |label: &Label| {
        let Label { class, px, ignored } = *label;
        let whole = PxBox {
            x0: px.x0 / x - left,
            y0: px.y0 / y - top,
            x1: px.x1 / x - left,
            y1: px.y1 / y - top,
        };
        let cut = PxBox {
            x0: whole.x0.max(0.0),
            y0: whole.y0.max(0.0),
            x1: whole.x1.min(width),
            y1: whole.y1.min(height),
        };
        (cut.area() > 0.0).then_some(Object {
            class,
            px: cut,
            counts: !ignored && cut.area() >= WHOLE_ENOUGH * whole.area(),
        })
    };
    labels.iter().filter_map(object).collect()
}

/// Whether the middle of a box of mosaic pixels lies in a chip.
fn is_within(chip: &GridRect, px: &PxBox, grid: &Grid) -> bool {
    let ([x, y], middle) = (grid.scale(), px.rect().center());
    let (col, row) = ((middle.x / x).floor() as i64, (middle.y / y).floor() as i64);
    (chip.x0..chip.x1).contains(&col) && (chip.y0..chip.y1).contains(&row)
}

/// A number in 0 to 1 that depends on the chip's place in the plan alone (the mixer of splitmix64):
/// the same chips every time, in no pattern on the ground.
fn draw(TileId(id): TileId) -> f64 {
    let mut bits = (u64::from(id) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((bits ^ (bits >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

/// Ground without image is black.
fn save(path: &Path, tile: &Tile, config: &ChipConfig) -> anyhow::Result<()> {
    let mut pixels: Array3<u8> = tile.pixels.clone();
    for (mut colour, valid) in pixels.rows_mut().into_iter().zip(&tile.valid) {
        if !valid {
            colour.fill(0);
        }
    }
    let (bytes, side) = (pixels.iter().copied().collect::<Vec<u8>>(), config.tile_px);
    let saved = match config.jpeg {
        None => save_buffer(path, &bytes, side, side, ExtendedColorType::Rgb8),
        Some(quality) => fs::File::create(path).map_err(image::ImageError::from).and_then(|file| {
            let mut file = BufWriter::new(file);
            let encoder = codecs::jpeg::JpegEncoder::new_with_quality(&mut file, quality);
            encoder.write_image(&bytes, side, side, ExtendedColorType::Rgb8)?;
            // A full disk would pass unseen when the writer is dropped.
            Ok(file.flush()?)
        }),
    };
    saved.with_context(|| format!("cannot write {}", path.display()))
}

impl fmt::Display for Chips {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let objects = self.chips.iter().flat_map(|chip| &chip.objects);
        let (whole, cut): (Vec<_>, Vec<_>) = objects.partition(|object| object.counts);
        let empty = self.chips.iter().filter(|chip| chip.objects.is_empty()).count();
        writeln!(f, "{} chips, {empty} of them without an object", self.chips.len())?;
        writeln!(f, "{} objects (one in several chips counts in each)", whole.len())?;
        writeln!(
            f,
            "{} pieces of less than half an object or of ignored ones: `iscrowd` in COCO, absent \
             in YOLO",
            cut.len()
        )?;
        write!(
            f,
            "left out: {} chips without an object, {} with such pieces alone, {} without image",
            self.empty_left_out, self.cut_left_out, self.without_image
        )
    }
}
