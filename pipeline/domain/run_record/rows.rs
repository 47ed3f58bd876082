//! [`RunRecord`] -> rows of section, name and value, as people read them.

use super::{FileDigest, HeightTally, ModelRecord, OrthomosaicRecord, RunRecord, Subject};
use crate::{OperatingPoint, SiteReview, plural};
use std::fmt;

/// Files of weights of a model that are named, at most: some exporters make one of each tensor.
const FILES: usize = 4;

/// Section, name, value.
type RecordRow = (&'static str, String, String);

impl RunRecord {
    /// The record as a table of section, name and value, for people alone: programs read the
    /// fields.
    pub fn rows(&self) -> Vec<RecordRow> {
        let mut rows = Rows(vec![]);
        rows.add("software", "rams", &self.software.rams);
        rows.add("software", "onnxruntime", &self.software.onnxruntime);
        rows.timing(self);
        self.orthomosaics.iter().for_each(|orthomosaic| rows.orthomosaic(orthomosaic));
        rows.surface_model(self);
        for [one, other] in &self.overlaps {
            rows.add("overlap", &format!("{one} and {other}"), "what both show is counted once");
        }
        self.models.iter().for_each(|model| rows.model(model, self.operating_point));
        rows.add("doctrine", &self.doctrine.name, &self.doctrine.version);
        rows.add("doctrine", "sha256", &self.doctrine.sha256);
        rows.add("doctrine", "notes", &self.doctrine.notes);
        if self.left_out.areas > 0 {
            rows.add("areas", "left out", self.left_out);
        }
        if let Some(learned) = &self.site_calibration {
            for (number, review) in learned.reviews.iter().enumerate() {
                let SiteReview { events, head } = review;
                let noun = plural(*events as usize, "event");
                let text = format!("log of {events} {noun}, head {head}");
                rows.add("learned", &format!("review {}", number + 1), text);
            }
            learned.classes.iter().for_each(|of| rows.add("learned", &of.class, of));
        }
        for file in &self.evidence {
            let path = file.path.display();
            if let Some(outcome) = &file.outcome {
                rows.add("evidence", &path.to_string(), outcome);
            }
            rows.add("evidence", &format!("{path}: sha256"), &file.digest);
        }
        rows.add("parameters", "operating point", self.operating_point);
        rows.add("parameters", "threads", self.threads);
        rows.passes(self);
        rows.notices(self);
        for crowd in &self.crowds {
            let name = format!("{} by {}: {}", crowd.orthomosaic, crowd.model, crowd.eo_category);
            rows.add("beside itself", &name, crowd);
        }
        rows.0
    }
}

struct Rows(Vec<RecordRow>);

impl Rows {
    fn add(&mut self, section: &'static str, name: &str, value: impl ToString) {
        self.0.push((section, name.to_owned(), value.to_string()));
    }

    fn timing(&mut self, record: &RunRecord) {
        let timing = &record.timing;
        if let Some(started) = record.started() {
            self.add("time", "started", started);
        }
        match &timing.runs[..] {
            [] => {}
            [_] => self.add("time", "runs", "1"),
            runs => self.add("time", "runs", format!("{}, begun {}", runs.len(), runs.join(", "))),
        }
        for model in &record.models {
            let ModelRecord { name, provider, provider_reason, .. } = model;
            self.add("time", &format!("{name} runs on {provider}"), provider_reason);
        }
        // Not known of a survey that several machines did.
        if timing.seconds > 0.0 {
            self.add("time", "seconds", format!("{:.1}", timing.seconds));
        }
        self.add("time", "interrupted", timing.interrupted);
        record.drawings.iter().for_each(|drawing| self.add("time", "drawn", drawing));
    }

    fn orthomosaic(&mut self, record: &OrthomosaicRecord) {
        let OrthomosaicRecord {
            name,
            path,
            size,
            gsd_m,
            crs,
            bands,
            values,
            read_as,
            format,
            validity,
            digest,
        } = record;
        let mut add =
            |item: &str, value: String| self.add("orthomosaic", &format!("{name}: {item}"), value);
        add("path", path.display().to_string());
        add("size px", format!("{} x {}", size.width, size.height));
        add("gsd m", format!("{:.6} x {:.6}", gsd_m[0], gsd_m[1]));
        add("crs", crs.to_string());
        add("bands read as red, green, blue", format!("{bands:?}"));
        add("values", values.clone());
        add("read with", read_as.to_string());
        add("format", format.clone());
        add("ground without image", validity.clone());
        add("sha256", digest.to_string());
    }

    fn surface_model(&mut self, record: &RunRecord) {
        let Some(surface) = &record.surface_model else { return };
        self.add("surface model", "path", surface.path.display());
        for (orthomosaic, gsd_m, share) in &surface.under {
            self.add("surface model", &format!("{orthomosaic}: gsd m"), format!("{gsd_m:.6}"));
            let covered = format!("{:.0} % of its extent", share * 100.0);
            self.add("surface model", &format!("{orthomosaic}: covered"), covered);
        }
        self.add("surface model", "sha256", &surface.digest);
    }

    fn model(&mut self, record: &ModelRecord, point: OperatingPoint) {
        let name = &record.name;
        let mut add =
            |item: &str, value: String| self.add("model", &format!("{name}: {item}"), value);
        add("version", record.version.clone());
        add("sha256", record.sha256.clone());
        if record.weight_files.len() > FILES {
            add("weights", format!("in {} files, which sha256 covers", record.weight_files.len()));
        } else {
            record
                .weight_files
                .iter()
                .for_each(|(file, digest)| add(&format!("weights in {file}"), digest.clone()));
        }
        let [mean, std] = record.normalisation;
        add("mean, deviation of colours", format!("{mean:?}, {std:?}"));
        for (setting, why) in &record.unused_settings {
            add(&format!("setting not used: {setting}"), why.clone());
        }
        add("licence", record.licence.clone());
        add("training data", record.training_data.join("; "));
        add("layout", record.layout.clone());
        if !record.ignored_outputs.is_empty() {
            add("outputs left out", record.ignored_outputs.join(", "));
        }
        add("gsd m", record.gsd_m.to_string());
        add("tile px, halo px", format!("{}, {}", record.tile_px, record.halo_px));
        let thresholds: Vec<_> = record
            .thresholds
            .iter()
            .map(|(class, threshold)| format!("{class} {threshold}"))
            .collect();
        add("thresholds", thresholds.join("; "));
        add("operating point", record.told_at(point));
        add("runs on", record.provider.clone());
    }

    fn passes(&mut self, record: &RunRecord) {
        for pass in &record.passes {
            let name = format!("{} by {}", pass.orthomosaic, pass.model);
            self.add("tiles", &name, pass.tiles);
            if let Some(heights) = &pass.heights {
                self.add("heights", &name, heights.told(pass.tiles));
            }
        }
        for found in &record.out_of_reach {
            let name = format!("{} by {}: {}", found.orthomosaic, found.model, found.class);
            let text = format!(
                "{} {} in pixels too coarse for the class: no features",
                found.detections,
                plural(found.detections, "detection")
            );
            self.add("out of reach", &name, text);
        }
    }

    /// Those of one subject on one thing in one row.
    fn notices(&mut self, record: &RunRecord) {
        for notice in &record.notices {
            let section = notice.subject.section();
            match self.0.iter_mut().find(|(of, name, _)| *of == section && *name == notice.of) {
                Some((.., text)) => *text = format!("{text}; {}", notice.text),
                None => self.add(section, &notice.of, &notice.text),
            }
        }
    }
}

impl Subject {
    fn section(self) -> &'static str {
        match self {
            Subject::File => "notices",
            Subject::Colours => "colours",
            Subject::Heights => "heights",
            Subject::Overlap => "overlap",
            Subject::OperatingPoint => "operating point",
            Subject::Kernels => "kernels",
            Subject::LandUse => "land use",
            Subject::Front => "front",
        }
    }
}

impl HeightTally {
    /// In how many of its tiles a model had heights, for people.
    pub fn told(&self, tiles: u32) -> String {
        let Self { surface_model, known, unreadable, cause } = self;
        let mut text = format!("{surface_model} in {known} of {tiles} tiles");
        if let Some(cause) = cause {
            text += &format!("; not readable in {unreadable}: colours alone there ({cause})");
        }
        text
    }
}

impl fmt::Display for FileDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileDigest::Sha256(hex) => f.write_str(hex),
            FileDigest::Failed(cause) => f.write_str(cause),
            FileDigest::Stopped => f.write_str("not computed: stopped"),
        }
    }
}
