"""How long it takes from the start of the process to the first answer, and what of it is imports."""

import asyncio
import resource
import subprocess
import sys
from statistics import median

from benchmarks.http.fleet import started, stubs

ROUNDS = 5
IMPORTED = {"hello": "slack_bolt.adapter.asgi.async_handler", "real": "bot.cli.serve, handlers"}


def imports(modules: str) -> float:
    """Give the CPU seconds of a process that only imports."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", f"import uvicorn, uvloop, {modules}"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


async def first_answer(kind: str) -> tuple[float, int]:
    """Give the seconds to the first answer and the resident bytes after it."""
    async with stubs() as environment, started(kind, kind, environment) as server:
        return server.started, server.memory()


def main() -> None:
    print("server  import, CPU s  first answer, s  resident, MB")
    for kind, modules in IMPORTED.items():
        imported = median(imports(modules) for _ in range(ROUNDS))
        answers = [asyncio.run(first_answer(kind)) for _ in range(ROUNDS)]
        seconds, memory = (median(each) for each in zip(*answers, strict=True))
        print(f"{kind:7} {imported:13.2f}  {seconds:15.2f}  {memory / 1e6:12.0f}")


if __name__ == "__main__":
    main()
