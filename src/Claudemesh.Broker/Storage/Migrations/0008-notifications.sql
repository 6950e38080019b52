-- Who sent what lies in a topic's mailbox, so that what a member has not read is counted without looking at a message. Other mailboxes ask
-- for it nowhere: 0 where it was not known.
ALTER TABLE entry ADD COLUMN sender_no BIGINT NOT NULL DEFAULT 0;

UPDATE entry SET sender_no = COALESCE((SELECT m.sender_no FROM message m WHERE m.id = entry.message_id), 0)
WHERE mailbox_no IN (SELECT mailbox_no FROM topic);

-- That a post mentions a member, written with the post and gone with it. mailbox_no is the topic's. Kind: 0 mention.
CREATE TABLE notification (
  recipient_no BIGINT NOT NULL,
  message_id BIGINT NOT NULL,
  mesh_no BIGINT NOT NULL,
  mailbox_no BIGINT NOT NULL,
  sender_no BIGINT NOT NULL,
  kind SMALLINT NOT NULL,
  created_at BIGINT NOT NULL,
  read_at BIGINT,
  PRIMARY KEY (recipient_no, message_id)
) {clustered};

CREATE INDEX notification_unread ON notification (recipient_no, message_id) WHERE read_at IS NULL;

CREATE INDEX notification_of_message ON notification (message_id);

CREATE INDEX notification_by_time ON notification (created_at);

CREATE INDEX notification_read ON notification (read_at) WHERE read_at IS NOT NULL;
