"""Which URLs are Slack's: the bot answers and uploads to those alone."""

import re
from urllib.parse import urlsplit

# Characters that browsers, urllib and yarl read alike: no spaces, no controls, no backslash.
_URL = re.compile(r"[!-\[\]-~]{1,2000}")
_HOST = re.compile(r"[a-z0-9._:-]+")
_DEFAULT_PORTS = {"http": 80, "https": 443}


class SlackAddresses:
    """The URLs at the host of the Web API and at its subdomains, with the API's scheme and port."""

    def __init__(self, api_url: str) -> None:
        self._scheme, self._host, self._port = _origin(api_url) or ("", "", 0)

    def has(self, url: str) -> bool:
        """Return whether a URL is Slack's."""
        if (origin := _origin(url)) is None:
            return False
        scheme, host, port = origin
        is_at_slack = host == self._host or host.endswith("." + self._host)
        return is_at_slack and (scheme, port) == (self._scheme, self._port)


def _origin(url: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of a URL, or None for one that browsers could read otherwise."""
    if not _URL.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        return None
    if "@" in parts.netloc or not _HOST.fullmatch(host) or parts.scheme not in _DEFAULT_PORTS:
        return None
    return parts.scheme, host, port if port is not None else _DEFAULT_PORTS[parts.scheme]
