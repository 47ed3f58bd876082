//! Lets people decide on a survey, in the browser.

mod field_table;
pub(crate) mod imagery;
mod import;
mod user;

use crate::{
    args::{ReviewAction, ReviewArgs},
    output::print,
    terminal::{Share, interruption, notice},
};
use anyhow::{Context, ensure};
use imagery::ReviewImagery;
use rams_domain::{HazardArea, Judgements, SiteCalibration, Survey};
use rams_review::{OlderSurvey, REVIEW_DIR, Server, Setup, Without};
use rams_store::SURVEY_FILE;
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    sync::Arc,
};

/// Runs the command.
pub(crate) fn run(args: ReviewArgs) -> anyhow::Result<ExitCode> {
    match args.action {
        Some(ReviewAction::Verify) => verify(&args.dir),
        Some(ReviewAction::Qfield { out }) => qfield(&args.dir, &out),
        Some(ReviewAction::Import { file, mapping }) => {
            let importer = args.reviewer.context("say who answers for the import: --as NAME")?;
            import::import(&args.dir, &file, mapping.as_deref(), &importer)
        }
        Some(ReviewAction::Withdraw { event, why }) => {
            let who = args.reviewer.context("say who answers for it: --as NAME")?;
            let (survey, sha256) = read(&args.dir)?;
            let done = rams_review::withdraw(&args.dir, &survey, sha256, event, &why, &who)?;
            print(&done.to_string())?;
            Ok(ExitCode::SUCCESS)
        }
        Some(ReviewAction::User(action)) => user::run(&args.dir, action),
        None => serve(args),
    }
}

/// A stored survey and the digest of its file.
pub(crate) fn read(dir: &Path) -> anyhow::Result<(Survey, String)> {
    let sha256 = rams_tile::digest(&dir.join(SURVEY_FILE), || false);
    let (mut survey, notices) = rams_store::read(dir)?;
    notices.iter().for_each(|text| notice(text));
    survey.place_in_stated_district();
    Ok((survey, sha256?.unwrap_or_default()))
}

/// A stored survey, and what people said of it.
pub(crate) fn judgements(dir: &Path) -> anyhow::Result<(Survey, Judgements)> {
    let (survey, sha256) = read(dir)?;
    let said = rams_review::judgements(dir, &survey, sha256)?;
    Ok((survey, said))
}

