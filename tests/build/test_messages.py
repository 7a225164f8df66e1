"""What tasks are told: two messages are equal only if they tell the same."""

from generator.build.messages import BranchFiles
from generator.intake.files.discovery import DiscoveredFiles


def test_files_of_a_branch_are_those_of_their_digest():
    discovered = DiscoveredFiles(*[()] * len(DiscoveredFiles.__struct_fields__))
    files = BranchFiles("jia", "1", discovered)
    assert files == BranchFiles("jia", "1", discovered, cached_ledgers=b"x")
    assert files not in (BranchFiles("yi", "1", discovered), BranchFiles("jia", "2", discovered))
