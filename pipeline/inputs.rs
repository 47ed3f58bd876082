//! All that a survey works on, opened and checked before its first tile: what is wrong with it is an
//! error now, and not a gap after hours.

use crate::{
    args::SurveyConfig,
    distinct, engine,
    evidence::{self, Others},
    height,
    identity::Identity,
    limit::Limit,
    manifests, overlap,
    record::Record,
};
use anyhow::{Context, bail};
use rams_detect::{Choice, DetectError, Manifest, Runtime};
use rams_domain::{Ground, Orthomosaic, ReadAs, SurfaceModel, Survey};
use rams_tile::Fingerprint;
use std::{path::PathBuf, sync::Arc};

/// The inputs of a survey.
pub(crate) struct Inputs {
    /// By name: the map does not depend on the order in which they were given, but for its CRS.
    pub(crate) orthomosaics: Vec<Arc<Orthomosaic>>,
    /// What lies under each of them.
    pub(crate) surfaces: Vec<Option<SurfaceModel>>,
    pub(crate) manifests: Vec<Arc<Manifest>>,
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) limit: Option<Limit>,
    /// Names of orthomosaics that show the same ground.
    pub(crate) overlaps: Vec<[String; 2]>,
    ground: Ground,
    others: Others,
    engines: Vec<(String, Choice)>,
    prints: Vec<Fingerprint>,
}

impl Inputs {
    /// Opens all that is given. `earlier` is the survey that this one goes on with, if it does.
    pub(crate) fn open(config: &SurveyConfig, earlier: Option<&Identity>) -> anyhow::Result<Self> {
        let mut orthomosaics = open(&config.orthomosaics, &config.read_as)?;
        let files = config.orthomosaics.iter().chain(&config.dsm);
        let prints = files.map(|path| rams_tile::fingerprint(path)).collect::<Result<Vec<_>, _>>()?;
        let mut ground = rams_tile::ground_around(&mut orthomosaics).context("no orthomosaic given")??;
        orthomosaics.sort_by(|a, b| a.name.cmp(&b.name));
        let read_limit = |path: &PathBuf| Limit::read(path, &ground, &orthomosaics);
        let limit = config.aoi.as_ref().map(read_limit).transpose()?;
        if let (Some(limit), Some(path)) = (&limit, &config.aoi) {
            ground = rams_tile::widened(&ground, limit.extent(), path)?;
        }
        let surfaces = height::under(config.dsm.as_deref(), &orthomosaics)?;
        let others = evidence::read(config, &ground)?;
        let (manifests, mut runtime) = models(&config.models, config.tile_px)?;
        let engines = engine::choose(config, earlier, &orthomosaics, &manifests, &mut runtime)?;
        let overlaps = overlap::pairs(&orthomosaics.iter().collect::<Vec<_>>(), &ground);
        let orthomosaics = orthomosaics.into_iter().map(Arc::new).collect();
        let runtime = Arc::new(runtime);
        Ok(Self { orthomosaics, surfaces, manifests, runtime, limit, overlaps, ground, others, engines, prints })
    }

    /// Begins the record with all that is known of them.
    pub(crate) fn record(&self, config: &SurveyConfig) -> Record {
        let Self { orthomosaics, surfaces, manifests, .. } = self;
        let mut record = Record::begin(config, orthomosaics, manifests, &self.runtime);
        self.engines.iter().for_each(|(model, choice)| record.engine(model, choice));
        self.others.note(&mut record);
        if let (Some(limit), Some(path)) = (&self.limit, &config.aoi) {
            limit.note(path, &self.ground, &mut record);
        }
        record.overlaps(&self.overlaps);
        let shortfalls = height::shortfalls(orthomosaics, surfaces, manifests);
        shortfalls.iter().for_each(|(of, text)| eprintln!("{of}: {text}"));
        record.surfaces(orthomosaics, surfaces, &shortfalls);
        record
    }

    /// A survey of them in which nothing was looked at yet.
    pub(crate) fn survey(&self) -> Survey {
        let mut survey = Survey::new(self.ground.clone());
        survey.known = self.others.known.clone();
        if let Some(limit) = &self.limit {
            limit.join(&mut survey.known);
        }
        survey
    }

    /// What was read of a file that was written to meanwhile is no survey of it: an error names it.
    pub(crate) fn check_unchanged(&self) -> anyhow::Result<()> {
        Ok(self.prints.iter().try_for_each(Fingerprint::check)?)
    }
}

/// Opens orthomosaics; those of the same file name get different names in the survey.
fn open(paths: &[PathBuf], read_as: &ReadAs) -> anyhow::Result<Vec<Orthomosaic>> {
    if let Some([one, other]) = distinct::twice(paths) {
        bail!("cannot survey {} and {}: they are one file; give it once", one.display(), other.display());
    }
    let mut opened: Vec<Orthomosaic> = vec![];
    for path in paths {
        let mut orthomosaic = rams_tile::open(path, read_as)?;
        orthomosaic.name = distinct::name(&orthomosaic.name, opened.iter().map(|other| other.name.as_str()));
        opened.push(orthomosaic);
    }
    Ok(opened)
}

/// Reads models and tries each.
fn models(paths: &[PathBuf], tile_px: Option<u32>) -> anyhow::Result<(Vec<Arc<Manifest>>, Runtime)> {
    let manifests = manifests::read(paths, tile_px)?;
    let runtime = Runtime::load()?;
    let tried = manifests.into_iter().map(|manifest| Ok(Arc::new(manifest.try_out(&runtime)?.manifest)));
    Ok((tried.collect::<Result<Vec<_>, DetectError>>()?, runtime))
}
