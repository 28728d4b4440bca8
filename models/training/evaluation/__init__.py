"""How good is the checkpoint? What is asked of it, a judge that had no part in training, and the figures."""
