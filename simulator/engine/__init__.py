"""The numbers: operations forwards and backwards, on NumPy and Numba alone.

Importing this package imports neither Numba nor a window toolkit; a fast backend loads Numba when
it is created (`simulator.engine.backends.select.create`).
"""
