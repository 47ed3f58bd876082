//! Who may sign in, with which password: in the book's file, and never in its log.

use super::{Book, REVIEW_DIR, Subject, now, word};
use crate::ReviewError;
use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use rams_domain::ReviewStage;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use std::{
    fmt, fs,
    path::{Path, PathBuf},
    str::FromStr,
};

/// Fewest and most characters of a password.
const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 10..=1000;

/// What a person may do. Everybody may look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Looks only.
    Viewer,
    /// Acts at the stage of this name.
    Analyst,
    /// Acts at the stage of this name.
    Nts,
    /// Acts at the stage of this name.
    Regional,
    /// Acts at the stage of this name.
    Headquarters,
    /// Inspects for quality control, and decides nothing.
    Qc,
}

impl Role {
    /// The stage at which a person of this role acts.
    pub fn stage(self) -> Option<ReviewStage> {
        match self {
            Self::Viewer | Self::Qc => None,
            Self::Analyst => Some(ReviewStage::Analyst),
            Self::Nts => Some(ReviewStage::Nts),
            Self::Regional => Some(ReviewStage::Regional),
            Self::Headquarters => Some(ReviewStage::Headquarters),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        word(text).ok_or_else(|| {
            "give one of viewer, analyst, nts, regional, headquarters, qc".to_owned()
        })
    }
}

/// A person who may sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The name that their decisions are logged under.
    pub name: String,
    /// Where they work; may be empty.
    pub organisation: String,
    /// What they may do.
    pub roles: Vec<Role>,
    /// Whether they are kept out.
    pub is_locked: bool,
}

/// The users of a review. The review may be open meanwhile: what changes here holds from the next
/// request on.
pub struct Users {
    connection: Connection,
    path: PathBuf,
}

impl Users {
    /// The users of the book in a survey's folder, which is begun where there is none.
    pub(crate) fn open(dir: &Path, subject: &Subject) -> Result<Self, ReviewError> {
        let folder = dir.join(REVIEW_DIR);
        fs::create_dir_all(&folder)
            .map_err(|cause| ReviewError::Io { path: folder.clone(), cause })?;
        let (connection, path) = Book::connection(dir, subject)?;
        Ok(Self { connection, path })
    }

    /// All who may sign in, by name.
    pub fn list(&self) -> Result<Vec<User>, ReviewError> {
        let read = || -> rusqlite::Result<Vec<User>> {
            let sql = "SELECT name, organisation, roles, is_locked FROM user \
                       WHERE password_hash IS NOT NULL ORDER BY name";
            let mut select = self.connection.prepare(sql)?;
            let user = |row: &rusqlite::Row<'_>| {
                Ok(User {
                    name: row.get(0)?,
                    organisation: row.get(1)?,
                    roles: roles(&row.get::<_, String>(2)?),
                    is_locked: row.get(3)?,
                })
            };
            select.query_map([], user)?.collect()
        };
        read().map_err(|cause| self.failed(cause))
    }

    /// Lets a person in from now on; a name that is known gets this password, these roles and this
    /// organisation instead of its own, and has to sign in again.
    pub fn add(&self, user: &User, password: &str) -> Result<(), ReviewError> {
        let hash = hash(password).map_err(ReviewError::User)?;
        let roles: Vec<String> = user.roles.iter().map(Role::to_string).collect();
        let sql = "INSERT INTO user (name, organisation, roles, password_hash, created_utc) \
                   VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (name) DO UPDATE SET \
                   organisation = excluded.organisation, roles = excluded.roles, \
                   password_hash = excluded.password_hash, is_locked = 0";
        let values = params![user.name, user.organisation, roles.join(","), hash, now()];
        let added = self.connection.execute(sql, values);
        added.and_then(|_| self.sign_out(&user.name)).map_err(|cause| self.failed(cause))
    }

    /// Keeps a person out, or lets them in again. What they decided stays.
    pub fn lock(&self, name: &str, is_locked: bool) -> Result<(), ReviewError> {
        let sql = "UPDATE user SET is_locked = ?2 WHERE name = ?1 AND password_hash IS NOT NULL";
        let changed = self.connection.execute(sql, params![name, is_locked]);
        match changed.map_err(|cause| self.failed(cause))? {
            0 => Err(ReviewError::User(format!(
                "there is no user {name:?}: `rams review DIR user list` lists them"
            ))),
            _ => self.sign_out(name).map_err(|cause| self.failed(cause)),
        }
    }

    fn sign_out(&self, name: &str) -> rusqlite::Result<()> {
        self.connection.execute("DELETE FROM session WHERE user = ?1", [name]).map(|_| ())
    }

    fn failed(&self, cause: rusqlite::Error) -> ReviewError {
        ReviewError::Sql { path: self.path.clone(), cause }
    }
}

/// Roles as they are stored, with commas between them.
pub(crate) fn roles(text: &str) -> Vec<Role> {
    text.split(',').filter_map(word).collect()
}

/// Argon2id of a password, with its salt and costs beside it.
fn hash(password: &str) -> Result<String, String> {
    if !PASSWORD_CHARS.contains(&password.chars().count()) {
        let (least, most) = PASSWORD_CHARS.into_inner();
        return Err(format!("this password has not {least} to {most} characters: give another"));
    }
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|error| format!("cannot hash the password: {error}"))
}

/// The hash of nobody.
const NONE: &str = "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$\
                    MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";

/// Whether a password is the one of a hash. Without a hash it takes as long, and is none: whoever
/// tries names learns nothing of the time that it takes.
pub(crate) fn fits(password: &str, hash: Option<&str>) -> bool {
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or(NONE)) else { return false };
    let is_equal = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
    is_equal && hash.is_some()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test may panic

    use super::*;

    #[test]
    fn whoever_tries_a_name_that_is_none_waits_for_a_hash_of_the_same_costs() {
        let costs = |hash: &str| PasswordHash::new(hash).map(|hash| hash.params);
        let hash = hash("a password of one").unwrap();
        assert_eq!(costs(NONE).unwrap(), costs(&hash).unwrap());
        assert!(fits("a password of one", Some(&hash)) && !fits("a password of one", None));
        assert!(!fits("another password", Some(&hash)) && !fits("any", Some("no hash")));
    }
}
