"""Bytes to YAML nodes and fields, each mistake reported with its location."""
