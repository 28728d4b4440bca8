"""The embedder: latents and texts as vectors of one space."""
