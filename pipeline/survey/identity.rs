//! What makes two runs the same survey: all that can change its result.

use rams_domain::{
    DoctrineRecord, EvidenceFileRecord, ModelRecord, OrthomosaicRecord, RunRecord, Software,
    SurfaceModelRecord,
};
use rams_tile::{Fingerprint, Print};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Names and values. It holds on any machine: paths, times, the number of threads and what only the
/// end of a run tells are left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunIdentity(Vec<(String, String)>);

/// How a survey was begun: what it is, and how its files looked on this machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Beginning {
    pub(crate) identity: RunIdentity,
    /// A file that was touched may have been written to where no sample was taken.
    files: Vec<(String, String)>,
}

impl RunIdentity {
    /// Of a run with its record as it is before the first tile, and the rasters that it reads, in
    /// the order of the record. The fields are taken apart one by one, so that a new one is not
    /// forgotten.
    pub(crate) fn of(record: &RunRecord, rasters: &[Fingerprint]) -> Self {
        let RunRecord {
            software: Software { rams, build, onnxruntime },
            orthomosaics,
            surface_model,
            overlaps,
            models,
            doctrine: DoctrineRecord { name, version, sha256, notes: _ },
            // Drawn anew from the same features.
            left_out: _,
            evidence,
            drawings: _,
            areas_sha256: _,
            timing: _,
            threads: _,
            passes: _,
            // What models saw is the same at every point.
            operating_point: _,
            site_calibration: _,
            out_of_reach: _,
            crowds: _,
            // What they say follows from the rest.
            notices: _,
        } = record;
        let mut items = Items(vec![]);
        items.add("software rams", rams);
        items.add("software build", build);
        items.add("software onnxruntime", onnxruntime);
        orthomosaics.iter().for_each(|orthomosaic| items.orthomosaic(orthomosaic));
        if let Some(SurfaceModelRecord { path: _, under, digest: _ }) = surface_model {
            items.add("surface model under", &format!("{under:?}"));
        }
        for raster in rasters {
            // By their place among the files of a raster: their paths are of one machine.
            for (number, print) in raster.files.iter().enumerate() {
                let name = raster.files[0].path.file_name().unwrap_or_default().to_string_lossy();
                items.add(&format!("content of {name}, file {}", number + 1), &content(print));
            }
        }
        items.add("overlap of", &format!("{overlaps:?}"));
        models.iter().for_each(|model| items.model(model));
        items.add("doctrine", &format!("{name} {version}"));
        items.add("doctrine sha256", sha256);
        for EvidenceFileRecord { path, outcome, kept_out: _, digest, is_limit: _ } in evidence {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            items.add(&format!("evidence {name}"), outcome.as_deref().unwrap_or_default());
            items.add(&format!("evidence {name}: sha256"), &digest.to_string());
        }
        Self(items.0)
    }

    /// What is not as in another run, one line each.
    pub(crate) fn differences(&self, now: &Self) -> Vec<String> {
        differences(&self.0, &now.0)
    }

    /// What the run of a part has that the whole does not; how its orthomosaics lie to those that
    /// it lacks is not among it.
    pub(crate) fn not_in(&self, whole: &Self) -> Vec<String> {
        const OF_ALL: [&str; 2] = ["overlap of", "surface model under"];
        let own = self.0.iter().filter(|item| !OF_ALL.contains(&item.0.as_str()));
        let missing = own.filter(|item| !whole.0.contains(item));
        let planned = |name: &str| whole.0.iter().find(|(other, _)| other == name);
        let planned = |name: &str| planned(name).map(|(_, value)| value);
        missing.map(|(name, value)| difference(name, planned(name), "here", Some(value))).collect()
    }

    /// All but the rules by which areas are drawn and what others know: what models see is the
    /// same.
    pub(crate) fn of_detections(&self) -> Self {
        const OF_AREAS: [&str; 3] = ["doctrine", "evidence ", "overlap of"];
        let is_of_areas = |name: &str| OF_AREAS.iter().any(|start| name.starts_with(start));
        Self(self.0.iter().filter(|(name, _)| !is_of_areas(name)).cloned().collect())
    }

    /// The execution provider with which a model ran.
    pub(crate) fn provider(&self, model: &str) -> Option<&str> {
        let wanted = format!("model {model}: runs on");
        self.0.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.as_str())
    }
}

