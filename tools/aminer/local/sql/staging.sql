-- Accepted dump lines while a graph is being built; thrown away afterwards.

CREATE TABLE staging.author (
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    orgs TEXT NOT NULL,                 -- JSON list of str
    tags TEXT NOT NULL,                 -- JSON list of str
    n_citation INTEGER NOT NULL,
    n_pubs INTEGER NOT NULL,
    gender TEXT NOT NULL,
    position TEXT NOT NULL,
    bio TEXT NOT NULL,
    education TEXT NOT NULL,
    email TEXT NOT NULL
);

CREATE TABLE staging.paper (
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    year INTEGER NOT NULL,
    n_citation INTEGER NOT NULL,
    venue TEXT NOT NULL,
    pdf TEXT NOT NULL,
    keywords TEXT NOT NULL,             -- one a line
    authors TEXT NOT NULL,              -- JSON list of [id, name, organization]
    abstract TEXT NOT NULL
);

-- Papers that a profile claims, by ids.
CREATE TABLE staging.claim (
    paper TEXT NOT NULL,
    person TEXT NOT NULL,
    PRIMARY KEY (paper, person)
) WITHOUT ROWID;
