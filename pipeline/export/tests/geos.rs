//! Every polygon of every export is valid to GEOS, which is what an importer asks.

use super::exports::exported;
use crate::Format;
use gdal::Dataset;
use gdal::vector::{Geometry, LayerAccess};

#[test]
fn every_polygon_of_every_export_is_valid() {
    let bow = Geometry::from_wkt("POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))").unwrap();
    assert!(!bow.is_valid(), "GEOS has a say");
    for format in [Format::GeoJson, Format::Kml, Format::Shp, Format::Fgb, Format::Imsma] {
        let (_dir, paths) = exported(format);
        let mut polygons = 0;
        let maps = ["geojson", "kml", "shp", "fgb"];
        for path in
            paths.iter().filter(|path| maps.contains(&path.extension().unwrap().to_str().unwrap()))
        {
            let dataset = Dataset::open(path).unwrap();
            for mut layer in dataset.layers() {
                for row in layer.features() {
                    let geometry = row.geometry().unwrap();
                    assert!(
                        geometry.is_valid(),
                        "{format} {}: {}",
                        path.display(),
                        geometry.wkt().unwrap()
                    );
                    polygons += usize::from(geometry.geometry_name().ends_with("POLYGON"));
                }
            }
        }
        // Three areas, a crater, four gaps; in the set for IMSMA the crater is a point.
        assert!(polygons >= 7, "{format}: {polygons}");
    }
}
