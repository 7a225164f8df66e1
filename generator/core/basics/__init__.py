"""Numbers, periods, working days and private numbers, which need nothing else of the domain."""
