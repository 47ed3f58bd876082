//! Two evaluations of one truth, counted by hand.

use crate::{
    BoxCell, Classes, EvaluatedGround, Evaluation, Flight, PairedRecall, Prediction, Settings,
    SideBySide, Truth, evaluate,
};
use rams_domain::PxBox;

fn square(x: f64) -> PxBox {
    PxBox { x0: x, y0: 0.0, x1: x + 10.0, y1: 10.0 }
}

/// Objects of a class at places, and where a model finds which class. Thresholds of 0.5, half a
/// hectare; `pmn-2` is a kind of `round` where the model has families.
fn of(has_families: bool, objects: &[(&str, f64)], found: &[(&str, f64)]) -> Evaluation {
    let mut classes = Classes::default();
    let names: &[&str] =
        if has_families { &["pfm-1", "pmn-2", "round"] } else { &["pfm-1", "pmn-2"] };
    for name in names {
        let class = classes.add(name);
        classes.set_threshold(class, 0.5);
    }
    if let (Some(round), Some(kind)) = (classes.find("round"), classes.find("pmn-2")) {
        classes.set_parent(kind, round).unwrap();
    }
    let class = |name: &str| classes.find(name).unwrap();
    let truth =
        |(name, x): &(&str, f64)| Truth { class: class(name), px: square(*x), ignored: false };
    let prediction = |(name, x): &(&str, f64)| Prediction {
        class: class(name),
        px: square(*x),
        score: 0.9,
        confidence: None,
    };
    let truths: Vec<_> = objects.iter().map(truth).collect();
    let flight = Flight {
        name: "field".into(),
        ground: EvaluatedGround::of(Some(5_000.0), None, None, &truths),
        truths,
        predictions: found.iter().map(prediction).collect(),
    };
    evaluate(&[flight], &classes, Settings::default()).unwrap()
}

const OBJECTS: [(&str, f64); 5] =
    [("pfm-1", 0.0), ("pfm-1", 100.0), ("pfm-1", 200.0), ("pmn-2", 300.0), ("pmn-2", 400.0)];

/// The cell of a row and column.
fn cell<'a>(rows: &'a [crate::SideBySideRow<BoxCell>], class: &str, at: usize) -> &'a BoxCell {
    let row = rows.iter().find(|row| row.class == class).unwrap();
    row.cells[at].as_ref().unwrap()
}

fn counts(cell: &BoxCell) -> [usize; 4] {
    let it = cell.against_first.unwrap();
    [it.objects, it.by_both, it.by_first_alone, it.by_this_alone]
}

#[test]
fn p_is_that_of_the_exact_test() {
    let p = |first: usize, this: usize| {
        let pairs = [vec![(true, false); first], vec![(false, true); this], vec![(true, true); 9]];
        PairedRecall::of(&pairs.concat()).p
    };
    // Twice the tail of a fair coin: (1 + 7) / 64, 1 / 32, (1 + 12 + 66) / 2048.
    for (first, this, exact) in
        [(1, 6, 0.125), (6, 1, 0.125), (0, 6, 0.03125), (10, 2, 0.038_574_218_75), (3, 3, 1.0)]
    {
        assert!((p(first, this) - exact).abs() < 1e-12, "{first} and {this}: {}", p(first, this));
    }
    assert_eq!((p(0, 0), PairedRecall::of(&[]).difference), (1.0, None));
}

#[test]
fn recall_is_compared_object_by_object() {
    // The first finds 0 and 300; the other 100, 200 and 300, and one where nothing is.
    let first = of(true, &OBJECTS, &[("pfm-1", 0.0), ("pmn-2", 300.0)]);
    let other = of(
        true,
        &OBJECTS,
        &[("pfm-1", 101.0), ("pfm-1", 200.0), ("pmn-2", 300.0), ("pfm-1", 600.0)],
    );
    let table =
        SideBySide::<BoxCell>::new(&[("a".into(), Some(&first)), ("b".into(), Some(&other))]);
    let pfm = cell(&table.by_class, "pfm-1", 1);
    assert_eq!((counts(pfm), pfm.recall, pfm.objects), ([3, 0, 1, 2], Some(2.0 / 3.0), 3));
    assert_eq!(pfm.false_alarms_per_hectare, Some(2.0), "one on half a hectare");
    let difference = pfm.against_first.unwrap().difference.unwrap();
    assert!((difference - 1.0 / 3.0).abs() < 1e-12, "{difference}");
    assert_eq!(counts(cell(&table.by_class, "all", 1)), [5, 1, 1, 2]);
    assert_eq!(counts(cell(&table.by_family, "round", 1)), [2, 1, 0, 0]);
    assert_eq!(cell(&table.by_class, "pfm-1", 0).against_first, None);

    let csv = table.to_csv();
    let row = csv.lines().find(|line| line.starts_with("class,pfm-1,B,b,3,")).unwrap();
    assert!(row.ends_with(",3,0,1,2,0.333333,1.000000e0"), "{row}");
    assert_eq!(csv.lines().next().unwrap().split(',').count(), row.split(',').count());
    let text = table.to_string();
    let said = text.lines().find(|line| line.starts_with("pfm-1") && line.contains("B - A"));
    let said: Vec<&str> = said.unwrap().split_whitespace().collect();
    assert_eq!(said[4..], ["3", "0", "1", "2", "+0.333", "1.0000"]);
}

#[test]
fn only_objects_that_both_name_alike_are_paired() {
    // A model without the class has no such objects; one without families has none of a family.
    let first = of(true, &OBJECTS, &[("round", 300.0), ("pfm-1", 0.0)]);
    let other = of(false, &OBJECTS[1..], &[("pmn-2", 300.0), ("pfm-1", 100.0)]);
    let table =
        SideBySide::<BoxCell>::new(&[("a".into(), Some(&first)), ("b".into(), Some(&other))]);
    assert_eq!(counts(cell(&table.by_class, "pfm-1", 1)), [2, 0, 0, 1]);
    assert_eq!(counts(cell(&table.by_class, "pmn-2", 1)), [2, 0, 0, 1], "a coarse name is no hit");
    assert_eq!(counts(cell(&table.by_family, "pmn-2", 1)), [0, 0, 0, 0]);
    let round = table.by_family.iter().find(|row| row.class == "round").unwrap();
    assert!(round.cells[0].is_some() && round.cells[1].is_none());
}
