//! Works on straight lines and squares, whose figures one can say.

use crate::{
    Classes, EarthworksEvaluation, EarthworksFigures, EarthworksFlight, EvaluatedGround,
    FoundEarthwork, FoundPart, FoundShape, TrueEarthwork, TrueLine, Verdict, compare,
};
use geo::{LineString, MultiPolygon, Rect};
use std::collections::BTreeSet;

const TRENCH: usize = 0;
const FIRE: usize = 1;
const COMM: usize = 2;
const BERM: usize = 3;
const CRATER: usize = 4;

fn classes() -> Classes {
    let mut classes = Classes::default();
    for name in ["trench", "fire-trench", "communication-trench", "berm", "crater"] {
        classes.add(name);
    }
    classes.set_parent(FIRE, TRENCH).unwrap();
    classes.set_parent(COMM, TRENCH).unwrap();
    (0..5).for_each(|class| classes.set_threshold(class, 0.5));
    classes
}

fn rect(x: [f64; 2], y: [f64; 2]) -> MultiPolygon {
    Rect::new((x[0], y[0]), (x[1], y[1])).to_polygon().into()
}

/// A line along x.
fn line(x: [f64; 2], y: f64) -> LineString {
    LineString::from(vec![(x[0], y), (x[1], y)])
}

/// A true trench 4 m wide along x, at y = 0.
fn trench(class: usize, x: [f64; 2]) -> (TrueEarthwork, TrueLine) {
    let ground = rect(x, [-2.0, 2.0]);
    (TrueEarthwork { class, ground, ignored: false }, TrueLine { class, line: line(x, 0.0) })
}

fn area(class: usize, x: [f64; 2], y: [f64; 2]) -> TrueEarthwork {
    TrueEarthwork { class, ground: rect(x, y), ignored: false }
}

fn found_line(class: usize, x: [f64; 2], y: f64, width_m: f64, confidence: f64) -> FoundEarthwork {
    let part = FoundPart { class, confidence, line: line(x, y), width_m };
    FoundEarthwork {
        id: String::new(),
        class,
        score: confidence,
        confidence,
        shape: FoundShape::Lines(vec![part]),
    }
}

fn found_area(class: usize, x: [f64; 2], y: [f64; 2]) -> FoundEarthwork {
    FoundEarthwork {
        id: String::new(),
        class,
        score: 0.9,
        confidence: 0.9,
        shape: FoundShape::Area(rect(x, y)),
    }
}

/// A square kilometre.
fn flight(
    trenches: &[(TrueEarthwork, TrueLine)],
    areas: Vec<TrueEarthwork>,
    found: Vec<FoundEarthwork>,
) -> EarthworksFlight {
    EarthworksFlight {
        name: "front".into(),
        ground: EvaluatedGround::of(Some(1e6), None, None, &[]),
        assessed: vec![rect([-500.0, 500.0], [-500.0, 500.0])],
        truths: trenches.iter().map(|(work, _)| work.clone()).chain(areas).collect(),
        lines: Some(trenches.iter().map(|(_, line)| line.clone()).collect()),
        found,
    }
}

fn of(flights: &[EarthworksFlight]) -> EarthworksEvaluation {
    compare(flights, &classes(), &BTreeSet::from([TRENCH]), 2.0)
}

fn family(evaluation: &EarthworksEvaluation, name: &str) -> EarthworksFigures {
    evaluation.by_family.all.classes[name].clone()
}

#[track_caller]
fn near(ours: Option<f64>, expected: f64) {
    assert!(
        ours.is_some_and(|ours| (ours - expected).abs() < 1e-6),
        "{ours:?}, by hand {expected}"
    );
}

/// IoU, recall and precision by length, false alarms: of one trench of 100 m found so.
fn one_trench(found: Vec<FoundEarthwork>) -> (Option<f64>, Option<f64>, Option<f64>, usize) {
    let figures = family(&of(&[flight(&[trench(FIRE, [0.0, 100.0])], vec![], found)]), "trench");
    let length = figures.length.unwrap();
    assert_eq!(figures.objects, None);
    (figures.overlap.iou, length.recall, length.precision, figures.false_alarms)
}

