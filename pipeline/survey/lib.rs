//! Orthomosaics, models, external evidence -> a stored survey.
//!
//! [`run()`] is the pipeline on one screen, [`redraw()`] its last stage again. They print nothing
//! and know no command line: whoever calls them gives a [`SurveyConfig`] or a [`RedrawConfig`] and
//! follows them through [`Progress`].

mod aoi;
mod checkpoint;
mod chips;
mod config;
mod coverage;
mod digest;
pub mod distinct;
mod draw;
mod error;
mod evidence;
mod heights;
mod identity;
mod inference;
mod input;
mod inputs;
mod invariants;
mod metadata;
mod models;
mod overlap;
mod progress;
mod provider;
mod record;
mod redraw;
mod run;
mod summary;
mod unassessed;
mod without;

pub use config::SurveyConfig;
pub use coverage::Scope;
pub use error::SurveyError;
pub use heights::{choose as choose_heights, under as surface_under};
pub use metadata::read_metadata;
pub use models::read as read_models;
pub use progress::Progress;
pub use redraw::{RedrawConfig, redraw};
pub use run::run;
pub use summary::Summary;
pub use unassessed::Unassessed;
pub use without::without;
