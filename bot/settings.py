"""Every environment variable, read once and checked together."""

import ipaddress
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


class InvalidSettings(Exception):
    """Raise with one line for each variable that is missing or malformed."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _variable(name: str, read: Callable[[str], Any], default: str = "", secret: bool = False) -> Any:
    return field(
        default_factory=lambda: read(default), repr=not secret, metadata={"name": name, "read": read}
    )


def _text(value: str) -> str:
    return value


def _secret(value: str) -> str:
    if value and not re.fullmatch(r"[!-~]+", value):
        raise ValueError("must be one word without spaces")
    return value


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        # The error would repeat a part of the address.
        is_address = False
    if "@" in value:
        raise ValueError("must be an address without a name or a password in it")
    if value and not (is_address and re.fullmatch(r"[!-~]+", value)):
        raise ValueError("must be an address such as https://api.figshare.com/v2")
    return value.rstrip("/")


def _urls(value: str) -> tuple[str, ...]:
    return tuple(_url(each.strip()) for each in value.split(",") if each.strip())


def _whole(value: str) -> int | None:
    if value and not re.fullmatch(r"[0-9]{1,12}", value):
        raise ValueError("must be a whole number")
    return int(value) if value else None


def _port(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", value) or not 0 <= int(value) <= 65_535:
        raise ValueError("must be a port number")
    return int(value)


def _positive(value: str) -> float:
    number = float(value) if re.fullmatch(r"[0-9]++(?:\.[0-9]+)?|\.[0-9]+", value) else 0.0
    if number <= 0:
        raise ValueError("must be a number above 0")
    return number


def _burst(value: str) -> int:
    number = _whole(value)
    if not number:
        raise ValueError("must be a whole number above 0")
    return number


def _portal(value: str) -> str:
    if value and not re.fullmatch(r"[a-z0-9_-]{1,60}", value):
        raise ValueError("must be the portal's id as in its address, such as lboro")
    return value


def _people(value: str) -> tuple[str, ...]:
    ids = tuple(each.strip() for each in value.split(",") if each.strip())
    if wrong := [each for each in ids if not re.fullmatch(r"[UWS][A-Z0-9]{1,30}", each)]:
        raise ValueError(f"{wrong[0]!r} is no Slack user id (U…) or user group id (S…)")
    return ids


def _one_of(*allowed: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        for each in allowed:
            if value.lower() == each.lower():
                return each
        raise ValueError("must be " + " or ".join(each or "empty" for each in allowed))

    return read


def _token(prefix: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value and not (
            value.startswith(prefix) and value.isascii() and value.isprintable() and " " not in value
        ):
            raise ValueError(f"must begin with {prefix}")
        return value

    return read


def _database(value: str) -> str:
    if value and not re.match(r"(sqlite(\+aiosqlite)?|postgres(ql)?(\+psycopg)?)://", value):
        raise ValueError("must begin with sqlite://, postgres:// or postgresql://")
    return value if value.startswith("sqlite") else with_userinfo(value)


def _redis(value: str) -> str:
    if value and not re.match(r"(rediss?|unix)://", value):
        raise ValueError("must begin with redis:// or rediss://")
    return with_userinfo(value)


def with_userinfo(value: str) -> str:
    """Return an address; raises ValueError for a password that would be read, and shown, as host or path."""
    if value.startswith("unix:///"):
        return value
    userinfo = value.partition("://")[2].rpartition("@")[0]
    if re.search(r"[/?#@\[\]\s]", userinfo):
        raise ValueError("must have its name and password percent-encoded: @ as %40, / as %2F, # as %23")
    return value


def _missing(present: Collection[str]) -> list[str]:
    """Give a line for each variable that `serve` lacks."""
    lines = [] if "SLACK_BOT_TOKEN" in present else ["SLACK_BOT_TOKEN is missing"]
    if not {"SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"} & set(present):
        lines.append("SLACK_SIGNING_SECRET is missing (or SLACK_APP_TOKEN for Socket Mode)")
    return lines


def is_loopback(url: str) -> bool:
    """Return whether an address leads to this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Settings:
    """The configuration of a process; the names are those of the environment."""

    slack_bot_token: str = _variable("SLACK_BOT_TOKEN", _token("xoxb-"), secret=True)
    slack_signing_secret: str = _variable("SLACK_SIGNING_SECRET", _text, secret=True)
    slack_app_token: str = _variable("SLACK_APP_TOKEN", _token("xapp-"), secret=True)
    slack_api_url: str = _variable("SLACK_API_URL", _url, "https://slack.com/api/")
    host: str = _variable("HOST", _text, "0.0.0.0")
    port: int = _variable("PORT", _port, "3000")
    figshare_api_url: str = _variable("FIGSHARE_API_URL", _url, "https://api.figshare.com/v2")
    figshare_stats_url: str = _variable("FIGSHARE_STATS_URL", _url)
    figshare_oai_url: str = _variable("FIGSHARE_OAI_URL", _url)
    figshare_resourcesync_url: tuple[str, ...] = _variable(
        "FIGSHARE_RESOURCESYNC_URL", _urls, "https://scholardata.sun.ac.za/.well-known/resourcesync"
    )
    figshare_token: str = _variable("FIGSHARE_TOKEN", _secret, secret=True)
    figshare_portal: str = _variable("FIGSHARE_PORTAL", _portal)
    figshare_institution: int | None = _variable("FIGSHARE_INSTITUTION", _whole)
    figshare_group: int | None = _variable("FIGSHARE_GROUP", _whole)
    figshare_impersonate: str = _variable("FIGSHARE_IMPERSONATE", _one_of("", "email"))
    figshare_stats_username: str = _variable("FIGSHARE_STATS_USERNAME", _text, secret=True)
    figshare_stats_password: str = _variable("FIGSHARE_STATS_PASSWORD", _text, secret=True)
    figshare_requests_per_second: float = _variable("FIGSHARE_REQUESTS_PER_SECOND", _positive, "1")
    figshare_burst: int = _variable("FIGSHARE_BURST", _burst, "10")
    figshare_timeout: float = _variable("FIGSHARE_TIMEOUT", _positive, "10")
    draft_users: tuple[str, ...] = _variable("DRAFT_USERS", _people)
    database_url: str = _variable("DATABASE_URL", _database, "sqlite:///figshare-bot.db", secret=True)
    redis_url: str = _variable("REDIS_URL", _redis, secret=True)
    log_level: str = _variable("LOG_LEVEL", _one_of("DEBUG", "INFO", "WARNING", "ERROR"), "INFO")
    log_format: str = _variable("LOG_FORMAT", _one_of("text", "json"), "text")
    dyno: str = _variable("DYNO", _text)

    @classmethod
    def from_env(cls, environ: Mapping[str, str], serving: bool = False) -> "Settings":
        """Read the variables; raises InvalidSettings naming every malformed one, and never its value.

        With `serving` it also names those that `serve` lacks.
        """
        given, problems, present = {}, [], set()
        for each in fields(cls):
            value = environ.get(each.metadata["name"], "").strip()
            if value:
                present.add(each.metadata["name"])
                try:
                    given[each.name] = each.metadata["read"](value)
                except ValueError as error:
                    problems.append(f"{each.metadata['name']} {error}")
        if serving:
            problems += _missing(present)
        if problems:
            raise InvalidSettings(problems)
        return cls(**given)

    @classmethod
    def variables(cls) -> list[str]:
        """Name every variable, in the order of the documentation."""
        return [each.metadata["name"] for each in fields(cls) if each.metadata["name"] != "DYNO"]

    def __repr__(self) -> str:
        shown = (f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr)
        return re.sub(r"//[^/?#'\"]*@", "//", f"Settings({', '.join(shown)})")

    @property
    def secrets(self) -> frozenset[str]:
        """Return what nobody may read, in whatever leaves the process."""
        return secrets_in({each.metadata["name"]: str(getattr(self, each.name)) for each in fields(self)})

    @property
    def warnings(self) -> list[str]:
        """Return a line for each variable that works but lets others read a secret."""
        sent = (
            ("SLACK_API_URL", self.slack_api_url, "SLACK_BOT_TOKEN", self.slack_bot_token),
            ("FIGSHARE_API_URL", self.figshare_api_url, "FIGSHARE_TOKEN", self.figshare_token),
            ("FIGSHARE_STATS_URL", self.stats_url, "FIGSHARE_STATS_PASSWORD", self.stats_auth),
        )
        return [
            f"{name} is plain http: everybody on the way can read {secret}, use https"
            for name, url, secret, given in sent
            if given and url.startswith("http://") and not is_loopback(url)
        ]

    @property
    def figshare_urls(self) -> tuple[str, ...]:
        """Return the addresses of all four APIs."""
        known = (self.figshare_api_url, self.stats_url, self.oai_url, *self.figshare_resourcesync_url)
        return tuple(filter(None, known))

    def check_serving(self) -> None:
        """Raise InvalidSettings when `serve` lacks something it needs."""
        present = {each.metadata["name"] for each in fields(self) if getattr(self, each.name)}
        if missing := _missing(present):
            raise InvalidSettings(missing)

    @property
    def stats_url(self) -> str:
        """Give the statistics of the same environment, or nothing: another's numbers are never shown."""
        known = {"api.figshare.com": "https://stats.figshare.com", "api.figsh.com": "https://stats.figsh.com"}
        return self.figshare_stats_url or known.get(urlsplit(self.figshare_api_url).hostname or "", "")

    @property
    def oai_url(self) -> str:
        """Give the address of OAI-PMH."""
        return self.figshare_oai_url or self.figshare_api_url + "/oai"

    @property
    def stats_auth(self) -> tuple[str, str] | None:
        """Give the name and password for a portal's statistics, where both are set."""
        both = (self.figshare_stats_username, self.figshare_stats_password)
        return both if all(both) else None


