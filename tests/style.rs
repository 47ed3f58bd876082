//! The measures of the house: files and functions that fit on a screen, and no files that import
//! each other in a circle.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

const FILE_LINES: usize = 400;
const FUNCTION_LINES: usize = 60;
const COLUMNS: usize = 100;

/// A file of a crate: its path, the name of its module (empty for the root), and its text without
/// tests.
struct Source {
    path: PathBuf,
    module: String,
    text: String,
}

/// The crates of the project with their files, tests apart.
fn crates() -> BTreeMap<String, Vec<Source>> {
    let pipeline = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipeline");
    let folders = fs::read_dir(&pipeline).unwrap().map(|entry| entry.unwrap().path());
    let name = |folder: &Path| folder.file_name().unwrap().to_str().unwrap().to_owned();
    folders
        .filter(|folder| folder.is_dir())
        .map(|folder| (name(&folder), sources(&folder)))
        .collect()
}

fn sources(root: &Path) -> Vec<Source> {
    let (mut sources, mut folders) = (vec![], vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let is_test = stem == "tests" || stem.ends_with("_tests");
            if path.is_dir() && !is_test {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") && !is_test && stem != "build" {
                let text = fs::read_to_string(&path).unwrap();
                let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
                let module = path.strip_prefix(root).unwrap().with_extension("");
                let module = module.to_str().unwrap().replace('/', "::");
                let is_root = ["lib", "main"].contains(&module.as_str());
                let module = if is_root { String::new() } else { module };
                sources.push(Source { path, module, text });
            }
        }
    }
    sources
}

