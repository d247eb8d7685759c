"""Time zones as people name them: `Europe/London`, `America/New York`, `London`, `UTC+1`, `EST`."""

import re
from collections.abc import Sequence
from contextlib import suppress
from difflib import get_close_matches
from functools import cache, lru_cache
from zoneinfo import available_timezones

from bot.language.tokens import InvalidArgument

_AREAS = (
    *("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Brazil", "Canada"),
    *("Etc", "Europe", "Indian", "Pacific", "US"),
)
# Areas whose names end with a city.
_CITY_AREAS = frozenset(_AREAS) - {"Brazil", "Canada", "Etc", "US"}
_NAME = re.compile(rf"(?:{'|'.join(_AREAS)})/[a-z0-9_+/-]+|utc|gmt", re.IGNORECASE)
_OFFSET = re.compile(r"(?:utc|gmt)([+-])([0-9]{1,2})(?::?([0-9]{2}))?", re.IGNORECASE)
# How many words a name has at most, and how many hours there are west and east of Greenwich.
_MAX_WORDS = 3
_FURTHEST = {"-": 12, "+": 14}
# Zones for the offsets that are no whole hours, which no zone of its own stands for.
_HALF_HOURS = {
    "-9:30": "Pacific/Marquesas",
    "-3:30": "America/St_Johns",
    "-2:30": "America/St_Johns",
    "+3:30": "Asia/Tehran",
    "+4:30": "Asia/Kabul",
    "+5:30": "Asia/Kolkata",
    "+5:45": "Asia/Kathmandu",
    "+6:30": "Asia/Yangon",
    "+8:45": "Australia/Eucla",
    "+9:30": "Australia/Darwin",
    "+10:30": "Australia/Adelaide",
    "+12:45": "Pacific/Chatham",
}
# What abbreviations may mean: each stands for several rules on when clocks change, or in several countries.
_ABBREVIATIONS = {
    "est": ("America/New_York", "America/Panama", "Australia/Sydney"),
    "edt": ("America/New_York", "Australia/Sydney"),
    "et": ("America/New_York", "America/Toronto"),
    "cst": ("America/Chicago", "America/Costa_Rica", "Asia/Shanghai"),
    "cdt": ("America/Chicago", "America/Havana"),
    "ct": ("America/Chicago", "America/Winnipeg"),
    "mst": ("America/Denver", "America/Phoenix"),
    "mdt": ("America/Denver", "America/Edmonton"),
    "mt": ("America/Denver", "America/Edmonton"),
    "pst": ("America/Los_Angeles", "America/Vancouver", "Asia/Manila"),
    "pdt": ("America/Los_Angeles", "America/Vancouver"),
    "pt": ("America/Los_Angeles", "America/Vancouver"),
    "ast": ("America/Halifax", "America/Puerto_Rico", "Asia/Riyadh"),
    "hst": ("Pacific/Honolulu", "America/Adak"),
    "bst": ("Europe/London", "Asia/Dhaka"),
    "ist": ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"),
    "wet": ("Europe/Lisbon", "Atlantic/Canary"),
    "west": ("Europe/Lisbon", "Atlantic/Canary"),
    "cet": ("Europe/Berlin", "Europe/Paris", "Africa/Algiers"),
    "cest": ("Europe/Berlin", "Europe/Paris"),
    "met": ("Europe/Berlin", "Europe/Paris"),
    "eet": ("Europe/Athens", "Europe/Kyiv", "Africa/Cairo"),
    "eest": ("Europe/Athens", "Europe/Kyiv"),
    "gst": ("Asia/Dubai", "Atlantic/South_Georgia"),
    "aest": ("Australia/Sydney", "Australia/Brisbane"),
    "aedt": ("Australia/Sydney", "Australia/Hobart"),
    "acst": ("Australia/Adelaide", "Australia/Darwin"),
}


