import math

import pytest

from rams_cluster.ledger import Ledger, Task
from rams_cluster.plan import Shard
from rams_cluster.shard import Outcome


def shard(number: int, megapixels: float = 1.0, model: str = "toy") -> Shard:
    return Shard(number, megapixels, model, needs_gpu=False)


def outcome(code: int, worker: str = "a", seconds: float = 1.0, text: str = "why") -> Outcome:
    return Outcome(code, worker, seconds, text)


def ledger_of(*shards: Shard, check: bool = False) -> tuple[Ledger, list[Task]]:
    ledger = Ledger.of(shards, check)
    return ledger, [ledger.next() for _ in shards]


def test_the_largest_go_first() -> None:
    _, tasks = ledger_of(shard(0, 1.0), shard(1, 3.0), shard(2, 2.0), shard(3, 3.0))
    assert [task.shard.number for task in tasks] == [1, 3, 2, 0]


def test_a_sealed_shard_is_done() -> None:
    ledger, [task] = ledger_of(shard(0))
    assert not ledger.is_done
    assert ledger.left == {0}
    ledger.settle(task, outcome(0))
    assert ledger.is_done
    assert ledger.left == set()
    assert not ledger.has_ready


def test_unsettled_tiles_are_tried_once_more_elsewhere_and_then_accepted() -> None:
    ledger, [task] = ledger_of(shard(0))
    ledger.settle(task, outcome(3, "a"))
    assert not ledger.is_done
    again = ledger.next()
    assert again.avoid == {"a"}
    ledger.settle(again, outcome(3, "b"))
    assert ledger.is_done
    assert list(ledger.unsettled) == [0]
    assert ledger.lost == []


def test_tiles_that_settle_the_second_time_are_no_longer_told() -> None:
    ledger, [task] = ledger_of(shard(0))
    ledger.settle(task, outcome(3))
    ledger.settle(ledger.next(), outcome(0, "b"))
    assert ledger.is_done
    assert not ledger.unsettled


def test_a_shard_is_lost_with_its_third_failure() -> None:
    ledger, [task] = ledger_of(shard(0))
    for worker in "ab":
        ledger.settle(task, outcome(1, worker))
        assert ledger.lost == []
        task = ledger.next()
    assert task.avoid == {"a", "b"}
    ledger.settle(task, outcome(1, "c"))
    assert (ledger.lost, ledger.is_done, ledger.left) == ([0], True, {0})


def test_what_another_machine_cannot_do_is_no_failure() -> None:
    ledger, [task] = ledger_of(shard(0))
    for worker in "abcd":
        ledger.settle(task, outcome(5, worker, text="another build"))
        task = ledger.next()
    assert ledger.sent_off == dict.fromkeys("abcd", "another build")
    assert not ledger.failures
    ledger.settle(task, outcome(0, "e"))
    assert ledger.is_done


@pytest.mark.parametrize(("third", "sent_off"), [(1, True), (0, False)])
def test_a_worker_that_fails_three_in_a_row_goes(third: int, sent_off: bool) -> None:
    ledger, tasks = ledger_of(*(shard(number) for number in range(4)))
    for task, code in zip(tasks, (1, 1, third, 1), strict=True):
        ledger.settle(task, outcome(code, "a"))
    assert ("a" in ledger.sent_off) == sent_off


def test_one_in_a_hundred_is_done_twice() -> None:
    ledger, tasks = ledger_of(*(shard(number) for number in range(201)), check=True)
    assert len(ledger.checked) == 3
    for task in tasks:
        ledger.settle(task, outcome(0, "a"))
    assert not ledger.is_done, "the checks are to be made"
    for _ in range(3):
        check = ledger.next()
        assert check.check
        assert check.avoid == {"a"}
        ledger.settle(check, outcome(0, "b"))
    assert ledger.is_done
    assert not ledger.has_ready


def test_a_check_that_fails_is_no_failure_of_the_shard() -> None:
    ledger, [task] = ledger_of(shard(0), check=True)
    ledger.settle(task, outcome(0))
    ledger.settle(ledger.next(), outcome(1, "b"))
    assert ledger.is_done
    assert not ledger.failures


def test_late_is_three_times_the_median_of_the_model() -> None:
    shards = [*(shard(number) for number in range(5)), shard(5, model="other")]
    ledger, tasks = ledger_of(*shards)
    for task, seconds in zip(tasks, (9, 10, 11, 500, 1), strict=False):
        assert ledger.late_s(shard(9)) == math.inf
        ledger.settle(task, outcome(0, seconds=seconds))
    assert ledger.late_s(shard(9)) == 30
    assert ledger.late_s(shard(9, model="other")) == math.inf


def test_a_shard_of_a_moment_is_not_late_a_moment_later() -> None:
    ledger, tasks = ledger_of(*(shard(number) for number in range(5)))
    for task in tasks:
        ledger.settle(task, outcome(0, seconds=0.01))
    assert ledger.late_s(shard(9)) == 5


def test_a_copy_seals_its_shard_and_never_fails_it() -> None:
    ledger, [task] = ledger_of(shard(0))
    copy = Task(task.shard, frozenset("a"), copy=True)
    for _ in range(3):
        ledger.settle(copy, outcome(1, "b"))
    assert not ledger.failures
    ledger.settle(copy, outcome(0, "c"))
    assert ledger.is_done
    ledger.settle(task, outcome(1, "a"))
    assert ledger.lost == []
    assert not ledger.has_ready


def test_what_came_to_nothing_is_put_back_once() -> None:
    ledger, [task] = ledger_of(shard(0))
    ledger.put_back(Task(task.shard, copy=True))
    assert not ledger.has_ready, "a copy is not"
    ledger.put_back(task)
    assert ledger.next() == task
    ledger.settle(task, outcome(0))
    ledger.put_back(task)
    assert not ledger.has_ready, "what is sealed is not"
