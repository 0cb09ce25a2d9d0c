"""The page Codes: who has a code for each lock, and the forms for guests."""
