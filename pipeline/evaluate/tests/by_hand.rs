//! What is counted at the operating point, on flights small enough to count by hand.

use crate::{
    Classes, CocoResult, CocoTruth, EvaluatedGround, Evaluation, Flight, Prediction, Settings,
    Truth, evaluate,
};
use rams_domain::PxBox;

/// `round` over `pmn-1` and `pmn-2`; `pfm-1` beside them. Thresholds of 0.5.
fn classes() -> Classes {
    let mut classes = Classes::default();
    let [round, one, two, _] = ["round", "pmn-1", "pmn-2", "pfm-1"].map(|name| classes.add(name));
    classes.set_parent(one, round).unwrap();
    classes.set_parent(two, round).unwrap();
    (0..4).for_each(|class| classes.set_threshold(class, 0.5));
    classes
}

const ROUND: usize = 0;
const PMN_1: usize = 1;
const PMN_2: usize = 2;
const PFM_1: usize = 3;

/// A square of 10 px.
fn square(x: f64) -> PxBox {
    PxBox { x0: x, y0: 0.0, x1: x + 10.0, y1: 10.0 }
}

fn truth(class: usize, x: f64) -> Truth {
    Truth { class, px: square(x), ignored: false }
}

fn found(class: usize, x: f64, score: f64) -> Prediction {
    Prediction { class, px: square(x), score, confidence: Some(score) }
}

fn flight(truths: Vec<Truth>, predictions: Vec<Prediction>) -> Flight {
    let ground = EvaluatedGround::of(Some(5_000.0), None, None, &truths);
    Flight { name: "field".into(), truths, predictions, ground }
}

fn of(flight: Flight) -> Evaluation {
    evaluate(&[flight], &classes(), Settings::default()).unwrap()
}

#[test]
fn a_second_prediction_of_an_object_is_no_false_alarm_in_the_field() {
    let predictions =
        vec![found(PFM_1, 101.0, 0.9), found(PFM_1, 98.0, 0.8), found(PFM_1, 300.0, 0.7)];
    let pfm = &of(flight(vec![truth(PFM_1, 100.0)], predictions)).by_class.all.classes["pfm-1"];
    assert_eq!((pfm.centre.hits, pfm.centre.duplicates, pfm.centre.false_alarms), (1, 1, 1));
    assert_eq!(
        (pfm.iou50.hits, pfm.iou50.duplicates, pfm.iou50.false_alarms),
        (1, 0, 2),
        "as COCO counts"
    );
    assert_eq!(pfm.centre.false_alarms_per_hectare, Some(2.0), "one on half a hectare");
    assert_eq!(pfm.centre.precision, Some(0.5));
}

#[test]
fn the_point_on_the_map_may_hit_where_boxes_barely_overlap() {
    // Shifted by 4 of 10 px: an IoU of 0.43, the centre still within.
    let pfm =
        &of(flight(vec![truth(PFM_1, 100.0)], vec![found(PFM_1, 104.0, 0.9)])).by_class.all.classes
            ["pfm-1"];
    assert_eq!((pfm.centre.hits, pfm.iou50.hits, pfm.iou50.false_alarms), (1, 0, 1));
}

#[test]
fn the_better_prediction_takes_the_object_and_the_threshold_decides_what_counts() {
    let predictions =
        vec![found(PFM_1, 300.0, 0.45), found(PFM_1, 101.0, 0.4), found(PFM_1, 500.0, 0.6)];
    let evaluation = of(flight(vec![truth(PFM_1, 100.0), truth(PFM_1, 500.0)], predictions));
    let pfm = &evaluation.by_class.all.classes["pfm-1"];
    assert_eq!((pfm.centre.hits, pfm.centre.false_alarms), (1, 0));
    assert_eq!(pfm.centre.recall, Some(0.5));
    // 0.5 ha: no false alarm is within 1 per ha, one is within 5.
    let recall: Vec<_> =
        pfm.recall_at.iter().map(|at| (at.recall, at.threshold, at.exhausted)).collect();
    assert_eq!(recall[..2], [(0.5, Some(0.6), false), (1.0, Some(0.4), true)]);
    let objects: Vec<_> = evaluation.objects.iter().map(|it| (it.px.x0, it.found)).collect();
    assert_eq!(objects, [(100.0, false), (500.0, true)]);
    // The one false alarm that was kept is 2 per ha, and what 5 per ha would find is not known.
    assert_eq!(pfm.recall_at[1].false_alarms_per_hectare_at_threshold, 2.0);
    let text = evaluation.to_string();
    let row = |name: &str| {
        let table = text.split("Recall within a budget").nth(1).unwrap();
        table.lines().find(|line| line.starts_with(name)).unwrap().to_owned()
    };
    let at_most = "at most 2.0/ha";
    assert_eq!(row("pfm-1").matches(at_most).count(), 4, "{text}");
    // Clopper-Pearson of 2 of 2: 0.025 ^ (1 / 2).
    assert!(row("pfm-1").ends_with(" 1.000 [0.158 1.000]"), "{text}");
    assert_eq!(evaluation.confusion.rows, ["pfm-1", "nothing"]);
    assert_eq!(evaluation.confusion.counts, [[1, 1], [0, 0]]);
}

