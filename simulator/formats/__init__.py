"""What comes in and goes out: pictures, weights, source code and projects."""
