//! Survey -> a project of QGIS, stored in the survey's own file: all layers in groups, styled, with
//! relations from areas to features to detections, over the imagery.

use crate::error::Halt;
use crate::names::SURVEY_FILE;
use crate::style;
use crate::xml::escape;
use crate::zip;
use gdal::Dataset;
use gdal::vector::sql::Dialect;
use geo::Geometry;
use rams_domain::{Crs, MetadataField, OrthomosaicRecord, Survey};
use std::path::{Component, Path, PathBuf};

/// Its name in the file.
const NAME: &str = "survey";

/// The id of a layer: QGIS gives one of its own to those that are shorter than 11 letters.
fn id(layer: &str) -> String {
    format!("survey_layer_{layer}")
}

/// A layer of the project.
struct ProjectLayer {
    id: String,
    /// Name of the layer in the file.
    layer: &'static str,
    title: String,
    /// What picks the rows of one kind of geometry.
    geometry: Option<&'static str>,
    is_shown: bool,
}

impl ProjectLayer {
    fn new(layer: &'static str, title: &str) -> Self {
        let title = title.to_owned();
        Self { id: id(layer), layer, title, geometry: None, is_shown: true }
    }

    fn hidden(self) -> Self {
        Self { is_shown: false, ..self }
    }
}

/// Which rows of one layer stand for a row of another: layer and column, layer and column, and what
/// the list of them is called.
struct Relation {
    id: String,
    from: (String, &'static str),
    to: (String, &'static str),
    title: &'static str,
}

/// Writes the project into a file, which is to lie in a folder, unless it has one of its own.
pub(crate) fn write(dataset: &Dataset, survey: &Survey, dir: &Path) -> Result<(), Halt> {
    let sql = [
        "CREATE TABLE IF NOT EXISTS qgis_projects (name TEXT PRIMARY KEY, metadata BLOB, content \
         BLOB)"
            .into(),
        format!(
            "INSERT OR IGNORE INTO qgis_projects VALUES ('{NAME}', '{{}}', '{}')",
            content(survey, dir)
        ),
    ];
    sql.iter().try_for_each(|sql| execute(dataset, sql))
}

/// The same for a survey that is stored in one folder, with other areas in another: a project that
/// people changed stays.
pub(crate) fn replace(
    dataset: &Dataset,
    (before, from): (&Survey, &Path),
    (survey, dir): (&Survey, &Path),
) -> Result<(), Halt> {
    write(dataset, survey, dir)?;
    let [before, now] = [content(before, from), content(survey, dir)];
    execute(
        dataset,
        &format!(
            "UPDATE qgis_projects SET content = '{now}' WHERE name = '{NAME}' AND content = \
             '{before}'"
        ),
    )
}

fn execute(dataset: &Dataset, sql: &str) -> Result<(), Halt> {
    dataset.execute_sql(sql, None, Dialect::DEFAULT)?;
    Ok(())
}

/// What QGIS keeps in its table: a .qgz in hexadecimal digits.
fn content(survey: &Survey, dir: &Path) -> String {
    let archive = zip::archive(&format!("{NAME}.qgs"), document(survey, dir).as_bytes());
    archive.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The project as QGIS' own XML.
pub(crate) fn document(survey: &Survey, dir: &Path) -> String {
    let (groups, images) = (groups(survey), images(survey, dir));
    let relations = relations(&groups);
    let styles = style::layers(survey);
    let crs = crs_element(survey.ground.crs());
    let mut tree = String::new();
    let mut layers = String::new();
    for (group, of_group) in &groups {
        let inside: String = of_group.iter().map(ProjectLayer::leaf).collect();
        tree += &format!(
            r#"<layer-tree-group name="{group}" checked="Qt::Checked" expanded="1">{inside}</layer-tree-group>"#
        );
        for layer in of_group {
            let of_layer = relations.iter().filter(|relation| relation.to.0 == layer.id);
            let ids: Vec<String> = of_layer.map(|relation| relation.id.clone()).collect();
            let qml = styles.iter().find(|(name, _)| *name == layer.layer).map(|(_, qml)| qml);
            let labels = qml.map_or(0, |qml| qml.with_labels());
            let elements = qml.map(|qml| qml.elements(Some(&ids))).unwrap_or_default();
            layers += &layer.element(labels, &crs, &elements);
        }
    }
    let mut leaves = String::new();
    for (at, (record, path)) in images.iter().enumerate() {
        let (name, path, crs) = (escape(&record.name), escape(path), crs_element(&record.crs));
        leaves += &format!(
            r#"<layer-tree-layer id="survey_image_{at}" name="{name}" checked="Qt::Checked" expanded="0"/>"#
        );
        layers += &format!(
            r#"<maplayer type="raster"><id>survey_image_{at}</id><datasource>{path}</datasource><layername>{name}</layername><srs>{crs}</srs><provider>gdal</provider></maplayer>"#
        );
    }
    tree += &format!(
        r#"<layer-tree-group name="Imagery" checked="Qt::Checked">{leaves}</layer-tree-group>"#
    );
    let relations: String = relations.iter().map(Relation::element).collect();
    let extent = survey.ground.extent();
    let title = Some(survey.metadata.text(MetadataField::Task)).filter(|task| !task.is_empty());
    let title = escape(&title.unwrap_or_else(|| "Survey".into()));
    format!(
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n\
         <qgis version=\"3.16.0\" projectname=\"{title}\"><title>{title}</title>\
         <projectCrs>{crs}</projectCrs><layer-tree-group>{tree}</layer-tree-group>\
         <relations>{relations}</relations>\
         <mapcanvas name=\"theMapCanvas\"><extent><xmin>{}</xmin><ymin>{}</ymin>\
         <xmax>{}</xmax><ymax>{}</ymax></extent><rotation>0</rotation>\
         <destinationsrs>{crs}</destinationsrs></mapcanvas>\
         <projectlayers>{layers}</projectlayers>\
         <properties><SpatialRefSys><ProjectionsEnabled type=\"int\">1\
         </ProjectionsEnabled></SpatialRefSys>\
         <Paths><Absolute type=\"bool\">false</Absolute></Paths></properties></qgis>\n",
        extent.min().x,
        extent.min().y,
        extent.max().x,
        extent.max().y,
    )
}

/// Layers in groups, first on top.
fn groups(survey: &Survey) -> Vec<(&'static str, Vec<ProjectLayer>)> {
    let kinds = [("Point", "points"), ("LineString", "lines"), ("Polygon", "polygons")];
    let split = |layer: &'static str, title: &str, geometries: Vec<&Geometry>| {
        let is_there = |kind: &str| geometries.iter().any(|it| style::kind_of(it) == kind);
        let of_kind = |(kind, plural): (&'static str, &str)| {
            let stem = kind.trim_end_matches("String");
            is_there(stem).then(|| ProjectLayer {
                id: id(&format!("{layer}_{plural}")),
                geometry: Some(kind),
                ..ProjectLayer::new(layer, &format!("{title}, {plural}"))
            })
        };
        kinds.into_iter().filter_map(of_kind).collect::<Vec<_>>()
    };
    let features =
        split("features", "Finds", survey.features.iter().map(|it| &it.geometry).collect());
    let external = split(
        "external_evidence",
        "External evidence",
        survey.external_evidence.iter().map(|it| &it.geometry).collect(),
    );
    let table = |layer, title: &str| ProjectLayer::new(layer, title).hidden();
    let parts = table("feature_parts", "Stretches of lines");
    let detections = table("detections", "Detections");
    vec![
        ("Evidence", features.into_iter().chain([parts, detections]).chain(external).collect()),
        (
            "Hazardous areas",
            vec![
                ProjectLayer::new("hazard_areas", "SHAs and indications"),
                ProjectLayer::new("indication_belts", "Belts of indications"),
            ],
        ),
        (
            "Assessed or not",
            vec![ProjectLayer::new("gaps", "Gaps"), ProjectLayer::new("assessed", "Assessed")],
        ),
        (
            "Tables",
            vec![
                table("survey_metadata", "Who, when and where"),
                table("chips", "Pictures of finds"),
                table("run", "Record of the run"),
            ],
        ),
    ]
}

/// From an area to its features, and from a feature to its detections.
fn relations(groups: &[(&'static str, Vec<ProjectLayer>)]) -> Vec<Relation> {
    let layers = groups.iter().flat_map(|(_, layers)| layers);
    let features = layers.filter(|layer| layer.layer == "features");
    let of_feature = |layer: &ProjectLayer| {
        let id = &layer.id;
        let [areas, detections] = ["hazard_areas", "detections"].map(self::id);
        [
            Relation {
                id: format!("area_{id}"),
                from: (id.clone(), "hazard_areas"),
                to: (areas, "id"),
                title: "Finds of the area",
            },
            Relation {
                id: format!("{id}_detections"),
                from: (detections, "features"),
                to: (id.clone(), "id"),
                title: "Detections of the find",
            },
        ]
    };
    features.flat_map(of_feature).collect()
}

impl Relation {
    fn element(&self) -> String {
        let Self { id, from: (from, column), to: (to, key), title } = self;
        format!(
            r#"<relation id="{id}" name="{title}" referencingLayer="{from}" referencedLayer="{to}" strength="Association"><fieldRef referencingField="{column}" referencedField="{key}"/></relation>"#
        )
    }
}

impl ProjectLayer {
    fn leaf(&self) -> String {
        let Self { id, title, is_shown, .. } = self;
        let checked = if *is_shown { "Qt::Checked" } else { "Qt::Unchecked" };
        format!(
            r#"<layer-tree-layer id="{id}" name="{title}" checked="{checked}" expanded="0" providerKey="ogr"/>"#
        )
    }

    fn element(&self, labels: u8, crs: &str, style: &str) -> String {
        let Self { id, layer, title, geometry, .. } = self;
        let geometry = geometry.map(|it| format!("|geometrytype={it}")).unwrap_or_default();
        format!(
            r#"<maplayer type="vector" labelsEnabled="{labels}"><id>{id}</id><datasource>./{SURVEY_FILE}|layername={layer}{geometry}</datasource><layername>{title}</layername><srs>{crs}</srs><provider encoding="UTF-8">ogr</provider>{style}</maplayer>"#
        )
    }
}

fn crs_element(crs: &Crs) -> String {
    let code = crs.code.as_ref().map(|code| format!("<authid>{}</authid>", escape(code)));
    let (wkt, code) = (escape(&crs.wkt), code.unwrap_or_default());
    format!("<spatialrefsys><wkt>{wkt}</wkt>{code}</spatialrefsys>")
}

/// Each orthomosaic that is at hand, and its path: from the folder of the survey where both lie
/// on one disk, so that they can be moved together.
fn images<'a>(survey: &'a Survey, dir: &Path) -> Vec<(&'a OrthomosaicRecord, String)> {
    let dir = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    let image = |of: &'a OrthomosaicRecord| {
        let path = of.path.canonicalize().ok()?;
        Some((of, relative(&path, &dir).to_string_lossy().into_owned()))
    };
    survey.record.orthomosaics.iter().filter_map(image).collect()
}

/// A path as seen from a folder.
fn relative(path: &Path, dir: &Path) -> PathBuf {
    let [own, home] = [path, dir].map(|it| it.components().collect::<Vec<Component<'_>>>());
    let shared = own.iter().zip(&home).take_while(|(a, b)| a == b).count();
    let is_far = own.first().is_none_or(|first| home.first() != Some(first));
    if is_far {
        return path.to_owned();
    }
    let up = home[shared..].iter().map(|_| Component::ParentDir);
    let here = if home.len() == shared { Some(Component::CurDir) } else { None };
    here.into_iter().chain(up).chain(own[shared..].iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::relative;
    use std::path::Path;

    #[test]
    fn a_path_is_seen_from_a_folder() {
        let from = |path: &str, dir: &str| relative(Path::new(path), Path::new(dir));
        assert_eq!(from("/a/b/field.tif", "/a/out"), Path::new("../b/field.tif"));
        assert_eq!(from("/a/out/field.tif", "/a/out"), Path::new("./field.tif"));
    }
}
