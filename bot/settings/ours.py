"""Which variables each command needs for `ours`: the one table, for the program and for docs/ours.md."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.settings.settings import Settings

_GROUP, _PORTAL, _INSTITUTION = "FIGSHARE_GROUP", "FIGSHARE_PORTAL", "FIGSHARE_INSTITUTION"
CREDENTIALS = ("FIGSHARE_STATS_USERNAME", "FIGSHARE_STATS_PASSWORD")
OURS_VARIABLES = (_GROUP, _PORTAL, _INSTITUTION, *CREDENTIALS)


@dataclass(frozen=True, slots=True)
class OursNeed:
    """What a question about `ours` needs: all variables of `all_of`, and one of `one_of` if there are any.

    `questions` are as people type them, `note` is what docs/ours.md adds.
    """

    commands: tuple[str, ...]
    questions: tuple[str, ...]
    all_of: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    credentials: Literal["never", "with a portal", "always"] = "never"
    note: str = ""
    # Which questions of these commands it is for.
    over_time: bool | None = None

    def variables(self, settings: Settings) -> tuple[str, ...]:
        """Return all variables that have to be set, with these settings."""
        is_closed = self.credentials == "always" or (
            self.credentials == "with a portal" and settings.figshare_portal
        )
        return (*self.all_of, *(CREDENTIALS if is_closed else ()))

    def missing(self, settings: Settings) -> tuple[str, ...]:
        """Return the variables that are not set; of `one_of` all or none."""
        missing = tuple(name for name in self.variables(settings) if not _is_set(settings, name))
        is_one_set = not self.one_of or any(_is_set(settings, name) for name in self.one_of)
        return missing if is_one_set else (*self.one_of, *missing)

    def is_closed(self, settings: Settings) -> bool:
        """Return whether credentials are missing without which nothing can be answered."""
        others = [name for name in self.one_of if name != _PORTAL and _is_set(settings, name)]
        return bool(set(self.missing(settings)) & set(CREDENTIALS)) and not others


_COUNTS = ("views", "downloads", "shares", "stats")
_SERIES = ("timeline", "countries")
# With a portal its own statistics are asked. Totals are open to everybody, the rest only with credentials:
# https://docs.figshare.com/#stats
OURS_NEEDS = (
    OursNeed(
        _COUNTS,
        ("stats ours", "views ours", "downloads ours", "shares ours"),
        all_of=(_GROUP,),
        note="Of all time.",
        over_time=False,
    ),
    OursNeed(
        (*_COUNTS, *_SERIES),
        ("stats ours last month", "views ours 2025", "timeline ours", "countries ours"),
        all_of=(_GROUP,),
        credentials="with a portal",
        note="Of days, months, years.",
        over_time=True,
    ),
    OursNeed(
        ("top",), ("top ours", "top downloads ours last month"), all_of=(_PORTAL,), credentials="always"
    ),
    OursNeed(("new",), ("new ours", "new dataset ours"), all_of=(_INSTITUTION,)),
    OursNeed(
        ("search",),
        ("search ours frog", "search ours type:dataset", "subscribe search ours frog"),
        one_of=(_INSTITUTION, _GROUP),
    ),
    OursNeed(
        ("subscribe",),
        ("subscribe ours",),
        one_of=(_GROUP, _INSTITUTION, _PORTAL),
        credentials="with a portal",
        note=f"Views and downloads by `{_GROUP}`, the most viewed by `{_PORTAL}`, what is new by "
        f"`{_INSTITUTION}` or `{_GROUP}`. Without credentials the first two are unknown.",
    ),
)


def ours_need(command: str, *, over_time: bool) -> OursNeed:
    """Return what a command needs for `ours`; one that has no row needs what the counts of all time do."""
    for need in OURS_NEEDS:
        if command in need.commands and need.over_time in (None, over_time or command in _SERIES):
            return need
    return OURS_NEEDS[0]


def is_set_up(question: str, settings: Settings) -> bool:
    """Return whether nothing that a question needs for `ours` is missing."""
    command, *arguments = question.split(" ")
    if "ours" not in arguments:
        return True
    return not ours_need(command, over_time=arguments[-1] != "ours").missing(settings)


def unset_phrase(need: OursNeed, settings: Settings) -> str:
    """Return all that `ours` needs and what of it is missing; empty where that is nothing but credentials."""
    missing = need.missing(settings)
    if not set(missing) - set(CREDENTIALS):
        return ""
    needed = need.variables(settings)
    names = _listed(need.one_of, "or") if need.one_of else _listed(needed)
    if missing != needed and not need.one_of:
        return f"{names}, of which {_listed(missing)} {'is' if len(missing) == 1 else 'are'} missing"
    absent = {1: "which isn't", 2: "neither of which is"}.get(len(need.one_of or needed), "none of which is")
    return f"{names}, {absent} set"


def unset_sentence(need: OursNeed, settings: Settings) -> str:
    """Return what `unset_phrase` says as a sentence, with what can be done about it."""
    phrase = unset_phrase(need, settings)
    if not phrase:
        return ""
    missing = need.missing(settings)
    pronoun = "one of them" if need.one_of else "it" if len(missing) == 1 else "them"
    has_credentials = not need.one_of and set(missing) & set(CREDENTIALS)
    source = " (Figshare support gives out the credentials)" if has_credentials else ""
    return (
        f"your repository isn't set up for this: it needs {phrase}; "
        f"ask the person who runs this bot to set {pronoun}{source}"
    )


def ours_table() -> str:
    """Return the table command × variable in Markdown."""
    return "\n".join(_rows()) + "\n"


def _rows() -> Iterator[str]:
    columns = (_GROUP, _PORTAL, _INSTITUTION, " and ".join(f"`{name}`" for name in CREDENTIALS).strip("`"))
    yield "| Question | " + " | ".join(f"`{name}`" for name in columns) + " | |"
    yield "|---|" + "---|" * (len(columns) + 1)
    for need in OURS_NEEDS:
        questions = ", ".join(f"`{question}`" for question in need.questions)
        cells = [_cell(need, name) for name in (_GROUP, _PORTAL, _INSTITUTION)]
        credentials = {"never": "–", "always": "needed"}.get(
            need.credentials, f"needed once `{_PORTAL}` is set"
        )
        yield f"| {questions} | {' | '.join(cells)} | {credentials} | {need.note} |"


def _cell(need: OursNeed, name: str) -> str:
    if name in need.all_of:
        return "needed"
    if name in need.one_of:
        return "one of these"
    return "used if set" if name == _PORTAL and _GROUP in need.all_of else "–"


def _listed(names: Sequence[str], conjunction: str = "and") -> str:
    *first, last = names
    return f"{', '.join(first)} {conjunction} {last}" if first else last


def _is_set(settings: Settings, name: str) -> bool:
    # 0 is no number of a group or an institution.
    return bool(getattr(settings, name.lower()))
