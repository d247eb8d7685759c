"""What is logged and how: never a secret, never a person's words."""

import json
import logging
import sys
from datetime import UTC, datetime

from bot.settings import Settings

# These libraries would log addresses, bodies and texts.
_TALKATIVE = (
    "httpx",
    "httpcore",
    "slack_bolt",
    "slack_sdk",
    "aiohttp",
    "uvicorn.access",
    "stamina",
    "asyncio",
    "aiosqlite",
    "psycopg",
)
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


def to_stderr(settings: Settings) -> None:
    """Log to standard error, in the form and from the level that the settings say; begin with their risks."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines(settings.log_format == "json"))
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.ERROR)
    for warning in settings.warnings:
        logging.getLogger(__name__).warning(warning)


class Lines(logging.Formatter):
    """A line of text or JSON for each record, with its facts."""

    def __init__(self, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        facts = {key: value for key, value in vars(record).items() if key not in _OWN}
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        cause = self.formatException(record.exc_info) if record.exc_info else ""
        if self._as_json:
            said = {
                "at": at,
                "level": record.levelname,
                "logger": record.name,
                "message": record.getMessage(),
                **facts,
            }
            return json.dumps({**said, "cause": cause} if cause else said, default=str)
        pairs = "".join(f" {key}={value}" for key, value in facts.items())
        return f"{at} {record.levelname:7} {record.name}: {record.getMessage()}{pairs}" + (
            f"\n{cause}" if cause else ""
        )
