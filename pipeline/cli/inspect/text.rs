//! An inspection, for people.

use super::{Cost, Heights, Inspected, Inspection, Looked, Pass, Surface};
use rams_domain::plural;
use std::fmt;

impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, orthomosaic) in self.orthomosaics.iter().enumerate() {
            let gap = if at > 0 { "\n" } else { "" };
            write!(f, "{gap}{orthomosaic}")?;
            for pass in &orthomosaic.models {
                write!(f, "\n{pass}")?;
                if let Some(Cost { tiles, tile_ms, seconds }) = &pass.cost {
                    let (total, threads) = (time(*seconds), self.threads);
                    let (of, on) = (plural(*tiles as usize, "tile"), plural(threads, "thread"));
                    writeln!(
                        f,
                        "  at most {tiles} {of}, {tile_ms:.0} ms each: {total} on {threads} {on}"
                    )?;
                }
            }
        }
        let passes = self.orthomosaics.iter().flat_map(|orthomosaic| &orthomosaic.models);
        if passes.filter(|pass| pass.cost.is_some()).count() > 1 {
            let on = match self.orthomosaics.len() {
                1 => String::new(),
                many => format!(" on all {many} orthomosaics"),
            };
            writeln!(f, "\nall that is to run{on}: {}", time(self.seconds))?;
        }
        write!(f, "\n{}", self.limits)
    }
}

impl fmt::Display for Inspected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { width_px, height_px, format, colour_bands, values, crs, .. } = self;
        writeln!(f, "{}", self.path.display())?;
        writeln!(f, "  {width_px} x {height_px} px, {format}")?;
        writeln!(f, "  bands read as red, green, blue: {colour_bands:?}")?;
        if let Some(why) = &self.off_colour {
            writeln!(f, "  {why}")?;
        }
        writeln!(f, "  values: {values}")?;
        writeln!(f, "  {crs}")?;
        let [longitude, latitude] = self.centre;
        writeln!(f, "  centre {longitude:.6}, {latitude:.6} (longitude, latitude)")?;
        let ([x_mm, y_mm], hectares) = (self.gsd_m.map(|metres| metres * 1e3), self.extent_ha);
        writeln!(
            f,
            "  pixels of {x_mm:.2} x {y_mm:.2} mm, extent of {hectares:.4} ha with its border"
        )?;
        writeln!(f, "  ground without image: {}", self.without_image)?;
        notes(f, &self.notices)?;
        if let Some(Surface { path, gsd_m, share, notices }) = &self.surface {
            let percent = share * 100.0;
            writeln!(f, "\n{}", path.display())?;
            writeln!(
                f,
                "  heights, pixels of {gsd_m:.3} m, {percent:.0} % of the orthomosaic's extent"
            )?;
            notes(f, notices)?;
        }
        Ok(())
    }
}

fn notes(f: &mut fmt::Formatter<'_>, notices: &[String]) -> fmt::Result {
    notices.iter().try_for_each(|notice| writeln!(f, "  note: {notice}"))
}

impl fmt::Display for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "model {} {}", self.name, self.version)?;
        self.classes.iter().try_for_each(|class| writeln!(f, "  {class}"))?;
        match &self.heights {
            Heights::Never => writeln!(f, "  takes no heights"),
            Heights::Missing { gsd_max_m } => {
                writeln!(f, "  takes heights of {gsd_max_m} m a pixel or finer: --dsm")
            }
            Heights::Refused(why) => writeln!(f, "  {why}"),
            Heights::Of(name) => writeln!(f, "  takes the heights of {name}"),
        }
    }
}

impl fmt::Display for Looked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label = &self.label;
        if !self.is_looked_for {
            return write!(f, "{label:20} CANNOT be assessed: the model finds too few of them");
        }
        let verdict = if self.is_assessable { "can be assessed" } else { "CANNOT be assessed" };
        let limit_mm = self.gsd_max_m * 1e3;
        write!(f, "{label:20} {verdict}: needs pixels of {limit_mm:.1} mm or finer")?;
        match (&self.family, self.gsd_name_m) {
            (Some(family), Some(limit_m)) => {
                let limit_mm = limit_m * 1e3;
                write!(f, ", {limit_mm:.1} mm to be named; else it is called {family}")
            }
            _ => Ok(()),
        }
    }
}

fn time(seconds: f64) -> String {
    match seconds {
        s if s < 90.0 => format!("about {s:.0} s"),
        s if s < 5400.0 => format!("about {:.0} min", s / 60.0),
        s => format!("about {:.1} h", s / 3600.0),
    }
}
