"""The commands that README names, and what they are made of."""
