//! A layer's style in QGIS' own XML, as far as a survey needs it.
//!
//! Properties are written as `<prop k v>`: QGIS 3 reads that form in every version, the newer
//! `<Option>` form only from 3.18 on.

use crate::form::Form;
use crate::xml::escape;
use std::fmt::Write;

/// A style: its rules, each a filter, a legend text and a symbol, and perhaps a label expression.
#[derive(Debug, Default)]
pub(crate) struct Qml {
    rules: Vec<Rule>,
    label: Option<Label>,
    form: Option<Form>,
}

/// An expression, and whether its text goes into a polygon or beside it.
#[derive(Debug, Clone, Copy)]
struct Label {
    expression: &'static str,
    inside: bool,
}

#[derive(Debug)]
struct Rule {
    filter: String,
    label: String,
    symbol: Symbol,
}

/// What a symbol draws.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SymbolKind {
    Marker,
    Line,
    Fill,
}

/// Symbol layers from the bottom up.
#[derive(Debug)]
pub(crate) struct Symbol {
    pub(crate) kind: SymbolKind,
    pub(crate) layers: Vec<Layer>,
}

/// What one layer of a symbol draws, and the symbol that it draws with where it needs one.
#[derive(Debug)]
pub(crate) struct Layer {
    class: &'static str,
    properties: Vec<(&'static str, String)>,
    inner: Option<Symbol>,
}

/// Filter of the rule that catches what no other rule has.
pub(crate) const ELSE: &str = "ELSE";

impl Qml {
    pub(crate) fn rule(
        &mut self,
        filter: impl Into<String>,
        label: impl Into<String>,
        symbol: Symbol,
    ) {
        self.rules.push(Rule { filter: filter.into(), label: label.into(), symbol });
    }

    /// Labels every feature with the value of an expression, beside it: inside it would cover the
    /// evidence.
    pub(crate) fn label(&mut self, expression: &'static str) {
        self.label = Some(Label { expression, inside: false });
    }

    /// Labels likewise, inside: for ground that reaches beyond the map.
    pub(crate) fn label_inside(&mut self, expression: &'static str) {
        self.label = Some(Label { expression, inside: true });
    }

    /// Shows rows by a form.
    pub(crate) fn form(&mut self, form: Form) {
        self.form = Some(form);
    }

    /// The document. It names no geometry type, so that one style fits all the sublayers into
    /// which QGIS splits a layer of mixed geometry.
    pub(crate) fn document(&self) -> String {
        let with_labels = self.with_labels();
        format!(
            "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n\
             <qgis version=\"3.16.0\" \
             styleCategories=\"Symbology|Labeling|Fields|Forms|MapTips\" \
             labelsEnabled=\"{with_labels}\">{}</qgis>\n",
            self.elements(None)
        )
    }

    /// 1 if rows are labelled, else 0.
    pub(crate) fn with_labels(&self) -> u8 {
        u8::from(self.label.is_some())
    }

    /// What a style and a layer of a project have in common; a project has relations.
    pub(crate) fn elements(&self, relations: Option<&[String]>) -> String {
        let mut rules = String::new();
        let mut symbols = String::new();
        for (index, rule) in self.rules.iter().enumerate() {
            let (filter, label) = (escape(&rule.filter), escape(&rule.label));
            // Writing to a String cannot fail.
            let _ = write!(
                rules,
                r#"<rule key="rule{index}" symbol="{index}" filter="{filter}" label="{label}"/>"#
            );
            symbols.push_str(&rule.symbol.element(&index.to_string()));
        }
        let labelling = self.label.map(labelling).unwrap_or_default();
        let form = self.form.as_ref().map(|form| form.elements(relations.unwrap_or(&[])));
        let form = form.unwrap_or_default();
        let renderer = if self.rules.is_empty() {
            String::new()
        } else {
            format!(
                "<renderer-v2 type=\"RuleRenderer\" forceraster=\"0\" symbollevels=\"0\" \
             enableorderby=\"0\">\
             <rules key=\"root\">{rules}</rules><symbols>{symbols}</symbols></renderer-v2>"
            )
        };
        format!(
            "{renderer}{labelling}<blendMode>0</blendMode><featureBlendMode>0</featureBlendMode>\
             {form}"
        )
    }
}

impl Symbol {
    fn element(&self, name: &str) -> String {
        let kind = match self.kind {
            SymbolKind::Marker => "marker",
            SymbolKind::Line => "line",
            SymbolKind::Fill => "fill",
        };
        let layers: String = self
            .layers
            .iter()
            .enumerate()
            .map(|(index, layer)| layer.element(name, index))
            .collect();
        format!(
            "<symbol name=\"{name}\" type=\"{kind}\" alpha=\"1\" clip_to_extent=\"1\" \
             force_rhr=\"0\">{layers}</symbol>"
        )
    }
}

impl Layer {
    pub(crate) fn new(class: &'static str, properties: Vec<(&'static str, String)>) -> Self {
        Self { class, properties, inner: None }
    }

    /// Draws with a symbol.
    pub(crate) fn with(self, inner: Symbol) -> Self {
        Self { inner: Some(inner), ..self }
    }

    fn element(&self, symbol: &str, index: usize) -> String {
        let Self { class, properties, inner } = self;
        let properties = properties
            .iter()
            .map(|(key, value)| format!(r#"<prop k="{key}" v="{}"/>"#, escape(value)));
        let properties = properties.collect::<String>();
        // The name by which QGIS finds a layer's own symbol.
        let inner = inner
            .as_ref()
            .map(|inner| inner.element(&format!("@{symbol}@{index}")))
            .unwrap_or_default();
        format!(
            r#"<layer class="{class}" enabled="1" locked="0" pass="0">{properties}{inner}</layer>"#
        )
    }
}

fn labelling(label: Label) -> String {
    let expression = escape(label.expression);
    // Horizontal within the part of a polygon that is in sight, or outside polygons.
    let placement = if label.inside { 4 } else { 8 };
    format!(
        "<labeling type=\"simple\"><settings>\
         <text-style fieldName=\"{expression}\" isExpression=\"1\" fontSize=\"9\" \
         fontSizeUnit=\"Point\" fontWeight=\"63\" textColor=\"20,20,20,255\" textOpacity=\"1\" \
         multilineHeight=\"1\">\
         <text-buffer bufferDraw=\"1\" bufferSize=\"0.8\" bufferSizeUnits=\"MM\" \
         bufferColor=\"255,255,255,230\" bufferOpacity=\"1\"/></text-style>\
         <placement placement=\"{placement}\" priority=\"8\" dist=\"1\" distUnits=\"MM\"/>\
         <rendering drawLabels=\"1\" labelPerPart=\"1\" displayAll=\"1\" obstacle=\"0\"/>\
         </settings></labeling>"
    )
}
