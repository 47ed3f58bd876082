//! Ground in rows: where horizontal lines cross its outline.

use geo::{BoundingRect, MultiPolygon, Point};

/// By row, the places along x at which its middle crosses all rings, ascending: inside between each
/// two. Rows are `step_m` high, the first from `bottom` up.
pub(super) fn crossings(
    ground: &MultiPolygon,
    bottom: f64,
    step_m: f64,
    rows: usize,
) -> Vec<Vec<f64>> {
    let mut crossings = vec![vec![]; rows];
    // The first row whose middle lies above.
    let above = |y: f64| (((y - bottom) / step_m - 0.5).floor() + 1.0).clamp(0.0, rows as f64);
    let rings = ground.iter().flat_map(|it| std::iter::once(it.exterior()).chain(it.interiors()));
    for line in rings.flat_map(|ring| ring.lines()) {
        let [low, high] = [line.start.y.min(line.end.y), line.start.y.max(line.end.y)].map(above);
        let (low, high) = (low as usize, high as usize);
        for (row, crossings) in crossings.iter_mut().enumerate().take(high).skip(low) {
            let y = bottom + (row as f64 + 0.5) * step_m;
            let share = (y - line.start.y) / (line.end.y - line.start.y);
            crossings.push(line.start.x + share * (line.end.x - line.start.x));
        }
    }
    crossings.iter_mut().for_each(|row| row.sort_by(f64::total_cmp));
    crossings
}

/// The places of a grid of this step that lie in some ground.
pub(super) fn places(ground: &MultiPolygon, step_m: f64) -> impl Iterator<Item = Point> {
    let extent = ground.bounding_rect();
    let (left, bottom, height) =
        extent.map_or((0.0, 0.0, 0.0), |it| (it.min().x, it.min().y, it.height()));
    let rows = crossings(ground, bottom, step_m, (height / step_m).ceil() as usize);
    rows.into_iter().enumerate().flat_map(move |(row, crossings)| {
        let y = bottom + (row as f64 + 0.5) * step_m;
        let column = move |x: f64| ((x - left) / step_m - 0.5).ceil().max(0.0) as usize;
        let spans: Vec<_> =
            crossings.chunks_exact(2).map(|ends| column(ends[0])..column(ends[1])).collect();
        let at = move |column: usize| Point::new(left + (column as f64 + 0.5) * step_m, y);
        spans.into_iter().flatten().map(at)
    })
}
