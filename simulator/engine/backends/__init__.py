"""The operations: `base` specifies them in readable NumPy, the other modules make them fast."""
