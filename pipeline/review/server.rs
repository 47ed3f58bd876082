//! The review over HTTP, for the page that it serves: on this machine alone.

mod access;
mod alike;
mod answer;
mod decisions;
mod drawing;
mod imagery;
mod items;
mod leases;
mod log;
mod map;
mod me;
mod pages;
mod progress;
mod samples;

use crate::book::{Book, Head, REVIEW_DIR, Subject};
use crate::reviewed_survey::ReviewedSurvey;
use crate::{Imagery, ReviewError, settings};
use answer::ErrorAnswer;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, post, put};
use geo::{MultiPolygon, Rect};
use rams_domain::{FeatureId, HazardArea, ItemState, Survey};
use std::{
    collections::{BTreeMap, HashMap},
    fs,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, OnceLock},
};

/// Largest body of a request, bytes: an outline of 50,000 vertices has 2 MB.
const MOST_BYTES: usize = 8 << 20;

/// What an area would be without some of its finds, drawn by the doctrine. The error is a person's
/// to read.
pub type Without =
    Box<dyn Fn(&HazardArea, &[FeatureId]) -> Result<Vec<HazardArea>, String> + Send + Sync>;

/// What is reviewed, by whom, and with what.
pub struct Setup {
    /// The folder of the survey.
    pub dir: PathBuf,
    /// The survey in it.
    pub survey: Arc<Survey>,
    /// Its digest: SHA-256 of survey.gpkg, hex.
    pub survey_sha256: String,
    /// Its imagery.
    pub imagery: Arc<dyn Imagery>,
    /// What areas would be without finds.
    pub without: Without,
    /// Plausible longer side, metres, `[least, most]`, by model and class, where it is known.
    pub class_sizes: HashMap<(String, String), [f64; 2]>,
    /// Who reviews on this machine.
    pub reviewer: String,
}

struct App {
    book: Book,
    subject: Subject,
    survey: ReviewedSurvey,
    setup: Setup,
    access: access::Access,
    leases: leases::Leases,
    embeddings: OnceLock<BTreeMap<FeatureId, Vec<f32>>>,
}

/// A review that is ready to be served.
pub struct Server {
    app: Arc<App>,
    listener: tokio::net::TcpListener,
    url: String,
}

impl Server {
    /// Opens the book and listens. Only this machine is listened to.
    pub async fn open(setup: Setup, listen: SocketAddr) -> Result<Self, ReviewError> {
        let cannot = |cause: String| ReviewError::Listen { address: listen.to_string(), cause };
        if !listen.ip().is_loopback() {
            return Err(cannot(
                "others could read and decide there, without users and TLS; give 127.0.0.1:PORT"
                    .into(),
            ));
        }
        let listener = tokio::net::TcpListener::bind(listen).await;
        let listener = listener.map_err(|error| cannot(error.to_string()))?;
        let address = listener.local_addr().map_err(|error| cannot(error.to_string()))?;
        let (app, token) = App::open(setup, address)?;
        let url = format!("http://{address}/#{token}");
        let app = Arc::new(app);
        // The first request needs all outlines: they are ready when a browser has come.
        let begun = app.clone();
        drop(tokio::task::spawn_blocking(move || {
            let state = begun.book.state();
            state.review.items().for_each(|item| drop(begun.survey.outline(item)));
        }));
        Ok(Self { app, listener, url })
    }

    /// Where a browser finds it: with a token that opens one session.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Items that wait or are deferred at each stage, and the end of the log.
    pub fn waiting(&self) -> (Vec<(String, usize)>, Head) {
        let state = self.app.book.state();
        let count = |stage| {
            let items = state.review.items();
            items.filter(|item| item.standing().is_open() && item.standing().stage == stage).count()
        };
        let stages = state.review.stages().iter();
        (stages.map(|stage| (stage.label().to_owned(), count(stage))).collect(), state.head)
    }

