-- Coauthors of the person whose rank is ?1: of joint papers and of relations, most joint papers first.

WITH joint AS (
    SELECT theirs.person AS coauthor, count(*) AS papers
    FROM authorship AS mine JOIN authorship AS theirs ON theirs.paper = mine.paper
    WHERE mine.person = ?1 AND theirs.person != ?1
    GROUP BY theirs.person
    UNION ALL
    SELECT coauthor, 0 FROM relation WHERE person = ?1
),
together AS (SELECT coauthor, max(papers) AS papers FROM joint GROUP BY coauthor)
SELECT person.id, person.name, coalesce(relation.relation, 'coauthor')
FROM together
JOIN person ON person.rank = together.coauthor
LEFT JOIN relation ON relation.person = ?1 AND relation.coauthor = together.coauthor
ORDER BY together.papers DESC, person.name, person.id