#[test]
fn what_lies_on_ignored_ground_is_neither_right_nor_wrong() {
    let ignored = Truth {
        px: PxBox { x0: 100.0, y0: 0.0, x1: 130.0, y1: 10.0 },
        ignored: true,
        class: PFM_1,
    };
    // Centre inside; half of it inside; outside. Whatever they are called.
    let predictions =
        vec![found(PMN_1, 110.0, 0.9), found(PFM_1, 125.0, 0.9), found(PFM_1, 127.0, 0.9)];
    let table = of(flight(vec![ignored], predictions)).by_class.all;
    assert_eq!(table.pooled.objects, 0);
    assert_eq!(table.pooled.centre.recall, None, "no object, no recall");
    assert_eq!((table.pooled.centre.false_alarms, table.pooled.iou50.false_alarms), (1, 1));
    assert_eq!(table.pooled.centre.excused, 2);
}

#[test]
fn ground_is_what_both_sides_saw_without_what_is_ignored() {
    let ignored = |x0: f64, x1: f64| Truth {
        px: PxBox { x0, y0: 0.0, x1, y1: 10.0 },
        ignored: true,
        ..truth(PFM_1, 0.0)
    };
    // Two that overlap by 10 px, one apart and inside none: 30 x 10 and 10 x 10 px.
    let truths =
        [ignored(0.0, 20.0), ignored(10.0, 30.0), ignored(50.0, 60.0), truth(PFM_1, 100.0)];
    let ground = EvaluatedGround::of(Some(100.0), Some(90.0), Some(0.01), &truths);
    assert_eq!(
        (ground.ignored_px2, ground.ignored_m2, ground.counted_m2),
        (400.0, Some(4.0), Some(86.0))
    );
    assert!(ground.incomplete);
    let ground = EvaluatedGround::of(Some(100.0), Some(99.5), None, &truths);
    assert_eq!(
        (ground.ignored_m2, ground.counted_m2, ground.incomplete),
        (None, Some(99.5), false)
    );
    assert_eq!(
        EvaluatedGround::of(Some(80.0), Some(90.0), None, &[]).counted_m2,
        Some(80.0),
        "no more than the truth's"
    );
    let unseen = Flight {
        ground: EvaluatedGround::of(Some(100.0), Some(40.0), None, &[]),
        ..flight(vec![truth(PFM_1, 0.0)], vec![found(PFM_1, 500.0, 0.9)])
    };
    let evaluation = of(unseen);
    assert_eq!(
        evaluation.by_class.all.pooled.centre.false_alarms_per_hectare,
        Some(250.0),
        "one on 40 square metres"
    );
    assert!(
        evaluation.to_string().contains("warning: field: the survey assessed 40.0 %"),
        "{evaluation}"
    );
}

#[test]
fn a_point_in_a_box_of_another_size_is_no_hit() {
    let trench = Truth {
        class: PFM_1,
        px: PxBox { x0: 0.0, y0: 0.0, x1: 900.0, y1: 300.0 },
        ignored: false,
    };
    let evaluation = of(flight(vec![trench], vec![found(PFM_1, 400.0, 0.9)]));
    for level in [&evaluation.by_class, &evaluation.by_family] {
        let centre = &level.all.pooled.centre;
        assert_eq!((centre.hits, centre.false_alarms), (0, 1));
    }
}

#[test]
fn a_second_point_on_an_object_is_no_hit_on_its_neighbour() {
    // Boxes that overlap by 6 px; both points lie in both, both nearer to the first.
    let truths = vec![truth(PFM_1, 100.0), truth(PFM_1, 104.0)];
    let predictions = vec![found(PFM_1, 100.0, 0.9), found(PFM_1, 101.0, 0.8)];
    let centre = of(flight(truths, predictions)).by_class.all.pooled.centre;
    assert_eq!((centre.hits, centre.duplicates, centre.false_alarms), (1, 1, 0));
}

#[test]
fn ignored_ground_is_ignored_in_each_tile_it_reaches() {
    // Ignored from 600 to 1000 px: its centre is in the second tile, the wrong prediction in the
    // first.
    let ignored = Truth {
        px: PxBox { x0: 600.0, y0: 0.0, x1: 1000.0, y1: 10.0 },
        ignored: true,
        class: PFM_1,
    };
    let predictions = vec![found(PFM_1, 610.0, 0.9), found(PFM_1, 100.0, 0.8)];
    let tiles = of(flight(vec![ignored, truth(PFM_1, 100.0)], predictions)).by_class.tiles;
    assert!(tiles.tiles == 1 && tiles.ap50.is_some_and(|ap50| ap50 > 0.999), "{tiles:?}");
}

