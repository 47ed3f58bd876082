//! Who may sign in to a review.

use crate::{args::UserAction, output::print};
use anyhow::Context;
use rams_review::{Role, User};
use std::{io, path::Path, process::ExitCode};

/// Runs the command.
pub(super) fn run(dir: &Path, action: UserAction) -> anyhow::Result<ExitCode> {
    let (survey, sha256) = super::read(dir)?;
    let users = rams_review::users(dir, &survey, sha256)?;
    match action {
        UserAction::Add { name, roles, organisation, password_stdin } => {
            let password = if password_stdin { read_password()? } else { ask_password(&name)? };
            let user = User { name, organisation, roles, is_locked: false };
            users.add(&user, &password)?;
            print(&line(&user))?;
        }
        UserAction::List => {
            let users = users.list()?;
            users.iter().try_for_each(|user| print(&line(user)))?;
        }
        UserAction::Lock { name } => users.lock(&name, true)?,
        UserAction::Unlock { name } => users.lock(&name, false)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn line(User { name, organisation, roles, is_locked }: &User) -> String {
    let roles: Vec<String> = roles.iter().map(Role::to_string).collect();
    let organisation = if organisation.is_empty() { "" } else { &format!(", {organisation}") };
    let locked = if *is_locked { ", locked" } else { "" };
    format!("{name}{organisation}: {}{locked}", roles.join(", "))
}

fn read_password() -> anyhow::Result<String> {
    let mut line = String::new();
    io::stdin().read_line(&mut line).context("cannot read the password from stdin")?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

/// Asks twice: nobody sees what is typed.
fn ask_password(name: &str) -> anyhow::Result<String> {
    let ask = |what: &str| {
        let read = rpassword::prompt_password(what);
        read.context("cannot ask for the password here: give it by --password-stdin")
    };
    let password = ask(&format!("Password of {name}: "))?;
    anyhow::ensure!(ask("Once more: ")? == password, "the two passwords differ: try again");
    Ok(password)
}
