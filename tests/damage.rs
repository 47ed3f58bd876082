//! Files that are cut short, damaged or written to, and disks that are full: a gap on the map or an
//! error with a name, and nothing lost that was there.

use crate::support::{Ortho, copy_as, model, rows, survey};
use gdal::Dataset;
use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    process::{Command, Stdio},
    thread::sleep,
    time::Duration,
};

const SIDE: usize = 512;

/// Numbers that look random, the same in every run.
fn numbers(seed: u64) -> impl Iterator<Item = usize> {
    let mut state = seed;
    std::iter::repeat_with(move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    })
}

/// Area of a layer's rows with a reason, or of all of them.
fn area(map: &Path, layer: &str, reason: Option<&str>) -> f64 {
    let rows = rows(map, layer);
    rows.iter()
        .filter(|row| reason.is_none_or(|reason| row.text("reason") == reason))
        .map(|row| row.area())
        .sum()
}

/// Surveys a damaged copy: an error with its name, or a map on which ground that is read otherwise
/// than in the whole file is no assessed ground.
fn is_told(damaged: &Path, whole: &Path, out: &Path) -> bool {
    let (ran, map) = survey(damaged, out, &["red-boxes"], &["--overwrite"]);
    if ran.code == 1 {
        let name = damaged.file_name().unwrap().to_str().unwrap();
        assert!(ran.stderr.contains(name), "{}", ran.stderr);
        return true;
    }
    assert!([0, 3].contains(&ran.code), "{}", ran.stderr);
    let total = area(&map, "assessed", None)
        + area(&map, "gaps", Some("unreadable"))
        + area(&map, "gaps", Some("nodata"));
    assert!((total - 5.12 * 5.12).abs() < 1e-6, "{total}");
    assert_eq!(ran.code == 3, area(&map, "gaps", Some("unreadable")) > 0.0, "{}", ran.stderr);
    let assessed = rows(&map, "assessed");
    let pixels = |path: &Path| {
        let dataset = Dataset::open(path).unwrap();
        let read = |band| dataset.rasterband(band).unwrap().read_band_as::<u8>();
        (1..=3).map(read).collect::<Result<Vec<_>, _>>()
    };
    // What GDAL's own tools cannot read at all is judged by the map alone.
    let Ok(found) = pixels(damaged) else { return ran.code == 3 };
    let expected = pixels(whole).unwrap();
    for at in (0..SIDE * SIDE).step_by(37) {
        let (x, y) = ((at % SIDE) as f64 + 0.5, (at / SIDE) as f64 + 0.5);
        let same = expected
            .iter()
            .zip(&found)
            .all(|(expected, found)| expected.data()[at].abs_diff(found.data()[at]) < 8);
        let counts =
            assessed.iter().any(|row| row.covers(500_000.0 + x * 0.01, 1_000.0 - y * 0.01));
        assert!(
            same || !counts,
            "{}: pixel {x}, {y} is not as it was and counts as assessed",
            damaged.display()
        );
    }
    true
}

#[test]
fn a_file_cut_short_is_an_error_or_a_gap_wherever_it_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("plain.tif");
    Ortho::new(SIDE, SIDE).square(40, 40).square(300, 400).write(&plain);
    let kinds: [(&str, &str, &[&str]); 6] = [
        ("striped.tif", "GTiff", &["TILED=NO", "COMPRESS=DEFLATE"]),
        ("bare.tif", "GTiff", &["TILED=YES", "BLOCKXSIZE=128", "BLOCKYSIZE=128"]),
        ("cog.tif", "COG", &["BLOCKSIZE=128", "COMPRESS=LZW"]),
        // Half of such a file is a whole picture, a blurred one.
        ("layers.jp2", "JP2OpenJPEG", &["QUALITY=5,10,20,40", "PROGRESSION=LRCP"]),
        ("one.jp2", "JP2OpenJPEG", &["QUALITY=100", "REVERSIBLE=YES"]),
        (
            "tiled.jp2",
            "JP2OpenJPEG",
            &["QUALITY=100", "REVERSIBLE=YES", "BLOCKXSIZE=128", "BLOCKYSIZE=128"],
        ),
    ];
    for (name, driver, options) in kinds {
        let (whole, cut) = (folder.path().join(name), folder.path().join(format!("cut-{name}")));
        copy_as(&plain, driver, &whole, options);
        let bytes = fs::read(&whole).unwrap();
        for percent in [1, 30, 60, 85, 99] {
            fs::write(&cut, &bytes[..bytes.len() * percent / 100]).unwrap();
            assert!(is_told(&cut, &whole, &folder.path().join("out")), "{name} cut at {percent} %");
        }
    }
}

