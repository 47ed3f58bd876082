//! Properties of the nouns.

use crate::*;
use geo::{Rect, coord};
use ndarray::{Array2, Array3};
use proptest::prelude::*;

mod quality_map;

/// Ground where one degree is `DEGREE_M` metres everywhere: a stand-in for a projection, near
/// enough to the equator for the ellipsoid to agree within a few parts in a thousand.
const DEGREE_M: f64 = 111_000.0;

fn flat_ground(extent: Rect) -> Ground {
    let lonlat = |c: geo::Coord| coord! { x: c.x / DEGREE_M, y: c.y / DEGREE_M };
    let nodes = Ground::node_positions(extent).into_iter().map(lonlat).collect();
    let crs = Crs { name: "flat".into(), code: None, wkt: String::new() };
    Ground::new(crs, extent, nodes).expect("the nodes span an area")
}

fn georef(geotransform: [f64; 6], size: RasterSize) -> Georef {
    let extent = Ground::extent_of(&Georef::corners(geotransform, size)).expect("four corners");
    Georef::new(geotransform, flat_ground(extent)).expect("the transform is invertible")
}

fn spec() -> impl Strategy<Value = TileSpec> {
    (1u32..20, 0u32..40)
        .prop_map(|(cells, halo_px)| TileSpec { tile_px: cells * CELL_PX + 2 * halo_px, halo_px })
}

proptest! {
    /// Every pixel of the grid belongs to the core of exactly one tile, whatever the sizes.
    #[test]
    fn cores_partition_any_raster(width in 1u32..700, height in 1u32..700, spec in spec()) {
        let size = RasterSize { width, height };
        let grid = Grid::new(size, [1.0, 1.0], 1.0);
        let plan = TilePlan::new(grid, spec).expect("the core is whole cells");
        let mut owners = Array2::<u8>::zeros((height as usize, width as usize));
        for (number, tile) in plan.tiles().enumerate() {
            prop_assert_eq!(tile.id.0 as usize, number);
            prop_assert!(tile.core.width() > 0 && tile.core.height() > 0);
            let side = spec.tile_px as usize;
            prop_assert_eq!((tile.read.width(), tile.read.height()), (side, side));
            let halo = i64::from(spec.halo_px);
            let (read, core) = (tile.read, tile.core);
            prop_assert_eq!((read.x0, read.y0), (core.x0 - halo, core.y0 - halo));
            prop_assert!(read.x1 >= core.x1 + halo && read.y1 >= core.y1 + halo);
            for y in tile.core.y0..tile.core.y1 {
                for x in tile.core.x0..tile.core.x1 {
                    owners[(y as usize, x as usize)] += 1;
                }
            }
        }
        prop_assert!(owners.iter().all(|count| *count == 1));
    }

    /// The grid covers the raster exactly and keeps the asked scale within half a grid pixel, or
    /// the raster's own.
    #[test]
    fn a_grid_covers_its_raster(
        width in 1u32..100_000, height in 1u32..100_000,
        gsd_mm in 1.0f64..50.0, model_mm in 1.0f64..50.0,
    ) {
        let grid = Grid::new(RasterSize { width, height }, [gsd_mm / 1e3; 2], model_mm / 1e3);
        let covered = grid.rect_to_mosaic(&grid.bounds());
        let (right, below) = (f64::from(width), f64::from(height));
        prop_assert!((covered.x1 - right).abs() < 1e-6 && (covered.y1 - below).abs() < 1e-6);
        let asked = f64::from(width) * gsd_mm / model_mm;
        let as_is = grid.size().width == width && (asked / f64::from(width) - 1.0).abs() < 0.011;
        let is_near = (f64::from(grid.size().width) - asked).abs() <= 0.5;
        prop_assert!(is_near || grid.size().width == 1 || as_is);
    }

    /// Pixel to ground and back is the identity, for rotated and flipped transforms too.
    #[test]
    fn pixels_round_trip(
        angle in 0.0f64..360.0, gsd_m in 0.001f64..1.0, flip in any::<bool>(),
        x in 0.0f64..5000.0, y in 0.0f64..5000.0,
    ) {
        let (sin, cos) = angle.to_radians().sin_cos();
        let down = if flip { 1.0 } else { -1.0 };
        let (across, along) = (gsd_m * cos, gsd_m * sin);
        let geotransform = [500.0, across, -down * along, 700.0, along, down * across];
        let georef = georef(geotransform, RasterSize { width: 5000, height: 5000 });
        let back = georef.to_pixel(georef.to_ground(coord! { x: x, y: y }));
        prop_assert!((back.x - x).abs() < 1e-4 && (back.y - y).abs() < 1e-4);
        let [gsd_x, gsd_y] = georef.gsd_m(coord! { x: x, y: y });
        prop_assert!((gsd_x / gsd_m - 1.0).abs() < 0.01 && (gsd_y / gsd_m - 1.0).abs() < 0.01);
    }

    /// A tile's cells, whole and broken, have the area of its core, and no whole cell has a hole.
    #[test]
    fn cells_partition_the_core(
        width in 1u32..90, height in 1u32..90,
        holes in prop::collection::vec((0usize..96, 0usize..96), 0..6),
    ) {
        let grid = Grid::new(RasterSize { width, height }, [1.0, 1.0], 1.0);
        let spec = TileSpec { tile_px: 96, halo_px: 16 };
        for planned in TilePlan::new(grid, spec).expect("64 px are four cells").tiles() {
            let colour = |(row, col, _)| (7 * row + 13 * col) as u8;
            let pixels = Array3::from_shape_fn((96, 96, 3), colour);
            let valid = Array2::from_elem((96, 96), true);
            let mut tile = Tile { planned, pixels, valid, heights: None };
            for hole in &holes {
                tile.valid[*hole] = false;
            }
            let (whole, broken) = split(&tile, &grid);
            let area: f64 = whole.iter().chain(&broken).map(PxBox::area).sum();
            prop_assert_eq!(area, (planned.core.width() * planned.core.height()) as f64);
            for (row, col) in &holes {
                let x = planned.read.x0 as f64 + *col as f64 + 0.5;
                let y = planned.read.y0 as f64 + *row as f64 + 0.5;
                let holds = |c: &PxBox| c.x0 < x && x < c.x1 && c.y0 < y && y < c.y1;
                prop_assert!(!whole.iter().any(holds));
            }
        }
    }
}

