//! The review over HTTP, for the page that it serves.

mod access;
mod alike;
mod answer;
mod attempts;
mod decisions;
mod drawing;
mod imagery;
mod items;
mod leases;
mod listen;
mod log;
mod map;
mod me;
mod pages;
mod progress;
mod samples;
mod sign_in;

pub use listen::{Listen, Transport};

use crate::book::{Book, Head, REVIEW_DIR, Subject};
use crate::reviewed_survey::ReviewedSurvey;
use crate::{Imagery, ReviewError, settings};
use access::{Access, Right};
use answer::ErrorAnswer;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};
use axum::{Router, serve};
use geo::{MultiPolygon, Rect};
use rams_domain::{FeatureId, HazardArea, ItemState, Survey};
use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::{Path, PathBuf},
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
    /// Who reviews on this machine; nobody where users sign in.
    pub reviewer: Option<String>,
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
    tls: Option<listen::Tls>,
    url: String,
}

impl Server {
    /// Refuses to begin a review in a folder that nobody could do, before anything is made there.
    pub fn check(dir: &Path, reviewer: Option<&str>, listen: &Listen) -> Result<(), ReviewError> {
        if Book::is_begun(dir) { Ok(()) } else { access::check_people(false, reviewer, listen) }
    }

    /// Opens the book and listens: on this machine, or beyond it for users who sign in.
    pub async fn open(setup: Setup, listen: Listen) -> Result<Self, ReviewError> {
        let cannot = |error: std::io::Error| ReviewError::Listen {
            address: listen.address.to_string(),
            cause: error.to_string(),
        };
        let mut app = App::open(setup, &listen)?;
        let tls = listen.tls(&app.setup.dir)?;
        let listener = tokio::net::TcpListener::bind(listen.address).await.map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        app.access = Access::new(listen.hosts(address), address.port());
        app.access.is_proxied = matches!(listen.transport, Transport::Proxy);
        app.access.is_https = app.access.is_proxied || tls.is_some();
        let token = app.setup.reviewer.as_deref().map(|name| app.access.token(name)).transpose();
        let token = token.map_err(|error| cannot(std::io::Error::other(error.body.to_string())))?;
        let at = token.map_or(String::new(), |token| format!("#{token}"));
        let address = format!("{}{}/", app.access.scheme(), app.access.hosts[0]);
        app.book.say_where(&address);
        let url = format!("{address}{at}");
        let app = Arc::new(app);
        // The first request needs all outlines: they are ready when a browser has come.
        let begun = app.clone();
        drop(tokio::task::spawn_blocking(move || {
            let state = begun.book.state();
            state.review.items().for_each(|item| drop(begun.survey.outline(item)));
        }));
        Ok(Self { app, listener, tls, url })
    }

    /// Where a browser finds it; where one person reviews, with a token that opens one session.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// SHA-256 of the certificate, as browsers show it, where TLS is spoken.
    pub fn fingerprint(&self) -> Option<&str> {
        self.tls.as_ref().map(|tls| &*tls.fingerprint)
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
        let Self { app, listener, tls, url: address } = self;
        let service = router(app.clone()).into_make_service_with_connect_info::<listen::Peer>();
        let served = match tls {
            Some(tls) => match tls.listen(listener) {
                Ok(listener) => serve(listener, service).with_graceful_shutdown(end).await,
                Err(error) => Err(error),
            },
            None => serve(listener, service).with_graceful_shutdown(end).await,
        };
        served.map_err(|error| ReviewError::Listen { address, cause: error.to_string() })?;
        Ok(app.book.head())
    }
}

impl App {
    fn open(setup: Setup, listen: &Listen) -> Result<Self, ReviewError> {
        Server::check(&setup.dir, setup.reviewer.as_deref(), listen)?;
        let folder = setup.dir.join(REVIEW_DIR);
        fs::create_dir_all(&folder)
            .map_err(|cause| ReviewError::Io { path: folder.clone(), cause })?;
        let stages = settings::stages(&setup.dir)?;
        let sha256 = setup.survey_sha256.clone();
        let subject = ReviewedSurvey::subject(&setup.survey, sha256, stages)?;
        let book = Book::open(&setup.dir, &subject)?;
        access::admit_people(&book, setup.reviewer.as_deref(), listen)?;
        let survey = ReviewedSurvey::new(setup.survey.clone());
        Ok(Self {
            book,
            subject,
            survey,
            setup,
            access: Access::new(listen.hosts(listen.address), listen.address.port()),
            leases: leases::Leases::default(),
            embeddings: OnceLock::new(),
        })
    }
}

/// An address of the review, with a method that it takes.
struct Route {
    method: Method,
    path: &'static str,
    right: Right,
    handler: MethodRouter<Arc<App>>,
}

fn route<H: Handler<T, Arc<App>>, T: 'static>(
    method: Method,
    path: &'static str,
    right: Right,
    handler: H,
) -> Route {
    let filter = MethodFilter::try_from(method.clone()).expect("a method that has a filter");
    Route { method, path, right, handler: on(filter, handler) }
}

/// Every way into the review, and for whom it is.
fn routes() -> Vec<Route> {
    const GET: Method = Method::GET;
    const POST: Method = Method::POST;
    use Right::{Act, Anyone, Inspect, Look};
    vec![
        route(GET, "/", Anyone, pages::index),
        route(GET, "/assets/{name}", Anyone, pages::asset),
        route(POST, "/session", Anyone, sign_in::begin),
        route(Method::DELETE, "/session", Look, sign_in::end),
        route(GET, "/me", Look, me::me),
        route(GET, "/queue", Look, items::queue),
        route(GET, "/items/{id}", Look, items::item),
        route(Method::PUT, "/leases/{item}", Act, leases::take),
        route(Method::DELETE, "/leases/{item}", Act, leases::leave),
        route(GET, "/features", Look, map::features),
        route(GET, "/tiles/{layer}/{digest}/{z}/{x}/{y}", Look, imagery::tile),
        route(GET, "/chips/{feature}", Look, imagery::chip),
        route(GET, "/profile", Look, imagery::profile),
        route(POST, "/shapes/check", Act, drawing::check),
        route(POST, "/shapes/split", Act, drawing::split),
        route(POST, "/shapes/merge", Act, drawing::merge),
        route(POST, "/shapes/without", Look, drawing::without),
        route(POST, "/decisions", Act, decisions::decide),
        route(GET, "/alike", Look, alike::alike),
        route(GET, "/samples", Inspect, samples::list),
        route(POST, "/samples", Inspect, samples::draw),
        route(GET, "/samples/{id}", Inspect, samples::sample),
        route(POST, "/samples/{id}", Inspect, samples::look),
        route(GET, "/log", Look, log::log),
        route(GET, "/log/verify", Look, log::verify),
        route(GET, "/progress", Look, progress::progress),
    ]
}

fn router(app: Arc<App>) -> Router {
    let mut rights = access::Rights::new();
    let add = |router: Router<Arc<App>>, Route { method, path, right, handler }| {
        rights.insert((method, path), right);
        router.route(path, handler)
    };
    let router = routes().into_iter().fold(Router::new(), add);
    router
        .fallback(answer::no_such_page)
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .layer(from_fn_with_state((app.clone(), Arc::new(rights)), access::guard))
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
mod sign_in_tests;
#[cfg(test)]
mod tests;
