-- Whether a latent's vectors are in the similarity index. The row comes first: what a crash leaves in between is found here.
ALTER TABLE latents ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;

CREATE INDEX latents_not_indexed ON latents (created_at) WHERE indexed = 0;
