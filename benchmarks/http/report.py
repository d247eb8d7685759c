"""The results: a table, what is too slow, and why a measurement may be unreliable."""

import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles

# The most CPU that the bot may take per request, as a multiple of the least that Bolt takes.
# A stored answer took 1.23 times the CPU of hello on 27 November 2026; a change that adds a twentieth fails.
MAX_RATIO = 1.30
# Bolt's default mode checks every 10 ms whether a command is answered: an answer that is slower than this
# means that we do the same.
MAX_LATENCY = 0.002


@dataclass(frozen=True)
class Cell:
    """One server in one round: seconds and counts."""

    server: str
    connections: int
    round: int
    wall: float
    cpu: float
    generator_cpu: float
    latencies: Sequence[float]
    errors: int

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.wall

    @property
    def cost(self) -> float:
        """Return the CPU seconds for a request."""
        return self.cpu / max(len(self.latencies), 1)

    def percentile(self, number: int) -> float:
        """Return the seconds within which `number` of a hundred requests were answered."""
        return quantiles(self.latencies, n=100)[number - 1] if len(self.latencies) > 1 else 0.0


def ratios(cells: Sequence[Cell], server: str, connections: int) -> list[float]:
    """Return a server's CPU per request in each round, as a multiple of hello's in the same round."""
    costs = {(cell.server, cell.round): cell.cost for cell in cells if cell.connections == connections}
    return [cost / costs["hello", round] for (name, round), cost in costs.items() if name == server]


def table(cells: Sequence[Cell]) -> str:
    """Return a table of the medians over all rounds; the ratio is of CPU per request."""
    lines = [
        "server          conc   req/s [min–max]         p50 ms  p99 ms  CPU µs  to hello [min–max]"
        "  server  generator  errors"
    ]
    for connections, server in dict.fromkeys((cell.connections, cell.server) for cell in cells):
        measured = [cell for cell in cells if (cell.connections, cell.server) == (connections, server)]
        rates, compared = [cell.rate for cell in measured], ratios(cells, server, connections)
        lines.append(
            f"{server:15} {connections:4}  {median(rates):6,.0f} [{min(rates):6,.0f}–{max(rates):6,.0f}]"
            f"  {_ms(measured, 50):7.2f} {_ms(measured, 99):7.2f}"
            f"  {median(cell.cost for cell in measured) * 1e6:6.1f}"
            f"  {median(compared):5.2f} [{min(compared):.2f}–{max(compared):.2f}]"
            f"   {_use(measured):5.0%}    {_generator_use(measured):5.0%}"
            f"  {sum(cell.errors for cell in measured):6}"
        )
    return "\n".join(lines)


def _ms(cells: Sequence[Cell], percentile: int) -> float:
    return median(cell.percentile(percentile) for cell in cells) * 1e3


def _use(cells: Sequence[Cell]) -> float:
    return median(cell.cpu / cell.wall for cell in cells)


def _generator_use(cells: Sequence[Cell]) -> float:
    return median(cell.generator_cpu / cell.wall for cell in cells)


def doubts(cells: Sequence[Cell]) -> list[str]:
    """Return the reasons why these numbers are unreliable."""
    busiest = max(cell.connections for cell in cells)
    reasons = []
    if (os.cpu_count() or 1) < 2:
        reasons.append("server and generator share one core")
    if errors := sum(cell.errors for cell in cells):
        reasons.append(f"{errors} requests failed")
    for server in ("hello", "real"):
        measured = [cell for cell in cells if (cell.server, cell.connections) == (server, busiest)]
        if _generator_use(measured) > 0.7:
            reasons.append(f"the generator used {_generator_use(measured):.0%} of its core against {server}")
        if _use(measured) < 0.9:
            reasons.append(f"{server} had only {_use(measured):.0%} of its core")
    compared = ratios(cells, "real", busiest)
    if max(compared) / min(compared) > 1.3:
        reasons.append(f"the ratio went from {min(compared):.2f} to {max(compared):.2f}")
    if abs((same := median(ratios(cells, "hello again", busiest))) - 1) > 0.05:
        reasons.append(f"hello took {same:.2f} times what hello took")
    return reasons


def faults(cells: Sequence[Cell]) -> list[str]:
    """Return what is too slow, a sentence each."""
    busiest, problems = max(cell.connections for cell in cells), []
    if (ratio := median(ratios(cells, "real", busiest))) > MAX_RATIO:
        problems.append(f"real takes {ratio:.2f} times the CPU of hello; at most {MAX_RATIO} is allowed")
    alone = [cell for cell in cells if (cell.server, cell.connections) == ("real", 1)]
    if alone and _ms(alone, 50) > MAX_LATENCY * 1e3:
        problems.append(f"a command alone takes {_ms(alone, 50):.1f} ms")
    return problems


def machine() -> str:
    """Return the machine, the versions and the load in one line."""
    git = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
    cpu = Path("/proc/cpuinfo").read_text().partition("model name\t: ")[2].partition("\n")[0]
    libraries = ", ".join(f"{name} {version(name)}" for name in ("slack-bolt", "uvicorn", "uvloop"))
    return (
        f"{os.cpu_count()} × {cpu}; Python {platform.python_version()}, {libraries}; "
        f"commit {commit}; load {os.getloadavg()[0]:.2f}"
    )