struct Items(Vec<(String, String)>);

impl Items {
    fn add(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), value.to_owned()));
    }

    fn orthomosaic(&mut self, record: &OrthomosaicRecord) {
        let OrthomosaicRecord {
            name,
            path: _,
            size,
            gsd_m,
            crs,
            bands,
            values,
            read_as,
            format,
            validity,
            digest: _,
        } = record;
        let mut add =
            |item: &str, value: String| self.add(&format!("orthomosaic {name}: {item}"), &value);
        add("size px", format!("{} x {}", size.width, size.height));
        add("gsd m", format!("{gsd_m:?}"));
        add("crs", format!("{crs}\n{}", crs.wkt));
        add("bands", format!("{bands:?}"));
        add("values", values.clone());
        add("read with", read_as.to_string());
        add("format", format.clone());
        add("ground without image", validity.clone());
    }

    fn model(&mut self, record: &ModelRecord) {
        let ModelRecord {
            name,
            version,
            sha256,
            weight_files,
            normalisation,
            unused_settings: _,
            licence: _,
            training_data: _,
            layout,
            ignored_outputs,
            gsd_m,
            tile_px,
            halo_px,
            thresholds,
            measured: _,
            labels: _,
            provider,
            provider_reason: _,
            manifest_sha256,
        } = record;
        let mut add =
            |item: &str, value: String| self.add(&format!("model {name}: {item}"), &value);
        add("version", version.clone());
        add("sha256", sha256.clone());
        weight_files
            .iter()
            .for_each(|(file, digest)| add(&format!("weights in {file}"), digest.clone()));
        add("model.toml sha256", manifest_sha256.clone().unwrap_or_default());
        add("mean, deviation of colours", format!("{normalisation:?}"));
        add("layout", layout.clone());
        add("outputs left out", ignored_outputs.join(", "));
        add("gsd m", gsd_m.to_string());
        add("tile px, halo px", format!("{tile_px}, {halo_px}"));
        for (class, threshold) in thresholds {
            add(&format!("threshold {class}"), threshold.to_string());
        }
        add("runs on", provider.clone());
    }
}

impl Beginning {
    /// Of a run with its identity and the rasters that it reads.
    pub(crate) fn new(identity: RunIdentity, rasters: &[Fingerprint]) -> Self {
        let files = rasters.iter().flat_map(|raster| &raster.files);
        let files =
            files.map(|print| (format!("file {}", print.path.display()), state(print))).collect();
        Self { identity, files }
    }

    /// What is not as it was, one line each; empty if the two are the same. Files may lie elsewhere
    /// now, if they are the same to the last sample.
    pub(crate) fn differences(&self, now: &Self) -> Vec<String> {
        let mut differences = differences(&self.identity.0, &now.identity.0);
        let is_there =
            |(path, _): &&(String, String)| now.files.iter().any(|(other, _)| other == path);
        let was: Vec<_> = self.files.iter().filter(is_there).cloned().collect();
        let is_known = |(path, _): &&(String, String)| was.iter().any(|(other, _)| other == path);
        let is: Vec<_> = now.files.iter().filter(is_known).cloned().collect();
        differences.extend(self::differences(&was, &is));
        if differences.is_empty() && self.identity != now.identity {
            differences.push("the order in which inputs or models are given".into());
        }
        differences
    }
}

/// Values that differ, one line each.
pub(crate) fn differences(was: &[(String, String)], is: &[(String, String)]) -> Vec<String> {
    let by_name = |items: &[(String, String)]| -> BTreeMap<String, String> {
        items.iter().cloned().collect()
    };
    let (before, now) = (by_name(was), by_name(is));
    let mut differences: Vec<String> = vec![];
    for (name, _) in was.iter().chain(is).filter(|(name, _)| before.get(name) != now.get(name)) {
        let line = difference(name, before.get(name), "now", now.get(name));
        if !differences.contains(&line) {
            differences.push(line);
        }
    }
    differences
}

/// A value that differs, in a line. Of a CRS, whose well-known text follows its name, the name.
fn difference(name: &str, was: Option<&String>, when: &str, is: Option<&String>) -> String {
    let [was, is] = [was, is]
        .map(|value| value.map_or("none", |value| value.lines().next().unwrap_or("empty")));
    let is = if was == is { "one of that name that is defined otherwise" } else { is };
    format!("{name}: {was}, {when} {is}")
}

