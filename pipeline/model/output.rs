//! What the outputs of a model mean.

use crate::layout::Layout;
use serde::{Deserialize, Serialize};

/// What the outputs of a model mean.
#[derive(Debug, Clone)]
pub struct Output {
    /// What the tensors hold.
    pub layout: Layout,
    /// What makes probabilities of a mask's values; `None` where nothing says.
    pub activation: Option<Activation>,
    /// The output `[n, d]`, by its name in the .onnx, whose rows say how the object in the box of
    /// the same row looks; `None` where a model has none.
    pub embedding: Option<String>,
    /// For each class of the outputs, in their order, the class of the model; `None` for one that
    /// is no indicator of hazard, such as the background.
    pub classes: Vec<Option<usize>>,
    /// Whether the outputs list as many finds as there are. Else a list that is full may lack some.
    pub is_open: bool,
}

/// What makes probabilities of a mask's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// They are probabilities.
    None,
    /// Each class by itself.
    Sigmoid,
    /// The classes exclude one another, as where one of them is the background.
    Softmax,
}
