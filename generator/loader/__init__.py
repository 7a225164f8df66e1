"""Load a site project: read and check it branch by branch, and resolve the arguments of a command in it."""
