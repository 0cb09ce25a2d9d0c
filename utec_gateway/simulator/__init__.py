"""A U-tec cloud on this machine: the product's only test double, and the demo's cloud."""
