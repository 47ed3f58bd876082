//! Heights beside colours: which passes take them, and what is said where one does not.

use crate::look::Seen;
use anyhow::ensure;
use rams_detect::Manifest;
use rams_domain::{Orthomosaic, SurfaceModel};
use std::{path::Path, sync::Arc};

/// The surface model as it lies under each of some orthomosaics; `None` for each if none is given.
pub(crate) fn under(dsm: Option<&Path>, orthomosaics: &[Orthomosaic]) -> anyhow::Result<Vec<Option<SurfaceModel>>> {
    let Some(path) = dsm else { return Ok(vec![None; orthomosaics.len()]) };
    let place = |orthomosaic| rams_tile::surface_under(path, orthomosaic);
    let surfaces = orthomosaics.iter().map(place).collect::<Result<Vec<_>, _>>()?;
    let names: Vec<_> = orthomosaics.iter().map(|orthomosaic| orthomosaic.path.display().to_string()).collect();
    ensure!(
        surfaces.iter().any(|surface| surface.share > 0.0),
        "{} covers 0 % of {}: give the surface model of the same ground, or leave --dsm out",
        path.display(),
        names.join(", ")
    );
    Ok(surfaces.into_iter().map(Some).collect())
}

/// The surface model that a pass reads, or why it reads none; `None` if it could not take one.
pub(crate) fn choose(surface: Option<&SurfaceModel>, manifest: &Manifest) -> Option<Result<SurfaceModel, String>> {
    let (surface, limit_m) = (surface?, manifest.height_gsd_max_m()?);
    let SurfaceModel { name, gsd_m, share, .. } = surface;
    Some(if *share == 0.0 {
        Err(format!("{name} does not reach here: colours alone"))
    } else if !surface.is_fine_enough(limit_m) {
        let model = &manifest.model.name;
        let gsd_m = (gsd_m * 1e3).round() / 1e3;
        Err(format!("{name} is {gsd_m} m a pixel, {model} takes {limit_m} m or finer: colours alone"))
    } else {
        Ok(surface.clone())
    })
}

/// What a person should know before the first tile: the name of a pass, or of an orthomosaic, and
/// how a surface model falls short of it.
pub(crate) fn shortfalls(
    orthomosaics: &[Arc<Orthomosaic>],
    surfaces: &[Option<SurfaceModel>],
    manifests: &[Arc<Manifest>],
) -> Vec<(String, String)> {
    let mut shortfalls = vec![];
    for (orthomosaic, surface) in orthomosaics.iter().zip(surfaces) {
        let Some(surface) = surface else { continue };
        let SurfaceModel { name, share, .. } = surface;
        let choices: Vec<_> = manifests.iter().filter_map(|m| Some((m, choose(Some(surface), m)?))).collect();
        if choices.is_empty() {
            return vec![(name.clone(), "no model of this survey takes heights: it is not used".into())];
        }
        if choices.iter().any(|(_, choice)| choice.is_ok()) && *share < 1.0 {
            let percent = (share * 100.0).floor();
            let text = format!("{name} covers {percent} % of its extent: colours alone elsewhere");
            shortfalls.push((orthomosaic.name.clone(), text));
        }
        let refused = choices.into_iter().filter_map(|(manifest, choice)| Some((manifest, choice.err()?)));
        shortfalls
            .extend(refused.map(|(manifest, why)| (format!("{} by {}", orthomosaic.name, manifest.model.name), why)));
    }
    shortfalls
}

/// In how many of its tiles a pass had heights.
pub(crate) fn tally(surface: &SurfaceModel, seen: &Seen) -> String {
    let heights = || seen.heights.iter().flatten();
    let known = heights().filter(|heights| **heights == Ok(true)).count();
    let mut text = format!("{} in {known} of {} tiles", surface.name, seen.inferred);
    let causes: Vec<_> = heights().filter_map(|heights| heights.as_ref().err()).collect();
    if let [first, ..] = causes[..] {
        text += &format!("; not readable in {}: colours alone there ({first})", causes.len());
    }
    text
}
