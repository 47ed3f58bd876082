"""Training crops: synthetic scenes, real ground, cut-outs pasted on it; seen from any height; and the target maps.

`Crops.sample(rng)` gives (image float32 [3, CROP, CROP], heat [families, n, n], reg [4, n, n], weight [n, n],
care [n, n], leaf int64 [n, n], leaf_weight [n, n]) with n = CROP / 4. `weight` marks the cells whose box is learned,
`leaf_weight` those whose class is (`leaf` counts classes.NAMED); `care` = 0 is ignored.

A crop has a source GSD g of its own: it is averaged down to g, goes through the optics at g, and is brought to the
model's GSD as a survey would bring an input of that GSD.
"""
from dataclasses import replace

import cv2
import numpy as np

from rams_train.common import augment
from rams_train.ordnance import cutouts as cutout
from rams_train.ordnance import domain_randomisation as guise
from rams_train.ordnance import textures
from rams_train.ordnance.classes import FAMILIES, FAMILY_OF, LEAVES, NAMED
from rams_train.ordnance.dataset import FILL, GSD_M, NATIVE_M, STRIDE, normalise

CROP = 192
N = CROP // STRIDE
SIDE_M = CROP * GSD_M
ROOT_PX = 6  # root of the outline's area, in source px, below which an object is neither positive nor ground
NAME_PX = 8  # short side in source px from which its class is learned
# Shares of the crops: around an object of a scene, around a real object, cut-outs on real ground; the rest holds nothing.
MIX = {"real": (0.0, 0.4, 0.4), "synthetic": (0.87, 0.0, 0.0), "both": (0.45, 0.3, 0.15), "wide": (0.35, 0.13, 0.32)}
MIN_CONTRAST = 6  # grey levels by which a box differs from the bare ground, with "wide"
PAINTED = 150  # cut-outs of generated objects of each class
# The class that real flights test comes more often than any other.
DRAW = np.array([4.0 if name == "pfm-1" else 1.0 for name in LEAVES])


