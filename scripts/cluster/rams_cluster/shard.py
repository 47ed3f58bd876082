"""What a worker does: one shard, by the program, as a child that dies with it."""

import ctypes
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from distributed import get_worker

from rams_cluster.program import NoProgramError, rams

SEALED = 0
USAGE = 2
UNSETTLED = 3
FOREIGN = 5

# Each worker tells here what it begins: the key of the attempt.
TOPIC = "rams-shards"

_PR_SET_PDEATHSIG = 1
_TEXT_CHARS = 2000
# Loaded before there is a child: between fork and exec nothing may be imported.
_LIBC = ctypes.CDLL(None, use_errno=True)

_CHILDREN: set[subprocess.Popen[str]] = set()


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt at a shard: the program's exit code, and the end of what it said."""

    code: int
    worker: str
    seconds: float
    text: str = ""


def attempt(folder: str, number: int, again: bool, key: str) -> Outcome:
    """Does a shard of the plan in a folder; `again` although it is sealed, as a check."""
    worker = get_worker()
    worker.log_event(TOPIC, {"attempt": key, "worker": worker.address})
    begun = time.monotonic()
    code, text = run(Path(folder), number, again)
    return Outcome(code, worker.address, time.monotonic() - begun, text)


def run(folder: Path, number: int, again: bool) -> tuple[int, str]:
    """The exit code of the program, and the end of what it said where that is of interest."""
    if not (folder / "plan.json").is_file():
        return FOREIGN, f"{folder / 'plan.json'} is not there: mount the shared folder as elsewhere"
    try:
        command = [rams(), "shard", str(folder), str(number), "--threads", "1"]
    except NoProgramError as error:
        return FOREIGN, str(error)
    if again:
        command.append("--again")
    parent = os.getpid()

    def die_with_parent() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        # Ctrl-C is for the worker: what its child makes of it would count as a failure.
        start_new_session=True,
        preexec_fn=die_with_parent,
    ) as child:
        _CHILDREN.add(child)
        text = child.communicate()[1].strip()[-_TEXT_CHARS:]
        _CHILDREN.discard(child)
    # A build that does not know what it is asked is another build.
    code = FOREIGN if child.returncode == USAGE else child.returncode
    if code < 0 and not text:
        text = f"ended by signal {-code} (9: for want of memory, as a rule)"
    return code, text if code not in (SEALED, UNSETTLED) else ""


def end_children() -> None:
    """Ends what this process still does, of which nothing is kept."""
    for child in list(_CHILDREN):
        child.kill()
