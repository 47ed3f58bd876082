//! The survey as a set that IMSMA Core (ArcGIS) takes: GeoJSON and CSV in WGS 84 with its ids,
//! links and enumerations.

use crate::Halt;
use crate::cell::Cell;
use crate::evidence_points::{Surroundings, centre, position};
use crate::job::Job;
use crate::record::{self, Record};
use crate::sheet::Sheet;
use crate::turning_points::{self, has_perimeter, is_indication};
use crate::{areas, readme, sheet};
use activity::Activity;
use ids::Ids;
pub(crate) use ids::PREFIX;
use rams_store::{Source, is_spot};
use std::collections::{HashMap, HashSet};

mod activity;
mod ids;
mod mapping;
mod spots;

pub(crate) use spots::spots;

const ABOUT: &str = include_str!("imsma/about.txt");

/// What no one has judged yet: F of A-F for the source, 6 of 1-6 for the information.
const NOT_JUDGED: [&str; 2] = ["F", "6"];

/// Kinds of other evidence that are evidence points; land use, districts and the like are not.
const EVIDENCE: [&str; 4] = ["accident", "incident", "minefield_record", "witness"];

/// IMSMA's class of ordnance that is recorded at a point.
const SPOT: &str = "EOD spot task";

const HEAD: [&str; 9] = [
    "imsma_id",
    "imsma_links",
    "name",
    "land_class",
    "status",
    "evidence_of_contamination",
    "information_reliability",
    "source_reliability",
    "device_category",
];

const AREA: [&str; 16] = [
    "threat",
    "confidence",
    "tier",
    "area_m2",
    "assessed_share",
    "beyond_imagery_m2",
    "released_m2",
    "rows",
    "front_unknown",
    "front_deg",
    "doctrine",
    "doctrine_version",
    "doctrine_digest",
    "rationale",
    "fade_out_m",
    "position_accuracy_m",
];

const POINT: [&str; 10] = [
    "evidence_type",
    "indicator",
    "confidence",
    "longitude",
    "latitude",
    "position_accuracy_m",
    "position_accuracy_note",
    "fade_out_m",
    "length_m",
    "source",
];

/// Of a row of a review: an id for ArcGIS that never changes, and what an area was made of.
const REVIEW: [&str; 2] = ["guid", "parents"];

pub(crate) fn make(job: &Job<'_>) -> Result<Vec<String>, Halt> {
    let set = Set::read(job)?;
    let [hazards, indications, envelopes] = set.areas();
    let points = set.points();
    let turning = turning_points::sheet(&set.areas, |area| set.ids.of(&area.value("id")));
    let mut names = Vec::new();
    for sheet in [&hazards, &points, &indications, &envelopes, &set.not_assessed()] {
        let name = name_of(job, sheet.name, "geojson");
        sheet.write_geojson(&job.draft.path(&name))?;
        names.push(name);
    }
    for sheet in [&hazards, &points, &turning] {
        let name = name_of(job, sheet.name, "csv");
        sheet.write_csv(&job.draft.path(&name))?;
        names.push(name);
    }
    names.push(readme::write(job, &[ABOUT, turning_points::ABOUT, sheet::ABOUT].join("\n"))?);
    Ok(names)
}

/// Name of a file of the set.
pub(crate) fn name_of(job: &Job<'_>, sheet: &str, extension: &str) -> String {
    format!("{}_{sheet}.{extension}", job.set())
}

/// Which of the other evidence is evidence points: what areas stand on.
pub(crate) fn evidence_of(areas: &[Record]) -> impl Fn(&Record) -> bool + use<> {
    let used: HashSet<String> =
        areas.iter().flat_map(|area| area.list("external_evidence")).collect();
    move |external| {
        EVIDENCE.contains(&external.value("kind").as_str()) && used.contains(&external.value("id"))
    }
}

/// The survey and what every row of the set says of it.
struct Set {
    areas: Vec<Record>,
    features: Vec<Record>,
    external: Vec<Record>,
    /// Of areas that are recorded by points and on which no evidence point stands.
    spots: Vec<Record>,
    gaps: Vec<Record>,
    ids: Ids,
    activity: Activity,
    /// Whether people decided on it.
    is_reviewed: bool,
}

