//! The output that says how the object in each box looks.

use ndarray::{ArrayView2, ArrayViewD, Ix2};
use ort::{
    session::Session,
    value::{Outlet, TensorElementType, ValueType},
};
use rams_model::Output;

/// The place among a graph's outputs of the one that `output.embedding` names. The error says what
/// is wrong with it, and what to do.
pub(crate) fn place(session: &Session, output: &Output) -> Result<Option<usize>, String> {
    let Some(name) = &output.embedding else { return Ok(None) };
    let place = session.outputs().iter().position(|outlet| outlet.name() == name);
    let Some(place) = place else {
        let names: Vec<_> = session.outputs().iter().map(Outlet::name).collect();
        return Err(format!(
            "it has no output {name:?}, which output.embedding names: its outputs are {}; name one \
             of them, or leave output.embedding out",
            names.join(", ")
        ));
    };
    let ValueType::Tensor { ty, shape, .. } = session.outputs()[place].dtype() else {
        return Err(unexpected(name, "is not a tensor"));
    };
    if *ty != TensorElementType::Float32 {
        return Err(unexpected(name, &format!("is of {ty:?}, not of 32 bit floats")));
    }
    // Without a shape the trial run tells.
    if !matches!(shape.len(), 0 | 3) {
        return Err(unexpected(name, &format!("is {:?}, not [batch, n, d]", shape.to_vec())));
    }
    Ok(Some(place))
}

/// The outputs for a tile apart from the embeddings, which come last.
pub(crate) fn split<'a, 'b>(
    output: &Output,
    tensors: &'a [ArrayViewD<'b, f32>],
) -> (&'a [ArrayViewD<'b, f32>], Option<&'a ArrayViewD<'b, f32>>) {
    match (&output.embedding, tensors) {
        (Some(_), [others @ .., embeddings]) => (others, Some(embeddings)),
        _ => (tensors, None),
    }
}

/// A row of values for each of so many boxes.
pub(crate) fn rows<'a>(
    output: &Output,
    embeddings: &'a ArrayViewD<'_, f32>,
    boxes: usize,
) -> Result<ArrayView2<'a, f32>, String> {
    check_finite(output, embeddings)?;
    let rows = embeddings.view().into_dimensionality::<Ix2>().ok();
    rows.filter(|rows| rows.nrows() == boxes).ok_or_else(|| {
        let (name, shape) = (output.embedding.as_deref().unwrap_or_default(), embeddings.shape());
        unexpected(name, &format!("is {shape:?} a tile, not [{boxes}, d], a row for each box"))
    })
}

/// Whether all values are finite.
pub(crate) fn check_finite(
    output: &Output,
    embeddings: &ArrayViewD<'_, f32>,
) -> Result<(), String> {
    let name = output.embedding.as_deref().unwrap_or_default();
    match embeddings.iter().find(|value| !value.is_finite()) {
        Some(value) => Err(unexpected(name, &format!("holds a value that is not finite: {value}"))),
        None => Ok(()),
    }
}

fn unexpected(name: &str, what: &str) -> String {
    format!(
        "output {name:?}, which output.embedding names, {what}: export it as float32 [batch, n, d] \
         of finite values, row i for box i, or leave output.embedding out"
    )
}
