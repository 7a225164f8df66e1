"""One module for each kind of file: from fields to typed values."""
