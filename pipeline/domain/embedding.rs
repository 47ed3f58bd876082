//! How a detection looks to its model.

use half::f16;
use serde::{Deserialize, Serialize};

/// How a detection looks to its model: a vector of length 1 (L2 norm), kept as float16, the low
/// byte first. The cosine similarity of two detections of one model is the dot product of theirs.
///
/// ```
/// use rams_domain::Embedding;
///
/// let embedding = Embedding::of(&[3.0, 0.0, -4.0]).expect("it has a direction");
/// // 0.6 and 0.8 as float16: 0x38cd and 0x3a66, the sign in the highest bit.
/// assert_eq!(embedding.bytes(), [0xcd, 0x38, 0, 0, 0x66, 0xba]);
/// assert_eq!(embedding.values(), [0.60009766, 0.0, -0.7998047]);
/// assert_eq!(Embedding::from_bytes(embedding.bytes().into()), Some(embedding));
/// assert_eq!(Embedding::of(&[0.0; 3]), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Embedding(Box<[u8]>);

impl Embedding {
    /// Of the values that a model gives, of any length; `None` where all are 0, which is no
    /// direction.
    pub fn of(values: &[f32]) -> Option<Self> {
        let norm = values.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
        let bytes =
            values.iter().flat_map(|value| f16::from_f64(f64::from(*value) / norm).to_le_bytes());
        (norm > 0.0).then(|| Self(bytes.collect()))
    }

    /// From its bytes; `None` where they are no float16s.
    pub fn from_bytes(bytes: Box<[u8]>) -> Option<Self> {
        (!bytes.is_empty() && bytes.len().is_multiple_of(2)).then_some(Self(bytes))
    }

    /// Its bytes, two a value.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Its values, -1 to 1.
    pub fn values(&self) -> Vec<f32> {
        self.0.chunks_exact(2).map(|pair| f16::from_le_bytes([pair[0], pair[1]]).to_f32()).collect()
    }
}
