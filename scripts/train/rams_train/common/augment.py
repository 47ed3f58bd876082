"""Pasting objects with their shadows, and the photometric changes of a whole crop.

Crops are float32 [h, w, 3] 0..255; alpha masks are float32 0..1.
"""
import cv2
import numpy as np

LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def sprite(rng, rgb, alpha, mm_per_px, gsd_mm, scale, tilt=1.0):
    """Turn a cut-out freely and bring it to the crop's GSD: (premultiplied rgb, alpha), tightly cropped.

    `tilt`: shortening along some direction, the cosine of a view off the vertical.
    """
    h, w = alpha.shape
    zoom = mm_per_px / gsd_mm * scale
    n = int(np.ceil(np.hypot(h, w) * zoom)) + 4
    rgb = rgb.astype(np.float32)
    if zoom < 0.9:
        # The sensor averages over its pixel; without this the edges would alias as no photograph does.
        sigma = 0.42 / zoom
        soft = cv2.GaussianBlur(alpha, (0, 0), sigma)
        rgb = cv2.GaussianBlur(rgb * alpha[..., None], (0, 0), sigma) / np.maximum(soft, 1e-3)[..., None]
        alpha = soft
    turn = cv2.getRotationMatrix2D((w / 2 - 0.5, h / 2 - 0.5), rng.uniform(0, 360), zoom)
    turn[:, 2] += n / 2 - np.array([w / 2 - 0.5, h / 2 - 0.5]) + rng.uniform(-0.5, 0.5, 2)
    if tilt < 1:
        angle = rng.uniform(0, np.pi)
        along = np.array([np.cos(angle), np.sin(angle)])
        squash = np.eye(2) - (1 - tilt) * np.outer(along, along)
        turn = squash @ turn
        turn[:, 2] += n / 2 - squash @ np.array([n / 2, n / 2])
    pre = np.dstack([rgb * alpha[..., None], alpha])
    if rng.random() < 0.5:
        pre = np.ascontiguousarray(pre[:, ::-1])
    pre = cv2.warpAffine(pre.astype(np.float32), turn, (n, n), flags=cv2.INTER_LINEAR)
    ys, xs = np.nonzero(pre[..., 3] > 0.3)
    if len(ys) < 6:
        return None
    y0, y1, x0, x1 = max(0, ys.min() - 2), ys.max() + 3, max(0, xs.min() - 2), xs.max() + 3
    return pre[y0:y1, x0:x1]


def recolour(rng, pre, ground, strong):
    """Change a sprite's colours: gain, contrast, saturation, now and then towards the ground's own tone."""
    a = pre[..., 3:4]
    rgb = pre[..., :3] / np.maximum(a, 1e-3)
    weight = np.maximum(a.sum(), 1)
    mean = (rgb * a).sum((0, 1)) / weight
    grey = (rgb @ LUMA)[..., None]
    rgb = grey + (rgb - grey) * rng.uniform(0.3, 1.5)
    gain = rng.uniform(0.6, 1.2) if strong else rng.uniform(0.85, 1.1)
    rgb = (rgb - mean) * rng.uniform(0.7, 1.4) + mean * gain
    rgb = rgb * rng.uniform(0.9, 1.1, 3).astype(np.float32)
    if strong and rng.random() < 0.4:
        # Low contrast: the darker body takes much of the ground's tone, bright parts (the plug) stay.
        pull = rng.uniform(0.3, 0.8)
        shift = (ground - mean) * pull + rng.normal(0, 12, 3)
        rgb = rgb + shift * np.clip((225 - grey) / 60, 0, 1)
    if rng.random() < 0.3:  # sharpen a blurred cut-out
        rgb = rgb + (rgb - cv2.GaussianBlur(rgb.astype(np.float32), (0, 0), 1.2)) * rng.uniform(0.5, 2.5)
    out = pre.copy()
    out[..., :3] = np.clip(rgb, 0, 255) * a
    return out


def paste(rng, crop, pre, x, y, sun, grass):
    """Lay a sprite on the crop, top left at (x, y), with a cast shadow; returns its visible box or None.

    `sun` = (dx, dy, strength, blur): shadow vector in px, darkening 0..1. `grass`: chance that blades of the ground
    stand in front of the object.
    """
    h, w = crop.shape[:2]
    sh, sw = pre.shape[:2]
    a = np.zeros((h, w), np.float32)
    layer = np.zeros((h, w, 3), np.float32)
    x0, y0, x1, y1 = max(0, x), max(0, y), min(w, x + sw), min(h, y + sh)
    if x1 <= x0 or y1 <= y0:
        return None
    part = pre[y0 - y:y1 - y, x0 - x:x1 - x]
    a[y0:y1, x0:x1] = part[..., 3]
    layer[y0:y1, x0:x1] = part[..., :3]
    m = 40
    by0, by1, bx0, bx1 = max(0, y0 - m), min(h, y1 + m), max(0, x0 - m), min(w, x1 + m)
    win = (slice(by0, by1), slice(bx0, bx1))
    if rng.random() < grass:
        # Let bright strokes of the ground itself show through: the blades lie over the object.
        lum = crop[win] @ LUMA
        detail = lum - cv2.GaussianBlur(lum, (0, 0), 3)
        blades = np.clip((detail - rng.uniform(4, 14)) / 8, 0, 1) * rng.uniform(0.4, 1)
        if rng.random() < 0.5:
            blades = cv2.GaussianBlur(blades, (0, 0), 0.7)
        a[win] *= 1 - blades
        layer[win] *= (1 - blades)[..., None]
    dx, dy, strength, blur = sun
    if strength > 0:
        shadow = np.zeros((by1 - by0, bx1 - bx0), np.float32)
        steps = max(1, int(np.hypot(dx, dy)))
        for k in range(1, steps + 1):
            move = np.float32([[1, 0, dx * k / steps], [0, 1, dy * k / steps]])
            shadow = np.maximum(shadow, cv2.warpAffine(a[win], move, shadow.shape[::-1]))
        if blur > 0.2:
            shadow = cv2.GaussianBlur(shadow, (0, 0), blur)
        dark = 1 - strength * shadow[..., None] * np.array([1.0, 0.97, 0.9], np.float32)
        crop[win] *= dark
    crop[win] = crop[win] * (1 - a[win][..., None]) + layer[win]
    ys, xs = np.nonzero(a > 0.25)
    if len(ys) < 5:
        return None
    return np.array([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1], np.float32)


