//! The operating point: from which scores on finds count, and a survey drawn again at another one
//! without a look at the imagery.

use crate::{
    interruption::everything,
    support::{Ortho, Ran, model, rams, rows},
};
use std::{
    fs::{self, OpenOptions},
    io::{Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// Red squares, each with a blue bar beside it: the upper left corner, pixels, and how much of
/// their colour they have, of 255. The toys' score is that share: 1, 0.706, 0.51, 0.314 and 0.157.
const PAINTED: [(i64, i64, u8); 5] =
    [(100, 100, 255), (700, 300, 180), (150, 900, 130), (1100, 1200, 80), (1200, 1420, 40)];

const EACH: &str = "threshold = { sensitive = 0.2, balanced = 0.4, strict = 0.6 }";

/// Squares that the toy of boxes finds at a point; that of masks finds as many, and as many bars.
const FINDS: [(&str, usize); 3] = [("sensitive", 4), ("balanced", 3), ("strict", 2)];

/// Two toys with thresholds for each point, and an orthomosaic in which they find something at
/// each.
struct Field {
    folder: tempfile::TempDir,
}

impl Field {
    fn paint() -> Self {
        let field = Self { folder: tempfile::tempdir().unwrap() };
        let mut ortho = Ortho::new(1600, 1500);
        ortho.compression = "NONE";
        for (x, y, colour) in PAINTED {
            ortho = ortho.fill((x, x + 11), (y, y + 11), [colour, 0, 0]);
            // Across the seam of two tiles, so that the mask is joined before it is judged.
            ortho = ortho.fill((x + 20, x + 220), (y + 30, y + 50), [0, 0, colour]);
        }
        ortho.write(&field.ortho());
        for (name, measured) in [("red-boxes", MEASURED), ("red-mask", "")] {
            let to = field.model(name);
            fs::create_dir(&to).unwrap();
            let onnx = format!("{name}.onnx");
            fs::copy(model(name).join(&onnx), to.join(&onnx)).unwrap();
            let toml = fs::read_to_string(model(name).join("model.toml")).unwrap();
            let toml = toml.replace("threshold = 0.5", EACH);
            fs::write(
                to.join("model.toml"),
                toml.replace("[output]", &format!("{measured}[output]")),
            )
            .unwrap();
        }
        field
    }

    fn ortho(&self) -> PathBuf {
        self.folder.path().join("ortho.tif")
    }

    fn model(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn survey(&self, out: &str, point: &str, more: &[&str]) -> (Ran, PathBuf) {
        let out = self.folder.path().join(out);
        let [ortho, boxes, masks] = [self.ortho(), self.model("red-boxes"), self.model("red-mask")];
        let [ortho, boxes, masks, to] =
            [&ortho, &boxes, &masks, &out].map(|path| path.to_str().unwrap());
        let args = ["survey", ortho, "-o", to, "--model", boxes, "--model", masks];
        (rams(&[&args[..], &["--operating-point", point], more].concat()), out.join("survey.gpkg"))
    }

    /// Blackens the orthomosaic where no sample of its fingerprint is taken, so that it looks the
    /// same and shows nothing: 64 samples of 64 KiB, evenly spaced.
    fn blacken(&self) {
        let path = self.ortho();
        let (bytes, changed) = {
            let metadata = fs::metadata(&path).unwrap();
            (metadata.len(), metadata.modified().unwrap())
        };
        let (sample, margin) = (64 * 1024, 8 * 1024);
        let step = (bytes - sample) / 63;
        let mut file = OpenOptions::new().write(true).open(&path).unwrap();
        for number in 0..63 {
            let (from, to) = (number * step + sample + margin, (number + 1) * step - margin);
            file.seek(SeekFrom::Start(from)).unwrap();
            file.write_all(&vec![0; (to - from) as usize]).unwrap();
        }
        file.set_modified(changed).unwrap();
    }
}

const MEASURED: &str = "[operating_point.strict]\nrecall = 0.5\nfalse_alarms_per_ha = 2\n\
                        measured_on = \"a field of the tests\"\n\n";

/// Features by model.
fn finds(map: &Path) -> [usize; 2] {
    let features = rows(map, "features");
    ["red-boxes", "red-mask"]
        .map(|model| features.iter().filter(|row| row.text("model") == model).count())
}

/// All layers and the record, but for the digest of the orthomosaic.
fn layers(map: &Path) -> Vec<String> {
    everything(map).into_iter().filter(|row| !row.contains("ortho: sha256")).collect()
}

#[test]
fn a_survey_is_drawn_again_at_another_point_without_a_look_at_the_imagery() {
    let field = Field::paint();
    let begun: Vec<_> = FINDS
        .iter()
        .map(|(point, count)| {
            let (ran, map) = field.survey(point, point, &[]);
            assert_eq!(ran.code, 0, "{}", ran.stderr);
            assert_eq!(finds(&map), [*count, 2 * count], "{point}");
            (map.clone(), layers(&map))
        })
        .collect();

    field.blacken();
    let (ran, map) = field.survey("blind", "sensitive", &[]);
    assert!(layers(&map) != begun[0].1, "pixels that are looked at are black: {}", ran.stderr);

    let (strict, before) = (&begun[2].0, fs::read(&begun[2].0).unwrap());
    let (ran, _) = field.survey("strict", "sensitive", &[]);
    assert!(ran.code == 1 && ran.stderr.contains("or --overwrite to replace"), "{}", ran.stderr);
    assert_eq!(fs::read(strict).unwrap(), before, "people may have edited it");
    for (at, (point, _)) in FINDS.iter().enumerate() {
        let (ran, map) = field.survey("strict", point, &["--overwrite"]);
        assert!(ran.code == 0 && ran.stderr.contains("tiles are done"), "{}", ran.stderr);
        let (found, whole) = (layers(&map), &begun[at].1);
        let differs = found.iter().zip(whole).find(|(found, whole)| found != whole);
        assert!(differs.is_none() && found.len() == whole.len(), "{point}: {differs:?}");
    }
}

#[test]
fn what_lies_below_the_point_is_kept_and_told_from_finds() {
    let field = Field::paint();
    let (ran, map) = field.survey("out", "strict", &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let detections = rows(&map, "detections");
    let mut boxes: Vec<_> = detections
        .iter()
        .filter(|row| row.text("model") == "red-boxes")
        .map(|row| ((row.number("score") * 255.0).round(), row.text("features")))
        .collect();
    boxes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let ids: Vec<_> = rows(&map, "features")
        .iter()
        .filter(|row| row.text("model") == "red-boxes")
        .map(|row| row.text("id").to_owned())
        .collect();
    assert_eq!(boxes, [(80.0, ""), (130.0, ""), (180.0, &*ids[1]), (255.0, &*ids[0])]);

    assert!(ran.stdout.contains("operating point red-boxes: strict: recall 0.5, 2 false alarms"));
    assert!(ran.stdout.contains("operating point red-mask: strict: not measured"));
    let record = rows(&map, "run_record")[0].text("json").to_owned();
    let record: serde_json::Value = serde_json::from_str(&record).unwrap();
    assert_eq!(record["operating_point"], "strict");
    let thresholds = &record["models"][0]["thresholds"][0][1];
    assert_eq!((&thresholds["sensitive"], &thresholds["strict"]), (&0.2.into(), &0.6.into()));
    assert_eq!(record["models"][0]["measured"]["measured_on"], "a field of the tests");
}

#[test]
fn a_model_with_one_threshold_says_that_a_point_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = folder.path().join("ortho.tif");
    Ortho::new(300, 200).square(40, 30).write(&ortho);
    let survey = |out: &str, point: &str| {
        let out = folder.path().join(out);
        let (ran, map) =
            crate::support::survey(&ortho, &out, &["red-boxes"], &["--operating-point", point]);
        assert_eq!((ran.code, fs::read_dir(&out).unwrap().count()), (0, 1), "{}", ran.stderr);
        assert_eq!(rows(&map, "features").len(), 1);
        ran
    };
    let said = "operating point strict: no model of the survey has more than one threshold a class";
    let (strict, balanced) = (survey("strict", "strict"), survey("balanced", "balanced"));
    assert!(strict.stderr.contains(said) && strict.stdout.contains(said), "{}", strict.stderr);
    assert!(!balanced.stderr.contains("operating point"), "{}", balanced.stderr);
    let ran = rams(&["survey", "a.tif", "-o", "out", "--operating-point", "high"]);
    assert!(ran.code == 2 && ran.stderr.contains("give sensitive, balanced or strict"));
}

#[test]
fn models_say_their_points_and_refuse_those_out_of_order() {
    let field = Field::paint();
    let folder = field.model("red-boxes");
    let listed = |more: &[&str]| {
        rams(&[&["models", "--model", folder.to_str().unwrap()][..], more].concat())
    };
    let text = listed(&[]).stdout;
    assert!(text.contains("0.2 sensitive, 0.4 balanced, 0.6 strict"), "{text}");
    assert!(text.contains("point    strict: recall 0.5, 2 false alarms per ha"), "{text}");
    let json: serde_json::Value = serde_json::from_str(&listed(&["--json"]).stdout).unwrap();
    assert_eq!(json[0]["operating_points"]["strict"]["recall"], 0.5);
    assert_eq!(json[0]["classes"][0]["threshold"]["balanced"], 0.4);

    let path = folder.join("model.toml");
    let toml = fs::read_to_string(&path).unwrap();
    for (from, to, said) in [
        (
            "0.2",
            "0.5",
            "threshold of class red-square is 0.5 sensitive, 0.4 balanced, 0.6 strict: give",
        ),
        ("balanced = 0.4", "usual = 0.4", "a number, or a table of sensitive, balanced and strict"),
        (
            "recall = 0.5",
            "recall = 50",
            "operating_point.strict: recall is 50: give a share, 0 to 1",
        ),
        (EACH, "threshold = 0.5", "so strict is balanced: give a class a threshold of its own"),
        ("operating_point.strict", "operating_point.high", "unknown variant `high`"),
    ] {
        assert!(toml.contains(from), "{from}");
        fs::write(&path, toml.replacen(from, to, 1)).unwrap();
        let ran = listed(&[]);
        assert!(ran.code == 1 && ran.stdout.contains(said), "{to}: {}", ran.stdout);
    }
}
