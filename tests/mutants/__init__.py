"""Which faults, planted in the program, the tests find."""
