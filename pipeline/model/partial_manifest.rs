//! A `model.toml` as far as it is known: what a person wrote, over what the .onnx says of itself,
//! over what goes without saying.

use crate::{layout::Layout, output::Activation};
use rams_domain::{
    CELL_PX, Calibration, EoCategory, GeometryKind, Indicator, MeasuredPoint, ObscuredBy,
    OperatingPoint, Task, Thresholds,
};
use serde::Deserialize;
use std::{collections::BTreeMap, path::PathBuf};

/// A `model.toml` of which any field may be missing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PartialManifest {
    pub(crate) name: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) task: Option<Task>,
    pub(crate) licence: Option<String>,
    pub(crate) training_data: Option<Vec<String>>,
    pub(crate) onnx: Option<PathBuf>,
    pub(crate) digest: Option<String>,
    #[serde(default)]
    pub(crate) input: PartialInput,
    #[serde(default)]
    pub(crate) output: PartialOutput,
    #[serde(default)]
    pub(crate) operating_point: BTreeMap<OperatingPoint, MeasuredPoint>,
    #[serde(default)]
    pub(crate) class: Vec<PartialClass>,
}

/// Its table `[input]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PartialInput {
    pub(crate) gsd_m: Option<f64>,
    pub(crate) tile_px: Option<u32>,
    pub(crate) halo_px: Option<u32>,
    pub(crate) bands: Option<Vec<String>>,
    pub(crate) mean: Option<[f32; 3]>,
    pub(crate) std: Option<[f32; 3]>,
    pub(crate) height_gsd_max_m: Option<f64>,
}

/// Its table `[output]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PartialOutput {
    pub(crate) layout: Option<Layout>,
    pub(crate) names: Option<Vec<String>>,
    pub(crate) ignore: Option<Vec<String>>,
    pub(crate) activation: Option<Activation>,
    pub(crate) embedding: Option<String>,
}

/// A table `[[class]]` of it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PartialClass {
    pub(crate) name: String,
    pub(crate) label: Option<String>,
    pub(crate) indicator: Option<Indicator>,
    pub(crate) eo_category: Option<EoCategory>,
    pub(crate) geometry: Option<GeometryKind>,
    pub(crate) parent: Option<String>,
    pub(crate) gsd_name_m: Option<f64>,
    pub(crate) size_m: Option<[f64; 2]>,
    pub(crate) gsd_max_m: Option<f64>,
    pub(crate) threshold: Option<Thresholds>,
    pub(crate) pixel_threshold: Option<f32>,
    pub(crate) hidden_by: Option<Vec<ObscuredBy>>,
    pub(crate) calibration: Option<Calibration>,
}

impl PartialManifest {
    /// What this one says, and what the other says where this one is silent.
    pub(crate) fn over(self, other: PartialManifest) -> PartialManifest {
        let (input, output) = (self.input, self.output);
        PartialManifest {
            name: self.name.or(other.name),
            version: self.version.or(other.version),
            task: self.task.or(other.task),
            licence: self.licence.or(other.licence),
            training_data: self.training_data.or(other.training_data),
            onnx: self.onnx.or(other.onnx),
            digest: self.digest.or(other.digest),
            input: PartialInput {
                gsd_m: input.gsd_m.or(other.input.gsd_m),
                tile_px: input.tile_px.or(other.input.tile_px),
                halo_px: input.halo_px.or(other.input.halo_px),
                bands: input.bands.or(other.input.bands),
                mean: input.mean.or(other.input.mean),
                std: input.std.or(other.input.std),
                height_gsd_max_m: input.height_gsd_max_m.or(other.input.height_gsd_max_m),
            },
            output: PartialOutput {
                layout: output.layout.or(other.output.layout),
                names: output.names.or(other.output.names),
                ignore: output.ignore.or(other.output.ignore),
                activation: output.activation.or(other.output.activation),
                embedding: output.embedding.or(other.output.embedding),
            },
            // An .onnx says nothing of what was measured.
            operating_point: self.operating_point,
            class: if self.class.is_empty() { other.class } else { self.class },
        }
    }

    /// Whether it gives a threshold for every class of the outputs, whose names may be in the file.
    pub(crate) fn has_thresholds(&self, names: Option<&[String]>) -> bool {
        let has = |name: &String| {
            self.class.iter().any(|class| class.name == *name && class.threshold.is_some())
        };
        let is_ignored =
            |name: &String| self.output.ignore.iter().flatten().any(|ignored| ignored == name);
        let names = self.output.names.as_deref().or(names).unwrap_or_default();
        !self.class.is_empty()
            && self.class.iter().all(|class| class.threshold.is_some())
            && names.iter().all(|name| has(name) || is_ignored(name))
    }

    /// Fills in what follows from the rest: the classes that the outputs name, what is known of a
    /// class by its name, and the halo. `threshold` is the least score where none is given,
    /// `overlap_px` the least halo.
    pub(crate) fn complete(&mut self, threshold: f32, overlap_px: u32) {
        if let Some(names) = &self.output.names {
            let ignored = self.output.ignore.get_or_insert_with(|| {
                names.iter().filter(|name| is_background(name)).cloned().collect()
            });
            let unnamed = |name: &&String| {
                !ignored.contains(name) && !self.class.iter().any(|class| class.name == **name)
            };
            // Where a class is none of the outputs, that is what is wrong, and not what the others
            // lack.
            let fits = self.class.iter().all(|class| names.contains(&class.name));
            let more: Vec<_> = names.iter().filter(unnamed).filter(|_| fits).cloned().collect();
            self.class.extend(
                more.into_iter().map(|name| PartialClass { name, ..PartialClass::default() }),
            );
        }
        self.task = self.task.or(self.output.layout.map(Layout::task));
        for class in &mut self.class {
            class.complete(self.input.gsd_m, threshold);
        }
        self.input.halo_px = self.input.halo_px.or_else(|| self.halo_px(overlap_px));
    }

