//! What a package carries beside the program, as far as that can be told without making one;
//! `scripts/package --check` does the rest.

use crate::support::rams;
use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

/// What a tool says; `None` where it is not installed.
fn tool(name: &str, args: &[&str]) -> Option<Output> {
    let output = Command::new(name).args(args).output().ok();
    if output.is_none() {
        eprintln!("skipped: {name} is not installed");
    }
    output
}

/// The commands that `rams --help` lists.
fn commands() -> Vec<String> {
    let help = rams(&["--help"]).stdout;
    let list = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = list.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    names.filter(|name| !name.is_empty() && *name != "help").map(str::to_owned).collect()
}

#[test]
fn each_command_has_a_man_page_and_is_completed() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().to_str().unwrap();
    let ran = rams(&["man", dir]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);

    let commands = commands();
    assert!(commands.len() > 10 && !commands.contains(&"man".into()), "{commands:?}");
    for command in &commands {
        let page = format!("{dir}/rams-{command}.1");
        assert!(Path::new(&page).is_file(), "{page}");
        if let Some(shown) = tool("man", &["--warnings", "-l", &page]) {
            let text = String::from_utf8_lossy(&shown.stdout);
            assert!(
                text.contains("SYNOPSIS") && text.contains(&format!("rams-{command}(1)")),
                "{text}"
            );
            assert_eq!(String::from_utf8_lossy(&shown.stderr), "", "{page}");
        }
    }

    // In the shell: what `rams` and a tab give.
    let ask = format!(
        ". {dir}/rams.bash; COMP_WORDS=(rams '') COMP_CWORD=1; _rams rams '' rams; \
         echo \"${{COMPREPLY[*]}}\""
    );
    let given = Command::new("bash").args(["-c", &ask]).output().unwrap();
    let given = String::from_utf8(given.stdout).unwrap();
    for command in &commands {
        assert!(given.split_whitespace().any(|word| word == command), "{command}: {given}");
    }
}

#[test]
fn what_a_package_carries_is_in_the_repository() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let manifest: toml::Value = toml::from_str(&text).unwrap();
    let assets = manifest["package"]["metadata"]["deb"]["assets"].as_array().unwrap();
    let sources: Vec<&str> = assets.iter().map(|asset| asset[0].as_str().unwrap()).collect();
    // The others are built or fetched.
    let kept = |source: &&&str| !source.starts_with("target/") && !source.starts_with(".runtime/");
    for source in sources.iter().filter(kept) {
        assert!(root.join(source.trim_end_matches('*')).exists(), "{source}");
    }
    for model in fs::read_dir(root.join("models")).unwrap() {
        let files = format!("models/{}/*", model.unwrap().file_name().to_str().unwrap());
        assert!(sources.contains(&files.as_str()), "{files} is not in the package");
    }
}

#[test]
fn a_file_manager_reviews_a_folder() {
    let debian = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/debian");
    let entry = debian.join("rams.desktop");
    if let Some(checked) = tool("desktop-file-validate", &[entry.to_str().unwrap()]) {
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
    }
    // A program of that name says how it was called.
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rams"), "#!/bin/sh\nprintf '%s|' \"$@\"\n").unwrap();
    let script = format!("chmod +x rams; PATH=.:$PATH sh {}/review-folder", debian.display());
    let review = |more: &str| {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{script} {more}")]).current_dir(folder.path());
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let user = String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap();
    let called = format!("review|A survey|--as|{}|", user.trim());
    assert_eq!(review("'A survey'"), called);
    assert_eq!(review("<<END\nA survey\nEND"), format!("Folder of a survey: {called}"));
}
