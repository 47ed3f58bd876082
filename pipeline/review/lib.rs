//! [`Survey`](rams_domain::Survey) -> decisions of people: a review in the browser, served by the
//! program itself.
//!
//! [`Server`] serves the page and takes decisions; [`Book`] keeps them, in `review/` of the
//! survey's folder. `survey.gpkg` is never written. [`Imagery`] is what the review shows of the
//! ground.
//!
//! Coordinates of the page are local metres of the survey's ground; the book holds those of the
//! survey's CRS.

mod area_edits;
mod book;
mod error;
#[cfg(test)]
#[path = "tests/fixture.rs"]
mod fixture;
mod geojson;
mod guid;
mod imagery;
mod imported;
mod judgements;
mod observations;
mod older;
mod other_log;
mod outcome;
mod page;
mod private_file;
mod progress;
mod queue;
mod reviewed_survey;
mod server;
mod settings;
mod shapes;
mod users;
mod verified;

pub use area_edits::{AreaChange, AreaTable, AreasOutcome, import_areas};
pub use book::{Book, Head, REVIEW_DIR, Role, Subject, User, Users, Verification};
pub use error::ReviewError;
pub use imagery::{Imagery, ImageryError, Layer, LayerKind, NoImagery, TILE_PX, View};
pub use judgements::judgements;
pub use observations::{FieldOutcome, FieldTable, Photo, Withdrawn, import_field_table, withdraw};
pub use older::{OlderOutcome, OlderSurvey, note_older};
pub use other_log::{Conflict, LogOutcome, import_log, is_log};
pub use outcome::write_reviewed;
pub use private_file::write_private;
pub use progress::progress;
pub use server::{Listen, Server, Setup, Transport, Without};
pub use users::users;
pub use verified::verify;
