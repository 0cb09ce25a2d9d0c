"""What the outside sees: the API port of http-contract.md."""
