"""A survey in one command: plan, shards, map. The same command goes on where it was stopped."""

import subprocess
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from distributed import Client

from rams_cluster import engine, plan
from rams_cluster.drive import PATIENCE_S, StoppedError, until_done
from rams_cluster.ledger import Ledger
from rams_cluster.plan import Plan
from rams_cluster.program import rams
from rams_cluster.progress import Progress
from rams_cluster.shard import end_children

_CONNECT_S = 10.0
_LISTING_S = 90.0


@dataclass(frozen=True)
class SurveyConfig:
    """What was asked for."""

    out: Path
    # What goes to `rams plan` as it is.
    plan_arguments: list[str]
    # Without one, a cluster within this process.
    scheduler: str | None
    certificates: Path | None
    workers: int
    json: bool


def survey(config: SurveyConfig) -> int:
    """Plans, drives and gathers; with the exit code."""
    if config.scheduler is not None:
        engine.check_address(config.scheduler, config.certificates)
        engine.certificate(config.certificates)
    command = [rams(), "plan", *config.plan_arguments, "-o", str(config.out)]
    code = subprocess.run(command, stdout=sys.stderr, check=False).returncode
    if code != 0:
        return code
    planned = plan.read(config.out.resolve())
    missing, unsettled = plan.open_shards(planned.folder)
    code = _drive(config, planned, missing | unsettled) if missing or unsettled else 0
    if code != 0:
        return code
    _see_pieces(planned)
    command = [rams(), "gather", str(config.out), *(["--json"] if config.json else [])]
    return subprocess.run(command, check=False).returncode


def _see_pieces(planned: Plan) -> None:
    """Waits for what other machines sealed to be seen here: network folders keep old listings."""
    until = time.monotonic() + _LISTING_S
    while planned.shards.keys() - planned.sealed() and time.monotonic() < until:
        time.sleep(0.5)


def _drive(config: SurveyConfig, planned: Plan, todo: set[int]) -> int:
    """Seals the shards that are to be done; with an exit code."""
    shards = [planned.shards[number] for number in todo]
    # Machines are compared by doing a shard on two; unlike kernels may differ.
    ledger = Ledger.of(shards, check=config.scheduler is not None and not planned.any_kernels)
    megapixels = planned.megapixels
    progress = Progress(megapixels, megapixels - sum(shard.megapixels for shard in shards))
    try:
        if config.scheduler is None:
            with engine.local(config.workers) as cluster:
                connect = partial(Client, cluster, set_as_default=False)
                try:
                    until_done(connect, planned, ledger, progress)
                finally:
                    end_children()
        else:
            connect = partial(_connect, config.scheduler, config.certificates, progress)
            until_done(connect, planned, ledger, progress)
    except StoppedError as error:
        progress.notice(f"error: {error}")
        return error.code
    finally:
        progress.close()
    for number in sorted(ledger.unsettled):
        print(f"shard {number} is sealed with tiles that are not settled", file=sys.stderr)
    return _lost(config, ledger) if ledger.lost else 0


def _lost(config: SurveyConfig, ledger: Ledger) -> int:
    for number in ledger.lost:
        print(
            f"error: shard {number} failed {len(ledger.failures[number])} times: "
            f"{ledger.failures[number][-1]}",
            file=sys.stderr,
        )
    print(
        "there is no map yet: put it right and give the same command again, or take the ground of "
        f"these shards as a gap: rams gather {config.out} --partial",
        file=sys.stderr,
    )
    return 1


def _connect(address: str, certificates: Path | None, progress: Progress) -> Client:
    """A client, as soon as the scheduler answers."""
    begun, told = time.monotonic(), False
    while True:
        try:
            engine.greet(address, certificates)
            return engine.connect(address, certificates, _CONNECT_S)
        except (OSError, TimeoutError) as error:
            if time.monotonic() - begun >= PATIENCE_S:
                raise StoppedError(
                    f"{address} does not answer: run scripts/cluster/head there, with the same "
                    f"certificates ({error})"
                ) from error
            if not told:
                progress.notice(f"{address} does not answer; waiting {PATIENCE_S / 60:.0f} minutes")
            told = True
            time.sleep(1)
