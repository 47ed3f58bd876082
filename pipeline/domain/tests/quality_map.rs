//! Painted ground with known answers, at the scales of mines and of trenches.

use crate::{Class, Grid, ObscuredBy, QualityFlags, RasterSize, Tile, TileId, TilePlan, TileSpec};
use ndarray::{Array2, Array3};

/// Pixels of mines and of trenches, metres.
const SCALES_M: [f64; 2] = [0.004, 0.1];

const SIDE: usize = 384;

/// A number 0 to 1 for a place: a pattern without a pattern.
fn noise(x: usize, y: usize) -> f64 {
    let mixed = (x.wrapping_mul(0x9E37_79B9) ^ y.wrapping_mul(0x85EB_CA6B))
        .wrapping_mul(0xC2B2_AE35) as u32;
    f64::from((mixed ^ (mixed >> 15)).wrapping_mul(0x27D4_EB2F) >> 8) / f64::from(1 << 24)
}

/// The colour of a base, lighter or darker by a share.
fn shade([red, green, blue]: [f64; 3], by: f64) -> [u8; 3] {
    [red, green, blue].map(|value| (value * (1.0 + by)).round().clamp(0.0, 255.0) as u8)
}

const GRASS: [f64; 3] = [100.0, 135.0, 80.0];
const SOIL: [f64; 3] = [150.0, 130.0, 105.0];

/// Blades: contrast from pixel to pixel.
fn lawn(x: usize, y: usize) -> [u8; 3] {
    shade(GRASS, 0.3 * (noise(x, y) - 0.5))
}

/// Leaves and the dark between them, as coarse as a mine at 4 mm, as a bush at 10 cm.
fn crowns(side: usize) -> impl Fn(usize, usize) -> [u8; 3] {
    move |x, y| shade(GRASS, 1.2 * (noise(x / side, y / side) - 0.6) + 0.2 * (noise(x, y) - 0.5))
}

fn crown_px(gsd_m: f64) -> usize {
    if gsd_m < 0.05 { 12 } else { 4 }
}

fn tile(colour: impl Fn(usize, usize) -> [u8; 3]) -> (Tile, Grid) {
    let grid = Grid::new(RasterSize { width: SIDE as u32, height: SIDE as u32 }, [1.0, 1.0], 1.0);
    let plan =
        TilePlan::new(grid, TileSpec { tile_px: SIDE as u32, halo_px: 0 }).expect("whole cells");
    let pixels = Array3::from_shape_fn((SIDE, SIDE, 3), |(y, x, band)| colour(x, y)[band]);
    let valid = Array2::from_elem((SIDE, SIDE), true);
    (Tile { planned: plan.tile(TileId(0)), pixels, valid, heights: None }, grid)
}

/// Share of the ground that shows in a way.
fn share(painted: &(Tile, Grid), gsd_m: f64, way: impl Fn(QualityFlags) -> bool) -> f64 {
    let cells = painted.0.cells(gsd_m);
    let shown = cells.iter().filter(|(_, flags)| flags.is_some_and(&way));
    shown.map(|(cell, _)| painted.1.rect_to_mosaic(cell).area()).sum::<f64>() / (SIDE * SIDE) as f64
}

fn is_open(flags: QualityFlags) -> bool {
    flags == QualityFlags::default()
}

#[test]
fn lawn_and_bare_soil_are_seen_at_any_scale() {
    for gsd_m in SCALES_M {
        assert_eq!(share(&tile(lawn), gsd_m, is_open), 1.0, "{gsd_m}");
        let soil = tile(|x, y| shade(SOIL, 0.3 * (noise(x, y) - 0.5)));
        assert_eq!(share(&soil, gsd_m, is_open), 1.0, "{gsd_m}");
        // Stones: as coarse as leaves, and not green.
        let stones = tile(|x, y| shade(SOIL, 0.8 * (noise(x / 12, y / 12) - 0.5)));
        assert_eq!(share(&stones, gsd_m, |flags| flags.vegetation), 0.0, "{gsd_m}");
    }
}

#[test]
fn crowns_hide_the_ground_and_the_lawn_beside_them_is_seen() {
    for gsd_m in SCALES_M {
        let crowns = crowns(crown_px(gsd_m));
        assert_eq!(share(&tile(&crowns), gsd_m, |flags| flags.vegetation), 1.0, "{gsd_m}");
        let half = tile(|x, y| if x < SIDE / 2 { crowns(x, y) } else { lawn(x, y) });
        let hidden = share(&half, gsd_m, |flags| flags.vegetation);
        assert!((0.40..=0.60).contains(&hidden), "{hidden} at {gsd_m}");
    }
}

#[test]
fn the_dark_between_crowns_is_forest_and_mines_on_a_lawn_are_not() {
    let crowns = crowns(12);
    let hole = |x: usize, y: usize| (128..192).contains(&x) && (128..192).contains(&y);
    let glade = tile(|x, y| {
        if hole(x, y) { shade([25.0, 30.0, 25.0], 0.2 * (noise(x, y) - 0.5)) } else { crowns(x, y) }
    });
    assert_eq!(share(&glade, 0.004, |flags| flags.vegetation), 1.0);
    // One object of 12 cm in each half metre, as bright as grass is dark.
    let object = |x: usize, y: usize| x % 128 < 30 && y % 128 < 15;
    let mines = tile(|x, y| if object(x, y) { [225, 215, 190] } else { lawn(x, y) });
    assert_eq!(
        share(&mines, 0.004, |flags| flags.vegetation || flags.shadow || flags.saturation),
        0.0
    );
}

