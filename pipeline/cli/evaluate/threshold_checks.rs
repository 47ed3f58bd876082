//! What surveys kept: they cannot tell what scored less than their own thresholds.

use super::class_map::ClassMap;
use anyhow::{bail, ensure};
use rams_store::SurveyBoxes;
use std::path::{Path, PathBuf};

type Surveys = [(PathBuf, SurveyBoxes)];

/// Recall from a score that a survey did not keep would be too low, and no one would see it.
pub(crate) fn check_thresholds(surveys: &Surveys, class_map: &ClassMap) -> anyhow::Result<()> {
    let classes = &class_map.classes;
    for (path, boxes) in surveys {
        let own: Vec<_> =
            boxes.record.thresholds().filter(|(model, ..)| class_map.is_meant(model)).collect();
        for (model, class, threshold) in &own {
            let Some(counted) = class_map.threshold(class) else { continue };
            // Finds of a kind that are called by its family were kept from the kind's threshold on.
            let family = classes.find(class);
            let of_family =
                |kind: &str| classes.find(kind).map(|kind| classes.family(kind)) == family;
            let kinds = own.iter().filter(|(_, kind, _)| family.is_some() && of_family(kind));
            let kept = kinds.map(|(.., threshold)| *threshold).fold(*threshold, f32::min);
            // As narrow as the program compares them: 0.45 is not 0.45 in another width.
            let counted = counted as f32;
            ensure!(
                counted >= kept,
                "cannot count {class} from a score of {counted}: {} by {model} kept none below \
                 {kept}, its own threshold; give --threshold {kept} or more, or survey again with \
                 the lower one",
                path.display()
            );
        }
    }
    Ok(())
}

/// A survey by other weights of the same name says nothing about these.
pub(crate) fn check_digest(surveys: &Surveys, model: &str, digest: &str) -> anyhow::Result<()> {
    for (path, boxes) in surveys {
        if let Some((_, found)) =
            boxes.record.model_digests().find(|(name, found)| *name == model && *found != digest)
        {
            bail!(
                "cannot evaluate {model} of sha256 {} by {}: it was made with sha256 {}; survey \
                 again, or give the model that was run",
                digest,
                path.display(),
                found
            );
        }
    }
    Ok(())
}

/// Where no one gave thresholds, all that a survey kept is to count; a find of less than the
/// class's own threshold is one of another class's or model's, which names alone do not tell.
pub(crate) fn check_score(
    class_map: &ClassMap,
    class: &str,
    score: f64,
    path: &Path,
) -> anyhow::Result<()> {
    let least = class_map.threshold(class).unwrap_or(0.0);
    // Scores are stored to the sixth decimal.
    ensure!(
        class_map.is_given() || score >= least - 1e-6,
        "cannot tell from which score on {class} counts: {} holds one of {score}, and the \
         threshold of the survey is {least}; give --model or --threshold",
        path.display()
    );
    Ok(())
}
