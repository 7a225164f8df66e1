"""Jifenbang 积分榜: approved ledgers in, published ranking boards out.

The route is one straight line, and each package below is one stretch of it::

    intake    files of a site project  → typed values, every mistake with its place
    core      ledgers × rulebook × roster → score lines → standings → boards (pure)
    render    boards and content → pages, as text
    publish   pages → the output folder; approvals → the ledger file

``books`` reads and checks a project, branch by branch; ``acts`` are what committees do with it, ``queries`` answer
about it. ``build`` goes to the end, side by side, and does nothing twice (``build.engine``); ``local_server`` shows the
result before it is published. ``commands`` are what people type.
"""

__version__ = "0.1.0"
