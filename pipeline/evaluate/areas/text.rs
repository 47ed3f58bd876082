//! The figures as people read them, and as tables for programs.

use super::format::{calibration, interval, number, percent};
use super::{AreaRow, AreasEvaluation, CategoryFigures, DoctrineFigures, FieldOutcome};
use rams_domain::plural;
use std::fmt;

impl fmt::Display for AreasEvaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let truth = self.methods().next().map(|method| &method.mines);
        let (mines, ha) = truth.map_or((0, 0.0), |mines| (mines.mines, mines.true_m2 / 1e4));
        writeln!(
            f,
            "{} {}, {:.1} km2: {mines} mines on {ha:.1} ha of true mined ground\n",
            self.fields,
            plural(self.fields, "field"),
            self.km2
        )?;
        writeln!(
            f,
            "Mines inside an area of their category, and ground of areas over true mined ground, \
             both on"
        )?;
        writeln!(
            f,
            "assessed ground. All: whatever the confidence. At 95 %: at the confidence that keeps \
             95 % inside.\n"
        )?;
        writeln!(
            f,
            "| drawn by | mines | all: inside | ratio | areas per km2 | at 95 %: ratio | \
             confidence |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|")?;
        for method in self.methods() {
            let categories = method
                .by_category
                .iter()
                .map(|(category, figures)| (category.to_string(), figures));
            for (category, figures) in
                [("all".to_owned(), &method.mines)].into_iter().chain(categories)
            {
                let all = figures.steps.first();
                let interval = method.at_95_interval.filter(|_| category == "all");
                let interval = interval
                    .map_or_else(String::new, |[low, high]| format!(" [{low:.2}, {high:.2}]"));
                let (ratio, confidence) = match figures.at_95 {
                    Some(at) => {
                        (format!("{:.2}{interval}", at.ratio), format!("{:.3}", at.confidence))
                    }
                    None => ("not reached".into(), "-".into()),
                };
                writeln!(
                    f,
                    "| {} | {category} | {} | {} | {} | {ratio} | {confidence} |",
                    method.name,
                    percent(all.and_then(|step| step.inside)),
                    number(all.and_then(|step| step.ratio), 2),
                    number(all.and_then(|step| step.areas_per_km2), 1),
                )?;
            }
        }
        self.doctrines.iter().try_for_each(|doctrine| write!(f, "\n{doctrine}"))
    }
}

impl fmt::Display for DoctrineFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", self.method.name)?;
        curve(f, &self.method.mines)?;
        self.boundaries(f)?;
        self.groups(f)?;
        self.land_classes(f)?;
        self.tiers(f)?;
        self.levels(f)?;
        calibration(f, "areas of mines", self.calibration_mines.as_ref())?;
        calibration(f, "envelopes of submunitions", self.calibration_cmr.as_ref())?;
        calibration(f, "indications of earthworks", self.calibration_works.as_ref())?;
        self.beyond_mines(f)?;
        self.by_class.fmt(f)
    }
}

impl DoctrineFigures {
    fn boundaries(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (category, [from_drawn, from_true]) in &self.boundary_error_m {
            let [a, b] = [number(*from_drawn, 1), number(*from_true, 1)];
            writeln!(
                f,
                "Boundary of {category} areas to the true one {a} m, the true one to theirs {b} m \
                 (where they meet)"
            )?;
        }
        Ok(())
    }

