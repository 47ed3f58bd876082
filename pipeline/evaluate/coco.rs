//! COCO's JSON: annotations as truth, a list of results as predictions.

use crate::EvaluateError;
use geo::{LineString, MultiPolygon, Polygon};
use rams_domain::PxBox;
use serde::{Deserialize, de::IgnoredAny};
use std::{collections::BTreeSet, path::Path};

/// Annotations of one or more images.
#[derive(Debug, Clone, PartialEq)]
pub struct CocoTruth {
    /// Images by ascending id, the order in which pycocotools takes them.
    pub images: Vec<TrueImage>,
    /// Id, name and, from `supercategory`, the coarser class.
    pub categories: Vec<(i64, String, Option<String>)>,
}

/// One image.
#[derive(Debug, Clone, PartialEq)]
pub struct TrueImage {
    /// COCO's id.
    pub id: i64,
    /// Stem of the file's name: the orthomosaic's name in a survey.
    pub name: String,
    /// Width and height, pixels.
    pub size_px: Option<[f64; 2]>,
    /// Side of a pixel on the ground, metres.
    pub gsd_m: Option<f64>,
    /// Ground with image, square metres.
    pub valid_m2: Option<f64>,
    /// Class, box, and whether it is ignored (`iscrowd` or `ignore` is 1).
    pub objects: Vec<(String, PxBox, bool)>,
    /// Outline of each object, pixels; empty where the file has no polygon of it.
    pub outlines: Vec<MultiPolygon>,
}

/// One result.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CocoResult {
    /// Id of the image in the truth.
    pub image: i64,
    /// Id of the category in the truth.
    pub category: i64,
    /// Where, pixels.
    pub px: PxBox,
    /// Score, 0 to 1.
    pub score: f64,
    /// Calibrated probability, 0 to 1: a key of our own.
    pub confidence: Option<f64>,
}

#[derive(Deserialize)]
struct TruthFile {
    images: Vec<Image>,
    annotations: Vec<Annotation>,
    categories: Vec<Category>,
}

#[derive(Deserialize)]
struct Image {
    id: i64,
    file_name: String,
    width: Option<f64>,
    height: Option<f64>,
    gsd_m: Option<f64>,
    valid_m2: Option<f64>,
}

#[derive(Deserialize)]
struct Annotation {
    id: Option<i64>,
    image_id: i64,
    category_id: i64,
    bbox: [f64; 4],
    #[serde(default)]
    iscrowd: u8,
    #[serde(default)]
    ignore: u8,
    segmentation: Option<Segmentation>,
}

/// Polygons, each a ring of x and y in turn; run lengths of a mask are not read.
#[derive(Deserialize)]
#[serde(untagged)]
enum Segmentation {
    Rings(Vec<Vec<f64>>),
    Other(IgnoredAny),
}

#[derive(Deserialize)]
struct Category {
    id: i64,
    name: String,
    supercategory: Option<String>,
}

#[derive(Deserialize)]
struct CocoRow {
    image_id: i64,
    category_id: i64,
    bbox: [f64; 4],
    score: Option<f64>,
    confidence: Option<f64>,
}

impl CocoTruth {
    /// Reads the text of an annotation file; `file` is its name in messages.
    ///
    /// Fails where the text is not of COCO, an annotation names an image or category that is not
    /// there, an id is given twice, or a box has no area.
    ///
    /// ```
    /// use rams_domain::PxBox;
    /// use rams_evaluate::CocoTruth;
    ///
    /// let text = r#"{
    ///     "images": [{"id": 1, "file_name": "field.tif", "width": 640, "height": 480}],
    ///     "categories": [{"id": 7, "name": "pmn-2", "supercategory": "ap-round"}],
    ///     "annotations": [{"image_id": 1, "category_id": 7, "bbox": [10, 20, 30, 40]}]
    /// }"#;
    /// let truth = CocoTruth::parse(text, "truth.json")?;
    /// assert_eq!(truth.images[0].name, "field");
    /// assert_eq!(truth.categories, [(7, "pmn-2".into(), Some("ap-round".into()))]);
    /// let px = PxBox { x0: 10.0, y0: 20.0, x1: 40.0, y1: 60.0 };
    /// assert_eq!(truth.images[0].objects, [("pmn-2".into(), px, false)]);
    /// # Ok::<(), rams_evaluate::EvaluateError>(())
    /// ```
    pub fn parse(text: &str, file: &str) -> Result<Self, EvaluateError> {
        let parsed: TruthFile =
            serde_json::from_str(text).map_err(|error| bad(file, "annotations", &error))?;
        unique(file, "images", parsed.images.iter().map(|image| image.id))?;
        unique(file, "categories", parsed.categories.iter().map(|category| category.id))?;
        unique(file, "annotations", parsed.annotations.iter().filter_map(|row| row.id))?;
        let mut images: Vec<TrueImage> = parsed.images.iter().map(TrueImage::new).collect();
        images.sort_by_key(|image| image.id);
        for (number, row) in (1..).zip(&parsed.annotations) {
            let what = format!("annotation {number}");
            let dangling = |key, value| EvaluateError::Dangling {
                file: file.into(),
                what: what.clone(),
                key,
                value,
            };
            let category = parsed.categories.iter().find(|category| category.id == row.category_id);
            let category = category.ok_or_else(|| dangling("category_id", row.category_id))?;
            let image = images.iter_mut().find(|image| image.id == row.image_id);
            let image = image.ok_or_else(|| dangling("image_id", row.image_id))?;
            let px = px_box(row.bbox).ok_or_else(|| EvaluateError::Bbox {
                file: file.into(),
                what,
                bbox: row.bbox,
            })?;
            image.objects.push((category.name.clone(), px, row.iscrowd != 0 || row.ignore != 0));
            image.outlines.push(
                row.segmentation
                    .as_ref()
                    .map_or_else(|| MultiPolygon(vec![]), Segmentation::outline),
            );
        }
        let parent = |category: &Category| {
            category
                .supercategory
                .clone()
                .filter(|name| !["", "none", &category.name].contains(&name.as_str()))
        };
        let categories = parsed
            .categories
            .iter()
            .map(|category| (category.id, category.name.clone(), parent(category)))
            .collect();
        Ok(Self { images, categories })
    }
}

