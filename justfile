# what a change has to pass, without the slow truths
default: lint test

# the tests, on all cores
test:
    uv run pytest

# style and types
lint:
    uv run ruff check
    uv run ruff format --check
    uv run mypy

# put style right
fix:
    uv run ruff check --fix
    uv run ruff format

# the page that looks like a Slack channel
play:
    uv run figshare-bot playground

# the bot, with the settings of .env
run:
    uv run figshare-bot serve

# the newest versions that the ranges allow, written into pyproject.toml
pins:
    .ci/pins

# everything, the slow truths too
ci:
    .ci/run
