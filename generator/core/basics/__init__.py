"""Numbers, periods, working days and private numbers: values that every other package of the domain uses."""
