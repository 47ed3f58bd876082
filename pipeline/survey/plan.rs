//! A survey, decided and cut into shards that any machine of the same kind can do.

use crate::{
    Progress, SurveyConfig, SurveyError,
    checkpoint::now,
    digest,
    identity::{RunIdentity, differences},
    inputs::Inputs,
    provider::Begun,
    record,
    shards::{self, Shard},
};
use rams_detect::kernel_print;
use rams_domain::{FileDigest, OperatingPoint, RunRecord, SiteCalibration};
use rams_store::{Draft, JOURNAL_FILE, PIECES_FOLDER, SURVEY_FILE, StoreError};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

/// The file of the plan within the folder of the survey.
pub const PLAN_FILE: &str = "plan.json";

/// The file of its shards, a line of JSON each.
pub const SHARDS_FILE: &str = "shards.jsonl";

/// The file of the command by which it was planned, for whoever runs the shards to read.
pub const COMMAND_FILE: &str = "command.json";

/// Form of the plan; it changes with its fields.
const VERSION: u32 = 1;

/// Which machines may work on a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kernels {
    /// Those that answer as the machine of the plan does, to the last bit: the map is the same
    /// byte for byte.
    #[default]
    Same,
    /// Any: maps agree, and the record says which ground which kernels did.
    Any,
}

/// A plan as it is kept. There is no path in it, no time of a file and nothing of the machine but
/// what its kernels answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SurveyPlan {
    version: u32,
    /// SHA-256, hex, of all that decides the map.
    pub(crate) id: String,
    /// [`Decided::id_of_detections`], which each piece is compared with.
    #[serde(skip)]
    pub(crate) id_of_detections: String,
    /// When the survey was planned, UTC: its time on the map.
    pub(crate) time: String,
    #[serde(flatten)]
    pub(crate) decided: Decided,
    /// Why each model runs on its provider.
    pub(crate) provider_reasons: BTreeMap<String, String>,
    /// Of each orthomosaic by its name.
    pub(crate) digests: BTreeMap<String, FileDigest>,
    /// Of the surface model.
    pub(crate) surface_digest: Option<FileDigest>,
}

/// All that decides the map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Decided {
    pub(crate) kernels: Kernels,
    pub(crate) parameters: Parameters,
    /// Names within the survey, in the order in which they were given.
    pub(crate) orthomosaics: Vec<String>,
    /// Names of those that the surface model lies under.
    pub(crate) with_heights: Vec<String>,
    /// What the kernels of the machine of the plan answer, by model.
    pub(crate) kernel_prints: BTreeMap<String, String>,
    /// Number of shards.
    pub(crate) shards: u32,
    /// SHA-256, hex, of their file.
    shards_sha256: String,
    pub(crate) identity: RunIdentity,
}

/// What decides the map beside what a run is known by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Parameters {
    operating_point: OperatingPoint,
    min_confidence: f32,
    site_calibration: Option<SiteCalibration>,
    /// Who surveyed, when and where.
    metadata: serde_json::Value,
}

/// What a plan came to.
#[derive(Debug, Serialize)]
pub struct PlanSummary {
    /// Its file.
    pub plan: PathBuf,
    /// SHA-256, hex, of all that decides the map.
    pub id: String,
    /// Number of shards.
    pub shards: u32,
    /// Tiles of all shards.
    pub tiles: u64,
    /// Megapixels of their cores, at the scale of their models.
    pub megapixels: f64,
    /// What the kernels of this machine answer, by model: a machine of other prints refuses.
    pub kernel_prints: BTreeMap<String, String>,
}