#[test]
fn a_shift_costs_overlap_first_then_length_then_all() {
    // Shared over either, of 4 m: 4 / 4, 3 / 5, 1 / 7, 0 / 8.
    for (shift_m, iou, share, false_alarms) in
        [(0.0, 1.0, 1.0, 0), (1.0, 0.6, 1.0, 0), (3.0, 1.0 / 7.0, 0.0, 0), (5.0, 0.0, 0.0, 1)]
    {
        let figures = one_trench(vec![found_line(FIRE, [0.0, 100.0], shift_m, 4.0, 0.9)]);
        near(figures.0, iou);
        near(figures.1, share);
        near(figures.2, share);
        assert_eq!(figures.3, false_alarms, "shifted by {shift_m} m");
    }
    let shifted = flight(
        &[trench(FIRE, [0.0, 100.0])],
        vec![],
        vec![found_line(FIRE, [0.0, 100.0], 3.0, 4.0, 0.9)],
    );
    let lenient = compare(&[shifted], &classes(), &BTreeSet::from([TRENCH]), 3.5);
    near(family(&lenient, "trench").length.unwrap().recall, 1.0);
}

#[test]
fn a_half_is_half_and_the_tolerance_beyond_its_end() {
    let (iou, recall, precision, _) =
        one_trench(vec![found_line(FIRE, [0.0, 50.0], 0.0, 4.0, 0.9)]);
    near(iou, 0.5);
    near(recall, 0.52);
    near(precision, 1.0);
    let (iou, recall, precision, _) =
        one_trench(vec![found_line(FIRE, [0.0, 200.0], 0.0, 4.0, 0.9)]);
    near(iou, 0.5);
    near(recall, 1.0);
    near(precision, 0.51);
}

#[test]
fn a_line_on_ground_of_the_family_is_near_however_wide_that_is() {
    let (_, recall, precision, _) = one_trench(vec![found_line(FIRE, [0.0, 100.0], 3.0, 8.0, 0.9)]);
    near(recall, 1.0);
    near(precision, 0.0);
}

#[test]
fn a_seam_or_an_overlap_counts_ground_once() {
    let parts = |ends: [[f64; 2]; 2]| ends.map(|x| found_line(FIRE, x, 0.0, 4.0, 0.9)).to_vec();
    let whole = one_trench(vec![found_line(FIRE, [0.0, 100.0], 0.0, 4.0, 0.9)]);
    for ends in [[[0.0, 50.0], [50.0, 100.0]], [[0.0, 60.0], [40.0, 100.0]]] {
        let cut = one_trench(parts(ends));
        near(cut.0, whole.0.unwrap());
        assert_eq!((cut.1, cut.2, cut.3), (whole.1, whole.2, whole.3));
    }
    // The same of the truth: two outlines over one another, as of crossing works.
    let twice = [trench(FIRE, [0.0, 60.0]), trench(COMM, [40.0, 100.0])];
    let figures =
        family(&of(&[flight(&twice, vec![], parts([[0.0, 50.0], [50.0, 100.0]]))]), "trench");
    near(figures.overlap.iou, 1.0);
    near(Some(figures.overlap.true_m2), 400.0);
}

#[test]
fn a_wrong_kind_is_the_family_found_and_shown_as_confused() {
    let found = vec![
        found_line(COMM, [0.0, 60.0], 0.0, 4.0, 0.9),
        found_line(TRENCH, [300.0, 340.0], 0.0, 4.0, 0.9),
    ];
    let evaluation = of(&[flight(&[trench(FIRE, [0.0, 100.0])], vec![], found)]);
    let fire = &evaluation.by_class.all.classes["fire-trench"];
    near(fire.length.unwrap().recall, 0.62);
    assert_eq!((fire.length.unwrap().precision, fire.overlap.iou), (None, Some(0.0)));
    let comm = &evaluation.by_class.all.classes["communication-trench"];
    assert_eq!((comm.length.unwrap().recall, comm.length.unwrap().precision), (None, Some(1.0)));
    assert_eq!((comm.confusions, comm.false_alarms), (0, 0));
    let all = family(&evaluation, "trench");
    near(all.overlap.iou, 240.0 / (400.0 + 160.0));
    assert_eq!((all.features, all.confusions, all.false_alarms), (2, 0, 1));
    assert_eq!(evaluation.confusion_m.rows, ["fire-trench", "nothing"]);
    assert_eq!(evaluation.confusion_m.columns, ["trench", "communication-trench", "missed"]);
    assert_eq!(evaluation.confusion_m.counts, [[0, 62, 38], [40, 0, 0]]);
}