/// What a file holds, as far as its samples tell.
fn content(print: &Print) -> String {
    print
        .bytes
        .map_or("not there".into(), |bytes| format!("{bytes} bytes, digest {}", print.samples))
}

/// How a file looks on this machine.
fn state(print: &Print) -> String {
    let Some(bytes) = print.bytes else { return "not there".into() };
    let changed = print.modified_ns.and_then(|ns| jiff::Timestamp::from_nanosecond(ns.into()).ok());
    let changed = changed.map_or("an unknown time".into(), |time| time.to_string());
    format!("{bytes} bytes of {changed}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rams_domain::Timing;
    use std::path::PathBuf;

    fn beginning(items: &[(&str, &str)], files: &[(&str, &str)]) -> Beginning {
        let owned = |items: &[(&str, &str)]| {
            items.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
        };
        Beginning { identity: RunIdentity(owned(items)), files: owned(files) }
    }

    #[test]
    fn what_differs_is_named_with_both_values() {
        let was = beginning(
            &[("model a: sha256", "11"), ("size", "1")],
            &[("file b.tif", "9 bytes of today")],
        );
        assert_eq!(was.differences(&was), [""; 0]);
        let now = beginning(
            &[("model a: sha256", "22"), ("size", "1")],
            &[("file b.tif", "9 bytes of yesterday")],
        );
        assert_eq!(
            was.differences(&now),
            [
                "model a: sha256: 11, now 22",
                "file b.tif: 9 bytes of today, now 9 bytes of yesterday"
            ]
        );
        let of_crs = |text| beginning(&[("orthomosaic a: crs", text)], &[]);
        let was = of_crs("WGS 84 (EPSG:4326)\nGEOGCS[]");
        assert_eq!(
            was.differences(&of_crs("UTM (EPSG:32633)\nPROJCS[]")),
            ["orthomosaic a: crs: WGS 84 (EPSG:4326), now UTM (EPSG:32633)"]
        );
        let told = "now one of that name that is defined otherwise";
        assert_eq!(
            was.differences(&of_crs("WGS 84 (EPSG:4326)\nGEOGCRS[]")),
            [format!("orthomosaic a: crs: WGS 84 (EPSG:4326), {told}")]
        );
        let was = beginning(&[("model a: sha256", "11"), ("size", "1")], &[]);
        let turned = beginning(&[("size", "1"), ("model a: sha256", "11")], &[]);
        assert_eq!(was.differences(&turned), ["the order in which inputs or models are given"]);
    }

    #[test]
    fn another_place_and_time_is_the_same_survey_and_other_content_is_not() {
        let record = |folder: &str, begun: &str| RunRecord {
            timing: Timing { runs: vec![begun.into()], ..Timing::default() },
            threads: begun.len(),
            evidence: vec![EvidenceFileRecord {
                path: PathBuf::from(folder).join("reports.csv"),
                outcome: Some("3 rows".into()),
                kept_out: 0,
                digest: rams_domain::FileDigest::Sha256("00".into()),
                is_limit: false,
            }],
            ..RunRecord::default()
        };
        let raster = |folder: &str, modified_ns: u64, samples: &str| {
            let path = PathBuf::from(folder).join("a.tif");
            let print = Print {
                path,
                bytes: Some(9),
                modified_ns: Some(modified_ns),
                samples: samples.to_owned(),
            };
            vec![Fingerprint { files: vec![print] }]
        };
        let begin = |folder: &str, begun: &str, modified_ns: u64, samples: &str| {
            let rasters = raster(folder, modified_ns, samples);
            Beginning::new(RunIdentity::of(&record(folder, begun), &rasters), &rasters)
        };
        let was = begin("here", "2026", 1, "ab");
        let elsewhere = begin("there", "2027-01", 2, "ab");
        assert_eq!(was.identity, elsewhere.identity);
        assert_eq!(was.differences(&elsewhere), [""; 0]);
        assert_eq!(
            was.differences(&begin("here", "2026", 2, "ab")).len(),
            1,
            "it was touched here"
        );
        let other = was.differences(&begin("there", "2026", 1, "cd"));
        assert_eq!(other, ["content of a.tif, file 1: 9 bytes, digest ab, now 9 bytes, digest cd"]);
    }
}
