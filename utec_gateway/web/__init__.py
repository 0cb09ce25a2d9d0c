"""What the outside sees: the API for programs, the panel for people."""
