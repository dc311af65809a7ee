"""The rooms. Each package here is one blueprint with one job; app.py finds them."""
