//! How people read and edit the rows of a layer in QGIS: names of columns, widgets, a form, and the
//! map tip with the picture of the find.

use crate::columns::columns;
use crate::table::Column;
use crate::xml::escape;
use rams_domain::{AreaKind, EoCategory, EvidenceKind, Found, LandClass, Threat, Tier};
use std::fmt::Display;

/// A form of a layer.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    /// Name of the layer.
    pub(crate) layer: &'static str,
    /// Expression by which a row is called.
    pub(crate) title: &'static str,
    /// Expression of the row's pictures as HTML, if it may have any.
    pub(crate) pictures: Option<&'static str>,
    /// Columns in the map tip, below the title.
    pub(crate) tip: &'static [&'static str],
    /// Columns of a new row that are filled in, and the expressions that do so.
    pub(crate) defaults: &'static [(&'static str, &'static str)],
}

/// The find's picture. Only in the project is the table known by this id; elsewhere there is none.
pub(crate) const PICTURE: &str = "\
    CASE WHEN layer_property('survey_layer_chips', 'name') IS NOT NULL \
    THEN coalesce(aggregate('survey_layer_chips', 'concatenate', '<img \
    src=\"data:image/jpeg;base64,' || to_base64(\"jpeg\") || '\" width=\"240\"/>', \
    \"feature\" = attribute(@parent, 'id')), '') ELSE '' END";

/// The pictures of an area's finds, some of them.
pub(crate) const PICTURES: &str = "\
    CASE WHEN layer_property('survey_layer_chips', 'name') IS NOT NULL \
    THEN array_to_string(array_slice(coalesce(aggregate('survey_layer_chips', 'array_agg', '<img \
    src=\"data:image/jpeg;base64,' || to_base64(\"jpeg\") || '\" width=\"160\"/>', \
    array_contains(string_to_array(attribute(@parent, 'features')), \"feature\")), array()), \
    0, 11), ' ') ELSE '' END";

