"""What is logged and how: never a secret, never what a person typed."""

import json
import logging
import sys
from datetime import UTC, datetime

from bot.settings import Settings

# Below ERROR these libraries log URLs, bodies and texts.
_VERBOSE_LIBRARIES = (
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
_STANDARD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "taskName",
    "color_message",
}


def to_stderr(settings: Settings) -> None:
    """Log to standard error in the format and from the level of the settings, their warnings first."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter(settings.log_format == "json"))
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    for name in _VERBOSE_LIBRARIES:
        logging.getLogger(name).setLevel(logging.ERROR)
    for warning in settings.warnings:
        logging.getLogger(__name__).warning(warning)


class LineFormatter(logging.Formatter):
    """Formats a record as a line of text or JSON, with the keys of its `extra`."""

    def __init__(self, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record, followed by the traceback where it has one."""
        extra = {key: value for key, value in vars(record).items() if key not in _STANDARD_FIELDS}
        timestamp = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        cause = self.formatException(record.exc_info) if record.exc_info else ""
        if self._as_json:
            line = {
                "at": timestamp,
                "level": record.levelname,
                "logger": record.name,
                "message": record.getMessage(),
                **extra,
            }
            return json.dumps({**line, "cause": cause} if cause else line, default=str)
        pairs = "".join(f" {key}={value}" for key, value in extra.items())
        return f"{timestamp} {record.levelname:7} {record.name}: {record.getMessage()}{pairs}" + (
            f"\n{cause}" if cause else ""
        )
