"""The rate limit that all processes on one database keep together."""

from sqlalchemy import text

from bot.storage.database import Database
from bot.upstream.rate_limiter import RateLimit

# One statement, so that two processes never read the same row before either writes it. A row far ahead of the
# clock was written before the clock was set back: it is cut to `furthest`, since it would delay every request
# until the clock has caught up.
_RESERVE = """
INSERT INTO pace (name, tat) VALUES (:name, {now} + :interval)
ON CONFLICT (name) DO UPDATE SET tat = {greatest}({least}(pace.tat, {now} + :furthest), {now}) + :interval
RETURNING tat - :interval - :tolerance - {now}
"""
_DIALECTS = {
    "sqlite": {"now": ":now", "greatest": "max", "least": "min"},
    "postgresql": {
        "now": "CAST(extract(epoch FROM clock_timestamp()) AS double precision)",
        "greatest": "greatest",
        "least": "least",
    },
}


class DatabaseRateLimit:
    """A rate limit of all processes on one database (GCRA), or `own`, of this process, while it is silent.

    `rate` is in requests a second, `burst` the number of requests that may go out at once.
    """

    def __init__(self, database: Database, name: str, rate: float, burst: int, own: RateLimit) -> None:
        self._database, self._own = database, own
        self._is_sqlite = database.engine.dialect.name == "sqlite"
        interval = 1 / rate
        tolerance = (burst - 1) * interval
        self._values = {
            "name": name,
            "interval": interval,
            "tolerance": tolerance,
            "furthest": tolerance + 100 * interval,
        }
        self._statement = text(_RESERVE.format(**_DIALECTS[database.engine.dialect.name]))

    async def reserve(self) -> float:
        """Reserve the next request; return the seconds to wait before it."""
        # The own limit counts every request too, so that a process which loses the database, or gets it back,
        # starts no new burst.
        own = await self._own.reserve()
        return max(own, await self._database.circuit_breaker.call(self._reserve, own))

    async def _reserve(self) -> float:
        now = {"now": self._database.clock()} if self._is_sqlite else {}
        async with self._database.engine.begin() as connection:
            wait = (await connection.execute(self._statement, self._values | now)).scalar_one()
        return max(0.0, float(wait))