impl TrueImage {
    fn new(image: &Image) -> Self {
        let name = Path::new(&image.file_name)
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let Image { id, width, height, gsd_m, valid_m2, .. } = *image;
        let size_px = width.zip(height).map(|(width, height)| [width, height]);
        Self { id, name, size_px, gsd_m, valid_m2, objects: vec![], outlines: vec![] }
    }
}

impl Segmentation {
    fn outline(&self) -> MultiPolygon {
        let Segmentation::Rings(rings) = self else { return MultiPolygon(vec![]) };
        let ring = |ring: &Vec<f64>| {
            let vertices: LineString = ring.chunks_exact(2).map(|at| (at[0], at[1])).collect();
            Polygon::new(vertices, vec![])
        };
        rings.iter().filter(|ring| ring.len() >= 6).map(ring).collect()
    }
}

impl CocoResult {
    /// Reads the text of a result file; `file` is its name in messages.
    ///
    /// Fails where the text is not of COCO, a box has no area, or a score or confidence is missing
    /// or not from 0 to 1.
    ///
    /// ```
    /// use rams_evaluate::CocoResult;
    ///
    /// let text = r#"[{"image_id": 1, "category_id": 7, "bbox": [10, 20, 30, 40], "score": 0.9}]"#;
    /// let results = CocoResult::parse(text, "results.json")?;
    /// assert_eq!((results[0].score, results[0].px.area()), (0.9, 1200.0));
    ///
    /// let text = r#"[{"image_id": 1, "category_id": 7, "bbox": [10, 20, 30, 40], "score": 90}]"#;
    /// assert!(CocoResult::parse(text, "results.json").is_err());
    /// # Ok::<(), rams_evaluate::EvaluateError>(())
    /// ```
    pub fn parse(text: &str, file: &str) -> Result<Vec<Self>, EvaluateError> {
        let rows: Vec<CocoRow> =
            serde_json::from_str(text).map_err(|error| bad(file, "results", &error))?;
        let result = |(number, row): (usize, CocoRow)| {
            let bbox = || EvaluateError::Bbox {
                file: file.into(),
                what: format!("prediction {number}"),
                bbox: row.bbox,
            };
            let share = |key, value: f64| match value {
                _ if (0.0..=1.0).contains(&value) => Ok(value),
                _ => Err(EvaluateError::Share { file: file.into(), number, key, value }),
            };
            Ok(Self {
                image: row.image_id,
                category: row.category_id,
                px: px_box(row.bbox).ok_or_else(bbox)?,
                score: share(
                    "score",
                    row.score
                        .ok_or_else(|| EvaluateError::NoScore { file: file.into(), number })?,
                )?,
                confidence: row.confidence.map(|value| share("confidence", value)).transpose()?,
            })
        };
        (1..).zip(rows).map(result).collect()
    }
}

/// An id that two rows share would give the boxes of one to the other.
fn unique(
    file: &str,
    rows: &'static str,
    ids: impl Iterator<Item = i64>,
) -> Result<(), EvaluateError> {
    let mut seen = BTreeSet::new();
    let twice = ids.into_iter().find(|id| !seen.insert(*id));
    twice.map_or(Ok(()), |id| Err(EvaluateError::Twice { file: file.into(), rows, id }))
}

fn bad(file: &str, kind: &'static str, error: &serde_json::Error) -> EvaluateError {
    EvaluateError::Coco { file: file.into(), kind, cause: error.to_string() }
}

fn px_box([x, y, width, height]: [f64; 4]) -> Option<PxBox> {
    let fine =
        [x, y, width, height].iter().all(|value| value.is_finite()) && width > 0.0 && height > 0.0;
    fine.then_some(PxBox { x0: x, y0: y, x1: x + width, y1: y + height })
}
