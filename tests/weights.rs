//! Models that keep their weights in a second file: those beside the .onnx run, and are what the
//! digest says.

use crate::support::{Ortho, Ran, model, rows};
use std::{
    fs::{self, File},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// Runs the program in a working folder.
fn rams_in(folder: &Path, args: &[&str]) -> Ran {
    let output =
        Command::new(env!("CARGO_BIN_EXE_rams")).args(args).current_dir(folder).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
    }
}

/// A folder with a model and its weights, and an orthomosaic of three squares.
fn prepared(name: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("f")).unwrap();
    for file in [format!("{name}.onnx"), format!("{name}.onnx.data")] {
        fs::copy(model("external").join(&file), folder.path().join("f").join(&file)).unwrap();
    }
    Ortho::new(300, 300)
        .square(40, 50)
        .square(122, 123)
        .square(200, 60)
        .write(&folder.path().join("ortho.tif"));
    let onnx = folder.path().join("f").join(format!("{name}.onnx"));
    (folder, onnx)
}

fn survey_in(cwd: &Path, folder: &TempDir, onnx: &Path, out: &str) -> (Ran, PathBuf) {
    let (ortho, out) = (folder.path().join("ortho.tif"), folder.path().join(out));
    let args = [
        "survey",
        ortho.to_str().unwrap(),
        "-o",
        out.to_str().unwrap(),
        "--model",
        onnx.to_str().unwrap(),
    ];
    (rams_in(cwd, &args), out.join("survey.gpkg"))
}

#[test]
fn weights_are_read_beside_the_onnx_wherever_the_program_is_started() {
    for name in ["flat", "deep"] {
        let (folder, onnx) = prepared(name);
        // Another model's weights of the same name lie in the working folder.
        let elsewhere = folder.path().join("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        fs::write(elsewhere.join(format!("{name}.onnx.data")), vec![0; 4096]).unwrap();
        symlink(folder.path().join("f"), folder.path().join("link")).unwrap();
        let own = folder.path().join("f");
        let relative = PathBuf::from("../f").join(onnx.file_name().unwrap());
        let linked = folder.path().join("link").join(onnx.file_name().unwrap());
        let ways = [
            (&own, onnx.clone()),
            (&own, onnx.file_name().unwrap().into()),
            (&elsewhere, onnx.clone()),
            (&elsewhere, relative),
            (&elsewhere, linked),
            (&elsewhere, "../f".into()),
        ];
        for (number, (cwd, onnx)) in ways.into_iter().enumerate() {
            let (ran, map) = survey_in(cwd, &folder, &onnx, &format!("out-{number}"));
            assert_eq!(ran.code, 0, "{name} as {}: {}", onnx.display(), ran.stderr);
            assert_eq!(rows(&map, "features").len(), 3, "{name} as {}", onnx.display());
        }
    }
}

fn listed(onnx: &Path) -> serde_json::Value {
    let ran = rams_in(Path::new("/"), &["models", "--json", "--model", onnx.to_str().unwrap()]);
    serde_json::from_str::<serde_json::Value>(&ran.stdout).unwrap()[0].clone()
}

#[test]
fn the_digest_covers_every_file() {
    let (folder, onnx) = prepared("flat");
    let listed_first = listed(&onnx);
    let digest = listed_first["sha256"].as_str().unwrap().to_owned();
    // The digests of all files, one on a line, the .onnx first.
    let command = "sha256sum flat.onnx flat.onnx.data | cut -d' ' -f1 | sha256sum";
    let summed = Command::new("sh")
        .args(["-c", command])
        .current_dir(onnx.parent().unwrap())
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&summed.stdout).starts_with(&digest), "{digest}");
    assert_eq!(listed_first["weight_files"].as_object().unwrap().len(), 1);
    let (ran, map) = survey_in(folder.path(), &folder, &onnx, "out");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let record = rows(&map, "run");
    let recorded = |name: &str| {
        record.iter().find(|row| row.text("name") == name).unwrap().text("value").to_owned()
    };
    assert_eq!(recorded("flat: sha256"), digest);
    assert_eq!(
        recorded("flat: weights in flat.onnx.data"),
        listed_first["weight_files"]["flat.onnx.data"]
    );
    // A model.toml holds the digest of all, and notices an exchanged file.
    let described = rams_in(folder.path(), &["models", "--describe", onnx.to_str().unwrap()]);
    assert!(described.stdout.contains(&digest), "{}", described.stdout);
    fs::write(onnx.with_file_name("model.toml"), &described.stdout).unwrap();
    assert_eq!(listed(&onnx)["digest_is_stated"], true);
    let data = onnx.with_file_name("flat.onnx.data");
    let mut bytes = fs::read(&data).unwrap();
    bytes[0] ^= 1;
    fs::write(&data, bytes).unwrap();
    let broken = listed(&onnx);
    let error = broken["error"].as_str().unwrap();
    assert!(
        error.contains("flat.onnx and flat.onnx.data is") && error.contains("exchanged"),
        "{error}"
    );
    // One of the .onnx alone would pin nothing.
    let own = Command::new("sha256sum").arg(&onnx).output().unwrap();
    let own = String::from_utf8_lossy(&own.stdout)[..64].to_owned();
    fs::write(onnx.with_file_name("model.toml"), described.stdout.replace(&digest, &own)).unwrap();
    let error = listed(&onnx)["error"].as_str().unwrap().to_owned();
    assert!(error.contains("that of the .onnx alone"), "{error}");
}

