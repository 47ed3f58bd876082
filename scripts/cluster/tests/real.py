"""The program, where it was built."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BUILT = [ROOT / f"target/{profile}/rams" for profile in ("debug", "release")]
RAMS = next((str(path) for path in BUILT if path.exists()), None)


def rams_environment() -> dict[str, str]:
    library = os.environ.get("ORT_DYLIB_PATH", str(ROOT / ".runtime/libonnxruntime.so"))
    return os.environ | {"ORT_DYLIB_PATH": library}
