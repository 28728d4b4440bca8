-- `indexed` is 2 for a latent that is in the index but for its embedding, which no backend could make when it was stored.
CREATE INDEX latents_not_embedded ON latents (created_at) WHERE indexed = 2;
