//! The whole survey, as the program runs it, against the least it could cost.

use crate::sample::Sample;
use cpu_time::ProcessTime;
use gdal::Dataset;
use ndarray::Array4;
use ort::{inputs, session::Session, value::TensorRef};
use rams_detect::Runtime;
use rams_domain::{Grid, Orthomosaic, TilePlan};
use rams_model::Manifest;
use rams_tile::Reader;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use wait4::Wait4;

const ROUNDS: usize = 3;

/// Side of the windows in which a file is decoded once, pixels: whole blocks of most files.
const DECODED_PX: usize = 1024;

/// Prints what whole surveys cost: of the sample scene with the shipped model, and of the file and
/// the model that `RAMS_BENCH_ORTHO` and `RAMS_BENCH_MODEL` name. CPU seconds of one thread; the
/// floor is ONNX Runtime alone on as many tiles, and GDAL alone decoding the file once, round by
/// round in turn with the survey.
pub(crate) fn whole(sample: &Sample) {
    let filter = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    if filter.is_some_and(|filter| !"survey".contains(&filter))
        || std::env::args().any(|a| a == "--test")
    {
        return;
    }
    println!(
        "survey (one thread, medians of {ROUNDS})  MP/CPU s  MP/s wall  peak MB  CPU s / floor \
         (range)  floor CPU s: tiles + file"
    );
    line("sample scene, shipped model", &sample.path, &sample.model, sample);
    let named = |key: &str| std::env::var_os(key).map(PathBuf::from);
    if let (Some(ortho), Some(model)) = (named("RAMS_BENCH_ORTHO"), named("RAMS_BENCH_MODEL")) {
        line(&ortho.file_name().unwrap().to_string_lossy(), &ortho, &model, sample);
    }
}

fn line(what: &str, ortho: &Path, model: &Path, Sample { runtime, folder, .. }: &Sample) {
    let folder = folder.path();
    let orthomosaic = rams_tile::open(ortho, &rams_domain::ReadAs::default()).unwrap();
    let manifest = Manifest::read(model, None).unwrap();
    let grid = Grid::new(orthomosaic.size, orthomosaic.gsd_m(), manifest.model.gsd_m);
    let plan = TilePlan::new(grid, manifest.model.tile).unwrap();
    let megapixels = f64::from(orthomosaic.size.width) * f64::from(orthomosaic.size.height) / 1e6;

    let rounds = (0..ROUNDS).map(|_| {
        (
            infer(model, &manifest, runtime, &orthomosaic, &plan),
            decode(ortho),
            survey(ortho, model, folder),
        )
    });
    let rounds: Vec<_> = rounds.collect();
    let median = |of: &dyn Fn(&(f64, f64, Cost)) -> f64| {
        let mut values: Vec<_> = rounds.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        (values[ROUNDS / 2], values[0], values[ROUNDS - 1])
    };
    let (cpu_s, ..) = median(&|round| round.2.cpu_s);
    let (wall_s, ..) = median(&|round| round.2.wall_s);
    let (peak_mb, ..) = median(&|round| round.2.peak_mb);
    let (ratio, least, most) = median(&|(tiles, file, survey)| survey.cpu_s / (tiles + file));
    println!(
        "{what:38} {:9.2} {:10.2} {peak_mb:8.0} {ratio:9.2} ({least:.2} to {most:.2}) {:11.2} + \
         {:.2}",
        megapixels / cpu_s,
        megapixels / wall_s,
        median(&|round| round.0).0,
        median(&|round| round.1).0,
    );
}

/// CPU seconds of ONNX Runtime alone on the tiles of a survey; to read and convert them is not
/// counted.
fn infer(
    folder: &Path,
    manifest: &Manifest,
    runtime: &Runtime,
    orthomosaic: &Orthomosaic,
    plan: &TilePlan,
) -> f64 {
    let onnx = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let onnx =
        onnx.into_iter().find(|path| path.extension().is_some_and(|kind| kind == "onnx")).unwrap();
    let builder = Session::builder(runtime.environment()).unwrap().with_intra_threads(1).unwrap();
    let mut session =
        builder.with_intra_op_spinning(false).unwrap().commit_from_file(onnx).unwrap();
    let side = manifest.model.tile.tile_px as usize;
    let planes = if manifest.height_gsd_max_m().is_some() { 5 } else { 3 };
    let mut values = Array4::<f32>::zeros((1, planes, side, side));
    let mut run = |values: &Array4<f32>| {
        let started = ProcessTime::now();
        drop(session.run(inputs![TensorRef::from_array_view(values).unwrap()]).unwrap());
        started.elapsed().as_secs_f64()
    };
    run(&values); // allocates
    let mut reader = Reader::open(orthomosaic, *plan.grid()).unwrap();
    let mut seconds = 0.0;
    for tile in plan.tiles().filter_map(|planned| reader.read(planned).ok()) {
        for ((row, col, band), value) in tile.pixels.indexed_iter() {
            values[(0, band, row, col)] = f32::from(*value) / 255.0;
        }
        seconds += run(&values);
    }
    seconds
}

/// CPU seconds of GDAL alone, each block of the file decoded once.
fn decode(path: &Path) -> f64 {
    let started = ProcessTime::now();
    let dataset = Dataset::open(path).unwrap();
    let (width, height) = dataset.raster_size();
    for top in (0..height).step_by(DECODED_PX) {
        for left in (0..width).step_by(DECODED_PX) {
            let size = (DECODED_PX.min(width - left), DECODED_PX.min(height - top));
            for band in 1..=dataset.raster_count().min(3) {
                let band = dataset.rasterband(band).unwrap();
                band.read_as::<u8>((left as isize, top as isize), size, size, None).unwrap();
            }
        }
    }
    started.elapsed().as_secs_f64()
}

/// What a run of the program cost.
struct Cost {
    cpu_s: f64,
    wall_s: f64,
    peak_mb: f64,
}

fn survey(ortho: &Path, model: &Path, folder: &Path) -> Cost {
    // One that is there would be drawn again from what it saw.
    let _ = fs::remove_dir_all(folder.join("out"));
    let started = Instant::now();
    let mut program = Command::new(env!("CARGO_BIN_EXE_rams"));
    program.arg("survey").arg(ortho).arg("--model").arg(model).arg("-o").arg(folder.join("out"));
    program.args(["--threads", "1", "--device", "cpu"]).stdout(Stdio::null()).stderr(Stdio::null());
    let child = program.spawn().unwrap();
    // What the system counts for a child begins with the memory of its parent; this does not.
    let status = format!("/proc/{}/status", child.id());
    let peak = std::thread::spawn(move || {
        let mut peak_kib = 0.0;
        while let Ok(text) = fs::read_to_string(&status) {
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let Some(kib) = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok())
            else {
                break;
            };
            peak_kib = f64::max(peak_kib, kib);
            std::thread::sleep(Duration::from_millis(20));
        }
        peak_kib
    });
    let used = child.wait4().unwrap();
    // 3: done with gaps, as at the border of a flight.
    assert!(matches!(used.status.code(), Some(0 | 3)), "{:?}", used.status);
    Cost {
        cpu_s: (used.rusage.utime + used.rusage.stime).as_secs_f64(),
        wall_s: started.elapsed().as_secs_f64(),
        peak_mb: peak.join().unwrap() / 1024.0,
    }
}
