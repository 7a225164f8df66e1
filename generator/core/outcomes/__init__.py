"""Section 五: what a year's results decide, suggest and oblige to keep."""
