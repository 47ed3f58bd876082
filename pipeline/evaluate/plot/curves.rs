//! Curves with a legend beside them.

use super::{COLOURS, Chart, LEGEND, Painted, SIZE};
use plotters::{
    coord::Shift,
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

/// Shares against shares.
pub(super) fn linear<B: DrawingBackend>(area: &DrawingArea<B, Shift>, chart: &Chart<'_>) -> Painted
where
    B::ErrorType: 'static,
{
    let (plot, side) = area.split_horizontally(SIZE.0 - LEGEND);
    let mut on = ChartBuilder::on(&plot)
        .caption(chart.caption, ("sans-serif", 24))
        .margin(16)
        .x_label_area_size(48)
        .y_label_area_size(56)
        .build_cartesian_2d(0.0..1.0, 0.0..1.02)?;
    on.configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(BLACK.mix(0.15))
        .label_style(("sans-serif", 16))
        .x_desc(chart.x)
        .y_desc(chart.y)
        .draw()?;
    for (at, curve) in chart.curves.iter().enumerate() {
        on.draw_series(LineSeries::new(curve.points.iter().copied(), style(at)))?;
    }
    legend(&side, chart)
}

/// The x axis is logarithmic, between two values.
pub(super) fn logarithmic<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    chart: &Chart<'_>,
    [left, right]: [f64; 2],
) -> Painted
where
    B::ErrorType: 'static,
{
    let (plot, side) = area.split_horizontally(SIZE.0 - LEGEND);
    let mut on = ChartBuilder::on(&plot)
        .caption(chart.caption, ("sans-serif", 24))
        .margin(16)
        .x_label_area_size(48)
        .y_label_area_size(56)
        .build_cartesian_2d((left..right).log_scale(), 0.0..1.02)?;
    on.configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(BLACK.mix(0.15))
        .label_style(("sans-serif", 16))
        .x_desc(chart.x)
        .x_labels(24)
        .x_label_formatter(&one_two_five)
        .y_desc(chart.y)
        .draw()?;
    for (at, curve) in chart.curves.iter().enumerate() {
        on.draw_series(LineSeries::new(curve.points.iter().copied(), style(at)))?;
    }
    legend(&side, chart)
}

/// A logarithmic axis has a line at each step; only some have room for a number.
fn one_two_five(value: &f64) -> String {
    let leading = value / 10f64.powi((value.log10() + 1e-9).floor() as i32);
    if [1.0, 2.0, 5.0].iter().any(|kept| (leading - kept).abs() < 1e-6) {
        format!("{value}")
    } else {
        String::new()
    }
}

/// Colours first; when they are used up, the same again in thinner lines.
fn style(at: usize) -> ShapeStyle {
    COLOURS[at % COLOURS.len()].stroke_width([4, 2, 1][at / COLOURS.len() % 3])
}

/// Beside the plot, where it hides no curve.
fn legend<B: DrawingBackend>(side: &DrawingArea<B, Shift>, chart: &Chart<'_>) -> Painted
where
    B::ErrorType: 'static,
{
    let centre = Pos::new(HPos::Left, VPos::Center);
    for (at, curve) in chart.curves.iter().enumerate() {
        let y = 60 + 24 * at as i32;
        side.draw(&PathElement::new([(4, y), (26, y)], style(at)))?;
        let text = ("sans-serif", 15).into_font().color(&BLACK).pos(centre);
        side.draw(&Text::new(curve.label.clone(), (34, y), text))?;
    }
    if chart.classes > chart.curves.len() {
        let more = format!(
            "not drawn: {} classes with the fewest objects",
            chart.classes - chart.curves.len()
        );
        let text = ("sans-serif", 13).into_font().color(&BLACK).pos(centre);
        side.draw(&Text::new(more, (4, 60 + 24 * chart.curves.len() as i32), text))?;
    }
    Ok(())
}
