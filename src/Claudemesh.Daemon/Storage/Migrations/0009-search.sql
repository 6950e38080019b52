-- Words of the messages that can be read here: what came to the inbox, what was posted, what was sent. The texts stay in their own tables alone; words of what
-- is deleted are overwritten. A row's number is 4 times its sequence there, and 0 of the inbox, 1 of a post, 2 of the outbox. No stems: a word is looked
-- for by its beginning, which a stem need not have.
CREATE VIRTUAL TABLE message_index USING fts5(body, content = '', columnsize = 0, tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO message_index (message_index, rank) VALUES ('secure-delete', 1);

-- Rows from this sequence on are in the index. What was here before it is put in after the start, the newest first, and this falls to 0.
CREATE TABLE message_backlog (source TEXT PRIMARY KEY, first INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO message_backlog SELECT 'inbox', COALESCE(MAX(seq) + 1, 0) FROM inbox;
INSERT INTO message_backlog SELECT 'post', COALESCE(MAX(seq) + 1, 0) FROM post;
INSERT INTO message_backlog SELECT 'outbox', COALESCE(MAX(seq) + 1, 0) FROM outbox;

CREATE TRIGGER inbox_indexed AFTER INSERT ON inbox WHEN new.body IS NOT NULL BEGIN
  INSERT INTO message_index (rowid, body) VALUES (new.seq * 4, new.body);
END;
CREATE TRIGGER inbox_unindexed AFTER DELETE ON inbox
WHEN old.body IS NOT NULL AND old.seq >= (SELECT first FROM message_backlog WHERE source = 'inbox') BEGIN
  INSERT INTO message_index (message_index, rowid, body) VALUES ('delete', old.seq * 4, old.body);
END;
CREATE TRIGGER inbox_reindexed AFTER UPDATE OF seq, body ON inbox BEGIN
  INSERT INTO message_index (message_index, rowid, body) SELECT 'delete', old.seq * 4, old.body
    WHERE old.body IS NOT NULL AND old.seq >= (SELECT first FROM message_backlog WHERE source = 'inbox');
  INSERT INTO message_index (rowid, body) SELECT new.seq * 4, new.body
    WHERE new.body IS NOT NULL AND new.seq >= (SELECT first FROM message_backlog WHERE source = 'inbox');
END;

CREATE TRIGGER post_indexed AFTER INSERT ON post WHEN new.body IS NOT NULL BEGIN
  INSERT INTO message_index (rowid, body) VALUES (new.seq * 4 + 1, new.body);
END;
CREATE TRIGGER post_unindexed AFTER DELETE ON post
WHEN old.body IS NOT NULL AND old.seq >= (SELECT first FROM message_backlog WHERE source = 'post') BEGIN
  INSERT INTO message_index (message_index, rowid, body) VALUES ('delete', old.seq * 4 + 1, old.body);
END;
CREATE TRIGGER post_reindexed AFTER UPDATE OF seq, body ON post BEGIN
  INSERT INTO message_index (message_index, rowid, body) SELECT 'delete', old.seq * 4 + 1, old.body
    WHERE old.body IS NOT NULL AND old.seq >= (SELECT first FROM message_backlog WHERE source = 'post');
  INSERT INTO message_index (rowid, body) SELECT new.seq * 4 + 1, new.body
    WHERE new.body IS NOT NULL AND new.seq >= (SELECT first FROM message_backlog WHERE source = 'post');
END;

CREATE TRIGGER outbox_indexed AFTER INSERT ON outbox BEGIN
  INSERT INTO message_index (rowid, body) VALUES (new.seq * 4 + 2, new.body);
END;
CREATE TRIGGER outbox_unindexed AFTER DELETE ON outbox WHEN old.seq >= (SELECT first FROM message_backlog WHERE source = 'outbox') BEGIN
  INSERT INTO message_index (message_index, rowid, body) VALUES ('delete', old.seq * 4 + 2, old.body);
END;
CREATE TRIGGER outbox_reindexed AFTER UPDATE OF seq, body ON outbox BEGIN
  INSERT INTO message_index (message_index, rowid, body) SELECT 'delete', old.seq * 4 + 2, old.body
    WHERE old.seq >= (SELECT first FROM message_backlog WHERE source = 'outbox');
  INSERT INTO message_index (rowid, body) SELECT new.seq * 4 + 2, new.body
    WHERE new.seq >= (SELECT first FROM message_backlog WHERE source = 'outbox');
END;

-- What was posted lately, over all topics.
CREATE INDEX post_sent ON post (sent_at);
