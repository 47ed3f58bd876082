//! Ground on which a model is beside itself.

use crate::EoCategory;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Finds of one model and category on one orthomosaic that lie closer than any minefield's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Crowd {
    /// The orthomosaic that they were seen in.
    pub orthomosaic: String,
    /// The model that saw them.
    pub model: String,
    /// The category of explosive ordnance that they point to.
    pub eo_category: EoCategory,
    /// What they are called.
    pub classes: Vec<String>,
    /// How many they are.
    pub finds: usize,
    /// The ground with an image that they lie on, square metres.
    pub ground_m2: f64,
    /// Finds per hectare of it.
    pub per_hectare: f64,
    /// Finds per hectare that no minefield holds.
    pub most_per_hectare: f64,
}

/// What it is, and what it means.
impl fmt::Display for Crowd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            orthomosaic,
            model,
            eo_category,
            classes,
            finds,
            ground_m2,
            per_hectare,
            most_per_hectare,
        } = self;
        write!(
            f,
            "MODEL {model} IS BESIDE ITSELF ON {orthomosaic}: {finds} finds of {eo_category} ({}) \
             on {ground_m2:.0} m², {per_hectare:.0} per hectare, and no minefield holds \
             {most_per_hectare:.0}. It does not work on that ground, or so many things lie there \
             in the open: look at the imagery. Unless they do, treat that ground as NOT ASSESSED \
             for {eo_category}, whatever is drawn there",
            classes.join(", ")
        )
    }
}
