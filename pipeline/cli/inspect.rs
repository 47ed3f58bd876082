//! What orthomosaics are, what can be assessed in them, and how long that will take.

mod text;

use crate::{
    args::{InspectArgs, InspectConfig},
    output::print,
};
use ndarray::{Array2, Array3};
use rams_detect::{Detector, ExecutionProvider, Runtime, smoke_test};
use rams_domain::{Class, Grid, LIMITS, Orthomosaic, SurfaceModel, Tile, TileId, TilePlan};
use rams_model::Manifest;
use rams_survey::{Scope, choose_heights, read_models, surface_under};
use serde::Serialize;
use std::{
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

/// Runs the command.
pub(crate) fn run(args: InspectArgs) -> anyhow::Result<ExitCode> {
    let json = args.json;
    let inspection = inspect(&args.resolve()?)?;
    print(&if json { serde_json::to_string_pretty(&inspection)? } else { inspection.to_string() })?;
    Ok(ExitCode::SUCCESS)
}

/// What is known before a survey.
#[derive(Serialize)]
struct Inspection {
    orthomosaics: Vec<Inspected>,
    /// Processors that a survey here works on.
    threads: usize,
    /// Seconds that all models take on all orthomosaics, at most.
    seconds: f64,
    /// What every output says of its own limits.
    limits: &'static str,
}

#[derive(Serialize)]
struct Inspected {
    path: PathBuf,
    width_px: u32,
    height_px: u32,
    format: String,
    /// Numbers of the bands that are read as red, green and blue, from 1.
    colour_bands: [usize; 3],
    /// Why its colours are not those that models learned from.
    off_colour: Option<String>,
    values: String,
    crs: String,
    /// Longitude and latitude of its centre.
    centre: [f64; 2],
    /// Metres along its columns and rows.
    gsd_m: [f64; 2],
    /// Its rectangle, with ground that has no image.
    extent_ha: f64,
    /// How it marks ground without image.
    without_image: String,
    notices: Vec<String>,
    surface: Option<Surface>,
    models: Vec<Pass>,
}

/// A surface model under an orthomosaic.
#[derive(Serialize)]
struct Surface {
    path: PathBuf,
    gsd_m: f64,
    /// Of the orthomosaic's extent, 0 to 1.
    share: f64,
    notices: Vec<String>,
}

/// A model on an orthomosaic.
#[derive(Serialize)]
struct Pass {
    name: String,
    version: String,
    classes: Vec<Looked>,
    heights: Heights,
    /// None where no class can be assessed, and so the model does not run.
    cost: Option<Cost>,
}

/// Whether a class can be assessed.
#[derive(Serialize)]
struct Looked {
    name: String,
    label: String,
    /// Not where the model finds too few of them, whatever the pixels.
    is_looked_for: bool,
    is_assessable: bool,
    /// The coarsest pixels in which it can be assessed, and in which it can be told from its kin.
    gsd_max_m: f64,
    gsd_name_m: Option<f64>,
    /// What it is called otherwise.
    family: Option<String>,
}

/// Which heights a model takes.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Heights {
    /// None.
    Never,
    /// None were given; it takes those of pixels of so many metres.
    Missing { gsd_max_m: f64 },
    /// Those given, and why not.
    Refused(String),
    /// Those of a file.
    Of(String),
}

#[derive(Serialize)]
struct Cost {
    /// At most: what has no image is not looked at.
    tiles: u32,
    tile_ms: f64,
    seconds: f64,
}

