"""Jifenbang 积分榜: a generator of static sites; approved ledgers in, published ranking boards out.

The rooms of the package, each of which imports only from rooms before it::

    disk          files of any content: locked by others, replaced whole or not at all
    core          the domain, pure: ledgers × rulebook × roster → score lines → standings → boards
    intake        files of a site project → typed values, every mistake with its location
    render        boards and content → pages, feeds, tables and PDF
    publish       pages → the output folder, release by release; the record of what was published
    loader        a site project read and checked, branch by branch, and scored
    workflow      the acts of committees: approve, withdraw, correct, file a quarter, seal a list of signers, restore;
                  those of the clerk: start a project or a year, edit the roster
    build         the incremental engine: branches in parallel, and nothing is done twice
    queries       questions about a project, answered without writing anything
    local_server  the preview of a site on this machine, before it is published
    commands      the command line; commands alone print, prompt and exit

Neither do ``intake``, ``render`` and ``publish`` import from one another, nor ``workflow`` and ``build``. ``problems``
(mistakes in the data, as values) and ``project`` (the paths of a site project) serve every room. The exact rule is one
line of ``tests/house/test_imports.py``, and tested there.

Features to come will be in these rooms::

    publish/access       access rules for readers
    local_server/desk    a local desk in the browser
"""

__version__ = "0.2.0.dev0"
