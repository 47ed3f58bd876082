//! Heights beside colours: which passes take them, and what is said where one does not.

use crate::{SurveyError, input::Input};
use rams_domain::{HeightStatus, HeightTally, Notice, Orthomosaic, Subject, SurfaceModel};
use rams_model::Manifest;
use std::path::Path;

/// The surface model as it lies under each of some orthomosaics; it must reach one of them.
pub fn under(dsm: &Path, orthomosaics: &[Orthomosaic]) -> Result<Vec<SurfaceModel>, SurveyError> {
    let place = |orthomosaic| rams_tile::surface_under(dsm, orthomosaic);
    let surfaces = orthomosaics.iter().map(place).collect::<Result<Vec<_>, _>>()?;
    if surfaces.iter().all(|surface| surface.share <= 0.0) {
        let names: Vec<_> =
            orthomosaics.iter().map(|orthomosaic| orthomosaic.path.display().to_string()).collect();
        return Err(SurveyError::SurfaceApart {
            path: dsm.to_owned(),
            orthomosaics: names.join(", "),
        });
    }
    Ok(surfaces)
}

/// The surface model that a pass reads, or why it reads none; `None` if it could not take one.
pub fn choose(
    surface: Option<&SurfaceModel>,
    manifest: &Manifest,
) -> Option<Result<SurfaceModel, String>> {
    let (surface, limit_m) = (surface?, manifest.height_gsd_max_m()?);
    let SurfaceModel { name, gsd_m, share, .. } = surface;
    Some(if *share == 0.0 {
        Err(format!("{name} does not reach here: colours alone"))
    } else if !surface.is_fine_enough(limit_m) {
        let model = &manifest.model.name;
        let gsd_m = (gsd_m * 1e3).round() / 1e3;
        Err(format!(
            "{name} is {gsd_m} m a pixel, {model} takes {limit_m} m or finer: colours alone"
        ))
    } else {
        Ok(surface.clone())
    })
}

/// What a person should know before the first tile: how a surface model falls short of what the
/// models could use, on an orthomosaic or in a pass over it.
pub(crate) fn shortfalls(inputs: &[Input], manifests: &[&Manifest]) -> Vec<Notice> {
    let notice = |of: String, text: String| Notice::new(Subject::Heights, of, text);
    let mut shortfalls = vec![];
    for Input { orthomosaic, surface } in inputs {
        let Some(surface) = surface else { continue };
        let SurfaceModel { name, share, .. } = surface;
        let choices: Vec<_> =
            manifests.iter().filter_map(|m| Some((m, choose(Some(surface), m)?))).collect();
        if choices.is_empty() {
            return vec![notice(
                name.clone(),
                "no model of this survey takes heights: it is not used".into(),
            )];
        }
        if choices.iter().any(|(_, choice)| choice.is_ok()) && *share < 1.0 {
            let percent = (share * 100.0).floor();
            let text = format!("{name} covers {percent} % of its extent: colours alone elsewhere");
            shortfalls.push(notice(orthomosaic.name.clone(), text));
        }
        for (manifest, choice) in choices {
            let of = format!("{} by {}", orthomosaic.name, manifest.model.name);
            shortfalls.extend(choice.err().map(|why| notice(of, why)));
        }
    }
    shortfalls
}

/// In how many of its tiles a pass had heights.
pub(crate) fn tally(surface: &SurfaceModel, tiles: &[HeightStatus]) -> HeightTally {
    let unreadable = |status: &HeightStatus| match status {
        HeightStatus::Unreadable(cause) => Some(cause.clone()),
        _ => None,
    };
    HeightTally {
        surface_model: surface.name.clone(),
        known: tiles.iter().filter(|status| **status == HeightStatus::Known).count() as u32,
        unreadable: tiles.iter().filter_map(unreadable).count() as u32,
        cause: tiles.iter().find_map(unreadable),
    }
}