impl Set {
    fn read(job: &Job<'_>) -> Result<Self, Halt> {
        let areas = record::records(&job.source, "hazard_areas")?;
        let mut external = record::records(&job.source, "external_evidence")?;
        external.retain(evidence_of(&areas));
        let external: Vec<Record> = external.into_iter().flat_map(Record::places).collect();
        let ids = Ids::new(&job.source.record);
        let activity = Activity::new(&job.source, &areas);
        let is_reviewed = !job.source.review.is_empty();
        let features = match job.source.left_out.areas {
            0 => record::places(&job.source, "features")?,
            // What is left out of a set makes nothing else of its points.
            _ => record::places(&Source::open(job.dir)?, "features")?,
        };
        let spots = spots::of(&areas, &features, &external);
        let gaps = record::records(&job.source, "gaps")?;
        Ok(Self { areas, features, external, spots, gaps, ids, activity, is_reviewed })
    }

    /// Ids of the points that stand for a row of the map, by its id: of those that are parts of it.
    fn parts(&self) -> HashMap<String, Vec<String>> {
        let mut parts: HashMap<String, Vec<String>> = HashMap::new();
        for point in self.features.iter().chain(&self.external).chain(&self.spots) {
            let (id, on_map) = (point.value("id"), point.id_on_map());
            if id != on_map {
                parts.entry(on_map).or_default().push(id);
            }
        }
        parts
    }

    /// SHAs by their perimeters, indications, and the envelopes of evidence points.
    fn areas(&self) -> [Sheet; 3] {
        let header = [&HEAD[..], &AREA, &areas::PLACES, &Activity::HEADER, self.review()].concat();
        let mut sheets = ["hazard_areas", "indications", "indicative_envelopes"]
            .map(|name| Sheet::new(name, &header));
        let parts = self.parts();
        for area in &self.areas {
            let (sheet, class) = match (is_indication(area), has_perimeter(area)) {
                (true, _) => (1, "Indication"),
                (false, true) => (0, "SHA"),
                (false, false) => (2, "indicative"),
            };
            let sheet = &mut sheets[sheet];
            let external = area.list("external_evidence");
            let external =
                self.external.iter().filter(|record| external.contains(&record.id_on_map()));
            // That of the best of the other evidence, where it stands on any.
            let levels = external.clone().map(|record| reliability(&record.value("reliability")));
            let reliability = levels.min_by(|a, b| (&a[1], &a[0]).cmp(&(&b[1], &b[0])));
            let reliability = reliability.unwrap_or(NOT_JUDGED.map(str::to_owned));
            let features = area.list("features").into_iter();
            let features =
                features.flat_map(|id| parts.get(&id).cloned().unwrap_or_else(|| vec![id]));
            let links: Vec<String> = features
                .chain(external.map(|record| record.value("id")))
                .chain(parts.get(&area.value("id")).into_iter().flatten().cloned())
                .collect();
            let mut row = self.head(area, &links, class, evidence_of_area(area), reliability);
            row.extend(AREA.map(|field| area.cell(field)));
            row.extend(areas::places(area));
            row.extend(self.activity.cells(area));
            row.extend(self.review().iter().map(|field| area.cell(field)));
            sheet.rows.push(row);
            sheet.shapes.push(area.geometry.clone());
        }
        sheets
    }

