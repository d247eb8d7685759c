"""Every environment variable, read once and checked together."""

import ipaddress
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


class InvalidSettings(Exception):
    """Raised with one line for each variable that is missing or malformed."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _variable(name: str, parse: Callable[[str], Any], default: str = "", secret: bool = False) -> Any:
    return field(
        default_factory=lambda: parse(default), repr=not secret, metadata={"name": name, "parse": parse}
    )


def _without_spaces(value: str) -> str:
    if value and not re.fullmatch(r"[!-~]+", value):
        raise ValueError("must be one word without spaces")
    return value


def _url(value: str) -> str:
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


def _urls(value: str) -> tuple[str, ...]:
    return tuple(_url(url.strip()) for url in value.split(",") if url.strip())


def _optional_integer(value: str) -> int | None:
    if value and not re.fullmatch(r"[0-9]{1,12}", value):
        raise ValueError("must be a whole number")
    return int(value) if value else None


def _port(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", value) or not 0 <= int(value) <= 65_535:
        raise ValueError("must be a port number")
    return int(value)


def _positive_number(value: str) -> float:
    number = float(value) if re.fullmatch(r"[0-9]++(?:\.[0-9]+)?|\.[0-9]+", value) else 0.0
    if number <= 0:
        raise ValueError("must be a number above 0")
    return number


def _positive_integer(value: str) -> int:
    if not (number := _optional_integer(value)):
        raise ValueError("must be a whole number above 0")
    return number


def _portal(value: str) -> str:
    if value and not re.fullmatch(r"[a-z0-9_-]{1,60}", value):
        raise ValueError("must be the portal's id as in its address, such as lboro")
    return value


def _user_ids(value: str) -> tuple[str, ...]:
    ids = tuple(id.strip() for id in value.split(",") if id.strip())
    if malformed := [id for id in ids if not re.fullmatch(r"[UWS][A-Z0-9]{1,30}", id)]:
        raise ValueError(f"{malformed[0]!r} isn't a Slack user id (U…) or user group id (S…)")
    return ids


def _one_of(*allowed: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        for word in allowed:
            if value.lower() == word.lower():
                return word
        raise ValueError("must be " + " or ".join(word or "empty" for word in allowed))

    return parse


def _with_prefix(prefix: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        is_word = value.isascii() and value.isprintable() and " " not in value
        if value and not (is_word and value.startswith(prefix)):
            raise ValueError(f"must begin with {prefix}")
        return value

    return parse


def _database_url(value: str) -> str:
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


def _redis_url(value: str) -> str:
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


def _missing_for_serve(present: Collection[str]) -> list[str]:
    """Return a line for each variable that `serve` lacks."""
    step = 'README, "Into your Slack", step 2'
    lines = [] if "SLACK_BOT_TOKEN" in present else [f"SLACK_BOT_TOKEN is missing ({step})"]
    if not {"SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"} & set(present):
        lines.append(f"SLACK_SIGNING_SECRET or SLACK_APP_TOKEN is missing ({step})")
    return lines


def is_loopback(url: str) -> bool:
    """Return whether a URL leads to this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Settings:
    """The configuration of a process; the names are those of the environment."""

    slack_bot_token: str = _variable("SLACK_BOT_TOKEN", _with_prefix("xoxb-"), secret=True)
    slack_signing_secret: str = _variable("SLACK_SIGNING_SECRET", str, secret=True)
    slack_app_token: str = _variable("SLACK_APP_TOKEN", _with_prefix("xapp-"), secret=True)
    slack_api_url: str = _variable("SLACK_API_URL", _url, "https://slack.com/api/")
    host: str = _variable("HOST", str, "0.0.0.0")
    port: int = _variable("PORT", _port, "3000")
    figshare_api_url: str = _variable("FIGSHARE_API_URL", _url, "https://api.figshare.com/v2")
    figshare_stats_url: str = _variable("FIGSHARE_STATS_URL", _url)
    figshare_oai_url: str = _variable("FIGSHARE_OAI_URL", _url)
    figshare_resourcesync_url: tuple[str, ...] = _variable(
        "FIGSHARE_RESOURCESYNC_URL", _urls, "https://scholardata.sun.ac.za/.well-known/resourcesync"
    )
    figshare_token: str = _variable("FIGSHARE_TOKEN", _without_spaces, secret=True)
    figshare_portal: str = _variable("FIGSHARE_PORTAL", _portal)
    figshare_institution: int | None = _variable("FIGSHARE_INSTITUTION", _optional_integer)
    figshare_group: int | None = _variable("FIGSHARE_GROUP", _optional_integer)
    figshare_impersonate: str = _variable("FIGSHARE_IMPERSONATE", _one_of("", "email"))
    figshare_stats_username: str = _variable("FIGSHARE_STATS_USERNAME", str, secret=True)
    figshare_stats_password: str = _variable("FIGSHARE_STATS_PASSWORD", str, secret=True)
    figshare_requests_per_second: float = _variable("FIGSHARE_REQUESTS_PER_SECOND", _positive_number, "1")
    figshare_burst: int = _variable("FIGSHARE_BURST", _positive_integer, "10")
    figshare_timeout: float = _variable("FIGSHARE_TIMEOUT", _positive_number, "10")
    draft_users: tuple[str, ...] = _variable("DRAFT_USERS", _user_ids)
    database_url: str = _variable("DATABASE_URL", _database_url, "sqlite:///figshare-bot.db", secret=True)
    redis_url: str = _variable("REDIS_URL", _redis_url, secret=True)
    log_level: str = _variable("LOG_LEVEL", _one_of("DEBUG", "INFO", "WARNING", "ERROR"), "INFO")
    log_format: str = _variable("LOG_FORMAT", _one_of("text", "json"), "text")
    # Set by Heroku, whose disks are ephemeral.
    dyno: str = _variable("DYNO", str)

    @classmethod
    def from_env(cls, environ: Mapping[str, str], serving: bool = False) -> "Settings":
        """Return the settings of an environment; raises InvalidSettings naming each malformed variable.

        With `serving` the error also names the variables that `serve` lacks.
        """
        values, problems, present = {}, [], set()
        for variable in fields(cls):
            name = variable.metadata["name"]
            if value := environ.get(name, "").strip():
                present.add(name)
                try:
                    values[variable.name] = variable.metadata["parse"](value)
                except ValueError as error:
                    problems.append(f"{name} {error}")
        if serving:
            problems += _missing_for_serve(present)
        if problems:
            raise InvalidSettings(problems)
        return cls(**values)

    @classmethod
    def variables(cls) -> list[str]:
        """Return the name of every documented variable, in the order of the documentation."""
        return [variable.metadata["name"] for variable in fields(cls) if variable.metadata["name"] != "DYNO"]

    def __repr__(self) -> str:
        shown = (f"{field.name}={getattr(self, field.name)!r}" for field in fields(self) if field.repr)
        return re.sub(r"//[^/?#'\"]*@", "//", f"Settings({', '.join(shown)})")

    @property
    def secrets(self) -> frozenset[str]:
        """Return the texts that must never leave the process."""
        return secrets_in({field.metadata["name"]: str(getattr(self, field.name)) for field in fields(self)})

    @property
    def warnings(self) -> list[str]:
        """Return a line for each variable that works, but lets others read a secret."""
        secrets_sent = (
            ("SLACK_API_URL", self.slack_api_url, "SLACK_BOT_TOKEN", self.slack_bot_token),
            ("FIGSHARE_API_URL", self.figshare_api_url, "FIGSHARE_TOKEN", self.figshare_token),
            ("FIGSHARE_STATS_URL", self.stats_url, "FIGSHARE_STATS_PASSWORD", self.stats_auth),
        )
        return [
            f"{name} is plain http: everybody on the way can read {secret}, use https"
            for name, url, secret, value in secrets_sent
            if value and url.startswith("http://") and not is_loopback(url)
        ]

    @property
    def figshare_urls(self) -> tuple[str, ...]:
        """Return the URLs of all four APIs, but for the statistics where their URL is unknown."""
        others = (self.stats_url, self.oai_url, *self.figshare_resourcesync_url)
        return tuple(filter(None, (self.figshare_api_url, *others)))

    def check_serving(self) -> None:
        """Raise InvalidSettings when `serve` lacks something it needs."""
        if missing := _missing_for_serve(
            {field.metadata["name"] for field in fields(self) if getattr(self, field.name)}
        ):
            raise InvalidSettings(missing)

    @property
    def stats_url(self) -> str:
        """Return the URL of the statistics, or an empty text where it is unknown.

        Without FIGSHARE_STATS_URL it is known only for Figshare's own addresses: another Figshare would count
        other items.
        """
        known = {"api.figshare.com": "https://stats.figshare.com", "api.figsh.com": "https://stats.figsh.com"}
        return self.figshare_stats_url or known.get(urlsplit(self.figshare_api_url).hostname or "", "")

    @property
    def oai_url(self) -> str:
        """Return the URL of OAI-PMH."""
        return self.figshare_oai_url or self.figshare_api_url + "/oai"

    @property
    def stats_auth(self) -> tuple[str, str] | None:
        """Return the name and password for a portal's statistics where both are set."""
        credentials = (self.figshare_stats_username, self.figshare_stats_password)
        return credentials if all(credentials) else None


