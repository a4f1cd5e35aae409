"""What a learner steps through: named arrays, and steps that say what is read, written and why."""
