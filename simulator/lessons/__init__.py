"""Lessons: their controls, states, pictures and catalogue. No window toolkit is needed here."""
