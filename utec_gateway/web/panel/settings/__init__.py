"""The page of the options, the API key and the test message."""
