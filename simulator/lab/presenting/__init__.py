"""What the lab shows, ready to be drawn: names, words, numbers as figures, arrays with scales."""
