"""The controls and cards that the window is put together from.

Each is imported from its own module: the window is on the screen before most are needed.
"""
