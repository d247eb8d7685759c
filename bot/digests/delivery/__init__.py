"""How a digest arrives once: the queue, the worker, and sending that is not repeated."""
