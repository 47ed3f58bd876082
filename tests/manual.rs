//! The manual: every command of every page runs as written, every link leads somewhere, README is
//! short.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

/// What `scripts/setup` leaves, on a scene that takes seconds. Every page begins from here.
const SETUP: &str = "\
mkdir demo
rams scene demo/sample.tif --seed 1 --size 1500x1500
rams survey demo/sample.tif -o demo/survey
rams export demo/survey --format kml -o demo/survey.kml";

/// One line before each block: a survey with gaps is a survey that is done, and the line that fails
/// is told.
const BEFORE: &str = r#"rams() { command rams "$@" || { local code=$?; [[ "$1" = survey || "$1" = delineate ]] && [ "$code" = 3 ] || return "$code"; }; }; trap 'echo "$LINENO" >"$FAILED_LINE"' ERR"#;

const README_WORDS: usize = 650;

/// Languages of fenced blocks. `sh` runs; what needs a network, root, a window or hours is
/// `sh,no-run`.
const LANGUAGES: [&str; 4] = ["sh", "sh,no-run", "text", "toml"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A page of the book, or another page of the repository.
struct Page {
    path: PathBuf,
    text: String,
}

/// A fenced block: its language, the number of its first line in the page, its lines.
struct Block {
    language: String,
    line: usize,
    text: String,
}

impl Page {
    fn read(path: PathBuf) -> Self {
        let text =
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self { path, text }
    }

    /// Its path from the root, for messages.
    fn name(&self) -> String {
        self.path.strip_prefix(root()).unwrap().display().to_string()
    }

    fn blocks(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = vec![];
        let mut open = false;
        for (number, line) in (1..).zip(self.text.lines()) {
            match line.trim_start().strip_prefix("```") {
                Some(_) if open => open = false,
                Some(language) => {
                    assert!(
                        line.starts_with("```"),
                        "{}, line {number}: a block is indented",
                        self.name()
                    );
                    open = true;
                    blocks.push(Block {
                        language: language.into(),
                        line: number + 1,
                        text: String::new(),
                    });
                }
                None if open => blocks.last_mut().unwrap().text += &format!("{line}\n"),
                None => {}
            }
        }
        assert!(!open, "{}: its last block has no end", self.name());
        blocks
    }

    /// Its lines with their numbers, without blocks and without what stands between backquotes.
    fn prose(&self) -> Vec<(usize, String)> {
        let mut in_block = false;
        let mut prose = vec![];
        for (number, line) in (1..).zip(self.text.lines()) {
            if line.trim_start().starts_with("```") {
                in_block = !in_block;
            } else if !in_block {
                prose.push((number, line.split('`').step_by(2).collect()));
            }
        }
        prose
    }

    /// Where its links and pictures lead, with their lines.
    fn links(&self) -> Vec<(usize, String)> {
        let of_line = |(number, line): (usize, String)| {
            let targets = line.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
            targets.map(|(target, _)| (number, target.to_owned())).collect::<Vec<_>>()
        };
        self.prose().into_iter().flat_map(of_line).collect()
    }

    /// The anchors of its headings, as mdBook and GitHub make them.
    fn anchors(&self) -> Vec<String> {
        let heading = |line: &str| {
            line.starts_with('#').then(|| line.trim_start_matches('#').trim().to_lowercase())
        };
        let kept = |c: char| match c {
            ' ' => Some('-'),
            c => (c.is_alphanumeric() || c == '-' || c == '_').then_some(c),
        };
        self.text
            .lines()
            .filter_map(heading)
            .map(|text| text.chars().filter_map(kept).collect())
            .collect()
    }
}

/// The pages of the book in the order of its summary.
fn book() -> Vec<Page> {
    let source = root().join("docs");
    let summary = Page::read(source.join("SUMMARY.md"));
    let pages: Vec<Page> =
        summary.links().iter().map(|(_, target)| Page::read(source.join(target))).collect();
    for entry in fs::read_dir(&source).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let is_listed = path == summary.path || pages.iter().any(|page| page.path == path);
        assert!(is_listed, "{} is not in SUMMARY.md", path.display());
    }
    pages
}

