-- Requests: what became of what the editor asked for.
--
-- requested   requests received
-- skipped     … of which the gate let none reach a backend
-- superseded  … of which a newer one took the place
-- discarded   … whose answer came to nothing
-- answered    … which got at least one suggestion
--
-- Traps: the four do not add up to `requested` while requests run, or when a server was killed. Backend and model are not
-- known of requests, skips and supersessions: grouped by those, they stand under NULL.
-- Parameters (unset is NULL): :since unix time; :by language, backend, model, day, hour, task, workspace or lines (single, multi).
SELECT
    CASE :by WHEN 'language' THEN language WHEN 'backend' THEN backend WHEN 'model' THEN model WHEN 'day' THEN day
        WHEN 'hour' THEN hour WHEN 'task' THEN task WHEN 'workspace' THEN workspace WHEN 'lines' THEN lines END AS "group",
    sum(event = 'requested') AS requested,
    sum(event = 'skipped') AS skipped,
    sum(event = 'superseded') AS superseded,
    sum(event = 'discarded') AS discarded,
    count(DISTINCT CASE WHEN event = 'generated' THEN session_id || ' ' || request_id END) AS answered
FROM dated
WHERE event IN ('requested', 'skipped', 'superseded', 'discarded', 'generated') AND (:since IS NULL OR at >= :since)
GROUP BY 1
ORDER BY 1;
