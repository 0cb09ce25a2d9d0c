"""What is wrong, what people are told of it, and what of it they have heard.

It must not know how a message travels: that is for the notifier plugins.
"""
