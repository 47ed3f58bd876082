"""Writes pycocotools.json: random truth and predictions with pycocotools' own answers.

Run by hand when a case is to be added: `python make_cases.py`, with numpy and pycocotools 2.0.11.
Coordinates are multiples of 1/4, exact in binary, so that a box laid exactly on an IoU threshold
falls on the same side in any program.
"""

import contextlib
import io
import json
import pathlib

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


def quarter(value):
    return float(round(value * 4) / 4)


def case(name, seed, images, classes, objects, extra, crowds, ties, max_detections):
    rng = np.random.default_rng(seed)
    annotations, results = [], []
    for image in range(1, images + 1):
        for _ in range(objects):
            category = int(rng.integers(1, classes + 1))
            if name == "class-without-truth" and category == classes:
                continue
            w, h = quarter(rng.uniform(6, 40)), quarter(rng.uniform(6, 40))
            x, y = quarter(rng.uniform(0, 300)), quarter(rng.uniform(0, 300))
            crowd = int(rng.random() < crowds)
            if name == "ignored-over-objects" and crowd and annotations and annotations[-1]["image_id"] == image:
                category, (x, y, w, h) = annotations[-1]["category_id"], annotations[-1]["bbox"]
                x, y, w, h = x - 1, y - 1, w + 2, h + 2
            annotations.append(dict(id=len(annotations) + 1, image_id=image, category_id=category, bbox=[x, y, w, h],
                                    area=w * h, iscrowd=crowd))
            for _ in range(int(rng.integers(0, 4 if crowd else 3))):
                shift = rng.normal(0, 0.12, 4) * [w, h, w, h]
                box = [quarter(v) for v in np.array([x, y, w, h]) + shift]
                if rng.random() < 0.15:  # exactly half the width: an IoU of exactly 0.5
                    box = [x, y, w / 2, h]
                results.append((image, category if rng.random() < 0.9 else int(rng.integers(1, classes + 1)), box))
        for _ in range(extra):
            box = [quarter(rng.uniform(0, 300)), quarter(rng.uniform(0, 300)), quarter(rng.uniform(6, 40)),
                   quarter(rng.uniform(6, 40))]
            results.append((image, int(rng.integers(1, classes + 1)), box))
    rng.shuffle(results)
    digits = 1 if ties else 6
    results = [dict(image_id=int(i), category_id=int(c), bbox=[float(v) for v in b], score=round(float(rng.random()), digits))
               for i, c, b in results if b[2] > 0 and b[3] > 0]
    truth = dict(images=[dict(id=i, file_name=f"flight-{i}.tif", width=400, height=400) for i in range(1, images + 1)],
                 annotations=annotations, categories=[dict(id=c, name=f"class-{c}") for c in range(1, classes + 1)])
    return dict(name=name, max_detections=max_detections, truth=truth, results=results,
                expected=answers(truth, results, max_detections))


def answers(truth, results, max_detections):
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = json.loads(json.dumps(truth))
        coco.createIndex()
        run = COCOeval(coco, coco.loadRes(json.loads(json.dumps(results))), "bbox")
        run.params.maxDets = [max_detections]
        run.evaluate()
        run.accumulate()
    precision = run.eval["precision"][:, :, :, 0, 0]  # IoU, recall, class; area "all"

    def mean(values):
        values = values[values > -1]
        return None if values.size == 0 else float(values.mean())

    names = {c["id"]: c["name"] for c in truth["categories"]}
    classes = {names[c]: [mean(precision[0, :, k]), mean(precision[:, :, k])] for k, c in enumerate(run.params.catIds)}
    curve = precision[0, :, 0]
    return dict(ap50=mean(precision[0]), ap50_95=mean(precision), classes=classes,
                curve_of_class_1=[round(float(v), 12) for v in curve])


CASES = [
    case("plain", 1, 3, 2, 8, 4, 0.0, False, 1000),
    case("ties", 2, 4, 2, 8, 6, 0.0, True, 1000),
    case("ignored", 3, 3, 3, 10, 6, 0.3, False, 1000),
    case("ignored-with-ties", 4, 5, 2, 8, 6, 0.3, True, 1000),
    case("ignored-over-objects", 8, 4, 2, 10, 4, 0.5, True, 1000),
    case("class-without-truth", 5, 2, 3, 8, 5, 0.1, False, 1000),
    case("more-than-may-count", 6, 2, 2, 10, 25, 0.1, True, 12),
    case("nothing-found", 7, 2, 2, 4, 0, 0.0, False, 1000),
]
CASES[-1]["results"] = CASES[-1]["results"][:1]
CASES[-1]["expected"] = answers(CASES[-1]["truth"], CASES[-1]["results"], 1000)

path = pathlib.Path(__file__).with_name("pycocotools.json")
path.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in CASES) + "\n]\n")
print(path.stat().st_size, [(c["name"], c["expected"]["ap50"], c["expected"]["ap50_95"]) for c in CASES])
