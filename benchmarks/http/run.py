"""Compares the bot over HTTP with bare Bolt by the CPU a command takes.

`--gate` exits 1 when the bot takes too much, 2 when the numbers conclude nothing.
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

# Servers and what they are asked. "hello again" is hello: what differs between the two is noise.
SERVERS = {
    "floor": ("floor", WORDS),
    "hello": ("hello", WORDS),
    "hello again": ("hello", WORDS),
    "hello-default": ("hello-default", WORDS),
    "real": ("real", WORDS),
    "real, new words": ("real", NEW_WORDS),
}


async def check(server: Server) -> None:
    """Raise unless a command is answered and a forged or old one is not."""
    status, body = await ask(server.port, command())
    said = orjson.loads(body)
    assert status == 200, (server.name, status)
    if server.kind == "real":
        assert " views · all time" in said["text"], said
        assert [block["type"] for block in said["blocks"]] == [*["rich_text"] * 2, "context", "actions"], said
    else:
        assert len(said["blocks"]) == 6, said
    if server.kind != "floor":
        assert (await ask(server.port, command(secret="another")))[0] == 401, server.name
        assert (await ask(server.port, command(age=301)))[0] == 401, server.name


async def cell(server: Server, connections: int, round: int, seconds: float, expected: float) -> Cell:
    """Measure one server once, with requests signed just now."""
    requests = list(commands(int(expected * seconds) + 500, SERVERS[server.name][1]))
    wall, cpu, own = time.perf_counter(), server.cpu(), time.process_time()
    answered = await load(server.port, iter(requests), connections, seconds)
    wall, cpu, own = time.perf_counter() - wall, server.cpu() - cpu, time.process_time() - own
    return Cell(server.name, connections, round, wall, cpu, own, answered.took, answered.errors)


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
        warm = {}
        for server in servers:
            await check(server)
            for connections in concurrencies:
                warm[server, connections] = (await cell(server, connections, 0, 0.4, 40_000)).rate
        for at in range(rounds):
            for connections in concurrencies:
                for server in random.sample(servers, len(servers)):
                    # more than it can use up, by the fastest so far
                    expected = warm[server, connections] * 1.5
                    found = await cell(server, connections, at, seconds, expected)
                    warm[server, connections] = max(found.rate, warm[server, connections])
                    cells.append(found)
        for server in servers:
            print(f"{server.name:15} first answer {server.started:.2f} s, {server.memory() / 1e6:.0f} MB")
    order = list(SERVERS)
    return sorted(cells, key=lambda one: (one.connections, order.index(one.server), one.round))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--conc", default="1,16", help="numbers of connections, such as 1,16")
    parser.add_argument("--gate", action="store_true", help="exit 1 when too slow, 2 when inconclusive")
    args = parser.parse_args()
    print(machine())
    cells = uvloop.run(measure(args.rounds, args.seconds, [int(each) for each in args.conc.split(",")]))
    print(table(cells))
    print(f"load {os.getloadavg()[0]:.2f}")
    if unsure := doubts(cells):
        print("inconclusive: " + "; ".join(unsure))
    wrong = faults(cells)
    print("\n".join(wrong) or "fast enough")
    if args.gate:
        sys.exit(2 if unsure else 1 if wrong else 0)


if __name__ == "__main__":
    main()