fn inspect(config: &InspectConfig) -> anyhow::Result<Inspection> {
    let open = |path: &PathBuf| rams_tile::open(path, &config.read_as);
    let mut orthomosaics = config.orthomosaics.iter().map(open).collect::<Result<Vec<_>, _>>()?;
    rams_tile::ground_around(&mut orthomosaics).transpose()?;
    let surfaces = match &config.dsm {
        Some(dsm) => surface_under(dsm, &orthomosaics)?.into_iter().map(Some).collect(),
        None => vec![None; orthomosaics.len()],
    };
    let runtime = Runtime::load()?;
    let manifests = read_models(&config.models, config.tile_px)?
        .into_iter()
        .map(|manifest| Ok(smoke_test(manifest, &runtime)?.manifest))
        .collect::<anyhow::Result<Vec<_>>>()?;

    let mut all: Vec<_> = orthomosaics.iter().zip(&surfaces).map(Inspected::of).collect();
    for manifest in &manifests {
        // The same for all orthomosaics: each tile has the model's own size.
        let mut tile_time = None;
        for ((orthomosaic, surface), inspected) in orthomosaics.iter().zip(&surfaces).zip(&mut all)
        {
            let scope = Scope::of(&manifest.model, orthomosaic);
            let mut cost = None;
            if !scope.assessable.is_empty() {
                let grid = Grid::new(orthomosaic.size, orthomosaic.gsd_m(), manifest.model.gsd_m);
                let plan = TilePlan::new(grid, manifest.model.tile)?;
                let each = match tile_time {
                    Some(each) => each,
                    None => *tile_time.insert(time_of_a_tile(&plan, manifest, &runtime)?),
                };
                cost = Some(Cost::of(&plan, each, config.threads));
            }
            inspected.models.push(Pass::of(manifest, &scope, surface.as_ref(), cost));
        }
    }
    let costs = all.iter().flat_map(|one| &one.models).filter_map(|pass| pass.cost.as_ref());
    let seconds = costs.map(|cost| cost.seconds).sum();
    Ok(Inspection { orthomosaics: all, threads: config.threads, seconds, limits: LIMITS })
}

impl Inspected {
    fn of((orthomosaic, surface): (&Orthomosaic, &Option<SurfaceModel>)) -> Self {
        let own = orthomosaic.georef.own_ground();
        let extent = own.extent();
        let centre = own.lonlat(extent.center());
        Self {
            path: orthomosaic.path.clone(),
            width_px: orthomosaic.size.width,
            height_px: orthomosaic.size.height,
            format: orthomosaic.format.clone(),
            colour_bands: orthomosaic.colour_bands,
            off_colour: orthomosaic.off_colour.clone(),
            values: orthomosaic.values.clone(),
            crs: own.crs().to_string(),
            centre: [centre.x, centre.y],
            gsd_m: orthomosaic.gsd_m(),
            extent_ha: own.area_m2(&extent.to_polygon().into()) / 1e4,
            without_image: orthomosaic.validity.to_string(),
            notices: orthomosaic.notices.clone(),
            surface: surface.clone().map(|SurfaceModel { path, gsd_m, share, notices, .. }| {
                Surface { path, gsd_m, share, notices }
            }),
            models: vec![],
        }
    }
}

impl Pass {
    fn of(
        manifest: &Manifest,
        scope: &Scope,
        surface: Option<&SurfaceModel>,
        cost: Option<Cost>,
    ) -> Self {
        let model = &manifest.model;
        let looked = |class: &Class| Looked {
            name: class.name.clone(),
            label: class.label().to_owned(),
            is_looked_for: class.is_looked_for(),
            is_assessable: scope.assessable.contains(class),
            gsd_max_m: class.gsd_max_m,
            gsd_name_m: class.gsd_name_m,
            family: class.parent.as_ref().map(|parent| {
                let family = model.classes.iter().find(|class| class.name == *parent);
                family.map_or(parent.as_str(), Class::label).to_owned()
            }),
        };
        let heights = match (manifest.height_gsd_max_m(), choose_heights(surface, manifest)) {
            (None, _) => Heights::Never,
            (Some(gsd_max_m), None) => Heights::Missing { gsd_max_m },
            (_, Some(Err(why))) => Heights::Refused(why),
            (_, Some(Ok(surface))) => Heights::Of(surface.name),
        };
        let kinds = model.classes.iter().filter(|class| !model.is_family(class));
        Self {
            name: model.name.clone(),
            version: model.version.clone(),
            classes: kinds.map(looked).collect(),
            heights,
            cost,
        }
    }
}

impl Cost {
    fn of(plan: &TilePlan, each: Duration, threads: usize) -> Self {
        let (tiles, each_s) = (plan.len(), each.as_secs_f64());
        let seconds = each_s * f64::from(tiles) / threads as f64;
        Self { tiles, tile_ms: each_s * 1e3, seconds }
    }
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
