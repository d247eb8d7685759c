"""Slips of the keyboard: whether a word is another one with a letter too many, too few, wrong or swapped."""

from collections.abc import Iterable

# Longer words are not compared: no command's name is as long, and the time grows with the square.
_MAX_LENGTH = 24


def nearest(word: str, names: Iterable[str]) -> str | None:
    """Return the first of the names that a word is the nearest slip of, or None if it is one of none."""
    slips = [(distance, name) for name in names if (distance := _slip_distance(word, name)) is not None]
    # Letters are swapped more often than left out.
    return min(slips, key=lambda slip: (slip[0], abs(len(slip[1]) - len(word))))[1] if slips else None


def _slip_distance(word: str, name: str) -> int | None:
    """Return how many slips lead from a name to a word; None if these are too many for its length.

    The first letter has to be right: without it `stop` would be `top`, and `lend` would be `send`.
    """
    allowed = 2 if len(word) >= 7 else 1
    if len(word) < 3 or word[0] != name[:1] or abs(len(word) - len(name)) > allowed:
        return None
    if len(word) > _MAX_LENGTH or len(name) > _MAX_LENGTH:
        return None
    distance = _edit_distance(word, name)
    return distance if distance <= allowed else None


def _edit_distance(a: str, b: str) -> int:
    """Return the optimal string alignment distance, in which swapping two neighbours is one edit."""
    before_last: list[int] = []
    last = list(range(len(b) + 1))
    for row, letter in enumerate(a, 1):
        current = [row]
        for column, other in enumerate(b, 1):
            cost = min(last[column] + 1, current[-1] + 1, last[column - 1] + (letter != other))
            if row > 1 and column > 1 and letter == b[column - 2] and a[row - 2] == other:
                cost = min(cost, before_last[column - 2] + 1)
            current.append(cost)
        before_last, last = last, current
    return last[-1]
