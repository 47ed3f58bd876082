"""The scheduler."""

import asyncio
import socket
from pathlib import Path

from distributed import Scheduler

from rams_cluster import engine


async def _serve(address: str, certificates: Path | None, text: str) -> None:
    async with Scheduler(
        host=address,
        security=engine.certificate(certificates),
        dashboard=False,
        dashboard_address=engine.NO_DASHBOARD,
    ) as scheduler:
        print(text, flush=True)
        await scheduler.finished()


def head(port: int, certificates: Path | None) -> int:
    """Runs until it is stopped."""
    name = socket.gethostname()
    if certificates is None:
        address = shown = f"tcp://127.0.0.1:{port}"
        reach = "of this machine alone, as no --certificates are given"
        join = f"scripts/cluster/join {shown}"
    else:
        address, shown = f"tls://0.0.0.0:{port}", f"tls://{name}:{port}"
        reach = f"({name} or any address of this machine)"
        join = f"scripts/cluster/join {shown} --certificates {certificates}"
    asyncio.run(
        _serve(address, certificates, f"scheduler at {shown} {reach}\non each machine: {join}")
    )
    return 0
