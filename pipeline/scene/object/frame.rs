//! Positions and directions in space.

/// A vector: right, down (as the scene's axes) and up; millimetres.
pub(crate) type Space = [f64; 3];

/// Where a part lies in its body: its origin and its axes as unit vectors.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    pub(crate) at: Space,
    pub(crate) axes: [Space; 3],
}

impl Frame {
    /// Upright at a position.
    pub(crate) fn at(x: f64, y: f64, z: f64) -> Self {
        Self { at: [x, y, z], axes: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]] }
    }

    /// With its third axis along a direction; its first stays level.
    pub(crate) fn along(at: Space, direction: Space) -> Self {
        let z = unit(direction);
        let level =
            if z[0].abs() + z[1].abs() < 1e-6 { [1.0, 0.0, 0.0] } else { unit([-z[1], z[0], 0.0]) };
        Self { at, axes: [level, cross(z, level), z] }
    }

    /// Turned about its own third axis.
    pub(crate) fn turned(self, [cos, sin]: [f64; 2]) -> Self {
        let [x, y, z] = self.axes;
        Self {
            axes: [sum(scale(x, cos), scale(y, sin)), sum(scale(y, cos), scale(x, -sin)), z],
            ..self
        }
    }

    /// Turned about its own first axis.
    pub(crate) fn rolled(self, [cos, sin]: [f64; 2]) -> Self {
        let [x, y, z] = self.axes;
        Self {
            axes: [x, sum(scale(y, cos), scale(z, sin)), sum(scale(z, cos), scale(y, -sin))],
            ..self
        }
    }

    /// Turned about its own second axis.
    pub(crate) fn pitched(self, [cos, sin]: [f64; 2]) -> Self {
        let [x, y, z] = self.axes;
        Self {
            axes: [sum(scale(x, cos), scale(z, sin)), y, sum(scale(z, cos), scale(x, -sin))],
            ..self
        }
    }

    /// The same place seen from the frame in which `outer` is given.
    pub(crate) fn within(&self, outer: &Frame) -> Self {
        Self { at: outer.place(self.at), axes: self.axes.map(|axis| outer.direct(axis)) }
    }

    /// A position in this frame, seen from outside.
    pub(crate) fn place(&self, at: Space) -> Space {
        sum(self.at, self.direct(at))
    }

    /// A direction in this frame, seen from outside.
    pub(crate) fn direct(&self, [a, b, c]: Space) -> Space {
        let [x, y, z] = self.axes;
        [0, 1, 2].map(|axis| x[axis] * a + y[axis] * b + z[axis] * c)
    }

    /// A position seen from this frame.
    pub(crate) fn local(&self, at: Space) -> Space {
        let off = [at[0] - self.at[0], at[1] - self.at[1], at[2] - self.at[2]];
        self.axes.map(|axis| dot(axis, off))
    }

    /// The upward direction seen from this frame.
    pub(crate) fn up(&self) -> Space {
        self.axes.map(|axis| axis[2])
    }
}

pub(crate) fn dot(a: Space, b: Space) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

pub(crate) fn unit(a: Space) -> Space {
    scale(a, 1.0 / dot(a, a).sqrt().max(1e-12))
}

pub(crate) fn sum(a: Space, b: Space) -> Space {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

fn scale(a: Space, by: f64) -> Space {
    a.map(|part| part * by)
}

fn cross(a: Space, b: Space) -> Space {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}
