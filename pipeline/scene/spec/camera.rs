//! How a scene is photographed and put together.

use crate::random::Dice;

/// How a scene was photographed and put together.
#[derive(Debug, Clone, PartialEq)]
pub struct CameraSpec {
    /// Gain of red, green and blue: white balance and exposure. 1 is as painted.
    pub gain: [f32; 3],
    /// Strength of the tone curve: 0 is straight, 0.3 deepens shadows and lifts lights.
    pub contrast: f32,
    /// Share of white veil, 0 to 1: 0.05 on a hazy day.
    pub haze: f32,
    /// Movement while the shutter was open, pixels right and down; up to 2 in all.
    pub motion_px: [f32; 2],
    /// Deviation of the lens's blur, pixels; up to 1.2.
    pub defocus_px: f32,
    /// Deviation of the noise at middle grey, levels.
    pub noise: f32,
    /// Strength of the camera's sharpening, 0 to 1: its halo is what one sees.
    pub sharpen: f32,
    /// Quality of the JPEG as libjpeg counts it, 1 to 100; `None` for none.
    pub jpeg: Option<u8>,
    /// Longest jump along the seams between images, pixels; 0 for no seams.
    pub seam_px: f32,
    /// Longest local displacement by a poor surface model, pixels; 0 for none.
    pub warp_px: f32,
    /// Strength of second copies where images were blended out of register, 0 to 0.5.
    pub ghost: f32,
}

impl CameraSpec {
    /// A good camera and one image: the demo's.
    pub fn plain() -> Self {
        Self {
            gain: [1.0; 3],
            contrast: 0.0,
            haze: 0.0,
            motion_px: [0.0; 2],
            defocus_px: 0.49,
            noise: 2.2,
            sharpen: 0.0,
            jpeg: None,
            seam_px: 0.0,
            warp_px: 0.0,
            ghost: 0.0,
        }
    }

    /// What one may meet: moderate faults, none of them in every scene.
    pub fn of(seed: u64) -> Self {
        let mut dice = Dice::new(seed, "camera", 0);
        // Every draw is made whether it is used or not, so that one does not move the others.
        let mut sometimes = |share: f64, from: f64, to: f64| {
            let (happens, value) = (dice.happens(share), dice.between(from, to));
            if happens { value as f32 } else { 0.0 }
        };
        let exposure = 1.0 + sometimes(0.8, -0.25, 0.22);
        let (warm, green) = (sometimes(0.8, -0.09, 0.09), sometimes(0.6, -0.05, 0.05));
        let contrast = sometimes(0.7, -0.15, 0.45);
        let haze = sometimes(0.4, 0.0, 0.10);
        let motion = sometimes(0.5, 0.2, 2.0);
        let defocus_px = 0.3 + sometimes(0.6, 0.0, 0.8);
        let noise = 0.8 + sometimes(0.8, 0.0, 4.0);
        let sharpen = sometimes(0.6, 0.1, 0.9);
        let jpeg = sometimes(0.75, 55.0, 96.0);
        let seam_px = sometimes(0.45, 0.5, 3.0);
        let warp_px = sometimes(0.4, 0.5, 3.0);
        let ghost = sometimes(0.25, 0.12, 0.4);
        let way = dice.direction();
        Self {
            gain: [1.0 + warm, 1.0 + green, 1.0 - warm].map(|gain| gain * exposure),
            contrast,
            haze,
            motion_px: [way.x as f32 * motion, way.y as f32 * motion],
            defocus_px,
            noise,
            sharpen,
            jpeg: (jpeg > 0.0).then_some(jpeg as u8),
            seam_px,
            warp_px,
            ghost,
        }
    }
}
