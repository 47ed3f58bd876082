//! Boxes of predictions x boxes of the truth -> figures: average precision as COCO counts it,
//! recall and false alarms as a person in the field would count them.

mod average_precision;
mod confusion;
mod evaluation;
mod figures;
pub(crate) mod judge;
mod level;
mod near;
mod object;
mod plot;
mod reliability;
mod sweep;
pub(crate) mod text;

pub use confusion::Confusion;
pub use evaluation::{Evaluation, Settings, evaluate};
pub use figures::{Figures, Operating};
pub use judge::Rule;
pub use level::{Level, Table, TileFigures};
pub use object::JudgedObject;
pub use reliability::{Bin, Reliability};
pub use sweep::{RecallAt, Step};
