//! What an orthomosaic is, what can be assessed in it, and how long that will take.

use crate::{args::InspectConfig, coverage::Scope};
use ndarray::{Array2, Array3};
use rams_detect::{Detector, Manifest, Runtime};
use rams_domain::{Class, Grid, Orthomosaic, Tile, TileId, TilePlan, Validity};
use std::time::{Duration, Instant};

/// Prints the inspection.
pub(crate) fn inspect(config: &InspectConfig) -> anyhow::Result<()> {
    let orthomosaic = rams_tile::open(&config.orthomosaic)?;
    describe(&orthomosaic);
    let runtime = Runtime::load()?;
    for folder in &config.models {
        let manifest = Manifest::read(folder)?;
        println!("\nmodel {} {}", manifest.model.name, manifest.model.version);
        let scope = Scope::of(&manifest.model, &orthomosaic);
        for class in &manifest.model.classes {
            let Class { name, gsd_max_m, .. } = class;
            let verdict = if scope.assessable.contains(class) { "can be assessed" } else { "CANNOT be assessed" };
            println!("  {name:20} {verdict}: needs pixels of {:.1} mm or finer", gsd_max_m * 1000.0);
        }
        if !scope.assessable.is_empty() {
            let grid = Grid::new(orthomosaic.size, orthomosaic.gsd_m(), manifest.model.gsd_m);
            let plan = TilePlan::new(grid, manifest.model.tile)?;
            let each = time_of_a_tile(&plan, &manifest, &runtime)?;
            let seconds = each.as_secs_f64() * f64::from(plan.len()) / config.workers as f64;
            println!(
                "  at most {} tiles, {:.0} ms each: {} on {} threads",
                plan.len(),
                each.as_secs_f64() * 1e3,
                time(seconds),
                config.workers
            );
        }
    }
    println!("\n{}", rams_domain::LIMITS);
    Ok(())
}

fn describe(orthomosaic: &Orthomosaic) {
    let Orthomosaic { path, size, georef, validity, format, .. } = orthomosaic;
    let crs = georef.ground().crs();
    let [x, y] = orthomosaic.gsd_m();
    let extent = georef.ground().extent();
    let area_m2 = georef.ground().area_m2(&extent.to_polygon().into());
    let centre = georef.ground().lonlat(extent.center());
    println!("{}", path.display());
    println!("  {} x {} px, {format}", size.width, size.height);
    println!("  {} ({})", crs.name, crs.code.as_deref().unwrap_or("no code"));
    println!("  centre {:.6}, {:.6} (longitude, latitude)", centre.x, centre.y);
    println!("  pixels of {:.2} x {:.2} mm, extent of {:.4} ha with its border", x * 1e3, y * 1e3, area_m2 / 1e4);
    println!("  ground without image: {}", describe_validity(validity));
}

fn describe_validity(validity: &Validity) -> String {
    let Validity { nodata, alpha_band, mask } = validity;
    if validity.is_undeclared() {
        return "not declared in the file; pure black counts as without image".into();
    }
    let nodata = nodata.map(|value| format!("nodata value {value}"));
    let alpha = alpha_band.map(|band| format!("alpha band {band}"));
    let mask = mask.then(|| "mask".to_owned());
    [nodata, alpha, mask].into_iter().flatten().collect::<Vec<_>>().join(" and ")
}

/// Times the model on an empty tile: its time does not depend on what the tile shows.
fn time_of_a_tile(plan: &TilePlan, manifest: &Manifest, runtime: &Runtime) -> anyhow::Result<Duration> {
    let mut detector = Detector::new(manifest, runtime)?;
    let planned = plan.tile(TileId(0));
    let side = planned.read.width();
    let tile = [Tile { planned, pixels: Array3::zeros((side, side, 3)), valid: Array2::from_elem((side, side), true) }];
    detector.detect(&tile, plan.grid())?; // the first run allocates
    let started = Instant::now();
    const RUNS: u32 = 3;
    for _ in 0..RUNS {
        detector.detect(&tile, plan.grid())?;
    }
    Ok(started.elapsed() / RUNS)
}

fn time(seconds: f64) -> String {
    match seconds {
        s if s < 90.0 => format!("about {s:.0} s"),
        s if s < 5400.0 => format!("about {:.0} min", s / 60.0),
        s => format!("about {:.1} h", s / 3600.0),
    }
}
