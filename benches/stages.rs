//! One group for each stage; throughput in elements is pixels of the grid, or detections, or
//! features.

use crate::sample::Sample;
use criterion::{BatchSize, Criterion, Throughput};
use rams_delineate::{Basis, Doctrine};
use rams_detect::{Detector, ExecutionProvider};
use rams_domain::{
    Feature, Grid, Ground, HazardArea, OperatingPoint, RasterSize, RunRecord, Survey,
    named_detections,
};
use rams_scene::SceneSpec;
use rams_tile::Reader;
use std::hint::black_box;

pub(crate) fn scene(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("scene");
    let size = RasterSize { width: 2048, height: 2048 };
    group.throughput(Throughput::Elements(u64::from(size.width) * u64::from(size.height)));
    let folder = tempfile::tempdir().unwrap();
    let spec = SceneSpec { size, ..SceneSpec::default() };
    group.bench_function("paint 2048 x 2048", |b| {
        b.iter(|| rams_scene::paint(&spec, &folder.path().join("scene.tif")).unwrap());
    });
}

pub(crate) fn tile(criterion: &mut Criterion, sample: &Sample) {
    let mut group = criterion.benchmark_group("tile");
    let mut read_all = |name: &str, grid: Grid, spec| {
        let plan = rams_domain::TilePlan::new(grid, spec).unwrap();
        let size = grid.size();
        group.throughput(Throughput::Elements(u64::from(size.width) * u64::from(size.height)));
        group.bench_function(name, |b| {
            b.iter_batched(
                || Reader::open(&sample.orthomosaic, grid).unwrap(),
                |mut reader| plan.tiles().filter_map(|planned| reader.read(planned).ok()).count(),
                BatchSize::PerIteration,
            );
        });
    };
    let (native, spec) = (*sample.plan.grid(), sample.manifest.model.tile);
    let without_halo = rams_domain::TileSpec { tile_px: 512, halo_px: 0 };
    read_all("tiles without halo", native, without_halo);
    read_all("tiles with halo", native, spec);
    let coarser = Grid::new(sample.orthomosaic.size, sample.orthomosaic.gsd_m(), 0.0064);
    read_all("tiles with halo, resampled to 6.4 mm", coarser, spec);
}

pub(crate) fn detect(criterion: &mut Criterion, sample: &Sample) {
    let mut group = criterion.benchmark_group("detect");
    let tile: Vec<_> = sample.tiles().into_iter().take(1).collect();
    let side = u64::from(sample.manifest.model.tile.tile_px);
    group.throughput(Throughput::Elements(side * side));
    let mut detector =
        Detector::new(&sample.manifest, ExecutionProvider::Cpu, &sample.runtime).unwrap();
    group.bench_function("one tile", |b| {
        b.iter(|| detector.detect(black_box(&tile), sample.plan.grid()).unwrap())
    });
}

pub(crate) fn trace(criterion: &mut Criterion, sample: &Sample) {
    let mut group = criterion.benchmark_group("trace");
    let detections = sample.detections();
    group.throughput(Throughput::Elements(detections.len() as u64));
    group.bench_function("detections", |b| {
        b.iter(|| sample.trace(black_box(&detections)));
    });
}

pub(crate) fn delineate(criterion: &mut Criterion, sample: &Sample) {
    let mut group = criterion.benchmark_group("delineate");
    let (features, doctrine) = (sample.features(), Doctrine::baseline());
    let ground = sample.orthomosaic.georef.ground();
    group.throughput(Throughput::Elements(features.len() as u64));
    group.bench_function("features", |b| {
        b.iter(|| delineate_all(black_box(&features), &doctrine, ground));
    });
}

fn delineate_all(features: &[Feature], doctrine: &Doctrine, ground: &Ground) -> Vec<HazardArea> {
    let record = &RunRecord::default();
    let basis =
        Basis { features, external_evidence: &[], assessed: &[], gaps: &[], ground, record };
    rams_delineate::delineate(&basis, doctrine).hazard_areas
}

pub(crate) fn store(criterion: &mut Criterion, sample: &Sample) {
    let mut group = criterion.benchmark_group("store");
    let mut survey = Survey::new(sample.orthomosaic.georef.ground().clone());
    survey.features = sample.features();
    survey.hazard_areas = delineate_all(&survey.features, &Doctrine::baseline(), &survey.ground);
    survey.detections = named_detections(
        sample.detections(),
        &sample.manifest.model,
        &sample.orthomosaic,
        OperatingPoint::Balanced,
    )
    .collect();
    group.throughput(Throughput::Elements(survey.features.len() as u64));
    group.bench_function("features", |b| {
        b.iter(|| rams_store::write(&survey, sample.folder.path()).unwrap())
    });
}