def secrets_in(environ: Mapping[str, str]) -> frozenset[str]:
    """Return the secrets among environment variables, malformed ones included."""
    secrets = set()
    for variable in fields(Settings):
        name = variable.metadata["name"]
        value = environ.get(name, "").strip()
        if not variable.repr:
            secrets |= set(_passwords_in_url(value)) if name.endswith("_URL") else {value}
    for name, value in environ.items():
        if name.upper().endswith("_PROXY"):
            secrets |= set(_passwords_in_url(value))
    user, password = (environ.get(f"FIGSHARE_STATS_{name}", "").strip() for name in ("USERNAME", "PASSWORD"))
    if user and password:
        secrets.add(f"{user}:{password}")
    if user.isalpha() or user == environ.get("FIGSHARE_PORTAL", "").strip():
        # Such a name appears in ordinary answers, and is no secret without its password.
        secrets.discard(user)
    return frozenset(secrets - _NOT_SECRET)


# The program itself writes these words, so as passwords they are redacted only together with the user name.
_NOT_SECRET = frozenset({"", "figshare", "figshare-bot", "postgres", "postgresql"})


def _passwords_in_url(url: str) -> Iterator[str]:
    """Yield the password of a URL, alone and with the user name, as written and decoded."""
    location = url.partition("://")[2] or url
    # A parser ends the host at a slash, so a password with a slash in it needs the first of the two ways.
    for userinfo in (location.rpartition("@")[0], re.split(r"[/?#]", location)[0].rpartition("@")[0]):
        password = userinfo.partition(":")[2]
        if password:
            yield from (userinfo, password, unquote(userinfo), unquote(password))
    for name, value in parse_qsl(location.partition("?")[2], keep_blank_values=True):
        if "password" in name:
            yield value
