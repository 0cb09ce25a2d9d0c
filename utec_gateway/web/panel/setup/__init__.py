"""The page that leads from the credentials to the address for the integration."""
