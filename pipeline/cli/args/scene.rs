//! Which scenes to paint.

use super::whole;
use rams_domain::RasterSize;
use rams_scene::{Arrangement, CameraSpec, Ground, GroundKind, SceneSpec};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct SceneArgs {
    /// GeoTIFF to write, its truth beside it; with --count a folder
    pub(crate) out: PathBuf,
    /// Another seed is another scene
    #[arg(long, default_value_t = 7)]
    pub(crate) seed: u64,
    /// Pixels
    #[arg(long, value_name = "WxH", default_value = "6000x4500", value_parser = size)]
    size: (u32, u32),
    /// Metres per pixel
    #[arg(long, value_name = "M", default_value_t = 0.004)]
    gsd: f64,
    /// any, a kind (meadow, grass, straw, stubble, soil, gravel, sand, litter, asphalt, concrete,
    /// snow, rubble), or an aerial image whose licence the scene is then under; of several, each
    /// seed draws one
    #[arg(long = "ground", value_name = "KIND|FILE", default_value = "meadow")]
    grounds: Vec<String>,
    /// A former front line, objects of all classes side by side for training, or earthworks and
    /// what looks like them at 3 to 20 cm a pixel, with a surface model
    #[arg(long, value_enum, default_value = "field")]
    layout: LayoutArg,
    /// A good camera, or faults drawn by the seed
    #[arg(long, value_enum, default_value = "plain")]
    camera: CameraArg,
    /// Scenes of this and the following seeds, with COCO truth only
    #[arg(long, default_value_t = 1, value_parser = whole::<u64>(1..=1_000_000))]
    count: u64,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum LayoutArg {
    Field,
    Dense,
    Earthworks,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum CameraArg {
    Plain,
    Varied,
}

impl SceneArgs {
    /// One spec for each seed.
    pub(crate) fn specs(&self) -> anyhow::Result<Vec<SceneSpec>> {
        let grounds = self
            .grounds
            .iter()
            .map(|text| ground(text))
            .collect::<anyhow::Result<Vec<_>>>()?
            .concat();
        let (width, height) = self.size;
        let spec = |seed: u64| SceneSpec {
            seed,
            size: RasterSize { width, height },
            gsd_m: self.gsd,
            ground: Ground::draw(&grounds, seed).clone(),
            arrangement: match self.layout {
                LayoutArg::Field => Arrangement::Field,
                LayoutArg::Dense => Arrangement::Dense,
                LayoutArg::Earthworks => Arrangement::Earthworks,
            },
            camera: match self.camera {
                CameraArg::Plain => CameraSpec::plain(),
                CameraArg::Varied => CameraSpec::of(seed),
            },
            ..SceneSpec::default()
        };
        Ok((0..self.count).map(|number| spec(self.seed.wrapping_add(number))).collect())
    }
}

/// The grounds that a word stands for.
fn ground(text: &str) -> anyhow::Result<Vec<Ground>> {
    if text == "any" {
        return Ok(GroundKind::ALL.map(Ground::Kind).to_vec());
    }
    if let Some(kind) = GroundKind::ALL.into_iter().find(|kind| kind.name() == text) {
        return Ok(vec![Ground::Kind(kind)]);
    }
    let path = PathBuf::from(text);
    let names = GroundKind::ALL.map(GroundKind::name).join(", ");
    anyhow::ensure!(path.is_file(), "ground {text} is neither a file nor any of: any, {names}");
    Ok(vec![Ground::Photo { path, gsd_m: None }])
}

fn size(text: &str) -> Result<(u32, u32), String> {
    let sides = text
        .split_once(['x', 'X'])
        .and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    sides
        .filter(|(width, height)| *width > 0 && *height > 0)
        .ok_or_else(|| "give pixels such as 6000x4500".into())
}
