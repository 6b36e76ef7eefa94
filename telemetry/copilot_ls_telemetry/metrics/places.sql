-- Places: where suggestions are shown and not taken, the worst first: by language, kind, trigger and backend.
--
-- shown            chains that the user could see
-- accepted         … of which were accepted, in whole or in part
-- acceptance_rate  accepted / shown
-- passed_chars     code points that were shown and not taken: what reading them cost
--
-- Traps: only places with at least ten shown suggestions; a place with few has no rate worth acting on.
-- Of days in the totals: exact, but for a :since in the midst of a day, which counts from its beginning.
-- Parameters (unset is NULL): :since unix time of the offer; :by language, backend, model, day, hour, task, workspace or lines (single, multi).
SELECT
    "group",
    language,
    lines,
    trigger_kind,
    backend,
    sum(shown - undecided) AS shown,
    sum(accepted + partially_accepted) AS accepted,
    1.0 * sum(accepted + partially_accepted) / sum(shown - undecided) AS acceptance_rate,
    sum(passed_chars) AS passed_chars
FROM chain_facts
WHERE slice = coalesce(:by, 'all') AND (:since IS NULL OR at >= :since)
GROUP BY 1, 2, 3, 4, 5
HAVING sum(shown - undecided) >= 10
ORDER BY 1, acceptance_rate, shown DESC;
