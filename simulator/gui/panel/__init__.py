"""The right panel: formula, numbers, controls, what to notice."""