    /// Features, the other evidence that an area stands on, and points of areas without either.
    fn points(&self) -> Sheet {
        let header = [&HEAD[..], &POINT, &Activity::HEADER, self.review()].concat();
        let mut sheet = Sheet::new("evidence_points", &header);
        let around = Surroundings::of(&self.areas);
        let areas: HashSet<String> = self.areas.iter().map(|area| area.value("id")).collect();
        for feature in &self.features {
            let mut links = feature.list("hazard_areas");
            let class = match (is_spot(&feature.value("eo_category")), links.is_empty()) {
                (true, _) => SPOT,
                (false, true) => "Indication",
                (false, false) => "",
            };
            links.retain(|id| areas.contains(id));
            let (evidence, source) = match feature.value("observation").as_str() {
                "" => ("Indirect", "model output, not confirmed".to_owned()),
                observation => ("Direct", format!("model output; {observation} in the imagery")),
            };
            let head = self.head(feature, &links, class, evidence, NOT_JUDGED.map(str::to_owned));
            let metres = [around.accuracy(feature), around.fade_out(&links)];
            let kind =
                [feature.cell("class"), feature.cell("indicator"), feature.cell("confidence")];
            self.point(&mut sheet, feature, head, kind, metres, &source);
        }
        let mapping = mapping::of(&self.areas, &self.external);
        for external in &self.external {
            let id = external.id_on_map();
            let areas =
                self.areas.iter().filter(|area| area.list("external_evidence").contains(&id));
            let links: Vec<String> = areas.map(|area| area.value("id")).collect();
            let kind = external.value("kind");
            let evidence = mapping.get(&kind).copied().unwrap_or("Not Specified");
            let levels = reliability(&external.value("reliability"));
            let class = if is_spot(&external.value("eo_category")) { SPOT } else { "" };
            let head = self.head(external, &links, class, evidence, levels);
            let source =
                [external.value("name"), external.value("date"), external.value("file")].join("; ");
            let metres = [external.cell("position_accuracy_m"), around.fade_out(&links)];
            let kind = [Cell::text(kind), Cell::Empty, Cell::Empty];
            self.point(&mut sheet, external, head, kind, metres, &source);
        }
        for spot in &self.spots {
            let head = self.head(
                spot,
                &[spot.id_on_map()],
                SPOT,
                evidence_of_area(spot),
                NOT_JUDGED.map(str::to_owned),
            );
            let kind = [Cell::text("area"), Cell::Empty, spot.cell("confidence")];
            let source = format!("a point in the area, no find; {}", spot.value("rationale"));
            let metres = [Cell::Empty, spot.cell("fade_out_m")];
            self.point(&mut sheet, spot, head, kind, metres, &source);
        }
        sheet
    }

    fn point(
        &self,
        sheet: &mut Sheet,
        of: &Record,
        head: Vec<Cell>,
        kind: [Cell; 3],
        metres: [Cell; 2],
        source: &str,
    ) {
        let Some(at) = centre(&of.geometry) else { return };
        let [accuracy, fade_out] = metres;
        let note = if accuracy == Cell::Empty { "not known: no one stated it" } else { "" };
        let mut row = head;
        row.extend(kind);
        row.extend(position(of));
        row.extend([accuracy, Cell::text(note), fade_out, of.cell("length_m"), Cell::text(source)]);
        row.extend(self.activity.cells(of));
        row.extend(self.review().iter().map(|field| of.cell(field)));
        sheet.rows.push(row);
        sheet.shapes.push(at.into());
    }

    /// What people decided in a review; this software may never decide itself.
    fn status(&self, of: &Record) -> Cell {
        match of.value("status") {
            status if self.is_reviewed && !status.is_empty() => Cell::text(status),
            _ => Cell::text("candidate"),
        }
    }

    /// What a review adds to each row.
    fn review(&self) -> &'static [&'static str] {
        if self.is_reviewed { &REVIEW } else { &[] }
    }

    /// Ground that was not assessed: not land of any class, but no map is whole without it.
    fn not_assessed(&self) -> Sheet {
        const FIELDS: [&str; 6] =
            ["reason", "classes", "model", "orthomosaic", "detail", "area_m2"];
        let mut sheet = Sheet::new("not_assessed", &FIELDS);
        for gap in &self.gaps {
            sheet.rows.push(FIELDS.map(|field| gap.cell(field)).to_vec());
            sheet.shapes.push(gap.geometry.clone());
        }
        sheet
    }

    /// Cells of [`HEAD`].
    fn head(
        &self,
        of: &Record,
        links: &[String],
        class: &str,
        evidence: &str,
        reliability: [String; 2],
    ) -> Vec<Cell> {
        let name = of.value("id");
        let links: Vec<String> = links.iter().map(|id| self.ids.of(id)).collect();
        let [source, information] = reliability;
        vec![
            Cell::text(self.ids.of(&name)),
            Cell::text(links.join(",")),
            Cell::text(name),
            Cell::text(class),
            self.status(of),
            Cell::text(evidence),
            Cell::text(information),
            Cell::text(source),
            of.cell("eo_category"),
        ]
    }
}

fn evidence_of_area(area: &Record) -> &'static str {
    if area.value("evidence") == "direct" { "Direct" } else { "Indirect" }
}

/// `B2` as its two levels; what is not known cannot be judged.
fn reliability(text: &str) -> [String; 2] {
    let mut letters = text.chars();
    let source = letters.next().filter(|source| ('A'..='F').contains(source));
    let information = letters.next().filter(|level| ('1'..='6').contains(level));
    let or =
        |level: Option<char>, otherwise: &str| level.map_or(otherwise.to_owned(), String::from);
    [or(source, NOT_JUDGED[0]), or(information, NOT_JUDGED[1])]
}
