"""The page of the sign-in: the life of the token as a picture, and the button that refreshes it."""
