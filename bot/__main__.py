"""The program: reads the settings, puts everything together and runs it."""

import argparse
import asyncio
import os
import sys
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from dotenv import load_dotenv

from bot import logs
from bot.cli.ask import ask
from bot.commands import CommandRegistry
from bot.redaction import Redactor, guard_streams
from bot.settings import InvalidSettings, Settings, secrets_in
from handlers import MODULES

# A wrong variable stops only what needs it.
_FIGSHARE = ("FIGSHARE_", "LOG_")


def main() -> None:
    """Run the command that was typed; exit as `operations` promises: 0, 1 for an error, 2 for wrong usage."""
    load_dotenv(".env")
    guard_streams(Redactor(secrets_in(os.environ)))
    args = _arguments().parse_args()
    try:
        needed = {name: value for name, value in os.environ.items() if name.startswith(args.reads)}
        settings = Settings.from_env(needed, serving=args.run is _serve)
        sys.exit(args.run(args, settings))
    except InvalidSettings as wrong:
        print(
            "The configuration is not complete:\n" + "\n".join(f"  {line}" for line in wrong.problems),
            file=sys.stderr,
        )
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("figshare-bot", description="Ask Figshare anything, from Slack or here.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    play = commands.add_parser("playground", help="try it on a web page that looks like a Slack channel")
    play.add_argument("--port", type=_port, default=3000)
    play.add_argument("--figshare", choices=("live", "sample"), help="default: live if it can be reached")
    play.set_defaults(run=_playground, reads=_FIGSHARE)

    asking = commands.add_parser("ask", help="answer one question in the terminal")
    asking.add_argument("question", nargs="+", help='such as "views 5616445"')
    asking.add_argument("--figshare", choices=("live", "sample"), default="live")
    asking.add_argument("--json", action="store_true", help="print the Slack message")
    asking.set_defaults(run=_ask, reads=_FIGSHARE)

    serve = commands.add_parser("serve", help="run the bot")
    serve.set_defaults(run=_serve, reads="")

    digests = commands.add_parser("digests", help="send digests without a process that stays up")
    run = digests.add_subparsers(required=True, metavar="COMMAND").add_parser(
        "run", help="send every digest that is due, and exit"
    )
    run.add_argument(
        "--at", type=_moment, help="due at that moment, such as 2026-11-30T09:00:00Z; default: now"
    )
    run.set_defaults(run=_digests, reads="")

    check = commands.add_parser("check", help="ask Slack and Figshare whether they know us")
    check.set_defaults(run=_check, reads="")

    manifest = commands.add_parser("manifest", help="print the app manifest")
    manifest.add_argument("--url", type=_address, help="for HTTP mode: where the bot will be reached")
    manifest.set_defaults(run=_manifest, reads=())
    return parser


def _port(said: str) -> int:
    if not (said.isascii() and said.isdigit() and int(said) < 65_536):
        raise argparse.ArgumentTypeError(f"{said} is no port; 3000 is one")
    return int(said)


def _moment(said: str) -> float:
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{said} is no moment with a zone; 2026-11-30T09:00:00Z is one")
    return at.timestamp()


def _address(said: str) -> str:
    parts = urlsplit(said)
    if parts.scheme != "https" or not parts.hostname:
        raise argparse.ArgumentTypeError(f"{said} is no https address, such as https://bot.example.org")
    return said


def _serve(args: argparse.Namespace, settings: Settings) -> int:
    from bot.cli.serve import run

    logs.to_stderr(settings)
    return run(settings, CommandRegistry(MODULES))


def _playground(args: argparse.Namespace, settings: Settings) -> int:
    from bot.playground import run

    logs.to_stderr(replace(settings, log_level="WARNING"))
    return asyncio.run(run(CommandRegistry(MODULES), settings, args.port, args.figshare))


def _digests(args: argparse.Namespace, settings: Settings) -> int:
    from bot.cli import send_digests

    logs.to_stderr(settings)
    return asyncio.run(send_digests.run(settings, CommandRegistry(MODULES), args.at))


def _check(args: argparse.Namespace, settings: Settings) -> int:
    from bot.cli.check import check

    logs.to_stderr(replace(settings, log_level="ERROR"))
    return asyncio.run(check(settings, CommandRegistry(MODULES)))


def _manifest(args: argparse.Namespace, settings: Settings) -> int:
    from bot.manifest import manifest

    print(manifest(args.url or ""), end="")
    return 0


def _ask(args: argparse.Namespace, settings: Settings) -> int:
    logs.to_stderr(replace(settings, log_level="ERROR"))
    question, is_sample = " ".join(args.question), args.figshare == "sample"
    return asyncio.run(
        ask(settings, CommandRegistry(MODULES), question, as_json=args.json, is_sample=is_sample)
    )


if __name__ == "__main__":
    main()
