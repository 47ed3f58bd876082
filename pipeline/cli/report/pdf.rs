//! A page -> PDF, by a browser that is installed: no library lays out a page as well.

use anyhow::{Context, bail, ensure};
use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Browsers that print without a window, by their usual names.
const BROWSERS: [&str; 7] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
];

/// A page of some megabytes takes seconds; a browser that hangs is stopped.
const PATIENCE: Duration = Duration::from_secs(180);

/// Prints a page beside itself and returns the PDF. The browser gets a profile of its own, which is
/// removed again, and no network.
pub(crate) fn to_pdf(page: &Path) -> anyhow::Result<PathBuf> {
    let browser = browser()?.with_context(|| {
        format!(
            "no browser is installed that prints without a window ({}), and BROWSER names none: \
             open {} in any browser and print it",
            BROWSERS.join(", "),
            page.display()
        )
    })?;
    let page = page.canonicalize().with_context(|| format!("cannot find {}", page.display()))?;
    let pdf = page.with_extension("pdf");
    let draft = page.with_file_name(format!(".report.{}.partial", std::process::id()));
    fs::create_dir_all(&draft)
        .with_context(|| format!("cannot make folder {}", draft.display()))?;
    let printed = print(&browser, &page, &draft, &pdf);
    // Nothing to be done where it fails: the folder is hidden and holds nothing of value.
    let _ = fs::remove_dir_all(&draft);
    printed.map(|()| pdf)
}

fn print(browser: &Path, page: &Path, draft: &Path, pdf: &Path) -> anyhow::Result<()> {
    let made = draft.join("report.pdf");
    // Where user namespaces are not to be had (containers, root) a browser only starts without its
    // sandbox; the page is ours and holds no script.
    for sandbox in [None, Some("--no-sandbox")] {
        run(browser, page, draft, &made, sandbox)?;
        if fs::read(&made).is_ok_and(|bytes| bytes.starts_with(b"%PDF")) {
            return fs::rename(&made, pdf)
                .with_context(|| format!("cannot write {}", pdf.display()));
        }
    }
    bail!(
        "{} printed nothing: open {} in a browser and print it",
        browser.display(),
        page.display()
    )
}

fn run(
    browser: &Path,
    page: &Path,
    draft: &Path,
    made: &Path,
    sandbox: Option<&str>,
) -> anyhow::Result<()> {
    let path = |option: &str, path: &Path| {
        let mut option = OsString::from(option);
        option.push(path);
        option
    };
    let mut child = Command::new(browser)
        .args(["--headless", "--disable-gpu", "--no-first-run", "--no-default-browser-check"])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-extensions",
        ])
        .args(["--host-resolver-rules=MAP * ~NOTFOUND", "--no-pdf-header-footer"])
        .args(sandbox)
        .arg(path("--user-data-dir=", &draft.join("profile")))
        .arg(path("--print-to-pdf=", made))
        .arg(path("file://", page))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot start {}", browser.display()))?;
    let started = Instant::now();
    while child.try_wait()?.is_none() {
        if started.elapsed() > PATIENCE {
            // It may have ended in this very moment.
            let _ = child.kill();
            child.wait()?;
            bail!(
                "{} did not finish within {} s: open {} in a browser and print it",
                browser.display(),
                PATIENCE.as_secs(),
                page.display()
            );
        }
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// The browser that BROWSER names, else the first that is installed.
fn browser() -> anyhow::Result<Option<PathBuf>> {
    let find = |name: &Path| {
        let folders = env::var_os("PATH").unwrap_or_default();
        env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
    };
    if let Some(named) = env::var_os("BROWSER").filter(|named| !named.is_empty()) {
        let found = find(Path::new(&named));
        ensure!(found.is_some(), "BROWSER names {}, which is not there", named.display());
        return Ok(found);
    }
    Ok(BROWSERS.iter().find_map(|name| find(Path::new(name))))
}
