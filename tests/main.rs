//! The program as a person runs it: on orthomosaics painted here, with models whose answers are
//! known, and on the real flights where they are at hand.

#![allow(clippy::unwrap_used)] // a test may panic

mod any_model;
mod architecture;
mod area_edits;
mod bad_input;
mod beside_itself;
mod chip;
mod corpus_rasters;
mod coverage;
mod damage;
mod delineate;
mod embedding;
mod evaluate;
mod evidence;
mod examples;
mod execution_provider;
mod exports;
mod field_table;
mod fields;
mod fuzz;
mod global_ids;
mod golden;
mod heights;
mod in_qgis;
mod inspect;
mod interruption;
mod land_classes;
mod learned;
mod manual;
mod metadata;
mod operating_point;
mod packages;
mod places;
mod polygon_forms;
mod rasters;
mod real_flights;
mod report;
mod review;
mod review_copies;
mod review_network;
mod review_page;
mod review_team;
mod review_tiles;
mod reviewed;
mod same_result;
mod scene;
mod several;
mod shards;
mod shipped;
mod style;
mod support;
mod twice;
mod virtual_files;
mod weights;