impl Form {
    /// The elements of a style, with an editor of each relation.
    pub(crate) fn elements(&self, relations: &[String]) -> String {
        let legible = |(_, column): &&(&str, Column)| !matches!(column, Column::Bytes);
        let names = columns(self.layer).iter().filter(legible).map(|(name, _)| *name);
        let mut aliases = String::new();
        let mut widgets = String::new();
        let mut fields = String::new();
        for (index, name) in names.enumerate() {
            // Column 0 is the number of the row.
            let index = index + 1;
            aliases += &format!(
                r#"<alias field="{name}" index="{index}" name="{}"/>"#,
                escape(&alias(name))
            );
            widgets += &format!(
                r#"<field name="{name}" configurationFlags="None">{}</field>"#,
                widget(name)
            );
            fields +=
                &format!(r#"<attributeEditorField name="{name}" index="{index}" showLabel="1"/>"#);
        }
        let pictures = self.pictures.map(|pictures| {
            let html =
                format!("<script>document.write(expression.evaluate({pictures:?}));</script>");
            format!(
                "<attributeEditorHtmlElement name=\"Pictures\" showLabel=\"0\">{}\
                 </attributeEditorHtmlElement>",
                escape(&html)
            )
        });
        let relations: String = relations
            .iter()
            .map(|id| {
                format!(
                    r#"<attributeEditorRelation name="{id}" relation="{id}" showLabel="1" relationWidgetTypeId="relation_editor" nmRelationId="" forceSuppressFormPopup="0"/>"#
                )
            })
            .collect();
        let tab = |name: &str, inside: &str| {
            format!(
                "<attributeEditorContainer name=\"{name}\" showLabel=\"1\" groupBox=\"0\" \
                 columnCount=\"1\" visibilityExpressionEnabled=\"0\">{inside}\
                 </attributeEditorContainer>"
            )
        };
        let pictures = pictures.unwrap_or_default();
        let second = if relations.is_empty() { String::new() } else { tab("Evidence", &relations) };
        format!(
            "<aliases>{aliases}</aliases><defaults>{}</defaults>\
             <fieldConfiguration>{widgets}</fieldConfiguration>\
             <previewExpression>{}</previewExpression><mapTip>{}</mapTip>\
             <editorlayout>tablayout</editorlayout><attributeEditorForm>{}{second}\
             </attributeEditorForm>",
            self.defaults(),
            escape(self.title),
            escape(&self.map_tip()),
            tab("Attributes", &(pictures + &fields)),
        )
    }

    fn defaults(&self) -> String {
        let default = |(name, expression): &(&str, &str)| {
            let expression = escape(expression);
            format!(r#"<default field="{name}" expression="{expression}" applyOnUpdate="0"/>"#)
        };
        self.defaults.iter().map(default).collect()
    }

    fn map_tip(&self) -> String {
        let lines: String = self
            .tip
            .iter()
            .map(|name| {
                let is_real = columns(self.layer)
                    .iter()
                    .any(|(column, kind)| column == name && matches!(kind, Column::Real));
                let value =
                    if is_real { format!("round(\"{name}\", 2)") } else { format!("\"{name}\"") };
                format!("<br/>{}: [% coalesce({value}, '') %]", alias(name))
            })
            .collect();
        let pictures =
            self.pictures.map_or_else(String::new, |pictures| format!("<br/>[% {pictures} %]"));
        format!("<b>[% {} %]</b>{lines}{pictures}", self.title)
    }
}

/// The name of a column for people: `beyond_imagery_m2` is "Beyond imagery, m²".
pub fn alias(column: &str) -> String {
    const UNITS: [(&str, &str); 3] = [("_m2", "m²"), ("_m", "m"), ("_deg", "degrees")];
    let unit = UNITS.into_iter().find(|(ending, _)| column.ends_with(ending));
    let stem = unit.map_or(column, |(ending, _)| column.trim_end_matches(ending));
    let words = match stem {
        "rationale" => "why".into(),
        "eo_category" => "EO category".into(),
        stem => stem.replace('_', " "),
    };
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let unit = unit.map_or_else(String::new, |(_, unit)| format!(", {unit}"));
    format!("{first}{}{unit}", letters.as_str())
}

/// The words of a column as a list to choose from: any other could not be read back.
fn widget(column: &str) -> String {
    fn words<T: Display>(all: impl IntoIterator<Item = T>) -> Vec<String> {
        all.into_iter().map(|word| word.to_string()).collect()
    }
    let words = match column {
        "found" => words(Found::ALL),
        "land_class" => words(LandClass::ALL),
        "kind" => words(AreaKind::ALL),
        "threat" => words(Threat::ALL),
        "tier" => words(Tier::ALL),
        "evidence" => words(EvidenceKind::ALL),
        "eo_category" => words(EoCategory::ALL),
        "rationale" => {
            return r#"<editWidget type="TextEdit"><config><Option type="Map"><Option name="IsMultiline" type="bool" value="true"/></Option></config></editWidget>"#.into();
        }
        "photo" => {
            return r#"<editWidget type="ExternalResource"><config><Option type="Map"><Option name="DocumentViewer" type="int" value="1"/><Option name="FileWidget" type="bool" value="true"/><Option name="RelativeStorage" type="int" value="1"/></Option></config></editWidget>"#.into();
        }
        _ => {
            return r#"<editWidget type="TextEdit"><config><Option/></config></editWidget>"#.into();
        }
    };
    let options: String = words
        .iter()
        .map(|word| {
            format!(
                r#"<Option type="Map"><Option name="{word}" type="QString" value="{word}"/></Option>"#
            )
        })
        .collect();
    format!(
        r#"<editWidget type="ValueMap"><config><Option type="Map"><Option name="map" type="List">{options}</Option></Option></config></editWidget>"#
    )
}

#[cfg(test)]
mod tests {
    use super::{alias, widget};

    #[test]
    fn columns_have_names_for_people() {
        assert_eq!(alias("beyond_imagery_m2"), "Beyond imagery, m²");
        assert_eq!(alias("front_deg"), "Front, degrees");
        assert_eq!(alias("eo_category"), "EO category");
        assert_eq!(alias("rationale"), "Why");
        assert_eq!(alias("rows"), "Rows");
    }

    #[test]
    fn words_of_the_vocabulary_are_chosen_from_a_list() {
        let tier = widget("tier");
        let at = |word: &str| tier.find(&format!("value=\"{word}\"")).expect("a word of the list");
        assert!(at("reported") < at("likely") && at("likely") < at("possible"));
        assert!(widget("district").contains("TextEdit"));
    }
}
