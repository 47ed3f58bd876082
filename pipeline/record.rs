//! The run's record: what was run on what, so that anyone can run it again.

use crate::{
    args::SurveyConfig,
    height,
    look::{Pass, Seen},
    sitting::Sitting,
};
use rams_delineate::Crowd;
use rams_detect::{Choice, Manifest, Runtime};
use rams_domain::{DetectedClass, Model, Orthomosaic, SurfaceModel, Survey, SurveyRecord};
use rams_tile::TileError;
use std::{path::Path, sync::Arc, time::Instant};

/// Section of what a surface model is.
const SURFACE: &str = "surface model";

/// Section of what became of its heights; people read it in the summary.
pub(crate) const HEIGHTS: &str = "heights";

/// Item of the flags with which an orthomosaic was read.
pub(crate) const READ_AS: &str = "read with";

/// Section of why the colours of an orthomosaic are not those that models learned from; people read it
/// in the summary.
pub(crate) const COLOURS: &str = "colours";

/// Section of what a person should know of how files are read and placed; people read it in the summary.
pub(crate) const NOTICES: &str = "notices";

/// Section of orthomosaics that show the same ground.
pub(crate) const OVERLAP: &str = "overlap";

/// Section of what others know.
const EVIDENCE: &str = "evidence";

/// Files of weights of a model that are named, at most: some exporters make one of each tensor.
const FILES: usize = 4;

/// Section of what differs from one sitting to the next.
const TIME: &str = "time";

/// A record that is being kept.
pub(crate) struct Record {
    record: SurveyRecord,
    started: Instant,
}

