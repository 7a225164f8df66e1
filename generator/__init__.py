"""Jifenbang 积分榜: approved ledgers in, published ranking boards out.

The route is one straight line, and each package below is one stretch of it::

    intake    files of a site project  → typed values, every mistake with its place
    core      ledgers × rulebook × roster → score lines → standings → boards (pure)
    render    boards and content → pages, as text
    publish   pages → the output folder; approvals → the ledger file

``books`` walks it as far as the standings, for commands that ask about the whole organ at once; ``assembly`` makes of
them all that pages show. ``build`` walks it to the end, branch by branch, side by side, and nothing twice::

    inventory → receipts   the digests of all files; has anything changed since the last build at all?
    rereading → lying      the output folder, read again: what of it is as it was
    shards → summaries     a branch: read, judged, scored → what the organ has to know of it
    organ                  summaries → the organ's boards, and what branches have to know of each other
    shards                 a branch's pages
    memo, keys             results by the digest of what they rest on
    rolls, drawers         the roster and ledgers as they were read
    executors              who does the work: processes here, or a cluster

``commands`` is what people type.
"""

__version__ = "0.1.0"
