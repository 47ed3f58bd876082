//! Tensors of an .onnx whose values lie in other files (ONNX external data), and those values put
//! in.
//!
//! ONNX Runtime seeks such files in the working folder when it is given a model from memory, and
//! reads them again for every session. Here they are read once, by whoever knows the model's
//! folder, and the runtime is given one whole file: what was digested is what runs.

use crate::wire::{self, Field, Value};

/// A tensor whose values lie in another file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reference {
    /// The tensor's name, for messages.
    pub(crate) tensor: String,
    /// The file, as the .onnx names it.
    pub(crate) location: String,
    /// Where in it the values begin.
    pub(crate) offset: u64,
    /// How many bytes they are, by the tensor's shape and type.
    pub(crate) length: u64,
}

/// The messages of onnx.proto in which a tensor may lie, at whatever depth.
#[derive(Clone, Copy, PartialEq)]
enum Message {
    Model,
    Training,
    Function,
    Graph,
    Node,
    Attribute,
    Sparse,
    Tensor,
}

impl Message {
    /// What a field of this message holds, if a tensor may lie in it.
    fn child(self, field: u64) -> Option<Message> {
        match (self, field) {
            (Message::Model, 7) | (Message::Training, 1 | 2) | (Message::Attribute, 6 | 11) => {
                Some(Message::Graph)
            }
            (Message::Model, 20) => Some(Message::Training),
            (Message::Model, 25) => Some(Message::Function),
            (Message::Function, 7) | (Message::Graph, 1) => Some(Message::Node),
            (Message::Function, 11) | (Message::Node, 5) => Some(Message::Attribute),
            (Message::Graph, 15) | (Message::Attribute, 22 | 23) => Some(Message::Sparse),
            (Message::Graph, 5) | (Message::Sparse, 1 | 2) | (Message::Attribute, 5 | 10) => {
                Some(Message::Tensor)
            }
            _ => None,
        }
    }
}

/// Graphs within graphs, as deep as any reader of the format follows them.
const DEEPEST: usize = 100;

/// The model with all values in it; `None` if no other file belongs to it. `read` gives the values
/// of a tensor. `damaged` makes an error of a file that is none.
pub(crate) fn inline<E>(
    onnx: &[u8],
    read: &mut impl FnMut(&Reference) -> Result<Vec<u8>, E>,
    damaged: &impl Fn(String) -> E,
) -> Result<Option<Vec<u8>>, E> {
    rewrite(onnx, Message::Model, DEEPEST, read, damaged)
}

fn rewrite<E>(
    bytes: &[u8],
    message: Message,
    depth: usize,
    read: &mut impl FnMut(&Reference) -> Result<Vec<u8>, E>,
    damaged: &impl Fn(String) -> E,
) -> Result<Option<Vec<u8>>, E> {
    if message == Message::Tensor {
        let Some(reference) = reference(bytes).map_err(damaged)? else { return Ok(None) };
        let values = read(&reference)?;
        return with_values(bytes, &values).map(Some).map_err(damaged);
    }
    if message == Message::Node {
        check_node(bytes).map_err(damaged)?;
    }
    let Some(depth) = depth.checked_sub(1) else {
        return Err(damaged(format!("its graphs lie more than {DEEPEST} deep in one another")));
    };
    let mut rewritten: Option<Vec<u8>> = None;
    let mut at = 0;
    for field in wire::fields(bytes) {
        let field = field.map_err(damaged)?;
        let changed = match (message.child(field.number), field.value) {
            (Some(child), Value::Bytes(inner)) => rewrite(inner, child, depth, read, damaged)?,
            _ => None,
        };
        match (changed, &mut rewritten) {
            (Some(inner), _) => {
                let message = rewritten.get_or_insert_with(|| bytes[..at].to_vec());
                wire::append(message, field.number, &inner);
            }
            (None, Some(message)) => message.extend_from_slice(field.bytes),
            (None, None) => {}
        }
        at += field.bytes.len();
    }
    Ok(rewritten)
}

// Fields of a tensor.
const DIMS: u64 = 1;
const TYPE: u64 = 2;
const NAME: u64 = 8;
const RAW: u64 = 9;
const EXTERNAL: u64 = 13;
const PLACE: u64 = 14;

/// Fields that hold values, or say where they are.
const VALUES: [u64; 9] = [4, 5, 6, 7, RAW, 10, 11, EXTERNAL, PLACE];

