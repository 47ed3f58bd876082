//! Tiles and detects: what a model sees in an orthomosaic, tile by tile, before anything is merged.
//!
//!     cargo run --example detect -- ORTHOMOSAIC MODEL

use rams_detect::{Detector, ExecutionProvider, Runtime, smoke_test};
use rams_domain::{Grid, ReadAs, TilePlan};
use rams_model::Manifest;
use rams_tile::Reader;
use std::{env, error::Error, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let [ortho, model] = &paths[..] else { return Err("give an orthomosaic and a model".into()) };

    // The plan: which windows of the orthomosaic become which tiles, at the scale of the model.
    let orthomosaic = rams_tile::open(ortho, &ReadAs::default())?;
    let runtime = Runtime::load()?;
    let manifest = smoke_test(Manifest::read(model, None)?, &runtime)?.manifest;
    let grid = Grid::new(orthomosaic.size, orthomosaic.gsd_m(), manifest.model.gsd_m);
    let plan = TilePlan::new(grid, manifest.model.tile)?;

    let mut reader = Reader::open(&orthomosaic, grid)?;
    let mut detector = Detector::new(&manifest, ExecutionProvider::Cpu, &runtime)?;
    for planned in plan.tiles() {
        // What cannot be read is a gap: it says why, and the next tile is read all the same.
        let tile = match reader.read(planned) {
            Ok(tile) => tile,
            Err(gap) => {
                println!("tile {}: not assessed, {}", planned.id.0, gap.reason);
                continue;
            }
        };
        for detection in detector.detect(&[tile], &grid)?.iter().flat_map(|seen| &seen.detections) {
            let class = &manifest.model.classes[detection.class];
            let Some(px) = detection.shape.bounds() else { continue };
            let (x, y) = (px.centre().x, px.centre().y);
            println!(
                "{}: {} {:.2} at pixel {x:.0}, {y:.0}",
                detection.id,
                class.label(),
                detection.score
            );
        }
    }
    Ok(())
}
