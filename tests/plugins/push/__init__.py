"""Pushes: where U-tec may send them, who may send them, and what becomes of them."""
