"""The panel behind ingress: where people set the gateway up, and look when something is wrong."""
