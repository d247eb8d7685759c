"""Where the project is, and what may lie beside it."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# tools and recorded answers; what needs them is skipped where they are not
SHARED = ROOT.parent / "shared"
