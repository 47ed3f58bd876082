//! The page, from the program itself: nothing is read from the disk.

use super::answer::ErrorAnswer;
use crate::page::{ASSETS, Asset};
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

/// The page.
pub(super) async fn index() -> Result<Response, ErrorAnswer> {
    serve("index.html")
}

/// A file of the page.
pub(super) async fn asset(Path(name): Path<String>) -> Result<Response, ErrorAnswer> {
    serve(&name)
}

fn serve(name: &str) -> Result<Response, ErrorAnswer> {
    let asset = ASSETS.iter().find(|asset| asset.name == name);
    let Some(Asset { bytes, content_type, is_gzip, .. }) = asset else {
        return Err(ErrorAnswer::not_found("the page has no such file"));
    };
    let mut answer = ([(header::CONTENT_TYPE, *content_type)], *bytes).into_response();
    if *is_gzip {
        answer.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(answer)
}
