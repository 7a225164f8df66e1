"""Bytes out: releases of the site in output folders, their manifests and stored files, and the project's lock."""
