"""Consequences of a year's results (section 五): outcomes, appraisal, awards, bookkeeping."""
