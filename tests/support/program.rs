//! The program, run as a person runs it.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// What a run left.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs `rams` with arguments.
pub(crate) fn rams(args: &[&str]) -> Ran {
    rams_in(Path::new("."), args)
}

/// The same in a folder.
pub(crate) fn rams_in(folder: &Path, args: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rams"));
    let output = command.args(args).current_dir(folder).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
    }
}

/// Folder of a toy model.
pub(crate) fn model(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models").join(name)
}

/// Surveys an orthomosaic with toy models and returns the run and the path of the map.
pub(crate) fn survey(ortho: &Path, out: &Path, models: &[&str], more: &[&str]) -> (Ran, PathBuf) {
    let models: Vec<PathBuf> = models.iter().map(|name| model(name)).collect();
    let mut args = vec!["survey", ortho.to_str().unwrap(), "-o", out.to_str().unwrap()];
    for model in &models {
        args.extend(["--model", model.to_str().unwrap()]);
    }
    args.extend(more);
    (rams(&args), out.join("survey.gpkg"))
}
