"""What outlives a restart: the state file, the options, and what older gateways left.

It must not know what its content is used for.
"""
