-- Places: where suggestions are shown and not taken, the worst first: by language, kind, trigger and backend.
--
-- shown            chains that the user could see
-- accepted         … of which were accepted, in whole or in part
-- acceptance_rate  accepted / shown
-- passed_chars     code points that were shown and not taken: what reading them cost
--
-- Traps: only places with at least ten shown suggestions; a place with few has no rate worth acting on.
-- Parameters (unset is NULL): :since unix time of the offer; :by language, backend, model, day, hour, task, workspace or lines (single, multi).
SELECT
    CASE :by WHEN 'language' THEN language WHEN 'backend' THEN backend WHEN 'model' THEN model WHEN 'day' THEN day
        WHEN 'hour' THEN hour WHEN 'task' THEN task WHEN 'workspace' THEN workspace WHEN 'lines' THEN lines END AS "group",
    language,
    lines,
    trigger_kind,
    backend,
    count(*) AS shown,
    sum(outcome IN ('accepted', 'partially_accepted')) AS accepted,
    1.0 * sum(outcome IN ('accepted', 'partially_accepted')) / count(*) AS acceptance_rate,
    sum(n_chars - accepted_chars) AS passed_chars
FROM chains
WHERE shown AND outcome IS NOT NULL AND (:since IS NULL OR offered_at >= :since)
GROUP BY 1, 2, 3, 4, 5
HAVING count(*) >= 10
ORDER BY 1, acceptance_rate, shown DESC;