#[test]
fn random_damage_is_never_assessed_ground() {
    // Deflate and LZW have checks of their own; so does JPEG where the damage breaks its order.
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("plain.tif");
    Ortho::new(SIDE, SIDE).square(40, 40).square(300, 400).write(&plain);
    for (seed, compression) in
        [(1, "COMPRESS=DEFLATE"), (2, "COMPRESS=ZSTD"), (3, "COMPRESS=DEFLATE")]
    {
        let (whole, damaged) = (folder.path().join("whole.tif"), folder.path().join("damaged.tif"));
        copy_as(
            &plain,
            "GTiff",
            &whole,
            &["TILED=YES", "BLOCKXSIZE=128", "BLOCKYSIZE=128", compression],
        );
        let mut bytes = fs::read(&whole).unwrap();
        for at in numbers(seed).take(6) {
            // Behind the header, which is the first kilobyte.
            let at = 1_024 + at % (bytes.len() - 1_024);
            bytes[at] ^= 0x5A;
        }
        fs::write(&damaged, bytes).unwrap();
        assert!(is_told(&damaged, &whole, &folder.path().join("out")));
    }
}

#[test]
fn a_file_that_is_written_to_meanwhile_is_no_survey() {
    let folder = tempfile::tempdir().unwrap();
    let (ortho, out) = (folder.path().join("ortho.tif"), folder.path().join("out"));
    Ortho::new(3000, 2000).square(40, 40).write(&ortho);
    let mut child = Command::new(env!("CARGO_BIN_EXE_rams"))
        .args(["survey", ortho.to_str().unwrap(), "-o", out.to_str().unwrap(), "--threads", "1"])
        .args(["--model", model("red-boxes").to_str().unwrap()])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A byte more at the end, again and again: the picture is as it was, but someone writes.
    let mut file = File::options().append(true).open(&ortho).unwrap();
    while child.try_wait().unwrap().is_none() {
        file.write_all(b"\0").unwrap();
        sleep(Duration::from_millis(100));
    }
    let ran = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(1), "{text}");
    assert!(text.contains("ortho.tif changed while it was read"), "{text}");
    assert!(!out.join("survey.gpkg").exists());
}

#[test]
fn a_full_disk_costs_the_new_map_and_not_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let (ortho, out) = (folder.path().join("ortho.tif"), folder.path().join("out"));
    Ortho::new(200, 200).square(50, 50).write(&ortho);
    let (ran, map) = survey(&ortho, &out, &["red-boxes"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let before = fs::read(&map).unwrap();
    // Files of 8 blocks of 512 bytes at most: as on a full disk, a write fails in the middle.
    let ran = Command::new("sh")
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f 8; exec \"$@\"",
            "sh",
            env!("CARGO_BIN_EXE_rams"),
            "survey",
        ])
        .args([ortho.to_str().unwrap(), "-o", out.to_str().unwrap(), "--overwrite"])
        .args(["--model", model("red-boxes").to_str().unwrap()])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(1), "{text}");
    assert!(text.contains("survey.gpkg"), "{text}");
    assert_eq!(fs::read(&map).unwrap(), before);
    let mut left: Vec<_> =
        fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(
        left,
        ["survey.gpkg", "survey.journal"],
        "the old map, and what the next run goes on with"
    );
}
