"""Copies the database into an empty one, for a bot that grows: `python -m bot.cli.copy_database FROM TO`."""

import asyncio
import sys

from bot.settings import InvalidSettings, Settings
from bot.storage.copy import copy


def main() -> None:
    """Copy, and say what was copied."""
    if len(sys.argv) != 3:
        sys.exit(
            "python -m bot.cli.copy_database sqlite:///figshare-bot.db postgresql://user:password@host/database"
        )
    try:
        for each in sys.argv[1:]:
            Settings.from_env({"DATABASE_URL": each})
        counts = asyncio.run(copy(*sys.argv[1:]))
    except InvalidSettings as wrong:
        sys.exit("\n".join(wrong.problems))
    print(f"Copied {', '.join(f'{name}: {count}' for name, count in counts.items())}. Now set DATABASE_URL.")


if __name__ == "__main__":
    main()
