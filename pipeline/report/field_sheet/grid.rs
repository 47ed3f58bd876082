//! The lines of the Military Grid Reference System on a map.

use super::mgrs_of;
use crate::draw;
use crate::frame::Frame;
use geo::{AffineOps, AffineTransform, Coord, Point, coord};
use geoconvert::{LatLon, UtmUps};
use maud::{Markup, html};
use rams_domain::Ground;

/// Distances of grid lines, metres.
const STEPS_M: [f64; 10] = [5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0];

/// Lines lie at least so far apart on paper, drawing units: 22 mm.
const LEAST_APART: f64 = 220.0;

/// Eastings and northings of a zone over the ground of a map.
pub(super) struct MgrsGrid {
    /// Local metres of the ground to metres of the zone: over the ground of a sheet no line bends
    /// by as much as a pen is wide.
    to_zone: AffineTransform,
    step_m: f64,
    /// Zone, band and square of the middle of the map.
    square: String,
}

impl MgrsGrid {
    /// `None` where the ground lies in two zones.
    pub(super) fn of(ground: &Ground, frame: &Frame) -> Option<Self> {
        let (low, high) = (frame.rect.min(), frame.rect.max());
        let lonlat = |at: Coord| ground.lonlat(ground.from_metres(&Point(at)).0);
        let zone = |at: Coord| -> Option<UtmUps> {
            let Coord { x, y } = lonlat(at);
            Some(LatLon::create(y, rams_domain::wrapped_longitude(x)).ok()?.to_utmups())
        };
        let [origin, right, up, far] =
            [low, coord! { x: high.x, y: low.y }, coord! { x: low.x, y: high.y }, high].map(zone);
        let (origin, right, up, far) = (origin?, right?, up?, far?);
        let is_same =
            |of: &UtmUps| (of.zone(), of.is_north()) == (origin.zone(), origin.is_north());
        if ![&right, &up, &far].into_iter().all(is_same) {
            return None;
        }
        let (width, height) = (high.x - low.x, high.y - low.y);
        let a = (right.easting() - origin.easting()) / width;
        let b = (up.easting() - origin.easting()) / height;
        let d = (right.northing() - origin.northing()) / width;
        let e = (up.northing() - origin.northing()) / height;
        let to_zone = AffineTransform::new(
            a,
            b,
            origin.easting() - a * low.x - b * low.y,
            d,
            e,
            origin.northing() - d * low.x - e * low.y,
        );
        let wide_enough = |step: &f64| frame.length(*step) >= LEAST_APART;
        let step_m = STEPS_M.into_iter().find(wide_enough).unwrap_or(10_000.0);
        let middle = mgrs_of(lonlat(frame.rect.center()));
        let square = middle.split(' ').take(2).collect::<Vec<_>>().join(" ");
        Some(Self { to_zone, step_m, square })
    }

    /// Lines, and at the left and upper edge their eastings and northings within the square.
    pub(super) fn lines(&self, frame: &Frame) -> Markup {
        let Some(from_zone) = self.to_zone.inverse() else { return html! {} };
        let (low, high) = (frame.rect.min(), frame.rect.max());
        let at = |x: f64, y: f64| frame.at(Point::new(x, y).affine_transform(&from_zone).0);
        let corners = [low, coord! { x: high.x, y: low.y }, coord! { x: low.x, y: high.y }, high]
            .map(|corner| Point(corner).affine_transform(&self.to_zone));
        let range = |of: fn(&Point) -> f64| {
            let values = corners.iter().map(of);
            let (least, most) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), value| {
                (a.min(value), b.max(value))
            });
            let first = (least / self.step_m).ceil() as i64;
            (least, most, first..=(most / self.step_m).floor() as i64)
        };
        let (west, east, eastings) = range(|point| point.x());
        let (south, north, northings) = range(|point| point.y());
        let [width, height] = frame.size();
        let line =
            |[x0, y0]: [f64; 2], [x1, y1]: [f64; 2]| format!("M{x0:.1} {y0:.1}L{x1:.1} {y1:.1}");
        let value = |number: i64| number as f64 * self.step_m;
        html! {
            @for number in eastings {
                @let (from, to) = (at(value(number), south), at(value(number), north));
                (stroke(&line(from, to)))
                @if (110.0..width - 110.0).contains(&to[0]) {
                    (draw::label([to[0], 44.0], &within(value(number))))
                }
            }
            @for number in northings {
                @let (from, to) = (at(west, value(number)), at(east, value(number)));
                (stroke(&line(from, to)))
                @if (80.0..height - 110.0).contains(&from[1]) {
                    (draw::label([60.0, from[1] + 9.0], &within(value(number))))
                }
            }
        }
    }

    /// What the lines are.
    pub(super) fn told(&self) -> String {
        format!(
            "Grid lines every {} m of MGRS square {} (WGS 84); numbers are metres within it.",
            self.step_m, self.square
        )
    }
}

fn stroke(path: &str) -> Markup {
    html! {
        path d=(path) fill="none" stroke="#fff" stroke-width="4" stroke-opacity="0.6" {}
        path d=(path) fill="none" stroke="#123a6b" stroke-width="1.6" {}
    }
}

/// Metres within a square of 100 km.
fn within(metres: f64) -> String {
    format!("{:05.0}", metres.rem_euclid(100_000.0))
}
