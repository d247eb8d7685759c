"""What was met before, and for how long that is known."""

from bot.slack.deduplicator import Deduplicator
from tests.support.clock import Clock


def test_second_request_is_a_duplicate():
    deduplicator = Deduplicator(900, 100, Clock())
    assert not deduplicator.is_duplicate("Ev1")
    assert deduplicator.is_duplicate("Ev1")
    assert not deduplicator.is_duplicate("Ev2")


def test_event_is_remembered_for_the_whole_time():
    clock = Clock()
    deduplicator = Deduplicator(900, 100, clock)
    clock.now += 899
    assert not deduplicator.is_duplicate("late in the first half")
    clock.now += 890
    assert deduplicator.is_duplicate("late in the first half")


def test_event_is_forgotten_after_twice_the_time_at_most():
    clock = Clock()
    deduplicator = Deduplicator(900, 100, clock)
    deduplicator.is_duplicate("Ev1")
    clock.now += 1801
    assert not deduplicator.is_duplicate("Ev1")


def test_event_is_forgotten_after_a_long_silence():
    clock = Clock()
    deduplicator = Deduplicator(900, 100, clock)
    deduplicator.is_duplicate("Ev1")
    clock.now += 899
    deduplicator.is_duplicate("Ev2")
    clock.now += 10_000
    assert not deduplicator.is_duplicate("Ev2")


def test_flood_of_events_does_not_fill_the_memory():
    deduplicator = Deduplicator(900, 100, Clock())
    for number in range(1_000):
        deduplicator.is_duplicate(f"Ev{number}")
    assert len(deduplicator._new) + len(deduplicator._old) <= 200
    assert deduplicator.is_duplicate("Ev999")
