//! The evaluation as pictures, each as SVG and as PNG.

use crate::{Confusion, EvaluateError, Evaluation, Figures, Reliability};
use plotters::{
    coord::Shift,
    prelude::*,
    style::{
        FontStyle, register_font,
        text_anchor::{HPos, Pos, VPos},
    },
};
use std::{io::Cursor, sync::Once};

/// Size of a picture, pixels.
const SIZE: (u32, u32) = (1040, 640);
/// Width that a picture of curves keeps for their names, pixels.
const LEGEND: u32 = 250;
/// Told apart by people who see red and green alike; after Okabe and Ito.
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(90, 90, 90),
];
/// Curves in one picture: more cannot be told apart. Those with the most objects are drawn, and the
/// legend says how many are not.
const CURVES: usize = 3 * COLOURS.len();

/// One picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    /// Name without ending, for example `precision_recall`.
    pub name: &'static str,
    /// For print and the web; text stays text.
    pub svg: String,
    /// For everything else.
    pub png: Vec<u8>,
}

impl Plot {
    /// Its two files: name and content.
    pub fn files(self) -> [(String, Vec<u8>); 2] {
        [
            (format!("{}.svg", self.name), self.svg.into_bytes()),
            (format!("{}.png", self.name), self.png),
        ]
    }
}

type Cause = Box<dyn std::error::Error>;
type Painted = Result<(), Cause>;

impl Evaluation {
    /// Precision against recall, recall against false alarms, what was taken for what, and, where
    /// predictions have a confidence, confidence against the share that was right.
    pub fn plots(&self) -> Result<Vec<Plot>, EvaluateError> {
        let (curves, hectares) = (curves(self), self.by_class.all.hectares);
        let mut plots = vec![
            Plot::draw("precision_recall", &Picture::Curves(precision_recall(&curves)))?,
            Plot::draw("recall_false_alarms", &recall_false_alarms(&curves, hectares))?,
            Plot::draw(
                "confusion",
                &Picture::Confusion(
                    &self.confusion,
                    "What objects (rows) were taken for (columns)",
                ),
            )?,
        ];
        if let Some(reliability) = &self.reliability {
            plots.push(Plot::draw(
                "reliability",
                &Picture::Reliability(reliability, "predictions"),
            )?);
        }
        Ok(plots)
    }
}

/// What is drawn, on whichever backend.
pub(crate) enum Picture<'a> {
    /// Shares against shares.
    Curves(Chart<'a>),
    /// The x axis is logarithmic, between two values.
    Logarithmic(Chart<'a>, [f64; 2]),
    /// With a caption.
    Confusion(&'a Confusion, &'a str),
    /// With the unit of its counts.
    Reliability(&'a Reliability, &'a str),
}

/// Curves and what the axes are.
pub(crate) struct Chart<'a> {
    pub(crate) caption: &'a str,
    pub(crate) x: &'a str,
    pub(crate) y: &'a str,
    pub(crate) curves: Vec<Curve>,
    /// Classes that there are, drawn or not.
    pub(crate) classes: usize,
}

/// One curve, from left to right or from right to left.
pub(crate) struct Curve {
    pub(crate) label: String,
    pub(crate) points: Vec<(f64, f64)>,
}

impl Plot {
    pub(crate) fn draw(name: &'static str, picture: &Picture<'_>) -> Result<Self, EvaluateError> {
        fonts();
        let (mut svg, mut pixels) = (String::new(), vec![255; (SIZE.0 * SIZE.1 * 3) as usize]);
        let drawn = || -> Result<Vec<u8>, Cause> {
            picture.on(&SVGBackend::with_string(&mut svg, SIZE).into_drawing_area())?;
            picture.on(&BitMapBackend::with_buffer(&mut pixels, SIZE).into_drawing_area())?;
            let mut png = Cursor::new(vec![]);
            let image = image::RgbImage::from_raw(SIZE.0, SIZE.1, pixels)
                .ok_or("the buffer has another size")?;
            image.write_to(&mut png, image::ImageFormat::Png)?;
            Ok(png.into_inner())
        };
        let png = drawn()
            .map_err(|cause| EvaluateError::Plot { plot: name, cause: cause.to_string() })?;
        Ok(Self { name, svg, png })
    }
}

/// A font that comes with the program: a server has none.
fn fonts() {
    static ONCE: Once = Once::new();
    // The font is known to parse, and a failure would come back from drawing.
    ONCE.call_once(|| {
        drop(register_font("sans-serif", FontStyle::Normal, epaint_default_fonts::UBUNTU_LIGHT))
    });
}

/// The classes with objects, those with the most first.
fn curves(evaluation: &Evaluation) -> Vec<(&str, &Figures)> {
    let classes =
        evaluation.by_class.all.classes.iter().map(|(name, figures)| (name.as_str(), figures));
    let mut curves: Vec<_> = classes.filter(|(_, figures)| figures.objects > 0).collect();
    curves.sort_by_key(|(_, figures)| std::cmp::Reverse(figures.objects));
    curves
}

impl Picture<'_> {
    fn on<B: DrawingBackend>(&self, area: &DrawingArea<B, Shift>) -> Painted
    where
        B::ErrorType: 'static,
    {
        area.fill(&WHITE)?;
        match self {
            Picture::Curves(chart) => linear(area, chart)?,
            Picture::Logarithmic(chart, ends) => logarithmic(area, chart, *ends)?,
            Picture::Confusion(counts, caption) => confusion(area, counts, caption)?,
            Picture::Reliability(bins, unit) => reliability(area, bins, unit)?,
        }
        Ok(area.present()?)
    }
}

