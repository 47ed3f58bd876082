//! The survey as an Excel workbook: the tables of [`crate::csv`], and a sheet to read first.

use crate::cell::Cell;
use crate::csv;
use crate::job::Job;
use crate::readme;
use crate::sheet::Sheet;
use crate::{ExportError, Halt};
use calamine::{Reader, Xlsx};
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use std::path::Path;

/// Rows that a sheet holds, its header among them, and characters that a cell holds.
const MOST_ROWS: usize = 1_048_576;
const LONGEST_TEXT: usize = 32_767;

/// The sheet that says what the others are.
pub(crate) const READ_ME: &str = "read me";

pub(crate) fn make(job: &Job<'_>) -> Result<Vec<String>, Halt> {
    let mut workbook = Workbook::new();
    for sheet in csv::sheets(job)? {
        if sheet.rows.len() >= MOST_ROWS {
            let (name, rows) = (sheet.name, sheet.rows.len());
            return Err(ExportError::TooManyRows { name, rows, most: MOST_ROWS - 1 }.into());
        }
        add(&mut workbook, &sheet).map_err(halt)?;
    }
    read_me(&mut workbook, &readme::text(&job.source, &csv::about())).map_err(halt)?;
    workbook.save(job.draft.path(&job.name)).map_err(halt)?;
    Ok(vec![job.name.clone()])
}

/// Last, for an import that takes the first sheet, and in front when people open the workbook.
fn read_me(workbook: &mut Workbook, text: &str) -> Result<(), XlsxError> {
    let sheet =
        workbook.add_worksheet().set_name(READ_ME)?.set_column_width(0, 110)?.set_active(true);
    for (row, line) in (0..).zip(text.lines().chain([
        "",
        "A text that ends in \"...\" was too long for a cell: survey.gpkg holds all of it.",
    ])) {
        sheet.write_string(row, 0, line)?;
    }
    Ok(())
}

fn add(workbook: &mut Workbook, sheet: &Sheet) -> Result<(), XlsxError> {
    const WIDTH: f64 = 16.0;
    let bold = Format::new().set_bold();
    let to = workbook.add_worksheet().set_name(sheet.name)?.set_freeze_panes(1, 0)?;
    for (column, name) in (0..).zip(&sheet.header) {
        to.write_string_with_format(0, column, name, &bold)?.set_column_width(column, WIDTH)?;
    }
    for (row, cells) in (1..).zip(&sheet.rows) {
        for (column, cell) in (0..).zip(cells) {
            match cell {
                Cell::Empty => {}
                Cell::Text(text) => {
                    to.write_string(row, column, shortened(text))?;
                }
                Cell::Number(number) => match number.parse::<f64>() {
                    Ok(value) if value.is_finite() => {
                        to.write_number(row, column, value)?;
                    }
                    _ => {
                        to.write_string(row, column, number)?;
                    }
                },
            }
        }
    }
    Ok(())
}

/// A text that is too long ends in "..." instead of stopping the export. Excel counts UTF-16.
fn shortened(text: &str) -> String {
    const CUT: &str = "...";
    if text.encode_utf16().count() <= LONGEST_TEXT {
        return text.to_owned();
    }
    let mut left = LONGEST_TEXT - CUT.len();
    let fits = |letter: &char| {
        let fits = letter.len_utf16() <= left;
        left = left.saturating_sub(letter.len_utf16());
        fits
    };
    text.chars().take_while(fits).chain(CUT.chars()).collect()
}

/// Header and rows of a sheet of a workbook.
pub(crate) fn read_sheet(path: &Path, name: &str) -> Result<Vec<Vec<String>>, Halt> {
    let torn = |error: calamine::XlsxError| Halt::Torn(error.to_string());
    let mut workbook: Xlsx<_> = calamine::open_workbook(path).map_err(torn)?;
    let range = workbook.worksheet_range(name).map_err(torn)?;
    Ok(range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect())
}

fn halt(error: XlsxError) -> Halt {
    match error {
        XlsxError::IoError(error) => Halt::Io(error),
        other => Halt::Torn(other.to_string()),
    }
}
