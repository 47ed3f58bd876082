//! What an orthomosaic is, what can be assessed in it, and how long that will take.

use crate::{
    args::{InspectArgs, InspectConfig},
    output::print,
};
use ndarray::{Array2, Array3};
use rams_detect::{Detector, ExecutionProvider, Runtime, smoke_test};
use rams_domain::{Class, Grid, LIMITS, Model, Orthomosaic, SurfaceModel, Tile, TileId, TilePlan};
use rams_model::Manifest;
use rams_survey::{Scope, choose_heights, read_models, surface_under};
use std::{
    process::ExitCode,
    slice,
    time::{Duration, Instant},
};

/// Runs the command.
pub(crate) fn run(args: InspectArgs) -> anyhow::Result<ExitCode> {
    print(&inspect(&args.resolve()?)?)?;
    Ok(ExitCode::SUCCESS)
}

/// The inspection, for people.
fn inspect(config: &InspectConfig) -> anyhow::Result<String> {
    let mut orthomosaic = rams_tile::open(&config.orthomosaic, &config.read_as)?;
    rams_tile::ground_around(slice::from_mut(&mut orthomosaic)).transpose()?;
    let surface = config
        .dsm
        .as_deref()
        .map(|dsm| surface_under(dsm, slice::from_ref(&orthomosaic)))
        .transpose()?;
    let surface = surface.and_then(|surfaces| surfaces.into_iter().next());
    let mut text = describe(&orthomosaic);
    if let Some(SurfaceModel { path, gsd_m, share, notices, .. }) = &surface {
        let (path, percent) = (path.display(), share * 100.0);
        text += &format!(
            "\n{path}\n  heights, pixels of {gsd_m:.3} m, {percent:.0} % of the orthomosaic's \
             extent\n"
        );
        text.extend(notices.iter().map(|notice| format!("  note: {notice}\n")));
    }
    let (runtime, mut all_s) = (Runtime::load()?, vec![]);
    for manifest in read_models(&config.models, config.tile_px)? {
        let manifest = smoke_test(manifest, &runtime)?.manifest;
        let scope = Scope::of(&manifest.model, &orthomosaic);
        text += &format!("\nmodel {} {}\n", manifest.model.name, manifest.model.version);
        text += &assessable(&manifest.model, &scope);
        text += &heights(&manifest, surface.as_ref());
        if !scope.assessable.is_empty() {
            let (told, seconds) = duration(&orthomosaic, &manifest, &runtime, config.threads)?;
            text += &told;
            all_s.push(seconds);
        }
    }
    if all_s.len() > 1 {
        let (models, all) = (all_s.len(), time(all_s.iter().sum()));
        text += &format!("\nall {models} models: {all}\n");
    }
    Ok(text + "\n" + LIMITS)
}

/// Which classes of a model can be assessed, a line each.
fn assessable(model: &Model, scope: &Scope) -> String {
    let mut text = String::new();
    for class in model.classes.iter().filter(|class| !model.is_family(class)) {
        let (name, Class { gsd_max_m, .. }) = (class.label(), class);
        if !class.is_looked_for() {
            text += &format!("  {name:20} CANNOT be assessed: the model finds too few of them\n");
            continue;
        }
        let is_assessable = scope.assessable.contains(class);
        let verdict = if is_assessable { "can be assessed" } else { "CANNOT be assessed" };
        let limit_mm = gsd_max_m * 1e3;
        text += &format!("  {name:20} {verdict}: needs pixels of {limit_mm:.1} mm or finer");
        if let (Some(parent), Some(limit_m)) = (&class.parent, class.gsd_name_m) {
            let family = model.classes.iter().find(|class| class.name == *parent);
            let (limit_mm, family) = (limit_m * 1e3, family.map_or(parent.as_str(), Class::label));
            text += &format!(", {limit_mm:.1} mm to be named; else it is called {family}");
        }
        text.push('\n');
    }
    text
}

/// Which heights a model takes.
fn heights(manifest: &Manifest, surface: Option<&SurfaceModel>) -> String {
    match (manifest.height_gsd_max_m(), choose_heights(surface, manifest)) {
        (None, _) => "  takes no heights\n".to_owned(),
        (Some(limit_m), None) => {
            format!("  takes heights of {limit_m} m a pixel or finer: --dsm\n")
        }
        (_, Some(Err(why))) => format!("  {why}\n"),
        (_, Some(Ok(surface))) => format!("  takes the heights of {}\n", surface.name),
    }
}

/// How long a model will take, and that in seconds.
fn duration(
    orthomosaic: &Orthomosaic,
    manifest: &Manifest,
    runtime: &Runtime,
    threads: usize,
) -> anyhow::Result<(String, f64)> {
    let grid = Grid::new(orthomosaic.size, orthomosaic.gsd_m(), manifest.model.gsd_m);
    let plan = TilePlan::new(grid, manifest.model.tile)?;
    let each_s = time_of_a_tile(&plan, manifest, runtime)?.as_secs_f64();
    let (tiles, each_ms) = (plan.len(), each_s * 1e3);
    let seconds = each_s * f64::from(tiles) / threads as f64;
    let total = time(seconds);
    let told =
        format!("  at most {tiles} tiles, {each_ms:.0} ms each: {total} on {threads} threads\n");
    Ok((told, seconds))
}

fn describe(orthomosaic: &Orthomosaic) -> String {
    let Orthomosaic {
        path, size, georef, colour_bands, values, off_colour, validity, format, ..
    } = orthomosaic;
    let own = georef.own_ground();
    let (crs, extent) = (own.crs(), own.extent());
    let [x, y] = orthomosaic.gsd_m();
    let hectares = own.area_m2(&extent.to_polygon().into()) / 1e4;
    let centre = own.lonlat(extent.center());
    let mut text = [
        path.display().to_string(),
        format!("  {} x {} px, {format}", size.width, size.height),
        format!("  bands read as red, green, blue: {colour_bands:?}{}", note(off_colour)),
        format!("  values: {values}"),
        format!("  {crs}"),
        format!("  centre {:.6}, {:.6} (longitude, latitude)", centre.x, centre.y),
        format!(
            "  pixels of {:.2} x {:.2} mm, extent of {hectares:.4} ha with its border",
            x * 1e3,
            y * 1e3
        ),
        format!("  ground without image: {validity}\n"),
    ]
    .join("\n");
    text.extend(orthomosaic.notices.iter().map(|notice| format!("  note: {notice}\n")));
    text
}

fn note(off_colour: &Option<String>) -> String {
    off_colour.as_ref().map_or_else(String::new, |text| format!("\n  {text}"))
}

/// Times the model on an empty tile: its time does not depend on what the tile shows.
fn time_of_a_tile(
    plan: &TilePlan,
    manifest: &Manifest,
    runtime: &Runtime,
) -> anyhow::Result<Duration> {
    let mut detector = Detector::new(manifest, ExecutionProvider::Cpu, runtime)?;
    let planned = plan.tile(TileId(0));
    let side = planned.read.width();
    let tile = [Tile {
        planned,
        pixels: Array3::zeros((side, side, 3)),
        valid: Array2::from_elem((side, side), true),
        heights: None,
    }];
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