#[test]
fn a_line_taken_for_another_work_is_a_confusion_and_missed() {
    let found = vec![found_area(BERM, [0.0, 100.0], [-2.0, 2.0])];
    let evaluation = of(&[flight(&[trench(FIRE, [0.0, 100.0])], vec![], found)]);
    near(family(&evaluation, "trench").length.unwrap().recall, 0.0);
    let berm = family(&evaluation, "berm");
    assert_eq!((berm.features, berm.confusions, berm.false_alarms), (1, 1, 0));
    assert_eq!(evaluation.confusion_m.columns, ["berm", "missed"]);
    assert_eq!(evaluation.confusion_m.counts[0], [100, 0]);
}

#[test]
fn thirty_percent_find_an_area_and_make_one_right() {
    let ten = [0.0, 10.0];
    for (x, y, counts) in [
        ([0.0, 3.0], ten, (1, 1, 0)), // 30 of 100 found, all of it right
        ([0.0, 2.9], ten, (0, 1, 0)), // 29 of 100
        ([0.0, 10.0], [0.0, 40.0], (1, 0, 0)), // all found, a quarter right, no false alarm
        ([0.0, 10.0], [100.0, 110.0], (0, 0, 1)), // elsewhere
    ] {
        let crater = area(CRATER, ten, ten);
        let figures =
            family(&of(&[flight(&[], vec![crater], vec![found_area(CRATER, x, y)])]), "crater");
        let objects = figures.objects.unwrap();
        assert_eq!((objects.found, objects.right, figures.false_alarms), counts, "{x:?} {y:?}");
        assert_eq!((objects.objects, objects.predictions, figures.length), (1, 1, None));
    }
    // Two pieces find together what neither finds alone, from the lesser confidence on.
    let [one, two] = [[0.0, 2.0], [5.0, 7.0]].map(|x| found_area(CRATER, x, ten));
    let found = vec![one, FoundEarthwork { confidence: 0.6, ..two }];
    let crater = family(&of(&[flight(&[], vec![area(CRATER, ten, ten)], found)]), "crater");
    let recall: Vec<_> = [12, 13]
        .map(|at| crater.sweep[at])
        .iter()
        .map(|it| (it.confidence, it.object_recall))
        .collect();
    assert_eq!(recall, [(0.6, Some(1.0)), (0.65, Some(0.0))]);
}

#[test]
fn a_class_that_one_side_lacks_is_missed_or_wrong() {
    let evaluation = of(&[flight(
        &[],
        vec![area(BERM, [0.0, 10.0], [0.0, 4.0])],
        vec![found_area(CRATER, [5.0, 9.0], [0.0, 4.0])],
    )]);
    let berm = family(&evaluation, "berm");
    assert_eq!((berm.overlap.iou, berm.objects.unwrap().recall), (Some(0.0), Some(0.0)));
    assert_eq!((berm.features, berm.objects.unwrap().precision), (0, None));
    let crater = family(&evaluation, "crater");
    assert_eq!((crater.confusions, crater.false_alarms), (1, 0));
    assert_eq!(
        (crater.objects.unwrap().recall, crater.objects.unwrap().precision),
        (None, Some(0.0))
    );
    let pooled = evaluation.by_family.all.pooled;
    assert_eq!(
        (pooled.overlap.true_m2, pooled.overlap.found_m2, pooled.overlap.iou),
        (40.0, 16.0, Some(0.0))
    );
}

#[test]
fn on_empty_ground_all_is_a_false_alarm() {
    let found = vec![
        found_line(FIRE, [0.0, 10.0], 0.0, 3.0, 0.9),
        found_area(CRATER, [50.0, 55.0], [0.0, 5.0]),
    ];
    let empty = flight(&[], vec![], found);
    let other = EarthworksFlight { name: "other".into(), found: vec![], ..empty.clone() };
    let evaluation = of(&[empty, other]);
    let trench = family(&evaluation, "trench");
    assert_eq!(
        (trench.length.unwrap().recall, trench.length.unwrap().precision),
        (None, Some(0.0))
    );
    let pooled = &evaluation.by_family.all.pooled;
    assert_eq!(
        (pooled.false_alarms, pooled.false_alarms_per_km2),
        (2, Some(1.0)),
        "two on two square kilometres"
    );
    // Garwood's interval of a count of 2, halved.
    let [low, high] = pooled.false_alarms_per_km2_95.unwrap();
    near(Some(low), 0.242_209_278_543_3 / 2.0);
    near(Some(high), 7.224_687_666_5 / 2.0);
    let front = &evaluation.by_family.flights["front"];
    assert_eq!((front.pooled.false_alarms_per_km2, front.pooled.sweep.len()), (Some(2.0), 0));
    assert_eq!(evaluation.by_family.flights["other"].pooled.false_alarms, 0);
}