    /// Serves until it is asked to end; then all that was answered is on the disk. Returns the end
    /// of the log.
    pub async fn run(
        self,
        end: impl Future<Output = ()> + Send + 'static,
    ) -> Result<Head, ReviewError> {
        let address = self.url.clone();
        let router = router(self.app.clone());
        let served = axum::serve(self.listener, router).with_graceful_shutdown(end).await;
        served.map_err(|error| ReviewError::Listen { address, cause: error.to_string() })?;
        Ok(self.app.book.head())
    }
}

impl App {
    /// With the token of the first session.
    fn open(setup: Setup, address: SocketAddr) -> Result<(Self, String), ReviewError> {
        let folder = setup.dir.join(REVIEW_DIR);
        fs::create_dir_all(&folder)
            .map_err(|cause| ReviewError::Io { path: folder.clone(), cause })?;
        let stages = settings::stages(&setup.dir)?;
        let sha256 = setup.survey_sha256.clone();
        let subject = ReviewedSurvey::subject(&setup.survey, sha256, stages)?;
        let book = Book::open(&setup.dir, &subject)?;
        let (access, token) = access::Access::open(&book, &setup.reviewer, address)?;
        let survey = ReviewedSurvey::new(setup.survey.clone());
        let app = Self {
            book,
            subject,
            survey,
            setup,
            access,
            leases: leases::Leases::default(),
            embeddings: OnceLock::new(),
        };
        Ok((app, token))
    }
}

/// Every way into the review.
fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(pages::index))
        .route("/assets/{name}", get(pages::asset))
        .route("/session", post(access::begin).delete(access::end))
        .route("/me", get(me::me))
        .route("/queue", get(items::queue))
        .route("/items/{id}", get(items::item))
        .route("/leases/{item}", put(leases::take).merge(delete(leases::leave)))
        .route("/features", get(map::features))
        .route("/tiles/{layer}/{digest}/{z}/{x}/{y}", get(imagery::tile))
        .route("/chips/{feature}", get(imagery::chip))
        .route("/profile", get(imagery::profile))
        .route("/shapes/check", post(drawing::check))
        .route("/shapes/split", post(drawing::split))
        .route("/shapes/merge", post(drawing::merge))
        .route("/shapes/without", post(drawing::without))
        .route("/decisions", post(decisions::decide))
        .route("/alike", get(alike::alike))
        .route("/samples", get(samples::list).post(samples::draw))
        .route("/samples/{id}", get(samples::sample).post(samples::look))
        .route("/log", get(log::log))
        .route("/log/verify", get(log::verify))
        .route("/progress", get(progress::progress))
        .fallback(answer::no_such_page)
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .layer(from_fn_with_state(app.clone(), access::guard))
        .with_state(app)
}

/// Does work that blocks, off the thread that listens.
async fn blocking<T: Send + 'static>(
    app: Arc<App>,
    work: impl FnOnce(&App) -> Result<T, ErrorAnswer> + Send + 'static,
) -> Result<T, ErrorAnswer> {
    let done = tokio::task::spawn_blocking(move || work(&app)).await;
    done.unwrap_or_else(|_| Err(ErrorAnswer::broken("the request failed; try it once more")))
}

/// What stands on the page for where an item stands: what was said of it, while it waits for those
/// who confirm that.
fn shown(standing: rams_domain::Standing) -> String {
    match (standing.state, standing.disposition) {
        (ItemState::Waiting, Some(disposition)) => disposition.to_string(),
        (state, _) => state.to_string(),
    }
}

/// `x0,y0,x1,y1`.
fn rect(text: &str) -> Option<Rect> {
    let numbers: Vec<f64> =
        text.split(',').map(|number| number.trim().parse().ok()).collect::<Option<_>>()?;
    let [x0, y0, x1, y1] = numbers[..] else { return None };
    let is_finite = numbers.iter().all(|number| number.is_finite());
    is_finite.then(|| Rect::new((x0, y0), (x1, y1)))
}

/// The outline that an item has in the survey's CRS.
fn boundary(item: &rams_domain::ReviewItem) -> Result<MultiPolygon, ErrorAnswer> {
    rams_overlay::from_wkb(item.boundary()).map_err(|error| ErrorAnswer::broken(&error))
}

#[cfg(test)]
mod tests;
