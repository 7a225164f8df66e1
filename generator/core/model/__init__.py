"""The domain's basic types, and the lines of a month after its corrections.

::

    Roster ── Branch                      Rulebook ── Group
      └────── Member ── Span                └──────── Item ── Level, Expectation

    Ledger, Correction, Reviews, Poll, Honours (as written) ── Approval ◄── Filing, Withdrawal
        │       └── Activity, Entry
        │ corrections.amend_lines, name_resolution           names are still words with a location
        ▼
    ValidLedger ── ResolvedActivity ── Attendance           names are members, items are items
              └─── ResolvedEntry
        │ values.score_lines, tally.tally_lines
        ▼
    ScoreLine … Tally                                       what each line earned, and what counted
        │ tally.score_period, ranking.rank_members
        ▼
    Score … Standing                                        points, rank, last

Points are exact decimals; days are ``date``; a month is a ``Period`` of kind month. All our values are msgspec structs:
there are millions, and msgspec creates one ten times as fast as Python creates a frozen dataclass.
"""
