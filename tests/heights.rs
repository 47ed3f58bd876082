//! Heights beside colours, the whole way, with a model that sees nothing but a hill.

use crate::support::{Ortho, Row, model, rams, rows, survey};
use gdal::{
    DriverManager, GeoTransform, GeoTransformEx,
    raster::{Buffer, RasterCreationOptions},
    spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef},
};
use std::{fs, path::Path};

/// Ground at 120 m with a block of 3 m on it, over mosaic pixels 100 to 160 and 80 to 120 of an
/// [`Ortho`], as heights of 4 x 3 m in longitude and latitude: what the orthomosaic's own pixels
/// say of places is not what the file says.
pub(crate) fn dsm(path: &Path, px_m: f64) {
    let degree_m = 111_000.0;
    let step = px_m / degree_m;
    let crs = |epsg| {
        let mut crs = SpatialRef::from_epsg(epsg).unwrap();
        crs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        crs
    };
    let (mut lon, mut lat) = ([500_000.0], [1_000.0]);
    CoordTransform::new(&crs(32633), &crs(4326))
        .unwrap()
        .transform_coords(&mut lon, &mut lat, &mut [])
        .unwrap();
    let geotransform: GeoTransform =
        [lon[0] - 5.0 * step, step, 0.0, lat[0] + 5.0 * step, 0.0, -step];
    let size = ((4.2 / px_m) as usize + 10, (3.2 / px_m) as usize + 10);
    let middles =
        (0..size.0 * size.1).map(|at| ((at % size.0) as f64 + 0.5, (at / size.0) as f64 + 0.5));
    let (mut x, mut y): (Vec<f64>, Vec<f64>) =
        middles.map(|(col, row)| geotransform.apply(col, row)).unzip();
    CoordTransform::new(&crs(4326), &crs(32633))
        .unwrap()
        .transform_coords(&mut x, &mut y, &mut [])
        .unwrap();
    let height = |(x, y): (f64, f64)| {
        let (col, row) = ((x - 500_000.0) / 0.01, (1_000.0 - y) / 0.01);
        if (100.0..160.0).contains(&col) && (80.0..120.0).contains(&row) { 123.0f32 } else { 120.0 }
    };
    let values: Vec<f32> = x.into_iter().zip(y).map(height).collect();
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let options: RasterCreationOptions =
        ["TILED=YES", "BLOCKXSIZE=16", "BLOCKYSIZE=16"].into_iter().collect();
    let mut file = driver
        .create_with_band_type_with_options::<f32, _>(path, size.0, size.1, 1, &options)
        .unwrap();
    file.set_geo_transform(&geotransform).unwrap();
    file.set_spatial_ref(&crs(4326)).unwrap();
    file.rasterband(1).unwrap().write((0, 0), size, &mut Buffer::new(size, values)).unwrap();
}

fn run(ortho: &Path, out: &Path, models: &[&str], dsm: Option<&Path>) -> (String, Vec<Row>) {
    let flag = dsm.map(|path| ["--dsm", path.to_str().unwrap()]);
    let (ran, map) = survey(ortho, out, models, flag.as_ref().map_or(&[], |flag| &flag[..]));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(rows(&map, "assessed").len() == models.len(), "colours alone are enough");
    (ran.stderr + &ran.stdout, rows(&map, "features"))
}

#[test]
fn a_hill_is_found_where_the_surface_model_has_it_and_not_without() {
    let folder = tempfile::tempdir().unwrap();
    let [ortho, heights] = ["ortho.tif", "dsm.tif"].map(|name| folder.path().join(name));
    Ortho::new(400, 300).write(&ortho);
    dsm(&heights, 0.02);
    let (said, found) = run(&ortho, &folder.path().join("with"), &["high-ground"], Some(&heights));
    assert!(said.contains("ortho by high-ground: dsm.tif in 12 of 12 tiles\n"), "{said}");
    let [hill] = &found[..] else { panic!("{} features", found.len()) };
    let envelope = hill.geometry.as_ref().unwrap().envelope();
    let sides = [
        envelope.MinX - 500_001.0,
        envelope.MaxX - 500_001.6,
        envelope.MinY - 998.8,
        envelope.MaxY - 999.2,
    ];
    // Half of a pixel of the model, and half of the slope that it makes of a step.
    assert!(sides.iter().all(|off| off.abs() < 0.025), "{sides:?}");

    let (said, found) = run(&ortho, &folder.path().join("without"), &["high-ground"], None);
    assert!(found.is_empty() && !said.contains("heights"), "{said}");
}

