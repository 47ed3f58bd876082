//! Average precision equals that of pycocotools.

use crate::{
    Classes, CocoResult, CocoTruth, EvaluatedGround, Evaluation, Flight, Prediction, Settings,
    Truth, evaluate,
};
use serde_json::Value;

/// An evaluation of COCO's files; the classes as the truth names them.
fn evaluation(truth: &Value, results: &Value, max_detections: usize) -> Evaluation {
    let truth = CocoTruth::parse(&truth.to_string(), "truth").unwrap();
    let results = CocoResult::parse(&results.to_string(), "results").unwrap();
    let mut classes = Classes::default();
    let ids: Vec<i64> = truth.categories.iter().map(|(id, ..)| *id).collect();
    for (_, name, _) in &truth.categories {
        classes.add(name);
    }
    let flights: Vec<Flight> = truth
        .images
        .into_iter()
        .map(|image| Flight {
            truths: image
                .objects
                .iter()
                .map(|(class, px, ignored)| Truth {
                    class: classes.find(class).unwrap(),
                    px: *px,
                    ignored: *ignored,
                })
                .collect(),
            predictions: results
                .iter()
                .filter(|result| result.image == image.id)
                .map(|result| Prediction {
                    class: ids.iter().position(|id| *id == result.category).unwrap(),
                    px: result.px,
                    score: result.score,
                    confidence: None,
                })
                .collect(),
            name: image.name,
            ground: EvaluatedGround::of(None, None, None, &[]),
        })
        .collect();
    evaluate(&flights, &classes, Settings { max_detections, tile_px: 640 }).unwrap()
}

fn same(ours: Option<f64>, theirs: &Value, what: &str) {
    match (ours, theirs.as_f64()) {
        (Some(ours), Some(theirs)) => {
            assert!((ours - theirs).abs() < 1e-12, "{what}: {ours}, pycocotools {theirs}")
        }
        (ours, theirs) => assert_eq!(ours, theirs, "{what}"),
    }
}

#[test]
fn average_precision_is_that_of_pycocotools() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("pycocotools.json")).unwrap();
    assert!(cases.len() > 5);
    for case in &cases {
        let name = case["name"].as_str().unwrap();
        let limit = case["max_detections"].as_u64().unwrap() as usize;
        let evaluation = evaluation(&case["truth"], &case["results"], limit);
        let (table, expected) = (&evaluation.by_class.all, &case["expected"]);
        same(table.pooled.ap50, &expected["ap50"], name);
        same(table.pooled.ap50_95, &expected["ap50_95"], name);
        for (class, theirs) in expected["classes"].as_object().unwrap() {
            let figures = table.classes.get(class);
            same(figures.and_then(|figures| figures.ap50), &theirs[0], &format!("{name}, {class}"));
            same(
                figures.and_then(|figures| figures.ap50_95),
                &theirs[1],
                &format!("{name}, {class}"),
            );
        }
        let curve = &table.classes["class-1"].precision_at_recall;
        for (ours, theirs) in curve.iter().zip(expected["curve_of_class_1"].as_array().unwrap()) {
            same(Some((ours * 1e12).round() / 1e12), theirs, name);
        }
        // One tile over each image is the image: cutting must not change a figure.
        assert_eq!(evaluation.by_class.tiles.ap50, table.pooled.ap50, "{name}");
    }
}
