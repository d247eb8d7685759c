"""How long the first answer takes from the start of a process, and what memory it needs, beside hello."""

import asyncio
import resource
import subprocess
import sys
from statistics import median

from benchmarks.http.fleet import ask, started, stubs
from benchmarks.http.signed import WORDS, command

ROUNDS = 5
KINDS = ("hello", "real")
IMPORTS = {"hello": "uvicorn, slack_bolt.adapter.asgi.async_handler", "real": "bot.__main__, bot.cli.serve"}
# After so many seconds everything is open that is opened without a digest.
SETTLED = 3.0


def import_time(modules: str) -> float:
    """Return the CPU seconds of a process that only imports."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", f"import uvloop, {modules}"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


async def measure(kind: str) -> list[float]:
    """Return a row of the table."""
    async with stubs() as environment:
        async with started(kind, kind, environment, words="help") as server:
            row = [server.first_answer, server.cpu()]
        async with started(kind, kind, environment, words=WORDS) as server:
            row += [server.first_answer, server.memory() / 1e6]
            status, _ = await ask(server.port, command(WORDS))
            assert status == 200, status
            await asyncio.sleep(SETTLED)
            return [*row, server.memory() / 1e6]


def main() -> None:
    rounds: dict[str, list[list[float]]] = {kind: [] for kind in KINDS}
    for _ in range(ROUNDS):
        for kind in KINDS:
            rounds[kind].append([import_time(IMPORTS[kind]), *asyncio.run(measure(kind))])
    medians = {kind: [median(column) for column in zip(*rows, strict=True)] for kind, rows in rounds.items()}
    medians["ratio"] = [real / hello for hello, real in zip(medians["hello"], medians["real"], strict=True)]
    print("        import, CPU s  help, s  help, CPU s  item, s  resident, MB  settled, MB")
    for name, row in medians.items():
        print(f"{name:7} {row[0]:13.2f}  {row[1]:7.2f}  {row[2]:11.2f}  {row[3]:7.2f}", end="")
        print(f"  {row[4]:12.2f}  {row[5]:11.2f}")


if __name__ == "__main__":
    main()
