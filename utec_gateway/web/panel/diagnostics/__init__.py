"""The file to attach to a bug report, without anything that identifies a home."""