#[test]
fn thresholds_are_scores_and_the_sweep_is_by_confidence() {
    let with = |score: f64, found: FoundEarthwork| FoundEarthwork { score, ..found };
    let found = vec![
        found_line(FIRE, [0.0, 50.0], 0.0, 4.0, 0.9),
        with(0.4, found_line(FIRE, [50.0, 100.0], 0.0, 4.0, 0.4)),
        with(0.8, found_line(FIRE, [0.0, 10.0], 200.0, 4.0, 0.3)),
    ];
    let figures = family(&of(&[flight(&[trench(FIRE, [0.0, 100.0])], vec![], found)]), "trench");
    near(figures.length.unwrap().recall, 0.52);
    assert_eq!(
        (figures.features, figures.false_alarms),
        (2, 1),
        "the score of 0.4 is below the threshold"
    );
    let at = |step: usize| figures.sweep[step];
    near(at(0).length_recall, 1.0);
    near(at(0).length_precision, 100.0 / 110.0);
    near(at(0).iou, 400.0 / 440.0);
    assert_eq!((at(6).confidence, at(6).false_alarms, at(7).false_alarms), (0.3, 1, 0));
    near(at(8).iou, 1.0);
    near(at(9).iou, 0.5);
    near(at(9).length_recall, 0.52);
    assert_eq!((at(18).length_precision, at(19).length_precision), (Some(1.0), None));
}

#[test]
fn overlap_is_measured_where_the_survey_looked_and_recall_everywhere() {
    let found = vec![found_line(FIRE, [0.0, 50.0], 0.0, 4.0, 0.9)];
    let seen = flight(&[trench(FIRE, [0.0, 100.0])], vec![], found);
    let half =
        EarthworksFlight { assessed: vec![rect([-500.0, 50.0], [-500.0, 500.0])], ..seen.clone() };
    let figures = family(&of(&[half]), "trench");
    near(figures.overlap.iou, 1.0);
    near(figures.length.unwrap().recall, 0.52);
    // A hole in the middle of what was assessed.
    let hole = geo::BooleanOps::difference(&seen.assessed[0], &rect([20.0, 80.0], [-5.0, 5.0]));
    let figures = family(&of(&[EarthworksFlight { assessed: vec![hole], ..seen }]), "trench");
    near(Some(figures.overlap.true_m2), 160.0);
    near(figures.overlap.iou, 0.5);
}

#[test]
fn what_lies_on_ignored_ground_is_neither_right_nor_wrong() {
    let (work, _) = trench(FIRE, [0.0, 100.0]);
    let ignored = TrueEarthwork { ignored: true, ..work };
    let found = vec![found_line(FIRE, [0.0, 100.0], 0.0, 4.0, 0.9)];
    let evaluation = of(&[flight(&[], vec![ignored], found)]);
    let figures = family(&evaluation, "trench");
    assert_eq!((figures.features, figures.confusions, figures.false_alarms), (1, 0, 0));
    assert_eq!((figures.length.unwrap().precision, figures.overlap.iou), (None, None));
    assert!(evaluation.without_centrelines.is_empty());
}

#[test]
fn without_centrelines_areas_alone_are_compared() {
    let found = vec![found_line(FIRE, [0.0, 100.0], 1.0, 4.0, 0.9)];
    let flight =
        EarthworksFlight { lines: None, ..flight(&[trench(FIRE, [0.0, 100.0])], vec![], found) };
    let evaluation = of(&[flight]);
    let figures = family(&evaluation, "trench");
    near(figures.overlap.iou, 0.6);
    assert_eq!((figures.length.unwrap().recall, figures.length.unwrap().precision), (None, None));
    assert_eq!((evaluation.without_centrelines.len(), figures.false_alarms), (1, 0));
    assert!(evaluation.to_string().contains("no lengths of front"), "{evaluation}");
}

#[test]
fn confidence_of_parts_is_right_by_length() {
    // 73 m and the tolerance beyond are right: three quarters of what was said at 0.75.
    let found = vec![found_line(FIRE, [0.0, 100.0], 0.0, 4.0, 0.75)];
    let reliability =
        of(&[flight(&[trench(FIRE, [0.0, 73.0])], vec![], found)]).reliability_m.unwrap();
    assert_eq!((reliability.predictions, reliability.bins[7].count), (100, 100));
    near(reliability.bins[7].right, 0.75);
    assert!(reliability.expected_calibration_error < 1e-9);
}

