"""The training lab's page: a program, its network while it learns, and the way back in time."""
