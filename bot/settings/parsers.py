"""The values of variables, read from text; each parser raises ValueError with what the value must be."""

import ipaddress
import re
from collections.abc import Callable
from datetime import date
from urllib.parse import urlsplit


def parse_without_spaces(value: str) -> str:
    """Return a value that is one word, such as a token."""
    if value and not re.fullmatch(r"[!-~]+", value):
        raise ValueError("must be one word without spaces")
    return value


def parse_url(value: str) -> str:
    """Return an http or https URL without a user name in it, and without a slash at its end."""
    try:
        parts = urlsplit(value)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        # Not raised, since it quotes a part of the URL, which may be a secret.
        is_address = False
    if "@" in value:
        raise ValueError("must be an address without a name or a password in it")
    if value and not (is_address and re.fullmatch(r"[!-~]+", value)):
        raise ValueError("must be an address such as https://api.figshare.com/v2")
    return value.rstrip("/")


def parse_urls(value: str) -> tuple[str, ...]:
    """Return the URLs of a list with commas."""
    return tuple(parse_url(url.strip()) for url in value.split(",") if url.strip())


def parse_year_start(value: str) -> tuple[int, int] | None:
    """Return the month and the day on which a year begins, or None for an empty value."""
    if not value:
        return None
    match = re.fullmatch(r"([0-9]{2})-([0-9]{2})", value)
    try:
        # In a leap year every day exists.
        begin = date(2024, int(match[1]), int(match[2])) if match else None
    except ValueError:
        begin = None
    if begin is None:
        raise ValueError("must be a month and a day such as 08-01")
    return begin.month, begin.day


def parse_optional_integer(value: str) -> int | None:
    """Return a whole number, or None for an empty value."""
    if value and not re.fullmatch(r"[0-9]{1,12}", value):
        raise ValueError("must be a whole number")
    return int(value) if value else None


def parse_port(value: str) -> int:
    """Return the number of a port; 0 takes any free one."""
    if not re.fullmatch(r"[0-9]{1,5}", value) or not 0 <= int(value) <= 65_535:
        raise ValueError("must be a port number")
    return int(value)


def parse_positive_number(value: str) -> float:
    """Return a number above 0."""
    number = float(value) if re.fullmatch(r"[0-9]++(?:\.[0-9]+)?|\.[0-9]+", value) else 0.0
    if number <= 0:
        raise ValueError("must be a number above 0")
    return number


def parse_positive_integer(value: str) -> int:
    """Return a whole number above 0."""
    if not (number := parse_optional_integer(value)):
        raise ValueError("must be a whole number above 0")
    return number


def parse_portal(value: str) -> str:
    """Return a portal's id."""
    if value and not re.fullmatch(r"[a-z0-9_-]{1,60}", value):
        raise ValueError("must be the portal's id as in its address, such as lboro")
    return value


def parse_user_ids(value: str) -> tuple[str, ...]:
    """Return the ids of Slack users and user groups in a list with commas."""
    ids = tuple(id.strip() for id in value.split(",") if id.strip())
    if malformed := [id for id in ids if not re.fullmatch(r"[UWS][A-Z0-9]{1,30}", id)]:
        raise ValueError(f"{malformed[0]!r} isn't a Slack user id (U…) or user group id (S…)")
    return ids


def one_of(*allowed: str) -> Callable[[str], str]:
    """Return a parser of words that may be written in any case."""

    def parse(value: str) -> str:
        for word in allowed:
            if value.lower() == word.lower():
                return word
        raise ValueError("must be " + " or ".join(word or "empty" for word in allowed))

    return parse


# https://docs.slack.dev/authentication/using-token-rotation: such a token works for twelve hours.
_ROTATING_TOKEN = (
    ": token rotation is on in the app and can't be switched off again; make a new app from the manifest"
)


def with_prefix(prefix: str) -> Callable[[str], str]:
    """Return a parser of tokens that begin alike, such as Slack's."""

    def parse(value: str) -> str:
        is_word = value.isascii() and value.isprintable() and " " not in value
        if value and not (is_word and value.startswith(prefix)):
            rotating = _ROTATING_TOKEN if is_word and value.startswith("xoxe") else ""
            raise ValueError(f"must begin with {prefix}{rotating}")
        return value

    return parse


def parse_database_url(value: str) -> str:
    """Return the URL of a SQLite or PostgreSQL database."""
    if value and not re.match(r"(sqlite(\+aiosqlite)?|postgres(ql)?(\+psycopg)?)://", value):
        raise ValueError("must begin with sqlite://, postgres:// or postgresql://")
    if not value.startswith("sqlite"):
        checked_userinfo(value)
        try:
            # Checked here because SQLAlchemy is loaded only after `serve` listens.
            urlsplit(value).port  # noqa: B018
        except ValueError:
            raise ValueError("can't be read as an address") from None
    return value


def parse_redis_url(value: str) -> str:
    """Return the URL of a Redis."""
    if value and not re.match(r"(rediss?|unix)://", value):
        raise ValueError("must begin with redis:// or rediss://")
    return checked_userinfo(value)


def checked_userinfo(value: str) -> str:
    """Return the URL; raises ValueError where a parser would take part of the password for the host."""
    if value.startswith("unix:///"):
        return value
    userinfo = value.partition("://")[2].rpartition("@")[0]
    if re.search(r"[/?#@\[\]\s]", userinfo):
        raise ValueError("must have its name and password percent-encoded: @ as %40, / as %2F, # as %23")
    return value


def is_loopback(url: str) -> bool:
    """Return whether a URL leads to this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
