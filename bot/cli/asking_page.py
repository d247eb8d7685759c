"""Prints `docs/asking.md`: `python -m bot.cli.asking_page > docs/asking.md`."""

from bot.commands import CommandRegistry
from bot.help.markdown import asking_page
from handlers import MODULES


def main() -> None:
    """Print the page about asking."""
    print(asking_page(CommandRegistry(MODULES)), end="")


if __name__ == "__main__":
    main()
