//! Averages of fractional windows, against GDAL's and against those of larger windows.

use super::{SIDE, folder, geotiff};
use crate::{
    average::average,
    window::{self, Resampling, Source},
};
use proptest::prelude::*;
use rams_domain::PxBox;

/// No two neighbours alike.
fn value(band: usize, x: usize, y: usize) -> u8 {
    (((x * 7919 + y * 104_729 + band * 31) * 2_654_435_761) >> 13) as u8
}

fn pixels() -> Vec<u8> {
    let at = |at: usize| value(at % 3 + 1, at / 3 % SIDE, at / 3 / SIDE);
    (0..3 * SIDE * SIDE).map(at).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_average_is_gdals_to_a_rounding(
        (x0, y0) in (0.0..20.0, 0.0..20.0),
        (width, height) in (2usize..10, 2usize..10),
        scale in 1.0..4.4,
    ) {
        let (_folder, path) = folder();
        let dataset = geotiff(&path, 3, &[], value);
        let (x1, y1) = (x0 + width as f64 * scale, y0 + height as f64 * scale);
        let window = PxBox { x0, y0, x1: f64::min(x1, 64.0), y1: f64::min(y1, 64.0) };
        let mut theirs = vec![0; 3 * width * height];
        let bands = Source::Bands(&[1, 2, 3]);
        window::read(&dataset, bands, &window, (width, height), Resampling::Average, &mut theirs)
            .expect("the file is whole");
        let mut ours = vec![0; 3 * width * height];
        average(&pixels(), SIDE, &window, (width, height), &mut ours);
        let is_first = |at: usize| at / 3 < width || (at / 3).is_multiple_of(width);
        let pairs = ours.iter().zip(&theirs).enumerate().filter(|(at, _)| !is_first(*at));
        let apart = pairs.map(|(_, (one, other))| one.abs_diff(*other)).max();
        prop_assert!(apart <= Some(1), "{apart:?} grey levels");
    }

    #[test]
    fn a_pixel_does_not_depend_on_its_window(
        (left, top) in (0usize..12, 0usize..12),
        (width, height) in (1usize..12, 1usize..12),
        scale in 1.0..2.6,
    ) {
        let read = |left: usize, top: usize, (width, height): (usize, usize)| {
            let [x0, x1, y0, y1] =
                [left, left + width, top, top + height].map(|edge| edge as f64 * scale);
            let mut averages = vec![0; 3 * width * height];
            let window = PxBox { x0, y0, x1, y1 };
            average(&pixels(), SIDE, &window, (width, height), &mut averages);
            averages
        };
        let (all, part) = (read(0, 0, (24, 24)), read(left, top, (width, height)));
        for (row, line) in part.chunks_exact(3 * width).enumerate() {
            let same = &all[3 * ((top + row) * 24 + left)..][..3 * width];
            let apart = line.iter().zip(same).map(|(one, other)| one.abs_diff(*other)).max();
            prop_assert!(apart <= Some(1), "row {row}: {apart:?} grey levels");
        }
    }
}

#[test]
fn a_pixel_counts_by_the_share_that_is_covered() {
    let source = [[0; 3], [100; 3], [200; 3]].concat();
    let averaged = |x0: f64, x1: f64, width: usize| {
        let mut averages = vec![0; 3 * width];
        let window = PxBox { x0, y0: 0.0, x1, y1: 1.0 };
        average(&source, 3, &window, (width, 1), &mut averages);
        averages.into_iter().step_by(3).collect::<Vec<u8>>()
    };
    assert_eq!(averaged(0.0, 3.0, 2), [33, 167], "two thirds of a pixel, and a third of the next");
    assert_eq!(averaged(0.5, 2.5, 1), [100]);
    assert_eq!(averaged(0.0, 3.0, 3), [0, 100, 200]);
    // A quotient with a rounding error touches no other pixel.
    assert_eq!(averaged(1.0 - 1e-12, 2.0 + 1e-12, 1), [100]);
}
