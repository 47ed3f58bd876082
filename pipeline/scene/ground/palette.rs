//! Colours of what a ground may be made of.

/// Red, green and blue in level sunlight, from one end of a palette to the other.
pub(super) type Palette = [[f32; 3]; 4];

/// The demo's grass: from green to straw.
pub(super) const MEADOW: Palette =
    [[116.0, 134.0, 84.0], [138.7, 147.3, 104.7], [161.3, 160.7, 125.3], [184.0, 174.0, 146.0]];
pub(super) const LAWN: Palette =
    [[72.0, 100.0, 58.0], [104.0, 134.0, 82.0], [138.0, 156.0, 106.0], [190.0, 178.0, 142.0]];
pub(super) const STRAW: Palette =
    [[84.0, 96.0, 60.0], [142.0, 136.0, 112.0], [182.0, 170.0, 152.0], [206.0, 192.0, 178.0]];
pub(super) const STUBBLE: Palette =
    [[104.0, 90.0, 68.0], [148.0, 130.0, 98.0], [178.0, 160.0, 124.0], [204.0, 188.0, 152.0]];
/// The demo's soil.
pub(super) const EARTH: Palette =
    [[165.0, 150.0, 130.0], [167.0, 150.0, 127.3], [169.0, 150.0, 124.7], [171.0, 150.0, 122.0]];
pub(super) const SOIL: Palette =
    [[92.0, 76.0, 62.0], [124.0, 104.0, 84.0], [152.0, 132.0, 108.0], [178.0, 158.0, 132.0]];
pub(super) const GRAVEL: Palette =
    [[104.0, 98.0, 94.0], [146.0, 140.0, 132.0], [166.0, 152.0, 136.0], [204.0, 200.0, 194.0]];
pub(super) const SAND: Palette =
    [[186.0, 170.0, 146.0], [200.0, 188.0, 168.0], [208.0, 198.0, 182.0], [216.0, 209.0, 198.0]];
pub(super) const LITTER: Palette =
    [[98.0, 72.0, 52.0], [152.0, 114.0, 78.0], [186.0, 148.0, 112.0], [214.0, 190.0, 164.0]];
pub(super) const ASPHALT: Palette =
    [[96.0, 96.0, 98.0], [118.0, 118.0, 119.0], [136.0, 135.0, 132.0], [152.0, 150.0, 146.0]];
pub(super) const CONCRETE: Palette =
    [[150.0, 146.0, 138.0], [172.0, 168.0, 160.0], [186.0, 183.0, 176.0], [202.0, 199.0, 192.0]];
pub(super) const SNOW: Palette =
    [[216.0, 222.0, 232.0], [228.0, 232.0, 238.0], [236.0, 239.0, 243.0], [244.0, 245.0, 247.0]];
pub(super) const RUBBLE: Palette =
    [[112.0, 104.0, 98.0], [150.0, 114.0, 96.0], [164.0, 152.0, 138.0], [192.0, 187.0, 178.0]];
