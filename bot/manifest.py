"""The app manifest: as it stands for Socket Mode, or with the addresses of HTTP mode filled in."""

import re
from importlib.resources import files

EVENTS = "/slack/events"

# In a checkout it lies at the top, in an installed package beside this module.
_PLACES = (files("bot").joinpath("manifest.yml"), files("bot").joinpath("../manifest.yml"))


def manifest(url: str = "") -> str:
    """Give the manifest's YAML; with a URL for HTTP mode, where Slack sends its requests to it."""
    text = next(place for place in _PLACES if place.is_file()).read_text("utf-8")
    if not url:
        return text
    address = url.rstrip("/") + EVENTS
    for before, after in (
        ("      should_escape: true\n", f"      should_escape: true\n      url: {address}\n"),
        ("  event_subscriptions:\n", f"  event_subscriptions:\n    request_url: {address}\n"),
        (
            "    is_enabled: true\n",
            f"    is_enabled: true\n    request_url: {address}\n    message_menu_options_url: {address}\n",
        ),
        ("  socket_mode_enabled: true\n", "  socket_mode_enabled: false\n"),
        # what stands above is about Socket Mode
        (text.partition("_metadata:")[0], f"# The Slack app, for HTTP mode at {url.rstrip('/')}.\n"),
    ):
        if before not in text:
            raise LookupError(f"manifest.yml lacks {before!r}")
        text = text.replace(before, after, 1)
    return text


def wanted_scopes() -> set[str]:
    """Name the scopes that the bot needs."""
    scopes = manifest().partition("scopes:")[2].partition("settings:")[0]
    return set(re.findall(r"^ +- (\S+)$", scopes, re.MULTILINE))
