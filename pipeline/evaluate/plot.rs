//! Figures as pictures, each as SVG and as PNG.

mod confusion;
mod curves;
mod reliability;

use crate::{Confusion, EvaluateError, Reliability};
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
pub(crate) const CURVES: usize = 3 * COLOURS.len();

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

impl Picture<'_> {
    fn on<B: DrawingBackend>(&self, area: &DrawingArea<B, Shift>) -> Painted
    where
        B::ErrorType: 'static,
    {
        area.fill(&WHITE)?;
        match self {
            Picture::Curves(chart) => curves::linear(area, chart)?,
            Picture::Logarithmic(chart, ends) => curves::logarithmic(area, chart, *ends)?,
            Picture::Confusion(counts, caption) => confusion::draw(area, counts, caption)?,
            Picture::Reliability(bins, unit) => reliability::draw(area, bins, unit)?,
        }
        Ok(area.present()?)
    }
}

fn centred() -> Pos {
    Pos::new(HPos::Center, VPos::Center)
}
