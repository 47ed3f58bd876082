//! What a map of very many finds costs.

use super::*;
use crate::{
    SurveyConfig, piece,
    plan::plan,
    tile_result::{Done, TileResult},
};
use cpu_time::ProcessTime;
use rams_delineate::Doctrine;
use rams_detect::Device;
use rams_domain::{
    Detection, DetectionId, Grid, HeightStatus, OperatingPoint, PxBox, QualityFlags, ReadAs, Shape,
    SurveyMetadata, TilePlan, TileSpec,
};
use std::{env, fs, process::Command};

/// Says nothing.
struct Quiet;

impl Progress for Quiet {
    fn notice(&self, _: &str) {}
    fn begin_pass(&self, _: &str, _: u32, _: usize) {}
    fn tile_done(&self, _: f64, _: usize) {}
    fn end_pass(&self) {}
    fn stop(&self) {}
    fn is_stopping(&self) -> bool {
        false
    }
}

/// A square orthomosaic of 4 mm, which takes no room on the disk.
fn paint(ortho: &Path, side_px: u32) {
    let (west, north) = (500_000.0, 5_000_000.0);
    let side_m = f64::from(side_px) * 0.004;
    let made = Command::new("gdal_create")
        .args(["-q", "-outsize", &side_px.to_string(), &side_px.to_string(), "-bands", "3"])
        .args(["-a_srs", "EPSG:32633", "-a_ullr", &west.to_string(), &north.to_string()])
        .args([(west + side_m).to_string(), (north - side_m).to_string()])
        .args(["-co", "TILED=YES", "-co", "BLOCKXSIZE=512", "-co", "BLOCKYSIZE=512"])
        .args(["-co", "SPARSE_OK=TRUE", "-co", "BIGTIFF=YES", "-co", "INTERLEAVE=PIXEL"])
        .arg(ortho)
        .status();
    assert!(made.expect("GDAL's programs are installed").success());
}

fn config(folder: &Path) -> SurveyConfig {
    let ortho = folder.join("ortho.tif");
    let models = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/surface-ordnance");
    SurveyConfig {
        orthomosaics: vec![ortho],
        read_as: ReadAs::default(),
        dsm: None,
        models: vec![models.into()],
        tile_px: None,
        aoi: None,
        evidence: vec![],
        mapping: None,
        metadata: SurveyMetadata::default(),
        metadata_file: None,
        operating_point: OperatingPoint::Balanced,
        site_calibration: None,
        doctrine: Doctrine::baseline(),
        out: folder.join("out"),
        overwrite: false,
        device: Device::Cpu,
        threads: 1,
    }
}

/// Pieces as a model makes them that sees a number of finds anywhere.
fn seal(config: &SurveyConfig, finds: u64) -> u32 {
    let plan = SurveyPlan::read(&config.out).expect("a plan");
    let shards = plan.shards(&config.out).expect("shards");
    let all: u64 = shards.iter().map(|shard| u64::from(shard.len())).sum();
    let size = rams_tile::open(&config.orthomosaics[0], &config.read_as).expect("a raster").size;
    let grid = Grid::new(size, [0.004; 2], 0.004);
    let tiles = TilePlan::new(grid, TileSpec { tile_px: 768, halo_px: 96 }).expect("tiles");
    let mut state = 1_u64;
    let mut random = move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / (1_u64 << 24) as f64
    };
    for shard in &shards {
        let mut outcomes = Results::new();
        for id in shard.tiles() {
            let core = tiles.tile(id).core;
            let count = (finds as f64 / all as f64 + random()) as u32;
            let detection = |index| {
                let x = core.x0 as f64 + random() * core.width() as f64;
                let y = core.y0 as f64 + random() * core.height() as f64;
                let shape = Shape::Box(PxBox { x0: x, y0: y, x1: x + 28.0, y1: y + 16.0 });
                let id = DetectionId { tile: id, index };
                Detection { id, class: 0, score: 0.95, shape, embedding: None }
            };
            let seen = TileResult {
                detections: (0..count).map(detection).collect(),
                shown: vec![(core, QualityFlags::default())],
                gaps: vec![],
                heights: HeightStatus::NotAsked,
            };
            outcomes.insert(id, Done::of(id, &Ok(seen)).outcome);
        }
        let print = "synthetic".to_owned();
        piece::write(&config.out, &plan, shard, print, 0, &outcomes).expect("a piece");
    }
    all as u32
}

/// Most memory that this process had, bytes, as Linux counts it.
fn peak_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kb.unwrap_or(0) * 1024
}

/// Figures for `docs/cluster.md`: `RAMS_FINDS=1000000 cargo test --release -p rams-survey
/// million -- --ignored --nocapture`. A process of its own gathers, and says what it took.
#[test]
#[ignore = "its figures are those of a machine that does nothing else"]
fn a_million_finds_on_two_million_tiles() {
    const FOLDER: &str = "RAMS_GATHER";
    let number = |name: &str, default| {
        env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let (finds, side_px) = (number("RAMS_FINDS", 1_000_000), number("RAMS_SIDE_PX", 793_000));
    if let Some(folder) = env::var_os(FOLDER) {
        let found = gathered(&config(Path::new(&folder)));
        // Finds that overlap are one.
        assert!(found > finds * 9 / 10 && found <= finds * 11 / 10, "{found}");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    paint(&folder.path().join("ortho.tif"), side_px as u32);
    let config = config(folder.path());
    plan(&config, 200.0, Kernels::Any, "", &Quiet).expect("a plan");
    println!("{finds} finds on {} tiles", seal(&config, finds));
    let itself = env::current_exe().expect("a program");
    let done = Command::new(itself)
        .args(["million", "--ignored", "--nocapture"])
        .env(FOLDER, folder.path())
        .status();
    assert!(done.expect("it begins").success());
}

/// Makes the map, and says what that took; returns the number of features.
fn gathered(config: &SurveyConfig) -> u64 {
    let before = ProcessTime::now();
    let summary = gather(config, false, &Quiet).expect("a map");
    let (cpu, peak) = (before.elapsed().as_secs_f64(), peak_bytes() as f64 / 1e9);
    println!("gathered in {cpu:.1} CPU s with {peak:.2} GB at most");
    let json: serde_json::Value =
        serde_json::from_str(&summary.to_json().expect("a summary")).expect("JSON");
    let by_class = json["features"].as_object().expect("by class").values();
    by_class.filter_map(serde_json::Value::as_u64).sum()
}
