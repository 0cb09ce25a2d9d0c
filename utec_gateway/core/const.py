"""Names and numbers that more than one module needs to agree on."""

VERSION = "0.6.0"

API_PORT = 8000
PANEL_PORT = 8099
