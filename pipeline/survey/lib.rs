//! Orthomosaics, models, external evidence -> a stored survey.
//!
//! [`run()`] is the pipeline on one screen, [`redraw()`] its last stage again. For many machines
//! the same is cut in three: [`plan()`] decides, [`shard()`] does a part, [`gather()`] makes the
//! map.
//! They print nothing and know no command line: whoever calls them gives a [`SurveyConfig`] or a
//! [`RedrawConfig`] and follows them through [`Progress`].

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
mod gather;
mod heights;
mod identity;
mod inference;
mod input;
mod inputs;
mod invariants;
mod metadata;
mod models;
mod object_store;
mod overlap;
mod pass;
mod pass_result;
mod piece;
mod plan;
mod progress;
mod provider;
mod record;
mod redraw;
mod run;
mod shard;
mod shards;
mod status;
mod summary;
mod tile_result;
mod unassessed;
mod without;

pub use config::SurveyConfig;
pub use coverage::Scope;
pub use error::SurveyError;
pub use gather::gather;
pub use heights::{choose as choose_heights, under as surface_under};
pub use metadata::read_metadata;
pub use models::read as read_models;
pub use object_store::{check_store, fetch_pieces, fetch_plan, put_pieces, put_plan};
pub use plan::{COMMAND_FILE, Kernels, PLAN_FILE, PlanSummary, SHARDS_FILE, plan};
pub use progress::Progress;
pub use redraw::{RedrawConfig, redraw};
pub use run::run;
pub use shard::{ShardSummary, shard};
pub use status::{SurveyStatus, status};
pub use summary::Summary;
pub use unassessed::Unassessed;
pub use without::without;
