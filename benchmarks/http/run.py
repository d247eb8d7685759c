"""Compares the bot over HTTP with bare Bolt by the CPU a command takes.

`--gate` exits with 1 when the bot takes too much, with 2 when the numbers are unreliable.
"""

import argparse
import os
import random
import sys
import time
from contextlib import AsyncExitStack

import orjson
import uvloop

from benchmarks.http.fleet import Server, ask, started, stubs
from benchmarks.http.generator import load
from benchmarks.http.report import Cell, doubts, faults, machine, table
from benchmarks.http.signed import NEW_WORDS, WORDS, command, commands

# The servers and the question for each. "hello again" is hello once more: the difference is noise.
SERVERS = {
    "floor": ("floor", WORDS),
    "hello": ("hello", WORDS),
    "hello again": ("hello", WORDS),
    "hello-default": ("hello-default", WORDS),
    "real": ("real", WORDS),
    "real, new words": ("real", NEW_WORDS),
}


async def check(server: Server) -> None:
    """Check that a command is answered, and that a forged or an old one is rejected."""
    status, body = await ask(server.port, command())
    message = orjson.loads(body)
    assert status == 200, (server.name, status)
    if server.kind == "real":
        assert " views · all time" in message["text"], message
        assert [block["type"] for block in message["blocks"]] == [*["rich_text"] * 2, "context", "actions"], (
            message
        )
    else:
        assert len(message["blocks"]) == 6, message
    if server.kind != "floor":
        assert (await ask(server.port, command(secret="another")))[0] == 401, server.name
        assert (await ask(server.port, command(age=301)))[0] == 401, server.name


async def cell(server: Server, connections: int, round: int, seconds: float, expected: float) -> Cell:
    """Measure one server once, with requests that were just signed."""
    requests = list(commands(int(expected * seconds) + 500, SERVERS[server.name][1]))
    wall, cpu, own = time.perf_counter(), server.cpu(), time.process_time()
    measured = await load(server.port, iter(requests), connections, seconds)
    wall, cpu, own = time.perf_counter() - wall, server.cpu() - cpu, time.process_time() - own
    return Cell(server.name, connections, round, wall, cpu, own, measured.latencies, measured.errors)


async def measure(rounds: int, seconds: float, concurrencies: list[int]) -> list[Cell]:
    """Measure every server in every round, in a new order each time."""
    cores = sorted(os.sched_getaffinity(0))
    cells: list[Cell] = []
    async with AsyncExitStack() as stack:
        environment = await stack.enter_async_context(stubs())
        servers = [
            await stack.enter_async_context(started(name, kind, environment, cores[-1]))
            for name, (kind, _) in SERVERS.items()
        ]
        os.sched_setaffinity(0, {cores[0]})
        fastest = {}
        for server in servers:
            await check(server)
            for connections in concurrencies:
                fastest[server, connections] = (await cell(server, connections, 0, 0.4, 40_000)).rate
        for round in range(rounds):
            for connections in concurrencies:
                for server in random.sample(servers, len(servers)):
                    # More requests than it can answer, by the fastest rate so far.
                    expected = fastest[server, connections] * 1.5
                    measured = await cell(server, connections, round, seconds, expected)
                    fastest[server, connections] = max(measured.rate, fastest[server, connections])
                    cells.append(measured)
        for server in servers:
            print(
                f"{server.name:15} first answer {server.first_answer:.2f} s, {server.memory() / 1e6:.0f} MB"
            )
    order = list(SERVERS)
    return sorted(cells, key=lambda cell: (cell.connections, order.index(cell.server), cell.round))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--conc", default="1,16", help="numbers of connections, such as 1,16")
    parser.add_argument("--gate", action="store_true", help="exit 1 when too slow, 2 when inconclusive")
    args = parser.parse_args()
    print(machine())
    cells = uvloop.run(measure(args.rounds, args.seconds, [int(number) for number in args.conc.split(",")]))
    print(table(cells))
    print(f"load {os.getloadavg()[0]:.2f}")
    if reasons := doubts(cells):
        print("inconclusive: " + "; ".join(reasons))
    problems = faults(cells)
    print("\n".join(problems) or "fast enough")
    if args.gate:
        sys.exit(2 if reasons else 1 if problems else 0)


if __name__ == "__main__":
    main()