fn qfield(dir: &Path, out: &Path) -> anyhow::Result<ExitCode> {
    let (survey, _) = read(dir)?;
    for path in rams_store::write_field_project(&survey, dir, out)? {
        print(&path.display().to_string())?;
    }
    for image in &survey.record.orthomosaics {
        notice(&format!("copy {} beside them, if the team is to see it", image.path.display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// What people said of finds in reviewed surveys; `None` without any.
pub(crate) fn site_calibration(dirs: &[PathBuf]) -> anyhow::Result<Option<SiteCalibration>> {
    if dirs.is_empty() {
        return Ok(None);
    }
    let read = dirs.iter().map(|dir| judgements(dir)).collect::<anyhow::Result<Vec<_>>>()?;
    let fitted = rams_evaluate::site_calibration(read.iter().map(|(survey, said)| (survey, said)))?;
    ensure!(
        !fitted.classes.is_empty(),
        "nothing to learn from {}: nobody has said of a find whether it is there; do so with \
         `rams review`, keys 1 to 9",
        dirs[0].display()
    );
    fitted.classes.iter().for_each(|of| notice(&format!("learned {of}")));
    Ok(Some(fitted))
}

fn verify(dir: &Path) -> anyhow::Result<ExitCode> {
    let (survey, sha256) = read(dir)?;
    let found = rams_review::verify(dir, &survey, sha256)?;
    print(&found.to_string())?;
    Ok(if found.is_whole() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn serve(args: ReviewArgs) -> anyhow::Result<ExitCode> {
    let (class_sizes, listen) = (args.class_sizes(), args.listen());
    let reviewer = args.reviewer;
    Server::check(&args.dir, reviewer.as_deref(), &listen)?;
    let (survey, survey_sha256) = read(&args.dir)?;
    let survey = Arc::new(survey);
    if let Some(older) = &args.from {
        note_older(&args.dir, &survey, &survey_sha256, older, reviewer.as_deref())?;
    }
    let (sheets, missing) = crate::imagery::at_hand(&survey, &args.ortho)?;
    let share = Share::new();
    let folder = args.dir.join(REVIEW_DIR);
    let mut progress = |name: &str, done: f64| share.show(name, done);
    let (imagery, no_surface) =
        ReviewImagery::open(&survey, sheets, args.dsm.as_deref(), &folder, &mut progress)?;
    drop(share);
    missing.iter().chain(&no_surface).for_each(|line| notice(&format!("without imagery: {line}")));
    let without = without(survey.clone());
    let imagery = Arc::new(imagery);
    let dir = args.dir;
    let setup = Setup { dir, survey, survey_sha256, imagery, without, class_sizes, reviewer };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.context("cannot begin")?.block_on(async {
        let has_token = setup.reviewer.is_some();
        let server = Server::open(setup, listen).await?;
        let (waiting, _) = server.waiting();
        let waiting: Vec<String> =
            waiting.into_iter().map(|(stage, count)| format!("{stage} {count}")).collect();
        print(&format!("waiting: {}", waiting.join(", ")))?;
        let once = if has_token { "once; " } else { "" };
        print(&format!("open {} ({once}Ctrl-C ends the review)", server.url()))?;
        if let Some(fingerprint) = server.fingerprint() {
            print(&format!("certificate {fingerprint} (SHA-256)"))?;
        }
        let opened = open_browser(server.url(), &folder);
        let head = server.run(interruption()).await?;
        opened.iter().for_each(|page| drop(fs::remove_file(page)));
        print(&head.to_string())?;
        Ok(ExitCode::SUCCESS)
    })
}

/// Notes what was decided in an older survey, and says what is to be looked at.
fn note_older(
    dir: &Path,
    survey: &Arc<Survey>,
    survey_sha256: &str,
    older: &Path,
    reviewer: Option<&str>,
) -> anyhow::Result<()> {
    let (older_survey, older_sha256) = read(older)?;
    let older = OlderSurvey { dir: older, survey: older_survey, survey_sha256: older_sha256 };
    let noted = rams_review::note_older(dir, survey, survey_sha256.into(), &older, reviewer)?;
    Ok(print(&noted.to_string())?)
}

/// What the doctrine would draw without some finds.
fn without(survey: Arc<Survey>) -> Without {
    Box::new(move |area: &HazardArea, left_out| {
        rams_survey::without(&survey, area, left_out).ok_or_else(|| {
            let doctrine = &survey.record.doctrine;
            format!(
                "the survey was drawn by the doctrine {} {}, which is not at hand: only areas of \
                 the baseline can be drawn again here",
                doctrine.name, doctrine.version
            )
        })
    })
}

/// Opens a browser where there is a screen, on a page that leads on: what is among the arguments of
/// a program, every user of the machine can read. Returns that page.
fn open_browser(url: &str, folder: &Path) -> Option<PathBuf> {
    let has_screen = cfg!(not(target_os = "linux"))
        || ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| env::var_os(name).is_some());
    if !has_screen {
        return None;
    }
    let page = folder.join("open.html");
    let html = format!("<!doctype html><meta http-equiv=\"refresh\" content=\"0; url={url}\">");
    rams_review::write_private(&page, &html).ok()?;
    let page = page.canonicalize().ok()?;
    let opener = match env::consts::OS {
        "macos" => "open",
        "windows" => "explorer",
        _ => "xdg-open",
    };
    let started = Command::new(opener)
        .arg(&page)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    // The address was printed: a person can open it by hand.
    drop(started);
    Some(page)
}