/// What a tensor says of its values; `None` if they lie in it.
fn reference(tensor: &[u8]) -> Result<Option<Reference>, String> {
    let (mut dims, mut entries) = (vec![], vec![]);
    let (mut element_type, mut is_elsewhere, mut name) = (0, false, String::new());
    for field in wire::fields(tensor) {
        let Field { number, value, .. } = field?;
        match (number, value) {
            (DIMS, Value::Number(dim)) => dims.push(dim),
            (DIMS, Value::Bytes(list)) => {
                dims.extend(wire::packed(list).ok_or("a tensor's shape is damaged")?)
            }
            (TYPE, Value::Number(value)) => element_type = value,
            (PLACE, Value::Number(value)) => is_elsewhere = value == 1,
            (NAME, Value::Bytes(text)) => name = String::from_utf8_lossy(text).into_owned(),
            (EXTERNAL, Value::Bytes(entry)) => entries.push(key_and_value(entry)?),
            _ => {}
        }
    }
    if !is_elsewhere {
        return Ok(None);
    }
    let of = |key: &str| -> Result<Option<&str>, String> {
        let mut found =
            entries.iter().filter(|(found, _)| found == key).map(|(_, value)| value.as_str());
        match (found.next(), found.next()) {
            (Some(_), Some(_)) => Err(format!("tensor {name} gives its {key} twice")),
            (value, _) => Ok(value),
        }
    };
    let number = |key: &str| -> Result<Option<u64>, String> {
        let parsed = of(key)?.map(|text| text.trim().parse());
        parsed.transpose().map_err(|_| {
            format!("tensor {name} gives {key} {:?}", of(key).ok().flatten().unwrap_or(""))
        })
    };
    let location = of("location")?
        .ok_or_else(|| format!("tensor {name} lies in another file, and does not say which"))?;
    let length = bytes_of(element_type, &dims).ok_or_else(|| {
        format!(
            "tensor {name} of type {element_type} and shape {dims:?} cannot lie in another file"
        )
    })?;
    if let Some(stated) = number("length")?.filter(|stated| *stated != length) {
        return Err(format!(
            "tensor {name} takes {stated} bytes of {location}, and {length} by its shape {dims:?}"
        ));
    }
    let (location, offset) = (location.to_owned(), number("offset")?.unwrap_or(0));
    Ok(Some(Reference { tensor: name, location, offset, length }))
}

/// An entry of a tensor's external data: a key and its value.
fn key_and_value(entry: &[u8]) -> Result<(String, String), String> {
    let mut pair = [String::new(), String::new()];
    for field in wire::fields(entry) {
        if let Field { number: number @ 1..=2, value: Value::Bytes(text), .. } = field? {
            let text = std::str::from_utf8(text).map_err(|_| "the place of a tensor is no text")?;
            text.clone_into(&mut pair[number as usize - 1]);
        }
    }
    let [key, value] = pair;
    Ok((key, value))
}

/// Bytes of a tensor's values; `None` where type or shape tell nothing.
fn bytes_of(element_type: u64, dims: &[u64]) -> Option<u64> {
    // Numbers of element types, as the format gives them.
    let bits = match element_type {
        1 | 6 | 12 => 32,
        2 | 3 | 9 | 17..=20 | 24 => 8,
        4 | 5 | 10 | 16 => 16,
        7 | 11 | 13 | 14 => 64,
        15 => 128,
        21..=23 => 4,
        25 | 26 => 2,
        _ => return None,
    };
    let count = dims.iter().try_fold(1_u64, |count, dim| count.checked_mul(*dim))?;
    Some(count.checked_mul(bits)?.div_ceil(8)).filter(|bytes| *bytes <= i64::MAX as u64)
}

/// The tensor with its values in it.
fn with_values(tensor: &[u8], values: &[u8]) -> Result<Vec<u8>, String> {
    let mut whole = Vec::with_capacity(tensor.len() + values.len());
    for field in wire::fields(tensor) {
        let field = field?;
        if !VALUES.contains(&field.number) {
            whole.extend_from_slice(field.bytes);
        }
    }
    wire::append(&mut whole, RAW, values);
    Ok(whole)
}