#[test]
fn a_coarse_name_is_right_for_the_family_and_neither_for_the_class() {
    let truths = vec![truth(PMN_1, 100.0), truth(PMN_2, 200.0), truth(ROUND, 300.0)];
    let predictions = vec![
        found(ROUND, 101.0, 0.9), // named coarsely
        found(PMN_1, 201.0, 0.9), // the wrong one of the family
        found(PMN_2, 301.0, 0.9), // named more finely than the truth
        found(ROUND, 700.0, 0.9), // nothing there
    ];
    let evaluation = of(flight(truths, predictions));
    let classes = &evaluation.by_class.all.classes;
    let counts = |name: &str| {
        (classes[name].objects, classes[name].centre.hits, classes[name].centre.false_alarms)
    };
    assert_eq!(
        [counts("pmn-1"), counts("pmn-2"), counts("round")],
        [(1, 0, 1), (1, 0, 0), (1, 0, 1)]
    );
    let family = &evaluation.by_family.all.classes["round"];
    assert_eq!((family.objects, family.centre.hits, family.centre.false_alarms), (3, 3, 1));
    assert_eq!(family.ap50, Some(1.0));

    assert_eq!(evaluation.confusion.rows, ["round", "pmn-1", "pmn-2", "nothing"]);
    assert_eq!(evaluation.confusion.columns, ["round", "pmn-1", "pmn-2", "missed"]);
    assert_eq!(
        evaluation.confusion.counts,
        [[0, 0, 1, 0], [1, 0, 0, 0], [0, 1, 0, 0], [1, 0, 0, 0]]
    );
}

#[test]
fn a_mine_in_a_trench_is_not_the_trench_taken_for_a_mine() {
    let trench = Truth {
        class: PFM_1,
        px: PxBox { x0: 0.0, y0: 0.0, x1: 900.0, y1: 300.0 },
        ignored: false,
    };
    let evaluation = of(flight(vec![trench], vec![found(PMN_1, 400.0, 0.9)]));
    assert_eq!(evaluation.confusion.rows, ["pfm-1", "nothing"]);
    assert_eq!(evaluation.confusion.columns, ["pmn-1", "missed"]);
    assert_eq!(evaluation.confusion.counts, [[0, 1], [1, 0]]);
}

#[test]
fn calibration_compares_what_was_said_with_what_was_right() {
    // Four at 0.75, three of them right; one at 0.95, wrong; a duplicate that does not count.
    let truths = (1..4).map(|at| truth(PFM_1, f64::from(at) * 100.0)).collect();
    let mut predictions: Vec<_> =
        (1..5).map(|at| found(PFM_1, f64::from(at) * 100.0, 0.75)).collect();
    predictions.extend([found(PFM_1, 900.0, 0.95), found(PFM_1, 102.0, 0.6)]);
    let reliability = of(flight(truths, predictions)).reliability.unwrap();
    assert_eq!(reliability.predictions, 5);
    assert_eq!((reliability.bins[7].count, reliability.bins[7].right), (4, Some(0.75)));
    assert_eq!((reliability.bins[9].count, reliability.bins[9].right), (1, Some(0.0)));
    assert!((reliability.expected_calibration_error - 0.95 / 5.0).abs() < 1e-12);
}

#[test]
fn a_rate_over_part_of_the_ground_is_not_given() {
    let measured = flight(vec![truth(PFM_1, 0.0)], vec![found(PFM_1, 500.0, 0.9)]);
    let unmeasured = Flight {
        name: "other".into(),
        ground: EvaluatedGround::of(None, None, None, &[]),
        ..measured.clone()
    };
    let evaluation = evaluate(&[measured, unmeasured], &classes(), Settings::default()).unwrap();
    assert_eq!(evaluation.by_class.all.pooled.centre.false_alarms_per_hectare, None);
    assert_eq!(
        evaluation.by_class.flights["field"].pooled.centre.false_alarms_per_hectare,
        Some(2.0)
    );
}

