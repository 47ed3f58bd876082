//! What the outputs of a model hold.

use rams_domain::Task;
use serde::{Deserialize, Serialize};

/// What the outputs of a model hold, for each tile. Boxes are in input pixels; `n` is how many
/// there are, `c` the number of classes, `m` the number of prototypes of masks. A list that is
/// exported the other way round is recognised by its shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// `[n, 6]`: x0, y0, x1, y1, score, class index. Peaks picked inside the model.
    Boxes,
    /// `[4 + c, n]`: centre x and y, width, height, one score per class, as Ultralytics exports
    /// YOLOv8 and YOLO11.
    Yolo,
    /// `[n, 5 + c]`: centre x and y, width, height, objectness, one score per class, as YOLOv5 to
    /// YOLOv7 export.
    YoloV5,
    /// `[4 + c + 1, n]`: as `Yolo`, then the angle of the box, radians.
    YoloObb,
    /// `[n, 7]`: centre x and y, width, height, score, class index, angle.
    BoxesObb,
    /// `[4 + c + m, n]` and prototypes `[m, h, w]`: as `Yolo`, then the coefficient of each
    /// prototype in the object's mask.
    YoloSegment,
    /// `[n, 6 + m]` and prototypes `[m, h, w]`: as `Boxes`, then the coefficients.
    BoxesSegment,
    /// `[c, h, w]`: probability of each class; `h` and `w` divide the tile.
    Mask,
    /// `[h, w]`: the number of the likeliest class.
    Labels,
}

impl Layout {
    pub(crate) const ALL: [Layout; 9] = [
        Layout::Boxes,
        Layout::Yolo,
        Layout::YoloV5,
        Layout::YoloObb,
        Layout::BoxesObb,
        Layout::YoloSegment,
        Layout::BoxesSegment,
        Layout::Mask,
        Layout::Labels,
    ];

    /// Its name in a model.toml: `yolo_v5`.
    pub(crate) fn name(self) -> String {
        toml::Value::try_from(self)
            .ok()
            .and_then(|value| value.as_str().map(str::to_owned))
            .unwrap_or_default()
    }

    /// What a model of this layout gives back.
    pub fn task(self) -> Task {
        match self {
            Layout::Mask | Layout::Labels | Layout::YoloSegment | Layout::BoxesSegment => {
                Task::Segment
            }
            _ => Task::Detect,
        }
    }

    /// Whether finds come as a list of boxes, whatever follows them.
    pub fn is_list(self) -> bool {
        !matches!(self, Layout::Mask | Layout::Labels)
    }

    /// Whether the shape of an object is known, beyond the box around it.
    pub fn has_outlines(self) -> bool {
        !matches!(self, Layout::Boxes | Layout::Yolo | Layout::YoloV5)
    }

    /// Whether a second output holds prototypes of masks.
    pub fn has_prototypes(self) -> bool {
        matches!(self, Layout::YoloSegment | Layout::BoxesSegment)
    }

    /// Whether the model has picked its finds itself, a row for each.
    pub fn is_picked(self) -> bool {
        matches!(self, Layout::Boxes | Layout::BoxesObb | Layout::BoxesSegment)
    }

    /// Whether its list is a row for each box, not a column.
    pub fn is_rows(self) -> bool {
        self.is_picked() || self == Layout::YoloV5
    }

    /// Values of each box in a list.
    pub fn values(self, classes: usize, prototypes: usize) -> usize {
        match self {
            Layout::Boxes => 6,
            Layout::BoxesObb => 7,
            Layout::BoxesSegment => 6 + prototypes,
            Layout::Yolo => 4 + classes,
            Layout::YoloV5 | Layout::YoloObb => 5 + classes,
            Layout::YoloSegment => 4 + classes + prototypes,
            Layout::Mask | Layout::Labels => 0,
        }
    }

    /// Compares the graph's outputs, -1 for a size left open, with what the layout means.
    pub fn check(self, outputs: &[Vec<i64>], classes: usize) -> Result<(), String> {
        let list = outputs.first().ok_or("it has no output")?;
        let prototypes = outputs.iter().find(|shape| shape.len() == 4).map_or(-1, |shape| shape[1]);
        let is = |found: i64, wanted: i64| found < 0 || wanted < 0 || found == wanted;
        let (fits, wanted) = match self {
            Layout::Mask => {
                let wanted = vec![-1, classes as i64, -1, -1];
                let fits = match list.len() {
                    4 => is(list[1], wanted[1]) || is(list[3], wanted[1]),
                    3 => classes == 1,
                    _ => false,
                };
                (fits, wanted)
            }
            Layout::Labels => {
                let single = list.len() == 4 && (is(list[1], 1) || is(list[3], 1));
                (list.len() == 3 || single, vec![-1, -1, -1])
            }
            _ => {
                let known = !self.has_prototypes() || prototypes >= 0;
                let values = if known {
                    self.values(classes, prototypes.max(0) as usize) as i64
                } else {
                    -1
                };
                let fits = list.len() == 3 && (is(list[1], values) || is(list[2], values));
                (fits, if self.is_rows() { vec![-1, -1, values] } else { vec![-1, values, -1] })
            }
        };
        if self.has_prototypes() && !outputs.iter().any(|shape| shape.len() == 4) {
            return Err(format!(
                "outputs are {outputs:?}, {self:?} has a second one of prototypes [-1, -1, -1, -1]"
            ));
        }
        if fits || list.is_empty() {
            return Ok(());
        }
        Err(format!(
            "output is {list:?}, {self:?} with {classes} class(es) is {wanted:?}{}",
            self.remedy(list)
        ))
    }

    /// How many classes an output would have room for, where that is the likely fault.
    fn remedy(self, shape: &[i64]) -> String {
        let sizes = shape.get(1..).unwrap_or_default().iter().copied().filter(|size| *size > 0);
        let room = match self {
            Layout::Mask => sizes.min(),
            Layout::Yolo => sizes.min().map(|size| size - 4),
            Layout::YoloV5 | Layout::YoloObb => sizes.min().map(|size| size - 5),
            _ => None,
        };
        room.filter(|room| *room > 0).map_or_else(String::new, |room| {
            format!(
                "; {room} class(es) would fit: name them all in the order of the outputs under \
                 [[class]] or in output.names, or give another output.layout"
            )
        })
    }
}
