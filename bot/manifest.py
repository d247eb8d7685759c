"""The manifest of the Slack app: https://docs.slack.dev/reference/app-manifest."""

import re
from importlib.resources import files

# where Slack sends every request in HTTP mode
EVENTS_PATH = "/slack/events"

# In a checkout the file lies at the top; in an installed package it lies beside this module.
_PATHS = (files("bot").joinpath("manifest.yml"), files("bot").joinpath("../manifest.yml"))


def manifest(url: str = "") -> str:
    """Return the manifest as YAML: for Socket Mode, or for HTTP mode at a URL."""
    text = next(path for path in _PATHS if path.is_file()).read_text("utf-8")
    if not url:
        return text
    endpoint = url.rstrip("/") + EVENTS_PATH
    for old, new in (
        ("      should_escape: true\n", f"      should_escape: true\n      url: {endpoint}\n"),
        ("  event_subscriptions:\n", f"  event_subscriptions:\n    request_url: {endpoint}\n"),
        (
            "    is_enabled: true\n",
            f"    is_enabled: true\n    request_url: {endpoint}\n    message_menu_options_url: {endpoint}\n",
        ),
        ("  socket_mode_enabled: true\n", "  socket_mode_enabled: false\n"),
        # The comment at the top is about Socket Mode.
        (text.partition("_metadata:")[0], f"# The Slack app, for HTTP mode at {url.rstrip('/')}.\n"),
    ):
        if old not in text:
            raise LookupError(f"manifest.yml lacks {old!r}")
        text = text.replace(old, new, 1)
    return text


def required_scopes() -> set[str]:
    """Return the scopes that the manifest asks for."""
    scopes = manifest().partition("scopes:")[2].partition("settings:")[0]
    return set(re.findall(r"^ +- (\S+)$", scopes, re.MULTILINE))