#[test]
fn tables_say_each_figure_and_pictures_are_drawn() {
    let evaluation = of(flight(
        vec![truth(PFM_1, 100.0)],
        vec![found(PFM_1, 101.0, 0.9), found(PMN_1, 300.0, 0.8)],
    ));
    let csv = evaluation.to_csv();
    let columns = csv.lines().next().unwrap().split(',').count();
    assert!(csv.lines().all(|line| line.split(',').count() == columns), "{csv}");
    assert!(csv.contains("class,all,pfm-1,0.500000,1,1,1.000000"), "{csv}");
    let text = evaluation.to_string();
    assert!(text.contains("pfm-1") && text.contains("[0.025 1.000]"), "{text}");
    assert!(text.contains("Thresholds: 0.500 for pfm-1, pmn-1\n"), "{text}");
    let plots = evaluation.plots().unwrap();
    assert_eq!(plots.len(), 4);
    for plot in plots {
        let pixels = image::load_from_memory(&plot.png).unwrap().to_rgb8();
        let ink = pixels.pixels().filter(|pixel| pixel.0 != [255; 3]).count();
        assert!(ink > 2_000, "{} is empty", plot.name);
        assert!(plot.svg.contains("<text"), "{} says nothing", plot.name);
    }
}

#[test]
fn of_a_class_without_a_threshold_any_score_counts() {
    let mut classes = Classes::default();
    let class = classes.add("tm-57");
    let flight = flight(vec![truth(class, 100.0)], vec![]);
    let text = evaluate(&[flight], &classes, Settings::default()).unwrap().to_string();
    assert!(text.contains("Thresholds: any score for tm-57\n"), "{text}");
}

#[test]
fn classes_beyond_the_colours_are_counted_in_the_legend() {
    let mut classes = Classes::default();
    let at = |class: usize| class as f64 * 20.0;
    let each: Vec<usize> = (0..25).map(|at| classes.add(&format!("class-{at}"))).collect();
    let flight = flight(each.iter().map(|class| truth(*class, at(*class))).collect(), vec![]);
    let plots = evaluate(&[flight], &classes, Settings::default()).unwrap().plots().unwrap();
    for plot in &plots[..2] {
        assert!(plot.svg.contains("not drawn: 4 classes"), "{}", plot.name);
    }
}

#[test]
fn ids_are_unique() {
    let file = |images: &str, annotations: &str, categories: &str| {
        let text = format!(
            "{{\"images\":[{images}],\"annotations\":[{annotations}],\
             \"categories\":[{categories}]}}"
        );
        CocoTruth::parse(&text, "truth.json").map(drop).map_err(|error| error.to_string())
    };
    let image = "{\"id\":1,\"file_name\":\"a.tif\"}";
    let annotation = "{\"id\":3,\"image_id\":1,\"category_id\":2,\"bbox\":[0,0,1,1]}";
    let category = "{\"id\":2,\"name\":\"pfm-1\"}";
    assert_eq!(file(image, annotation, category), Ok(()));
    let twice = |row: &str| format!("{row},{row}");
    let cases = [
        (file(&twice(image), annotation, category), "two images have the id 1"),
        (file(image, &twice(annotation), category), "two annotations have the id 3"),
        (file(image, annotation, &twice(category)), "two categories have the id 2"),
    ];
    for (result, expected) in cases {
        assert!(result.as_ref().is_err_and(|error| error.contains(expected)), "{result:?}");
    }
}

#[test]
fn files_that_cannot_be_compared_are_named_with_their_fault() {
    let truth = |annotation: &str| {
        let text = format!(
            "{{\"images\":[{{\"id\":1,\"file_name\":\"a.tif\"}}],\"annotations\":[{annotation}],\
             \"categories\":[{{\"id\":1,\"name\":\"pfm-1\"}}]}}"
        );
        CocoTruth::parse(&text, "truth.json").unwrap_err().to_string()
    };
    let cases = [
        (truth("{\"image_id\":1,\"category_id\":7,\"bbox\":[0,0,1,1]}"), "category_id 7"),
        (truth("{\"image_id\":9,\"category_id\":1,\"bbox\":[0,0,1,1]}"), "image_id 9"),
        (truth("{\"image_id\":1,\"category_id\":1,\"bbox\":[0,0,-1,1]}"), "[0.0, 0.0, -1.0, 1.0]"),
        (truth("{"), "COCO annotations"),
    ];
    for (error, expected) in cases {
        assert!(error.contains(expected) && error.contains("truth.json"), "{error}");
    }
    let results =
        |row: &str| CocoResult::parse(&format!("[{row}]"), "results.json").unwrap_err().to_string();
    let cases = [
        (
            results("{\"image_id\":1,\"category_id\":1,\"bbox\":[0,0,1,1]}"),
            "prediction 1 has no score",
        ),
        (
            results("{\"image_id\":1,\"category_id\":1,\"bbox\":[0,0,1,1],\"score\":1.5}"),
            "score 1.5",
        ),
        (results("3"), "COCO results"),
    ];
    for (error, expected) in cases {
        assert!(error.contains(expected) && error.contains("results.json"), "{error}");
    }
    let mut classes = classes();
    assert!(classes.set_parent(ROUND, PFM_1).is_err(), "a third level");
    assert!(classes.set_parent(PMN_1, PFM_1).is_err(), "a second parent");
}
