"""The Deep Learning Simulator: watch an operation happen one arithmetic step at a time."""

__version__ = "0.1.0"

APPLICATION = "deep-learning-simulator"
"""The name of the folders that settings and compiled kernels are kept in."""
