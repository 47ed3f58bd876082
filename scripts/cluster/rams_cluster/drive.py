"""Shards -> pieces, on the workers of a scheduler."""

import time
import uuid
from asyncio import CancelledError
from collections.abc import Callable
from typing import Any

from distributed import Client, Future
from distributed.client import ClosedClientError

from rams_cluster import engine
from rams_cluster.join import send_off
from rams_cluster.kernels import KERNELS
from rams_cluster.ledger import Ledger, Task
from rams_cluster.plan import Plan
from rams_cluster.progress import Progress
from rams_cluster.shard import TOPIC, Outcome, attempt

_WINDOW = 4
_POLL_S = 0.1
_LOOK_S = 2.0
PATIENCE_S = 300.0


class SchedulerLostError(Exception):
    """The scheduler is gone, and with it all that was handed out; what is sealed stays."""


class StoppedError(Exception):
    """No worker can go on."""

    def __init__(self, text: str, code: int = 1) -> None:
        """With the exit code for the command."""
        super().__init__(text)
        self.code = code


class Drive:
    """A connection to a scheduler that works through a ledger. A new one may go on with it."""

    def __init__(self, client: Client, plan: Plan, ledger: Ledger, progress: Progress) -> None:
        """Begins nothing yet."""
        self._client, self._plan, self._ledger, self._progress = client, plan, ledger, progress
        self._running: dict[Future, Task] = {}
        # To which workers an attempt is bound, if it is.
        self._bound: dict[Future, frozenset[str]] = {}
        # When and where each attempt began, by the key of its future.
        self._begun: dict[str, tuple[float, str]] = {}
        self._copied: set[int] = set()
        self._workers: dict[str, dict[str, Any]] = {}
        self._names: dict[str, str] = {}
        self._looked, self._alone_since = -_LOOK_S, time.monotonic()
        self._told: set[str] = set()

    def run(self) -> None:
        """Until all shards are sealed or lost. Raises what keeps it from that."""
        self._client.subscribe_topic(TOPIC, self._on_begun)
        try:
            while not self._ledger.is_done:
                self._look()
                self._hand_out()
                self._copy_late()
                self._collect()
                time.sleep(_POLL_S)
            self._show()
        finally:
            for task in self._running.values():
                self._ledger.put_back(task)
            for future in self._running:
                future.release()

    def _on_begun(self, event: tuple[float, dict[str, str]]) -> None:
        self._begun[event[1]["attempt"]] = (time.monotonic(), event[1]["worker"])

    def _look(self) -> None:
        """Sees every few seconds who is there."""
        if self._client.status != "running":
            raise SchedulerLostError
        now = time.monotonic()
        if now - self._looked < _LOOK_S:
            return
        self._looked = now
        try:
            self._workers = dict(self._client.scheduler_info()["workers"])
        except (OSError, TimeoutError) as error:
            raise SchedulerLostError from error
        # Those within this process have numbers for names.
        self._names |= {
            address: of["name"] if isinstance(of["name"], str) else "this machine"
            for address, of in self._workers.items()
        }
        for address in self._ledger.sent_off.keys() & self._workers.keys():
            self._send_off(address)
        self._unbind()
        self._check_resources(now)
        self._show()

    def _unbind(self) -> None:
        """Takes back what waits for workers that are gone: Dask would wait for them for ever."""
        for future, workers in list(self._bound.items()):
            if workers.isdisjoint(self._workers):
                del self._bound[future]
                self._ledger.put_back(self._running.pop(future))
                future.release()

    def _show(self) -> None:
        ledger, plan = self._ledger, self._plan
        left = ledger.left
        sealed = [shard for shard in plan.shards.values() if shard.number not in left]
        megapixels = sum(shard.megapixels for shard in sealed)
        self._progress.update(megapixels, len(sealed), len(plan.shards), len(self._workers))

    def _send_off(self, address: str) -> None:
        text = self._ledger.sent_off[address]
        self._once(f"{self._name(address)} takes no further part: {text}")
        self._client.run(send_off, text, workers=[address], nanny=True, on_error="ignore")
        self._client.retire_workers([address], close_workers=True)
        self._workers.pop(address, None)

    def _check_resources(self, now: float) -> None:
        """An engine waits for ever for what is not there; a person need not."""
        lacking = None
        if not self._workers:
            lacking = "no worker is there: run scripts/cluster/join on each machine"
        elif self._ledger.waits_for_gpu and not any(
            of["resources"].get(engine.GPU) for of in self._workers.values()
        ):
            lacking = "the plan asks for a GPU and no worker has one: join a machine with one"
        if lacking is None:
            self._alone_since = now
            return
        if self._names and self._names.keys() <= self._ledger.sent_off.keys():
            reasons = "\n".join(sorted(set(self._ledger.sent_off.values())))
            raise StoppedError(f"no worker is left that can do this plan:\n{reasons}", 5)
        if now - self._alone_since >= PATIENCE_S:
            raise StoppedError(f"{lacking}; then give the same command again")
        self._once(f"{lacking}; waiting {PATIENCE_S / 60:.0f} minutes for it")

    def _hand_out(self) -> None:
        while self._ledger.has_ready and len(self._running) < _WINDOW * len(self._workers):
            task = self._ledger.next()
            try:
                self._submit(task)
            except BaseException:
                self._ledger.put_back(task)
                raise

    def _submit(self, task: Task, kernels: str | None = None) -> None:
        """Hands out an attempt, to a worker of a class of kernels if one is named."""
        key = f"shard-{task.shard.number}-{uuid.uuid4().hex}"
        resources: dict[str, float] = {engine.GPU: 1} if task.shard.needs_gpu else {}
        resources |= {kernels: 1} if kernels else {}
        # Elsewhere, if there is another.
        others = [address for address in self._workers if address not in task.avoid]
        is_bound = bool(task.avoid and others)
        future = self._client.submit(
            attempt,
            str(self._plan.folder),
            task.shard.number,
            task.check,
            key,
            key=key,
            pure=False,
            resources=resources or None,
            workers=others if is_bound else None,
        )
        self._running[future] = task
        if is_bound:
            self._bound[future] = frozenset(others)

    def _copy_late(self) -> None:
        """Once all is handed out, what is late is done once more elsewhere."""
        if self._ledger.has_ready or len(self._workers) < 2:
            return
        now = time.monotonic()
        for future, task in list(self._running.items()):
            begun = self._begun.get(future.key)
            shard = task.shard
            if begun is None or task.check or shard.number in self._copied:
                continue
            since, worker = begun
            if now - since > self._ledger.late_s(shard):
                self._copied.add(shard.number)
                # Where kernels need not be alike, two pieces of one shard must be all the same.
                kernels = self._kernels(worker) if self._plan.any_kernels else None
                self._submit(Task(shard, frozenset({worker}), copy=True), kernels)

    def _kernels(self, worker: str) -> str | None:
        labels = self._workers.get(worker, {}).get("resources", {})
        return next((label for label in labels if label.startswith(KERNELS)), None)

    def _collect(self) -> None:
        for future in [future for future in self._running if future.status != "pending"]:
            if future.status in ("cancelled", "lost"):
                raise SchedulerLostError
            if future.status == "finished":
                outcome = future.result()
            else:
                outcome = Outcome(-1, "", 0.0, f"the worker failed: {future.exception()!r}")
            task = self._running.pop(future)
            self._bound.pop(future, None)
            self._ledger.settle(task, outcome)
            self._tell(task, outcome)

    def _tell(self, task: Task, outcome: Outcome) -> None:
        number = task.shard.number
        if task.check and outcome.code == 0 and len(pieces := self._plan.pieces(number)) > 1:
            one = self._name(self._ledger.sealed_by.get(number, ""))
            self._progress.notice(
                f"{one} and {self._name(outcome.worker)} do not answer alike on shard {number} "
                f"({', '.join(pieces)}): `rams gather` will refuse; find out which is right, "
                "remove what the other made, and give the same command again"
            )
        elif outcome.code not in (0, 3, 5):
            text = f"shard {number} failed on {self._name(outcome.worker)}: {outcome.text}"
            self._progress.notice(text)

    def _name(self, address: str) -> str:
        return self._names.get(address, address or "a worker")

    def _once(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self._progress.notice(text)


def until_done(
    connect: Callable[[], Client], plan: Plan, ledger: Ledger, progress: Progress
) -> None:
    """Drives to the end, however often the scheduler is lost and begun again."""
    while True:
        try:
            with connect() as client:
                return Drive(client, plan, ledger, progress).run()
        except (SchedulerLostError, ClosedClientError, CancelledError, OSError):
            progress.notice("the scheduler is gone; waiting for it")
