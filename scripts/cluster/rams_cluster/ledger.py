"""What is to be done with a shard after each attempt at it. Nothing here knows the engine."""

import heapq
import itertools
import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from rams_cluster.plan import Shard
from rams_cluster.shard import FOREIGN, SEALED, UNSETTLED, Outcome

MOST_FAILURES = 3
MOST_UNSETTLED = 2
# A worker that fails so often in a row is at fault itself.
MOST_IN_A_ROW = 3
# One shard in so many is done twice, on two workers.
ONE_CHECKED_IN = 100
LATE_MEDIANS = 3.0
# A machine that was busy for a moment makes no shard late.
LATE_LEAST_S = 5.0
# So many shards of a model tell how long one takes.
ENOUGH_DONE = 5


@dataclass(frozen=True)
class Task:
    """An attempt to be made."""

    shard: Shard
    avoid: frozenset[str] = frozenset()
    # Of a shard that is sealed, to see that another machine answers alike.
    check: bool = False
    # Beside one that is late.
    copy: bool = False


@dataclass
class Ledger:
    """All shards of a run of the driver, and what came of them."""

    checked: frozenset[int] = frozenset()
    sealed_by: dict[int, str] = field(default_factory=dict)
    unsettled: Counter[int] = field(default_factory=Counter)
    failures: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    # What each worker said that cannot work on the plan.
    sent_off: dict[str, str] = field(default_factory=dict)
    _open: set[int] = field(default_factory=set)
    _on_gpu: set[int] = field(default_factory=set)
    _checks: set[int] = field(default_factory=set)
    _ready: list[tuple[float, int, Task]] = field(default_factory=list)
    _order: "itertools.count[int]" = field(default_factory=itertools.count)
    _seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    _in_a_row: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, shards: Iterable[Shard], check: bool) -> "Ledger":
        """Of shards to be done, the largest first; `check` does one in a hundred twice."""
        todo = sorted(shards, key=lambda shard: (-shard.megapixels, shard.number))
        checks = math.ceil(len(todo) / ONE_CHECKED_IN) if check else 0
        ledger = cls(frozenset(shard.number for shard in todo[::ONE_CHECKED_IN][:checks]))
        for shard in todo:
            ledger._open.add(shard.number)
            ledger._on_gpu |= {shard.number} if shard.needs_gpu else set()
            ledger._push(Task(shard))
        return ledger

    @property
    def lost(self) -> list[int]:
        """Shards that failed too often."""
        return sorted(k for k, texts in self.failures.items() if len(texts) >= MOST_FAILURES)

    @property
    def is_done(self) -> bool:
        """Whether nothing is left but copies of what is sealed."""
        return not self._open and not self._checks

    @property
    def left(self) -> set[int]:
        """Shards without a piece."""
        return self._open.union(self.lost)

    @property
    def waits_for_gpu(self) -> bool:
        """Whether a shard that is to be done asks for a GPU."""
        return bool(self._open & self._on_gpu)

    @property
    def has_ready(self) -> bool:
        """Whether there is an attempt that was not handed out."""
        return bool(self._ready)

    def next(self) -> Task:
        """The next attempt to be handed out."""
        return heapq.heappop(self._ready)[2]

    def put_back(self, task: Task) -> None:
        """What was handed out and came to nothing through no fault of its own."""
        if task.check or (not task.copy and task.shard.number in self._open):
            self._push(task)

    def late_s(self, shard: Shard) -> float:
        """After how many seconds an attempt at a shard is late."""
        seconds = self._seconds[shard.model]
        if len(seconds) < ENOUGH_DONE:
            return math.inf
        return max(LATE_LEAST_S, LATE_MEDIANS * statistics.median(seconds))

    def settle(self, task: Task, outcome: Outcome) -> None:
        """Notes what came of an attempt, and what is to be done now."""
        number, worker = task.shard.number, outcome.worker
        if outcome.code == FOREIGN:
            self.sent_off[worker] = outcome.text
            self.put_back(task)
        elif outcome.code in (SEALED, UNSETTLED):
            self._in_a_row[worker] = 0
            if not task.check:
                self._seconds[task.shard.model].append(outcome.seconds)
                self._sealed(task, outcome)
            self._checks.discard(number if task.check else -1)
        else:
            self._in_a_row[worker] += 1
            if worker and self._in_a_row[worker] >= MOST_IN_A_ROW:
                self.sent_off[worker] = f"{MOST_IN_A_ROW} shards in a row failed: {outcome.text}"
            self._failed(task, outcome)

    def _sealed(self, task: Task, outcome: Outcome) -> None:
        number = task.shard.number
        if number not in self._open:
            return
        self.sealed_by.setdefault(number, outcome.worker)
        avoid = task.avoid | {outcome.worker}
        if outcome.code == UNSETTLED:
            self.unsettled[number] += 1
            if self.unsettled[number] < MOST_UNSETTLED:
                self._push(Task(task.shard, avoid))
                return
        else:
            del self.unsettled[number]
        self._open.discard(number)
        if number in self.checked and outcome.code == SEALED:
            self._checks.add(number)
            self._push(Task(task.shard, avoid, check=True))

    def _failed(self, task: Task, outcome: Outcome) -> None:
        number = task.shard.number
        if task.check:
            self._checks.discard(number)
        elif number in self._open and not task.copy:
            self.failures[number].append(outcome.text)
            if len(self.failures[number]) >= MOST_FAILURES:
                self._open.discard(number)
            else:
                self._push(Task(task.shard, task.avoid | {outcome.worker}))

    def _push(self, task: Task) -> None:
        # What is done again goes first: the end of a survey should not wait for it.
        key = -math.inf if task.avoid else -task.shard.megapixels
        heapq.heappush(self._ready, (key, next(self._order), task))
