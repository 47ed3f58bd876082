//! Who may act, and where.

use super::{Book, Failed, Role, now, roles, word};
use crate::ReviewError;
use rams_domain::ReviewStage;

impl Book {
    /// Whether people sign in with a password.
    pub(crate) fn has_users(&self) -> Result<bool, ReviewError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM user WHERE password_hash IS NOT NULL)";
        self.reader().query_row(sql, [], |row| row.get(0)).map_err(|cause| self.failed(cause))
    }

    /// Knows a person by their name alone, on this machine.
    pub(crate) fn admit(&self, name: &str) -> Result<(), Failed> {
        let sql = "INSERT INTO user (name, created_utc) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        self.execute(sql, vec![name.to_owned().into(), now().into()])
    }

    /// What a person may do: their roles. Of people without roles, who are known by their name on
    /// this machine alone, the only one is analyst; two may act at any stage, for the rules then
    /// find the second person.
    pub(crate) fn roles_of(&self, name: &str) -> Result<Vec<Role>, ReviewError> {
        let reader = self.reader();
        let read = || -> rusqlite::Result<(String, i64)> {
            let sql = "SELECT roles FROM user WHERE name = ?1";
            let roles = reader.query_row(sql, [name], |row| row.get(0))?;
            let people = reader.query_row("SELECT COUNT(*) FROM user", [], |row| row.get(0))?;
            Ok((roles, people))
        };
        let (stated, people) = read().map_err(|cause| self.failed(cause))?;
        drop(reader);
        if !stated.is_empty() {
            return Ok(roles(&stated));
        }
        let state = self.state();
        let most = if people == 1 { 1 } else { usize::MAX };
        let stages = state.review.stages().iter().take(most);
        Ok(stages.filter_map(|stage| word(&stage.to_string())).collect())
    }

    /// The stages at which a person may act: those of their roles.
    pub(crate) fn stages_of(&self, name: &str) -> Result<Vec<ReviewStage>, ReviewError> {
        let own: Vec<ReviewStage> =
            self.roles_of(name)?.into_iter().filter_map(Role::stage).collect();
        let state = self.state();
        Ok(state.review.stages().iter().filter(|stage| own.contains(stage)).collect())
    }

    /// The stages at which a person may act who imports what they decided: where people sign in,
    /// one of these, else whoever is named.
    pub(crate) fn stages_of_importer(&self, name: &str) -> Result<Vec<ReviewStage>, ReviewError> {
        if !self.has_users()? {
            self.admit(name).map_err(|failed| ReviewError::User(failed.to_string()))?;
            return self.stages_of(name);
        }
        let sql = "SELECT EXISTS (SELECT 1 FROM user WHERE name = ?1 AND NOT is_locked)";
        let is_user = self.reader().query_row(sql, [name], |row| row.get(0));
        let is_user: bool = is_user.map_err(|cause| self.failed(cause))?;
        if is_user {
            return self.stages_of(name);
        }
        Err(ReviewError::User(format!(
            "{name} is no user of this review, or is locked out: give --as one of `rams review \
             DIR user list`"
        )))
    }
}
