//! The files that are damaged, and who reads them.

use super::mutate::{damaged, garbled};
use crate::support::{Ortho, model, rams};
use fastrand::Rng;
use gdal::{Dataset, DatasetOptions, GdalOpenFlags, vector::sql::Dialect};
use rams_delineate::{Basis, Doctrine, delineate};
use rams_detect::{Runtime, smoke_test};
use rams_domain::{Grid, ReadAs, Survey, TileId, TilePlan, TileSpec};
use rams_model::Manifest;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    str::FromStr,
};

/// Side of the painted orthomosaic, pixels.
const SIDE: usize = 320;

/// A kind of file with a sound one of it.
pub(crate) enum Kind {
    Manifest {
        text: String,
        folder: PathBuf,
        runtime: Runtime,
    },
    /// One with a description beside it, which the runtime gets to see, and those from elsewhere.
    Weights {
        described: Vec<u8>,
        foreign: Vec<Vec<u8>>,
        folder: PathBuf,
        runtime: Runtime,
    },
    Doctrine {
        text: String,
        survey: Box<Survey>,
    },
    Survey {
        bytes: Vec<u8>,
        folder: PathBuf,
    },
    Raster {
        files: Vec<(String, Vec<u8>)>,
        folder: PathBuf,
    },
}

impl Kind {
    pub(crate) fn prepare(kind: &str, folder: &Path) -> Self {
        let (read, folder) = (|path: PathBuf| fs::read(path).unwrap(), folder.to_owned());
        let toy = model("red-boxes");
        let text = || fs::read_to_string(toy.join("model.toml")).unwrap();
        match kind {
            "manifest" => {
                fs::copy(toy.join("red-boxes.onnx"), folder.join("red-boxes.onnx")).unwrap();
                Self::Manifest { text: text(), folder, runtime: Runtime::load().unwrap() }
            }
            "weights" => {
                let files =
                    fs::read_dir(model("foreign")).unwrap().map(|entry| entry.unwrap().path());
                let mut files: Vec<PathBuf> =
                    files.filter(|path| path.extension().is_some_and(|e| e == "onnx")).collect();
                files.sort();
                let text = text();
                let lines = text.lines().filter(|line| !line.starts_with("digest"));
                fs::create_dir(folder.join("described")).unwrap();
                fs::write(
                    folder.join("described/model.toml"),
                    lines.collect::<Vec<_>>().join("\n"),
                )
                .unwrap();
                let (described, foreign) =
                    (read(toy.join("red-boxes.onnx")), files.into_iter().map(read).collect());
                Self::Weights { described, foreign, folder, runtime: Runtime::load().unwrap() }
            }
            "doctrine" => {
                let path =
                    Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets/doctrine/baseline.toml");
                survey(&folder);
                let survey = rams_store::read(&folder.join("survey")).unwrap().0.into();
                Self::Doctrine { text: fs::read_to_string(path).unwrap(), survey }
            }
            "survey" => {
                survey(&folder);
                Self::Survey { bytes: read(folder.join("survey/survey.gpkg")), folder }
            }
            "raster" => {
                let files = rasters(&folder)
                    .into_iter()
                    .map(|name| (name.to_owned(), read(folder.join(name))))
                    .collect();
                Self::Raster { files, folder }
            }
            other => panic!("no kind of file is called {other}"),
        }
    }

    /// Damages the file and has it read to the end; whether it could be.
    pub(crate) fn read_damaged(&self, rng: &mut Rng) -> bool {
        match self {
            Self::Manifest { text, folder, runtime } => {
                fs::write(folder.join("model.toml"), garbled(text, rng)).unwrap();
                Manifest::read(folder, None)
                    .is_ok_and(|manifest| smoke_test(manifest, runtime).is_ok())
            }
            Self::Weights { described, foreign, folder, runtime } => {
                let (path, bytes) = if rng.bool() {
                    (folder.join("described/red-boxes.onnx"), described)
                } else {
                    (folder.join("foreign.onnx"), &foreign[rng.usize(0..foreign.len())])
                };
                fs::write(&path, damaged(bytes, rng)).unwrap();
                let _ = Manifest::describe(&path);
                Manifest::read(&path, None)
                    .is_ok_and(|manifest| smoke_test(manifest, runtime).is_ok())
            }
            Self::Doctrine { text, survey } => {
                let Ok(doctrine) = Doctrine::parse(&garbled(text, rng), "garbled.toml") else {
                    return false;
                };
                let Survey { features, external_evidence, assessed, gaps, ground, record, .. } =
                    survey.as_ref();
                let basis = Basis { features, external_evidence, assessed, gaps, ground, record };
                delineate(&basis, &doctrine);
                true
            }
            Self::Survey { bytes, folder } => {
                let path = folder.join("survey/survey.gpkg");
                // Half of the damage is to the file, half to what its rows say.
                if rng.bool() {
                    fs::write(&path, damaged(bytes, rng)).unwrap();
                } else {
                    fs::write(&path, bytes).unwrap();
                    edit(&path, rng);
                }
                reads_back(folder, rng)
            }
            Self::Raster { files, folder } => {
                let (name, bytes) = &files[rng.usize(0..files.len())];
                let path = folder.join("damaged").join(name);
                let bytes = if name.ends_with("vrt") {
                    garbled(&String::from_utf8_lossy(bytes), rng).into_bytes()
                } else {
                    let header = bytes.len().min(2_000);
                    [&damaged(&bytes[..header], rng)[..], &bytes[header..]].concat()
                };
                fs::write(&path, bytes).unwrap();
                opens(&path)
            }
        }
    }
}

