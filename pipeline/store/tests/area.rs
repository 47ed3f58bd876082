//! Areas on the ellipsoid, against those of PROJ.

use super::fixture::lonlat_of;
use gdal::spatial_ref::SpatialRef;
use gdal::vector::Geometry;
use geo::{BoundingRect, GeodesicArea, MapCoords, MultiPolygon, coord};
use rams_domain::{Crs, Ground};

/// Name, EPSG code, polygon in it, and its area on the ellipsoid, m²: by pyproj 3.7.2 (PROJ 9.5.1),
/// `Transformer` to longitude and latitude and `Geod(ellps="WGS84").geometry_area_perimeter`.
const PROJ: [(&str, u32, &str, f64); 9] = [
    (
        "square of 100 m on a central meridian",
        32633,
        "POLYGON ((500000 5000000,500100 5000000,500100 5000100,500000 5000100,500000 5000000))",
        10008.004801998626,
    ),
    (
        "triangle of 3 m",
        32637,
        "POLYGON ((422310.25 5321004.5,422313.25 5321004.75,422311 \
         5321007.25,422310.25 5321004.5))",
        4.033874308690429,
    ),
    (
        "field with a hole",
        32636,
        "POLYGON ((610000 5210000,610600 5210050,610550 5210480,610210 5210610,610000 \
         5210000),(610200 5210100,610200 5210300,610350 5210280,610200 5210100))",
        232716.49965120107,
    ),
    (
        "two parts, southern, zone's edge",
        32733,
        "MULTIPOLYGON (((170000 6700000,171500 6700200,171100 6701900,170000 6700000)),((172000 \
         6702000,172400 6702000,172400 6702300,172000 6702000)))",
        1372431.1044148318,
    ),
    (
        "far north, zone's edge",
        32633,
        "POLYGON ((420000 9100000,422000 9100300,421500 9102200,420200 9101500,420000 9100000))",
        2881864.9113173485,
    ),
    (
        "20 km by 20 km",
        32636,
        "POLYGON ((300000 5400000,320000 5400000,320000 5420000,300000 5420000,300000 5400000))",
        399965188.5498829,
    ),
    (
        "60 km by 50 km at a zone's edge",
        32637,
        "POLYGON ((200000 5300000,260000 5300000,260000 5350000,230000 5340000,200000 \
         5350000,200000 5300000))",
        2697318105.102627,
    ),
    (
        "across the equator",
        32618,
        "POLYGON ((555000 -900,556000 -900,556300 1100,555000 1000,555000 -900))",
        2236618.075391184,
    ),
    (
        "degrees",
        4326,
        "POLYGON ((37.1 -12.2,37.12 -12.2,37.13 -12.185,37.1 -12.18,37.1 -12.2))",
        5417359.811496019,
    ),
];

/// A file holds areas to the thousandth of a square metre.
const LAST_DECIMAL_M2: f64 = 0.5e-3;

fn polygons(wkt: &str) -> MultiPolygon {
    match Geometry::from_wkt(wkt).unwrap().to_geo().unwrap() {
        geo::Geometry::Polygon(polygon) => polygon.into(),
        geo::Geometry::MultiPolygon(polygons) => polygons,
        other => panic!("{other:?}"),
    }
}

/// Ground around the polygons, as of an orthomosaic that reaches a fifth further on every side.
fn ground(epsg: u32, polygons: &MultiPolygon) -> Ground {
    let bounds = polygons.bounding_rect().unwrap();
    let margin = coord! { x: bounds.width() / 5.0, y: bounds.height() / 5.0 };
    let extent = geo::Rect::new(bounds.min() - margin, bounds.max() + margin);
    let nodes = lonlat_of(epsg, &Ground::node_positions(extent));
    let wkt = SpatialRef::from_epsg(epsg).unwrap().to_wkt().unwrap();
    Ground::new(Crs { name: String::new(), code: None, wkt }, extent, nodes).unwrap()
}

/// What a vertex loses where [`Ground`] interpolates its longitude and latitude: by the widest
/// cases here 1.2e-7 of an area within a survey of 30 km, 5.3e-6 in one of 84 km by 70 km.
fn tolerance(extent: geo::Rect, epsg: u32) -> f64 {
    const WIDE_M: f64 = 50_000.0;
    if epsg != 4326 && extent.width().max(extent.height()) > WIDE_M { 1e-5 } else { 1e-6 }
}

#[test]
fn areas_are_those_of_proj() {
    for (name, epsg, wkt, expected) in PROJ {
        let polygons = polygons(wkt);
        let ground = ground(epsg, &polygons);
        let found = ground.area_m2(&polygons);
        let most = (expected * tolerance(ground.extent(), epsg)).max(LAST_DECIMAL_M2);
        assert!((found - expected).abs() < most, "{name}: {found} m² is not {expected} m²");
        // Without interpolation nothing is lost.
        let exact = polygons.map_coords(|at| lonlat_of(epsg, &[at])[0]).geodesic_area_unsigned();
        assert!((exact / expected - 1.0).abs() < 1e-10, "{name}: {exact} m² is not {expected} m²");
    }
}