/// The cells of a tile that show ground, and the others.
fn split(tile: &Tile, grid: &Grid) -> (Vec<PxBox>, Vec<PxBox>) {
    let (whole, broken): (Vec<_>, Vec<_>) =
        tile.cells(1.0).into_iter().partition(|(_, sight)| sight.is_some());
    let boxes = |cells: Vec<(GridRect, _)>| {
        cells.iter().map(|(cell, _)| grid.rect_to_mosaic(cell)).collect()
    };
    (boxes(whole), boxes(broken))
}

#[test]
fn pixels_of_about_the_size_of_a_models_are_taken_as_they_are() {
    let size = RasterSize { width: 8192, height: 4096 };
    let stretched = Grid::new(size, [0.002_701, 0.002_701], 0.0027);
    assert_eq!((stretched.size(), stretched.scale()), (size, [1.0, 1.0]));
    assert_ne!(Grid::new(size, [0.0028, 0.0028], 0.0027).size(), size);
    assert_ne!(
        Grid::new(size, [0.0027, 0.0028], 0.0027).size().height,
        4096,
        "one side alone is not near"
    );
}

#[test]
fn a_cell_of_a_single_colour_shows_no_ground() {
    let grid = Grid::new(RasterSize { width: 64, height: 64 }, [1.0, 1.0], 1.0);
    let plan =
        TilePlan::new(grid, TileSpec { tile_px: 64, halo_px: 0 }).expect("64 px are four cells");
    let white = |row: usize, col: usize| (16..32).contains(&row) && (16..48).contains(&col);
    let colour = |(row, col, _)| if white(row, col) { 255 } else { (7 * row + 13 * col) as u8 };
    let pixels = Array3::from_shape_fn((64, 64, 3), colour);
    let tile = Tile {
        planned: plan.tile(TileId(0)),
        pixels,
        valid: Array2::from_elem((64, 64), true),
        heights: None,
    };
    let (whole, broken) = split(&tile, &grid);
    assert_eq!(broken, [PxBox { x0: 16.0, y0: 16.0, x1: 48.0, y1: 32.0 }]);
    assert_eq!(whole.iter().map(PxBox::area).sum::<f64>(), 64.0 * 64.0 - 512.0);
}

#[test]
fn a_core_that_is_not_whole_cells_is_refused() {
    let grid = Grid::new(RasterSize { width: 10, height: 10 }, [1.0, 1.0], 1.0);
    let refused = TilePlan::new(grid, TileSpec { tile_px: 100, halo_px: 30 })
        .expect_err("40 px are not whole cells");
    assert_eq!(
        refused.to_string(),
        "tile of 100 px with a halo of 30 px leaves a core of 40 px: the core must be a positive \
         multiple of 16 px"
    );
}