#[test]
fn exchanged_weights_are_another_survey() {
    let (folder, onnx) = prepared("flat");
    let ortho = folder.path().join("ortho.tif");
    // A file cut short: what could not be read is tried again, so that the survey may go on.
    let whole = fs::read(&ortho).unwrap();
    fs::write(&ortho, &whole[..whole.len() * 7 / 10]).unwrap();
    let (ran, _) = survey_in(folder.path(), &folder, &onnx, "out");
    assert!(
        ran.code == 3 && ran.stderr.contains("the same command goes on from here"),
        "{}",
        ran.stderr
    );
    let data = onnx.with_file_name("flat.onnx.data");
    let mut bytes = fs::read(&data).unwrap();
    bytes.push(0);
    fs::write(&data, bytes).unwrap();
    let (ran, _) = survey_in(folder.path(), &folder, &onnx, "out");
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("model flat: weights in flat.onnx.data: "), "{}", ran.stderr);
}

/// The .onnx with its weights said to lie elsewhere, in a name of the same length.
fn moved(onnx: &Path, location: &str) {
    let (from, mut bytes) = (b"flat.onnx.data", fs::read(onnx).unwrap());
    assert_eq!(location.len(), from.len());
    while let Some(at) = bytes.windows(from.len()).position(|window| window == from) {
        bytes[at..at + from.len()].copy_from_slice(location.as_bytes());
    }
    fs::write(onnx, bytes).unwrap();
}

#[test]
fn weights_that_are_not_there_or_not_the_models_own_are_an_error_before_the_first_tile() {
    type Spoil = fn(&Path);
    let data = |onnx: &Path| onnx.with_file_name("flat.onnx.data");
    let cases: [(&str, &str, Spoil); 8] = [
        ("flat.onnx.data", "is not there: fetch it", |onnx| {
            fs::remove_file(onnx.with_file_name("flat.onnx.data")).unwrap()
        }),
        ("flat.onnx.data", "it is cut short or of another export", |onnx| {
            File::options()
                .write(true)
                .open(onnx.with_file_name("flat.onnx.data"))
                .unwrap()
                .set_len(100)
                .unwrap();
        }),
        ("flat.onnx.data", "outside of the model's folder", |onnx| {
            let data = onnx.with_file_name("flat.onnx.data");
            fs::rename(&data, onnx.parent().unwrap().with_file_name("away")).unwrap();
            symlink(onnx.parent().unwrap().with_file_name("away"), &data).unwrap();
        }),
        ("flat.onnx.data", "it is no file", |onnx| {
            fs::remove_file(onnx.with_file_name("flat.onnx.data")).unwrap();
            fs::create_dir(onnx.with_file_name("flat.onnx.data")).unwrap();
        }),
        ("../flat.o.data", "lies outside of the model's folder", |onnx| {
            moved(onnx, "../flat.o.data")
        }),
        ("/tmp/flat.data", "lies outside of the model's folder", |onnx| {
            moved(onnx, "/tmp/flat.data")
        }),
        ("a/../../x.data", "lies outside of the model's folder", |onnx| {
            moved(onnx, "a/../../x.data")
        }),
        ("./././././././", "no name of a file", |onnx| moved(onnx, "./././././././")),
    ];
    for (location, expected, spoil) in cases {
        let (folder, onnx) = prepared("flat");
        // What lies where the name points must not be taken.
        fs::copy(data(&onnx), folder.path().join("flat.o.data")).unwrap();
        fs::copy(data(&onnx), folder.path().join("x.data")).unwrap();
        spoil(&onnx);
        let (ran, map) = survey_in(folder.path(), &folder, &onnx, "out");
        assert_eq!(ran.code, 1, "{location}: {}", ran.stderr);
        for part in [location, expected, onnx.to_str().unwrap()] {
            assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
        }
        assert!(!map.exists());
    }
    // Another name for a file of the folder is no harm, nor is a folder below.
    let (folder, onnx) = prepared("flat");
    fs::create_dir(onnx.with_file_name("w")).unwrap();
    fs::rename(data(&onnx), onnx.with_file_name("w").join("flat.o.data")).unwrap();
    symlink("w/flat.o.data", onnx.with_file_name("flat.link.data")).unwrap();
    for location in ["./w/flat.o.dat", "flat.link.data"] {
        if location.starts_with('.') {
            symlink("flat.o.data", onnx.with_file_name("w").join("flat.o.dat")).unwrap();
        } else {
            fs::copy(model("external").join("flat.onnx"), &onnx).unwrap();
        }
        moved(&onnx, location);
        let (ran, map) = survey_in(folder.path(), &folder, &onnx, &location.replace('/', "-"));
        assert_eq!(ran.code, 0, "{location}: {}", ran.stderr);
        assert_eq!(rows(&map, "features").len(), 3, "{location}");
    }
}