def is_zone_name(word: str) -> bool:
    """Return whether a word looks like the name or the offset of a time zone: `Europe/Lodnon`, `UTC+1`."""
    return bool(_OFFSET.fullmatch(word) or ("/" in word and _NAME.fullmatch(word)))


def leading_zone(words: Sequence[str]) -> tuple[str, int] | None:
    """Return the time zone that words begin with by its name or offset, and how many words it takes.

    Raises InvalidArgument for a name or an offset that stands for none.
    """
    if offset := _OFFSET.fullmatch(words[0]):
        return _offset_zone(offset), 1
    if not _NAME.fullmatch(words[0]):
        return None
    zones = _zones()
    if match := _leading_key(words, zones):
        return match
    raise InvalidArgument(words[0], "I don't know that time zone", "")


def leading_city(words: Sequence[str]) -> tuple[str, int] | None:
    """Return the time zone of a city that words begin with, and how many words its name takes.

    Raises InvalidArgument for an abbreviation, such as EST, that stands for several zones.
    """
    if zones := _ABBREVIATIONS.get(words[0].lower()):
        raise InvalidArgument(words[0], "that can mean more than one time zone", *zones)
    return _leading_key(words, _cities())


@lru_cache(maxsize=500)
def matching_zones(text: str, max_count: int) -> list[str]:
    """Return the time zones that somebody may mean who has typed so far; cities that begin so come first."""
    words = text.lower().replace("_", " ").split()
    if not words:
        return []
    if offset := _OFFSET.fullmatch("".join(words)):
        with suppress(InvalidArgument):
            return [_offset_zone(offset)]
    matches = [
        (not name.rpartition("/")[2].lower().replace("_", " ").startswith(words[0]), name)
        for name in (*_ABBREVIATIONS.get(words[0], ()), *_zones().values())
        if name in _ABBREVIATIONS.get(words[0], ())
        or all(word in name.lower().replace("_", " ") for word in words)
    ]
    return list(dict.fromkeys(name for _, name in sorted(matches)))[:max_count]


def nearest_zone(word: str) -> str:
    """Return the time zone whose name, or whose city's name, is nearly this word; "" for none."""
    area, slash, _ = word.lower().partition("/")
    zones = _zones() if slash else _cities()
    names = [name for name in zones if not slash or name.startswith(area)]
    near = get_close_matches(word.lower(), names, 1, 0.75)
    return zones[near[0]] if near else ""


def _offset_zone(offset: re.Match[str]) -> str:
    sign, hours, minutes = offset[1], int(offset[2]), int(offset[3] or 0)
    if minutes and f"{sign}{hours}:{minutes:02}" in _HALF_HOURS:
        zone = _HALF_HOURS[f"{sign}{hours}:{minutes:02}"]
        raise InvalidArgument(offset[0], "name the zone where it isn't a whole hour", zone)
    if minutes or hours > _FURTHEST[sign]:
        raise InvalidArgument(offset[0], "no time zone has that offset", "UTC+1")
    # The names of these zones count hours west of Greenwich:
    # https://data.iana.org/time-zones/tzdb/etcetera
    return f"Etc/GMT{'-' if sign == '+' else '+'}{hours}" if hours else "UTC"


def _leading_key(words: Sequence[str], zones: dict[str, str]) -> tuple[str, int] | None:
    for length in range(min(len(words), _MAX_WORDS), 0, -1):
        if zone := zones.get("_".join(words[:length]).lower()):
            return zone, length
    return None


@cache
def _zones() -> dict[str, str]:
    """Return every time zone by its name in lower case."""
    return {name.lower(): name for name in available_timezones()}


@cache
def _cities() -> dict[str, str]:
    """Return the time zones that are named after cities, by the city in lower case."""
    names = [name for name in available_timezones() if name.partition("/")[0] in _CITY_AREAS]
    # Of America/Indianapolis and America/Indiana/Indianapolis, which are the same, the shorter is taken.
    names.sort(key=lambda name: (-name.count("/"), name))
    return {name.rpartition("/")[2].lower(): name for name in names}
