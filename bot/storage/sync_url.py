"""The address of the database for a library that opens connections of its own."""

from sqlalchemy import make_url


def sync_url(url: str) -> str:
    """Return a DATABASE_URL with the driver for code without asyncio, its password shown."""
    # Heroku and others still write postgres://, which SQLAlchemy does not know.
    address = make_url(url.replace("postgres://", "postgresql://", 1))
    driver = "sqlite" if address.get_backend_name() == "sqlite" else "postgresql+psycopg"
    return address.set(drivername=driver).render_as_string(hide_password=False)
