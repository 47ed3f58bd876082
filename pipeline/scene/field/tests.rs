use super::chance::poisson;
use super::finds::Scores;
use super::frame::Frame;
use super::kind::FieldKind;
use super::lay::LaidBelt;
use super::spec::{Belt, Laying};
use super::{Field, FieldSpec};
use crate::random::Dice;
use geo::{Area, Euclidean, Geometry, Intersects, Length, Point, Rect, coord, unary_union};
use rams_domain::EoCategory;
use rayon::prelude::*;
use std::collections::BTreeSet;

fn lay(rows: u32, between_rows_m: f64, in_row_m: f64, length_m: f64, margin_m: f64) -> LaidBelt {
    let belt = Belt {
        share: 1.0,
        count: [1, 1],
        ahead_m: [50.0, 50.0],
        aside_m: [0.0, 0.0],
        rows: [rows, rows],
        in_row_m: [in_row_m; 2],
        between_rows_m: [between_rows_m; 2],
        length_m: [length_m; 2],
        margin_m,
    };
    let laying = Laying {
        tilt: 0.0,
        bend: 0.0,
        jitter: 0.0,
        across_m: 0.0,
        ragged: 0.0,
        missing: 0.0,
        gaps: [0, 0],
        gap_m: [5.0, 5.0],
        hidden: [0.0, 0.0],
    };
    let frame = Frame {
        origin: coord! { x: 0.0, y: 0.0 },
        along: coord! { x: 1.0, y: 0.0 },
        forward: coord! { x: 0.0, y: 1.0 },
    };
    let extent = Rect::new(coord! { x: -300.0, y: -300.0 }, coord! { x: 300.0, y: 300.0 });
    belt.lay(&laying, frame, extent, &mut Dice::new(1, "test", 0))
}

#[test]
fn two_rows_of_two_mines_occupy_what_the_definition_says() {
    let LaidBelt { mines, ground } = lay(2, 5.0, 10.0, 10.0, 2.5);
    let found: Vec<_> = mines.iter().map(|at| (at.x, at.y)).collect();
    assert_eq!(found, [(-5.0, 47.5), (5.0, 47.5), (-5.0, 52.5), (5.0, 52.5)]);
    // 10 m between the mines and 5 m beyond either; 5 m between the rows and 2.5 m beyond either.
    assert!((unary_union(&ground).unsigned_area() - 20.0 * 10.0).abs() < 1e-6);
    // AV: three rows 30 m apart and 10 m beyond; mines 5 m apart over 100 m.
    let LaidBelt { mines, ground } = lay(3, 30.0, 5.0, 100.0, 10.0);
    assert_eq!(mines.len(), 3 * 21);
    assert!((unary_union(&ground).unsigned_area() - 105.0 * 80.0).abs() < 1e-3);
}

#[test]
fn a_seed_is_one_field_whatever_the_threads() {
    let spec = FieldSpec::baseline();
    let together: Vec<Field> =
        (0..6u64).into_par_iter().map(|seed| Field::new(seed, &spec)).collect();
    for (field, seed) in together.iter().zip(0..) {
        assert!(*field == Field::new(seed, &spec), "seed {seed}");
    }
    assert!(together[0].features != together[1].features);
}

#[test]
fn what_is_true_lies_in_the_field_and_mines_on_mined_ground() {
    let spec = FieldSpec::baseline();
    for seed in 0..12 {
        let field = Field::new(seed, &spec);
        for item in &field.truth.items {
            assert!(field.extent().intersects(&item.at));
            let mined =
                field.truth.mined.iter().find(|(category, _)| *category == item.eo_category);
            match item.eo_category {
                EoCategory::Cmr => assert!(mined.is_none(), "submunitions have no perimeter"),
                _ => assert!(
                    mined.is_some_and(|(_, ground)| ground.intersects(&item.at)),
                    "seed {seed}: {item:?}"
                ),
            }
        }
    }
}

