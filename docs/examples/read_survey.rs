//! Reads a survey: its areas, what was not assessed, and what made it.
//!
//!     cargo run --example read_survey -- FOLDER

use std::{collections::BTreeMap, env, error::Error, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args_os().nth(1).map(PathBuf::from).ok_or("give the folder of a survey")?;
    // As people left it: outlines and figures are put in order, and what that changed is said.
    let (survey, notices) = rams_store::read(&folder)?;
    notices.iter().for_each(|notice| eprintln!("{notice}"));

    for area in &survey.hazard_areas {
        println!(
            "{}: {}, {:.1} m², threat {}",
            area.id, area.eo_category, area.area_m2, area.threat
        );
    }
    let mut gaps: BTreeMap<String, f64> = BTreeMap::new();
    for gap in &survey.gaps {
        *gaps.entry(gap.reason.to_string()).or_default() += gap.area_m2;
    }
    for (reason, area_m2) in gaps {
        println!("not assessed for some class, {reason}: {area_m2:.1} m²");
    }
    for model in &survey.record.models {
        println!("made with {} {} on {}", model.name, model.version, model.provider);
    }
    Ok(())
}