/// A node may stand for a model that was compiled for a device and lies in another file.
fn check_node(node: &[u8]) -> Result<(), String> {
    const OPERATOR: u64 = 4;
    for field in wire::fields(node) {
        if let Field { number: OPERATOR, value: Value::Bytes(b"EPContext"), .. } = field? {
            return Err(
                "it was compiled for a device (EPContext), which hides what it does: give the \
                 model itself"
                    .into(),
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(fields: &[(u64, &[u8])]) -> Vec<u8> {
        let mut message = vec![];
        fields.iter().for_each(|(number, bytes)| wire::append(&mut message, *number, bytes));
        message
    }

    /// A tensor of two floats whose values lie in a file.
    fn tensor(place: &[(&str, &str)]) -> Vec<u8> {
        let mut tensor = vec![8, 2, 16, 1]; // dims 2, type float
        tensor.extend(message(&[(8, b"weights")]));
        for (key, value) in place {
            let entry = message(&[(1, key.as_bytes()), (2, value.as_bytes())]);
            tensor.extend(message(&[(13, &entry)]));
        }
        tensor.extend([0x70, 1]); // data_location external
        tensor
    }

    const PLACE: [(&str, &str); 3] = [("location", "w.data"), ("offset", "4"), ("length", "8")];

    fn inlined(model: &[u8]) -> Result<(Option<Vec<u8>>, Vec<Reference>), String> {
        let mut read = vec![];
        let mut values = |reference: &Reference| {
            read.push(reference.clone());
            Ok(vec![7; reference.length as usize])
        };
        let whole = inline(model, &mut values, &|cause| cause)?;
        Ok((whole, read))
    }

    #[test]
    fn values_are_put_in_wherever_a_tensor_may_lie() {
        // Field numbers from the model down to the tensor.
        let paths: [&[u64]; 10] = [
            &[7, 5],           // of a graph
            &[7, 15, 1],       // values of a sparse tensor
            &[7, 15, 2],       // its indices
            &[7, 1, 5, 5],     // of a node
            &[7, 1, 5, 10],    // one of several
            &[7, 1, 5, 22, 1], // a sparse one
            &[7, 1, 5, 6, 5],  // of a branch
            &[7, 1, 5, 11, 5], // of one of several branches
            &[25, 7, 5, 5],    // of a function
            &[20, 1, 5],       // of a graph for training
        ];
        for path in paths {
            let around = |inner: Vec<u8>| {
                let wrap = |inner: Vec<u8>, number: &u64| {
                    message(&[(98, b"before"), (*number, &inner), (99, b"after")])
                };
                path.iter().rev().fold(inner, wrap)
            };
            let (whole, read) = inlined(&around(tensor(&PLACE))).expect("it is sound");
            let mut expected = vec![8, 2, 16, 1];
            expected.extend(message(&[(8, b"weights"), (9, &[7; 8])]));
            assert_eq!(whole, Some(around(expected)), "{path:?}");
            let reference = Reference {
                tensor: "weights".into(),
                location: "w.data".into(),
                offset: 4,
                length: 8,
            };
            assert_eq!(read, [reference], "{path:?}");
        }
        // A model that is one file stays as it is.
        assert_eq!(inlined(&message(&[(7, &message(&[(5, &[8, 2, 16, 1])]))])), Ok((None, vec![])));
    }

    #[test]
    fn a_place_that_makes_no_sense_is_an_error() {
        let error = |place: &[(&str, &str)]| {
            inlined(&message(&[(7, &message(&[(5, &tensor(place))]))]))
                .expect_err("it makes no sense")
        };
        assert!(error(&[]).contains("does not say which"));
        assert!(
            error(&[PLACE[0], ("length", "9")])
                .contains("takes 9 bytes of w.data, and 8 by its shape [2]")
        );
        assert!(error(&[PLACE[0], ("offset", "-4")]).contains("offset \"-4\""));
        assert!(error(&[PLACE[0], PLACE[0]]).contains("location twice"));
        let compiled = message(&[(7, &message(&[(1, &message(&[(4, b"EPContext")]))]))]);
        assert!(inlined(&compiled).expect_err("no one knows").contains("compiled for a device"));
        let mut deep = vec![];
        (0..200).for_each(|_| deep = message(&[(1, &message(&[(5, &message(&[(6, &deep)]))]))]));
        assert!(inlined(&message(&[(7, &deep)])).expect_err("it is too deep").contains("100 deep"));
    }

    #[test]
    fn a_tensor_takes_the_bytes_of_its_type() {
        assert_eq!(bytes_of(1, &[2, 3]), Some(24));
        assert_eq!(bytes_of(22, &[3]), Some(2), "two of 4 bits in a byte");
        assert_eq!(bytes_of(1, &[]), Some(4), "a scalar");
        assert_eq!(bytes_of(7, &[5, 0]), Some(0));
        assert_eq!(bytes_of(8, &[1]), None, "texts have no width");
        assert_eq!(bytes_of(1, &[u64::MAX, 2]), None);
    }
}