#[test]
fn heights_that_are_of_no_use_are_said_and_colours_remain() {
    let folder = tempfile::tempdir().unwrap();
    let [ortho, heights] = ["ortho.tif", "dsm.tif"].map(|name| folder.path().join(name));
    Ortho::new(400, 300).square(40, 40).write(&ortho);
    dsm(&heights, 0.1);
    let (said, found) =
        run(&ortho, &folder.path().join("coarse"), &["high-ground"], Some(&heights));
    let coarse = "ortho by high-ground: dsm.tif is 0.1 m a pixel, high-ground takes 0.05 m or \
                  finer: colours alone";
    assert!(found.is_empty() && said.matches(coarse).count() == 2, "{said}"); // before the tiles and after

    let (said, found) = run(&ortho, &folder.path().join("unused"), &["red-boxes"], Some(&heights));
    assert!(
        found.len() == 1 && said.contains("dsm.tif: no model of this survey takes heights"),
        "{said}"
    );

    dsm(&heights, 0.02);
    let bytes = fs::read(&heights).unwrap();
    fs::write(&heights, &bytes[..bytes.len() * 2 / 3]).unwrap();
    let both = ["high-ground", "red-boxes"];
    let (said, found) = run(&ortho, &folder.path().join("damaged"), &both, Some(&heights));
    assert!(found.iter().any(|row| row.text("class") == "red-square"));
    // The uppermost row of tiles is whole.
    let damaged =
        "ortho by high-ground: dsm.tif in 4 of 12 tiles; not readable in 8: colours alone there (";
    assert!(said.contains(damaged), "{said}");
}

#[test]
fn a_surface_model_of_other_ground_or_of_a_part_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let [ortho, heights] = ["ortho.tif", "dsm.tif"].map(|name| folder.path().join(name));
    dsm(&heights, 0.02);
    let mut elsewhere = Ortho::new(400, 300);
    elsewhere.geotransform[0] += 100.0;
    elsewhere.write(&ortho);
    let (ran, map) = survey(
        &ortho,
        &folder.path().join("out"),
        &["high-ground"],
        &["--dsm", heights.to_str().unwrap()],
    );
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("dsm.tif covers 0 % of ") && ran.stderr.contains("leave --dsm out"),
        "{}",
        ran.stderr
    );
    assert!(!map.exists());

    // 4.1 m of 6 m, and a second orthomosaic that it does not reach.
    let other = folder.path().join("other.tif");
    elsewhere.write(&other);
    Ortho::new(600, 300).write(&ortho);
    let args = [other.to_str().unwrap(), "--dsm", heights.to_str().unwrap(), "--json"];
    let (ran, _) = survey(&ortho, &folder.path().join("two"), &["high-ground"], &args);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("ortho: dsm.tif covers 7"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("other by high-ground: dsm.tif does not reach here"),
        "{}",
        ran.stderr
    );
    let summary: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let record = &summary["record"];
    let pass = record["passes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|pass| pass["orthomosaic"] == "ortho")
        .unwrap();
    assert_eq!((&pass["tiles"], &pass["heights"]["known"]), (&15.into(), &12.into()), "{pass}");
    let surface = &record["surface_model"];
    assert_eq!(surface["digest"]["sha256"].as_str().map(str::len), Some(64));
    let under = |name: &str| {
        surface["under"].as_array().unwrap().iter().find(|under| under[0] == name).unwrap().clone()
    };
    assert!((under("ortho")[1].as_f64().unwrap() - 0.02).abs() < 1e-3, "{surface}");
    assert_eq!(under("other")[2], 0.0);
}

#[test]
fn an_inspection_tells_what_a_surface_model_adds() {
    let folder = tempfile::tempdir().unwrap();
    let [ortho, heights] = ["ortho.tif", "dsm.tif"].map(|name| folder.path().join(name));
    Ortho::new(400, 300).write(&ortho);
    let inspect = |more: &[&str]| {
        let [high, red] = ["high-ground", "red-boxes"].map(model);
        let mut args = vec!["inspect", ortho.to_str().unwrap()];
        args.extend(["--model", high.to_str().unwrap(), "--model", red.to_str().unwrap()]);
        args.extend(more);
        let ran = rams(&args);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(ran.stdout.contains("takes no heights"), "{}", ran.stdout);
        ran.stdout
    };
    assert!(inspect(&[]).contains("takes heights of 0.05 m a pixel or finer: --dsm"));
    for (px_m, expected) in
        [(0.02, "takes the heights of dsm.tif"), (0.1, "dsm.tif is 0.1 m a pixel")]
    {
        dsm(&heights, px_m);
        let text = inspect(&["--dsm", heights.to_str().unwrap()]);
        assert!(
            text.contains(expected) && text.contains("100 % of the orthomosaic's extent"),
            "{text}"
        );
    }
}
