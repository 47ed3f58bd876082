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
