"""Files of any content: read by digest, written whole or not at all, also while other programs hold them open."""