#[test]
fn ground_measures_metres_in_any_unit() {
    // A square of 100 m, in metres and in feet.
    for unit_m in [1.0, 0.3048] {
        let side = 100.0 / unit_m;
        let extent = Rect::new((0.0, 0.0), (side, side));
        let to_degrees =
            |c: geo::Coord| coord! { x: c.x * unit_m / 111_319.49, y: c.y * unit_m / 110_574.28 };
        let nodes = Ground::node_positions(extent).into_iter().map(to_degrees).collect();
        let crs = Crs { name: "flat".into(), code: None, wkt: String::new() };
        let ground = Ground::new(crs, extent, nodes).expect("the nodes span an area");
        let square = geo::MultiPolygon::from(extent.to_polygon());
        assert!((ground.area_m2(&square) - 10_000.0).abs() < 1.0, "{}", ground.area_m2(&square));
        let metres = ground.to_metres(&square);
        let across = geo::BoundingRect::bounding_rect(&metres).expect("a square has bounds");
        assert!((across.width() - 100.0).abs() < 0.01 && (across.height() - 100.0).abs() < 0.01);
        let back = ground.from_metres(&metres);
        assert!((back.0[0].exterior().0[2].x - square.0[0].exterior().0[2].x).abs() < 1e-6);
    }
}

#[test]
fn an_area_is_never_negative_nor_the_rest_of_the_earth() {
    let ground = flat_ground(Rect::new(coord! { x: 0.0, y: 0.0 }, coord! { x: 100.0, y: 100.0 }));
    let ring = |corners: &[(f64, f64)]| -> geo::LineString {
        corners.iter().map(|(x, y)| coord! { x: *x, y: *y }).collect()
    };
    let shell = ring(&[(0.0, 0.0), (20.0, 0.0), (20.0, 20.0), (0.0, 20.0), (0.0, 0.0)]);
    let hole = ring(&[(5.0, 5.0), (15.0, 5.0), (15.0, 15.0), (5.0, 15.0), (5.0, 5.0)]);
    let reversed = |ring: &geo::LineString| geo::LineString(ring.0.iter().rev().copied().collect());
    for (shell, hole) in
        [(shell.clone(), hole.clone()), (reversed(&shell), hole.clone()), (shell, reversed(&hole))]
    {
        let area_m2 = ground.area_m2(&geo::Polygon::new(shell, vec![hole]).into());
        assert!((area_m2 - 300.0).abs() < 2.0, "{area_m2}");
    }
    let hairline = ring(&[(0.0, 0.0), (9.0, 1e-9), (20.0, 0.0), (9.0, -1e-9), (0.0, 0.0)]);
    let area_m2 = ground.area_m2(&geo::Polygon::new(hairline, vec![]).into());
    assert!((0.0..1e-3).contains(&area_m2), "{area_m2}");
}

#[test]
fn ground_across_the_antimeridian_stays_together() {
    let extent = Rect::new((0.0, 0.0), (1000.0, 1000.0));
    let wrap = |c: geo::Coord| {
        let lon = 179.995 + c.x / DEGREE_M;
        coord! { x: if lon > 180.0 { lon - 360.0 } else { lon }, y: c.y / DEGREE_M }
    };
    let nodes = Ground::node_positions(extent).into_iter().map(wrap).collect();
    let crs = Crs { name: "flat".into(), code: None, wkt: String::new() };
    let ground = Ground::new(crs, extent, nodes).expect("the nodes span an area");
    let area_m2 = ground.area_m2(&extent.to_polygon().into());
    assert!((area_m2 / 1e6 - 1.0).abs() < 0.01, "{area_m2}");
}

/// A class of small objects.
fn class() -> Class {
    Class {
        name: "x".into(),
        label: None,
        indicator: Indicator::MineSurface,
        eo_category: EoCategory::ApMine,
        geometry: GeometryKind::Point,
        parent: None,
        gsd_name_m: None,
        size_m: [0.1, 0.2],
        gsd_max_m: 0.01,
        threshold: 0.5.into(),
        pixel_threshold: None,
        hidden_by: crate::ObscuredBy::ALL.to_vec(),
        calibration: Calibration::default(),
    }
}

#[test]
fn calibration_moves_probability_and_its_default_does_not() {
    let mut class = class();
    assert!((class.confidence(0.7) - 0.7).abs() < 1e-6);
    class.calibration = Calibration { slope: 2.0, intercept: -1.0 };
    assert!((class.confidence(0.5) - 0.268_941).abs() < 1e-5); // sigmoid(-1)
    assert_eq!(EoCategory::ApMine.to_string(), "AP_MINE");
    assert_eq!(Indicator::CmCarrier.to_string(), "cm_carrier");
}

/// What the memory of a survey with many finds is reckoned by.
#[test]
fn a_box_of_a_survey_takes_88_bytes() {
    assert_eq!(size_of::<NamedDetection>(), 88);
}

#[test]
fn longitudes_are_written_between_180_degrees_west_and_east() {
    let written = [179.5, 180.5, -180.5, 540.25, -15.0].map(crate::wrapped_longitude);
    assert_eq!(written, [179.5, -179.5, 179.5, -179.75, -15.0]);
}