/// Runs lines in a folder; what fails, with its line counted from 1, and what it said.
fn run(script: &str, folder: &Path) -> Result<(), (usize, String)> {
    let notes = tempfile::tempdir().unwrap();
    let (file, failed) = (notes.path().join("block.sh"), notes.path().join("failed"));
    fs::write(&file, format!("{BEFORE}\n{script}")).unwrap();
    let programs = Path::new(env!("CARGO_BIN_EXE_rams")).parent().unwrap().display();
    let path = format!("{programs}:{}", std::env::var("PATH").unwrap_or_default());
    let mut bash = Command::new("bash");
    bash.args(["-euo", "pipefail"])
        .arg(&file)
        .current_dir(folder)
        .env("PATH", path)
        .env("FAILED_LINE", &failed);
    let output = bash.output().unwrap();
    if output.status.success() {
        return Ok(());
    }
    // Counted with the line before it.
    let told = fs::read_to_string(&failed).ok().and_then(|line| line.trim().parse::<usize>().ok());
    let stderr = String::from_utf8_lossy(&output.stderr);
    Err((
        told.map_or(1, |line| line.saturating_sub(1).max(1)),
        format!("{}\n{stderr}", output.status),
    ))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Runs the blocks of a page one after the other, in a folder as `scripts/setup` leaves it.
fn run_page(page: &Page, demo: &Path) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    copy(demo, &folder.path().join("demo"));
    for name in ["models", "datasets", "docs", "tests"] {
        symlink(root().join(name), folder.path().join(name)).unwrap();
    }
    for block in page.blocks().iter().filter(|block| block.language == "sh") {
        if let Err((line, stderr)) = run(&block.text, folder.path()) {
            let command = block.text.lines().nth(line - 1).unwrap_or_default();
            return Some(format!(
                "{}, line {}: `{command}`: {stderr}",
                page.name(),
                block.line + line - 1
            ));
        }
    }
    None
}

#[test]
fn every_command_of_every_page_runs() {
    let ready = tempfile::tempdir().unwrap();
    run(SETUP, ready.path())
        .unwrap_or_else(|(line, stderr)| panic!("setup, line {line}: {stderr}"));
    let demo = ready.path().join("demo");
    let failed: Vec<String> = book().iter().filter_map(|page| run_page(page, &demo)).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn every_block_says_what_it_is() {
    for page in book() {
        for Block { language, line, .. } in page.blocks() {
            let is_known = LANGUAGES.contains(&language.as_str());
            assert!(
                is_known,
                "{}, line {}: `{language}`; give one of {LANGUAGES:?}",
                page.name(),
                line - 1
            );
        }
    }
}

#[test]
fn every_link_leads_somewhere() {
    let others = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"];
    let others = others.map(|name| Page::read(root().join(name)));
    let source = root().join("docs");
    for page in book().into_iter().chain(others) {
        for (line, target) in page.links().into_iter().filter(|(_, target)| !target.contains("://"))
        {
            let here = format!("{}, line {line}: {target}", page.name());
            let (path, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let path = if path.is_empty() {
                page.path.clone()
            } else {
                page.path.parent().unwrap().join(path)
            };
            assert!(path.exists(), "{here}: it is not there");
            let path = path.canonicalize().unwrap();
            let is_page = path.extension().is_some_and(|extension| extension == "md");
            // mdBook makes .html of every .md, of those that it does not carry as well.
            let leaves =
                page.path.starts_with(&source) && !path.starts_with(source.canonicalize().unwrap());
            assert!(
                !(is_page && leaves),
                "{here}: link to the folder, which stays what it is in the built book"
            );
            if !anchor.is_empty() {
                assert!(
                    Page::read(path).anchors().iter().any(|known| known == anchor),
                    "{here}: no such heading"
                );
            }
        }
    }
}

#[test]
fn no_page_speaks_of_ground_without_hazard() {
    for page in book() {
        for (line, text) in page.prose() {
            let text = text.to_lowercase();
            let mut words = text.split(|c: char| !c.is_alphabetic());
            let found = words.find(|word| ["safe", "safely", "clear", "cleared"].contains(word));
            assert!(found.is_none(), "{}, line {line}: {}", page.name(), found.unwrap_or_default());
        }
    }
}

#[test]
fn readme_is_read_in_three_minutes() {
    let words = Page::read(root().join("README.md")).text.split_whitespace().count();
    assert!(
        words <= README_WORDS,
        "README.md has {words} words, at most {README_WORDS}: the \
                                    manual has room"
    );
}
