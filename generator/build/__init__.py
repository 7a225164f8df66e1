"""The incremental build: from a site project to its published pages, doing again only what has changed.

::

             plan                 survey                     organ                render                 release
    files ─▶ digests, shared ──▶ branch ─▶ report, ──▶ boards, revisions, ──▶ branch ─▶ pages ──▶ all files, switched
             inputs, files of    branch   summary      section 五, paths      branch ─▶ pages     under a journal,
             each branch         branch                                       organ  ─▶ pages     index pages last
                                    ▲       │                                    ▲       │
                                    └ cache ◀                                    └ cache ◀

Rooms above use eight functions: ``run.build``, ``engine.build_preview``, ``survey.survey_organ``,
``site_plan.list_site_paths``, ``recompute.recompute_release``, ``program_digests.digest_program_and_theme``,
``archive_content.compose_archive`` and ``archive_content.has_same_program``.

There is one route, for one branch or ten thousand, for all four editions and for every command.

1. **Plan** (``plan``): digest every file; read and check the shared inputs, which bear on every branch (settings,
   roster, rulebooks, theme, reviews and polls); list the files of each branch.
2. **Survey** (``survey``): have the workers (this process, processes beside it, or a cluster) report on each branch.
   A report covers the branch's own files, read and checked, each version of each month scored once, every error kept.
   What a member has in a former branch goes from that branch's report into the summary of the member's other branches,
   so that an approval concerns only branches whose figures or pages can change.
3. **Organ** (``organ``): compute the organ's boards, revisions, section 五 and the paths of all pages from the reports
   and summaries.
4. **Render** (``engine``): read the links of articles, which decide what attachments are copied; plan all paths
   (``site_plan``). Then workers render each branch's pages, the committee's packs and talk sheets among them, while the
   coordinating process renders the organ's. One filter over one list decides which pages are built; the types of
   the data behind a page have already limited what it can show to its audience.
5. **Release**: hand all files to ``publish.release``, which switches the output folder to them under a journal; then
   keep copies of the sealed files of which ``publish.sealed_copies`` has none.

Reports, summaries and pages are cached under the digest of all their inputs (``cache_keys``). A cached page is used
only if the targets of its links are built or not built as before, and if the output folder still has exactly its bytes
(``output_check``). If nothing at all has changed, the receipt of the last build is enough (``run``), and neither YAML
nor templates are even imported. No modification time decides anything, and a cache that is deleted, damaged or written
by another version costs nothing but time. Only the process that coordinates a build reads and writes it, with a secret
that authenticates each entry (``cache_secret``): workers get cached ledgers with their tasks, and return what they
read. A build returns every problem that it met; a file that changes while the build reads stops it with
``build.changed``, and the site stays the same.

``branch`` and ``branch_pages`` are what a worker runs; ``messages`` and ``summary`` define what crosses processes.

This package imports nothing here, so that a build without changes starts in a fifth of a second.
"""
