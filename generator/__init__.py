"""Jifenbang 积分榜: approved ledgers in, published ranking boards out.

The route is one straight line, and each package below is one stretch of it::

    intake    files of a site project  → typed values, every mistake with its place
    core      ledgers × rulebook × roster → score lines → standings → boards (pure)
    render    boards and content → pages, as text
    publish   pages → the output folder; approvals → the ledger file

``books`` walks it as far as the standings, ``build`` to the end; ``commands`` is what people type.
"""

__version__ = "0.1.0"
