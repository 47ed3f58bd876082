//! What was taken for what, as a table of shaded cells.

use super::{COLOURS, Painted, SIZE, centred};
use crate::Confusion;
use plotters::{
    coord::Shift,
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

/// Each row is shaded by the shares of its counts.
pub(super) fn draw<B: DrawingBackend>(
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
