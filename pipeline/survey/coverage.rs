//! What a pass assessed and what it did not, for which classes, as areas on the ground.

use crate::pass_result::PassResult;
use rams_domain::{
    AssessedArea, Class, Gap, GapArea, GapReason, Indicator, Model, ObscuredBy, Orthomosaic, PxBox,
    QualityFlags, other_kinds,
};
use rams_model::Manifest;
use std::collections::{BTreeMap, BTreeSet};

/// What was assessed and what was not.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Coverage {
    pub(crate) assessed: Vec<AssessedArea>,
    pub(crate) gaps: Vec<GapArea>,
}

impl Coverage {
    /// Whether a model assessed nothing of an orthomosaic of which it left gaps: there even nodata
    /// is no matter of course. To be asked before orthomosaics that overlap are counted once.
    pub(crate) fn is_blank(&self) -> bool {
        let looks = |gap: &GapArea| !gap.model.is_empty();
        let seen = |gap: &GapArea| {
            self.assessed
                .iter()
                .any(|seen| seen.orthomosaic == gap.orthomosaic && seen.model == gap.model)
        };
        self.gaps.iter().any(|gap| looks(gap) && !seen(gap))
    }

    /// The classes of each model that were looked for, in the order of the rows; without a model
    /// those that none of them looks for.
    pub(crate) fn looked_for(&self) -> Vec<(String, Vec<String>)> {
        let assessed = self.assessed.iter().map(|row| (&row.model, &row.classes));
        let gaps = self.gaps.iter().map(|row| (&row.model, &row.classes));
        let mut by_model: Vec<(String, Vec<String>)> = vec![];
        for (model, classes) in assessed.chain(gaps) {
            let at = by_model.iter().position(|(known, _)| known == model).unwrap_or_else(|| {
                by_model.push((model.clone(), vec![]));
                by_model.len() - 1
            });
            for class in classes {
                if !by_model[at].1.contains(class) {
                    by_model[at].1.push(class.clone());
                }
            }
        }
        by_model
    }
}

/// The classes of a model that an orthomosaic's pixels are fine enough for, and the others; of a
/// family its kinds. A class that the model does not answer for is in neither.
pub struct Scope {
    model: String,
    gsd_m: f64,
    /// Classes that can be assessed there.
    pub assessable: Vec<Class>,
    coarse: Vec<Class>,
}

impl Scope {
    /// What a model can assess in an orthomosaic.
    pub fn of(model: &Model, orthomosaic: &Orthomosaic) -> Self {
        let gsd_m = orthomosaic.coarsest_gsd_m();
        let (assessable, coarse) =
            kinds(model).cloned().partition(|class| class.is_assessable_at(gsd_m));
        Self { model: model.name.clone(), gsd_m: model.gsd_m, assessable, coarse }
    }

    /// The whole orthomosaic as a gap for the classes that its pixels are too large for.
    pub(crate) fn too_coarse(&self, orthomosaic: &Orthomosaic) -> Vec<GapArea> {
        let gsd_m = orthomosaic.coarsest_gsd_m();
        let limit = |class: &Class| format!("{} needs {:.4} m", class.name, class.gsd_max_m);
        let limits: Vec<_> = self.coarse.iter().map(limit).collect();
        let detail = format!("pixels of {gsd_m:.4} m: {}", limits.join(", "));
        let whole =
            Gap { reason: GapReason::GsdTooCoarse, detail, region: vec![extent(orthomosaic)] };
        areas(vec![whole], &self.model, &names(&self.coarse), orthomosaic)
    }

    /// What a pass assessed and what it did not: for all classes what the model has not seen, one
    /// area for each reason and detail; then what was seen, as assessed or hidden from the camera,
    /// one area for the classes for which it is the same ground.
    pub(crate) fn cover(&self, seen: &PassResult, orthomosaic: &Orthomosaic) -> Coverage {
        let mut gaps = areas(seen.gaps.clone(), &self.model, &names(&self.assessable), orthomosaic);
        let mut assessed = vec![];
        for SameGround { veil, sights, classes } in self.alike(&seen.shown) {
            let cells = seen
                .shown
                .iter()
                .filter(|(_, sight)| sights.contains(sight))
                .map(|(cell, _)| *cell)
                .collect();
            if let Some(veil) = veil {
                let hidden = Gap { reason: veil.into(), detail: hides(veil), region: cells };
                gaps.extend(areas(vec![hidden], &self.model, &classes, orthomosaic));
            } else {
                let (boundary, area_m2) = rams_trace::cover(&cells, orthomosaic);
                let (orthomosaic, model) = (orthomosaic.name.clone(), self.model.clone());
                assessed.push(AssessedArea { boundary, area_m2, orthomosaic, model, classes });
            }
        }
        Coverage { assessed, gaps }
    }

