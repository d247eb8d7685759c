"""Everything that speaks SQL or Redis."""
