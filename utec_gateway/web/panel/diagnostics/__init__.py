"""The file to attach to a bug report, with nothing in it that names a home."""
