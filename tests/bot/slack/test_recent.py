"""What was met before, and for how long that is known."""

from bot.slack.deduplicator import Recent
from tests.conftest import Clock


def test_what_was_met_is_known():
    recent = Recent(900, 100, Clock())
    assert not recent.meet("Ev1")
    assert recent.meet("Ev1")
    assert not recent.meet("Ev2")


def test_it_is_known_for_the_whole_time_whenever_it_came():
    clock = Clock()
    recent = Recent(900, 100, clock)
    clock.now += 899
    assert not recent.meet("late in the first half")
    clock.now += 890
    assert recent.meet("late in the first half")


def test_it_is_forgotten_after_twice_the_time_at_most():
    clock = Clock()
    recent = Recent(900, 100, clock)
    recent.meet("Ev1")
    clock.now += 1801
    assert not recent.meet("Ev1")


def test_it_is_forgotten_when_nothing_came_for_long():
    clock = Clock()
    recent = Recent(900, 100, clock)
    recent.meet("Ev1")
    clock.now += 899
    recent.meet("Ev2")
    clock.now += 10_000
    assert not recent.meet("Ev2")


def test_a_flood_does_not_fill_the_memory():
    recent = Recent(900, 100, Clock())
    for number in range(1_000):
        recent.meet(f"Ev{number}")
    assert len(recent._new) + len(recent._old) <= 200
    assert recent.meet("Ev999")
