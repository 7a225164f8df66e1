"""Every frozen type of the domain.

::

    Roster ── Branch                      Rulebook ── Group
      └────── Member ── Span                └──────── Item ── Level, Expectation

    Ledger, Correction, Reviews, Poll (as written) ── Approval ◄── Filing, Withdrawal
        │       └── Activity, Entry
        │ corrections.amend, name_resolution                 names are still words with a place
        ▼
    ValidLedger ── Held ── Attendance                       names are members, items are items
              └─── Credit
        │ values.score_lines, tally.tally_lines
        ▼
    Line … Tally                                            what each line earned, and what counted
        │ tally.score_period, ranking.rank
        ▼
    Score … Standing                                        points, rank, last

Points are exact decimals; days are ``date``; a month is a ``Period`` of kind month. Every value of ours is a struct of
msgspec: there are millions, and it makes one ten times as fast as a frozen dataclass is made.
"""
