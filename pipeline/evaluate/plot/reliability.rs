//! Confidence against the share that was right.

use super::{COLOURS, Painted, centred};
use crate::Reliability;
use plotters::{coord::Shift, prelude::*};

/// A bar for each bin, its count above it, and a dot at its mean confidence.
pub(super) fn draw<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    reliability: &Reliability,
    unit: &str,
) -> Painted
where
    B::ErrorType: 'static,
{
    let Reliability { predictions, expected_calibration_error, bins } = reliability;
    let caption = format!(
        "Confidence against the share that was right: expected calibration error \
         {expected_calibration_error:.3}, {predictions} {unit}"
    );
    let mut chart = ChartBuilder::on(area)
        .caption(caption, ("sans-serif", 20))
        .margin(16)
        .x_label_area_size(48)
        .y_label_area_size(56)
        .build_cartesian_2d(0.0..1.0, 0.0..1.08)?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(BLACK.mix(0.15))
        .label_style(("sans-serif", 16))
        .x_desc("confidence")
        .y_desc("share that was right")
        .draw()?;
    let tenth = |at: usize| at as f64 / bins.len() as f64;
    for (at, right) in bins.iter().enumerate().filter_map(|(at, bin)| Some((at, bin.right?))) {
        let bar = [(tenth(at) + 0.005, 0.0), (tenth(at + 1) - 0.005, right)];
        chart.draw_series([Rectangle::new(bar, COLOURS[5].mix(0.6).filled())])?;
        let label = Text::new(
            bins[at].count.to_string(),
            (tenth(at) + 0.05, right + 0.03),
            ("sans-serif", 15).into_font().color(&BLACK).pos(centred()),
        );
        chart.draw_series([label])?;
    }
    chart.draw_series(LineSeries::new([(0.0, 0.0), (1.0, 1.0)], BLACK.mix(0.5)))?;
    let means = bins.iter().filter_map(|bin| Some((bin.confidence?, bin.right?)));
    chart.draw_series(means.map(|point| Circle::new(point, 5, COLOURS[1].filled())))?;
    Ok(())
}
