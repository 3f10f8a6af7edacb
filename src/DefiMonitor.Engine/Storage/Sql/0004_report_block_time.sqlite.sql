-- Second of the block that the report is of: by it a report grows old, not by the clock that it was written at.
ALTER TABLE report ADD COLUMN block_time INTEGER NOT NULL DEFAULT 0;
UPDATE report SET block_time = (SELECT json_extract(b.body, '$.block.timestamp') FROM report_body b WHERE b.account = report.account);
