"""Public records: found by a reference, counted, described and cited."""