/// Plans a survey into its folder: all that is decided before the first tile, and its shards, of
/// about so many megapixels each at the scale of their model. The same plan again is no error and
/// changes nothing; another one is, unless the survey is to be replaced, which removes its pieces
/// if models would see otherwise. `command` is kept beside it.
pub fn plan(
    config: &SurveyConfig,
    shard_mp: f64,
    kernels: Kernels,
    command: &str,
    progress: &dyn Progress,
) -> Result<PlanSummary, SurveyError> {
    let dir = &config.out;
    let earlier = SurveyPlan::read(dir).ok();
    if earlier.is_none() {
        let other = [SURVEY_FILE, JOURNAL_FILE].map(|name| dir.join(name));
        let other = other.into_iter().find(|path| path.exists() && !config.overwrite);
        other.map_or(Ok(()), |path| Err(StoreError::Exists { path }))?;
    }
    let begun = earlier.as_ref().map_or(Begun::No, |plan| Begun::Planned(&plan.decided.identity));
    let inputs = Inputs::open(config, begun)?;
    let record = record::begin(config, &inputs)?;
    inputs.told().iter().for_each(|text| progress.notice(text));
    record.notices.iter().for_each(|notice| progress.notice(&notice.to_string()));
    let shards = shards::cut(&inputs, shard_mp)?;
    let lines = shards::lines(&shards);
    let decided = Decided::of(config, &inputs, &record, kernels, &lines, shards.len())?;
    let id = decided.id();
    let mut keeps_pieces = false;
    if let Some(earlier) = earlier {
        let differences = earlier.decided.differences(&decided);
        if earlier.id == id {
            progress.notice(&format!("{} is there already", dir.join(PLAN_FILE).display()));
            publish(dir, &[(COMMAND_FILE, command.as_bytes())])?;
            return Ok(PlanSummary::of(dir, &earlier, &shards));
        } else if !config.overwrite {
            return Err(SurveyError::AnotherSurvey { path: dir.join(PLAN_FILE), differences });
        }
        keeps_pieces = earlier.id_of_detections == decided.id_of_detections();
    }
    let digest = |path: &Path| digest::recorded(rams_tile::digest(path, || progress.is_stopping()));
    let of_orthomosaics = inputs.orthomosaics().into_iter();
    let provider_reason = |model: &crate::input::RunModel| {
        (model.manifest.model.name.clone(), model.provider.reason.clone())
    };
    let plan = SurveyPlan {
        version: VERSION,
        id,
        id_of_detections: decided.id_of_detections(),
        time: now(),
        decided,
        provider_reasons: inputs.models.iter().map(provider_reason).collect(),
        digests: of_orthomosaics.map(|of| (of.name.clone(), digest(&of.path))).collect(),
        surface_digest: config.dsm.as_deref().map(digest),
    };
    inputs.check_unchanged()?;
    if progress.is_stopping() {
        return Err(SurveyError::Stopped);
    }
    if !keeps_pieces {
        remove_pieces(dir)?;
    }
    plan.write(dir, &lines, command)?;
    Ok(PlanSummary::of(dir, &plan, &shards))
}

impl Decided {
    fn of(
        config: &SurveyConfig,
        inputs: &Inputs,
        record: &RunRecord,
        kernels: Kernels,
        lines: &str,
        shards: usize,
    ) -> Result<Self, SurveyError> {
        // Inputs are by name, and a shard finds the file of a name by its place in the command.
        let place = |name: &str| {
            let of = inputs.list.iter().find(|input| input.orthomosaic.name == name);
            config
                .orthomosaics
                .iter()
                .position(|path| of.is_some_and(|of| of.orthomosaic.path == *path))
        };
        let mut orthomosaics: Vec<_> =
            inputs.list.iter().map(|input| input.orthomosaic.name.clone()).collect();
        orthomosaics.sort_by_key(|name| place(name));
        let reached = |input: &&crate::input::Input| {
            input.surface.as_ref().is_some_and(|surface| surface.share > 0.0)
        };
        let with_heights = inputs.list.iter().filter(reached);
        let mut prints = BTreeMap::new();
        for model in &inputs.models {
            let print = kernel_print(&model.manifest, model.provider.provider, &inputs.runtime)?;
            prints.insert(model.manifest.model.name.clone(), print);
        }
        Ok(Self {
            kernels,
            parameters: Parameters::of(config, inputs),
            orthomosaics,
            with_heights: with_heights.map(|input| input.orthomosaic.name.clone()).collect(),
            kernel_prints: prints,
            shards: shards as u32,
            shards_sha256: sha256(lines.as_bytes()),
            identity: RunIdentity::of(record, &inputs.fingerprints),
        })
    }

    /// The digest of its canonical form: JSON without spaces, keys in order.
    fn id(&self) -> String {
        let text = serde_json::to_string(self).expect("it has names for keys");
        let canonical: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
        sha256(canonical.to_string().as_bytes())
    }

    /// The digest of what the shards see: pieces outlive another doctrine, other evidence and
    /// another operating point.
    fn id_of_detections(&self) -> String {
        let identity = self.identity.of_detections();
        let Self { kernels, orthomosaics, with_heights, kernel_prints, shards_sha256, .. } = self;
        let all = (kernels, orthomosaics, with_heights, kernel_prints, shards_sha256, identity);
        sha256(&serde_json::to_vec(&all).expect("it has names for keys"))
    }

    /// What is decided otherwise, a line each.
    fn differences(&self, now: &Self) -> Vec<String> {
        let items = |of: &Self| {
            let value = serde_json::to_value(of).expect("it has names for keys");
            let fields = value.as_object().cloned().unwrap_or_default().into_iter();
            fields
                .filter(|(name, _)| name != "identity")
                .map(|(name, value)| (name.replace('_', " "), value.to_string()))
                .collect::<Vec<_>>()
        };
        let mut lines = self.identity.differences(&now.identity);
        lines.extend(differences(&items(self), &items(now)));
        lines
    }
}

