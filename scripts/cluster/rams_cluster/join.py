"""A machine that joins: a worker for each core, each under a nanny that begins it again."""

import asyncio
import contextlib
import os
import socket
import sys
import tempfile
import time
import uuid
from pathlib import Path

from distributed import Nanny

from rams_cluster import engine
from rams_cluster.kernels import kernel_class

_RETRY_S = 2.0
_START_S = 60.0


class Place(Nanny):  # type: ignore[misc]
    """A worker's nanny, which can be told that this machine cannot work on the plan."""

    sent_off: str | None = None


def send_off(text: str, dask_worker: Place | None = None) -> None:
    """Tells a place, from the driver, that it is not to come back, and why."""
    if dask_worker is not None:
        dask_worker.sent_off = text


def gpus() -> int:
    """Those of NVIDIA that the system has."""
    return len([path for path in Path("/dev").glob("nvidia[0-9]*") if path.name[6:].isdigit()])


async def _keep(address: str, certificates: Path | None, name: str, gpu: int | None) -> str:
    """Keeps one worker at work until it is sent off; with the reason."""
    resources: dict[str, float] = {kernel_class(): 1}
    env = {"CUDA_VISIBLE_DEVICES": "" if gpu is None else str(gpu)}
    if gpu is not None:
        resources[engine.GPU] = 1
    while True:
        with tempfile.TemporaryDirectory(prefix="rams-cluster-") as folder:
            place = Place(
                address,
                # PCs may have one name, and one that is lost may be known still when it is back.
                name=f"{name}-{uuid.uuid4().hex[:4]}",
                nthreads=1,
                resources=resources,
                security=engine.certificate(certificates),
                memory_limit=0,
                local_directory=folder,
                env=env,
                # A worker that does not come up is begun anew.
                death_timeout=_START_S,
                dashboard=False,
                dashboard_address=engine.NO_DASHBOARD,
            )
            with contextlib.suppress(OSError, TimeoutError, RuntimeError):
                await place
                await place.finished()
            await place.close()
            if place.sent_off is not None:
                return place.sent_off
        await asyncio.sleep(_RETRY_S)


def _wait_for(address: str, certificates: Path | None) -> None:
    """Until the scheduler answers."""
    told = False
    while True:
        try:
            return engine.greet(address, certificates)
        except OSError as error:
            if not told:
                print(f"{address} does not answer ({error}); waiting for it", flush=True)
            told = True
            time.sleep(_RETRY_S)


async def _join(address: str, certificates: Path | None, names: dict[str, int | None]) -> int:
    keepers = [_keep(address, certificates, name, gpu) for name, gpu in names.items()]
    told = set(await asyncio.gather(*keepers))
    for text in sorted(told):
        print(f"this machine cannot work on the plan: {text}", file=sys.stderr)
    print("put it right and join again", file=sys.stderr)
    return 5


def join(address: str, certificates: Path | None, workers: int | None, gpu_workers: int) -> int:
    """Works for a scheduler until it is stopped, whether the scheduler is there yet or not."""
    engine.check_address(address, certificates)
    engine.certificate(certificates)
    host = socket.gethostname()
    cores = (os.cpu_count() or 1) if workers is None else workers
    names: dict[str, int | None] = {f"{host}-{number}": None for number in range(cores)}
    names |= {f"{host}-gpu{number}": number for number in range(gpu_workers)}
    print(
        f"{host} joins {address} with {cores} workers and {gpu_workers} GPUs, "
        f"{kernel_class()}; Ctrl-C leaves",
        flush=True,
    )
    _wait_for(address, certificates)
    return asyncio.run(_join(address, certificates, names))