def secrets_in(environ: Mapping[str, str]) -> frozenset[str]:
    """Return the secrets among variables, also among such as can't be read as settings."""
    found = set()
    for each in fields(Settings):
        name = each.metadata["name"]
        value = environ.get(name, "").strip()
        if not each.repr:
            found |= set(_in_address(value)) if name.endswith("_URL") else {value}
    for name, value in environ.items():
        if name.upper().endswith("_PROXY"):
            found |= set(_in_address(value))
    user, password = (environ.get(f"FIGSHARE_STATS_{name}", "").strip() for name in ("USERNAME", "PASSWORD"))
    if user and password:
        found.add(f"{user}:{password}")
    if user.isalpha() or user == environ.get("FIGSHARE_PORTAL", "").strip():
        # Answers say the portal's name, and words.
        found.discard(user)
    return frozenset(found - _NOT_SECRET)


# Everything the program says has these in it; as a password they are still found beside their name.
_NOT_SECRET = frozenset({"", "figshare", "figshare-bot", "postgres", "postgresql"})


def _in_address(url: str) -> Iterator[str]:
    """Yield the password of an address, alone and with its name, as it stands there and decoded."""
    rest = url.partition("://")[2] or url
    # A password with a slash in it ends the host too early for a parser.
    for userinfo in (rest.rpartition("@")[0], re.split(r"[/?#]", rest)[0].rpartition("@")[0]):
        password = userinfo.partition(":")[2]
        if password:
            yield from (userinfo, password, unquote(userinfo), unquote(password))
    for name, value in parse_qsl(rest.partition("?")[2], keep_blank_values=True):
        if "password" in name:
            yield value