#[test]
fn files_functions_and_lines_fit_on_a_screen() {
    let mut long = vec![];
    for source in crates().values().flatten() {
        let path = source.path.display();
        let lines: Vec<&str> = source.text.lines().collect();
        if lines.len() > FILE_LINES {
            long.push(format!("{path}: {} lines", lines.len()));
        }
        for (number, line) in (1..).zip(&lines) {
            // A raw string cannot be broken.
            if line.chars().count() > COLUMNS && !line.contains("r#\"") {
                long.push(format!("{path}:{number}: {} columns", line.chars().count()));
            }
        }
        for (at, line) in lines.iter().enumerate() {
            let indent = line.len() - line.trim_start().len();
            let starts = ["fn ", "pub fn ", "pub(crate) fn ", "pub(super) fn ", "const fn "];
            if starts.iter().any(|start| line.trim_start().starts_with(start)) {
                let close = format!("{}}}", " ".repeat(indent));
                let open = lines[at..].iter().position(|line| line.trim_end().ends_with('{'));
                let end = lines[at..].iter().position(|line| line.starts_with(&close));
                if let (Some(open), Some(end)) = (open, end)
                    && end > open + 1 + FUNCTION_LINES
                {
                    long.push(format!("{path}:{}: a function of {} lines", at + 1, end - open - 1));
                }
            }
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let mut circles = vec![];
    for (name, sources) in crates() {
        let imports = imports(&sources);
        // What each module reaches, however many steps it takes.
        let mut reached = imports.clone();
        loop {
            let mut grown = reached.clone();
            for (from, to) in &reached {
                let further = to.iter().filter_map(|next| imports.get(next)).flatten().cloned();
                grown.get_mut(from).unwrap().extend(further.collect::<Vec<_>>());
            }
            if grown == reached {
                break;
            }
            reached = grown;
        }
        let in_circle = reached.iter().filter(|(from, to)| to.contains(*from));
        let in_circle: Vec<&str> = in_circle.map(|(from, _)| from.as_str()).collect();
        if !in_circle.is_empty() {
            circles.push(format!("{name}: {}", in_circle.join(", ")));
        }
    }
    assert!(circles.is_empty(), "files that import each other:\n{}", circles.join("\n"));
}

/// Which modules of a crate each module imports from, a parent from its child and a child from its
/// parent excepted.
fn imports(sources: &[Source]) -> BTreeMap<String, BTreeSet<String>> {
    let modules: BTreeSet<&str> = sources.iter().map(|source| source.module.as_str()).collect();
    let mut exports: BTreeMap<(String, String), String> = BTreeMap::new();
    for source in sources {
        for path in uses(&source.text, true) {
            let path: Vec<&str> =
                path.iter().map(String::as_str).filter(|it| *it != "crate").collect();
            let Some((name, within)) = path.split_last() else { continue };
            let home = [&[source.module.as_str()][..], within].concat();
            let home: Vec<&str> = home.into_iter().filter(|part| !part.is_empty()).collect();
            let home = home.join("::");
            if modules.contains(home.as_str()) {
                exports.insert((source.module.clone(), (*name).to_owned()), home);
            }
        }
    }
    let find = |from: &str, path: &[String]| {
        let (mut at, mut path) = (from.to_owned(), path);
        match path.first().map(String::as_str) {
            Some("crate") => (at, path) = (String::new(), &path[1..]),
            Some("self") => path = &path[1..],
            _ => {}
        }
        while path.first().is_some_and(|part| part == "super") {
            at = at.rsplit_once("::").map_or(String::new(), |(parent, _)| parent.to_owned());
            path = &path[1..];
        }
        for part in path {
            let child = if at.is_empty() { part.clone() } else { format!("{at}::{part}") };
            if modules.contains(child.as_str()) {
                at = child;
            } else {
                // A name that a parent passes on comes from where it is defined.
                let mut passed = BTreeSet::new();
                while let Some(home) = exports.get(&(at.clone(), part.clone())) {
                    if !passed.insert(at.clone()) {
                        break;
                    }
                    at = home.clone();
                }
                break;
            }
        }
        at
    };
    let is_kin =
        |a: &str, b: &str| a.starts_with(&format!("{b}::")) || b.starts_with(&format!("{a}::"));
    let of = |source: &Source| {
        let paths = uses(&source.text, false);
        let own = paths.iter().filter(|path| {
            let child = [source.module.as_str(), &path[0]].join("::");
            let child = child.trim_start_matches("::");
            ["crate", "self", "super"].contains(&path[0].as_str()) || modules.contains(child)
        });
        let found = own.map(|path| find(&source.module, path));
        let found = found
            .filter(|to| !to.is_empty() && *to != source.module && !is_kin(to, &source.module));
        (source.module.clone(), found.collect::<BTreeSet<String>>())
    };
    sources.iter().filter(|source| !source.module.is_empty()).map(of).collect()
}

/// The paths of all `use` declarations, or of the public ones, and of names written out in full.
fn uses(text: &str, public: bool) -> Vec<Vec<String>> {
    let code: Vec<&str> = text.lines().map(|line| line.split("//").next().unwrap()).collect();
    let code = code.join("\n");
    let mut paths = vec![];
    for (at, _) in code.match_indices("use ") {
        let before = code[..at].rsplit('\n').next().unwrap().trim();
        let is_public = before.starts_with("pub");
        if is_public || (before.is_empty() && !public) {
            let tree = code[at + 4..].split(';').next().unwrap();
            expand(tree, &[], &mut paths);
        }
    }
    if !public {
        for start in ["crate::", "super::"] {
            for (at, _) in code.match_indices(start) {
                let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
                let path = code[at..].split(|c: char| !is_part(c)).next().unwrap();
                paths.push(
                    path.split("::").filter(|it| !it.is_empty()).map(str::to_owned).collect(),
                );
            }
        }
    }
    paths
}

/// `a::{b, c::d}` -> `a::b`, `a::c::d`.
fn expand(tree: &str, prefix: &[String], paths: &mut Vec<Vec<String>>) {
    let (mut depth, mut start, mut branches) = (0, 0, vec![]);
    for (at, c) in tree.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                branches.push(&tree[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    branches.push(&tree[start..]);
    for branch in branches.iter().map(|branch| branch.trim()).filter(|branch| !branch.is_empty()) {
        let (head, inner) = branch.split_once('{').unwrap_or((branch, ""));
        let head = head.split(" as ").next().unwrap();
        let parts = head.split("::").map(str::trim).filter(|part| !part.is_empty());
        let path: Vec<String> = prefix.iter().cloned().chain(parts.map(str::to_owned)).collect();
        match inner.rsplit_once('}') {
            Some((inner, _)) => expand(inner, &path, paths),
            None => paths.push(path),
        }
    }
}

#[test]
fn only_the_terminal_prints() {
    let allowed = ["pipeline/cli/terminal.rs", "pipeline/cli/output.rs"];
    for source in crates().values().flatten() {
        let path = source.path.display().to_string();
        let prints = ["print!(", "println!(", "eprint!(", "eprintln!(", "dbg!("];
        let is_allowed = allowed.iter().any(|allowed| path.ends_with(allowed));
        let code = source.text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let found = code.filter(|line| prints.iter().any(|print| line.contains(print))).count();
        assert!(found == 0 || is_allowed, "{path} prints: return a notice instead");
    }
}

#[test]
fn a_circle_is_seen() {
    let source = |module: &str, text: &str| Source {
        path: PathBuf::new(),
        module: module.into(),
        text: text.into(),
    };
    let sources = [
        source("", "pub use b::{Noun, other};"),
        source("a", "use crate::Noun;"),
        source("b", "use crate::{c::{self, Verb}, std::x};"),
        source("c", "fn f() { crate::a::go() }"),
        source("c::d", "use super::Verb;"),
    ];
    let found = imports(&sources);
    let of = |name: &str| found[name].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!((of("a"), of("b"), of("c")), (vec!["b"], vec!["c"], vec!["a"]));
    assert!(of("c::d").is_empty(), "a child may import from its parent");
}
