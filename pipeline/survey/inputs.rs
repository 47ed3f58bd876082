//! All that a survey works on, opened and checked before its first tile: what is wrong with it is
//! an error now, and not a gap after hours.

use crate::{
    SurveyConfig, SurveyError,
    aoi::Aoi,
    coverage::Scope,
    distinct,
    evidence::{self, EvidenceInput},
    heights,
    input::{Input, RunModel},
    metadata::{self, MetadataInput},
    models, overlap,
    pass::Pass,
    provider::{self, Begun},
};
use geo::MultiPolygon;
use rams_detect::{ProviderChoice, Runtime, smoke_test};
use rams_domain::{ExternalEvidence, Georef, Grid, Ground, Orthomosaic, ReadAs, TilePlan};
use rams_model::Manifest;
use rams_tile::Fingerprint;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use std::{collections::BTreeMap, path::PathBuf};

/// The inputs of a survey.
pub(crate) struct Inputs {
    /// By name: the map does not depend on the order in which they were given, but for its CRS.
    pub(crate) list: Vec<Input>,
    pub(crate) models: Vec<RunModel>,
    pub(crate) runtime: Runtime,
    pub(crate) aoi: Option<Aoi>,
    /// Names of orthomosaics that show the same ground.
    pub(crate) overlaps: Vec<[String; 2]>,
    /// CRS and extent of the map.
    pub(crate) ground: Ground,
    pub(crate) evidence: EvidenceInput,
    pub(crate) metadata: MetadataInput,
    pub(crate) fingerprints: Vec<Fingerprint>,
}

impl Inputs {
    /// Opens all that is given.
    pub(crate) fn open(config: &SurveyConfig, begun: Begun<'_>) -> Result<Self, SurveyError> {
        let mut orthomosaics = open(&config.orthomosaics, &config.read_as)?;
        let files = config.orthomosaics.iter().chain(&config.dsm);
        let fingerprints =
            files.map(|path| rams_tile::fingerprint(path)).collect::<Result<Vec<_>, _>>()?;
        let mut ground =
            rams_tile::ground_around(&mut orthomosaics).ok_or(SurveyError::NoOrthomosaic)??;
        orthomosaics.sort_by(|a, b| a.name.cmp(&b.name));
        let mut aoi = None;
        if let Some(path) = &config.aoi {
            let frames: Vec<_> = orthomosaics.iter().map(overlap::frame).collect();
            let read = Aoi::read(path, &ground, &frames)?;
            ground = rams_tile::widened(&ground, read.extent(), path)?;
            aoi = Some(read);
        }
        let surfaces =
            config.dsm.as_deref().map(|dsm| heights::under(dsm, &orthomosaics)).transpose()?;
        let evidence = evidence::read(&config.evidence, config.mapping.as_deref(), &ground)?;
        let metadata = metadata::read(config)?;
        let mut manifests = models::read(&config.models, config.tile_px)?;
        if let Begun::Shard { model, .. } = begun {
            manifests.retain(|manifest| manifest.model.name == model);
        }
        let overlaps = overlap::pairs(&orthomosaics.iter().collect::<Vec<_>>(), &ground);
        let mut surfaces = surfaces.into_iter().flatten();
        let with_surface = |orthomosaic| Input { orthomosaic, surface: surfaces.next() };
        let list: Vec<_> = orthomosaics.into_iter().map(with_surface).collect();
        let runtime = Runtime::load()?;
        let mut models = vec![];
        // They are most of what comes before the first tile.
        let test = |manifest| smoke_test(manifest, &runtime);
        let tested: Vec<_> = manifests.into_par_iter().map(test).collect();
        for tested in tested {
            let manifest = tested?.manifest;
            let provider = provider::choose(config, begun, &list, &manifest, &runtime)?;
            models.push(RunModel { manifest, provider });
        }
        Ok(Self { list, models, runtime, aoi, overlaps, ground, evidence, metadata, fingerprints })
    }

    /// The orthomosaics, by name.
    pub(crate) fn orthomosaics(&self) -> Vec<&Orthomosaic> {
        self.list.iter().map(|input| &input.orthomosaic).collect()
    }

