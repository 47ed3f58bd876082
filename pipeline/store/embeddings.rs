//! `survey.gpkg` -> how the object of each feature looks to its model.

use crate::error::StoreError;
use crate::held;
use crate::names::{LAYERS, SURVEY_FILE};
use crate::read::id;
use crate::row::{Cause, bytes, named, number, px, text_of};
use crate::source::Source;
use gdal::vector::{Feature, LayerAccess};
use rams_domain::{Embedding, FeatureId};
use std::collections::BTreeMap;
use std::path::Path;

/// The embedding of each feature of a survey's folder: that of the detection with the highest score
/// among those that were merged into it, of equals that of the larger box, as in the feature
/// itself. Of what several orthomosaics show it is that of the orthomosaic that the feature names.
///
/// All values of one model are of one length and have an L2 norm of 1, as far as float16 goes. A
/// feature whose model gives no embeddings is not among them, nor one that a person drew.
pub fn embeddings(dir: &Path) -> Result<BTreeMap<FeatureId, Vec<f32>>, StoreError> {
    let source = Source::open(dir)?;
    let path = dir.join(SURVEY_FILE);
    let dataset = held::open_survey(&path)?;
    let read = || -> Result<_, Cause> {
        let features = features(&source)?;
        let mut best = BTreeMap::<FeatureId, Best>::new();
        for row in dataset.layer_by_name("detections")?.features() {
            let of = [text_of(&row, "orthomosaic")?, text_of(&row, "model")?, named(&row, "id")?];
            let Some((features, found)) = features.get(&of).zip(Best::of(&row)?) else { continue };
            for feature in features {
                if best.get(feature).is_none_or(|best| found.is_better(best)) {
                    best.insert(*feature, found.clone());
                }
            }
        }
        Ok(best)
    };
    let best = read().map_err(|cause| StoreError::NotASurvey {
        path,
        cause: format!("layer detections: {cause}"),
    })?;
    Ok(best.into_iter().map(|(feature, best)| (feature, best.embedding.values())).collect())
}

/// The feature of each detection, which is named by its orthomosaic, model and id; several where a
/// person has copied one.
fn features(source: &Source) -> Result<BTreeMap<[String; 3], Vec<FeatureId>>, Cause> {
    let mut features = BTreeMap::<_, Vec<_>>::new();
    for row in source.layer(LAYERS[0])?.features() {
        let id = FeatureId(id(&named(&row, "id")?, 'F')?);
        // Those in other orthomosaics, which are named with theirs, are of none in this one.
        for detection in text_of(&row, "detections")?.split(',') {
            let of = [text_of(&row, "orthomosaic")?, text_of(&row, "model")?, detection.into()];
            features.entry(of).or_default().push(id);
        }
    }
    Ok(features)
}

/// A detection, the best of its feature so far.
#[derive(Clone)]
struct Best {
    score: f64,
    area: f64,
    embedding: Embedding,
}

impl Best {
    /// `None` where a detection has no embedding.
    fn of(row: &Feature<'_>) -> Result<Option<Self>, Cause> {
        let Some(bytes) = bytes(row, "embedding") else { return Ok(None) };
        let length = bytes.len();
        let embedding = Embedding::from_bytes(bytes).ok_or_else(|| {
            let row = row.fid().unwrap_or(0);
            format!("row {row} has an embedding of {length} bytes, which are no float16s")
        })?;
        Ok(Some(Self { score: number(row, "score")?, area: px(row)?.area(), embedding }))
    }

    fn is_better(&self, than: &Self) -> bool {
        self.score.total_cmp(&than.score).then(self.area.total_cmp(&than.area)).is_gt()
    }
}
