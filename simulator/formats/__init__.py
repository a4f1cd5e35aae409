"""What comes in and goes out: source code, descriptions of networks, weights and projects."""
