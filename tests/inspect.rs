//! What the program says of an orthomosaic before a survey.

use crate::support::{Ortho, model, rams};

#[test]
fn an_inspection_tells_what_can_be_assessed() {
    let folder = tempfile::tempdir().unwrap();
    for (pixel_m, verdict, tiles) in
        [(0.01, "can be assessed", true), (0.03, "CANNOT be assessed", false)]
    {
        let path = folder.path().join("ortho.tif");
        let mut ortho = Ortho::new(300, 200).without(|x, _| x < 50);
        (ortho.geotransform[1], ortho.geotransform[5]) = (pixel_m, -pixel_m);
        ortho.write(&path);
        let ran = rams(&[
            "inspect",
            path.to_str().unwrap(),
            "--model",
            model("red-boxes").to_str().unwrap(),
        ]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let line = ran.stdout.lines().find(|line| line.contains("red-square")).unwrap();
        assert!(line.contains(verdict) && line.contains("20.0 mm"), "{line}");
        for part in [
            "300 x 200 px",
            "EPSG:32633",
            "alpha band 4",
            "bands read as red, green, blue: [1, 2, 3]",
        ] {
            assert!(ran.stdout.contains(part), "no {part} in {}", ran.stdout);
        }
        // Cores of 128 px: 3 x 2 tiles.
        assert_eq!(ran.stdout.contains("at most 6 tiles"), tiles, "{}", ran.stdout);
    }
}

#[test]
fn an_inspection_of_several_orthomosaics_is_one_that_programs_can_read() {
    let folder = tempfile::tempdir().unwrap();
    let (fine, coarse) = (folder.path().join("fine.tif"), folder.path().join("coarse.tif"));
    Ortho::new(300, 200).write(&fine);
    let mut ortho = Ortho::new(300, 200);
    (ortho.geotransform[1], ortho.geotransform[5]) = (0.03, -0.03);
    ortho.write(&coarse);
    let toy = model("red-boxes");
    let args =
        ["inspect", fine.to_str().unwrap(), coarse.to_str().unwrap(), fine.to_str().unwrap()];
    let args = [&args[..], &["--model", toy.to_str().unwrap()]].concat();

    let told = rams(&args);
    assert_eq!(told.code, 0, "{}", told.stderr);
    // The second is too coarse, and costs nothing.
    assert_eq!(told.stdout.matches("at most 6 tiles").count(), 2, "{}", told.stdout);
    assert!(
        told.stdout.contains("all that is to run on all 3 orthomosaics: about"),
        "{}",
        told.stdout
    );

    let ran = rams(&[&args[..], &["--json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let all = json["orthomosaics"].as_array().unwrap();
    let of = |at: usize, key: &str| all[at]["models"][0][key].clone();
    assert_eq!(
        (of(0, "cost")["tiles"].as_u64(), of(1, "cost")),
        (Some(6), serde_json::Value::Null)
    );
    let red = |at: usize| of(at, "classes")[0].clone();
    assert_eq!(red(0)["is_assessable"], true);
    assert_eq!(red(1)["is_assessable"], false);
    assert_eq!(red(1)["gsd_max_m"], 0.02);
    assert_eq!(all[0]["width_px"], 300);
    assert!(json["limits"].as_str().unwrap().contains("Ground without a detection is not ground"));
    assert!((all[0]["extent_ha"].as_f64().unwrap() - 0.0006).abs() < 1e-6, "3 x 2 m");
    let seconds: f64 = [0, 2].iter().map(|at| of(*at, "cost")["seconds"].as_f64().unwrap()).sum();
    assert!((json["seconds"].as_f64().unwrap() - seconds).abs() < 1e-9);
}