#[test]
fn a_trench_in_a_meadow_is_neither_shadow_nor_plants() {
    let trench = |x: usize, y: usize| (x + y / 4) % 192 < 10;
    let parapet = |x: usize, y: usize| (x + y / 4) % 192 < 26;
    let meadow = tile(|x, y| match (trench(x, y), parapet(x, y)) {
        (true, _) => shade([30.0, 28.0, 26.0], 0.3 * (noise(x, y) - 0.5)),
        (_, true) => shade(SOIL, 0.3 * (noise(x, y) - 0.5)),
        _ => lawn(x, y),
    });
    assert!(share(&meadow, 0.1, |flags| flags.vegetation || flags.shadow) < 0.01);
}

#[test]
fn shadow_hides_where_no_detail_is_left_in_it() {
    for gsd_m in SCALES_M {
        let under = |light: f64| {
            tile(move |x, y| shade(GRASS.map(|value| value * light), 0.3 * (noise(x, y) - 0.5)))
        };
        assert_eq!(share(&under(0.5), gsd_m, |flags| flags.shadow), 0.0, "{gsd_m}");
        assert_eq!(share(&under(0.08), gsd_m, |flags| flags.shadow), 1.0, "{gsd_m}");
    }
    // A black that haze has lifted: dark for its tile, blue, and smooth.
    let hazy = tile(|x, y| {
        let (base, contrast) = if x < SIDE / 3 { ([35.0, 50.0, 70.0], 0.06) } else { (GRASS, 0.3) };
        shade(base, contrast * (noise(x, y) - 0.5))
    });
    let hidden = share(&hazy, 0.1, |flags| flags.shadow);
    assert!((hidden - 1.0 / 3.0).abs() < 0.05, "{hidden}");
}

#[test]
fn white_and_black_beyond_the_camera_are_saturation() {
    let burnt = tile(|x, y| shade([254.0; 3], 0.02 * (noise(x, y) - 0.5)));
    assert_eq!(share(&burnt, 0.004, |flags| flags.saturation), 1.0);
    let sand = tile(|x, y| shade([215.0, 205.0, 185.0], 0.15 * (noise(x, y) - 0.5)));
    assert_eq!(share(&sand, 0.004, |flags| flags.saturation), 0.0);
}

/// Ground as an image shows it whose detail is `side` pixels coarse: interpolated between knots.
fn smeared(side: usize) -> impl Fn(usize, usize) -> [u8; 3] {
    move |x, y| {
        let (i, j, u, v) =
            (x / side, y / side, (x % side) as f64 / side as f64, (y % side) as f64 / side as f64);
        let across = |j: usize| noise(i, j) * (1.0 - u) + noise(i + 1, j) * u;
        shade(SOIL, 0.4 * (across(j) * (1.0 - v) + across(j + 1) * v - 0.5))
    }
}

#[test]
fn blur_counts_against_the_size_of_the_class() {
    let small = Class { gsd_max_m: 0.0076, ..super::class() };
    let large = Class { gsd_max_m: 0.03, ..small.clone() };
    let any = Class { hidden_by: vec![], ..small.clone() };
    let hidden = |side: usize, class: &Class| {
        share(&tile(smeared(side)), 0.004, |flags| {
            flags.obscured_by(class, 0.004) == Some(ObscuredBy::Blur)
        })
    };
    assert_eq!([1, 6, 24].map(|side| hidden(side, &small)), [0.0, 1.0, 1.0]);
    assert_eq!([1, 6, 24].map(|side| hidden(side, &large)), [0.0, 0.0, 1.0]);
    assert_eq!(hidden(24, &any), 0.0);
    // Nothing at any scale: an image of nothing.
    assert!(
        share(&tile(|x, y| [120 + u8::from(noise(x, y) < 0.1); 3]), 0.004, |flags| flags
            .obscured_by(&large, 0.004)
            .is_some())
            > 0.99
    );
}

#[test]
fn the_gravest_of_several_is_named() {
    let class = super::class();
    let flags = QualityFlags { vegetation: true, shadow: true, saturation: false, blur: 4 };
    assert_eq!(flags.obscured_by(&class, 0.004), Some(ObscuredBy::Vegetation));
    let class = Class { hidden_by: vec![ObscuredBy::Blur, ObscuredBy::Shadow], ..class };
    assert_eq!(flags.obscured_by(&class, 0.004), Some(ObscuredBy::Shadow));
}

#[test]
fn heights_show_crowns_without_leaves_and_a_berm_is_none() {
    let bare = |x: usize, y: usize| shade(SOIL, 0.3 * (noise(x, y) - 0.5));
    let with = |height: &dyn Fn(usize, usize) -> f64| {
        let (mut tile, grid) = tile(bare);
        tile.heights = Some(Ok(Array2::from_shape_fn((SIDE, SIDE), |(y, x)| height(x, y) as f32)));
        share(&(tile, grid), 0.1, |flags| flags.vegetation)
    };
    assert_eq!(with(&|x, y| 8.0 * noise(x / 6, y / 6)), 1.0);
    // Berms of 2 m, 5 m wide, on a slope of a third; and a trench of 2 m, with walls.
    assert_eq!(
        with(&|x, _| 2.0 - 2.0 * ((x % 50) as f64 / 25.0 - 1.0).abs() + x as f64 / 30.0),
        0.0
    );
    assert_eq!(with(&|x, y| if (x + y / 4) % 96 < 10 { -2.0 } else { 0.0 }), 0.0);
}
