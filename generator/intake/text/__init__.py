"""From bytes to YAML nodes and fields, every mistake with its place."""
