//! Who, when and where: from options, from `survey.toml`, from the imagery itself.

use crate::{SurveyConfig, SurveyError, distinct};
use rams_domain::{MetadataField, SurveyMetadata};
use std::{
    fs,
    path::{Path, PathBuf},
};
use toml::de::{DeTable, DeValue};

/// The file beside an orthomosaic.
const FILE: &str = "survey.toml";

/// What is known of a survey and where it was found. What options state goes before what a file
/// states, and that before what the imagery states.
pub(crate) struct MetadataInput {
    pub(crate) metadata: SurveyMetadata,
    /// The files that were read.
    files: Vec<PathBuf>,
    of_images: SurveyMetadata,
}

/// Reads the file that is named, or else `survey.toml` in the folders of the orthomosaics, and the
/// orthomosaics. Files of several folders are joined: all their flight dates, and else one value a
/// field.
pub(crate) fn read(config: &SurveyConfig) -> Result<MetadataInput, SurveyError> {
    let files = match &config.metadata_file {
        Some(file) => vec![file.clone()],
        None => beside(&config.orthomosaics),
    };
    let mut of_files = SurveyMetadata::default();
    for file in &files {
        of_files = of_files.join(read_metadata(file)?)?;
    }
    let mut of_images = SurveyMetadata::default();
    for path in &config.orthomosaics {
        let image = rams_tile::image_metadata(path, &config.read_as)?;
        // The first of two operators stays: a file is no one's to be put right.
        of_images = of_images.clone().join(image).unwrap_or(of_images);
    }
    let metadata = config.metadata.clone().over(of_files).over(of_images.clone());
    Ok(MetadataInput { metadata, files, of_images })
}

/// The files beside some orthomosaics, each once.
fn beside(orthomosaics: &[PathBuf]) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = vec![];
    for file in orthomosaics.iter().map(|path| path.with_file_name(FILE)) {
        files.extend(file.is_file().then_some(file));
        if distinct::twice(&files).is_some() {
            files.pop();
        }
    }
    files
}

/// Reads a file of survey metadata: TOML whose keys are the words of [`MetadataField`], each with
/// a text, a date, or a list of them. Errors name file, line and what is allowed.
pub fn read_metadata(path: &Path) -> Result<SurveyMetadata, SurveyError> {
    let text = fs::read_to_string(path)
        .map_err(|cause| SurveyError::NoMetadata { path: path.to_owned(), cause })?;
    parse(&text, &source_of(path)).map_err(|(at, cause)| SurveyError::MetadataLine {
        path: path.to_owned(),
        line: line(&text, at),
        cause,
    })
}

/// A file as it is named beside what it states: with its folder, for all of one survey are called
/// alike, and without the places of one machine.
fn source_of(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts[parts.len().saturating_sub(2)..].join("/")
}

/// The line, from 1, of a place in a text, bytes.
fn line(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

/// The metadata in the text of a file; an error has its place in the text, bytes.
fn parse(text: &str, source: &str) -> Result<SurveyMetadata, (usize, String)> {
    let table = DeTable::parse(text)
        .map_err(|error| (error.span().map_or(0, |span| span.start), error.message().to_owned()))?;
    let mut metadata = SurveyMetadata::default();
    for (key, value) in table.get_ref() {
        let at = key.span().start;
        let fields = || MetadataField::ALL.map(|field| field.to_string()).join(", ");
        let field: MetadataField = key.get_ref().parse().map_err(|_| {
            (at, format!("no field is called {}: write one of {}", key.get_ref(), fields()))
        })?;
        let value = value_of(value.get_ref())
            .ok_or_else(|| (at, format!("{field} is no text or date: write it between quotes")))?;
        metadata.state(field, &value, source).map_err(|error| (at, error.to_string()))?;
    }
    Ok(metadata)
}

/// A text, a date, or several with commas between them.
fn value_of(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Datetime(time) => Some(time.to_string()),
        DeValue::Array(values) => {
            let values = values.iter().map(|value| value_of(value.get_ref()));
            Some(values.collect::<Option<Vec<_>>>()?.join(", "))
        }
        _ => None,
    }
}

