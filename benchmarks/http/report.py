"""What the rounds say: the table, and whether it may be believed."""

import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles

# CPU per request of the bot, as a multiple of the least that Bolt can do.
MOST = 1.18
# Bolt's default mode looks every 10 ms whether a command is answered: slower than this, and we do too.
SLOWEST = 0.002


@dataclass(frozen=True)
class Cell:
    """One server in one round: seconds and counts."""

    server: str
    connections: int
    round: int
    wall: float
    cpu: float
    generator_cpu: float
    took: Sequence[float]
    errors: int

    @property
    def rate(self) -> float:
        return len(self.took) / self.wall

    @property
    def cost(self) -> float:
        """Give the CPU seconds for a request."""
        return self.cpu / max(len(self.took), 1)

    def percentile(self, number: int) -> float:
        """Give the seconds within which so many of a hundred were answered."""
        return quantiles(self.took, n=100)[number - 1] if len(self.took) > 1 else 0.0


def ratios(cells: Sequence[Cell], server: str, connections: int) -> list[float]:
    """Compare a server's CPU per request with hello's of the same round."""
    costs = {(cell.server, cell.round): cell.cost for cell in cells if cell.connections == connections}
    return [cost / costs["hello", at] for (name, at), cost in costs.items() if name == server]


def table(cells: Sequence[Cell]) -> str:
    """Write medians over the rounds; the ratio is of CPU per request."""
    lines = [
        "server          conc   req/s [min–max]         p50 ms  p99 ms  CPU µs  to hello [min–max]"
        "  server  generator  errors"
    ]
    for connections, server in dict.fromkeys((cell.connections, cell.server) for cell in cells):
        some = [cell for cell in cells if (cell.connections, cell.server) == (connections, server)]
        rates, compared = [cell.rate for cell in some], ratios(cells, server, connections)
        lines.append(
            f"{server:15} {connections:4}  {median(rates):6,.0f} [{min(rates):6,.0f}–{max(rates):6,.0f}]"
            f"  {_ms(some, 50):7.2f} {_ms(some, 99):7.2f}"
            f"  {median(cell.cost for cell in some) * 1e6:6.1f}"
            f"  {median(compared):5.2f} [{min(compared):.2f}–{max(compared):.2f}]"
            f"   {_use(some):5.0%}    {_generator_use(some):5.0%}  {sum(cell.errors for cell in some):6}"
        )
    return "\n".join(lines)


def _ms(cells: Sequence[Cell], percentile: int) -> float:
    return median(cell.percentile(percentile) for cell in cells) * 1e3


def _use(cells: Sequence[Cell]) -> float:
    return median(cell.cpu / cell.wall for cell in cells)


def _generator_use(cells: Sequence[Cell]) -> float:
    return median(cell.generator_cpu / cell.wall for cell in cells)


def doubts(cells: Sequence[Cell]) -> list[str]:
    """Say why these numbers conclude nothing."""
    busiest = max(cell.connections for cell in cells)
    found = []
    if (os.cpu_count() or 1) < 2:
        found.append("server and generator share one core")
    if errors := sum(cell.errors for cell in cells):
        found.append(f"{errors} requests failed")
    for server in ("hello", "real"):
        some = [cell for cell in cells if (cell.server, cell.connections) == (server, busiest)]
        if _generator_use(some) > 0.7:
            found.append(f"the generator used {_generator_use(some):.0%} of its core against {server}")
        if _use(some) < 0.9:
            found.append(f"{server} had only {_use(some):.0%} of its core")
    compared = ratios(cells, "real", busiest)
    if max(compared) / min(compared) > 1.3:
        found.append(f"the ratio went from {min(compared):.2f} to {max(compared):.2f}")
    if abs((same := median(ratios(cells, "hello again", busiest))) - 1) > 0.05:
        found.append(f"hello took {same:.2f} times what hello took")
    return found


def faults(cells: Sequence[Cell]) -> list[str]:
    """Say what is too slow."""
    busiest, found = max(cell.connections for cell in cells), []
    if (ratio := median(ratios(cells, "real", busiest))) > MOST:
        found.append(f"real takes {ratio:.2f} times the CPU of hello; at most {MOST} is allowed")
    alone = [cell for cell in cells if (cell.server, cell.connections) == ("real", 1)]
    if alone and _ms(alone, 50) > SLOWEST * 1e3:
        found.append(f"a command alone takes {_ms(alone, 50):.1f} ms")
    return found


def machine() -> str:
    """Write what ran this, and on what."""
    git = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
    cpu = Path("/proc/cpuinfo").read_text().partition("model name\t: ")[2].partition("\n")[0]
    libraries = ", ".join(f"{name} {version(name)}" for name in ("slack-bolt", "uvicorn", "uvloop"))
    return (
        f"{os.cpu_count()} × {cpu}; Python {platform.python_version()}, {libraries}; "
        f"commit {commit}; load {os.getloadavg()[0]:.2f}"
    )
