"""Input files: text to typed values, each mistake reported with its file, line and column."""
