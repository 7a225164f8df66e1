"""One module per kind of input file, from fields to typed values, and what several kinds share."""
