"""Files from other programs → typed values, every mistake with the sheet and the cell."""