/// Id, verdict, whether it is right, and the size of each feature, as they are listed.
fn judged(flights: &[EarthworksFlight]) -> Vec<(String, Verdict, Option<bool>, f64)> {
    let features = of(flights).features.into_iter();
    features
        .map(|it| (format!("{} {}", it.flight, it.id), it.verdict, it.right, it.size_m))
        .collect()
}

fn as_id(id: &str, found: FoundEarthwork) -> FoundEarthwork {
    FoundEarthwork { id: id.into(), ..found }
}

#[test]
fn each_feature_is_right_or_wrong_by_its_own_metres_or_ground() {
    let truths =
        vec![area(CRATER, [200.0, 210.0], [0.0, 10.0]), area(BERM, [300.0, 310.0], [0.0, 10.0])];
    let ignored = TrueEarthwork { ignored: true, ..area(FIRE, [-100.0, -50.0], [48.0, 52.0]) };
    let line = |id, x, y| as_id(id, found_line(FIRE, x, y, 4.0, 0.9));
    let area = |id, class, x, y| as_id(id, found_area(class, x, y));
    // 60 m of a trench and a branch of 61 m or of 59 m where nothing is.
    let branched = |id, branch_m| {
        let part =
            |x, y| FoundPart { class: COMM, confidence: 0.9, line: self::line(x, y), width_m: 4.0 };
        let shape = FoundShape::Lines(vec![part([0.0, 60.0], 0.0), part([0.0, branch_m], 90.0)]);
        FoundEarthwork { shape, ..line(id, [0.0; 2], 0.0) }
    };
    let found = vec![
        line("half, with the tolerance", [52.0, 152.0], 0.0),
        line("less than half", [53.0, 153.0], 0.0),
        line("on ignored ground", [-90.0, -60.0], 50.0),
        line("half of it ignored, none right", [-70.0, -30.0], 50.0),
        branched("longer branch", 61.0),
        branched("shorter branch", 59.0),
        area("quarter", CRATER, [200.0, 210.0], [0.0, 40.0]),
        area("third", CRATER, [200.0, 210.0], [0.0, 30.0]),
        area("other family", CRATER, [300.0, 310.0], [0.0, 10.0]),
        area("nothing there", CRATER, [400.0, 404.0], [0.0, 9.0]),
        area("ignored", CRATER, [-80.0, -70.0], [48.0, 58.0]),
    ];
    let front =
        flight(&[trench(FIRE, [0.0, 100.0])], truths.into_iter().chain([ignored]).collect(), found);
    let expected = [
        ("half of it ignored, none right", Verdict::Neither, Some(false), 40.0),
        ("half, with the tolerance", Verdict::Touches, Some(true), 100.0),
        ("ignored", Verdict::Neither, None, 10.0),
        ("less than half", Verdict::Touches, Some(false), 100.0),
        ("longer branch", Verdict::Touches, Some(false), 121.0),
        ("nothing there", Verdict::FalseAlarm, Some(false), 6.0),
        ("on ignored ground", Verdict::Neither, None, 30.0),
        ("other family", Verdict::Confused, Some(false), 10.0),
        ("quarter", Verdict::Touches, Some(false), 20.0),
        ("shorter branch", Verdict::Touches, Some(true), 119.0),
        ("third", Verdict::Touches, Some(true), 300_f64.sqrt()),
    ];
    let expected = expected
        .map(|(id, verdict, right, size_m)| (format!("front {id}"), verdict, right, size_m));
    assert_eq!(judged(std::slice::from_ref(&front)), expected);
    // Without centrelines no line is right or wrong, but areas are.
    let rights = judged(&[EarthworksFlight { lines: None, ..front }])
        .into_iter()
        .map(|(_, _, right, _)| right);
    let [n, no, yes] = [None, Some(false), Some(true)];
    assert_eq!(rights.collect::<Vec<_>>(), [n, n, n, n, n, no, n, no, no, n, yes]);
}

