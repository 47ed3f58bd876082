//! What an .onnx file says of itself, without running it.

use prost::Message;
use std::collections::{BTreeMap, BTreeSet};

/// The head of a model's file: its inputs, its outputs and its metadata.
#[derive(Debug, Default)]
pub(crate) struct Onnx {
    pub(crate) inputs: Vec<Outlet>,
    pub(crate) outputs: Vec<Outlet>,
    /// What whoever exported it noted, by key.
    pub(crate) metadata_props: BTreeMap<String, String>,
}

/// An input or output.
#[derive(Debug)]
pub(crate) struct Outlet {
    /// Whether its values are whole numbers, as labels are.
    pub(crate) is_integer: bool,
    /// Its shape, -1 for a size left open; empty where the file does not say.
    pub(crate) shape: Vec<i64>,
}

impl Onnx {
    /// Reads the head of a file. Weights are skipped, not copied.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let model = ModelProto::decode(bytes)
            .map_err(|error| format!("it is no ONNX file, or it is cut short: {error}"))?;
        let Some(graph) = model.graph else {
            return Err("it is no ONNX file: it holds no graph".into());
        };
        let outlets = graph.input.iter().chain(&graph.output);
        if let Some(size) = outlets.flat_map(ValueInfo::sizes).find(|size| *size < -1) {
            return Err(format!(
                "an input or output of it has a size of {size}: the file is damaged, fetch it again"
            ));
        }
        // Old exporters list the weights among the inputs.
        let weights: BTreeSet<String> =
            graph.initializer.into_iter().map(|tensor| tensor.name).collect();
        let inputs = graph
            .input
            .into_iter()
            .filter(|input| !weights.contains(&input.name))
            .map(Outlet::from)
            .collect();
        let outputs = graph.output.into_iter().map(Outlet::from).collect();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let mut metadata_props = BTreeMap::new();
        for note in model.metadata_props {
            let (key, value) = (text(note.key), text(note.value));
            if metadata_props.insert(key.clone(), value.clone()).is_some_and(|other| other != value)
            {
                return Err(format!(
                    "its metadata gives {key} twice, and not the same: export it again"
                ));
            }
        }
        Ok(Self { inputs, outputs, metadata_props })
    }
}

/// Numbers of element types, as the format gives them.
const INTEGERS: [i32; 8] = [2, 3, 4, 5, 6, 7, 12, 13];

impl ValueInfo {
    fn sizes(&self) -> impl Iterator<Item = i64> {
        let tensor = self.r#type.as_ref().and_then(|kind| kind.tensor.as_ref());
        let shape = tensor.and_then(|tensor| tensor.shape.as_ref());
        shape.into_iter().flat_map(|shape| &shape.dim).filter_map(|dim| dim.value)
    }
}

impl From<ValueInfo> for Outlet {
    fn from(info: ValueInfo) -> Self {
        let tensor = info.r#type.and_then(|kind| kind.tensor).unwrap_or_default();
        let size = |dim: Dim| dim.value.filter(|size| *size > 0).unwrap_or(-1);
        let shape = tensor.shape.unwrap_or_default().dim.into_iter().map(size).collect();
        Self { is_integer: INTEGERS.contains(&tensor.element), shape }
    }
}

// The few fields of the format (onnx.proto) that are read; all others are skipped. Messages about a
// damaged file name these structs.

#[derive(Message)]
struct ModelProto {
    #[prost(message, optional, tag = "7")]
    graph: Option<Graph>,
    #[prost(message, repeated, tag = "14")]
    metadata_props: Vec<Note>,
}

#[derive(Message)]
struct Note {
    #[prost(bytes = "vec", tag = "1")]
    key: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

#[derive(Message)]
struct Graph {
    #[prost(message, repeated, tag = "5")]
    initializer: Vec<Weight>,
    #[prost(message, repeated, tag = "11")]
    input: Vec<ValueInfo>,
    #[prost(message, repeated, tag = "12")]
    output: Vec<ValueInfo>,
}

#[derive(Message)]
struct Weight {
    #[prost(string, tag = "8")]
    name: String,
}

#[derive(Message)]
struct ValueInfo {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, optional, tag = "2")]
    r#type: Option<Type>,
}

#[derive(Message)]
struct Type {
    #[prost(message, optional, tag = "1")]
    tensor: Option<TensorType>,
}

#[derive(Message)]
struct TensorType {
    #[prost(int32, tag = "1")]
    element: i32,
    #[prost(message, optional, tag = "2")]
    shape: Option<Shape>,
}

#[derive(Message)]
struct Shape {
    #[prost(message, repeated, tag = "1")]
    dim: Vec<Dim>,
}

#[derive(Message)]
struct Dim {
    #[prost(int64, optional, tag = "1")]
    value: Option<i64>,
}
