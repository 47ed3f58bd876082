//! Paints orthomosaics, runs the program, reads its map back.

mod browser;
mod client;
pub(crate) mod mutate;
mod ortho;
mod program;
mod raster;
mod survey;
pub(crate) mod team;

pub(crate) use browser::Browser;
pub(crate) use client::Client;
pub(crate) use ortho::{Ortho, SQUARE_PX};
pub(crate) use program::{Ran, model, rams, rams_in, survey};
pub(crate) use raster::{copy_as, raster};
pub(crate) use survey::{Row, rows};