impl Record {
    /// Notes software, inputs, models, doctrine and parameters.
    pub(crate) fn begin(
        config: &SurveyConfig,
        orthomosaics: &[Arc<Orthomosaic>],
        manifests: &[Arc<Manifest>],
        runtime: &Runtime,
    ) -> Self {
        let mut record = SurveyRecord::default();
        record.add("software", "rams", env!("CARGO_PKG_VERSION"));
        record.add("software", "onnxruntime", runtime.version());
        record.add(TIME, "started", jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ"));
        for orthomosaic in orthomosaics {
            let Orthomosaic { name, path, size, format, validity, georef, colour_bands, values, .. } = &**orthomosaic;
            let [x, y] = orthomosaic.gsd_m();
            let mut add = |item: &str, value: String| record.add("orthomosaic", &format!("{name}: {item}"), value);
            add("path", path.display().to_string());
            add("size px", format!("{} x {}", size.width, size.height));
            add("gsd m", format!("{x:.6} x {y:.6}"));
            add("crs", georef.own_ground().crs().to_string());
            add("bands read as red, green, blue", format!("{colour_bands:?}"));
            add("values", values.clone());
            add(READ_AS, orthomosaic.read_as.to_string());
            add("format", format.clone());
            add("ground without image", validity.to_string());
            if let Some(text) = &orthomosaic.off_colour {
                eprintln!("{name}: {text}");
                record.add(COLOURS, name, text);
            }
            notice(&mut record, name, &orthomosaic.notices);
        }
        for manifest in manifests {
            let Manifest { licence, training_data, ignored, model, files, unused, .. } = &**manifest;
            let Model { name, version, digest, gsd_m, tile, classes, .. } = model;
            let mut add = |item: &str, value: String| record.add("model", &format!("{name}: {item}"), value);
            add("version", version.clone());
            add("sha256", digest.clone());
            if files.len() > FILES {
                add("weights", format!("in {} files, which sha256 covers", files.len()));
            }
            for (file, digest) in files.iter().filter(|_| files.len() <= FILES) {
                add(&format!("weights in {file}"), digest.clone());
            }
            let [mean, std] = manifest.normalisation();
            add("mean, deviation of colours", format!("{mean:?}, {std:?}"));
            for setting in unused {
                let (key, why) = setting.split_once(": ").unwrap_or((setting, ""));
                add(&format!("setting not used: {key}"), why.into());
            }
            add("licence", licence.clone());
            add("training data", training_data.join("; "));
            add("layout", manifest.layout());
            if !ignored.is_empty() {
                add("outputs left out", ignored.join(", "));
            }
            add("gsd m", gsd_m.to_string());
            add("tile px, halo px", format!("{}, {}", tile.tile_px, tile.halo_px));
            for class in classes {
                add(&format!("threshold {}", class.name), class.threshold.to_string());
            }
        }
        let doctrine = &config.doctrine.reference;
        record.add("doctrine", &doctrine.name, &doctrine.version);
        record.add("doctrine", "sha256", &doctrine.digest);
        record.add("doctrine", "notes", &config.doctrine.notes);
        record.add("parameters", "threads", config.workers);
        Self { record, started: Instant::now() }
    }

    /// Notes which orthomosaics show the same ground.
    pub(crate) fn overlaps(&mut self, pairs: &[[String; 2]]) {
        for [one, other] in pairs {
            self.record.add(OVERLAP, &format!("{one} and {other}"), "what both show is counted once");
        }
    }

    /// Notes what executes a model, and beside the times why.
    pub(crate) fn engine(&mut self, model: &str, choice: &Choice) {
        self.record.add("model", &format!("{model}: runs on"), choice.engine);
        self.record.add("time", &format!("{model} runs on {}", choice.engine), &choice.reason);
    }

    /// Notes, and says, where ground could not be told from that of others.
    pub(crate) fn overlap_failures(&mut self, failures: &[(String, String)]) {
        for (orthomosaic, cause) in failures {
            let text = format!("part of what others show too is counted twice: {cause}");
            eprintln!("{orthomosaic}: {text}");
            self.record.add(OVERLAP, orthomosaic, text);
        }
    }

    /// Notes, and says, where a model found more than can lie there.
    pub(crate) fn crowds(&mut self, crowds: &[Crowd]) {
        for crowd in crowds {
            eprintln!("{crowd}");
            let name = format!("{} by {}: {}", crowd.orthomosaic, crowd.model, crowd.eo_category);
            self.record.add(SurveyRecord::CROWDS, &name, crowd);
        }
    }

    /// Notes what a surface model is to the orthomosaics, and how it falls short.
    pub(crate) fn surfaces(
        &mut self,
        orthomosaics: &[Arc<Orthomosaic>],
        surfaces: &[Option<SurfaceModel>],
        shortfalls: &[(String, String)],
    ) {
        if let Some(SurfaceModel { path, name, notices, .. }) = surfaces.iter().flatten().next() {
            self.record.add(SURFACE, "path", path.display());
            notice(&mut self.record, name, notices);
        }
        for (orthomosaic, surface) in orthomosaics.iter().zip(surfaces) {
            let Some(SurfaceModel { gsd_m, share, .. }) = surface else { continue };
            self.record.add(SURFACE, &format!("{}: gsd m", orthomosaic.name), format!("{gsd_m:.6}"));
            let percent = share * 100.0;
            self.record.add(
                SURFACE,
                &format!("{}: covered", orthomosaic.name),
                format!("{percent:.0} % of its extent"),
            );
        }
        for (name, text) in shortfalls {
            self.record.add(HEIGHTS, name, text);
        }
    }

    /// What must be the same in every sitting of a survey. It is all but the times and the number of
    /// threads, on which the result does not depend.
    pub(crate) fn lasting(&self) -> impl Iterator<Item = &(String, String, String)> {
        let is_lasting = |section: &str, name: &str| section != TIME && (section, name) != ("parameters", "threads");
        self.record.entries.iter().filter(move |(section, name, _)| is_lasting(section, name))
    }

    /// Notes in how many sittings the survey is done.
    pub(crate) fn sitting(&mut self, sitting: &Sitting) {
        self.record.add(TIME, "sittings", sitting.tally());
    }

    /// Notes what became of a file of evidence.
    pub(crate) fn evidence(&mut self, path: &Path, text: &str) {
        self.record.add(EVIDENCE, &path.display().to_string(), text);
    }

    /// Notes the digest of such a file.
    pub(crate) fn evidence_digest(&mut self, path: &Path, digest: Result<Option<String>, TileError>) {
        self.add_digest(EVIDENCE, &format!("{}: sha256", path.display()), digest);
    }

    /// Notes what was seen in pixels too coarse for it.
    pub(crate) fn out_of_reach(&mut self, survey: &Survey) {
        for (DetectedClass { orthomosaic, model, class, .. }, count) in survey.out_of_reach() {
            let text = format!("{count} detection(s) in pixels too coarse for the class: no features");
            self.record.add("out of reach", &format!("{orthomosaic} by {model}: {class}"), text);
        }
    }

    /// Notes how many tiles a pass saw, and in how many of them it had heights.
    pub(crate) fn tiles(&mut self, pass: &Pass, seen: &Seen) {
        let name = format!("{} by {}", pass.orthomosaic.name, pass.manifest.model.name);
        self.record.add("tiles", &name, seen.inferred);
        if let Some(surface) = &pass.surface {
            self.record.add(HEIGHTS, &name, height::tally(surface, seen));
        }
    }

    /// Notes the digest of an orthomosaic.
    pub(crate) fn digest(&mut self, orthomosaic: &Orthomosaic, digest: Result<Option<String>, TileError>) {
        self.add_digest("orthomosaic", &format!("{}: sha256", orthomosaic.name), digest);
    }

    /// Notes the digest of the surface model.
    pub(crate) fn surface_digest(&mut self, digest: Result<Option<String>, TileError>) {
        self.add_digest(SURFACE, "sha256", digest);
    }

    /// A digest, or why there is none: that is no reason to lose a survey.
    fn add_digest(&mut self, section: &str, name: &str, digest: Result<Option<String>, TileError>) {
        let digest = match digest {
            Ok(digest) => digest.unwrap_or_else(|| "not computed: stopped".into()),
            Err(error) => error.to_string(),
        };
        self.record.add(section, name, digest);
    }

    /// Closes the record.
    pub(crate) fn end(mut self, interrupted: bool) -> SurveyRecord {
        self.record.add(TIME, "seconds", format!("{:.1}", self.started.elapsed().as_secs_f64()));
        self.record.add(TIME, "interrupted", interrupted);
        self.record
    }
}

/// Notes, and says, what a person should know of a file.
fn notice(record: &mut SurveyRecord, name: &str, notices: &[String]) {
    notices.iter().for_each(|text| eprintln!("{name}: {text}"));
    if !notices.is_empty() {
        record.add(NOTICES, name, notices.join("; "));
    }
}
