"""What was met before, and for how long that is known."""

from bot.slack.deduplicator import Deduplicator
from tests.support.clock import Clock


def test_what_was_met_is_known():
    recent = Deduplicator(900, 100, Clock())
    assert not recent.is_duplicate("Ev1")
    assert recent.is_duplicate("Ev1")
    assert not recent.is_duplicate("Ev2")


def test_event_is_known_for_the_whole_time():
    clock = Clock()
    recent = Deduplicator(900, 100, clock)
    clock.now += 899
    assert not recent.is_duplicate("late in the first half")
    clock.now += 890
    assert recent.is_duplicate("late in the first half")


def test_event_is_forgotten_after_twice_the_time_at_most():
    clock = Clock()
    recent = Deduplicator(900, 100, clock)
    recent.is_duplicate("Ev1")
    clock.now += 1801
    assert not recent.is_duplicate("Ev1")


def test_event_is_forgotten_after_a_long_silence():
    clock = Clock()
    recent = Deduplicator(900, 100, clock)
    recent.is_duplicate("Ev1")
    clock.now += 899
    recent.is_duplicate("Ev2")
    clock.now += 10_000
    assert not recent.is_duplicate("Ev2")


def test_a_flood_does_not_fill_the_memory():
    recent = Deduplicator(900, 100, Clock())
    for number in range(1_000):
        recent.is_duplicate(f"Ev{number}")
    assert len(recent._new) + len(recent._old) <= 200
    assert recent.is_duplicate("Ev999")
