//! Seeds -> simulated fields, the areas drawn in them, and how good those are.

mod draw;

use crate::{
    args::{FieldsArgs, FieldsConfig},
    output::{create_folder, print, write, write_all},
    terminal,
};
use geo::{Euclidean, Length};
use rams_delineate::{Basis, Delineation, Doctrine};
use rams_domain::{Indicator, RunRecord};
use rams_evaluate::{AreaField, AreasEvaluation, DrawnField, FieldOutcome, TrueOrdnance};
use rams_scene::{Field, Laid, TrueItem};
use rayon::prelude::*;
use serde::Serialize;
use std::{fmt, process::ExitCode, sync::LazyLock};

/// Runs the command.
pub(crate) fn run(args: FieldsArgs) -> anyhow::Result<ExitCode> {
    let json = args.json;
    let config = args.resolve()?;
    let report = fields(&config)?;
    config.out.map(|folder| write_all(&folder, report.files()?)).transpose()?;
    print(&if json { serde_json::to_string_pretty(&report)? } else { report.to_string() })?;
    Ok(ExitCode::SUCCESS)
}

/// The evaluation, and what it stands on.
#[derive(Serialize)]
struct FieldsReport {
    /// First and last seed.
    seeds: [u64; 2],
    /// Name and version of the distributions.
    distributions: String,
    /// Name, version and digest of each doctrine.
    doctrines: Vec<[String; 3]>,
    /// Features of all fields.
    features: usize,
    evaluation: AreasEvaluation,
    #[serde(skip)]
    csv: String,
}

/// Simulates fields, draws areas in them and judges these.
fn fields(config: &FieldsConfig) -> anyhow::Result<FieldsReport> {
    if let Some(folder) = &config.out {
        create_folder(folder)?;
    }
    let (first, last) = (*config.seeds.start(), *config.seeds.end());
    let bar = terminal::bar((last - first).saturating_add(1), "fields");
    let one = |seed: u64| -> anyhow::Result<(usize, FieldOutcome)> {
        let field = Field::new(seed, &config.spec);
        let draw = |(_, doctrine): &(String, Doctrine)| {
            let drawn = rams_delineate::delineate(&basis(&field), doctrine);
            let Delineation { hazard_areas, indication_belts, .. } = drawn;
            DrawnField { hazard_areas, indication_belts }
        };
        let drawn: Vec<DrawnField> = config.doctrines.iter().map(draw).collect();
        if let Some(folder) = config.out.as_ref().filter(|_| config.draw) {
            write(&folder.join(format!("field-{seed}.svg")), draw::svg(&field, &drawn[0]))?;
        }
        let outcome = judge(&field, &drawn);
        bar.inc(1);
        Ok((field.features.len(), outcome))
    };
    let all = config
        .seeds
        .clone()
        .collect::<Vec<u64>>()
        .into_par_iter()
        .map(one)
        .collect::<Result<Vec<_>, _>>();
    bar.finish_and_clear();
    let all = all?;
    let (counts, outcomes): (Vec<usize>, Vec<FieldOutcome>) = all.into_iter().unzip();
    let names: Vec<String> = config.doctrines.iter().map(|(name, _)| name.clone()).collect();
    let reference = |(_, doctrine): &(String, Doctrine)| {
        let of = &doctrine.reference;
        [of.name.clone(), of.version.clone(), of.digest.clone()]
    };
    Ok(FieldsReport {
        seeds: [first, last],
        distributions: format!("{} {}", config.spec.name, config.spec.version),
        doctrines: config.doctrines.iter().map(reference).collect(),
        features: counts.iter().sum(),
        evaluation: AreasEvaluation::of(&names, &outcomes),
        csv: AreasEvaluation::csv(&names, &outcomes),
    })
}

fn basis(field: &Field) -> Basis<'_> {
    Basis {
        features: &field.features,
        external_evidence: &[],
        assessed: &field.assessed,
        gaps: &[],
        ground: &field.ground,
        record: &UNNAMED,
    }
}

/// Fields have no models whose record says what classes are called.
static UNNAMED: LazyLock<RunRecord> = LazyLock::new(RunRecord::default);

/// The truth of a field against areas drawn in it.
fn judge(field: &Field, drawn: &[DrawnField]) -> FieldOutcome {
    let group = |item: &TrueItem| match (item.laid, item.hidden) {
        (Laid::Row, false) => "in rows",
        (Laid::Row, true) => "in rows, hidden",
        (Laid::Single, false) => "single",
        (Laid::Single, true) => "single, hidden",
        (Laid::Scattered, false) => "scattered",
        (Laid::Scattered, true) => "scattered, hidden",
    };
    let ordnance = |item: &TrueItem| TrueOrdnance {
        at: item.at,
        eo_category: item.eo_category,
        group: group(item),
    };
    let items: Vec<TrueOrdnance> = field.truth.items.iter().map(ordnance).collect();
    let trenches =
        field.truth.earthworks.iter().filter(|(indicator, _)| *indicator == Indicator::TrenchFire);
    let area_field = AreaField {
        name: &field.seed.to_string(),
        extent: field.extent(),
        // Both models saw the same ground.
        assessed: &field.assessed[0].boundary,
        items: &items,
        mined: &field.truth.mined,
        trench_m: trenches.map(|(_, line)| Euclidean.length(line)).sum(),
        front_deg: field.truth.front_deg,
        features: &field.features,
    };
    area_field.outcome(drawn)
}

impl fmt::Display for FieldsReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, last] = self.seeds;
        writeln!(
            f,
            "Simulated fields, seeds {first} to {last}, distributions {}, {} features",
            self.distributions, self.features
        )?;
        for [name, version, digest] in &self.doctrines {
            writeln!(f, "Doctrine: {name} {version}, sha256 {digest}")?;
        }
        write!(
            f,
            "{}\nSimulated ground: these figures compare ways of drawing areas; they promise \
             nothing of real ground.",
            self.evaluation
        )
    }
}

impl FieldsReport {
    /// `evaluation.json`, `areas.csv` and the plots.
    fn files(&self) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
        let mut files = vec![
            ("evaluation.json".to_owned(), serde_json::to_string_pretty(self)?.into_bytes()),
            ("areas.csv".to_owned(), self.csv.clone().into_bytes()),
        ];
        files.extend(self.evaluation.plots()?.into_iter().flat_map(rams_evaluate::Plot::files));
        Ok(files)
    }
}