#[test]
fn nothing_is_found_where_nothing_was_assessed_nor_where_it_is_hidden() {
    let spec = FieldSpec::baseline();
    let mut covered = 0;
    for seed in 0..12 {
        let field = Field::new(seed, &spec);
        let assessed = &field.assessed[0].boundary;
        covered += usize::from(field.assessed[0].area_m2 < 0.95 * 360_000.0);
        for feature in &field.features {
            if let Geometry::Point(at) = feature.geometry {
                // A mine at the very rim is found some centimetres from where it lies.
                let near = at.x().abs() > 299.0 || at.y().abs() > 299.0;
                let rim = || {
                    Point::new(at.x() + 0.3, at.y()).intersects(assessed)
                        || Point::new(at.x() - 0.3, at.y()).intersects(assessed)
                };
                assert!(near || at.intersects(assessed) || rim(), "seed {seed}: {at:?}");
            }
        }
    }
    assert!(covered > 3);
    // All mines hidden: as many finds as false alarms alone.
    let mut buried = FieldSpec {
        kinds: super::spec::Kinds {
            empty: 0.0,
            submunitions: 0.0,
            nuisance: 1.0,
            old_earthworks: 0.0,
        },
        ..spec
    };
    buried.laying.hidden = [1.0, 1.0];
    buried.detection.of.values_mut().for_each(|of| of.per_ha *= 1e-6);
    buried.detection.of.values_mut().for_each(|of| of.at_per_ha *= 1e-6);
    let field = Field::new(3, &buried);
    assert!(!field.truth.items.is_empty());
    assert!(field.features.iter().all(|feature| feature.eo_category == EoCategory::Unknown));
}

#[test]
fn scores_have_the_recalls_and_rates_of_the_card() {
    let spec = FieldSpec::baseline();
    // AV: recall 0.95 at 13 false alarms per ha, 0.85 at 2.6. By hand: 1.645 and 1.036 deviations,
    // ln 5 = 1.609 between them: a deviation of 2.645 and a mean of 4.350.
    let of = &spec.detection.of[&EoCategory::AvMine];
    let scores = Scores::new(of);
    assert!((scores.confidence(0.0) - of.confidence_at_threshold).abs() < 1e-9);
    // From the threshold to the mean the density of true scores grows by exp(1.645² / 2), that of
    // false ones falls by exp(4.350): odds of 0.6 / 0.4 grow by exp(1.353 + 4.350).
    let odds = 1.5 * (1.353_f64 + 4.350).exp();
    let found = scores.confidence(4.350);
    assert!((found - odds / (1.0 + odds)).abs() < 1e-3, "{found}");
    let rising = (0..200).map(|step| scores.confidence(f64::from(step) / 10.0)).collect::<Vec<_>>();
    assert!(rising.is_sorted() && rising[199] > 0.99);
}

#[test]
fn finds_are_as_many_as_the_rates_say() {
    let mut spec = FieldSpec::baseline();
    (spec.detection.ground_sd, spec.detection.shift_sd, spec.detection.patch_shift_sd) =
        (0.0, 0.0, 0.0);
    (spec.cover.none, spec.laying.hidden, spec.kinds.empty) = (1.0, [0.0, 0.0], 0.0);
    (spec.kinds.submunitions, spec.kinds.nuisance) = (0.0, 0.0);
    let (mut mines, mut right, mut wrong) = (0, 0, 0);
    let fields = 12;
    for seed in 0..fields {
        let field = Field::new(seed, &spec);
        let of =
            |category| field.features.iter().filter(move |feature| feature.eo_category == category);
        let laid: Vec<_> = field
            .truth
            .items
            .iter()
            .filter(|item| item.eo_category == EoCategory::ApMine)
            .collect();
        let near = |at: &Point| {
            laid.iter().any(|item| (item.at.x() - at.x()).hypot(item.at.y() - at.y()) < 0.3)
        };
        let hits = of(EoCategory::ApMine)
            .filter(|f| matches!(&f.geometry, Geometry::Point(at) if near(at)))
            .count();
        mines += laid.len();
        right += hits;
        wrong += of(EoCategory::ApMine).count() - hits;
    }
    let recall = right as f64 / mines as f64;
    assert!((recall - 0.87).abs() < 0.02, "{recall} of {mines}");
    // Some fall beyond the field: patches and lines at its rim.
    let per_ha = wrong as f64 / f64::from(fields as u32) / 36.0;
    assert!((33.3..41.7).contains(&per_ha), "{per_ha}");
    let mut dice = Dice::new(5, "test", 0);
    for mean in [0.5, 20.0, 400.0] {
        let drawn: u32 = (0..2000).map(|_| poisson(mean, &mut dice)).sum();
        assert!(
            (f64::from(drawn) / 2000.0 - mean).abs() < 4.0 * (mean / 2000.0).sqrt(),
            "{mean}: {drawn}"
        );
    }
}

