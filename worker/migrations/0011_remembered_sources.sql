-- What a generation with this noise goes on from (JSON), and by which key its latent is then kept: whoever asks for the same
-- again gets the same. NULL where it was not decided.
ALTER TABLE lent_noise ADD COLUMN source TEXT;
ALTER TABLE lent_noise ADD COLUMN made TEXT;