impl MetadataInput {
    /// Which files were read, and what the imagery states that no one else did, for a person.
    pub(crate) fn told(&self) -> Vec<String> {
        let file = |path: &PathBuf| format!("survey metadata {}", path.display());
        let stated = MetadataField::ALL.into_iter().filter_map(|field| {
            let statement = self.metadata.get(field)?;
            let is_of_image = self.of_images.get(field) == Some(statement);
            let told = format!("{} {statement}: {}", field.label(), statement.source());
            is_of_image.then_some(told)
        });
        let early = too_late(&self.metadata, jiff::Zoned::now().date());
        self.files.iter().map(file).chain(stated).chain(early).collect()
    }
}

/// What is odd about the flight dates on a day. No error: a laptop's clock may be the one that is
/// wrong.
fn too_late(metadata: &SurveyMetadata, today: jiff::civil::Date) -> Option<String> {
    let date = metadata.flight_dates().last().filter(|date| **date > today)?;
    let source = metadata.get(MetadataField::FlightDates)?.source();
    Some(format!(
        "flight date {date} ({source}) is after today, {today} by the clock of this machine: put \
         right what is wrong, for both are in the record"
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test may panic

    use super::*;
    use rams_domain::MetadataField::{Contact, FlightDates, Operator, Task};

    fn parsed(text: &str) -> Result<SurveyMetadata, String> {
        parse(text, FILE).map_err(|(at, cause)| format!("line {}: {cause}", line(text, at)))
    }

    #[test]
    fn texts_dates_and_lists_are_read() {
        let metadata = parsed(
            "# who\nflight_dates = [2026-05-16, \"2026-05-14\", 2026-05-16]\noperator = \"A. B.\"\n\
             contact = \"\"\"first\n  second\"\"\"\ntask = \"\"\n",
        )
        .unwrap();
        assert_eq!(metadata.text(FlightDates), "2026-05-14, 2026-05-16");
        assert_eq!(metadata.text(Operator), "A. B.");
        assert_eq!(metadata.text(Contact), "first second");
        assert_eq!(metadata.get(Task), None, "an empty text states nothing");
        assert_eq!(parsed("flight_dates = 2026-05-14").unwrap().flight_dates().len(), 1);
    }

    #[test]
    fn a_flight_of_tomorrow_is_told() {
        let metadata = parsed("flight_dates = [2026-05-14, 2026-05-16]").unwrap();
        let on = |day: &str| too_late(&metadata, day.parse().unwrap());
        assert_eq!(on("2026-05-16"), None);
        assert!(
            on("2026-05-15")
                .unwrap()
                .starts_with("flight date 2026-05-16 (survey.toml) is after today")
        );
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line_and_remedy() {
        for (text, said) in [
            (
                "task = \"T\"\n\noperater = \"A\"",
                "line 3: no field is called operater: write one of flight_dates, \
                 organisation, operator,",
            ),
            ("\nflight_dates = \"14.5.2026\"", "line 2: flight_dates: \"14.5.2026\" is no date"),
            ("flight_dates = [\"2026-02-30\"]", "\"2026-02-30\" is no date: write year, month"),
            ("task = 12", "line 1: task is no text or date: write it between quotes"),
            ("task = \"T\"\ntask = \"U\"", "line 2: duplicate key"),
            ("task = ", "line 1: "),
        ] {
            let error = parsed(text).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn a_file_goes_before_the_imagery_and_an_option_before_both() {
        let stated = |text: &str, source: &str| {
            let mut metadata = SurveyMetadata::default();
            metadata.state(Operator, text, source).unwrap();
            metadata
        };
        let (option, file) = (stated("a", "--operator"), stated("b", "survey.toml"));
        assert_eq!(option.clone().over(file.clone()).text(Operator), "a");
        assert_eq!(SurveyMetadata::default().over(file.clone()).text(Operator), "b");
        let error = option.join(file).unwrap_err().to_string();
        assert_eq!(error, "operator: --operator states \"a\", survey.toml states \"b\"");
    }
}
