-- A graph file. Persons and papers are numbered by citations, most cited first: their `rank` is the rowid of
-- tables and indexes, so reading anything in rowid order yields the most cited first and can stop after ten.

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE person (
    rank INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    organization TEXT NOT NULL,
    interests TEXT NOT NULL,            -- JSON list of str
    n_citation INTEGER NOT NULL,
    n_pubs INTEGER NOT NULL,
    gender TEXT NOT NULL,
    position TEXT NOT NULL,
    bio TEXT NOT NULL,
    education TEXT NOT NULL,
    email TEXT NOT NULL
);

CREATE TABLE paper (
    rank INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title_hash INTEGER NOT NULL,        -- matching.title_hash
    title TEXT NOT NULL,
    year INTEGER NOT NULL,
    n_citation INTEGER NOT NULL,
    venue TEXT NOT NULL,
    pdf TEXT NOT NULL,
    keywords TEXT NOT NULL,             -- one a line
    authors TEXT NOT NULL,              -- JSON list of [person id or '', name, organization]
    abstract TEXT NOT NULL
);

CREATE TABLE authorship (
    paper INTEGER NOT NULL,
    person INTEGER NOT NULL,
    PRIMARY KEY (paper, person)
) WITHOUT ROWID;

CREATE TABLE relation (
    person INTEGER NOT NULL,
    coauthor INTEGER NOT NULL,
    relation TEXT NOT NULL,
    PRIMARY KEY (person, coauthor)
) WITHOUT ROWID;

-- Interests and organizations by their folded text; their ids are terms of person_index.exact.
CREATE TABLE tag (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);
CREATE TABLE organization (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);

-- Texts are folded and cut into words before they get here; the tokenizer only splits at spaces.
CREATE VIRTUAL TABLE person_index USING fts5 (
    name, organization, exact, content = '', columnsize = 0, tokenize = 'ascii'
);
CREATE VIRTUAL TABLE paper_index USING fts5 (
    title, keywords, abstract, content = '', columnsize = 0, tokenize = 'ascii'
);

-- What an index gathers in memory before it writes a segment, in bytes; the default of 1 MB makes thousands.
INSERT INTO person_index (person_index, rank) VALUES ('hashsize', 33554432);
INSERT INTO paper_index (paper_index, rank) VALUES ('hashsize', 33554432);

-- In how many papers a stem occurs: what its rarity, and so its weight in a ranking, is computed from.
CREATE TABLE term (stem TEXT PRIMARY KEY, papers INTEGER NOT NULL) WITHOUT ROWID;
