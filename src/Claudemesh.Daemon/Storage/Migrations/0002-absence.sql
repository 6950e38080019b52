-- Why this daemon stays away from a workspace until its person says otherwise: '' (it does not), 'kicked' or 'removed', and the broker's words.
ALTER TABLE workspace ADD COLUMN absence TEXT NOT NULL DEFAULT '';
ALTER TABLE workspace ADD COLUMN absence_reason TEXT NOT NULL DEFAULT '';
