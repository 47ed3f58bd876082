//! Paints sample orthomosaics and their truth.

use crate::{
    args::SceneArgs,
    output::{create_folder, print},
};
use std::process::ExitCode;

/// Runs the command.
pub(crate) fn run(args: SceneArgs) -> anyhow::Result<ExitCode> {
    let specs = args.specs()?;
    if let [spec] = specs.as_slice() {
        let truth = rams_scene::paint(spec, &args.out)?;
        print(&format!("{}\n{}", truth.orthomosaic.display(), truth.path.display()))?;
    } else {
        create_folder(&args.out)?;
        let scenes = rams_scene::paint_many(&specs, &args.out)?;
        print(&format!("{} scenes in {}", scenes.len(), args.out.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}
