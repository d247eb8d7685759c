"""The manifest of the Slack app: https://docs.slack.dev/reference/app-manifest.

`manifest.yml` asks for what every workspace needs. What only some settings need is added to it.
"""

import re
from collections.abc import Iterator
from importlib.resources import files

from bot.settings import Settings

# where Slack sends every request in HTTP mode
EVENTS_PATH = "/slack/events"

# In a checkout the file lies at the top; in an installed package it lies beside this module.
_PATHS = (files("bot").joinpath("manifest.yml"), files("bot").joinpath("../manifest.yml"))
_SCOPES = re.compile(r"^    bot:\n((?:      .*\n)+)", re.MULTILINE)
_SCOPE = re.compile(r"^      - (\S+)$", re.MULTILINE)


def manifest(settings: Settings, url: str = "") -> str:
    """Return the manifest that some settings need, as YAML: for Socket Mode, or for HTTP mode at a URL."""
    text = next(path for path in _PATHS if path.is_file()).read_text("utf-8")
    scopes = _scopes(text)
    added = "".join(f"      # {reason}\n      - {scope}\n" for scope, reason in _scopes_of_settings(settings))
    text = text.replace(scopes, scopes + added, 1)
    return _for_http(text, url.rstrip("/")) if url else text


def required_scopes(settings: Settings) -> set[str]:
    """Return the scopes that some settings need."""
    return set(_SCOPE.findall(_scopes(manifest(settings))))


def _scopes(text: str) -> str:
    """Return the lines of the bot's scopes; an app may also have scopes of users, and optional ones."""
    match = _SCOPES.search(text.partition("\n  scopes:\n")[2])
    if match is None:
        raise LookupError("manifest.yml lacks the scopes of the bot")
    return match[1]


def _scopes_of_settings(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield each scope that only some settings need, with the reason for it."""
    if settings.figshare_impersonate == "email":
        yield "users:read.email", "whose Figshare account somebody's drafts belong to: FIGSHARE_IMPERSONATE"
    if variables := [name for name, groups in settings.user_groups.items() if groups]:
        yield "usergroups:read", f"who is in the user groups of {' and '.join(variables)}"


def _for_http(text: str, url: str) -> str:
    endpoint = url + EVENTS_PATH
    for old, new in (
        ("      should_escape: true\n", f"      should_escape: true\n      url: {endpoint}\n"),
        ("  event_subscriptions:\n", f"  event_subscriptions:\n    request_url: {endpoint}\n"),
        (
            "    is_enabled: true\n",
            f"    is_enabled: true\n    request_url: {endpoint}\n    message_menu_options_url: {endpoint}\n",
        ),
        ("  socket_mode_enabled: true\n", "  socket_mode_enabled: false\n"),
        # The comment at the top is about Socket Mode.
        (text.partition("_metadata:")[0], f"# The Slack app, for HTTP mode at {url}.\n"),
    ):
        if old not in text:
            raise LookupError(f"manifest.yml lacks {old!r}")
        text = text.replace(old, new, 1)
    return text
