//! Samples by hand, and by scipy and scikit-learn.
#![allow(clippy::unwrap_used)] // a test may panic

use super::super::{Disposition, Reached, ReviewStage};
use super::*;
use Disposition::{Accepted, Rejected};
use std::collections::{BTreeMap, BTreeSet};

/// Sixty items in the north, thirty in the south, ten of high threat there; of 100 m² each, but for
/// the first, which is as large as all others.
fn lot() -> Vec<LotItem> {
    let item = |number: usize| LotItem {
        item: format!("A{number:04}"),
        version: 2,
        district: if number < 60 { "North" } else { "South" }.into(),
        eo_category: EoCategory::ApMine,
        threat: if number < 90 { Threat::Medium } else { Threat::High },
        area_m2: if number == 0 { 9_900.0 } else { 100.0 },
    };
    (0..100).map(item).collect()
}

fn plan(size: SampleSize, seed: u32) -> SamplePlan {
    SamplePlan {
        purpose: SamplePurpose::QualityControl,
        size,
        seed,
        reached: Reached::Stage(ReviewStage::Analyst),
        district: String::new(),
        acceptance: None,
    }
}

fn ids(drawn: &[LotItem]) -> Vec<&str> {
    drawn.iter().map(|item| item.item.as_str()).collect()
}

#[test]
fn the_same_seed_draws_the_same_list_whatever_the_order_of_the_lot() {
    let plan = plan(SampleSize::Items(10), 7);
    let (first, mut turned) = (plan.draw(&lot()), lot());
    turned.reverse();
    assert_eq!(first, plan.draw(&turned));
    // By hashlib and sorted() of Python, by the rule in the manual.
    let by_rule =
        ["A0098", "A0000", "A0078", "A0018", "A0048", "A0074", "A0003", "A0017", "A0089", "A0041"];
    assert_eq!(ids(&first), by_rule);
    let other = self::plan(SampleSize::Items(10), 8).draw(&lot());
    assert_ne!(ids(&first), ids(&other));
    assert_eq!(ids(&first).into_iter().collect::<BTreeSet<_>>().len(), 10, "none twice");
}

#[test]
fn every_stratum_has_its_share_and_every_item_its_chance() {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 0..2_000 {
        let drawn = plan(SampleSize::ShareOfItems(0.1), seed).draw(&lot());
        assert_eq!(drawn.len(), 10);
        let north = drawn.iter().filter(|item| item.district == "North").count();
        assert!((5..=7).contains(&north), "{north} of 60 in 100");
        drawn.into_iter().for_each(|item| *times.entry(item.item).or_default() += 1);
    }
    // Each is drawn 200 times in 2,000; four standard deviations are 54.
    assert_eq!(times.len(), 100);
    assert!(times.values().all(|times| (146..=254).contains(times)), "{times:?}");
}

#[test]
fn a_share_of_the_ground_ends_with_the_item_that_fills_it() {
    for seed in 0..20 {
        let drawn = plan(SampleSize::ShareOfArea(0.05), seed).draw(&lot());
        let m2: f64 = drawn.iter().map(|item| item.area_m2).sum();
        // 5 % of 19,800 m².
        let (last, before) = (drawn.last().unwrap().area_m2, 990.0);
        assert!(m2 >= before && m2 - last < before, "{m2}");
    }
    assert_eq!(plan(SampleSize::ShareOfArea(1.0), 3).draw(&lot()).len(), 100);
    assert_eq!(plan(SampleSize::ShareOfItems(1e-9), 3).draw(&lot()).len(), 1, "never none");
    assert_eq!(plan(SampleSize::Items(900), 3).draw(&lot()).len(), 100);
}

#[test]
fn the_bound_is_that_of_the_hypergeometric_distribution() {
    // Largest `bad` with scipy.stats.hypergeom.cdf(found, lot, bad, drawn) >= 0.05.
    for (lot, drawn, found, most) in [
        (60, 3, 0, 37),
        (100, 5, 0, 44),
        (500, 25, 0, 55),
        (1_000, 50, 0, 56),
        (10_000, 500, 0, 58),
        (1_000, 50, 2, 118),
        (120, 20, 1, 24),
        (35_000, 315, 4, 1_006),
    ] {
        assert_eq!(most_nonconforming(lot, drawn, found), most, "{found} in {drawn} of {lot}");
    }
    assert_eq!(most_nonconforming(60, 60, 4), 4, "who looks at all knows");
    assert_eq!(most_nonconforming(60, 0, 0), 60, "who looks at none knows nothing");
}

fn agreement([yes, first, second, no]: [usize; 4]) -> Agreement {
    let pairs =
        [(Accepted, Accepted), (Accepted, Rejected), (Rejected, Accepted), (Rejected, Rejected)];
    let times = [yes, first, second, no];
    Agreement::of(pairs.iter().zip(times).flat_map(|(pair, times)| vec![*pair; times]))
}

#[test]
fn kappa_is_that_of_scikit_learn() {
    // cohen_kappa_score, and f1_score of either label, of scikit-learn 1.9.1. The first by hand:
    // 35 of 50 agree, 25 would by chance: 10 of 25.
    for (counts, kappa, positive, negative) in [
        ([20, 5, 10, 15], 0.4, 0.727_272_727_272_727_3, 0.666_666_666_666_666_6),
        ([85, 3, 2, 10], 0.771_480_804_387_568_5, 0.971_428_571_428_571_4, 0.8),
        ([40, 6, 1, 0], -0.037_854_889_589_905_33, 0.919_540_229_885_057_5, 0.0),
    ] {
        let found = agreement(counts);
        let is_near = |found: Option<f64>, right: f64| (found.unwrap() - right).abs() < 1e-12;
        assert!(is_near(found.kappa, kappa), "{found:?}");
        assert!(
            is_near(found.positive, positive) && is_near(found.negative, negative),
            "{found:?}"
        );
    }
    let same = agreement([12, 0, 0, 0]);
    assert_eq!((same.kappa, same.positive, same.negative), (None, Some(1.0), None));
}
