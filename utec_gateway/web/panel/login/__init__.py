"""The page that asks for the key where there is no ingress."""
