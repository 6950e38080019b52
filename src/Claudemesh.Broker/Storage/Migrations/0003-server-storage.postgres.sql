-- Bodies are ciphertext: trying to compress them is for nothing.
ALTER TABLE message ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE message ALTER COLUMN header SET STORAGE EXTERNAL;

-- A cursor's row is written again and again; with room on its page that touches no index.
ALTER TABLE cursor SET (fillfactor = 90);

-- Holds the rows that say who owns these workspaces to the end of the transaction, and ends it with CM001 when one of them has
-- another epoch: what an activation writes after it lost its workspace never becomes part of it.
CREATE FUNCTION hold_owners(meshes BIGINT[], epochs BIGINT[]) RETURNS VOID LANGUAGE plpgsql AS $$
DECLARE
  held INT;
BEGIN
  PERFORM 1 FROM mesh_owner o JOIN unnest(meshes, epochs) AS wanted (mesh_no, epoch) USING (mesh_no, epoch)
    ORDER BY o.mesh_no FOR SHARE OF o;
  GET DIAGNOSTICS held = ROW_COUNT;
  IF held <> cardinality(meshes) THEN
    RAISE EXCEPTION 'a workspace is owned by another activation' USING ERRCODE = 'CM001';
  END IF;
END $$;
