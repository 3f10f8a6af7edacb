-- Health factors (wad) between which nothing is told of the account, and the rules by which; low above high = none.
ALTER TABLE report ADD COLUMN calm_low REAL NOT NULL DEFAULT 1;
ALTER TABLE report ADD COLUMN calm_high REAL NOT NULL DEFAULT 0;
ALTER TABLE report ADD COLUMN calm_rules INTEGER NOT NULL DEFAULT 0;

-- Of many accounts only those that can't be read are remembered at hand.
ALTER TABLE memory ADD COLUMN is_unknown INTEGER NOT NULL DEFAULT 0;
UPDATE memory SET is_unknown = json_extract(body, '$.unknownSince') IS NOT NULL;
DROP INDEX memory_by_chain;
CREATE INDEX memory_by_chain ON memory (chain, is_unknown);