/// Surveys an orthomosaic of squares and a bar into `survey`.
fn survey(folder: &Path) {
    let ortho = folder.join("ortho.tif");
    let squares = (0..12i64)
        .fold(Ortho::new(SIDE, SIDE), |ortho, i| ortho.square((i * 97) % 300, (i * 61) % 300));
    squares.fill((100, 300), (201, 207), [0, 0, 255]).write(&ortho);
    let models = ["red-boxes", "red-mask"].map(model);
    let (ortho, out) = (ortho.to_str().unwrap(), folder.join("survey"));
    let [boxes, mask] = models.each_ref().map(|model| model.to_str().unwrap());
    let ran = rams(&[
        "survey",
        ortho,
        "-o",
        out.to_str().unwrap(),
        "--model",
        boxes,
        "--model",
        mask,
        "--threads",
        "1",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

/// Gives a value that it may not have thought of to a field of a row, or of all rows.
fn edit(path: &Path, rng: &mut Rng) {
    const LAYERS: [&str; 6] = ["features", "hazard_areas", "gaps", "assessed", "detections", "run"];
    const VALUES: [&str; 14] = [
        "NULL",
        "-1",
        "0",
        "1e308",
        "'nan'",
        "''",
        "'x'",
        "9223372036854775807",
        "x'00'",
        "x'47500001'",
        "substr(geom, 1, 20)",
        "substr(geom, 1, length(geom) - 3)",
        "zeroblob(50)",
        "'00000000000000000000000000000000000000000000000000000000000000000000000000000000000'",
    ];
    let options = DatasetOptions {
        open_flags: GdalOpenFlags::GDAL_OF_VECTOR | GdalOpenFlags::GDAL_OF_UPDATE,
        ..DatasetOptions::default()
    };
    let dataset = Dataset::open_ex(path, options).unwrap();
    let layer = LAYERS[rng.usize(0..LAYERS.len())];
    let columns: Vec<String> = {
        use gdal::vector::LayerAccess;
        let layer = dataset.layer_by_name(layer).unwrap();
        let fields = layer.defn().fields().map(|field| field.name());
        fields.chain(layer.defn().geom_fields().map(|field| field.name())).collect()
    };
    let column = &columns[rng.usize(0..columns.len())];
    let row =
        if rng.bool() { format!(" WHERE rowid = {}", rng.usize(1..6)) } else { String::new() };
    let what = match rng.u8(0..8) {
        0 => format!("DELETE FROM \"{layer}\"{row}"),
        1 => format!("DROP TABLE \"{layer}\""),
        2 => format!("ALTER TABLE \"{layer}\" RENAME COLUMN \"{column}\" TO \"other\""),
        _ => format!(
            "UPDATE \"{layer}\" SET \"{column}\" = {}{row}",
            VALUES[rng.usize(0..VALUES.len())]
        ),
    };
    // Where a constraint of the file forbids the edit, the file stays sound.
    let _ = dataset.execute_sql(&what, None, Dialect::DEFAULT);
}

/// Reads a survey as reports, evaluations and exports do.
fn reads_back(folder: &Path, rng: &mut Rng) -> bool {
    let dir = folder.join("survey");
    let is_read = rams_store::read(&dir).is_ok();
    let _ = (rams_store::survey_boxes(&dir), rams_store::survey_earthworks(&dir));
    let format = ["geojson", "kml", "shp", "csv", "xlsx", "imsma", "fgb", "gdb"][rng.usize(0..8)];
    let out = folder.join("exports");
    let _ = fs::remove_dir_all(&out);
    fs::create_dir(&out).unwrap();
    let is_exported = rams_export::export(
        &dir,
        rams_export::Format::from_str(format).unwrap(),
        &out.join(format),
        &rams_export::ExportOptions::default(),
    )
    .is_ok();
    is_read && is_exported
}

/// A raster of each way in which a header can be written.
fn rasters(folder: &Path) -> Vec<&'static str> {
    let ortho = folder.join("tiled.tif");
    Ortho::new(SIDE, SIDE).square(100, 100).without(|x, y| x + y < 40).write(&ortho);
    fs::create_dir(folder.join("damaged")).unwrap();
    fs::copy(&ortho, folder.join("damaged/source.tif")).unwrap();
    fs::write(folder.join("mosaic.vrt"), VRT).unwrap();
    let translated = [
        ("image.jp2", "-of JP2OpenJPEG -co QUALITY=100 -co REVERSIBLE=YES"),
        (
            "striped16.tif",
            "-b 1 -b 2 -b 3 -ot UInt16 -scale 0 255 0 65535 -co BIGTIFF=YES -a_nodata 0",
        ),
        ("palette.tif", "-of GTiff -b 1 -colorinterp palette"),
        ("jpeg.tif", "-b 1 -b 2 -b 3 -of COG -co COMPRESS=JPEG"),
    ];
    for (name, options) in translated {
        let mut command = Command::new("gdal_translate");
        command.arg("-q").args(options.split(' ')).arg(&ortho).arg(folder.join(name));
        assert!(command.status().unwrap().success(), "gdal_translate makes {name}");
    }
    translated.iter().map(|(name, _)| *name).chain(["tiled.tif", "mosaic.vrt"]).collect()
}

const VRT: &str = r#"<VRTDataset rasterXSize="320" rasterYSize="320">
  <SRS dataAxisToSRSAxisMapping="1,2">EPSG:32633</SRS>
  <GeoTransform>500000, 0.01, 0, 1000, 0, -0.01</GeoTransform>
  <VRTRasterBand dataType="Byte" band="1" blockXSize="128" blockYSize="128">
    <ColorInterp>Red</ColorInterp>
    <SimpleSource>
      <SourceFilename relativeToVRT="1">source.tif</SourceFilename>
      <SourceBand>1</SourceBand>
      <SrcRect xOff="0" yOff="0" xSize="320" ySize="320" />
      <DstRect xOff="0" yOff="0" xSize="320" ySize="320" />
    </SimpleSource>
  </VRTRasterBand>
  <VRTRasterBand dataType="Byte" band="2">
    <ColorInterp>Green</ColorInterp>
    <ComplexSource>
      <SourceFilename relativeToVRT="1">source.tif</SourceFilename>
      <SourceBand>2</SourceBand>
      <ScaleRatio>1.5</ScaleRatio>
      <NODATA>0</NODATA>
    </ComplexSource>
  </VRTRasterBand>
  <VRTRasterBand dataType="Byte" band="3">
    <ColorInterp>Blue</ColorInterp>
    <SimpleSource>
      <SourceFilename relativeToVRT="1">source.tif</SourceFilename>
      <SourceBand>3</SourceBand>
    </SimpleSource>
  </VRTRasterBand>
</VRTDataset>
"#;

/// Opens a raster as a survey does, and reads the first, the middle and the last tile.
fn opens(path: &Path) -> bool {
    let read_as = ReadAs { scale: Some([0.0, 65535.0]), ..ReadAs::default() };
    let Ok(mut orthomosaic) = rams_tile::open(path, &read_as) else { return false };
    let Some(Ok(_)) = rams_tile::ground_around(std::slice::from_mut(&mut orthomosaic)) else {
        return false;
    };
    let _ = rams_tile::surface_under(path, &orthomosaic);
    let grid = Grid::new(orthomosaic.size, orthomosaic.gsd_m(), 0.01);
    let Ok(plan) = TilePlan::new(grid, TileSpec { tile_px: 160, halo_px: 16 }) else {
        return false;
    };
    let Ok(mut reader) = rams_tile::Reader::open(&orthomosaic, grid) else { return false };
    for id in [0, plan.len() / 2, plan.len() - 1] {
        let _ = reader.read(plan.tile(TileId(id)));
    }
    true
}
