//! Paints sample orthomosaics and their truth.

use crate::{
    args::SceneArgs,
    output::{create_folder, print},
};
use rams_domain::plural;
use rams_scene::SceneTruth;
use std::process::ExitCode;

/// Runs the command.
pub(crate) fn run(args: SceneArgs) -> anyhow::Result<ExitCode> {
    let specs = args.specs()?;
    if let [spec] = specs.as_slice() {
        create_folder(args.out.parent().unwrap_or(&args.out))?;
        let SceneTruth { orthomosaic, path, coco, surface_model, .. } =
            rams_scene::paint(spec, &args.out)?;
        let files = [orthomosaic, path, coco].into_iter().chain(surface_model);
        files.into_iter().try_for_each(|file| print(&file.display().to_string()))?;
    } else {
        create_folder(&args.out)?;
        let scenes = rams_scene::paint_many(&specs, &args.out)?;
        let count = scenes.len();
        print(&format!("{count} {} in {}", plural(count, "scene"), args.out.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}
