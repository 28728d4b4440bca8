-- Latents are listed, newest first, all of them or one checkpoint's. An empty `pixels_blob` is a latent that nobody has
-- looked at yet.
CREATE INDEX latents_by_time ON latents (created_at, key);
CREATE INDEX latents_by_checkpoint ON latents (checkpoint_digest, created_at, key);
