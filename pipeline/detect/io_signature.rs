//! The type and shape in which a graph takes tiles and gives its outputs.

use crate::embedding;
use half::f16;
use ndarray::{Array4, ArrayD, Axis, Slice};
use ort::{
    session::{RunOptions, Session, SessionInputValue},
    value::{DynValue, Outlet, TensorElementType, TensorRef, ValueType},
};
use rams_model::Manifest;

/// How a graph wants its input.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IoSignature {
    /// Tiles in a batch, if that is fixed.
    pub(crate) batch: Option<usize>,
    element: TensorElementType,
    /// Whether the bands come last: `[batch, rows, columns, bands]`.
    bands_last: bool,
    /// Place of the embeddings among the outputs.
    embedding: Option<usize>,
}

impl IoSignature {
    /// Compares the graph's inputs and outputs with the manifest; -1 stands for a size left open.
    pub(crate) fn of(session: &Session, manifest: &Manifest) -> Result<Self, String> {
        let Manifest { model, input: spec, output, .. } = manifest;
        let [input] = session.inputs() else {
            return Err(format!(
                "it has {} inputs, rams gives it one: the image",
                session.inputs().len()
            ));
        };
        let (element, shape) = tensor(input).ok_or("its input is not a tensor")?;
        let (planes, side) = (spec.planes() as i64, i64::from(model.tile.tile_px));
        let is = |found: &[i64], wanted: &[i64]| {
            found.len() == wanted.len()
                && found.iter().zip(wanted).all(|(found, wanted)| *found < 0 || found == wanted)
        };
        let (first, last) = ([-1, planes, side, side], [-1, side, side, planes]);
        let rest = |wanted: &[i64; 4]| shape.len() == 4 && is(&shape[1..], &wanted[1..]);
        if !rest(&first) && !rest(&last) {
            return Err(format!("input is {shape:?}, model.toml asks for {first:?}"));
        }
        let signature = Self {
            batch: usize::try_from(shape[0]).ok().filter(|batch| *batch > 0),
            element,
            bands_last: !rest(&first),
            embedding: embedding::place(session, output)?,
        };
        match element {
            TensorElementType::Float32 | TensorElementType::Float16 => {}
            TensorElementType::Uint8 if spec.takes_heights() => {
                return Err(
                    "input is of 8 bits, which hold no heights: export it with a float input"
                        .into(),
                );
            }
            TensorElementType::Uint8 if spec.mean != [0.0; 3] || spec.std != [1.0; 3] => {
                return Err(
                    "input is of 8 bits, which are not normalised: give mean = [0, 0, 0], std = \
                     [1, 1, 1]"
                        .into(),
                );
            }
            TensorElementType::Uint8 => {}
            other => {
                return Err(format!(
                    "input is of {other:?}, rams gives 32 bit or 16 bit floats or 8 bit integers"
                ));
            }
        }
        let outputs: Option<Vec<Vec<i64>>> =
            session.outputs().iter().map(|out| Some(tensor(out)?.1)).collect();
        let mut outputs = outputs.ok_or("an output is not a tensor")?;
        if let Some(place) = signature.embedding {
            outputs.remove(place);
        }
        output.layout.check(&outputs, output.classes.len())?;
        Ok(signature)
    }

    /// Runs a graph on a batch `[batch, bands, rows, columns]`, padded to the size that it wants.
    /// The embeddings are the last of the outputs.
    pub(crate) fn run(
        &self,
        session: &mut Session,
        mut batch: Array4<f32>,
        options: Option<RunOptions>,
    ) -> Result<Vec<ArrayD<f32>>, String> {
        let text = |error: ort::Error| error.to_string();
        if let Some(size) = self.batch.filter(|size| *size > batch.len_of(Axis(0))) {
            let (count, bands, rows, cols) = batch.dim();
            let mut padded = Array4::zeros((size, bands, rows, cols));
            padded.slice_axis_mut(Axis(0), Slice::from(..count)).assign(&batch);
            batch = padded;
        }
        if self.bands_last {
            batch = batch.permuted_axes([0, 2, 3, 1]).as_standard_layout().into_owned();
        }
        let mut outputs = match self.element {
            TensorElementType::Float16 => {
                let batch = batch.mapv(f16::from_f32);
                outputs(session, TensorRef::from_array_view(&batch).map_err(text)?.into(), options)
            }
            TensorElementType::Uint8 => {
                let batch = batch.mapv(|value| (value * 255.0).round() as u8);
                outputs(session, TensorRef::from_array_view(&batch).map_err(text)?.into(), options)
            }
            _ => {
                outputs(session, TensorRef::from_array_view(&batch).map_err(text)?.into(), options)
            }
        }?;
        if let Some(place) = self.embedding {
            outputs[place..].rotate_left(1);
        }
        Ok(outputs)
    }
}

fn outputs(
    session: &mut Session,
    input: SessionInputValue<'_>,
    options: Option<RunOptions>,
) -> Result<Vec<ArrayD<f32>>, String> {
    let outputs = match &options {
        Some(options) => session.run_with_options(ort::inputs![input], options),
        None => session.run(ort::inputs![input]),
    };
    let outputs = outputs.map_err(|error| error.to_string())?;
    outputs.values().map(|output| floats(&output)).collect()
}

/// The values of an output, whatever their type.
fn floats(output: &DynValue) -> Result<ArrayD<f32>, String> {
    macro_rules! extract {
        ($kind:ty, $to:expr) => {
            output
                .try_extract_array::<$kind>()
                .map(|values| values.mapv($to))
                .map_err(|error| error.to_string())
        };
    }
    match output.dtype() {
        ValueType::Tensor { ty, .. } => match ty {
            TensorElementType::Float32 => output
                .try_extract_array::<f32>()
                .map(|values| values.to_owned())
                .map_err(|error| error.to_string()),
            TensorElementType::Float16 => extract!(f16, f16::to_f32),
            TensorElementType::Uint8 => extract!(u8, f32::from),
            TensorElementType::Int32 => extract!(i32, |value| value as f32),
            TensorElementType::Int64 => extract!(i64, |value| value as f32),
            other => Err(format!(
                "an output of {other:?}: 32 or 16 bit floats, or integers, are expected"
            )),
        },
        other => Err(format!("an output that is no tensor: {other:?}")),
    }
}

fn tensor(outlet: &Outlet) -> Option<(TensorElementType, Vec<i64>)> {
    match outlet.dtype() {
        ValueType::Tensor { ty, shape, .. } => Some((*ty, shape.to_vec())),
        _ => None,
    }
}