class Crops:
    """Draws crops. `flights`, `scenes` and `backgrounds` are lists of dataset.Ground; `mix` is a key of MIX.

    With "wide" there are also `material`, a list of textures.Texture, and `mixed`, grounds made of them; objects and
    litter then come in every guise.
    """

    def __init__(self, flights, scenes, backgrounds, mix, material=(), mixed=()):
        self.flights, self.scenes, self.backgrounds, self.material = flights, scenes, backgrounds, list(material)
        self.wide = mix == "wide"
        # What is searched for false alarms. Aerial images as if their pixels were the model's.
        self.grounds = {g.key: g for g in [*flights, *scenes, *mixed, *(replace(b, gsd_m=GSD_M) for b in backgrounds)]}
        self.mix = np.cumsum(MIX[mix])
        self.sprites = [[] for _ in LEAVES]
        for f in flights:
            for cls, rgb, alpha, mm in cutout.cut(f):
                self.sprites[cls].append((rgb, alpha, mm))
        self.painted = cutout.cut_painted(scenes, PAINTED) if self.wide else {}
        self.real, self.synthetic = Shelf(flights), Shelf(scenes)
        self.hard = []  # (key of a ground, x, y, w, h): false alarms found on the training grounds
        self.found = []  # cut-outs of those on flights, to paste as look-alikes on other ground

    def set_hard(self, hard):
        """Take the false alarms of a mining pass: as negative crops, and cut out to paste anywhere."""
        self.hard = hard
        self.found = []
        for flight in self.flights:
            boxes = [np.array([x - w / 2, y - h / 2, x + w / 2, y + h / 2]) for key, x, y, w, h in hard if key == flight.key]
            self.found += cutout.cut_boxes(flight, boxes)

    def sample(self, rng):
        g = source_gsd(rng)
        roll = rng.random()
        wanted = 0
        if roll < self.mix[0]:
            view = self._scene(rng, g)
        elif roll < self.mix[1]:
            view = self._around(rng, g, *self.real.draw(rng, g), 0.28)
            wanted = int(rng.random() < 0.3)
        elif roll < self.mix[2]:
            view = self._ground(rng, g)
            wanted = 1 + rng.binomial(3, 0.4)
        elif self.hard and rng.random() < 0.6:
            view = self._around_alarm(rng, g)
        else:
            view = self._ground(rng, g)
        crop, valid, objects, ignore, fine = view
        crop = crop.astype(np.float32)
        if rng.random() < 0.5:
            # The ground alone first, so that object and ground do not always share one cast.
            crop = augment.tint(rng, crop, strong=not objects)
        crop, objects, ignore = self._paste(rng, crop, valid, objects, ignore, wanted, fine)
        if rng.random() < 0.12:
            crop = augment.cast(rng, crop)
        if rng.random() < 0.8:
            crop = augment.tint(rng, crop, strong=rng.random() < 0.3)
        if self.wide and rng.random() < 0.2:
            crop = augment.turn_hues(rng, crop)
        if g > fine:
            n = max(8, round(SIDE_M / g))
            crop = cv2.resize(crop, (n, n), interpolation=cv2.INTER_AREA)
        crop = augment.optics(rng, crop, 0.16 if self.wide else 0.08)
        if crop.shape[0] != CROP:
            crop = cv2.resize(crop, (CROP, CROP), interpolation=cv2.INTER_AREA if crop.shape[0] > CROP else cv2.INTER_LINEAR)
        if valid.shape[0] != CROP:
            valid = cv2.resize(valid, (CROP, CROP), interpolation=cv2.INTER_NEAREST)
        if rng.random() < 0.04:
            valid = _bite(rng, valid)
        return (normalise(crop, valid), *targets(objects, ignore, valid, g))

    # --- grounds: (rgb [k, k, 3], valid [k, k], [(class, box, root_m, short_m)], [box], GSD of the k px) --------------
    # Boxes are in px of the finished crop, whatever k is.

    def _scene(self, rng, g):
        if rng.random() < 0.7:
            ground, item = self.synthetic.draw(rng, g)
            return self._around(rng, g, ground, item, 0.3, (0.95, 1.05))
        ground = self.scenes[rng.integers(len(self.scenes))]
        return self._window(rng, g, ground, *_anywhere(rng, ground), (0.95, 1.05))

    def _around(self, rng, g, ground, item, off_m, scale=(0.85, 1.2)):
        cx, cy = (item.box[:2] + item.box[2:]) / 2 + rng.uniform(-off_m, off_m, 2) / ground.gsd_m
        return self._window(rng, g, ground, cx, cy, scale)

    def _around_alarm(self, rng, g):
        key, x, y, _, _ = self.hard[rng.integers(len(self.hard))]
        ground = self.grounds[key]
        x, y = np.array([x, y]) + rng.uniform(-0.24, 0.24, 2) / ground.gsd_m
        return self._window(rng, g, ground, x, y)

    def _window(self, rng, g, ground, cx, cy, scale=(0.85, 1.2)):
        """A crop of a ground about (cx, cy) px: a little larger or smaller than life, flipped, in quarter turns."""
        zoom = rng.uniform(*scale)
        side = int(SIDE_M / ground.gsd_m / zoom)
        fine = max(SIDE_M / side, min(g, GSD_M))
        crop, valid, (x0, y0) = ground.window(cx, cy, side, min(side, round(SIDE_M / fine)))
        k = CROP / side
        shift = np.array([x0, y0, x0, y0])
        near = lambda b: b[2] > x0 and b[3] > y0 and b[0] < x0 + side and b[1] < y0 + side
        objects = [(o.cls, (o.box - shift) * k, o.root_m * zoom, o.short_m * zoom) for o in ground.objects if near(o.box)]
        ignore = [(b - shift) * k for b in ground.ignore if near(b)]
        moves = ([flip] if rng.random() < 0.5 else []) + [turn] * rng.integers(4)
        for move in moves:
            crop, valid = (x[:, ::-1] if move is flip else np.rot90(x) for x in (crop, valid))
            objects = [(c, move(b), r, s) for c, b, r, s in objects]
            ignore = [move(b) for b in ignore]
        seen = []
        for c, b, root, short in objects:
            part = _clip(b)
            # An object cut by the crop counts only if most of it is there.
            if part is not None and _area(part) >= 0.6 * _area(b):
                seen.append((c, part, root, short))
            else:
                ignore.append(b)
        ignore = [p for p in map(_clip, ignore) if p is not None]
        return np.ascontiguousarray(crop), np.ascontiguousarray(valid), seen, ignore, SIDE_M / crop.shape[0]

    def _ground(self, rng, g):
        """Ground without synthetic objects: flights, textures, or aerial images at any zoom."""
        if self.wide and rng.random() < 0.5:
            fine = max(NATIVE_M, min(g, GSD_M))
            n = round(SIDE_M / fine)
            return textures.paint(rng, self.material, n, SIDE_M / n), np.ones((n, n), np.uint8), [], [], SIDE_M / n
        if self.flights and rng.random() < 0.65:
            flight = self.flights[rng.integers(len(self.flights))]
            return self._window(rng, g, flight, *_anywhere(rng, flight))
        if self.scenes and not self.flights and rng.random() < 0.3:
            ground = self.scenes[rng.integers(len(self.scenes))]
            return self._window(rng, g, ground, *_anywhere(rng, ground), (0.95, 1.05))
        ground = self.backgrounds[rng.integers(len(self.backgrounds))]
        image = ground.rgba
        fine = max(NATIVE_M, min(g, GSD_M))
        n = round(SIDE_M / fine)
        zoom = rng.uniform(0.5, 2.5) * GSD_M / fine
        if self.wide and g > ground.gsd_m / 2 and rng.random() < 0.5:
            zoom = rng.uniform(0.85, 1.2) * ground.gsd_m / fine  # as it is
        h, w = image.shape[:2]
        spin = cv2.getRotationMatrix2D((float(rng.uniform(0.1, 0.9) * w), float(rng.uniform(0.1, 0.9) * h)), rng.uniform(0, 360), zoom)
        px, py = spin @ np.array([rng.uniform(0.1, 0.9) * w, rng.uniform(0.1, 0.9) * h, 1])
        spin[:, 2] += n / 2 - np.array([px, py])
        crop = cv2.warpAffine(image, spin, (n, n), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
        return np.ascontiguousarray(crop[..., :3]), (crop[..., 3] == 255).astype(np.uint8), [], [], SIDE_M / n

    # --- objects -----------------------------------------------------------------------------------------------------

    def _paste(self, rng, crop, valid, objects, ignore, wanted, fine):
        """Lay `wanted` cut-out objects and some false alarms on the crop."""
        objects, ignore = list(objects), list(ignore)
        distract = int(rng.choice([0, 1, 3], p=[0.4, 0.3, 0.3])) if self.found or self.wide else 0
        if not wanted and not distract:
            return crop, objects, ignore
        n = crop.shape[0]
        k = CROP / n
        taken = [b / k for _, b, _, _ in objects] + [b / k for b in ignore]
        light = augment.sun(rng, GSD_M / fine)
        shelves = [c for c, s in enumerate(self.sprites) if s or self.painted.get(c)]
        weights = DRAW[shelves] / DRAW[shelves].sum() if shelves else None
        for positive in [True] * (wanted if shelves else 0) + [False] * distract:
            cls = int(rng.choice(shelves, p=weights)) if positive else None
            pre = self._sprite(rng, cls, fine)
            if pre is None:
                continue
            h, w = pre.shape[:2]
            for _ in range(8):
                x, y = int(rng.integers(-w // 6, max(1, n - w + w // 6))), int(rng.integers(-h // 6, max(1, n - h + h // 6)))
                box = np.array([x, y, x + w, y + h], np.float32)
                if all(_apart(box, t) for t in taken):
                    break
            else:
                continue
            part = np.clip(box, 0, n).astype(int)
            spot = (slice(part[1], part[3]), slice(part[0], part[2]))
            if not valid[spot].all():
                continue
            tone = crop[spot].reshape(-1, 3).mean(0)
            whole = (pre[..., 3] > 0.5).sum()
            if self.wide and rng.random() < 0.75:
                pre = guise.dress(rng, pre, tone)
            else:
                pre = augment.recolour(rng, pre, tone, strong=rng.random() < 0.6)
            if self.wide and rng.random() < 0.2:
                pre = guise.cover(rng, pre)
            bare = crop[spot].copy()
            seen = augment.paste(rng, crop, pre, x, y, light, grass=0.4 if positive else 0.2)
            if seen is None:
                continue
            taken.append(box)
            part = (pre[..., 3] > 0.5).sum()
            inside = _area(seen) >= 0.6 * (w - 4) * (h - 4) or (part < whole and _within(box, n))
            # What nobody could see is no object to learn.
            plain = not self.wide or np.abs(crop[spot] - bare).mean() > MIN_CONTRAST
            if positive and inside and plain and part >= 0.3 * whole:
                objects.append((cls, seen * k, float(np.sqrt(part)) * fine, min(w, h) * fine))
            elif positive:
                ignore.append(seen * k)
        return np.clip(crop, 0, 255), objects, ignore


    def _sprite(self, rng, cls, fine):
        """An object of a class, or (None) a look-alike, at `fine` metres a px: (premultiplied rgb, alpha), or None."""
        tilt = rng.uniform(0.9, 1) if self.wide else 1.0
        if cls is None and self.wide and (not self.found or rng.random() < 0.6):
            return guise.litter(rng, fine)
        shelf = self.found if cls is None else self.sprites[cls]
        if cls is not None and self.painted.get(cls) and (not shelf or rng.random() < 0.5):
            shelf = self.painted[cls]
        rgb, alpha, mm = shelf[rng.integers(len(shelf))]
        return augment.sprite(rng, rgb, alpha, mm, fine * 1000, rng.uniform(0.85, 1.2), tilt)


class Shelf:
    """The objects of some grounds by class, the largest first, to draw one that can be seen at a GSD."""

    def __init__(self, grounds):
        self.items = [[] for _ in LEAVES]
        for ground in grounds:
            for o in ground.objects:
                self.items[o.cls].append((ground, o))
        for items in self.items:
            items.sort(key=lambda x: -x[1].root_m)
        self.roots = [np.array([-o.root_m for _, o in items]) for items in self.items]

    def draw(self, rng, g):
        count = np.array([np.searchsorted(r, -ROOT_PX * g) for r in self.roots])
        if not count.any():
            count = np.array([len(r) for r in self.roots])
        weight = DRAW * (count > 0)
        cls = rng.choice(len(count), p=weight / weight.sum())
        return self.items[cls][rng.integers(count[cls])]


def source_gsd(rng):
    """Metres per px of the imagery a crop stands for: mostly fine, some at the limits of what can be seen."""
    low, high = ((NATIVE_M, GSD_M), (GSD_M, 0.010), (0.010, 0.030))[rng.choice(3, p=[0.6, 0.25, 0.15])]
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def targets(objects, ignore, valid, g):
    """Target maps of a crop whose source has `g` metres a px; boxes in px of the crop."""
    heat = np.zeros((len(FAMILIES), N, N), np.float32)
    reg = np.zeros((4, N, N), np.float32)
    weight, leaf_weight = np.zeros((N, N), np.float32), np.zeros((N, N), np.float32)
    leaf = np.zeros((N, N), np.int64)
    care = np.ones((N, N), np.float32)
    cy, cx = np.mgrid[0:N, 0:N].astype(np.float32)
    unsure = list(ignore)
    for cls, b, root, short in objects:
        ix0, iy0, ix1, iy1 = b.astype(int)
        if root < ROOT_PX * g or valid[iy0:iy1 + 1, ix0:ix1 + 1].mean() < 0.6:
            unsure.append(b)
    for b in unsure:
        x0, y0, x1, y1 = b / STRIDE
        care[int(max(0, y0 - 1)):int(y1 + 2), int(max(0, x0 - 1)):int(x1 + 2)] = 0
    for cls, b, root, short in objects:
        if any(b is u for u in unsure):
            continue
        x0, y0, x1, y1 = b / STRIDE
        mx, my, w, h = (x0 + x1) / 2, (y0 + y1) / 2, max(x1 - x0, 1.0), max(y1 - y0, 1.0)
        px, py = min(int(mx), N - 1), min(int(my), N - 1)
        spread = max(0.8, np.sqrt(w * h) / 6)
        bell = np.exp(-((cx - px) ** 2 + (cy - py) ** 2) / (2 * spread**2))
        family = FAMILY_OF[cls]
        heat[family] = np.maximum(heat[family], bell)
        near = bell > np.maximum(weight, 0.4)
        weight[near] = bell[near]
        for k, v in enumerate((mx - cx, my - cy, np.log(w) + 0 * cx, np.log(h) + 0 * cx)):
            reg[k][near] = v[near]
        named = cls in NAMED and short >= NAME_PX * g
        leaf[near] = NAMED.index(cls) if named else 0
        leaf_weight[near] = bell[near] if named else 0
        care[max(0, py - 3):py + 4, max(0, px - 3):px + 4] = 1
    return heat, reg, weight, care, leaf, leaf_weight


def flip(b):
    """A box in the mirrored crop."""
    return np.array([CROP - b[2], b[1], CROP - b[0], b[3]])


def turn(b):
    """A box after numpy.rot90 (a quarter turn against the clock)."""
    return np.array([b[1], CROP - b[2], b[3], CROP - b[0]])


def _anywhere(rng, ground):
    """A valid pixel of a ground: x, y."""
    h, w = ground.rgba.shape[:2]
    for _ in range(20):
        x, y = rng.integers(w), rng.integers(h)
        if ground.rgba[y, x, 3]:
            break
    return x, y


def _bite(rng, valid):
    """Mask a rectangle at one side: a missing tile, the edge of the mosaic."""
    valid = valid.copy()
    cut = int(rng.uniform(0.1, 0.6) * CROP)
    side = rng.integers(4)
    (valid[:cut], valid[CROP - cut:], valid[:, :cut], valid[:, CROP - cut:])[side][:] = 0
    return valid


def _clip(b):
    c = np.clip(b, 0, CROP)
    return c if c[2] - c[0] > 2 and c[3] - c[1] > 2 else None


def _within(b, n):
    return b[0] >= 0 and b[1] >= 0 and b[2] <= n and b[3] <= n


def _area(b):
    return max(0.0, b[2] - b[0]) * max(0.0, b[3] - b[1])


def _apart(a, b):
    return a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1]
