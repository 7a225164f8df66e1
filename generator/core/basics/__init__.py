"""Numbers, periods, working days and private numbers: what the domain is built on."""
