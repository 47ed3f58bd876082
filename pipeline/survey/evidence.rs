//! External evidence: read before the first tile, told on one line a file.

use crate::{SurveyError, digest::file_digest};
use jiff::civil::Date;
use rams_domain::{EvidenceFileRecord, ExternalEvidence, Ground};
use rams_evidence::{EvidenceFile, Mapping};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Evidence that goes into a survey, and what there is to say of its files.
pub(crate) struct EvidenceInput {
    pub(crate) external_evidence: Vec<ExternalEvidence>,
    files: Vec<EvidenceFile>,
    mapping: Option<PathBuf>,
}

/// Reads files of external evidence onto the ground of a survey.
pub(crate) fn read(
    files: &[PathBuf],
    mapping: Option<&Path>,
    ground: &Ground,
) -> Result<EvidenceInput, SurveyError> {
    let words = mapping.map(Mapping::read).transpose()?.unwrap_or_default();
    let rams_evidence::Evidence { known, files } =
        rams_evidence::read_evidence(files, &words, ground)?;
    Ok(EvidenceInput { external_evidence: known, files, mapping: mapping.map(Path::to_owned) })
}

impl EvidenceInput {
    /// What became of each file, and which dates are odd, for a person.
    pub(crate) fn told(&self) -> impl Iterator<Item = String> {
        let file = |file: &EvidenceFile| format!("evidence {}: {file}", file.path.display());
        let dates = odd_dates(&self.external_evidence, jiff::Zoned::now().date());
        self.files.iter().map(file).chain(dates)
    }

    /// The files, their digests and what became of their rows.
    pub(crate) fn records(&self) -> Vec<EvidenceFileRecord> {
        let mut records = vec![];
        for file in &self.files {
            let path = file.path.clone();
            records.push(EvidenceFileRecord {
                digest: file_digest(&path),
                path,
                outcome: Some(file.to_string()),
                kept_out: file.beyond,
                is_limit: false,
            });
            // The words of a shapefile lie beside it.
            let words = file.path.with_extension("dbf");
            let is_shapefile = file
                .path
                .extension()
                .is_some_and(|extension| extension.eq_ignore_ascii_case("shp"));
            if is_shapefile && words.is_file() {
                records.push(EvidenceFileRecord {
                    digest: file_digest(&words),
                    path: words,
                    outcome: None,
                    kept_out: 0,
                    is_limit: false,
                });
            }
        }
        if let Some(path) = self.mapping.clone() {
            records.push(EvidenceFileRecord {
                digest: file_digest(&path),
                path,
                outcome: Some(EvidenceFileRecord::MAPPING.into()),
                kept_out: 0,
                is_limit: false,
            });
        }
        records
    }
}

/// Dates of evidence that are no day or after today, a notice for each file and date. No error: a
/// source writes dates as it likes, and a laptop's clock may be the one that is wrong.
fn odd_dates(evidence: &[ExternalEvidence], today: Date) -> Vec<String> {
    let mut rows: BTreeMap<(&str, &str, String), Vec<String>> = BTreeMap::new();
    for row in evidence {
        if let Some(odd) = odd(&row.date, today) {
            let of_date = rows.entry((&row.file, &row.date, odd)).or_default();
            of_date.push(row.id.to_string());
        }
    }
    let notice = |((file, date, odd), ids): ((&str, &str, String), Vec<String>)| {
        let ids = ids.join(", ");
        format!("evidence {file}: date {date:?} {odd}, please check: {ids}")
    };
    rows.into_iter().map(notice).collect()
}

/// What is odd about a date as its source writes it. Words such as "spring 1994" are not.
fn odd(date: &str, today: Date) -> Option<String> {
    let day = date.split(['T', ' ']).next().unwrap_or_default();
    let is_year = |part: &str| part.len() == 4 && part.starts_with(['1', '2']);
    let parts: Vec<&str> = day.split(['-', '.', '/']).collect();
    let numbers: Option<Vec<i16>> = parts.iter().map(|part| part.parse().ok()).collect();
    let of = |year: i16, month: i16, day: i16| {
        Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    };
    let first = match numbers.as_deref() {
        Some(&[year]) if is_year(parts[0]) => of(year, 1, 1),
        Some(&[_, year]) if parts.iter().all(|part| is_year(part)) => of(year, 1, 1),
        Some(&[year, month]) if is_year(parts[0]) => of(year, month, 1),
        Some(&[month, year]) if is_year(parts[1]) => of(year, month, 1),
        Some(&[year, month, day]) if is_year(parts[0]) => of(year, month, day),
        Some(&[one, other, year]) if is_year(parts[2]) => {
            of(year, other, one).or_else(|| of(year, one, other))
        }
        // Some words, and a year among them or not.
        Some(&[_]) | None => {
            let says_year = date.split(|letter: char| !letter.is_ascii_digit()).any(is_year);
            return (!date.is_empty() && !says_year).then(|| "is no calendar date".into());
        }
        Some(_) => None,
    };
    match first {
        None => Some("is no calendar date".into()),
        Some(first) => {
            (first > today).then(|| format!("is after today, {today} by the clock of this machine"))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test may panic

    use super::*;

    #[test]
    fn a_date_that_is_no_day_or_still_to_come_is_odd() {
        let today = "2026-11-30".parse().unwrap();
        for date in ["2023-13-45", "31.02.2024", "2023-13", "yesterday", "04.05.23"] {
            assert_eq!(odd(date, today).as_deref(), Some("is no calendar date"), "{date}");
        }
        for date in ["2031-01-01", "2026-12-01T08:00:00Z", "1.12.2026", "2026-12", "2027"] {
            assert!(odd(date, today).unwrap().starts_with("is after today"), "{date}");
        }
        for date in [
            "",
            "2026-11-30",
            "2026-11-30 09:15",
            "30.11.2026",
            "11/30/2026",
            "2026-11",
            "11/2026",
            "1994",
            "spring 1994",
            "1993-1995 or later",
        ] {
            assert_eq!(odd(date, today), None, "{date}");
        }
    }
}
