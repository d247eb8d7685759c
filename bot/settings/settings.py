"""Every environment variable, read once and checked together."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from bot.settings.parsers import (
    is_loopback,
    one_of,
    parse_database_url,
    parse_optional_integer,
    parse_port,
    parse_portal,
    parse_positive_integer,
    parse_positive_number,
    parse_redis_url,
    parse_url,
    parse_urls,
    parse_user_ids,
    parse_without_spaces,
    parse_year_start,
    with_prefix,
)


class InvalidSettings(Exception):
    """Raised with one line for each variable that is missing or malformed."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _variable(name: str, parse: Callable[[str], Any], default: str = "", secret: bool = False) -> Any:
    return field(
        default_factory=lambda: parse(default), repr=not secret, metadata={"name": name, "parse": parse}
    )


def _missing_for_serve(present: Collection[str]) -> list[str]:
    """Return a line for each variable that `serve` lacks."""
    step = 'README, "Into your Slack", step 2'
    lines = [] if "SLACK_BOT_TOKEN" in present else [f"SLACK_BOT_TOKEN is missing ({step})"]
    if not {"SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"} & set(present):
        lines.append(f"SLACK_SIGNING_SECRET or SLACK_APP_TOKEN is missing ({step})")
    return lines


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Settings:
    """The configuration of a process; the names are those of the environment."""

    slack_bot_token: str = _variable("SLACK_BOT_TOKEN", with_prefix("xoxb-"), secret=True)
    slack_signing_secret: str = _variable("SLACK_SIGNING_SECRET", str, secret=True)
    slack_app_token: str = _variable("SLACK_APP_TOKEN", with_prefix("xapp-"), secret=True)
    slack_api_url: str = _variable("SLACK_API_URL", parse_url, "https://slack.com/api/")
    host: str = _variable("HOST", str, "0.0.0.0")
    port: int = _variable("PORT", parse_port, "3000")
    figshare_api_url: str = _variable("FIGSHARE_API_URL", parse_url, "https://api.figshare.com/v2")
    figshare_stats_url: str = _variable("FIGSHARE_STATS_URL", parse_url)
    figshare_oai_url: str = _variable("FIGSHARE_OAI_URL", parse_url)
    figshare_resourcesync_url: tuple[str, ...] = _variable(
        "FIGSHARE_RESOURCESYNC_URL", parse_urls, "https://scholardata.sun.ac.za/.well-known/resourcesync"
    )
    figshare_token: str = _variable("FIGSHARE_TOKEN", parse_without_spaces, secret=True)
    figshare_portal: str = _variable("FIGSHARE_PORTAL", parse_portal)
    figshare_institution: int | None = _variable("FIGSHARE_INSTITUTION", parse_optional_integer)
    figshare_group: int | None = _variable("FIGSHARE_GROUP", parse_optional_integer)
    figshare_year_start: tuple[int, int] | None = _variable("FIGSHARE_YEAR_START", parse_year_start)
    figshare_impersonate: str = _variable("FIGSHARE_IMPERSONATE", one_of("", "email"))
    figshare_stats_username: str = _variable("FIGSHARE_STATS_USERNAME", str, secret=True)
    figshare_stats_password: str = _variable("FIGSHARE_STATS_PASSWORD", str, secret=True)
    figshare_requests_per_second: float = _variable(
        "FIGSHARE_REQUESTS_PER_SECOND", parse_positive_number, "1"
    )
    figshare_burst: int = _variable("FIGSHARE_BURST", parse_positive_integer, "10")
    figshare_timeout: float = _variable("FIGSHARE_TIMEOUT", parse_positive_number, "10")
    draft_users: tuple[str, ...] = _variable("DRAFT_USERS", parse_user_ids)
    subscribe_users: tuple[str, ...] = _variable("SUBSCRIBE_USERS", parse_user_ids)
    database_url: str = _variable(
        "DATABASE_URL", parse_database_url, "sqlite:///figshare-bot.db", secret=True
    )
    redis_url: str = _variable("REDIS_URL", parse_redis_url, secret=True)
    log_level: str = _variable("LOG_LEVEL", one_of("DEBUG", "INFO", "WARNING", "ERROR"), "INFO")
    log_format: str = _variable("LOG_FORMAT", one_of("text", "json"), "text")
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
    def user_groups(self) -> dict[str, tuple[str, ...]]:
        """Return the user groups of Slack that each variable names, by the name of the variable."""
        return {
            field.metadata["name"]: tuple(id for id in getattr(self, field.name) if id.startswith("S"))
            for field in fields(self)
            if field.metadata["parse"] is parse_user_ids
        }

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