    /// How their pixels lie on the ground, by name.
    pub(crate) fn georefs(&self) -> BTreeMap<String, Georef> {
        let georef = |of: &Orthomosaic| (of.name.clone(), of.georef.clone());
        self.orthomosaics().into_iter().map(georef).collect()
    }

    /// The models in the order given.
    pub(crate) fn manifests(&self) -> Vec<&Manifest> {
        self.models.iter().map(|model| &model.manifest).collect()
    }

    /// External evidence, and the limit among it.
    pub(crate) fn external_evidence(&self) -> Vec<ExternalEvidence> {
        let given = self.evidence.external_evidence.clone();
        let limit = self.aoi.iter().flat_map(|aoi| aoi.evidence(given.len())).collect::<Vec<_>>();
        [given, limit].concat()
    }

    /// The ground that its orthomosaics cover, units of the survey's CRS.
    pub(crate) fn imagery(&self) -> MultiPolygon {
        let frames = self.list.iter().map(|input| overlap::frame(&input.orthomosaic).into());
        overlap::union(&frames.collect::<Vec<_>>())
    }

    /// The ground that the survey accounts for: its limit, or all that its orthomosaics cover.
    pub(crate) fn whole(&self) -> MultiPolygon {
        self.aoi.as_ref().map_or_else(|| self.imagery(), |aoi| aoi.area().clone())
    }

    /// What each model can assess in an orthomosaic, and its pass over it where that is anything;
    /// passes are numbered as they come.
    pub(crate) fn passes<'a>(
        &'a self,
        input: &'a Input,
        numbers: &mut impl Iterator<Item = u32>,
    ) -> Result<Vec<(Scope, Option<Pass<'a>>)>, SurveyError> {
        let mut passes = vec![];
        for model in &self.models {
            let scope = Scope::of(&model.manifest.model, &input.orthomosaic);
            let number = if scope.assessable.is_empty() { None } else { numbers.next() };
            let pass = number.map(|number| self.pass(number, input, model)).transpose()?;
            passes.push((scope, pass));
        }
        Ok(passes)
    }

    /// The pass of a model over an orthomosaic.
    pub(crate) fn pass<'a>(
        &self,
        number: u32,
        input: &'a Input,
        model: &'a RunModel,
    ) -> Result<Pass<'a>, SurveyError> {
        let (Input { orthomosaic, surface }, RunModel { manifest, provider }) = (input, model);
        let grid = Grid::new(orthomosaic.size, orthomosaic.gsd_m(), manifest.model.gsd_m);
        let plan = TilePlan::new(grid, manifest.model.tile)?;
        let surface = heights::choose(surface.as_ref(), manifest).and_then(Result::ok);
        let within = self.aoi.as_ref().map(|aoi| aoi.tiles(&plan, orthomosaic));
        let provider = provider.provider;
        Ok(Pass { number, orthomosaic, surface, manifest, provider, plan, within })
    }

    /// What was read, a line each, for a person.
    pub(crate) fn told(&self) -> Vec<String> {
        let provider = |model: &RunModel| {
            let ProviderChoice { provider, reason, .. } = &model.provider;
            format!("{} runs on {provider}: {reason}", model.manifest.model.name)
        };
        let aoi = self.aoi.iter().map(Aoi::told);
        let given = aoi.chain(self.evidence.told()).chain(self.metadata.told());
        given.chain(self.models.iter().map(provider)).collect()
    }

    /// What was read of a file that was written to meanwhile is no survey of it: an error names it.
    pub(crate) fn check_unchanged(&self) -> Result<(), SurveyError> {
        Ok(self.fingerprints.iter().try_for_each(Fingerprint::check)?)
    }
}

/// Opens orthomosaics; those of the same file name get different names in the survey.
fn open(paths: &[PathBuf], read_as: &ReadAs) -> Result<Vec<Orthomosaic>, SurveyError> {
    if let Some([one, other]) = distinct::twice(paths) {
        return Err(SurveyError::SameFile { one: one.to_owned(), other: other.to_owned() });
    }
    let mut opened: Vec<Orthomosaic> = vec![];
    for path in paths {
        let mut orthomosaic = rams_tile::open(path, read_as)?;
        orthomosaic.name =
            distinct::name(&orthomosaic.name, opened.iter().map(|other| other.name.as_str()));
        opened.push(orthomosaic);
    }
    Ok(opened)
}
