"""Pictures and data sets: bundled, generated, and the learner's own."""
