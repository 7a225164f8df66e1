"""Figures and words as templates write them."""

from generator.render.html import filters


def test_a_digest_is_read_out_in_groups_of_eight_figures():
    digest = "0123456789abcdef" * 4
    assert filters.group_digest(f"sha256:{digest}") == " ".join(["01234567", "89abcdef"] * 4)
