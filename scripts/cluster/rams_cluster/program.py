"""The program `rams` on this machine."""

import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


class NoProgramError(Exception):
    """There is no `rams` here."""


def rams() -> str:
    """Its path: what RAMS names, the release build of this checkout, or what is on the PATH."""
    named = os.environ.get("RAMS")
    built = ROOT / "target/release/rams"
    found = shutil.which(named) if named else str(built) if built.exists() else shutil.which("rams")
    if found is None:
        tried = named or f"{built}, and `rams` on the PATH"
        raise NoProgramError(f"cannot find rams ({tried}): run scripts/setup, or name it with RAMS")
    return found
