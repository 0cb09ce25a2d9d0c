"""The first page: the headline, the life of the token, and a card for each lock."""
