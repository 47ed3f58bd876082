//! Figures in the cells of tables.

use super::AreaCalibration;
use std::fmt;

pub(crate) fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "-".into(), |value| format!("{value:.digits$}"))
}

pub(crate) fn percent(value: Option<f64>) -> String {
    value.map_or_else(|| "-".into(), |value| format!("{:.1} %", 100.0 * value))
}

pub(crate) fn interval(share: Option<[f64; 3]>) -> String {
    share.map_or_else(
        || "-".into(),
        |[share, low, high]| format!("{share:.2} [{low:.2}, {high:.2}]"),
    )
}

pub(crate) fn calibration(
    f: &mut fmt::Formatter<'_>,
    of: &str,
    calibration: Option<&AreaCalibration>,
) -> fmt::Result {
    let Some(AreaCalibration { areas, brier, expected_calibration_error, bins }) = calibration
    else {
        return Ok(());
    };
    writeln!(
        f,
        "\nConfidence of {areas} {of}: Brier {brier:.3}, calibration error \
         {expected_calibration_error:.3}\n"
    )?;
    writeln!(f, "| mean confidence | areas | right | 95 % interval |\n|---|---|---|---|")?;
    for bin in bins.iter().filter(|bin| bin.count > 0) {
        let interval =
            bin.interval.map_or_else(String::new, |[low, high]| format!("{low:.3} to {high:.3}"));
        writeln!(
            f,
            "| {} | {} | {} | {interval} |",
            number(bin.confidence, 3),
            bin.count,
            number(bin.right, 3)
        )?;
    }
    Ok(())
}
