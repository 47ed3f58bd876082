//! What the page of a review shows of the ground lies where it is.

use crate::review::Served;
use crate::several::{elsewhere, flight};
use crate::support::{Client, Ortho, model, rams};
use gdal::Dataset;
use serde_json::Value;
use std::path::Path;

/// Side of a tile, pixels.
const TILE_PX: f64 = 512.0;

/// Surveys flights and opens a review of the map.
fn reviewed(folder: &Path, flights: &[&Ortho]) -> (Served, Client) {
    let out = folder.join("out");
    let boxes = model("red-boxes");
    let paths = (1..=flights.len()).map(|number| folder.join(format!("flight-{number}.tif")));
    let paths: Vec<_> = paths.collect();
    flights.iter().zip(&paths).for_each(|(ortho, path)| ortho.write(path));
    let mut args = vec!["survey", "-o", out.to_str().unwrap(), "--model", boxes.to_str().unwrap()];
    args.extend(paths.iter().map(|path| path.to_str().unwrap()));
    let ran = rams(&args);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let served = Served::start_as(&out, "Aygun");
    let client = Client::open(&served.url);
    (served, client)
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

/// Bands of a picture, as bytes: red, green and blue.
fn decoded(bytes: &[u8], folder: &Path) -> [Vec<u8>; 3] {
    let file = folder.join("tile");
    std::fs::write(&file, bytes).unwrap();
    let picture = Dataset::open(&file).unwrap();
    assert_eq!(picture.raster_size(), (512, 512));
    [1, 2, 3].map(|band| {
        let band = picture.rasterband(band).unwrap();
        band.read_as::<u8>((0, 0), (512, 512), (512, 512), None).unwrap().data().to_vec()
    })
}

/// Where red lies around a place of a layer, local metres, in the tiles of a zoom level.
fn red_at(client: &Client, folder: &Path, layer: &Value, z: u64, at: [f64; 2]) -> [f64; 2] {
    let survey = &client.get("/me")["survey"];
    let (left, top) = (number(&survey["extent"][0]), number(&survey["extent"][3]));
    let max_z = layer["max_z"].as_u64().unwrap();
    let res = number(&layer["finest_gsd_m"]) * f64::from(1 << (max_z - z));
    // Tiles around it, since a square may lie across their border.
    let [col, row] = [(at[0] - left) / res / TILE_PX, (top - at[1]) / res / TILE_PX];
    let near = |tile: f64| [(tile - 0.1).floor().max(0.0) as u64, (tile + 0.1).floor() as u64];
    let mut sum = [0.0, 0.0, 0.0];
    let (columns, rows) = (near(col), near(row));
    for x in columns[0]..=columns[1] {
        for y in rows[0]..=rows[1] {
            let (id, digest) = (&layer["id"], &layer["digest"]);
            let path = format!("/tiles/{id}/{digest}/{z}/{x}/{y}").replace('"', "");
            let Some(bytes) = client.bytes(&path) else { continue };
            let [red, green, _] = decoded(&bytes, folder);
            for (at_px, (red, green)) in red.iter().zip(&green).enumerate() {
                let weight = f64::from(red.saturating_sub(*green));
                let [px, py] = [at_px % 512, at_px / 512].map(|px| px as f64 + 0.5);
                let east = left + (x as f64 * TILE_PX + px) * res;
                let north = top - (y as f64 * TILE_PX + py) * res;
                // Other squares are further away than half a metre; grey is grey.
                if weight > 60.0 && (east - at[0]).hypot(north - at[1]) < 0.14 {
                    sum = [sum[0] + weight, sum[1] + weight * east, sum[2] + weight * north];
                }
            }
        }
    }
    assert!(sum[0] > 0.0, "no red at {at:?} of {layer}");
    [sum[1] / sum[0], sum[2] / sum[0]]
}

/// All finds, each against the tiles of the orthomosaic that it was found in.
fn assert_tiles_show_finds_where_they_are(flights: &[&Ortho], finds: usize) {
    let folder = tempfile::tempdir().unwrap();
    let (_served, client) = reviewed(folder.path(), flights);
    let me = client.get("/me");
    let layers = me["survey"]["layers"].as_array().unwrap();
    let mut seen = 0;
    for item in client.get("/queue?stage=analyst")["items"].as_array().unwrap() {
        let item = client.get(&format!("/items/{}", item["id"].as_str().unwrap()));
        for feature in item["features"].as_array().unwrap() {
            let coordinates = &feature["geometry"]["coordinates"];
            let at = [number(&coordinates[0]), number(&coordinates[1])];
            let of = |layer: &&Value| layer["title"] == feature["orthomosaic"];
            let layer = layers.iter().find(of).unwrap();
            let max_z = layer["max_z"].as_u64().unwrap();
            for z in [max_z, max_z.saturating_sub(1)] {
                let res = number(&layer["finest_gsd_m"]) * f64::from(1 << (max_z - z));
                let [east, north] = red_at(&client, folder.path(), layer, z, at);
                let px = [(east - at[0]) / res, (north - at[1]) / res];
                assert!(
                    px[0].abs() < 1.0 && px[1].abs() < 1.0,
                    "{} at zoom {z}: {px:?} pixels off",
                    feature["id"]
                );
            }
            seen += 1;
        }
    }
    assert_eq!(seen, finds, "each find once");
}

#[test]
fn tiles_of_a_flight_lie_where_its_finds_are() {
    assert_tiles_show_finds_where_they_are(&[&flight(0, 800, &[])], 7);
}

#[test]
fn tiles_of_a_rotated_flight_lie_where_its_finds_are() {
    let (sin, cos) = 30f64.to_radians().sin_cos();
    let mut ortho = Ortho::new(900, 700).square(40, 30).square(500, 350).square(800, 600);
    let [east, north] = [ortho.geotransform[0], ortho.geotransform[3]];
    ortho.geotransform = [east, 0.01 * cos, 0.01 * sin, north, 0.01 * sin, -0.01 * cos];
    assert_tiles_show_finds_where_they_are(&[&ortho], 3);
}

#[test]
fn tiles_of_a_flight_in_another_system_lie_where_its_finds_are() {
    let (first, other) = (flight(0, 300, &[]), elsewhere(3857, 300, 500, &[2]));
    assert_tiles_show_finds_where_they_are(&[&first, &other], 6);
}
