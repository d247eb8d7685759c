"""Copy the database into an empty one, for a bot that grows: `python -m bot.cli.copy_database FROM TO`."""

import asyncio
import sys

from bot.settings import InvalidSettings, Settings
from bot.storage.copy import copy_database


def main() -> None:
    """Copy the database, and print how many rows of each table were copied."""
    if len(sys.argv) != 3:
        sys.exit(
            "python -m bot.cli.copy_database sqlite:///figshare-bot.db postgresql://user:password@host/database"
        )
    try:
        for url in sys.argv[1:]:
            Settings.from_env({"DATABASE_URL": url})
        counts = asyncio.run(copy_database(*sys.argv[1:]))
    except InvalidSettings as invalid:
        sys.exit("\n".join(invalid.problems))
    print(f"Copied {', '.join(f'{name}: {count}' for name, count in counts.items())}. Now set DATABASE_URL.")


if __name__ == "__main__":
    main()