impl Parameters {
    pub(crate) fn of(config: &SurveyConfig, inputs: &Inputs) -> Self {
        Self {
            operating_point: config.operating_point,
            min_confidence: config.doctrine.area.min_confidence,
            site_calibration: config.site_calibration.clone(),
            metadata: serde_json::to_value(&inputs.metadata.metadata)
                .expect("it has names for keys"),
        }
    }
}

impl SurveyPlan {
    /// Reads the plan of a folder.
    pub(crate) fn read(dir: &Path) -> Result<Self, SurveyError> {
        let path = dir.join(PLAN_FILE);
        let failed = |cause: String| SurveyError::NoPlan { path: path.clone(), cause };
        let text = fs::read(&path).map_err(|error| failed(error.to_string()))?;
        let mut plan: Self =
            serde_json::from_slice(&text).map_err(|error| failed(error.to_string()))?;
        if plan.version != VERSION || plan.id != plan.decided.id() {
            return Err(failed("it was changed, or another version of rams wrote it".into()));
        }
        plan.id_of_detections = plan.decided.id_of_detections();
        Ok(plan)
    }

    /// The shards in the order of their numbers.
    pub(crate) fn shards(&self, dir: &Path) -> Result<Vec<Shard>, SurveyError> {
        let path = dir.join(SHARDS_FILE);
        let failed = |cause: String| SurveyError::NoPlan { path: path.clone(), cause };
        let file = File::open(&path).map_err(|error| failed(error.to_string()))?;
        let (mut hash, mut shards) = (Sha256::new(), vec![]);
        for line in BufReader::new(file).lines() {
            let line = line.map_err(|error| failed(error.to_string()))?;
            hash.update(line.as_bytes());
            hash.update(b"\n");
            let shard: Shard =
                serde_json::from_str(&line).map_err(|error| failed(error.to_string()))?;
            shards.push(shard);
        }
        if hex(&hash.finalize()) != self.decided.shards_sha256 {
            return Err(failed(format!("it is not the one that {PLAN_FILE} speaks of")));
        }
        Ok(shards)
    }

    /// Writes shards and plan; whoever sees the plan sees the rest.
    fn write(&self, dir: &Path, lines: &str, command: &str) -> Result<(), SurveyError> {
        let text = serde_json::to_vec_pretty(self).expect("it has names for keys");
        let files = [(COMMAND_FILE, command), (SHARDS_FILE, lines)];
        let files = files.map(|(name, text)| (name, text.as_bytes()));
        publish(dir, &[files[0], files[1], (PLAN_FILE, &text)])
    }

    /// An error unless what this machine has is what was planned; `of_shard` if it has but a part.
    pub(crate) fn check(
        &self,
        dir: &Path,
        own: &RunIdentity,
        of_shard: bool,
    ) -> Result<(), SurveyError> {
        let planned = &self.decided.identity;
        let lines = if of_shard { own.not_in(planned) } else { planned.differences(own) };
        if lines.is_empty() { Ok(()) } else { Err(self.foreign(dir, lines)) }
    }

    /// That this machine cannot work on the plan.
    pub(crate) fn foreign(&self, dir: &Path, differences: Vec<String>) -> SurveyError {
        SurveyError::Foreign { path: dir.join(PLAN_FILE), differences }
    }
}

impl PlanSummary {
    fn of(dir: &Path, plan: &SurveyPlan, shards: &[Shard]) -> Self {
        Self {
            plan: dir.join(PLAN_FILE),
            id: plan.id.clone(),
            shards: plan.decided.shards,
            tiles: shards.iter().map(|shard| u64::from(shard.len())).sum(),
            megapixels: shards.iter().map(|shard| shard.megapixels).sum(),
            kernel_prints: plan.decided.kernel_prints.clone(),
        }
    }
}

/// Makes the folder of the pieces empty.
fn remove_pieces(dir: &Path) -> Result<(), StoreError> {
    let pieces = dir.join(PIECES_FOLDER);
    if pieces.exists() {
        fs::remove_dir_all(&pieces).map_err(|error| StoreError::write(&pieces, &error))?;
    }
    fs::create_dir_all(&pieces).map_err(|error| StoreError::write(&pieces, &error))
}

/// Writes files into a folder, each whole or not at all, in this order.
fn publish(dir: &Path, files: &[(&str, &[u8])]) -> Result<(), SurveyError> {
    let draft = Draft::beside(&dir.join(PLAN_FILE))?;
    for (name, bytes) in files {
        let failed = |error| StoreError::write(&dir.join(name), &error);
        fs::write(draft.path(name), bytes).map_err(failed)?;
    }
    draft.publish(&files.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>())?;
    Ok(())
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