#[test]
fn features_come_by_flight_then_confidence_then_id_whatever_their_score() {
    let found =
        |id, confidence: f64| as_id(id, found_line(FIRE, [0.0, 10.0], 0.0, 4.0, confidence));
    let low = FoundEarthwork { score: 0.01, ..found("F000001", 0.7) };
    let first = flight(
        &[],
        vec![],
        vec![found("F000003", 0.6), low, found("F000002", 0.6), found("F000004", 0.65)],
    );
    let second = EarthworksFlight {
        name: "east".into(),
        found: vec![found("F000009", 0.1)],
        ..first.clone()
    };
    let evaluation = of(&[first, second]);
    let ids: Vec<_> =
        evaluation.features.iter().map(|it| (it.flight.as_str(), it.id.as_str())).collect();
    let front = ["F000001", "F000004", "F000002", "F000003"].map(|id| ("front", id));
    assert_eq!(ids[0], ("east", "F000009"), "below the threshold");
    assert_eq!(ids[1..], front);
    let low = &evaluation.features[1];
    assert_eq!((low.class.as_str(), low.score, low.confidence), ("fire-trench", 0.01, 0.7));
    assert_eq!(serde_json::to_value(low).unwrap()["verdict"], "false_alarm");
    assert!(
        !evaluation.to_string().contains("F000001") && !evaluation.to_csv().contains("F000001")
    );
}

#[test]
fn zigzags_side_by_side_are_each_found() {
    let zigzag = |row: u32, shift_m: f64| -> LineString {
        let corner = |at: u32| {
            (f64::from(at) * 5.0, f64::from(row) * 8.0 + f64::from(at % 2) * 3.0 + shift_m)
        };
        (0..10).map(corner).collect()
    };
    let part =
        |row| FoundPart { class: FIRE, confidence: 0.8, line: zigzag(row, 1.0), width_m: 3.0 };
    let found = |row| FoundEarthwork {
        shape: FoundShape::Lines(vec![part(row)]),
        ..found_line(FIRE, [0.0; 2], 0.0, 0.0, 0.8)
    };
    let ground = |row| geo::Buffer::buffer(&zigzag(row, 0.0), 1.5);
    let truth = |row| {
        (TrueEarthwork { class: FIRE, ground: ground(row), ignored: false }, zigzag(row, 0.0))
    };
    let truths: Vec<_> =
        (0..20).map(truth).map(|(work, line)| (work, TrueLine { class: FIRE, line })).collect();
    // All but one are found, 9 stretches of the square root of 34 m each.
    let figures = family(&of(&[flight(&truths, vec![], (0..19).map(found).collect())]), "trench");
    let length = figures.length.unwrap();
    near(Some(length.true_m), 20.0 * 9.0 * 34_f64.sqrt());
    near(length.recall, 0.95);
    near(length.precision, 1.0);
    // Shifted by 1 m, which is 0.86 m across: of 3 m, 2.14 are shared of 3.86, of 19 in 20.
    assert!(
        figures.overlap.iou.is_some_and(|iou| (iou - 0.53).abs() < 0.02),
        "{:?}",
        figures.overlap
    );
}

#[test]
fn tables_say_each_figure_and_pictures_are_drawn() {
    let found = vec![
        found_line(FIRE, [0.0, 60.0], 0.5, 4.0, 0.9),
        found_line(COMM, [55.0, 100.0], 0.5, 4.0, 0.6),
        found_line(FIRE, [0.0, 30.0], 80.0, 4.0, 0.55),
        found_area(BERM, [1.0, 9.0], [40.0, 44.0]),
    ];
    let truth =
        vec![area(BERM, [0.0, 10.0], [40.0, 44.0]), area(BERM, [100.0, 110.0], [40.0, 44.0])];
    let evaluation = of(&[flight(&[trench(FIRE, [0.0, 100.0])], truth, found)]);
    let csv = evaluation.to_csv();
    let columns = csv.lines().next().unwrap().split(',').count();
    assert!(csv.lines().all(|line| line.split(',').count() == columns), "{csv}");
    assert!(
        csv.contains("family,all,berm,,1.000000,80.000000,32.000000,32.000000,0.400000,"),
        "{csv}"
    );
    let text = evaluation.to_string();
    assert!(text.contains("communication-trench") && text.contains("[0.013 0.987]"), "{text}");
    for plot in evaluation.plots().unwrap() {
        let pixels = image::load_from_memory(&plot.png).unwrap().to_rgb8();
        let ink = pixels.pixels().filter(|pixel| pixel.0 != [255; 3]).count();
        assert!(ink > 2_000, "{} is empty", plot.name);
        assert!(plot.svg.contains("<text"), "{} says nothing", plot.name);
    }
}
