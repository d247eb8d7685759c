"""Which addresses are Slack's: the ones it gives us to answer or to upload to are used only then."""

import re
from urllib.parse import urlsplit

# what browsers, urllib and yarl read alike: no spaces, no controls, no backslash
_ADDRESS = re.compile(r"[!-\[\]-~]{1,2000}")
_HOST = re.compile(r"[a-z0-9._:-]+")
_PORTS = {"http": 80, "https": 443}


class SlackAddresses:
    """The addresses at the host of the Web API and at those below it, by its scheme and port."""

    def __init__(self, api_url: str) -> None:
        self._scheme, self._host, self._port = _parts(api_url) or ("", "", 0)

    def has(self, address: str) -> bool:
        """Tell whether an address is Slack's."""
        if (parts := _parts(address)) is None:
            return False
        scheme, host, port = parts
        is_at_slack = host == self._host or host.endswith("." + self._host)
        return is_at_slack and (scheme, port) == (self._scheme, self._port)


def _parts(address: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of an address without userinfo, or nothing."""
    if not _ADDRESS.fullmatch(address):
        return None
    try:
        parts = urlsplit(address)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        return None
    if "@" in parts.netloc or not _HOST.fullmatch(host) or parts.scheme not in _PORTS:
        return None
    return parts.scheme, host, port if port is not None else _PORTS[parts.scheme]