fn precision_recall<'a>(curves: &[(&str, &Figures)]) -> Chart<'a> {
    let curve = |(name, figures): &(&str, &Figures)| {
        let points = (0..)
            .zip(&figures.precision_at_recall)
            .map(|(at, precision)| (f64::from(at) / 100.0, *precision))
            .take_while(|(_, precision)| *precision > 0.0);
        let label =
            format!("{name}: {:.3}, {} objects", figures.ap50.unwrap_or(0.0), figures.objects);
        Curve { label, points: points.collect() }
    };
    let caption = "Precision against recall, IoU 0.5 (area: AP50)";
    let classes = curves.len();
    let curves = curves.iter().take(CURVES).map(curve).collect();
    Chart { caption, x: "recall", y: "precision", curves, classes }
}

/// Per hectare where the ground is known, else in all. A curve starts at the left end with what is
/// found before the first false alarm.
fn recall_false_alarms<'a>(curves: &[(&str, &Figures)], hectares: Option<f64>) -> Picture<'a> {
    let unit = hectares.unwrap_or(1.0);
    let most = curves
        .iter()
        .flat_map(|(_, figures)| &figures.curve)
        .map(|step| step.false_alarms)
        .max()
        .unwrap_or(0);
    let (left, right) = (0.5 / unit.max(0.005), (most as f64 / unit).max(10.0 / unit) * 1.2);
    let curve = |(name, figures): &(&str, &Figures)| {
        let mut points = vec![];
        let mut recall = 0.0;
        for step in &figures.curve {
            let x = (step.false_alarms as f64 / unit).max(left);
            points.push((x, recall));
            recall = step.hits as f64 / figures.objects as f64;
            points.push((x, recall));
        }
        Curve { label: format!("{name}: {} objects", figures.objects), points }
    };
    let caption = "Recall against false alarms, by the point on the map";
    let x = if hectares.is_some() {
        "false alarms per hectare"
    } else {
        "false alarms (ground not known)"
    };
    let classes = curves.len();
    let curves = curves.iter().take(CURVES).map(curve).collect();
    Picture::Logarithmic(Chart { caption, x, y: "recall", curves, classes }, [left, right])
}

fn linear<B: DrawingBackend>(area: &DrawingArea<B, Shift>, chart: &Chart<'_>) -> Painted
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

fn logarithmic<B: DrawingBackend>(
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

fn confusion<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    confusion: &Confusion,
    caption: &str,
) -> Painted
where
    B::ErrorType: 'static,
{
    let title =
        ("sans-serif", 24).into_font().color(&BLACK).pos(Pos::new(HPos::Center, VPos::Center));
    area.draw(&Text::new(caption.to_owned(), (SIZE.0 as i32 / 2, 28), title))?;
    let (left, top, bottom) = (150, 140, 24);
    let (width, height) = (SIZE.0 as i32 - left - 24, SIZE.1 as i32 - top - bottom);
    let (rows, columns) = (confusion.rows.len() as i32, confusion.columns.len() as i32);
    let at = |row: i32, column: i32| (left + column * width / columns, top + row * height / rows);
    let text = |size: i32| ("sans-serif", size).into_font().color(&BLACK);
    let letters = (height / rows - 2).clamp(7, 16);
    for (row, counts) in (0..).zip(&confusion.counts) {
        let total: usize = counts.iter().sum();
        for (column, count) in (0..).zip(counts) {
            let ((x0, y0), (x1, y1)) = (at(row, column), at(row + 1, column + 1));
            let share = if total > 0 { *count as f64 / total as f64 } else { 0.0 };
            area.draw(&Rectangle::new([(x0, y0), (x1, y1)], COLOURS[0].mix(share * 0.8).filled()))?;
            area.draw(&Rectangle::new([(x0, y0), (x1, y1)], BLACK.mix(0.15)))?;
            if *count > 0 {
                let middle = ((x0 + x1) / 2, (y0 + y1) / 2);
                area.draw(&Text::new(count.to_string(), middle, text(letters).pos(centred())))?;
            }
        }
    }
    for (row, name) in (0..).zip(&confusion.rows) {
        let middle = (left - 8, (at(row, 0).1 + at(row + 1, 0).1) / 2);
        area.draw(&Text::new(
            name.clone(),
            middle,
            text(letters).pos(Pos::new(HPos::Right, VPos::Center)),
        ))?;
    }
    // Long names over narrow columns stand upright.
    let longest = confusion.columns.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let upright = longest as i32 * 9 > width / columns;
    for (column, name) in (0..).zip(&confusion.columns) {
        let (x0, x1) = (at(0, column).0, at(0, column + 1).0);
        let style = if upright {
            ("sans-serif", (x1 - x0).clamp(7, 14))
                .into_font()
                .transform(FontTransform::Rotate270)
                .color(&BLACK)
        } else {
            text(15)
        };
        let style = style.pos(if upright {
            Pos::new(HPos::Left, VPos::Center)
        } else {
            Pos::new(HPos::Center, VPos::Bottom)
        });
        area.draw(&Text::new(name.clone(), ((x0 + x1) / 2, top - 6), style))?;
    }
    Ok(())
}

fn reliability<B: DrawingBackend>(
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

/// A logarithmic axis has a line at each step; only some have room for a number.
fn one_two_five(value: &f64) -> String {
    let leading = value / 10f64.powi((value.log10() + 1e-9).floor() as i32);
    if [1.0, 2.0, 5.0].iter().any(|kept| (leading - kept).abs() < 1e-6) {
        format!("{value}")
    } else {
        String::new()
    }
}

fn centred() -> Pos {
    Pos::new(HPos::Center, VPos::Center)
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