    /// The least halo that holds the largest object where a find must be whole, and an eighth of
    /// the tile in any case, with a core of whole cells. Where there is none, a quarter: the check
    /// of the manifest says what is wrong with it.
    fn halo_px(&self, overlap_px: u32) -> Option<u32> {
        let (gsd_m, tile_px) = (self.input.gsd_m?, self.input.tile_px?);
        let outlines = self.output.layout?.has_outlines();
        let is_whole =
            |class: &&PartialClass| !outlines || class.geometry == Some(GeometryKind::Point);
        let largest_m =
            self.class.iter().filter(is_whole).map(|class| class.size_m.map(|[_, most]| most));
        let largest_m = largest_m.collect::<Option<Vec<f64>>>()?.into_iter().fold(0.0, f64::max);
        let least = ((largest_m / gsd_m).ceil() as u32).max(tile_px / 8).max(overlap_px);
        if tile_px % 2 == 1 {
            return Some(tile_px / 4);
        }
        let fits = |halo: &u32| tile_px > 2 * halo && (tile_px - 2 * halo).is_multiple_of(CELL_PX);
        (least..tile_px / 2).find(fits).or_else(|| (tile_px / 4..tile_px / 2).find(fits))
    }

    /// What is not known, in the words of the file.
    pub(crate) fn missing(&self) -> Vec<String> {
        let mut missing = vec![];
        let mut need = |is_there: bool, what: String| {
            if !is_there {
                missing.push(what);
            }
        };
        need(self.input.gsd_m.is_some(), "input.gsd_m".into());
        need(self.input.tile_px.is_some(), "input.tile_px".into());
        need(self.input.bands.is_some(), "input.bands".into());
        need(self.output.layout.is_some(), "output.layout".into());
        need(!self.class.is_empty(), "[[class]]".into());
        for class in &self.class {
            need(class.indicator.is_some(), format!("indicator of class {}", class.name));
            need(class.size_m.is_some(), format!("size_m of class {}", class.name));
        }
        missing
    }
}

impl PartialClass {
    /// Fills in what its namesake among the shipped classes or the indicators is, and what goes
    /// without saying.
    fn complete(&mut self, gsd_m: Option<f64>, threshold: f32) {
        let namesake = namesake(&self.name).unwrap_or_default();
        self.indicator = self.indicator.or(namesake.indicator);
        // A class that was told to be another indicator than that of its namesake is not it.
        let same = self.indicator.is_some() && self.indicator == namesake.indicator;
        if same {
            self.label = self.label.take().or(namesake.label);
            self.eo_category = self.eo_category.or(namesake.eo_category);
            self.geometry = self.geometry.or(namesake.geometry);
            self.size_m = self.size_m.or(namesake.size_m);
            self.hidden_by = self.hidden_by.take().or(namesake.hidden_by);
        }
        self.geometry = self.geometry.or(self.indicator.map(usual_geometry));
        // Never guessed: it decides which layer and which table an area goes to.
        self.eo_category = self.eo_category.or(Some(EoCategory::Unknown));
        // How coarse an input a model bears, only tests show: no coarser than it was made for.
        self.gsd_max_m = self.gsd_max_m.or(gsd_m);
        self.threshold = self.threshold.or(Some(threshold.into()));
    }
}

/// What a class of the shipped models, or an indicator, is by its name, however it is spelt.
fn namesake(name: &str) -> Option<PartialClass> {
    const SHIPPED: [&str; 2] = [
        include_str!("../../models/surface-ordnance/model.toml"),
        include_str!("../../models/earthworks/model.toml"),
    ];
    let plain = |name: &str| name.to_lowercase().replace(['_', ' '], "-");
    let shipped = SHIPPED
        .iter()
        .filter_map(|text| toml::from_str::<PartialManifest>(text).ok())
        .flat_map(|model| model.class);
    let indicator = || {
        let of_name = Indicator::OF_PRESENCE
            .iter()
            .find(|indicator| plain(&indicator.to_string()) == plain(name));
        of_name.map(|indicator| PartialClass {
            indicator: Some(*indicator),
            ..PartialClass::default()
        })
    };
    shipped.into_iter().find(|class| plain(&class.name) == plain(name)).or_else(indicator)
}

/// How an indicator is drawn, unless its class says otherwise.
fn usual_geometry(indicator: Indicator) -> GeometryKind {
    match indicator {
        Indicator::TrenchFire
        | Indicator::TrenchComm
        | Indicator::AtDitch
        | Indicator::DragonsTeeth
        | Indicator::WireObstacle
        | Indicator::MineRow
        | Indicator::MarkingSignFence
        | Indicator::DisusedTrack
        | Indicator::RoadInUse => GeometryKind::Line,
        Indicator::MineSurface | Indicator::Submunition | Indicator::CmCarrier => {
            GeometryKind::Point
        }
        _ => GeometryKind::Polygon,
    }
}

fn is_background(name: &str) -> bool {
    ["background", "bg", "void"].contains(&name.to_lowercase().trim_matches('_'))
}
