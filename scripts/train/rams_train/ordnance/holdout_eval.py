"""What detectors find on ground that the run of wide.toml never saw: `heldout.py --data DIR --cache DIR MODEL ...`.

MODEL is a run (RUN/weights.pt) or a model folder's .onnx. Each sees the same ground at the same pixels: the flights of the
test grounds with their labels, the textures of the kinds held out and the middle of an aerial image held out, as if its pixels
were the model's, without objects. A table for each ground: recall of PFM-1 at several numbers of false alarms a hectare, of
PFM-1 alone and of all families. Only to look at: nothing is chosen by it.
"""
import argparse
from pathlib import Path

from rams_train.common import loop  # noqa: F401  before torch: it says how waiting threads wait

import cv2
import numpy as np
import torch

from rams_train.ordnance.classes import FAMILIES, FAMILY_OF, SPLIT, WIDE
from rams_train.ordnance.dataset import FLIGHTS, GSD_M, Ground, load_flight, load_image
from rams_train.ordnance.tiled_inference import detect
from rams_train.ordnance.textures import load_textures

FAMILY = np.array(FAMILY_OF + SPLIT)
RATES = (20, 50, 100, 400)
SIDE_PX = 1024  # of an aerial image


def grounds(data, cache, wanted):
    """{site: [Ground]} of what is held out, of all sites or of those `wanted`."""
    held = WIDE["run"]["test"] + WIDE["run"]["held_out_kinds"] + WIDE["run"]["held_out_sites"]
    wanted = wanted or held
    if unknown := set(wanted) - set(held):
        raise SystemExit(f"cannot look at {', '.join(sorted(unknown))}: wide.toml holds out {', '.join(held)}")
    sites = {place: [load_flight(data, k, cache) for k, f in FLIGHTS.items() if f["ground"] == place] for place in WIDE["run"]["test"] if place in wanted}
    for t in (t for t in load_textures(data, held_out=True) if t.kind in wanted):
        rgb = t.levels[0][..., :3]
        rgba = np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)])
        sites.setdefault(t.kind, []).append(Ground(t.file, Path(t.file), rgba, t.mm / 1000))
    for entry in (e for e in WIDE["site"]["image"] if e["site"] in WIDE["run"]["held_out_sites"] and e["site"] in wanted):
        image = load_image(data, entry, cache)
        y, x = ((s - SIDE_PX) // 2 for s in image.rgba.shape[:2])
        image.rgba, image.gsd_m = image.rgba[y:y + SIDE_PX, x:x + SIDE_PX], GSD_M
        sites.setdefault(entry["site"], []).append(image)
    return sites


def runner(model):
    """The function that infer.detect calls, of a run or an .onnx."""
    if str(model).endswith(".onnx"):
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        session = ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        return lambda x: torch.from_numpy(session.run(None, {"image": x.numpy()})[0])
    from rams_train.ordnance.export import load

    return load(model)


def judge(ground, rows):
    """(score, family, 1 on an object of its family, 0 on none, -1 ignored) of each find, the likeliest first."""
    truth = [(o.box, FAMILY_OF[o.cls]) for o in ground.objects] + [(b, -1) for b in ground.ignore]
    out, taken = [], set()
    for x0, y0, x1, y1, score, cls in rows[np.argsort(-rows[:, 4], kind="stable")]:
        family, cx, cy = FAMILY[int(cls)], (x0 + x1) / 2, (y0 + y1) / 2
        on = [(i, f) for i, (b, f) in enumerate(truth) if b[0] <= cx <= b[2] and b[1] <= cy <= b[3]]
        own = [i for i, f in on if f == family]
        fresh = [i for i in own if i not in taken]
        taken.update(fresh[:1])
        out.append((score, family, 1 if fresh else -1 if own or any(f < 0 for _, f in on) else 0))
    return out


def recall_at(finds, objects, hectares, rate, families):
    """Recall of PFM-1 at the lowest score from which these families raise at most `rate` false alarms a hectare."""
    wrong = sorted((s for s, f, hit in finds if hit == 0 and f in families), reverse=True)
    allowed = int(rate * hectares)
    floor = wrong[allowed] if len(wrong) > allowed else 0.0
    return sum(hit == 1 and f == 0 and s > floor for s, f, hit in finds) / objects


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--data", required=True)
    ap.add_argument("--cache", required=True)
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--at", type=float, nargs="*", default=[0.2, 0.3, 0.5], help="scores at which false alarms are counted")
    ap.add_argument("--site", nargs="*", help="only these")
    ap.add_argument("models", nargs="+")
    args = ap.parse_args()
    torch.set_num_threads(args.threads)
    cv2.setNumThreads(args.threads)
    for site, many in grounds(args.data, args.cache, args.site).items():
        hectares = sum(int((g.rgba[::4, ::4, 3] == 255).sum()) * 16 * g.gsd_m**2 for g in many) / 1e4
        objects = sum(o.cls == 0 for g in many for o in g.objects)
        print(f"{site}: {len(many)} images, {hectares * 1e4:.0f} m2, {objects} PFM-1", flush=True)
        for model in args.models:
            run = runner(model)
            finds = [f for g in many for f in judge(g, detect(run, g))]
            alarms = ", ".join(f"{sum(hit == 0 and s >= at for s, _, hit in finds) / hectares:.0f} (PFM-1 {sum(hit == 0 and f == 0 and s >= at for s, f, hit in finds) / hectares:.0f})"
                               f" at {at}" for at in args.at)
            print(f"  {model}\n    false alarms a ha: {alarms}")
            if objects:
                for name, families in (("PFM-1", {0}), ("all", set(range(len(FAMILIES))))):
                    print(f"    recall at false alarms a ha of {name}: " + ", ".join(f"{recall_at(finds, objects, hectares, r, families):.2f} at {r}" for r in RATES))
                print("    recall at scores: " + ", ".join(f"{sum(hit == 1 and f == 0 and s >= at for s, f, hit in finds) / objects:.2f} at {at}" for at in args.at), flush=True)


if __name__ == "__main__":
    main()
