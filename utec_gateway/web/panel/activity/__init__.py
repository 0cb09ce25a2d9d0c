"""The page of what happened: the timeline, the calls, the log."""
