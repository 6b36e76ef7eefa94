-- Time visible: how long shown suggestions stood there before they ended, by how they ended.
--
-- outcome  accepted, partially_accepted, typed, rejected or ignored
-- n        shown suggestions that ended so
-- p50_s    median seconds from being shown to the end; p95_s 95th percentile (nearest rank)
--
-- Traps: where showing is inferred, it counts from 750 ms after the answer, so that nothing is visible for less than that.
-- A suggestion that is offered anew for every key is visible from its first showing on.
-- Parameters (unset is NULL): :since unix time of the offer; :by language, backend, model, day, hour, task, workspace or lines (single, multi).
WITH ranked AS (
    SELECT
        CASE :by WHEN 'language' THEN language WHEN 'backend' THEN backend WHEN 'model' THEN model WHEN 'day' THEN day
            WHEN 'hour' THEN hour WHEN 'task' THEN task WHEN 'workspace' THEN workspace WHEN 'lines' THEN lines END AS "group",
        outcome,
        max(ended_at - shown_at, 0) AS seconds
    FROM chains
    WHERE shown AND outcome IS NOT NULL AND (:since IS NULL OR offered_at >= :since)
),
placed AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY "group", outcome ORDER BY seconds) AS rank,
        count(*) OVER (PARTITION BY "group", outcome) AS n
    FROM ranked
)
SELECT
    "group",
    outcome,
    n,
    min(CASE WHEN rank >= 0.50 * n THEN seconds END) AS p50_s,
    min(CASE WHEN rank >= 0.95 * n THEN seconds END) AS p95_s
FROM placed
GROUP BY "group", outcome
ORDER BY "group", n DESC, outcome;