    fn groups(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n| mines on assessed ground | number | inside | at 95 % |\n|---|---|---|---|"
        )?;
        let kept = self.method.mines.at_95.map_or(0.0, |at| at.confidence);
        for (name, group) in &self.groups {
            let at = |least: f64| {
                group.inside.iter().rfind(|(cut, _)| *cut <= least).and_then(|(_, inside)| *inside)
            };
            let [all, kept] = [0.0, kept].map(|least| percent(at(least)));
            writeln!(f, "| {name} | {} | {all} | {kept} |", group.mines)?;
        }
        Ok(())
    }

    fn land_classes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = &self.land_classes;
        writeln!(
            f,
            "\nSHAs of mines hold {} of the mines on {} times the true mined ground ({} of all \
             ground). With indications ({} of the ground): {} of the mines; with their belts ({}): \
             {}",
            percent(of.in_sha),
            number(of.sha_ratio, 2),
            percent(of.sha_ground),
            percent(of.indication_ground),
            percent(of.in_either),
            percent(of.belt_ground),
            percent(of.in_belts_too)
        )
    }

    fn tiers(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n| tier | areas | mean confidence | with a mine |\n|---|---|---|---|")?;
        for tier in &self.tiers {
            let share = interval(tier.share);
            writeln!(
                f,
                "| {} | {} | {} | {share} |",
                tier.tier,
                tier.areas,
                number(tier.confidence, 3)
            )?;
        }
        Ok(())
    }

    fn levels(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n| threat | areas | with a mine | share | mines | ground |\n|---|---|---|---|---|---|"
        )?;
        for level in &self.levels {
            let share = interval(level.share);
            let (mines, ground) = (percent(level.mines), percent(level.ground));
            writeln!(
                f,
                "| {} | {} | {} | {share} | {mines} | {ground} |",
                level.threat, level.areas, level.real
            )?;
        }
        Ok(())
    }

    /// Submunitions, earthworks and fronts.
    fn beyond_mines(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cmr, works, fronts, .. } = self;
        writeln!(
            f,
            "\nSubmunitions: {} of {} on assessed ground in an envelope or within its fade-out (of \
             all: {}); {} envelopes per km2, {} of the ground",
            percent(cmr.inside),
            cmr.items_assessed,
            percent(cmr.inside_all),
            number(cmr.envelopes_per_km2, 1),
            percent(cmr.ground),
        )?;
        writeln!(
            f,
            "Earthworks: {} of all mines in their indications or belts; {} indications per km2, {} \
             km2 for each km of fire trench, {} of the ground",
            percent(works.inside),
            number(works.areas_per_km2, 1),
            number(works.km2_per_trench_km, 2),
            percent(works.ground),
        )?;
        writeln!(
            f,
            "Front: {} areas name it; {} right within 45 degrees, mean error {} degrees",
            fronts.areas,
            percent(fronts.right),
            number(fronts.off_deg, 0)
        )
    }
}

fn curve(f: &mut fmt::Formatter<'_>, figures: &CategoryFigures) -> fmt::Result {
    writeln!(
        f,
        "| confidence from | inside | in any area | inside, of all mines | ratio | of all ground | \
         areas per km2 |"
    )?;
    writeln!(f, "|---|---|---|---|---|---|---|")?;
    for step in &figures.steps {
        writeln!(
            f,
            "| {} | {} | {} | {} | {} | {} | {} |",
            step.confidence,
            percent(step.inside),
            percent(step.inside_any),
            percent(step.inside_all),
            number(step.ratio, 2),
            number(step.ratio_all, 2),
            number(step.areas_per_km2, 1)
        )?;
    }
    writeln!(f)
}

impl AreaRow {
    const COLUMNS: &str = "doctrine,field,area,land_class,kind,eo_category,threat,confidence,\
                           tier,real,items,features,evidence,strongest,rows,area_m2,assessed_m2";
}

impl AreasEvaluation {
    /// One line for each area of each doctrine, with what a calibration is fitted on. Names of
    /// doctrines and fields must be without commas.
    pub fn csv(doctrines: &[String], outcomes: &[FieldOutcome]) -> String {
        let mut text = AreaRow::COLUMNS.to_owned() + "\n";
        for (at, doctrine) in doctrines.iter().enumerate() {
            for row in outcomes
                .iter()
                .filter_map(|outcome| outcome.judged.get(at))
                .flat_map(|judged| &judged.rows)
            {
                let AreaRow { field, area, land_class, kind, eo_category, threat, .. } = row;
                text += &format!(
                    "{doctrine},{field},{area},{land_class},{kind},{eo_category},{threat},{:.6},\
                     {},{},{},{},{:.6},{:.6},{},{:.1},{:.1}\n",
                    row.confidence,
                    row.tier.map_or_else(String::new, |tier| tier.to_string()),
                    u8::from(row.real),
                    row.items,
                    row.features,
                    row.evidence,
                    row.strongest,
                    row.rows,
                    row.area_m2,
                    row.assessed_m2
                );
            }
        }
        text
    }
}
