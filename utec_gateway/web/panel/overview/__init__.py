"""The first page: what is wrong, a card for each device, and the sign-in in one line."""
