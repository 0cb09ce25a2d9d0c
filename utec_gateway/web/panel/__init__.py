"""The panel behind ingress: where people set the gateway up and see its state."""
