//! [`Survey`](rams_domain::Survey) -> decisions of people: a review in the browser, served by the
//! program itself.

mod imagery;

pub use imagery::{Imagery, ImageryError, Layer, LayerKind, NoImagery, TILE_PX, View};
