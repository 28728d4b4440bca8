"""The pictures that the documentation's programs begin with: committed, so that nobody needs Python to run them."""
