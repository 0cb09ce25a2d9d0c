"""One thing that can be wrong a file: what it is called, how bad it is, and when it is over.

A condition has `check(facts)`, which every reader of the list goes by; what only happens has
`issue(...)`, which is called when it does.
"""
