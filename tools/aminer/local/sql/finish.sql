-- After the last row of a graph: whole indexes are quicker to make than to maintain.

CREATE INDEX authorship_by_person ON authorship (person, paper);
CREATE INDEX paper_by_title ON paper (title_hash);

INSERT INTO person_index (person_index) VALUES ('optimize');
INSERT INTO paper_index (paper_index) VALUES ('optimize');

CREATE VIRTUAL TABLE temp.word USING fts5vocab (main, paper_index, row);
INSERT INTO term SELECT term, doc FROM temp.word;
DROP TABLE temp.word;

-- A relation said from one side holds from the other.
INSERT OR IGNORE INTO relation
SELECT coauthor, person, CASE relation WHEN 'advisor' THEN 'advisee' WHEN 'advisee' THEN 'advisor' ELSE relation END
FROM relation;
