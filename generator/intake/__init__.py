"""Files in: text → typed values, every mistake with its file, line and column."""
