"""The world the checkpoint knows: things, how they look, scenes of them, and what is said about a scene."""
