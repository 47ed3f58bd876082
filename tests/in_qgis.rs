//! What a survey brings along for people who open it in QGIS.

use crate::support::{Ortho, survey};
use gdal::{Dataset, vector::LayerAccess};

#[test]
fn a_survey_has_a_picture_of_each_find_and_a_project() {
    let folder = tempfile::tempdir().unwrap();
    let (ortho, out) = (folder.path().join("field.tif"), folder.path().join("survey"));
    Ortho::new(600, 400).square(100, 50).square(300, 200).write(&ortho);
    let (ran, _) = survey(&ortho, &out, &["red-boxes"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);

    let dataset = Dataset::open(out.join("survey.gpkg")).unwrap();
    // The square whose surroundings of 0.8 m lie in the image: 80 px, with the find in the middle.
    let sql = "SELECT hex(jpeg) FROM chips JOIN features ON id = feature WHERE px_x0 > 200";
    let mut rows = dataset.execute_sql(sql, None, gdal::vector::sql::Dialect::DEFAULT);
    let rows = rows.as_mut().unwrap().as_mut().unwrap();
    let hex = rows.features().next().unwrap().field_as_string(0).unwrap().unwrap();
    let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    let jpeg: Vec<u8> = (0..hex.len()).step_by(2).map(byte).collect();
    let picture = image::load_from_memory(&jpeg).unwrap().to_rgb8();
    assert_eq!(picture.dimensions(), (80, 80));
    let [red, green, _] = picture.get_pixel(40, 40).0;
    assert!(red > 150 && green < 90, "the square is red: {red}, {green}");
    let [red, green, blue] = picture.get_pixel(15, 15).0;
    assert!(red.abs_diff(green) < 12 && green.abs_diff(blue) < 12, "the ground is grey");
    assert_eq!(dataset.layer_by_name("chips").unwrap().feature_count(), 2);

    let sql = "SELECT length(content) FROM qgis_projects WHERE name = 'survey'";
    let mut rows = dataset.execute_sql(sql, None, gdal::vector::sql::Dialect::DEFAULT);
    let rows = rows.as_mut().unwrap().as_mut().unwrap();
    let length = rows.features().next().unwrap().field_as_integer64(0).unwrap().unwrap();
    assert!(length > 10_000, "{length}");
}
