"""The address of the database as SQLAlchemy reads it."""

from sqlalchemy import URL, make_url


def parse_url(url: str) -> URL:
    """Return a DATABASE_URL as SQLAlchemy knows it; raises ArgumentError or ValueError."""
    # Heroku and others still write postgres://, which SQLAlchemy rejects.
    return make_url(url.replace("postgres://", "postgresql://", 1))


def sync_url(url: str) -> str:
    """Return a DATABASE_URL with the driver for code without asyncio, its password shown."""
    address = parse_url(url)
    driver = "sqlite" if address.get_backend_name() == "sqlite" else "postgresql+psycopg"
    return address.set(drivername=driver).render_as_string(hide_password=False)