    fn alike(&self, shown: &[(PxBox, QualityFlags)]) -> Vec<SameGround> {
        let all: BTreeSet<QualityFlags> = shown.iter().map(|(_, sight)| *sight).collect();
        let mut alike: Vec<SameGround> = vec![];
        for class in &self.assessable {
            let mut by_veil: BTreeMap<Option<ObscuredBy>, BTreeSet<QualityFlags>> = BTreeMap::new();
            for sight in &all {
                by_veil.entry(sight.obscured_by(class, self.gsd_m)).or_default().insert(*sight);
            }
            for (veil, sights) in by_veil {
                match alike.iter_mut().find(|other| other.veil == veil && other.sights == sights) {
                    Some(other) => other.classes.push(class.name.clone()),
                    None => {
                        alike.push(SameGround { veil, sights, classes: vec![class.name.clone()] })
                    }
                }
            }
        }
        alike
    }
}

/// Ground that is the same for some classes: assessed, or under a veil.
struct SameGround {
    veil: Option<ObscuredBy>,
    sights: BTreeSet<QualityFlags>,
    classes: Vec<String>,
}

/// The reason of hidden ground in one sentence.
fn hides(veil: ObscuredBy) -> String {
    let what = match veil {
        ObscuredBy::Vegetation => "plants hide the ground",
        ObscuredBy::Shadow => "the image holds no detail in the shadow",
        ObscuredBy::Saturation => "the image is white or black",
        ObscuredBy::Blur => {
            "the detail in the image is too coarse for these classes, or there is none"
        }
    };
    format!("{what}, as estimated from the pixels")
}

/// The whole orthomosaic as a gap for what no model of the run looks for.
pub(crate) fn no_model(manifests: &[&Manifest], orthomosaic: &Orthomosaic) -> Vec<GapArea> {
    let gap = Gap {
        reason: GapReason::NoModel,
        detail: NO_MODEL.into(),
        region: vec![extent(orthomosaic)],
    };
    areas(vec![gap], "", &looked_for_by_none(manifests), orthomosaic)
}

/// The detail of such a gap.
pub(crate) const NO_MODEL: &str = "no model of this survey looks for it";

/// What no model of a run looks for. A model that knows some kinds of an indicator leaves the other
/// kinds open: `mine_surface other than pfm-1`. A family of kinds is no more than the kinds in it;
/// only a class that is called like the indicator stands for all of it.
pub(crate) fn looked_for_by_none(manifests: &[&Manifest]) -> Vec<String> {
    let classes: Vec<&Class> =
        manifests.iter().flat_map(|manifest| kinds(&manifest.model)).collect();
    let missing = |indicator: &Indicator| {
        let (indicator, name) = (*indicator, indicator.to_string());
        let mut known: Vec<&str> = vec![];
        for class in classes.iter().filter(|class| class.indicator == indicator) {
            // Two models may have a class of one name.
            if !known.contains(&&*class.name) {
                known.push(&class.name);
            }
        }
        match known[..] {
            [] => Some(name),
            _ if known.contains(&&*name) => None,
            _ => Some(other_kinds(indicator, &known)),
        }
    };
    Indicator::OF_PRESENCE.iter().filter_map(missing).collect()
}

/// Names of the classes that a model answers for.
pub(crate) fn looked_for(model: &Model) -> Vec<String> {
    kinds(model).map(|class| class.name.clone()).collect()
}

/// What a model answers for: of a family its kinds.
fn kinds(model: &Model) -> impl Iterator<Item = &Class> {
    model.classes.iter().filter(|class| class.is_looked_for() && !model.is_family(class))
}

fn areas(
    gaps: Vec<Gap>,
    model: &str,
    classes: &[String],
    orthomosaic: &Orthomosaic,
) -> Vec<GapArea> {
    let mut regions: BTreeMap<(GapReason, String), Vec<PxBox>> = BTreeMap::new();
    for gap in gaps.into_iter().filter(|_| !classes.is_empty()) {
        regions.entry((gap.reason, gap.detail)).or_default().extend(gap.region);
    }
    let area = |((reason, detail), region): ((GapReason, String), Vec<PxBox>)| {
        let (boundary, area_m2) = rams_trace::cover(&region, orthomosaic);
        let (orthomosaic, model, classes) =
            (orthomosaic.name.clone(), model.to_owned(), classes.to_vec());
        GapArea { boundary, area_m2, orthomosaic, model, classes, reason, detail }
    };
    regions.into_iter().map(area).collect()
}

fn names(classes: &[Class]) -> Vec<String> {
    classes.iter().map(|class| class.name.clone()).collect()
}

fn extent(orthomosaic: &Orthomosaic) -> PxBox {
    PxBox {
        x0: 0.0,
        y0: 0.0,
        x1: orthomosaic.size.width.into(),
        y1: orthomosaic.size.height.into(),
    }
}