def sun(rng, zoom=1.0):
    """One sun for a crop: overcast (faint, soft) or low and hard. `zoom`: px per px of the model's GSD."""
    kind = rng.random()
    angle = rng.uniform(0, 2 * np.pi)
    if kind < 0.2:
        return 0.0, 0.0, 0.0, 0.0
    if kind < 0.5:
        length, strength, blur = rng.uniform(0.5, 3), rng.uniform(0.1, 0.35), rng.uniform(1, 3)
    else:
        length, strength, blur = rng.uniform(1.5, 9), rng.uniform(0.35, 0.8), rng.uniform(0, 1)
    return length * zoom * np.cos(angle), length * zoom * np.sin(angle), strength, blur * zoom


def tint(rng, crop, strong):
    """Colour of the whole crop: saturation, white balance, hue mixing, contrast, gamma."""
    # Saturation, white balance and hue mixing are all linear: one 3 x 3 matrix.
    k = rng.uniform(0.2, 1.4) if strong else rng.uniform(0.6, 1.3)
    mix = (1 - k) * np.tile(LUMA, (3, 1)) + k * np.eye(3)
    if strong and rng.random() < 0.4:
        turn = np.eye(3) + rng.normal(0, 0.07, (3, 3))
        mix = mix @ (turn / turn.sum(1, keepdims=True))
    mix = mix * (rng.uniform(0.88, 1.12, (3, 1)) if strong else rng.uniform(0.95, 1.05, (3, 1)))
    crop = crop @ mix.T.astype(np.float32)
    mean = crop.mean()
    crop = (crop - mean) * rng.uniform(0.65, 1.5) + mean + rng.uniform(-30, 30)
    # Gamma by table: one power per grey level instead of one per pixel.
    table = 255 * np.linspace(0, 1, 256, dtype=np.float32) ** np.exp(rng.uniform(-0.4, 0.4))
    crop = np.clip(crop, 0, 254.99).astype(np.float32)
    low = crop.astype(np.uint8)
    return table[low] + (crop - low) * (table[np.minimum(low, 254) + 1] - table[low])


def turn_hues(rng, crop):
    """All hues turned by the same angle, or no colour at all."""
    if rng.random() < 0.25:
        return np.repeat((crop @ LUMA)[..., None], 3, 2)
    return np.clip(crop @ turn_hue(rng.uniform(0, 2 * np.pi)).T, 0, 255)


def turn_hue(angle):
    """The 3 x 3 matrix that turns all hues by `angle` and keeps grey grey."""
    c, s = np.cos(angle), np.sin(angle) / np.sqrt(3)
    k = (1 - c) / 3
    return np.array([[c + k, k - s, k + s], [k + s, c + k, k - s], [k - s, k + s, c + k]], np.float32)


def cast(rng, crop):
    """A large shadow edge across the crop: a building, a tree, a person."""
    h, w = crop.shape[:2]
    mask = np.zeros((h, w), np.float32)
    if rng.random() < 0.5:
        angle, at = rng.uniform(0, 2 * np.pi), rng.uniform(-0.3, 0.3) * w
        yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
        mask = (((xx - w / 2) * np.cos(angle) + (yy - h / 2) * np.sin(angle)) > at).astype(np.float32)
    else:
        pts = rng.uniform(-0.1, 1.1, (rng.integers(3, 7), 2)) * [w, h]
        cv2.fillPoly(mask, [pts.round().astype(np.int32)], 1.0)
    mask = cv2.GaussianBlur(mask, (0, 0), rng.uniform(0.6, 5))[..., None]
    return crop * (1 - mask * rng.uniform(0.25, 0.75) * np.array([1.0, 0.95, 0.85], np.float32))


def optics(rng, crop, smear=0.08):
    """Focus, smear (its chance), sharpening, sensor noise and JPEG."""
    roll = rng.random()
    if roll < 0.35:
        crop = cv2.GaussianBlur(crop, (0, 0), rng.uniform(0.3, 1.4))
    elif roll < 0.7:
        crop = crop + (crop - cv2.GaussianBlur(crop, (0, 0), rng.uniform(0.7, 1.5))) * rng.uniform(0.3, 2.2)
    if rng.random() < smear:
        k = int(rng.integers(3, 7))
        kernel = np.zeros((k, k), np.float32)
        angle = rng.uniform(0, np.pi)
        d = np.array([np.cos(angle), np.sin(angle)]) * (k - 1) / 2
        cv2.line(kernel, tuple(np.round(k // 2 - d).astype(int).tolist()), tuple(np.round(k // 2 + d).astype(int).tolist()), 1.0, 1)
        crop = cv2.filter2D(crop, -1, kernel / max(kernel.sum(), 1))
    if rng.random() < 0.4:
        crop = crop + rng.standard_normal(crop.shape, dtype=np.float32) * rng.uniform(1, 8)
    crop = np.clip(crop, 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        ok, code = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 95))])
        crop = cv2.imdecode(code, cv2.IMREAD_COLOR)
    return crop
