//! A model as the survey sees it: what it knows and at which scale; never its weights.

use crate::{
    Class, Detection, OperatingPoint, Shape, TileSpec, class::GSD_LENIENCY,
    display::display_as_serialised,
};
use serde::{Deserialize, Serialize};

/// What a model gives back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Boxes around objects.
    Detect,
    /// A mask per class.
    Segment,
}
display_as_serialised!(Task);

/// A model's description.
///
/// ```
/// use rams_domain::{Model, Task, TileSpec};
/// # use rams_domain::{Calibration, Class, EoCategory, GeometryKind, Indicator};
/// # let class = |name: &str, parent: Option<&str>, gsd_name_m, gsd_max_m| Class {
/// #     name: name.into(), label: None, indicator: Indicator::MineSurface,
/// #     eo_category: EoCategory::ApMine, geometry: GeometryKind::Point,
/// #     parent: parent.map(Into::into), gsd_name_m, size_m: [0.1, 0.2], gsd_max_m,
/// #     threshold: 0.5.into(), pixel_threshold: None, hidden_by: vec![],
/// #     calibration: Calibration::default(),
/// # };
/// // `pmn-2` is named in pixels of up to 5 mm, and a round mine is seen in pixels of up to 10 mm.
/// let classes = vec![
///     class("ap-round", None, None, 0.01),
///     class("pmn-2", Some("ap-round"), Some(0.005), 0.01),
/// ];
/// let model = Model {
///     name: "surface-ordnance".into(),
///     version: "1.0".into(),
///     digest: String::new(),
///     task: Task::Detect,
///     gsd_m: 0.004,
///     tile: TileSpec { tile_px: 640, halo_px: 64 },
///     classes,
/// };
/// assert_eq!(model.family(1), 0);
/// assert_eq!(model.named_at(1, 0.004), 1, "in 4 mm a PMN-2 is called by its name");
/// assert_eq!(model.named_at(1, 0.008), 0, "in 8 mm it is a round mine");
/// assert!(model.is_in_reach(1, 0.008) && !model.is_in_reach(1, 0.02));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// Name, for example `surface-ordnance`.
    pub name: String,
    /// Version of weights and description together.
    pub version: String,
    /// SHA-256 of its files, hex: of the .onnx, or, where that keeps weights in other files, of the
    /// digests of all of them, one on a line.
    pub digest: String,
    /// What it gives back.
    pub task: Task,
    /// Scale at which it wants its pixels, metres per pixel.
    pub gsd_m: f64,
    /// Tile and halo, grid pixels.
    pub tile: TileSpec,
    /// What it can name, in the order of its outputs.
    pub classes: Vec<Class>,
}

impl Model {
    /// The coarser class of a class, or the class itself if it has none; both index `classes`.
    pub fn family(&self, class: usize) -> usize {
        let parent = self.classes[class].parent.as_ref();
        parent
            .and_then(|parent| self.classes.iter().position(|other| other.name == *parent))
            .unwrap_or(class)
    }

    /// What a find of a class is called in an input of a GSD: where pixels are too large to tell
    /// the kinds of a family apart, or for that kind at all, the family.
    pub fn named_at(&self, class: usize, gsd_m: f64) -> usize {
        let kind = &self.classes[class];
        match kind.gsd_name_m {
            Some(limit_m) if gsd_m > limit_m * GSD_LENIENCY || !kind.is_assessable_at(gsd_m) => {
                self.family(class)
            }
            _ => class,
        }
    }

    /// Whether a find of a class in an input of a GSD says anything. Of a family one kind must be
    /// assessable there; of a kind itself, or else its family, if that is of the same category of
    /// ordnance: categories never mix. Of others the model saw what it was never seen to find in
    /// such pixels.
    pub fn is_in_reach(&self, class: usize, gsd_m: f64) -> bool {
        let (own, family) = (&self.classes[class], &self.classes[self.family(class)]);
        let is_kind_in_reach = |kind: &Class| {
            kind.parent.as_ref() == Some(&family.name) && kind.is_assessable_at(gsd_m)
        };
        let by_family =
            own.eo_category == family.eo_category && self.classes.iter().any(is_kind_in_reach);
        by_family || (!self.is_family(own) && own.is_assessable_at(gsd_m))
    }

    /// Whether a detection scores too little for a find at an operating point. It is said of boxes
    /// alone: whether a mask is a find shows once it is joined with its neighbours.
    pub fn is_below(&self, detection: &Detection, point: OperatingPoint) -> bool {
        matches!(detection.shape, Shape::Box(_))
            && detection.score < self.classes[detection.class].threshold.at(point)
    }

    /// Whether a class has kinds of its own. It is no more than they are: what was looked for, and
    /// what was not, is said of the kinds.
    pub fn is_family(&self, class: &Class) -> bool {
        self.classes.iter().any(|other| other.parent.as_deref() == Some(&class.name))
    }
}
