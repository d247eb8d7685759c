"""The command line: parses arguments and hands over to `cli/` or `playground/`."""

import argparse
import asyncio
import gc
import io
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dotenv import load_dotenv

from bot import logs
from bot.redaction import Redactor, guard_streams
from bot.settings import InvalidSettings, Settings, secrets_in

if TYPE_CHECKING:
    from bot.commands import CommandRegistry

# What a subcommand returns once it has imported what it needs: it runs, and returns the exit status.
PreparedCommand = Callable[[], int]

# How the names of the variables begin that a command reads: a malformed one stops only the commands that
# need it.
_FIGSHARE = ("FIGSHARE_", "LOG_")
# What a shell reports of a program that SIGPIPE ended.
_CLOSED_PIPE = 141
# Those that decide which scopes the bot needs in Slack.
_SCOPES = ("FIGSHARE_IMPERSONATE", "DRAFT_USERS", "SUBSCRIBE_USERS", "REPORT_USERS")


def main() -> None:
    """Run the command that was typed, and exit: with 0, with 1 after an error, with 2 for wrong usage."""
    try:
        try:
            _run()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
    except BrokenPipeError:
        # Whoever read the output has closed it, as `head` does. Python would flush it once more at the exit:
        # https://docs.python.org/3/library/signal.html#note-on-sigpipe
        null = os.open(os.devnull, os.O_WRONLY)
        for descriptor in (sys.__stdout__, sys.__stderr__):
            if descriptor is not None:
                os.dup2(null, descriptor.fileno())
        sys.exit(_CLOSED_PIPE)


def _run() -> None:
    load_dotenv(".env")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that can't show a character shows a question mark instead.
            stream.reconfigure(errors="replace")
    guard_streams(Redactor(secrets_in(os.environ)))
    args = _argument_parser().parse_args()
    try:
        variables = {name: value for name, value in os.environ.items() if name.startswith(args.reads)}
        settings = Settings.from_env(variables, serving=args.prepare is _serve)
        # Imports leave hardly any garbage, and looking for it meanwhile would take a fifth of the start.
        gc.disable()
        try:
            run = args.prepare(args, settings)
        finally:
            gc.freeze()
            gc.enable()
        sys.exit(run())
    except InvalidSettings as error:
        print(
            "The configuration is not complete:\n" + "\n".join(f"  {line}" for line in error.problems),
            file=sys.stderr,
        )
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _argument_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("figshare-bot", description="Ask Figshare anything, from Slack or here.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    playground = commands.add_parser(
        "playground", help="try it on a web page that looks like a Slack channel"
    )
    playground.add_argument("--port", type=_port, default=3000)
    playground.add_argument(
        "--figshare", choices=("live", "sample"), help="default: live if it can be reached"
    )
    playground.set_defaults(prepare=_playground, reads=_FIGSHARE)

    ask = commands.add_parser("ask", help="answer one question in the terminal")
    ask.add_argument("question", nargs="+", help='such as "views 5616445"')
    ask.add_argument("--figshare", choices=("live", "sample"), default="live")
    ask.add_argument("--page", type=_page, default=1, help="of a long answer; default: 1")
    ask.add_argument("--json", action="store_true", help="print the Slack message")
    ask.set_defaults(prepare=_ask, reads=_FIGSHARE)

    serve = commands.add_parser("serve", help="run the bot")
    serve.set_defaults(prepare=_serve, reads="")

    digests = commands.add_parser("digests", help="send digests without a process that stays up")
    run = digests.add_subparsers(required=True, metavar="COMMAND").add_parser(
        "run", help="send every digest that is due, and exit"
    )
    run.add_argument(
        "--at", type=_timestamp, help="due at this time (example: 2026-11-30T09:00:00Z); default: now"
    )
    run.set_defaults(prepare=_digests, reads="")

    check = commands.add_parser("check", help="check that your tokens work")
    check.set_defaults(prepare=_check, reads="")

    manifest = commands.add_parser("manifest", help="print the app manifest")
    manifest.add_argument("--url", type=_https_url, help="for HTTP mode: where the bot will be reached")
    manifest.set_defaults(prepare=_manifest, reads=_SCOPES)
    return parser


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 65_536):
        raise argparse.ArgumentTypeError(f"{text} isn't a valid port (example: 3000)")
    return int(text)


def _page(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 7 and int(text)):
        raise argparse.ArgumentTypeError(f"{text} isn't the number of a page (example: 2)")
    return int(text)


def _timestamp(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise argparse.ArgumentTypeError(
            f"{text} isn't a time with a time zone (example: 2026-11-30T09:00:00Z)"
        )
    return moment.timestamp()


def _https_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname:
        raise argparse.ArgumentTypeError(f"{text} isn't an https URL (example: https://bot.example.org)")
    return text


def _serve(args: argparse.Namespace, settings: Settings) -> PreparedCommand:
    from bot.cli.serve import serve

    logs.to_stderr(settings)
    commands = _commands()
    return lambda: serve(settings, commands)


def _playground(args: argparse.Namespace, settings: Settings) -> PreparedCommand:
    from bot.playground.app import run_playground

    logs.to_stderr(replace(settings, log_level="WARNING"))
    commands = _commands()
    return lambda: asyncio.run(run_playground(commands, settings, args.port, args.figshare))


def _digests(args: argparse.Namespace, settings: Settings) -> PreparedCommand:
    from bot.cli.send_digests import send_digests

    logs.to_stderr(settings)
    commands = _commands()
    return lambda: asyncio.run(send_digests(settings, commands, args.at))


def _check(args: argparse.Namespace, settings: Settings) -> PreparedCommand:
    from bot.cli.check import check

    logs.to_stderr(replace(settings, log_level="ERROR"))
    commands = _commands()
    return lambda: asyncio.run(check(settings, commands))


def _manifest(args: argparse.Namespace, settings: Settings) -> PreparedCommand:
    from bot.manifest import manifest

    def run() -> int:
        print(manifest(settings, args.url or ""), end="")
        return 0

    return run


def _ask(args: argparse.Namespace, settings: Settings) -> PreparedCommand:
    from bot.cli.ask import ask

    logs.to_stderr(replace(settings, log_level="ERROR"))
    commands, question, is_sample = _commands(), " ".join(args.question), args.figshare == "sample"
    return lambda: asyncio.run(
        ask(settings, commands, question, page=args.page, as_json=args.json, is_sample=is_sample)
    )


def _commands() -> "CommandRegistry":
    from bot.commands import CommandRegistry
    from handlers import MODULES

    return CommandRegistry(MODULES)


if __name__ == "__main__":
    main()