#[test]
fn belts_of_a_kind_never_cross_and_earthworks_are_found_where_they_are_seen() {
    let mut spec = FieldSpec::baseline();
    (spec.kinds.empty, spec.kinds.submunitions, spec.kinds.nuisance) = (0.0, 0.0, 0.0);
    (spec.front.nuisance, spec.front.scatter) = (0.0, 0.0);
    (spec.cover.none, spec.cover.share) = (0.0, [0.5, 0.5]);
    let mut found_m = 0.0;
    for seed in 0..20 {
        let field = Field::new(seed, &spec);
        for (category, ground) in &field.truth.mined {
            let most = spec.belt[category].count[1] as usize;
            // Rows of AV belts whose ends differ may leave slivers apart, so the union says only
            // this much.
            assert!(
                ground.unsigned_area() > 0.0
                    && (*category == EoCategory::AvMine || ground.0.len() <= most)
            );
        }
        let assessed = &field.assessed[0].boundary;
        for part in field.features.iter().flat_map(|feature| &feature.parts) {
            let middle = part.line.0[part.line.0.len() / 2];
            let near = [-1.5, 0.0, 1.5]
                .iter()
                .any(|off| Point::new(middle.x + off, middle.y - off).intersects(assessed));
            assert!(
                near || middle.x.abs() > 295.0 || middle.y.abs() > 295.0,
                "seed {seed}: {middle:?}"
            );
            let length_m = Euclidean.length(&part.line);
            assert!(length_m <= 50.0, "seed {seed}: a part of {length_m} m");
            found_m += length_m;
        }
    }
    assert!(found_m > 500.0);
}

#[test]
fn there_are_fields_of_every_kind() {
    let spec = FieldSpec::baseline();
    let kinds: BTreeSet<String> =
        (0..40).map(|seed| format!("{:?}", FieldKind::of(seed, &spec))).collect();
    assert_eq!(kinds.len(), 4);
    let empty = (0..200)
        .find(|seed| FieldKind::of(*seed, &spec) == FieldKind::Empty)
        .map(|seed| Field::new(seed, &spec));
    let empty = empty.expect("one of 200 is empty");
    assert!(
        empty.truth.items.is_empty()
            && empty.truth.mined.is_empty()
            && empty.truth.front_deg.is_none()
    );
    assert!(!empty.features.is_empty());
}

#[test]
fn a_country_is_its_fields_side_by_side() {
    let spec = FieldSpec::baseline();
    let country = Field::country([3, 4, 5], 2, &spec);
    let fields = [3, 4, 5].map(|seed| Field::new(seed, &spec));
    assert_eq!(
        country.features.len(),
        fields.iter().map(|field| field.features.len()).sum::<usize>()
    );
    assert_eq!(
        country.truth.items.len(),
        fields.iter().map(|field| field.truth.items.len()).sum::<usize>()
    );
    assert_eq!((country.extent().width(), country.extent().height()), (1200.0, 1200.0));
    let last = country.features.last().expect("there are features");
    assert_eq!(last.id.0 as usize, country.features.len());
}

#[test]
fn a_file_with_a_mistake_is_refused_by_name() {
    let text = include_str!("../../../datasets/fields/fields.toml");
    let refused = |from: &str, to: &str| {
        assert!(text.contains(from));
        FieldSpec::parse(&text.replacen(from, to, 1), "mine.toml")
            .expect_err("a mistake")
            .to_string()
    };
    assert_eq!(
        refused("side_m = 600.0", "side_m = 6.0"),
        "cannot use mine.toml: side_m is 6; give 50 to 100000"
    );
    let text_of = refused("recall_at = 0.75", "recall_at = 0.97");
    assert_eq!(
        text_of,
        "cannot use mine.toml: sight.AP_MINE.recall_at is 0.97; give a share between 0 and recall"
    );
    assert!(
        refused("empty = 0.15", "emty = 0.15")
            .contains("cannot read mine.toml as distributions of fields")
    );
}
