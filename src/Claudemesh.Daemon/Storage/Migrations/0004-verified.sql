-- When this person said that he has compared the safety number of the key. Null: he has not.
ALTER TABLE contact ADD COLUMN verified_at INTEGER;
